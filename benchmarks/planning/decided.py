"""One company: the plans that are made of a fit, and what each of them really brings."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from benchmarks.planning.asked import Levels, within
from benchmarks.planning.oracle import TrueResponse, oracle
from mmm_models.fit import Fit
from mmm_models.planning.constraints import LineBounds
from mmm_models.planning.plan import bounds_and_budget, plan_budget
from mmm_models.planning.solvers import spend_in_full
from mmm_models.worlds.stress import StressWorld


def decided(world: StressWorld, fit: Fit, others: Mapping[str, Levels], kind: str) -> dict[str, object]:
    """The record of one company with one kind of bounds, plain values.

    Args:
        world, fit: the company, and what is known of it.
        others: plans of other planners, by their name.
        kind: of bounds.

    Returns:
        `status_quo` and `oracle`, what they really cause; and by planner `realised`, what its plan really causes;
        `value` and `gain`, low, mean and high of what the fit says that it causes and gains over the status quo, with
        90 % intervals. The status quo is what was spent in the last weeks, evenly.
    """
    fit = within(fit, kind)
    bounds, budget = bounds_and_budget(fit)
    truth = TrueResponse(world, fit.spec.planning.horizon_weeks)
    plan = plan_budget(fit)
    now = plan.status_quo
    ours = {
        "realised": truth.of(plan.spend),
        "value": [plan.value.p05, plan.value.mean, plan.value.p95],
        "gain": [plan.gain.p05, plan.gain.mean, plan.gain.p95],
        "gap": plan.gap,
    }
    planners = {"mixhouse": ours}
    levels = _plain(bounds, budget / truth.weeks) | {who: np.array(of[kind]) for who, of in others.items() if of}
    spends = [now.copy(data=np.broadcast_to(found.reshape(now.shape[1:]), now.shape)) for found in levels.values()]
    said_now, *said = _caused(fit, [now, *spends])
    for who, spend, value in zip(levels, spends, said, strict=True):
        planners[who] = {"realised": truth.of(spend), "value": _interval(value), "gain": _interval(value - said_now)}
    best = oracle(truth, bounds, budget)
    return {"status_quo": truth.of(now), "oracle": best.value, "oracle_gap": best.gap, "planners": planners}


def _plain(bounds: LineBounds, weekly: float) -> dict[str, np.ndarray]:
    """Levels (line) of those who look at no model, moved into the bounds."""
    now, lower, upper = (
        part.transpose("market", "channel").values.ravel() for part in (bounds.status_quo, bounds.lower, bounds.upper)
    )
    wanted = {"equal split": np.full(now.size, weekly / now.size), "spend-proportional": now * weekly / now.sum()}
    return {who: spend_in_full(levels, lower, upper, weekly) for who, levels in wanted.items()}


def _interval(draws: xr.DataArray) -> list[float]:
    return [float(draws.quantile(0.05)), float(draws.mean()), float(draws.quantile(0.95))]


def _caused(fit: Fit, spends: list[xr.DataArray]) -> list[xr.DataArray]:
    """Outcome (sample) that each path causes: against none in its weeks, carryover after it counted."""
    weeks = spends[0].week.values
    after = weeks[-1] + np.arange(1, fit.max_lag + 1) * np.timedelta64(7, "D")
    paths = [spend.reindex(week=np.concatenate([weeks, after]), fill_value=0.0) for spend in spends]
    nothing, *said = (
        fit.media_response(path, max_samples=500).sum(("week", "market", "channel"))
        for path in (xr.zeros_like(paths[0]), *paths)
    )
    return [value - nothing for value in said]
