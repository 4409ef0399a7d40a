"""A fit as rows: the figures that `results.*` publishes, one function a table, every frame with its `run_id`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.fit import Fit, StackedFit, members_of
from mmm_models.panel import WINDOWS
from mmm_models.reporting.clock import as_utc, utc_now
from mmm_models.reporting.plan_tables import plan_tables
from mmm_models.reporting.quantiles import interval_columns, summarise
from mmm_models.validation.convergence import mixing

__all__ = [
    "channel_returns",
    "contributions_weekly",
    "diagnostics",
    "fit_tables",
    "gates_table",
    "metrics",
    "model_run",
    "parameters",
    "plan_tables",
    "predictions_weekly",
    "response_curves",
]

# Weekly tables have thousands of rows. This many draws give their outer quantiles to within 0.07 posterior standard
# deviations; contributions and predictions share them, so that a week's components add up to its prediction.
WEEKLY_DRAWS = 1000


def fit_tables(fit: Fit, run_id: str, *, gates: Sequence[Any] = ()) -> dict[str, pd.DataFrame]:
    """Every table that depends on the fit alone, by its name in `results`.

    `gates`: `Gate` records (name, metric, threshold, value, verdict, advice) of the run's checks.
    """
    return {
        "contributions_weekly": contributions_weekly(fit, run_id),
        "channel_returns": channel_returns(fit, run_id),
        "response_curves": response_curves(fit, run_id),
        "parameters": parameters(fit, run_id),
        "diagnostics": diagnostics(fit, run_id),
        "gates": gates_table(gates, run_id),
        "predictions_weekly": predictions_weekly(fit, run_id),
    }


def model_run(
    fit: Fit,
    run_id: str,
    *,
    kind: str,
    role: str,
    created_at: pd.Timestamp | str | None = None,
    dagster_run_id: str | None = None,
    mlflow_run_id: str | None = None,
) -> pd.DataFrame:
    """`model_runs`: one row that ties the figures of a run to its data, spec, evidence and code by their hashes.

    `created_at` (UTC where it has no zone) is now unless given.
    """
    info = fit.info
    row = {
        "run_id": run_id,
        "model": fit.spec.model,
        "kind": kind,
        "outcome": fit.spec.outcome,
        "engine": info.engine,
        "engine_version": info.engine_version,
        "role": role,
        "as_of_week": pd.Timestamp(fit.panel.dataset.week.values[-1]).date(),
        "data_hash": info.data_hash,
        "spec_hash": info.spec_hash,
        "evidence_hash": info.evidence_hash,
        "code_hash": info.code_hash,
        "seed": int(info.seed),
        "n_lift_tests": sum(bool(test.get("used")) for test in info.evidence),
        "dagster_run_id": dagster_run_id,
        "mlflow_run_id": mlflow_run_id,
        "wall_seconds": float(info.wall_seconds),
        "created_at": utc_now() if created_at is None else as_utc(created_at),
    }
    return pd.DataFrame([row])


def contributions_weekly(fit: Fit, run_id: str) -> pd.DataFrame:
    """Outcome by week, market and component (channels, baseline parts, `control:<name>`, `treatment:<name>`)."""
    frame = summarise(fit.contributions(max_samples=WEEKLY_DRAWS), statistics=("mean", "p05", "p50", "p95"))
    return _keyed(frame, run_id, ["week_start", "market", "component", "mean", "p05", "p50", "p95"])


def channel_returns(fit: Fit, run_id: str) -> pd.DataFrame:
    """Contribution, ROAS and marginal ROAS of each channel by market (and 'all' markets) and window.

    `window_end` is the last day (Sunday) of the window. A channel without spend in a window has no ROAS: null.
    """
    weeks = pd.DatetimeIndex(fit.panel.dataset.week.values)
    frames = []
    for window in WINDOWS:
        returns = fit.returns(window=window)
        frame = returns["spend"].to_series().rename("spend").reset_index()
        for quantity in ("contribution", "roas", "mroas"):
            columns = summarise(returns[quantity], statistics=("mean", "p05", "p50", "p95"), prefix=quantity)
            frame = frame.merge(columns, on=["market", "channel"], validate="one_to_one")
        inside = weeks[fit.panel.window(window)]
        frame["window_name"] = window
        frame["window_start"] = inside[0].date()
        frame["window_end"] = (inside[-1] + pd.Timedelta(days=6)).date()
        frames.append(frame)
    names = ["market", "channel", "window_name", "window_start", "window_end", "spend"]
    names += [c for quantity in ("contribution", "roas", "mroas") for c in interval_columns(quantity)]
    return _keyed(pd.concat(frames, ignore_index=True), run_id, names)


def response_curves(fit: Fit, run_id: str) -> pd.DataFrame:
    """Weekly outcome at a steady weekly spend, and whether that spend lies in the observed range."""
    curves = fit.response_curves()
    keys = ["market", "channel", "point"]
    frame = summarise(curves["response"], statistics=("mean", "p05", "p50", "p95"), prefix="response")
    for name in ("spend", "is_observed"):
        column = curves[name].transpose(*keys).to_series().rename(name).reset_index()
        frame = frame.merge(column, on=keys, validate="one_to_one")
    frame = frame.sort_values(keys, kind="stable")
    return _keyed(frame, run_id, ["market", "channel", "spend", *interval_columns("response"), "is_observed"])


def parameters(fit: Fit | StackedFit, run_id: str) -> pd.DataFrame:
    """Posterior of every parameter with its R-hat and bulk ESS (null where no sampler drew), one row a scalar.

    The path of a wandering level is no parameter: it stands in `contributions_weekly`. Coordinates beyond market and
    channel go into the name: `control_coefficient[promotion]`. Of a stacked fit the rows are those of each
    structure that has weight: a parameter means one thing in one structure, so that no mean over them is taken.
    """
    columns = ["name", "market", "channel", "mean", "sd", "p05", "p50", "p95", "r_hat", "ess_bulk", "structure"]
    frames = [_parameters(own).assign(structure=structure) for structure, own in members_of(fit)]
    return _keyed(pd.concat(frames, ignore_index=True).reindex(columns=columns), run_id, columns)


def _parameters(fit: Fit) -> pd.DataFrame:
    posterior = fit.posterior.drop_dims("week", errors="ignore")
    r_hat, ess = _mixing(fit, posterior)
    frames = []
    for name in map(str, posterior.data_vars):
        draws = posterior[name].stack(sample=("chain", "draw"), create_index=False)
        frame = summarise(draws.rename(name), statistics=("mean", "sd", "p05", "p50", "p95"))
        frame["r_hat"] = _in_order_of(frame, r_hat[name])
        frame["ess_bulk"] = _in_order_of(frame, ess[name])
        others = [c for c in posterior[name].dims if c not in ("chain", "draw", "market", "channel")]
        # A cell whose channel's kind has no such parameter says nothing.
        frame = frame[frame["mean"].notna()].assign(name=name)
        for dim in others:
            frame["name"] = frame["name"] + "[" + frame[dim].astype(str) + "]"
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _mixing(fit: Fit, posterior: xr.Dataset) -> tuple[xr.Dataset, xr.Dataset]:
    """R-hat and bulk ESS of each parameter; they are figures of chains, so draws of another origin have none."""
    if fit.info.draws != "posterior":
        none = posterior.isel(chain=0, draw=0, drop=True) * np.nan
        return none, none
    return mixing(posterior)


def metrics(fit: Fit) -> dict[str, float]:
    """The fit's convergence figures, its errors of fit (shares of the outcome) and the time it took."""
    actual = fit.panel.dataset["outcome"]
    error = np.abs(actual - fit.predict(max_samples=WEEKLY_DRAWS).mean("sample").transpose(*actual.dims))
    return {
        **{name: float(value) for name, value in fit.info.convergence.items()},
        "mape": float((error / np.abs(actual).where(actual != 0)).mean()),
        "wape": float(error.sum() / np.abs(actual).sum()),
        "wall_seconds": float(fit.info.wall_seconds),
    }


