"""One estimand for all sources: the incremental ROAS of a channel, over a window, in all markets of the model.

- The model says it itself: `Fit.returns`, market 'all'.
- A test measured something else: another window, a change at the margin, a part of a market, perhaps without the tail.
  The model knows how these relate even where its level is wrong: a test that measured k times what the model predicts
  of it speaks of k times the model's ROAS. k is the generalised least squares of measured on predicted readouts, draw
  by draw; over draws the model's level cancels and its doubt about the curve and the carryover stays.
- A platform counts conversions. At the average order value of the market they are money, over the same weeks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.errors import EvidenceError
from mmm_models.evidence.designs import design_of
from mmm_models.evidence.operator import is_predictable, measured_lift, predicted_lift
from mmm_models.evidence.triangulation.sources import (
    Sources,
    attribution_dataset,
    experiments_dataset,
    mmm_dataset,
)

if TYPE_CHECKING:
    from mmm_models.evidence.record import LiftTest
    from mmm_models.fit import Fit, StackedFit

WINDOW = "last_52_weeks"
COLUMNS = ("channel", "source", "reading", "roas", "low", "high", "note")
# Half of a 90 % interval in standard errors.
HALF = 1.6448536269514722


@dataclass(frozen=True, eq=False)
class Harmonised:
    """Comparable readings, and what became of each.

    Attributes:
        sources: what is fused; on the natural scale where a figure or the 90 % interval of one reaches below 0.
        readings: one row a reading with `COLUMNS`: ROAS with its 90 % interval on the natural scale, and how it was
            brought there; ROAS is null for what could not be, and the note says why.
    """

    sources: Sources
    readings: pd.DataFrame


def harmonise(
    fit: Fit | StackedFit,
    tests: Sequence[LiftTest],
    attribution: pd.DataFrame,
    *,
    quality: Mapping[str, float] | None = None,
    window: str = WINDOW,
) -> Harmonised:
    """Readings of a fit, of tests that it did not see, and of platforms.

    Args:
        fit: fitted WITHOUT `tests`, or it would count them twice.
        tests: read out; those that the fit cannot predict, and those of several channels at once, are left out.
        attribution: what platforms claim, of `claimed_returns`.
        quality: of designs, by test_id; 1 where nothing is said.
        window: weeks that the ROAS is of.

    Raises:
        EvidenceError: the fit has one of the tests in its likelihood, or nothing is left to triangulate.
    """
    _check_lineage(fit, tests)
    roas = fit.returns(window=window)["roas"].sel(market="all").transpose("sample", "channel")
    spent = np.isfinite(roas.values).all(axis=0) & (np.std(roas.values, axis=0) > 0)
    roas = roas.isel(channel=spent)
    experiments = [_experiment(fit, test, roas, window, quality or {}) for test in tests]
    model = [_model_row(roas, str(name), window) for name in roas["channel"].values]
    claimed = attribution.assign(source="attribution", reading=attribution["channel"])
    parts = [part for part in (pd.DataFrame(model), pd.DataFrame(experiments), claimed) if len(part)]
    if not parts:
        raise EvidenceError("nothing to triangulate: no channel spent, no test was read out and no platform claims")
    rows = pd.concat(parts, ignore_index=True)
    rows = rows.reindex(columns=list(dict.fromkeys([*COLUMNS, "standard_error", *rows.columns])))
    rows["low"] = rows["low"].fillna(rows["roas"] - HALF * rows["standard_error"])
    rows["high"] = rows["high"].fillna(rows["roas"] + HALF * rows["standard_error"])
    return Harmonised(_sources(rows, roas, fit.spec.evidence.drift), rows[list(COLUMNS)])


def claimed_returns(
    media: pd.DataFrame, outcomes: pd.DataFrame, outcome: str, kinds: Mapping[str, str]
) -> pd.DataFrame:
    """What platforms claim for a channel's money: conversions at the market's average order value, over spend.

    A ratio of sums with weeks as sampling units (Cochran 1977, Sampling Techniques, 6.4):
    se^2 = sum_w (c_w - R s_w)^2 / (n - 1) n / mean(s)^2.

    Args:
        media: week_start, market, channel, spend, platform_conversions; rows without conversions say nothing.
        outcomes: week_start, market, outcome, value.
        outcome: that of the model: 'revenue' or 'orders'; no other is counted by platforms.
        kinds: kind of attribution by channel.

    Returns:
        One row a channel: channel, roas, standard_error, kind, note; empty where nothing is claimed.
    """
    known = media.dropna(subset=["platform_conversions", "spend"])
    columns = ["channel", "roas", "standard_error", "kind", "note"]
    if outcome not in ("revenue", "orders") or known.empty:
        return pd.DataFrame(columns=columns)
    worth = _order_value(outcomes) if outcome == "revenue" else dict.fromkeys(known["market"], 1.0)
    known = known.assign(claimed=known["platform_conversions"] * known["market"].map(worth)).dropna(subset=["claimed"])
    rows = []
    for channel, weekly in known.groupby("channel")[["week_start", "spend", "claimed"]]:
        weeks = weekly.groupby("week_start").sum()
        n, spend = len(weeks), weeks["spend"].sum()
        if n < _FEWEST_WEEKS or spend <= 0 or weeks["claimed"].sum() <= 0:
            continue
        ratio = float(weeks["claimed"].sum() / spend)
        miss = float(((weeks["claimed"] - ratio * weeks["spend"]) ** 2).sum())
        error = np.sqrt(miss / ((n - 1) * n)) / (spend / n)
        note = f"conversions of {n} weeks" + (" at the average order value" if outcome == "revenue" else "")
        # Platforms round and restate: no figure of theirs is exact to a hundredth.
        rows.append([channel, ratio, max(float(error), 0.01 * ratio), kinds.get(str(channel), "platform"), note])
    return pd.DataFrame(rows, columns=columns)


# A ratio of fewer weeks has no standard error to speak of.
_FEWEST_WEEKS = 8


def _order_value(outcomes: pd.DataFrame) -> dict[str, float]:
    """Revenue an order in each market, in weeks that have both."""
    by_week = outcomes.pivot_table(index=["market", "week_start"], columns="outcome", values="value", aggfunc="sum")
    if not {"revenue", "orders"} <= set(by_week.columns):
        return {}
    sums = by_week[["revenue", "orders"]].dropna().groupby("market").sum()
    sums = sums[sums["orders"] > 0]
    return (sums["revenue"] / sums["orders"]).to_dict()


def _check_lineage(fit: Fit | StackedFit, tests: Sequence[LiftTest]) -> None:
    seen = {str(test.get("test_id")) for test in fit.info.evidence if test.get("used")}
    twice = sorted(seen & {test.test_id for test in tests})
    if twice:
        raise EvidenceError(
            f"the fit has lift test {twice[0]} in its likelihood; triangulate the fit that was made without it, or "
            "the test counts twice"
        )


def _model_row(roas: xr.DataArray, channel: str, window: str) -> dict[str, object]:
    low, middle, high = np.quantile(roas.sel(channel=channel).values, [0.05, 0.5, 0.95])
    note = f"posterior without lift tests, {window.replace('_', ' ')}"
    return {
        "channel": channel,
        "source": "mmm",
        "reading": channel,
        "roas": middle,
        "low": low,
        "high": high,
        "note": note,
    }


def _experiment(
    fit: Fit | StackedFit, test: LiftTest, roas: xr.DataArray, window: str, quality: Mapping[str, float]
) -> dict[str, object]:
    """The test's reading of the ROAS; `roas` NaN and a note where there is none."""
    row: dict[str, object] = {"channel": test.channel, "source": "experiment", "reading": test.test_id}
    if len(test.channels) > 1:
        return row | {"note": "left out: several channels at once, whose shares the test does not tell"}
    if not test.is_read_out:
        return row | {"note": f"left out: not read out yet ({test.status})"}
    if not is_predictable(test, fit.spec, fit.panel):
        return row | {"note": "left out: another outcome, market or channel than the model's, or outside its data"}
    if test.channel not in roas["channel"].values:
        return row | {"note": f"left out: the model has no return of this channel in {window}"}
    predicted, (value, covariance) = predicted_lift(fit, test).values, measured_lift(test)
    weighted = np.linalg.solve(covariance, predicted.T).T
    information = (weighted * predicted).sum(axis=1)
    own = roas.sel(channel=test.channel).values
    design = design_of(test, fit.spec)
    draws = (weighted @ value) / information * own / design.factor
    errors = own / np.sqrt(information) / design.factor
    estimate = float(np.median(draws))
    error = float(np.sqrt(np.median(errors) ** 2 + np.var(draws) + (design.factor_sd * estimate) ** 2))
    ratio = float(np.median(own / (predicted.sum(axis=1) / test.spend_delta))) if test.spend_delta else np.nan
    first = fit.panel.weeks[fit.panel.window(window)][0].date()
    return row | {
        "roas": estimate,
        "standard_error": error,
        "quality": quality.get(test.test_id, 1.0),
        "age_weeks": max((first - test.end_date - timedelta(days=1)).days / 7, 0.0),
        # Readings of one place at one time share what else happened there and then.
        "study": test.data_hash or f"{test.market}/{test.channel}/{test.units}/{test.start_date}/{test.end_date}",
        "note": (
            f"{test.family} in {test.market}: lift over change of spend {test.lift / test.spend_delta:.2f}, times "
            f"{ratio:.2f}, the model's ratio of the window's ROAS to what it expects of the test"
        ),
    }


def _sources(rows: pd.DataFrame, roas: xr.DataArray, drift: float) -> Sources:
    """Readings on the log scale where all of them are surely above 0, on the natural scale otherwise."""
    known = rows[rows["roas"].notna()]
    on_log = bool((known["low"] > 0).all() and (roas.values > 0).all())
    draws = np.log(roas.values) if on_log else roas.values
    parts = {}
    for source, make in (("experiment", experiments_dataset), ("attribution", attribution_dataset)):
        own = known[known["source"] == source].rename(columns={"roas": "estimate", "reading": "test"})
        if on_log:
            own = own.assign(
                estimate=np.log(own["estimate"].astype(float)), standard_error=own["standard_error"] / own["estimate"]
            )
        parts[source] = make(own) if len(own) else None
    channels = list(map(str, roas["channel"].values))
    covariance = np.atleast_2d(np.cov(draws, rowvar=False)) if channels else None
    return Sources(
        experiments=parts["experiment"],
        mmm=mmm_dataset(channels, draws.mean(axis=0), covariance) if channels else None,
        attribution=parts["attribution"],
        scale="log" if on_log else "natural",
        unit=1.0 if on_log else float(np.median(np.abs(known["roas"]))),
        drift=drift,
    )
