"""What not knowing the truth costs: the plan against the plan one would make if the true draw were known."""

import numpy as np
import xarray as xr

from mmm_models.planning.constraints import LineBounds
from mmm_models.planning.dual import lagrangian_bound
from mmm_models.planning.objective import HorizonObjective

_DRAWS = 250
_POINTS = 41


def expected_regret(
    objective: HorizonObjective, bounds: LineBounds, weekly_budget: float, levels: xr.DataArray
) -> float:
    """Mean over draws of (best value for that draw − the plan's value for that draw), in outcome units.

    Also known as the expected value of perfect information (Raiffa & Schlaifer, "Applied Statistical Decision
    Theory", 1961). The best value of a draw is its Lagrangian bound within the same bounds and budget: exact for
    concave responses, and never too small for S-shaped ones, so the regret is never understated.
    """
    few = objective.thinned(_DRAWS)
    lower, upper = bounds.box(weekly_budget)
    best = lagrangian_bound(few.draw_table(lower, upper, points=_POINTS), weekly_budget).bound
    return float(np.maximum(best - few.values(levels).values, 0.0).mean())
