"""Forecasts of a plan as rows of `plan_forecasts`."""

from collections.abc import Sequence

import pandas as pd
import xarray as xr

from mmm_models.planning.forecast import Forecast, with_total
from mmm_models.reporting.quantiles import interval_columns, summarise


def plan_forecasts(forecasts: Sequence[Forecast], plan_id: str) -> pd.DataFrame:
    """One row a scenario, week and market, and the total over markets; means are without the noise of the draws."""
    frames = [_rows(forecast).assign(plan_id=plan_id, scenario=forecast.name) for forecast in forecasts]
    names = ["plan_id", "scenario", "week_start", "market", "spend", *interval_columns("outcome"), "outcome_sd"]
    return pd.concat(frames, ignore_index=True)[[*names, "gain_mean", "gain_p05", "gain_p95"]]


def outcome_rows(expected: xr.DataArray, noise: xr.DataArray, prefix: str) -> pd.DataFrame:
    """Mean, quantiles and deviation of an outcome (sample, week, market), rows by week_start and market."""
    outcome = with_total(expected + noise)
    rows = summarise(outcome, statistics=("p05", "p50", "p95", "sd"), prefix=prefix)
    # The noise has mean 0; that of its draws would only blur the mean.
    return rows.assign(**{f"{prefix}_mean": with_total(expected).mean("sample").values.ravel()})


def _rows(forecast: Forecast) -> pd.DataFrame:
    rows = outcome_rows(forecast.expected, forecast.noise, "outcome")
    gain = summarise(with_total(forecast.gain), statistics=("mean", "p05", "p95"), prefix="gain")
    money = with_total(forecast.spend).transpose("week", "market").values.ravel()
    return rows.assign(spend=money, **{name: gain[name] for name in gain.columns if name.startswith("gain_")})
