"""Result tables: what they refuse, what a write replaces, and what the champion views show."""

import datetime as dt

import duckdb
import numpy as np
import pandas as pd
import pytest

from warehouse.errors import WarehouseError
from warehouse.results import (
    RESULT_TABLES,
    ResultsError,
    ensure_results,
    keep_only_fit,
    latest_views,
    upsert_lift_tests,
    write_tables,
)

MONDAY = dt.date(2024, 1, 1)


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        ensure_results(connection)
        yield connection


def row(table: str, **values) -> pd.DataFrame:
    """One row of a table: NULL where nothing is given."""
    return pd.DataFrame([dict.fromkeys(RESULT_TABLES[table].column_names) | values])


def model_run(run_id: str, *, role: str = "champion", day: int = 1, model: str = "retail") -> pd.DataFrame:
    created = dt.datetime(2024, 2, day)
    return row("model_runs", run_id=run_id, model=model, kind="fit", role=role, created_at=created)


def returns(run_id: str, roas: float) -> pd.DataFrame:
    return row(
        "channel_returns",
        run_id=run_id,
        market="US",
        channel="tv",
        window_name="all",
        window_start=MONDAY,
        roas_mean=roas,
    )


def plan(plan_id: str, run_id: str, *, day: int, model: str = "retail") -> pd.DataFrame:
    return row("plans", plan_id=plan_id, run_id=run_id, model=model, created_at=dt.datetime(2024, 3, day))


def data_checks(snapshot_id: str, *, day: int, model: str = "retail", series=("tv", "search")) -> pd.DataFrame:
    looked_at = dt.datetime(2024, 4, day)
    rows = [
        row("data_checks", snapshot_id=snapshot_id, model=model, created_at=looked_at, check_name="vif", market="US")
        .assign(series=name, verdict="pass", value=float(day))
        for name in series
    ]  # fmt: skip
    return pd.concat(rows)


def lift_test(test_id: str, status: str) -> pd.DataFrame:
    return row("lift_tests", test_id=test_id, channel="tv", market="US", lift=5.0, status=status, state=status)


def test_every_table_view_and_column_is_explained(connection):
    tables = connection.execute(
        "select table_name, comment from duckdb_tables() where schema_name = 'results'"
    ).fetchall()
    views = connection.execute("select view_name, comment from duckdb_views() where schema_name = 'results'").fetchall()
    columns = connection.execute(
        "select table_name, column_name, comment from duckdb_columns() where schema_name = 'results'"
    ).fetchall()
    assert {name for name, _ in tables} == set(RESULT_TABLES)
    owned = {name for name, table in RESULT_TABLES.items() if table.owner_key != "test_id"}
    assert {name for name, _ in views} == {f"latest_{name}" for name in owned}
    silent = [entry[:-1] for entry in tables + views + columns if not entry[-1]]
    assert silent == []


def test_views_name_no_catalog_so_that_they_work_in_any_copy():
    assert all("mixhouse." not in view.select for view in latest_views())


def test_ensuring_twice_keeps_rows(connection):
    write_tables(connection, {"model_runs": model_run("r1")}, key="run_id", value="r1")
    ensure_results(connection)
    assert connection.execute("select run_id from results.model_runs").fetchall() == [("r1",)]


def test_column_declared_since_the_file_was_made_is_added(connection):
    connection.execute("drop view results.latest_gates; alter table results.gates drop column advice")
    connection.execute("insert into results.gates (run_id, name) values ('r1', 'r_hat')")
    ensure_results(connection)
    assert connection.execute("select run_id, advice from results.gates").fetchall() == [("r1", None)]


def test_column_stored_with_another_type_is_refused(connection):
    connection.execute("alter table results.gates alter column value type varchar")
    with pytest.raises(WarehouseError, match=r"results\.gates\.value is stored as VARCHAR but declared as double"):
        ensure_results(connection)


def test_writing_the_same_run_again_replaces_its_rows_only(connection):
    for run_id, roas in (("r1", 1.0), ("r2", 2.0), ("r1", 3.0)):
        counts = write_tables(connection, {"channel_returns": returns(run_id, roas)}, key="run_id", value=run_id)
        assert counts == {"channel_returns": 1}
    found = connection.execute("select run_id, roas_mean from results.channel_returns order by all").fetchall()
    assert found == [("r1", 3.0), ("r2", 2.0)]


def test_tables_that_are_not_given_are_left_alone(connection):
    write_tables(connection, {"channel_returns": returns("r1", 1.0)}, key="run_id", value="r1")
    write_tables(connection, {"model_runs": model_run("r1")}, key="run_id", value="r1")
    assert connection.execute("select count(*) from results.channel_returns").fetchone() == (1,)


