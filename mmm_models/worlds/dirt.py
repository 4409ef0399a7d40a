"""The flaws of real deliveries, seeded: figures that are restated, files that come twice, orders not yet settled."""

from itertools import pairwise

import numpy as np
import pandas as pd

from mmm_models.worlds.exports.files import ExportFile
from mmm_models.worlds.randomness import stream


def deliver_by_year(
    file: ExportFile,
    *,
    day: str,
    version: str,
    measures: list[str],
    restated_days: int,
    seed: int,
) -> list[ExportFile]:
    """Split a fact table into one file a year, named <name>_<year>.

    The last `restated_days` of each year but the last are first delivered with provisional measures and an
    earlier `version` stamp; the next year's file brings them again, settled. So files must be merged on their key,
    newest version first: whoever appends them counts those days twice.
    """
    frame = file.frame
    years = sorted(frame[day].dt.year.unique())
    parts = {year: frame[frame[day].dt.year == year] for year in years}
    for year, following in pairwise(years):
        final_days = parts[year][day].dt.normalize()
        late = final_days > final_days.max() - pd.Timedelta(days=restated_days)
        settled = parts[year][late]
        rng = stream(seed, "dirt", file.source, str(year))
        parts[year] = pd.concat([parts[year][~late], provisional(settled, measures, version, rng)])
        parts[following] = pd.concat([settled, parts[following]])
    return [_part(file, frame, str(year)) for year, frame in parts.items()]


def provisional(settled: pd.DataFrame, measures: list[str], version: str, rng: np.random.Generator) -> pd.DataFrame:
    """The same rows as first reported: measures 3 to 15 % lower, version stamp two days earlier."""
    early = settled.copy()
    share = rng.uniform(0.85, 0.97, len(early))
    for column in measures:
        early[column] = scaled(early[column], share)
    early[version] = early[version] - pd.Timedelta(days=2)
    return early


def scaled(values: pd.Series, factor: np.ndarray | float) -> pd.Series:
    """A measure times a factor, whole where it was whole and else to the cent."""
    if pd.api.types.is_integer_dtype(values):
        return np.rint(values * factor).astype(values.dtype)
    return (values * factor).round(2)


def delivered_twice(files: list[ExportFile], position: int) -> list[ExportFile]:
    """The files, with one of them delivered again: same bytes, another name."""
    return [*files, files[position].renamed(f"{files[position].name}_redelivered")]


def unsettled(orders: pd.DataFrame, count: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(orders as first delivered, their later update): the last `count` paid orders were pending and are edited.

    Before the edit they stood 10 % higher, so that a merge which keeps the older version misses the revenue.
    """
    paid = orders.index[(orders.financial_status == "paid") & ~orders.test]
    update = orders.loc[paid[-count:] if count else paid[:0]]
    first = update.copy()
    for column in ("subtotal_price", "total_tax", "total_price"):
        first[column] = (first[column] * 1.1).round(2)
    first["financial_status"] = "pending"
    first["updated_at"] = first.created_at + pd.Timedelta(minutes=1)
    first["_fivetran_synced"] = update["_fivetran_synced"] - pd.Timedelta(hours=5)
    return pd.concat([orders.drop(update.index), first]).sort_index(), update


def _part(file: ExportFile, frame: pd.DataFrame, suffix: str) -> ExportFile:
    return ExportFile(file.source, file.table, f"{file.name}_{suffix}", frame, file.file_format)
