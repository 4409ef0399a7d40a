"""A tournament as rows: how structures forecast, what each says of the returns, and how far they lie apart."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.fit import StackedFit, spread, structure_returns
from mmm_models.panel import WINDOWS
from mmm_models.reporting.quantiles import interval_columns, summarise
from mmm_models.reporting.summary import markdown_table
from mmm_models.tournament.stack import error_of_sum
from mmm_models.tournament.structures import kinds_of

_QUANTITIES = ("contribution", "roas", "mroas")


def structure_tables(fit: StackedFit, run_id: str, disagreement_factor: float) -> dict[str, pd.DataFrame]:
    """`structures`, `structure_returns` and `structure_spread` of one run."""
    by_window = {window: structure_returns(fit, window) for window in WINDOWS}
    returns = [_returns(found, window) for window, found in by_window.items()]
    spreads = [_spread(spread(fit, found), window, disagreement_factor) for window, found in by_window.items()]
    made = {
        "structures": structures(fit),
        "structure_returns": pd.concat(returns, ignore_index=True),
        "structure_spread": pd.concat(spreads, ignore_index=True),
    }
    for frame in made.values():
        frame.insert(0, "run_id", run_id)
    return made


def structures(fit: StackedFit) -> pd.DataFrame:
    """One row a structure, heaviest first: kinds, weight, forecast score and convergence.

    `elpd` is the sum of log predictive densities over the points forecast, `elpd_behind` what it lacks to the best,
    with the error of the difference, taken point by point. Figures of a sampler are NaN where no sampler drew.
    """
    best = max(fit.members, key=lambda member: member.scores.sum())
    rows = []
    for member in fit.members:
        behind, figures = best.scores - member.scores, member.fit.info.convergence
        rows.append(
            {
                "structure": member.name,
                **kinds_of(member.fit.spec),
                "weight": member.weight,
                "elpd": float(member.scores.sum()),
                "elpd_se": float(error_of_sum(member.scores)),
                "elpd_behind": float(behind.sum()),
                "elpd_behind_se": float(error_of_sum(behind)),
                "points": member.scores.size,
                **{name: float(figures.get(name, np.nan)) for name in ("r_hat_max", "ess_bulk_min", "divergences")},
                "fold_r_hat_max": member.fold_r_hat_max,
                "wall_seconds": member.fit.info.wall_seconds,
            }
        )
    return pd.DataFrame(rows).sort_values(["weight", "elpd"], ascending=False, kind="stable", ignore_index=True)


def structures_summary(fit: StackedFit, tables: Mapping[str, pd.DataFrame], window: str = "all") -> str:
    """Weights and forecasts of structures, and the spread between them beside the one within, as markdown."""
    found = tables["structures"]
    head = ["structure", "weight", "log score of forecasts", "behind the best", "R-hat"]
    body = [
        [
            row.structure,
            f"{row.weight:.0%}",
            f"{row.elpd:.1f} ± {row.elpd_se:.1f}",
            f"{row.elpd_behind:.1f} ± {row.elpd_behind_se:.1f}",
            f"{row.r_hat_max:.3f}",
        ]
        for row in found.itertuples()
    ]
    several = len(fit.panel.markets) > 1
    rows = tables["structure_spread"].query("window_name == @window and market != 'all'")
    spread_head = ["market", "channel", "ROAS", "sd within", "sd between", "by structure", "agreement"]
    spread_body = [
        [
            row.market,
            row.channel,
            _number(row.roas_mean),
            _number(row.roas_sd_within),
            _number(row.roas_sd_between),
            f"{_number(row.roas_lowest)} to {_number(row.roas_highest)}",
            row.agreement,
        ]
        for row in rows.itertuples()
    ]
    if not several:
        spread_head, spread_body = spread_head[1:], [cells[1:] for cells in spread_body]
    return f"{markdown_table(head, body)}\n\n{markdown_table(spread_head, spread_body)}"


def _returns(by_structure: Mapping[str, xr.Dataset], window: str) -> pd.DataFrame:
    frames = []
    for name, returns in by_structure.items():
        columns = [summarise(returns[quantity], prefix=quantity) for quantity in _QUANTITIES]
        frame = columns[0]
        for more in columns[1:]:
            frame = frame.merge(more, on=["market", "channel"], validate="one_to_one")
        frames.append(frame.assign(structure=name, window_name=window))
    names = ["structure", "market", "channel", "window_name"]
    names += [column for quantity in _QUANTITIES for column in interval_columns(quantity)]
    return pd.concat(frames, ignore_index=True)[names]


def _spread(found: xr.Dataset, window: str, disagreement_factor: float) -> pd.DataFrame:
    """One row a market and channel."""
    agreement = xr.where(found["factor"] > disagreement_factor, "factor", "agree")
    agreement = xr.where(found["opposed"], "direction", agreement)
    named = {
        "mean": "roas_mean",
        "within": "roas_sd_within",
        "between": "roas_sd_between",
        "lowest": "roas_lowest",
        "highest": "roas_highest",
        "factor": "factor",
        "into_least": "prob_better_least",
        "into_most": "prob_better_most",
    }
    table = found[list(named)].rename(named).assign(agreement=agreement).transpose("market", "channel")
    frame = table.to_dataframe().reset_index().assign(window_name=window)
    return frame[["market", "channel", "window_name", *named.values(), "agreement"]]


def _number(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.2f}"
