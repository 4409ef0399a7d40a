"""The working file under competition: patience, clear refusals, and no transaction left half done."""

import os
import subprocess
import sys
import threading
import time

import duckdb
import pytest

from warehouse.connection import Warehouse, WarehouseLockedError
from warehouse.errors import WarehouseError

HOLD = """
import sys, time, duckdb
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "read")
print("open", flush=True)
time.sleep(float(sys.argv[3]))
"""


@pytest.fixture
def warehouse(tmp_path):
    warehouse = Warehouse(tmp_path / "mixhouse.duckdb", timeout_seconds=30)
    with warehouse.write() as connection:
        connection.execute("create table spend as select 1.0 as amount")
    return warehouse


@pytest.fixture
def hold(warehouse):
    """Another process that opens the file in a mode and keeps it for some seconds."""
    started = []

    def start(mode: str, seconds: float) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(warehouse.database), mode, str(seconds)],
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline() == "open\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def amounts(warehouse: Warehouse) -> list[float]:
    with warehouse.read() as connection:
        return [row[0] for row in connection.execute("select amount from spend order by all").fetchall()]


def test_write_commits_as_one_transaction(warehouse):
    with warehouse.write() as connection:
        connection.execute("insert into spend values (2)")
        connection.execute("insert into spend values (3)")
    assert amounts(warehouse) == [1, 2, 3]


def test_error_inside_write_rolls_everything_back_and_frees_the_file(warehouse):
    def work(connection):
        connection.execute("insert into spend values (2)")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), warehouse.write() as connection:
        work(connection)
    assert amounts(warehouse) == [1]


def test_failed_statement_is_the_error_that_is_shown(warehouse):
    with pytest.raises(duckdb.CatalogException, match="nowhere"), warehouse.write() as connection:
        connection.execute("insert into spend values (2); insert into nowhere values (2)")
    assert amounts(warehouse) == [1]


def test_error_inside_read_closes_the_connection(warehouse):
    with pytest.raises(ZeroDivisionError), warehouse.read():
        _ = 1 / 0
    with warehouse.write() as connection:
        connection.execute("insert into spend values (2)")


def test_read_refuses_to_write(warehouse):
    with pytest.raises(duckdb.InvalidInputException, match="read-only"), warehouse.read() as connection:
        connection.execute("insert into spend values (2)")


def test_write_makes_the_file_and_its_folder(tmp_path):
    warehouse = Warehouse(tmp_path / "deep" / "mixhouse.duckdb")
    with warehouse.write() as connection:
        connection.execute("create table spend as select 4.0 as amount")
    assert amounts(warehouse) == [4]


def test_reading_before_anything_landed_says_what_to_do(tmp_path):
    with (
        pytest.raises(WarehouseError, match=r"no warehouse at .*mixhouse\.duckdb.*Land some data first"),
        Warehouse(tmp_path / "mixhouse.duckdb").read(),
    ):
        pass


def test_file_that_is_no_database_is_refused_at_once(tmp_path):
    path = tmp_path / "mixhouse.duckdb"
    path.write_text("date,spend\n" * 500)
    started = time.monotonic()
    with pytest.raises(WarehouseError, match="move it away and run"), Warehouse(path).read():
        pass
    assert time.monotonic() - started < 5


def test_waits_for_a_writer_that_lets_go(warehouse, hold):
    hold("write", 1.5)
    assert amounts(warehouse) == [1]


def test_waits_for_a_reader_that_lets_go(warehouse, hold):
    hold("read", 1.5)
    with warehouse.write() as connection:
        connection.execute("insert into spend values (2)")
    assert amounts(warehouse) == [1, 2]


def test_readers_share_the_file(warehouse, hold):
    hold("read", 60)
    assert amounts(Warehouse(warehouse.database, timeout_seconds=0)) == [1]


@pytest.mark.parametrize(("mode", "aim"), [("read", "reading"), ("write", "writing")])
def test_gives_up_after_the_timeout_and_names_file_holder_and_remedy(warehouse, hold, mode, aim):
    holder = hold("write", 60)
    impatient = Warehouse(warehouse.database, timeout_seconds=0.5)
    started = time.monotonic()
    with pytest.raises(WarehouseLockedError) as refused, getattr(impatient, mode)():
        pass
    assert 0.5 <= time.monotonic() - started < 5
    message = str(refused.value)
    assert str(warehouse.database) in message
    assert f"for {aim} within 0.5 s" in message
    assert f"process {holder.pid} (" in message
    assert "open the published file instead" in message


def test_nested_modes_in_one_process_are_explained(warehouse):
    impatient = Warehouse(warehouse.database, timeout_seconds=0.1)
    with (
        warehouse.read(),
        pytest.raises(WarehouseLockedError, match="this process already holds it open in the other mode"),
        impatient.write(),
    ):
        pass


def test_thread_of_the_same_process_waits_its_turn(warehouse):
    opened, done = threading.Event(), []

    def read_for_a_while() -> None:
        with warehouse.read():
            opened.set()
            time.sleep(0.5)
            done.append("read")

    reader = threading.Thread(target=read_for_a_while)
    reader.start()
    opened.wait()
    with warehouse.write():
        done.append("write")
    reader.join()
    assert done == ["read", "write"]


def test_attached_file_is_read_only_and_let_go_afterwards(warehouse):
    with duckdb.connect() as other:
        with warehouse.attached(other, "src"):
            assert other.execute("select amount from src.spend").fetchall() == [(1.0,)]
            with pytest.raises(duckdb.InvalidInputException, match="read-only"):
                other.execute("insert into src.spend values (2)")
        with warehouse.write() as connection:
            connection.execute("insert into spend values (2)")
    assert amounts(warehouse) == [1, 2]


def test_attach_waits_for_a_writer_too(warehouse, hold):
    holder = hold("write", 60)
    impatient = Warehouse(warehouse.database, timeout_seconds=0.2)
    with (
        duckdb.connect() as other,
        pytest.raises(WarehouseLockedError, match=f"process {holder.pid} "),
        impatient.attached(other, "src"),
    ):
        pass
    assert holder.pid != os.getpid()
