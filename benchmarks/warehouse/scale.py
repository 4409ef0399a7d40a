"""From export files to `mmm_input_weekly` at one, ten and a hundred million ad rows, and one new day on top of each.

Peer: the same marts in pandas (`in_pandas.py`), in the same run, at the largest size that it can hold in memory. It
knows no increment: a new day is everything once more.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from benchmarks.warehouse import pipeline
from benchmarks.warehouse.exports import Size, write_history, write_new_day

AD_ROWS = (1_000_000, 10_000_000, 100_000_000)
ORDERS_PER_AD_ROW = 0.2
# pandas is asked for these sizes, largest first, until it can hold one.
PANDAS_AD_ROWS = (100_000_000, 50_000_000, 25_000_000, 10_000_000, 1_000_000)
LARGEST = "MIXHOUSE_BENCH_AD_ROWS"


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a size: seconds of landing, marts and both, peak memory, seconds of a new day, and pandas beside it.

    The exports are the same for every seed: nothing here is drawn at random. MIXHOUSE_BENCH_AD_ROWS caps the sizes.
    """
    largest = int(os.environ.get(LARGEST, max(AD_ROWS)))
    sizes = [ad_rows for ad_rows in AD_ROWS if ad_rows <= largest]
    with tempfile.TemporaryDirectory(prefix="mixhouse-bench-") as folder:
        rows = [ours(Path(folder) / str(ad_rows), Size(ad_rows, int(ad_rows * ORDERS_PER_AD_ROW))) for ad_rows in sizes]
        rows += peer(Path(folder), [ad_rows for ad_rows in PANDAS_AD_ROWS if ad_rows <= largest])
    return pd.DataFrame(rows)


def ours(home: Path, size: Size) -> dict[str, object]:
    """First load and one new day at one size."""
    write_history(home / "landing", size)
    landed, built = pipeline.land(home), pipeline.build(home)
    day = new_day(home, size)
    shutil.rmtree(home)
    total = landed.seconds + built.seconds
    return {
        "who": "mixhouse",
        "ad_rows": size.ad_rows,
        "orders": size.orders,
        "landing_seconds": landed.seconds,
        "marts_seconds": built.seconds,
        "total_seconds": total,
        "microseconds_a_row": 1e6 * total / (size.ad_rows + size.orders),
        "peak_gib": max(landed.peak_gib, built.peak_gib),
        "new_day_seconds": day,
    }


def new_day(home: Path, size: Size) -> float:
    """Seconds from one more day of exports to the model's table."""
    write_new_day(home / "landing", size)
    return pipeline.land(home).seconds + pipeline.build(home, *pipeline.DOWNSTREAM_OF_A_DAY).seconds


def peer(folder: Path, sizes: list[int]) -> list[dict[str, object]]:
    """pandas at the largest size that it can hold, and ours at that size; the marts must be the same."""
    for ad_rows in sizes:
        home, size = folder / f"peer-{ad_rows}", Size(ad_rows, int(ad_rows * ORDERS_PER_AD_ROW))
        write_history(home / "landing", size)
        result = home / "pandas.parquet"
        program = str(Path(__file__).with_name("in_pandas.py"))
        try:
            theirs = pipeline.measured(
                ["prlimit", f"--as={memory_bytes()}", sys.executable, program, str(home / "landing"), str(result)]
            )
        except RuntimeError as error:
            print(f"pandas cannot hold {ad_rows:,} ad rows: {str(error).strip().splitlines()[-1]}", flush=True)
            shutil.rmtree(home)
            continue
        landed, built = pipeline.land(home), pipeline.build(home)
        same(pipeline.model_input(home), pd.read_parquet(result))
        total = landed.seconds + built.seconds
        day = new_day(home, size)
        shutil.rmtree(home)
        shared = {"ad_rows": ad_rows, "orders": size.orders}
        return [
            {"who": "mixhouse, peer's size", **shared, "total_seconds": total,
             "peak_gib": max(landed.peak_gib, built.peak_gib), "times_the_peer": theirs.seconds / total,
             "new_day_seconds": day, "new_day_times_the_peer": theirs.seconds / day},
            {"who": "pandas", **shared, "total_seconds": theirs.seconds, "peak_gib": theirs.peak_gib,
             "new_day_seconds": theirs.seconds},
        ]  # fmt: skip
    return []


def memory_bytes() -> int:
    """The machine's memory, less what the rest of it needs."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") - 2 * 1024**3


def same(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Both made the same figures; AssertionError names the first that differs."""
    keys = ["week_start", "market", "role", "name"]
    both = [frame.set_index(keys)["value"].sort_index().astype(float) for frame in (ours, theirs)]
    pd.testing.assert_series_equal(*both, rtol=1e-6, check_names=False, check_index_type=False)
