"""What a plan does not say by itself, as rows: `plan_allocations`, `plan_constraints`, `plan_frontier`."""

from dataclasses import asdict

import numpy as np
import pandas as pd

from mmm_models.planning.interval import Interval
from mmm_models.planning.plan import BudgetPlan
from mmm_models.reporting.quantiles import summarise


def honesty_tables(plan: BudgetPlan, plan_id: str) -> dict[str, pd.DataFrame]:
    """The three tables by name."""
    return {
        "plan_allocations": plan_allocations(plan, plan_id),
        "plan_constraints": plan_constraints(plan, plan_id),
        "plan_frontier": plan_frontier(plan, plan_id),
    }


def honesty_columns(plan: BudgetPlan) -> dict[str, float | None]:
    """Columns of `plans`."""
    honesty, spent = plan.honesty, float(plan.spend.sum())
    nothing = Interval(np.nan, np.nan, np.nan, np.nan)
    price = (honesty.shadow_price or nothing).columns("shadow_price", median=False)
    return {
        "spend": spent,
        "unspent": max(plan.budget - spent, 0.0),
        **price,
        "outside_support_share": honesty.support.share,
        "indifferent_share": honesty.indifference.elsewhere_share,
        "curse_estimate": honesty.curse.estimate,
        "curse_se": honesty.curse.se,
    }


def plan_allocations(plan: BudgetPlan, plan_id: str) -> pd.DataFrame:
    """One row a market and channel; money a week. What was never seen has no extrapolation factor."""
    near = plan.honesty.lines
    columns = near.rename(
        lowest="level_lowest", highest="level_highest", least_change="level_least_change"
    ).assign(
        level_status_quo=plan.lines.status_quo,
        level=plan.lines.level,
        extrapolation=near.extrapolation.where(np.isfinite(near.extrapolation)),
    )  # fmt: skip
    frame = columns.to_dataframe(dim_order=["market", "channel"]).reset_index()
    frame = frame.merge(_flighting(plan), on=["market", "channel"], validate="one_to_one")
    frame.insert(0, "plan_id", plan_id)
    names = ["plan_id", "market", "channel", "level_status_quo", "level", "level_lowest", "level_highest"]
    names += ["level_least_change", "outside_share", "extrapolation", "observed_max", "laydown", "pulses"]
    names += ["prob_s_shaped", "pulsing_gain_mean", "pulsing_gain_p05", "pulsing_gain_p95", "prob_pulsing_gain"]
    return frame[[*names, "pulsing_verdict"]]


def _flighting(plan: BudgetPlan) -> pd.DataFrame:
    found = plan.flighting
    gains = summarise(found.gain, statistics=("mean", "p05", "p95"), prefix="pulsing_gain")
    said = found[["laydown", "pulses", "prob_s_shaped", "prob_gain_positive", "verdict"]].rename(
        prob_gain_positive="prob_pulsing_gain", verdict="pulsing_verdict"
    )
    return gains.merge(said.to_dataframe().reset_index(), on=["market", "channel"], validate="one_to_one")


def plan_constraints(plan: BudgetPlan, plan_id: str) -> pd.DataFrame:
    """One row a limit."""
    frame = pd.DataFrame([asdict(limit) for limit in plan.honesty.constraints])
    frame = frame.rename(columns={"constraint": "constraint_name", "key": "spec_key", "limit": "limit_value"})
    names = ["constraint_name", "kind", "spec_key", "limit_value", "value", "unit", "binds", "shadow_price"]
    frame = frame.reindex(columns=names).astype({"shadow_price": float, "binds": bool})
    frame.insert(0, "plan_id", plan_id)
    return frame


def plan_frontier(plan: BudgetPlan, plan_id: str) -> pd.DataFrame:
    """One row a budget."""
    frame = plan.honesty.frontier.drop_vars(["levels", "market", "channel"]).to_dataframe().reset_index()
    frame.insert(0, "plan_id", plan_id)
    frame.insert(1, "point", np.arange(1, len(frame) + 1))
    return frame
