"""A Postgres server of the tests' own, as Debian ships it; what it was asked stands in its log."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.servers.ports import free_port, wait_for

USER, DATABASE = "shop_reader", "shop"
# Signs that must be percent-encoded in a URL and quoted in a key=value string.
PASSWORD = "canary p@ss/w:rd%41'x"


@dataclass
class Postgres:
    """A running server; `PASSWORD` opens it over TCP."""

    bin: Path
    folder: Path
    port: int
    process: subprocess.Popen

    @classmethod
    def start(cls) -> Postgres:
        """Make a cluster and serve it; fails where the machine has no Postgres."""
        programs = _programs()
        folder = Path(tempfile.mkdtemp(prefix="mixhouse-postgres-"))
        secret = folder / "password"
        secret.write_text(PASSWORD)
        owner = _unprivileged()
        for path in (folder, secret):
            shutil.chown(path, owner)
        as_owner = {"user": owner, "extra_groups": []} if os.geteuid() == 0 else {}
        subprocess.run(
            [programs / "initdb", "-D", folder / "data", "-U", USER, "--pwfile", secret, "-A", "scram-sha-256",
             "-E", "UTF8", "--locale", "C", "--no-sync"],
            check=True, capture_output=True, cwd=folder, **as_owner,
        )  # fmt: skip
        port, log = free_port(), folder / "log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [programs / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder,
                 "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "log_statement=all"],
                stdout=output, stderr=output, cwd=folder, **as_owner,
            )  # fmt: skip
        server = cls(programs, folder, port, process)
        try:
            wait_for(server.is_ready, process, log)
            server.run(f"create database {DATABASE}", database="postgres")
        except BaseException:
            server.stop()
            raise
        return server

    def stop(self) -> None:
        """End the server and remove what it kept."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        shutil.rmtree(self.folder)

    def is_ready(self) -> bool:
        """Whether it lets anybody in: it listens a while before that."""
        asked = [self.bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(asked, check=False).returncode == 0

    @property
    def url(self) -> str:
        """The address as a URL."""
        return f"postgresql://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def dsn(self) -> str:
        """The address as keys and values."""
        quoted = PASSWORD.replace("\\", "\\\\").replace("'", "\\'")
        return f"host=127.0.0.1 port={self.port} user={USER} password='{quoted}' dbname={DATABASE}"

    def run(self, sql: str, database: str = DATABASE) -> str:
        """Run SQL through psql and return what it prints, rows only."""
        done = subprocess.run(
            [self.bin / "psql", "-v", "ON_ERROR_STOP=1", "-At", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER,
             "-d", database, "-c", sql],
            env={"PGPASSWORD": PASSWORD}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def copies(self) -> list[str]:
        """The statements that have read rows, oldest first."""
        lines = (self.folder / "log").read_text().splitlines()
        return [line.partition("statement: ")[2] for line in lines if "statement: COPY" in line]


def _programs() -> Path:
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not places:
        pytest.fail("There is no Postgres server on this machine. Run scripts/install_postgres as root.")
    return places[-1]


def _unprivileged() -> str:
    """Who serves: Postgres refuses root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    known = {user.pw_name for user in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
