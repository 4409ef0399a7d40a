"""PyMC-Marketing's budget optimizer, as it comes, on draws that are given to it: its model is built and not sampled."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from benchmarks.engines.peer_frame import peer_frame
from benchmarks.planning.curves import Curves
from benchmarks.planning.made import FIRST_WEEK
from mmm_models.fit import Fit

if TYPE_CHECKING:
    from pymc_marketing.mmm import MMM
    from pymc_marketing.mmm.budget_optimizer import BudgetOptimizer
# Parameters of the shape, the same in both models.
_SHAPES = {"logistic": ("lam",), "hill": ("slope", "kappa")}


class CurvesPeer:
    """The optimizer on one week and Hill curves; compiled once, then given one problem's curves after the other."""

    def __init__(self, channels: int) -> None:
        from pymc_marketing.mmm import MMM, HillSaturation, NoAdstock

        self._names = [f"c{i + 1}" for i in range(channels)]
        dates = pd.date_range(FIRST_WEEK, periods=4, freq="7D")
        # Scales of the model are the largest figures of the data: at 1, curves are in money and outcome.
        frame = pd.DataFrame({"date": dates, **dict.fromkeys(self._names, 1.0)})
        mmm = MMM(
            date_column="date",
            channel_columns=self._names,
            adstock=NoAdstock(l_max=1),
            saturation=HillSaturation(),
        )
        mmm.build_model(frame, pd.Series(np.ones(len(dates)), name="y"))
        mmm.idata = self._posterior(np.ones(channels), np.ones(channels), np.ones(channels))
        week = dates[-1] + pd.Timedelta(weeks=1)
        self._optimizer = mmm.budget_optimizer(week, week)

    def plan(self, curves: Curves) -> np.ndarray:
        """Levels (channel) with which it ends, and its defaults otherwise; also where it says that it has failed."""
        self._optimizer.set_posterior(self._posterior(curves.top, curves.half, curves.slope))
        bounds = dict.fromkeys(self._names, (0.0, curves.budget))
        found = self._optimizer.allocate_budget(curves.budget, bounds, return_if_fail=True)
        return found.budgets.sel(channel=self._names).values

    def _posterior(self, top: np.ndarray, half: np.ndarray, slope: np.ndarray) -> xr.DataTree:
        draws = {"saturation_beta": top, "saturation_kappa": half, "saturation_slope": slope}
        return as_tree({name: values[None, None] for name, values in draws.items()}, self._names)


def can_plan(fit: Fit) -> bool:
    """Is there a model of the library that is the fit's: one market, geometric adstock, a saturation known to both?"""
    media = fit.spec.media
    return len(fit.panel.markets) == 1 and media.adstock.kind == "geometric" and media.saturation.kind in _SHAPES


def optimizer_of(fit: Fit, weeks: int, mode: str | None = None) -> BudgetOptimizer:
    """PyMC-Marketing's optimizer of the weeks after a fit's data, on the fit's draws; builds the model and compiles it.

    Of a fit that it `can_plan`. Scales are the fit's, so that money and draws mean the same. `mode` is PyTensor's way
    of compiling; by default the library's own.
    """
    mmm = _model_of(fit)
    start = fit.panel.weeks[-1] + pd.Timedelta(weeks=1)
    settings = None if mode is None else {"mode": mode}
    return mmm.budget_optimizer(start, start + pd.Timedelta(weeks=weeks - 1), compile_kwargs=settings)


def planned_by(optimizer: BudgetOptimizer, fit: Fit, weekly: float, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Levels (channel) with which it ends, within bounds (channel), of `weekly` money; its defaults otherwise."""
    bounds = {name: (low, high) for name, low, high in zip(fit.panel.paid, lower, upper, strict=True)}
    found = optimizer.allocate_budget(weekly, bounds, return_if_fail=True)
    return found.budgets.sel(channel=fit.panel.paid).values


def draws_of(fit: Fit) -> xr.DataTree:
    """A fit's draws of one market in the peer's names and scales."""
    here, kind = fit.posterior.isel(market=0), fit.spec.media.saturation.kind
    return as_tree(
        {
            "saturation_beta": (here["media_coefficient"] / float(fit.scales["outcome_scale"][0])).values,
            "adstock_alpha": here["adstock_alpha"].values,
            **{f"saturation_{name}": here[f"saturation_{name}"].values for name in _SHAPES[kind]},
        },
        fit.panel.paid,
    )


def as_tree(draws: dict[str, np.ndarray], channels: list[str]) -> xr.DataTree:
    """Draws (chain, draw, channel) as the library holds a posterior.

    `channel_contribution` says only which channels have any, which is what its optimizer reads of it.
    """
    chains, count = next(iter(draws.values())).shape[:2]
    variables = {name: (("chain", "draw", "channel"), values) for name, values in draws.items()}
    seen = np.broadcast_to(1.0, (chains, count, 1, len(channels)))
    variables["channel_contribution"] = (("chain", "draw", "date", "channel"), seen)
    coords = {"chain": np.arange(chains), "draw": np.arange(count), "channel": channels}
    return xr.DataTree.from_dict({"/posterior": xr.Dataset(variables, coords=coords)})


@cache
def curves_peer(channels: int) -> CurvesPeer:
    """One a process: it compiles for many seconds."""
    return CurvesPeer(channels)


def _model_of(fit: Fit) -> MMM:
    from pymc_marketing.mmm import MMM, GeometricAdstock, HillSaturation, LogisticSaturation

    saturation = {"logistic": LogisticSaturation, "hill": HillSaturation}[fit.spec.media.saturation.kind]
    frame = peer_frame(fit.panel).drop(columns="market")
    frame["y"] = frame["y"] / frame["y"].abs().max() * float(fit.scales["outcome_scale"][0])
    mmm = MMM(
        date_column="date",
        channel_columns=fit.panel.paid,
        adstock=GeometricAdstock(l_max=fit.max_lag),
        saturation=saturation(),
    )
    mmm.build_model(frame.drop(columns="y")[["date", *fit.panel.paid]], frame["y"])
    mmm.idata = draws_of(fit)
    return mmm