def diagnostics(fit: Fit, run_id: str) -> pd.DataFrame:
    """The figures of `metrics`, one row each."""
    figures = metrics(fit)
    frame = pd.DataFrame({"name": list(figures), "value": list(figures.values())})
    return _keyed(frame, run_id, ["name", "value"])


def gates_table(gates: Sequence[Any], run_id: str) -> pd.DataFrame:
    """One row a gate: what was measured, against which threshold, the verdict and what to do about it."""
    names = ["name", "metric", "value", "threshold", "verdict", "advice"]
    rows = [{name: getattr(gate, name) for name in names} for gate in gates]
    return _keyed(pd.DataFrame(rows, columns=names), run_id, names)


def predictions_weekly(fit: Fit, run_id: str) -> pd.DataFrame:
    """Actual outcome beside the prediction; the interval is predictive (noise included)."""
    keys = ["week_start", "market"]
    frame = summarise(fit.predict(noise=True, max_samples=WEEKLY_DRAWS), statistics=("p05", "p50", "p95"))
    mean = summarise(fit.predict(max_samples=WEEKLY_DRAWS), statistics=("mean",))
    # One value a figure: the mean over a single draw is the value itself.
    actual = summarise(fit.panel.dataset["outcome"].expand_dims("sample"), statistics=("mean",))
    frame = frame.merge(mean, on=keys).merge(actual.rename(columns={"mean": "actual"}), on=keys)
    return _keyed(frame, run_id, [*keys, "actual", "mean", "p05", "p50", "p95"])


def _keyed(frame: pd.DataFrame, run_id: str, names: Sequence[str]) -> pd.DataFrame:
    """`run_id` first, then exactly `names`."""
    keyed = frame.loc[:, list(names)].reset_index(drop=True)
    keyed.insert(0, "run_id", run_id)
    return keyed


def _in_order_of(frame: pd.DataFrame, values: xr.DataArray) -> np.ndarray:
    """The values (one a parameter scalar) in the row order that `summarise` gives the same dims."""
    if values.ndim == 0:
        return np.full(len(frame), float(values))
    return values.values.ravel()
