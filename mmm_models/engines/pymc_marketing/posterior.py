"""From the model's own posterior, on scaled data, to the canonical one in units of the outcome."""

import xarray as xr

from mmm_models.engines.columns import TREND_CENTER
from mmm_models.engines.pymc_marketing.model import TREND
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.transforms import ADSTOCKS, SATURATIONS


def to_canonical(draws: xr.Dataset, panel: Panel, spec: ModelSpec, scales: xr.Dataset) -> xr.Dataset:
    """Return the variables that `Fit` documents, dims chain, draw, ...

    A channel that never spends in a market has the coefficient 0 there: the data say nothing about it, and the prior's
    word on an untried market is not a result to plan with.
    """
    outcome = scales["outcome_scale"]
    markets = xr.DataArray(panel.markets, dims="market", name="market")
    saturation = SATURATIONS[spec.channel(panel.channels[0]).saturation.kind]
    spent = (panel.volume > 0).any("week")
    canonical = {
        "intercept": draws["intercept_contribution"] * outcome,
        "media_coefficient": (draws[f"saturation_{saturation.amplitude}"] * outcome).where(spent, 0.0),
        "sigma": draws["y_sigma"] * outcome,
    }
    adstock = ADSTOCKS[spec.channel(panel.channels[0]).adstock.kind]
    shapes = [f"adstock_{name}" for name in adstock.parameters]
    shapes += [f"saturation_{name}" for name in saturation.parameters]
    for name in shapes:
        canonical[name] = draws[name] if "market" in draws[name].dims else draws[name].expand_dims(market=markets)
    if "gamma_fourier" in draws:
        canonical["fourier_coefficient"] = draws["gamma_fourier"].rename(fourier_mode="fourier") * outcome
    if panel.controls:
        canonical["control_coefficient"] = draws["gamma_control"].sel(control=panel.controls) * outcome
    if spec.trend != "none":
        canonical["trend"] = draws["gamma_control"].sel(control=TREND, drop=True) * outcome
        canonical["intercept"] = canonical["intercept"] - TREND_CENTER * canonical["trend"]
    canonical |= {name: draws[name] for name in ("design_factor", "design_scatter", "design_offset") if name in draws}
    return xr.Dataset(canonical)
