"""Budget plans with their risk: chosen on some posterior draws, reported on others, bounded from above."""

from mmm_models.planning.constraints import LineBounds, line_bounds, status_quo_spend
from mmm_models.planning.errors import PlanError
from mmm_models.planning.interval import Interval
from mmm_models.planning.plan import BudgetPlan, plan_budget
from mmm_models.planning.request import PlanRequest
from mmm_models.planning.scenarios import Scenario

__all__ = [
    "BudgetPlan",
    "Interval",
    "LineBounds",
    "PlanError",
    "PlanRequest",
    "Scenario",
    "line_bounds",
    "plan_budget",
    "status_quo_spend",
]
