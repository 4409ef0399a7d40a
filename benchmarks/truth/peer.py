"""PyMC-Marketing with its own default priors, sampled by nutpie with its own settings.

It has no default for the number of adstock weights, the season and the trend: it gets those of our default model, the
trend as a control, as in its documentation's example. A process compiles once a shape of data and swaps data in, which
is the cheapest way that the library's own model can be fitted to many companies.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd
import xarray as xr

from benchmarks.engines.peer_frame import peer_frame
from benchmarks.truth.estimate import Effort, Estimate, from_fit
from benchmarks.truth.ours import default_spec
from mmm_models.engines.cores import available_cores
from mmm_models.engines.finish import Started, finish
from mmm_models.engines.pymc_marketing.model import TREND, TREND_CENTER
from mmm_models.engines.pymc_marketing.posterior import to_canonical
from mmm_models.fit import Fit
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.transforms import trend_index

if TYPE_CHECKING:
    from pymc_marketing.mmm import MMM

_COMPILED: dict[tuple[int, ...], Any] = {}


def estimate(panel: Panel, ahead: Panel, effort: Effort, seed: int) -> Estimate:
    """Fit, and ask through `Fit`, so that all answers are to the same question."""
    return from_fit(fitted(panel, effort, seed), ahead)


def fitted(
    panel: Panel, effort: Effort, seed: int, lift_tests: pd.DataFrame | None = None, max_lag: int | None = None
) -> Fit:
    """The library's model of a panel, as a `Fit`.

    Args:
        panel: the data.
        effort, seed: of the sampler.
        lift_tests: rows of `MMM.add_lift_test_measurements`; they are constants of the model, which is compiled anew.
        max_lag: number of adstock weights; by default that of our default model.
    """
    import nutpie

    started = Started()
    max_lag = max_lag or _defaults().media.adstock.max_lag
    model = build_model(panel, max_lag)
    if lift_tests is not None:
        model.add_lift_test_measurements(lift_tests)
    shape = (*(panel.dataset.sizes[name] for name in ("week", "market", "channel", "control")), max_lag)
    names = [variable.name for variable in model.model.free_RVs]
    compiled = _COMPILED.get(shape) if lift_tests is None else None
    if compiled is None:
        # Weekly contributions of every draw would be computed and kept for nothing.
        compiled = nutpie.compile_pymc_model(model.model, var_names=names)
    if lift_tests is None:
        _COMPILED[shape] = compiled
    data = {variable.name: variable.get_value() for variable in model.model.data_vars}
    tree = nutpie.sample(
        compiled.with_data(**data),
        draws=effort.draws,
        tune=effort.tune,
        chains=effort.chains,
        cores=min(effort.chains, available_cores()),
        seed=seed,
        progress_bar=False,
    )
    # Our words for the peer's forms, with which its draws can be read.
    media = {"adstock": {"kind": "geometric", "max_lag": max_lag}}
    spec = default_spec(panel, effort, engine="pymc_marketing", media=media)
    scales, draws = _scales(panel, model), tree["posterior"].to_dataset()[names]
    posterior, statistics = as_canonical(draws, panel, spec, scales), tree["sample_stats"].to_dataset()
    return finish("peer", "", started, panel, spec, None, scales, posterior, statistics)


def as_canonical(draws: xr.Dataset, panel: Panel, spec: ModelSpec, scales: xr.Dataset) -> xr.Dataset:
    """The peer's draws, its trend among the controls, as `Fit` reads them; the peer sorts markets."""
    labels = {name: draws[name].values.astype(str).astype(object) for name in ("market", "channel", "control")}
    return to_canonical(draws.assign_coords(labels).sel(market=panel.markets), panel, spec, scales)


def build_model(panel: Panel, max_lag: int) -> MMM:
    """PyMC-Marketing's model of a panel, built."""
    from pymc_marketing.mmm import MMM, GeometricAdstock, LogisticSaturation

    frame = _with_trend(panel)
    model = MMM(
        date_column="date",
        channel_columns=panel.channels,
        control_columns=[*panel.controls, TREND],
        dims=("market",),
        adstock=GeometricAdstock(l_max=max_lag),
        saturation=LogisticSaturation(),
        yearly_seasonality=_defaults().seasonality.yearly_fourier,
    )
    model.build_model(frame.drop(columns="y"), frame["y"])
    return model


@cache
def _defaults() -> ModelSpec:
    return ModelSpec.from_dict({"model": "defaults", "outcome": "y", "markets": ["m"], "channels": ["c"]})


def _with_trend(panel: Panel) -> pd.DataFrame:
    frame = peer_frame(panel)
    weeks = pd.DatetimeIndex(frame["date"])
    frame[TREND] = trend_index(weeks, panel.weeks[0], len(panel.weeks) - 1) - TREND_CENTER
    return frame


def _scales(panel: Panel, model: MMM) -> xr.Dataset:
    """The peer's own: largest outcome and spend of each channel, over weeks and markets; controls as they come."""
    cell = panel.dataset[["spend", "outcome", "controls"]].isel(week=0, drop=True) * 0.0
    # By position: a coordinate's dtype must not decide whether labels of two libraries match.
    return xr.Dataset(
        {
            "outcome_scale": cell["outcome"] + model.scalers["_target"].values,
            "spend_scale": cell["spend"] + model.scalers["_channel"].sel(channel=panel.channels).values,
            "control_center": cell["controls"],
            "control_scale": cell["controls"] + 1.0,
        },
        attrs={"trend_origin": str(panel.weeks[0].date()), "trend_span_weeks": float(len(panel.weeks) - 1)},
    )