def test_empty_frame_removes_the_rows_of_the_run(connection):
    write_tables(connection, {"channel_returns": returns("r1", 1.0)}, key="run_id", value="r1")
    write_tables(connection, {"channel_returns": returns("r1", 1.0).head(0)}, key="run_id", value="r1")
    assert connection.execute("select count(*) from results.channel_returns").fetchone() == (0,)


def test_write_belongs_to_the_callers_transaction(connection):
    connection.begin()
    write_tables(connection, {"channel_returns": returns("r1", 1.0)}, key="run_id", value="r1")
    connection.rollback()
    assert connection.execute("select count(*) from results.channel_returns").fetchone() == (0,)


def test_frame_without_the_run_gets_it_and_columns_may_come_in_any_order(connection):
    frame = returns("r1", 1.0).drop(columns="run_id")[::-1].iloc[:, ::-1]
    write_tables(connection, {"channel_returns": frame}, key="run_id", value="r1")
    assert connection.execute("select run_id, channel from results.channel_returns").fetchall() == [("r1", "tv")]


def test_nan_is_stored_as_null_and_numpy_dates_as_dates(connection):
    frame = returns("r1", np.nan).assign(window_start=np.datetime64("2024-01-01", "ns"))
    write_tables(connection, {"channel_returns": frame}, key="run_id", value="r1")
    found = connection.execute("select roas_mean, window_start from results.channel_returns").fetchall()
    assert found == [(None, MONDAY)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.assign(roas_p5=1), "no column 'roas_p5'. Did you mean 'roas_p"),
        (lambda f: f.drop(columns="spend"), "needs column 'spend'"),
        (lambda f: f.assign(spend="a lot"), r"results\.channel_returns: column 'spend' holds 'a lot'"),
        (lambda f: f.assign(market=None), r"results\.channel_returns\.market is a key and is empty in row 0"),
        (lambda f: pd.concat([f, f]), "two rows for .*'channel': 'tv'"),
        (lambda f: f.assign(window_name="ever"), "window_name is 'ever'; allowed: all, last_52_weeks"),
        (lambda f: f.assign(run_id="r9"), "of run_id 'r1' holds a row of 'r9'"),
    ],
    ids=["unknown column", "missing column", "text in a number", "empty key", "duplicate", "value", "stranger"],
)
def test_rows_that_do_not_fit_are_refused_by_table_and_column(connection, change, message):
    with pytest.raises(ResultsError, match=message):
        write_tables(connection, {"channel_returns": change(returns("r1", 1.0))}, key="run_id", value="r1")


def test_unknown_table_suggests_the_nearest(connection):
    with pytest.raises(ResultsError, match=r"no table results\.channel_return\. Did you mean 'channel_returns'"):
        write_tables(connection, {"channel_return": returns("r1", 1.0)}, key="run_id", value="r1")


def test_tables_are_written_by_their_own_key(connection):
    with pytest.raises(ResultsError, match="plans is kept by plan_id, not by run_id"):
        write_tables(connection, {"plans": plan("p1", "r1", day=1)}, key="run_id", value="r1")
    with pytest.raises(ResultsError, match="Use upsert_by_test"):
        write_tables(connection, {"lift_tests": lift_test("t1", "draft")}, key="run_id", value="r1")
    with pytest.raises(ResultsError, match="data_checks is kept by snapshot_id, not by run_id"):
        write_tables(connection, {"data_checks": data_checks("s1", day=1)}, key="run_id", value="r1")
    with pytest.raises(ResultsError, match="by 'run_id', 'plan_id', 'snapshot_id'"):
        write_tables(connection, {}, key="model", value="retail")


def test_parameters_shared_by_all_markets_have_no_market(connection):
    shared = row("parameters", run_id="r1", name="sigma", mean=1.0)
    assert write_tables(connection, {"parameters": shared}, key="run_id", value="r1") == {"parameters": 1}


def test_lift_test_is_replaced_by_its_newest_state_and_others_stay(connection):
    upsert_lift_tests(connection, pd.concat([lift_test("t1", "draft"), lift_test("t2", "approved")]))
    assert upsert_lift_tests(connection, lift_test("t1", "approved")) == 1
    found = connection.execute("select test_id, status from results.lift_tests order by all").fetchall()
    assert found == [("t1", "approved"), ("t2", "approved")]


