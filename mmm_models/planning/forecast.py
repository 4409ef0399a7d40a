"""The outcome to be expected by week under the status quo, the plan and each what-if, baseline and noise included."""

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from mmm_models.fit import Fit, StackedFit
from mmm_models.panel import Panel
from mmm_models.planning.future import future_panel, with_gap
from mmm_models.planning.plan import BudgetPlan

ALL_MARKETS = "all"


@dataclass(frozen=True)
class Forecast:
    """What one scenario brings by week; all in units of the outcome but for money.

    Attributes:
        name: of the scenario.
        spend: money (week, market).
        expected: mean of the outcome, draw by draw (sample, week, market): baseline, carryover of the past, and media.
        noise: what a week may lie above or below it (sample, week, market), the same in all scenarios of a plan.
        status_quo: `expected` of the status quo.
    """

    name: str
    spend: xr.DataArray
    expected: xr.DataArray
    noise: xr.DataArray
    status_quo: xr.DataArray

    @property
    def outcome(self) -> xr.DataArray:
        """The outcome as it may be seen (sample, week, market)."""
        return self.expected + self.noise

    @property
    def gain(self) -> xr.DataArray:
        """Outcome above the status quo (sample, week, market); a week's figure includes carryover of weeks before."""
        return self.expected - self.status_quo


def forecast_plan(fit: Fit | StackedFit, plan: BudgetPlan, seed: int | None = None) -> tuple[Forecast, ...]:
    """Forecast every scenario of a plan that has levels, over the weeks of its horizon, on its reporting draws.

    Trend, season and level go on as the fit has them; controls and organic media are as `future_panel` says, those that
    a scenario holds at a value excepted. Weeks between the data and the horizon spend as the status quo does.

    Args:
        fit: the one that the plan was made with.
        plan: the plan, its scenarios among it.
        seed: of the noise; by default the fit's own.
    """
    samples, weeks = plan.lines["sample"].values, plan.spend["week"]
    last = fit.panel.weeks[-1]

    def expected(bought: xr.DataArray, controls: dict[str, float]) -> xr.DataArray:
        panel = future_panel(fit, with_gap(bought, plan.lines["status_quo"], last), controls)
        return predict_draws(fit, samples, panel).sel(week=weeks)

    as_now = next(scenario for scenario in plan.scenarios if scenario.name == "status_quo")
    before = future_panel(fit, with_gap(as_now.bought, plan.lines["status_quo"], last))
    usual = predict_draws(fit, samples, before)
    first = fit.info.seed if seed is None else seed
    noise = (predict_draws(fit, samples, before, noise_seed=first) - usual).sel(week=weeks).rename("noise")
    usual = usual.sel(week=weeks)
    found = []
    for scenario in plan.scenarios:
        if not scenario.is_feasible:
            continue
        brings = usual if scenario.name == "status_quo" else expected(scenario.bought, scenario.controls)
        found.append(Forecast(scenario.name, scenario.weekly.sum("channel"), brings, noise, usual))
    return tuple(found)


def predict_draws(
    fit: Fit | StackedFit, samples: np.ndarray, panel: Panel, *, noise_seed: int | None = None
) -> xr.DataArray:
    """`fit.predict` for the draws with these numbers (ascending): (sample, week, market); with noise where seeded."""
    parts = fit.split(samples) if isinstance(fit, StackedFit) else [(fit, samples)]
    answers = [
        _with_draws(own, drawn).predict(
            panel, noise=noise_seed is not None, seed=None if noise_seed is None else noise_seed + number
        )
        for number, (own, drawn) in enumerate(parts)
    ]
    return xr.concat(answers, dim="sample", coords="minimal", compat="override").assign_coords(sample=samples)


def with_total(by_market: xr.DataArray) -> xr.DataArray:
    """The array with one more market, `all`: the sum over the others."""
    total = by_market.sum("market").expand_dims(market=[ALL_MARKETS])
    return xr.concat([by_market, total], dim="market").transpose(*by_market.dims)


def _with_draws(fit: Fit, drawn: np.ndarray) -> Fit:
    """The fit with these of its draws, as one chain."""
    draws = fit.draws().isel(sample=drawn).rename(sample="draw").expand_dims("chain")
    return replace(fit, posterior=draws)
