"""The flaws of real deliveries, seeded: restated figures, repeated files, deleted campaigns, unsettled orders."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd

from mmm_models.worlds.exports.delivery import Report
from mmm_models.worlds.exports.files import ExportFile
from mmm_models.worlds.randomness import stream


def deliver_by_year(report: Report, facts: pd.DataFrame, *, restated_days: int, seed: int) -> list[ExportFile]:
    """Split a fact table into one file a year, named <table>_<year>.

    The last `restated_days` of each year but the last are first delivered with provisional measures and an
    earlier version stamp; the next year's file brings them again, settled. So files must be merged on their key,
    newest version first: whoever appends them counts those days twice.
    """
    day = facts[report.day]
    years = sorted(day.dt.year.unique())
    parts = {year: facts[day.dt.year == year] for year in years}
    for year, following in pairwise(years):
        final_days = parts[year][report.day].dt.normalize()
        late = final_days > final_days.max() - pd.Timedelta(days=restated_days)
        settled = parts[year][late]
        rng = stream(seed, "dirt", report.source, str(year))
        parts[year] = pd.concat([parts[year][~late], provisional(report, settled, rng)])
        parts[following] = pd.concat([settled, parts[following]])
    return [report.file(rows, str(year)) for year, rows in parts.items()]


def provisional(report: Report, settled: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The same rows as first reported: measures 3 to 15 % lower, version stamp two days earlier."""
    share = rng.uniform(0.85, 0.97, len(settled))
    return restated(report, settled, share, settled[report.version] - pd.Timedelta(days=2))


def restated(report: Report, rows: pd.DataFrame, factor: np.ndarray | float, version: object) -> pd.DataFrame:
    """The same rows with every measure times a factor, under another version stamp."""
    changed = rows.copy()
    for column in report.measures:
        changed[column] = scaled(changed[column], factor)
    changed[report.version] = version
    return changed


def scaled(values: pd.Series, factor: np.ndarray | float) -> pd.Series:
    """A measure times a factor, whole where it was whole and else to the cent."""
    if pd.api.types.is_integer_dtype(values):
        return np.rint(values * factor).astype(values.dtype)
    return (values * factor).round(2)


def delivered_twice(files: list[ExportFile], position: int) -> list[ExportFile]:
    """The files, with one of them delivered again: same bytes, another name."""
    return [*files, files[position].renamed(f"{files[position].name}_redelivered")]


def hard_deleted(history: ExportFile) -> ExportFile:
    """A campaign history without any trace of its last campaign, which is still reported; a lone one stays."""
    kept = history.frame[history.frame.id != history.frame.id.iloc[-1]]
    return history if kept.empty else replace(history, frame=kept)


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
