"""Lands a folder in a process of its own and kills it (SIGKILL) at one point.

Arguments: landing, database, point, and how many files a transaction may hold.
"""

import os
import signal
import sys
from pathlib import Path

from warehouse.connection import Warehouse
from warehouse.landing import discover, land_source, load_log, merge, prepare, quarantine, superseded, writes

# Where the process dies, in the order of a load: the function, and whether before or after it has done its work.
POINTS = {
    "before_copying": (discover.LandingFolder, "copy", "before"),
    "after_copying": (discover.LandingFolder, "copy", "after"),
    "after_staging": (prepare, "stage_file", "after"),
    "after_sieving": (prepare, "sieve", "after"),
    "after_preparing": (writes, "prepare_file", "after"),
    "before_merging": (merge, "merge_file", "before"),
    "after_superseding": (superseded, "supersede", "after"),
    "after_quarantining": (quarantine, "write_problems", "after"),
    "after_logging": (load_log, "log_load", "after"),
    "after_merging": (merge, "merge_file", "after"),
    "after_committing": (quarantine, "messages_of", "before"),
}
SOURCE = "facebook_ads"
# The first file of a table is loaded; the process dies at the second, which restates it.
DIES_AT_CALL = {"after_superseding": 1}


def kill_at(point: str) -> None:
    """Make the second call of a function the last thing that this process does."""
    owner, name, when = POINTS[point]
    original = getattr(owner, name)
    calls = 0

    def deadly(*arguments: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        dies = calls == DIES_AT_CALL.get(point, 2)
        if dies and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **named)
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, deadly)


if __name__ == "__main__":
    folder, database, point, files = sys.argv[1:]
    writes.MOST_FILES = int(files)
    kill_at(point)
    land_source(Warehouse(Path(database)), folder, SOURCE, settle_seconds=0)