def test_latest_shows_the_newest_champion_of_each_model(connection):
    runs = [
        model_run("retail-old", day=1),
        model_run("retail-new", day=2),
        model_run("retail-challenger", day=3, role="challenger"),
        model_run("retail-rejected", day=4, role="rejected"),
        model_run("shop-only", day=1, model="shop"),
    ]
    for frame in runs:
        run_id = frame["run_id"].iloc[0]
        tables = {"model_runs": frame, "channel_returns": returns(run_id, 1.0)}
        write_tables(connection, tables, key="run_id", value=run_id)
    found = connection.execute(
        "select model, run_id, channel from results.latest_channel_returns order by all"
    ).fetchall()
    assert found == [("retail", "retail-new", "tv"), ("shop", "shop-only", "tv")]


def test_latest_plan_is_the_newest_of_the_champion_run(connection):
    for run_id, role in (("champion", "champion"), ("challenger", "challenger")):
        write_tables(connection, {"model_runs": model_run(run_id, role=role)}, key="run_id", value=run_id)
    for plan_id, run_id, day in (("p1", "champion", 1), ("p2", "champion", 2), ("p3", "challenger", 3)):
        lines = row("plan_lines", plan_id=plan_id, week_start=MONDAY, market="US", channel="tv", spend=day)
        tables = {"plans": plan(plan_id, run_id, day=day), "plan_lines": lines}
        write_tables(connection, tables, key="plan_id", value=plan_id)
    assert connection.execute("select plan_id from results.latest_plans").fetchall() == [("p2",)]
    found = connection.execute("select model, plan_id, spend from results.latest_plan_lines").fetchall()
    assert found == [("retail", "p2", 2.0)]


def test_of_each_week_that_has_come_the_newest_plan_that_covered_it_is_shown(connection):
    write_tables(connection, {"model_runs": model_run("r1")}, key="run_id", value="r1")
    for plan_id, day, weeks in (("p1", 1, 3), ("p2", 2, 2), ("p3", 3, 0)):
        came = [
            row(
                "plan_vs_actual", plan_id=plan_id, model="retail", market="all", week_start=MONDAY + dt.timedelta(7 * n)
            )
            for n in range(weeks)
        ]
        tables = {"plans": plan(plan_id, "r1", day=day)} | ({"plan_vs_actual": pd.concat(came)} if came else {})
        write_tables(connection, tables, key="plan_id", value=plan_id)
    found = connection.execute("select plan_id from results.latest_plan_vs_actual order by week_start").fetchall()
    assert found == [("p2",), ("p2",), ("p1",)]


def test_looking_at_the_same_snapshot_again_replaces_its_rows_and_keeps_the_history(connection):
    for snapshot_id, day, series in (("s1", 1, ("tv", "search")), ("s2", 2, ("tv",)), ("s1", 3, ("tv",))):
        frame = data_checks(snapshot_id, day=day, series=series)
        write_tables(connection, {"data_checks": frame}, key="snapshot_id", value=snapshot_id)
    found = connection.execute("select snapshot_id, series, value from results.data_checks order by all").fetchall()
    assert found == [("s1", "tv", 3.0), ("s2", "tv", 2.0)]


def test_latest_data_checks_are_all_of_the_newest_snapshot_of_each_model(connection):
    for snapshot_id, day, model in (("old", 1, "retail"), ("new", 2, "retail"), ("other", 1, "shop")):
        frame = data_checks(snapshot_id, day=day, model=model)
        write_tables(connection, {"data_checks": frame}, key="snapshot_id", value=snapshot_id)
    found = connection.execute("select model, snapshot_id, series from results.latest_data_checks order by all")
    assert found.fetchall() == [
        ("retail", "new", "search"), ("retail", "new", "tv"), ("shop", "other", "search"), ("shop", "other", "tv"),
    ]  # fmt: skip


def test_a_check_of_a_whole_market_names_no_series_and_a_pair_names_two(connection):
    whole = data_checks("s1", day=1, series=(None,)).assign(check_name="weeks_per_series")
    pair = data_checks("s1", day=1, series=("tv",)).assign(check_name="correlation", other_series="search")
    write_tables(connection, {"data_checks": pd.concat([whole, pair])}, key="snapshot_id", value="s1")
    found = connection.execute("select check_name, series, other_series from results.data_checks order by all")
    assert found.fetchall() == [("correlation", "tv", "search"), ("weeks_per_series", None, None)]


def test_of_a_models_fits_only_the_newest_stays(connection):
    for run_id, model in (("a", "retail"), ("b", "retail"), ("c", "retail_de")):
        write_tables(connection, {"model_runs": model_run(run_id, model=model)}, key="run_id", value=run_id)
        fit = row("fits", run_id=run_id, content=b"draws")
        write_tables(connection, {"fits": fit}, key="run_id", value=run_id)
    keep_only_fit(connection, "retail", "b")
    kept = connection.execute("select run_id, content from results.fits order by all").fetchall()
    assert kept == [("b", b"draws"), ("c", b"draws")]
