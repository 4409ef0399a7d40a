"""Is pulsing a finding or a habit? What the draws that report say of each curve, and of pulses against even spend.

Both laydowns are compared in a plan that is repeated for ever, see `horizon.choosing`.
"""

import xarray as xr

from mmm_models.planning.horizon.patterns import CONTINUOUS
from mmm_models.planning.objective import HorizonObjective

# Draws that must agree for a word: nine in ten, as the intervals of a plan.
_SURE = 0.9
# Rounding of sums of outcome, relative.
_ROUNDING = 1e-9


def flighting_report(
    chooser: HorizonObjective, reporter: HorizonObjective, levels: xr.DataArray, laydowns: xr.Dataset
) -> xr.Dataset:
    """What pulsing would bring each line at its planned level, whether it is planned or not.

    Args:
        chooser: says which pulses are best for a line that is planned evenly, so that those that report have not
            chosen it.
        reporter: the draws to report on.
        levels: money a week (market, channel).
        laydowns: how the plan lays it, see `HorizonObjective.laydowns`.

    Returns:
        Dataset (market, channel) with `laydown`, the plan's; `pulses`, what is held against even spend: the plan's own
        laydown or, where that is even, the best pulses; `prob_s_shaped`, share of draws with an S-shaped curve (a Hill
        slope above 1, or a power above 1); `gain` (sample, market, channel): outcome of the pulses less that of the
        same money spread evenly, over one plan of many; `gain_share`: the mean gain as a share of what even spend
        brings; `prob_gain_positive`; and `verdict`: 'finding' (pulses gain in nine draws of ten), 'habit' (they gain in
        one of ten at most) or 'open'. Plans of one week have no pulses: their gain is 0.
    """
    held = laydowns.copy(deep=True)
    best = chooser.best_pulses(levels)
    even = laydowns.name == CONTINUOUS
    held["name"] = xr.where(even, best.name, laydowns.name)
    held["weight"] = xr.where(even, best.weight, laydowns.weight).transpose(*laydowns.weight.dims)
    outcomes = [objective.repeated_responses(levels) for objective in (reporter.with_laydowns(held), reporter.evenly)]
    gain = (outcomes[0] - outcomes[1]).rename("gain")
    usual = outcomes[1].mean("sample")
    # Where nothing saturates both bring the same, but for rounding.
    positive = (gain > _ROUNDING * usual).mean("sample")
    share = (gain.mean("sample") / usual.where(usual > 0)).fillna(0.0)
    verdict = xr.where(positive >= _SURE, "finding", xr.where(positive <= 1 - _SURE, "habit", "open"))
    return xr.Dataset(
        {
            "laydown": laydowns.name,
            "pulses": held.name,
            "prob_s_shaped": reporter.prob_s_shaped,
            "gain": gain,
            "gain_share": share,
            "prob_gain_positive": positive,
            "verdict": verdict,
        }
    )
