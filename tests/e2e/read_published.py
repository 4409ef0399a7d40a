"""An analyst who never stops: reads the published file again and again until told to stop; prints what was seen."""

import json
import sys
import time
from pathlib import Path

import duckdb

LEAST_READS = 200
_STATE = """
    select
        (select count(*) from results.model_runs),
        (select count(distinct run_id) from results.channel_returns),
        (select count(*) from results.plans),
        (select count(distinct plan_id) from results.plan_lines),
        (select count(*) from results.latest_channel_returns)
"""


def read(published: str) -> tuple[int, ...]:
    """Counts that belong together."""
    with duckdb.connect(published, read_only=True) as connection:
        return connection.execute(_STATE).fetchone()


if __name__ == "__main__":
    published, stop = sys.argv[1], Path(sys.argv[2])
    states, errors, reads = set(), [], 0
    while reads < LEAST_READS or not stop.exists():
        try:
            states.add(read(published))
        except duckdb.Error as error:
            errors.append(str(error))
        reads += 1
        time.sleep(0.1)
    print(json.dumps({"reads": reads, "errors": errors, "states": sorted(states)}))
