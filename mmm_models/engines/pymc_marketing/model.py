"""A panel and a spec as PyMC-Marketing's model, with lift tests in its likelihood."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from mmm_models.engines.columns import TREND_CENTER
from mmm_models.engines.defaults import baseline_priors
from mmm_models.engines.pymc_marketing.adstock import geometric_adstock_by_channel
from mmm_models.engines.pymc_marketing.coordinates import reference_pressure, well_moving_prior
from mmm_models.engines.pymc_marketing.measurements import add_measurements
from mmm_models.engines.pymc_marketing.priors import array_prior, check_one_kind, plain_prior
from mmm_models.evidence import EvidenceSet
from mmm_models.panel import Panel
from mmm_models.spec import AdstockSpec, ModelSpec, PriorSpec, SaturationSpec, SpecError
from mmm_models.transforms import SATURATIONS, trend_index

if TYPE_CHECKING:
    from pymc_extras.prior import Prior
    from pymc_marketing.mmm import MMM
    from pymc_marketing.mmm.components.adstock import AdstockTransformation
    from pymc_marketing.mmm.components.saturation import SaturationTransformation

# No control of a user can have this name: names of marts have no brackets.
TREND = "[trend]"


def build_model(panel: Panel, spec: ModelSpec, scales: xr.Dataset, evidence: EvidenceSet | None = None) -> "MMM":
    """Return a fresh, built model: PyMC-Marketing reuses a built graph even for other data (its issue 2956).

    Retention and the shape of saturation are shared by the markets, media coefficients, level, trend, season, controls
    and noise are each market's own.

    Raises:
        SpecError: channels differ in kind of adstock or saturation, or in the distribution of a prior; a test's weeks
            are to be left out of the outcome.
    """
    from pymc_extras.prior import Prior
    from pymc_marketing.mmm import MMM
    from pymc_marketing.mmm.scaling import FixedScaling, Scaling

    columns = _control_columns(panel, spec, scales)
    names = [str(name) for name in columns["control"].values]
    chosen = baseline_priors(spec.priors)
    config = {
        "intercept": plain_prior(chosen["intercept"], "market"),
        "likelihood": Prior("Normal", sigma=plain_prior(chosen["sigma"], "market"), dims=("date", "market")),
    }
    if names:
        by_column = {name: chosen["trend"] if name == TREND else chosen["control"] for name in names}
        config["gamma_control"] = array_prior(
            by_column, "priors.trend and priors.control", "control", ("market", "control")
        )
    if spec.seasonality.yearly_fourier:
        config["gamma_fourier"] = plain_prior(chosen["fourier"], ("market", "fourier_mode"))

    class Model(MMM):
        # The canonical posterior needs the parameters only; weekly contributions of every draw would be recomputed from
        # them, compiled and kept in memory for nothing.
        _recompute_deterministics = False

    model = Model(
        date_column="date",
        channel_columns=panel.channels,
        control_columns=names or None,
        dims=("market",),
        adstock=_adstock(panel, spec, scales),
        saturation=_saturation(panel, spec, scales),
        yearly_seasonality=spec.seasonality.yearly_fourier or None,
        scaling=Scaling(
            target=FixedScaling(dims=(), value=scales["outcome_scale"]),
            channel=FixedScaling(dims=(), value=scales["spend_scale"]),
        ),
        model_config=config,
    )
    model.build_model(_dataset(panel, columns))
    if evidence is not None and evidence.used:
        add_measurements(model, evidence, panel, spec, scales)
    return model


def _control_columns(panel: Panel, spec: ModelSpec, scales: xr.Dataset) -> xr.DataArray:
    """Controls in standard deviations of their market, and the trend, as (week, market, control)."""
    controls = (panel.dataset["controls"] - scales["control_center"]) / scales["control_scale"]
    controls = controls.transpose("week", "market", "control")
    if spec.trend == "none":
        return controls
    index = trend_index(panel.weeks, scales.attrs["trend_origin"], scales.attrs["trend_span_weeks"]) - TREND_CENTER
    trend = np.broadcast_to(index[:, None, None], (len(panel.weeks), len(panel.markets), 1))
    return xr.DataArray(
        np.concatenate([controls.values, trend], axis=-1),
        coords={"week": panel.weeks, "market": panel.markets, "control": [*panel.controls, TREND]},
        dims=("week", "market", "control"),
    )


def _dataset(panel: Panel, columns: xr.DataArray) -> xr.Dataset:
    variables = {
        "media": panel.volume.transpose("week", "market", "channel"),
        "target": panel.dataset["outcome"].transpose("week", "market"),
    }
    if columns.sizes["control"]:
        variables["_control"] = columns
    # Plain values and lists: a coordinate's dtype must not decide whether labels of two arrays match.
    coords = {"date": panel.weeks, "market": panel.markets, "channel": panel.channels}
    if columns.sizes["control"]:
        coords["control"] = [str(name) for name in columns["control"].values]
    renamed = {"week": "date"}
    return xr.Dataset(
        {name: ([renamed.get(dim, dim) for dim in array.dims], array.values) for name, array in variables.items()},
        coords=coords,
    )


def _adstock(panel: Panel, spec: ModelSpec, scales: xr.Dataset) -> "AdstockTransformation":
    from pymc_marketing import mmm

    classes = {
        "geometric": mmm.GeometricAdstock,
        "delayed": mmm.DelayedAdstock,
        "weibull_pdf": mmm.WeibullPDFAdstock,
        "weibull_cdf": mmm.WeibullCDFAdstock,
    }
    channels = {name: spec.channel(name).adstock for name in panel.channels}
    kind, priors = _one_kind(channels, "adstock", {})
    max_lag = dict(zip(panel.channels, scales["adstock_max_lag"].values.tolist(), strict=True))
    if len(set(max_lag.values())) == 1:
        return classes[kind](l_max=max_lag[panel.channels[0]], normalize=True, priors=priors)
    if kind != "geometric":
        (first, short), *others = max_lag.items()
        other, long = next((name, lag) for name, lag in others if lag != short)
        raise SpecError(
            f"adstock.max_lag: {first} has {short} and {other} has {long}; engine pymc_marketing fits {kind} adstock "
            "with one memory for all channels. Give every channel the same max_lag"
        )
    return geometric_adstock_by_channel(max_lag, priors["alpha"])


def _saturation(panel: Panel, spec: ModelSpec, scales: xr.Dataset) -> "SaturationTransformation":
    from pymc_marketing import mmm

    classes = {
        "logistic": mmm.LogisticSaturation,
        "hill": mmm.HillSaturation,
        "michaelis_menten": mmm.MichaelisMentenSaturation,
        "tanh": mmm.TanhSaturation,
        "root": mmm.RootSaturation,
    }
    channels = {name: spec.channel(name).saturation for name in panel.channels}
    amplitudes = {kind: saturation.amplitude for kind, saturation in SATURATIONS.items()}
    kind, priors = _one_kind(channels, "saturation", amplitudes)
    component = classes[kind](priors=priors)
    amplitude = amplitudes[kind]
    component.function_priors[amplitude] = well_moving_prior(
        component.function_priors[amplitude], classes[kind](), kind, amplitude, reference_pressure(panel, spec, scales)
    )
    return component


def _one_kind(
    channels: Mapping[str, AdstockSpec | SaturationSpec], what: str, amplitudes: Mapping[str, str]
) -> tuple[str, dict[str, "Prior"]]:
    """The one kind of all channels, and the prior of each of its parameters; an amplitude is each market's own."""
    kind = check_one_kind({name: curve.kind for name, curve in channels.items()}, what)
    by_parameter: dict[str, dict[str, PriorSpec]] = {}
    for name, curve in channels.items():
        for parameter, chosen in curve.priors.items():
            by_parameter.setdefault(parameter, {})[name] = chosen
    return kind, {
        parameter: array_prior(
            by_channel,
            f"{what}.{parameter}",
            "channel",
            ("market", "channel") if parameter == amplitudes.get(kind) else ("channel",),
        )
        for parameter, by_channel in by_parameter.items()
    }
