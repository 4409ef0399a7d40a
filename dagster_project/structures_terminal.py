"""What a person at a terminal reads of a tournament: how structures forecast, and how far apart their returns lie."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
from rich.console import Console
from rich.table import Table

_KNOWN = "select count(*) as n from information_schema.tables where table_name = 'latest_structures'"
_STRUCTURES = """
    select structure, weight, elpd, elpd_se, elpd_behind, elpd_behind_se, r_hat_max
    from {rows} where {key} = ? order by weight desc, elpd desc
"""
_SPREAD = """
    select market, channel, roas_mean, roas_sd_within, roas_sd_between, roas_lowest, roas_highest, agreement
    from {rows} where {key} = ? and window_name = ? and market != 'all' and roas_mean is not null
    order by market, roas_sd_between desc
"""


def print_structures(
    console: Console,
    query: Callable[[str, list[object]], pd.DataFrame],
    model: str,
    window: str,
    ratio: str,
    *,
    run_id: str | None = None,
) -> None:
    """Two tables of a model's champion, or of a run; nothing where it had no tournament. `query` reads the file."""
    if not query(_KNOWN, [])["n"].iloc[0]:  # published by a version without tournaments
        return
    latest, key, value = ("", "run_id", run_id) if run_id else ("latest_", "model", model)
    structures = query(_STRUCTURES.format(rows=f"results.{latest}structures", key=key), [value])
    if structures.empty:
        return
    table = Table(title=f"{model}: structures, by how they forecast weeks that they had not seen")
    table.add_column("structure")
    for name in ("weight", "log score", "behind the best", "R-hat"):
        table.add_column(name, justify="right")
    for row in structures.itertuples():
        table.add_row(
            row.structure,
            f"{row.weight:.0%}",
            f"{row.elpd:,.1f} ± {row.elpd_se:,.1f}",
            f"{row.elpd_behind:,.1f} ± {row.elpd_behind_se:,.1f}",
            f"{row.r_hat_max:.3f}",
        )
    console.print(table)
    table = Table(title=f"{ratio} within and between structures, {window.replace('_', ' ')} (standard deviations)")
    for name in ("market", "channel"):
        table.add_column(name)
    for name in (ratio, "within", "between", "by structure"):
        table.add_column(name, justify="right")
    table.add_column("agreement")
    spread = _SPREAD.format(rows=f"results.{latest}structure_spread", key=key)
    for row in query(spread, [value, window]).itertuples():
        table.add_row(
            row.market,
            row.channel,
            f"{row.roas_mean:.2f}",
            f"{row.roas_sd_within:.2f}",
            f"{row.roas_sd_between:.2f}",
            f"{row.roas_lowest:.2f} to {row.roas_highest:.2f}",
            row.agreement if row.agreement == "agree" else f"[yellow]{row.agreement}[/]",
        )
    console.print(table)
