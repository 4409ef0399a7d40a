"""What a plan is to reach, in words and in money."""

import xarray as xr

from mmm_models.planning.risk.margin import margin_draws
from mmm_models.spec import ObjectiveSpec

_RISKS = {
    "mean": "expected",
    "cvar": "CVaR {level:.0%} of",
    "mean_variance": "mean less variance (aversion {aversion:g}) of",
    "entropic": "entropic value (aversion {aversion:g}) of",
    "prob_gain": "chance of more",
}


def in_words(aim: ObjectiveSpec, outcome: str) -> str:
    """E.g. 'expected profit: 0.4 x revenue - spend', 'smallest spend that causes 5,000,000 revenue'."""
    if aim.goal == "target":
        said = f"smallest spend that causes {aim.target:,.0f} {outcome}"
    elif aim.goal == "marginal_return":
        said = f"largest budget whose last money returns {aim.target:g} {outcome}"
    else:
        profit = f"profit: {aim.margin:g} x {outcome} - spend"
        what = profit if aim.goal == "profit" else f"{outcome} caused by horizon spend"
        if aim.risk != "mean":
            what = f"{what}, above the status quo"
        said = f"{_RISKS[aim.risk].format(level=aim.risk_level, aversion=aim.risk_aversion)} {what}"
    limits = [
        (aim.cvar_min, f"CVaR {aim.risk_level:.0%} of the gain at least {aim.cvar_min or 0:,.0f}"),
        (aim.return_min, f"at least {aim.return_min or 0:g} {outcome} for a unit of money"),
        (aim.cost_max, f"at most {aim.cost_max or 0:g} money for a unit of {outcome}"),
    ]
    return "; ".join([said, *(words for limit, words in limits if limit is not None)])


def profit_gain(aim: ObjectiveSpec, gain: xr.DataArray, extra_spend: float, *, seed: int) -> xr.DataArray | None:
    """Profit above the status quo's (sample): margin x outcome gained - money spent more; None for another goal.

    Args:
        aim: the objective, with its margin.
        gain: outcome above the status quo's (sample).
        extra_spend: money over the horizon above the status quo's.
        seed: of the margin's draws.
    """
    if aim.goal != "profit":
        return None
    return margin_draws(aim.margin, aim.margin_sd, gain.sizes["sample"], seed=seed) * gain - extra_spend
