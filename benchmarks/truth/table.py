"""From records of fits to one row a world and participant."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from benchmarks.truth.scores import LEVELS


def table(records: Iterable[dict]) -> pd.DataFrame:
    """One row a world and participant, in the order in which they first appear.

    Columns: `fits`; `roas_error` and `roas_error_p90`, median and 90th percentile of |estimate / truth - 1| over
    fits, markets and channels; `bias`, the median of estimate / truth - 1; `mroas_error`, as `roas_error`;
    `cover_<level>`, share of central intervals that hold the truth, and `cover_<level>_se`, its binomial standard error
    sqrt(p (1 - p) / n), which takes cells for independent; `crps_log_roas`, the mean; `rank`, the mean Spearman
    correlation of estimated and true ROAS over channels (0 where all estimates are equal); `mape_in`, `mape_ahead`,
    means; `seconds`, the median of a fit that compiles nothing, and `seconds_first`, of the first in a process;
    `peak_mib`, of the whole process; `r_hat_max`. What somebody does not say is NaN. A channel whose true ROAS is 0
    counts in coverage and rank only.
    """
    groups: dict[tuple[str, str], list[dict]] = {}
    for record in records:
        groups.setdefault((record["world"], record["who"]), []).append(record)
    return pd.DataFrame([_row(world, who, fits) for (world, who), fits in groups.items()])


def _row(world: str, who: str, fits: list[dict]) -> dict[str, object]:
    cells = pd.DataFrame([{**cell, "fit": i} for i, fit in enumerate(fits) for cell in fit["cells"]])
    real = cells[cells.roas_true > 0]
    error, marginal = real.roas / real.roas_true - 1, real.mroas / real.mroas_true - 1
    warm = [fit["seconds"] for fit in fits if not fit["first"]]
    first = [fit["seconds"] for fit in fits if fit["first"]]
    return {
        "world": world,
        "who": who,
        "fits": len(fits),
        "roas_error": error.abs().median(),
        "roas_error_p90": error.abs().quantile(0.9),
        "bias": error.median(),
        "mroas_error": marginal.abs().median(),
        **_coverage(cells),
        "crps_log_roas": real.crps.astype(float).mean(),
        "rank": float(np.mean([rank_accuracy(group) for _, group in cells.groupby(["fit", "market"])])),
        "mape_in": float(np.mean([fit["mape_in"] for fit in fits])),
        "mape_ahead": float(np.mean([fit["mape_ahead"] for fit in fits])),
        "seconds": float(np.median(warm)) if warm else float("nan"),
        "seconds_first": float(np.max(first)) if first else float("nan"),
        "peak_mib": max(fit["peak_mib"] for fit in fits),
        "r_hat_max": max((fit["r_hat"] for fit in fits if fit["r_hat"] is not None), default=float("nan")),
    }


def _coverage(cells: pd.DataFrame) -> dict[str, float]:
    answer = {}
    for level in LEVELS:
        held = cells[f"inside_{level}"].dropna().astype(float)
        share = float(held.mean()) if len(held) else float("nan")
        answer[f"cover_{level}"] = share
        answer[f"cover_{level}_se"] = float(np.sqrt(share * (1 - share) / len(held))) if len(held) else float("nan")
    return answer


def shown(rows: pd.DataFrame) -> pd.DataFrame:
    """The table as a terminal can hold it: coverage with its error in one cell, in percent."""
    answer = rows.drop(columns=[f"cover_{level}_se" for level in LEVELS])
    for level in LEVELS:
        both = zip(rows[f"cover_{level}"], rows[f"cover_{level}_se"], strict=True)
        answer[f"cover_{level}"] = ["" if share != share else f"{share:.0%} ± {error:.0%}" for share, error in both]
    return answer.rename(columns=lambda name: name.replace("_", " "))


def rank_accuracy(cells: pd.DataFrame) -> float:
    """Spearman's correlation of `roas` and `roas_true` over the channels of one market; 0 for equal estimates."""
    estimated, true = cells.roas.rank(), cells.roas_true.rank()
    if estimated.nunique() == 1 or true.nunique() == 1:
        return 0.0
    return float(np.corrcoef(estimated, true)[0, 1])
