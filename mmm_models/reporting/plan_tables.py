"""A budget plan as rows: `plans`, `plan_lines` (week grain), and scenarios beside each other."""

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.planning.constraints.lines import binding
from mmm_models.planning.interval import Interval
from mmm_models.planning.plan import BudgetPlan
from mmm_models.planning.scenarios import Scenario
from mmm_models.reporting.clock import as_utc, utc_now
from mmm_models.reporting.honesty_tables import honesty_columns, honesty_tables
from mmm_models.reporting.quantiles import interval_columns, summarise


def plan_tables(
    plan: BudgetPlan, plan_id: str, run_id: str, created_at: pd.Timestamp | str | None = None
) -> dict[str, pd.DataFrame]:
    """Every table of one plan, by its name in `results`; `created_at` (UTC) is now unless given."""
    return {
        "plans": plans(plan, plan_id, run_id, utc_now() if created_at is None else as_utc(created_at)),
        "plan_lines": plan_lines(plan, plan_id),
        "plan_scenarios": plan_scenarios(plan, plan_id),
        "plan_scenario_lines": plan_scenario_lines(plan, plan_id),
        **honesty_tables(plan, plan_id),
    }


def plans(plan: BudgetPlan, plan_id: str, run_id: str, created_at: pd.Timestamp) -> pd.DataFrame:
    """One row: what was asked, what it is worth, what it risks, and how far from the best it can be."""
    row: dict[str, Any] = {
        "plan_id": plan_id,
        "run_id": run_id,
        "model": plan.model,
        "created_at": pd.Timestamp(created_at),
        "horizon_start": plan.horizon_start.date(),
        "horizon_end": (plan.horizon_end + pd.Timedelta(days=6)).date(),
        "horizon_weeks": plan.request.weeks,
        "budget": plan.budget,
        "objective": plan.objective,
        "solver": plan.allocation.solver,
        **plan.value.columns("value"),
        "status_quo_value_mean": plan.status_quo_value.mean,
        **plan.gain.columns("gain"),
        **plan.reallocation_gain.columns("reallocation_gain", median=False),
        **_profit(plan),
        "prob_gain_positive": plan.prob_gain_positive,
        "expected_regret": plan.expected_regret,
        "optimism": plan.optimism,
        "bound": plan.allocation.bound,
        "gap": plan.gap,
        **honesty_columns(plan),
    }
    return pd.DataFrame([row])


def _profit(plan: BudgetPlan | Scenario) -> dict[str, float | None]:
    gain = plan.profit_gain
    return dict.fromkeys(Interval(0, 0, 0, 0).columns("profit_gain")) if gain is None else gain.columns("profit_gain")


def plan_lines(plan: BudgetPlan, plan_id: str) -> pd.DataFrame:
    """One row a week, market and channel; sums over weeks give the line's total.

    `response_*` is the outcome that the line's spend of that week causes, carryover included: the line's total
    shared over weeks in proportion to spend. Bounds are money a week; no upper bound is null.
    """
    lines = plan.lines
    frame = plan.spend.to_series().rename("spend").reset_index()
    frame = frame.rename(columns={"week": "week_start"})
    before = plan.status_quo.to_series().rename("spend_status_quo").reset_index()
    frame = frame.merge(before.rename(columns={"week": "week_start"}), on=["week_start", "market", "channel"])

    by_line = summarise(lines.response, prefix="response")
    marginal = summarise(lines.mroas, statistics=("mean", "p05", "p95"), prefix="mroas")
    limits = xr.Dataset(
        {
            "lower_bound": lines.lower,
            "upper_bound": lines.upper.where(np.isfinite(lines.upper)),
            "binds": binding(lines.level, lines.lower, lines.upper) != "none",
        }
    )
    keys = ["market", "channel"]
    for columns in (by_line, marginal, limits.to_dataframe().reset_index()):
        frame = frame.merge(columns, on=keys, validate="many_to_one")
    total = frame.groupby(keys)["spend"].transform("sum")
    share = (frame["spend"] / total.where(total > 0)).fillna(1.0 / plan.spend.sizes["week"])
    for name in interval_columns("response"):
        frame[name] = frame[name] * share
    frame["week_start"] = pd.to_datetime(frame["week_start"]).dt.date
    frame.insert(0, "plan_id", plan_id)
    names = ["plan_id", "week_start", "market", "channel", "spend", "spend_status_quo"]
    names += [*interval_columns("response"), "mroas_mean", "mroas_p05", "mroas_p95"]
    return frame[[*names, "lower_bound", "upper_bound", "binds"]]


def plan_scenarios(plan: BudgetPlan, plan_id: str) -> pd.DataFrame:
    """One row a scenario: its money, what it is worth, and what it gains over the status quo at which risk."""
    rows = [
        {
            "plan_id": plan_id,
            "scenario": scenario.name,
            "budget": scenario.budget,
            "spend": scenario.spend,
            **scenario.value.columns("value"),
            **scenario.gain.columns("gain"),
            **_profit(scenario),
            "prob_gain_positive": scenario.prob_gain_positive,
            "gain_cvar": scenario.gain_cvar,
            "note": scenario.note,
        }
        for scenario in plan.scenarios
    ]
    return pd.DataFrame(rows)


def plan_scenario_lines(plan: BudgetPlan, plan_id: str) -> pd.DataFrame:
    """One row a scenario, market and channel: money over the horizon and the outcome that it causes."""
    frames = []
    for scenario in plan.scenarios:
        money = scenario.weekly.sum("week", skipna=False)
        lines = xr.Dataset({"spend": money, "response_mean": scenario.response})
        rows = lines.transpose("market", "channel").to_dataframe().reset_index()
        frames.append(rows.assign(plan_id=plan_id, scenario=scenario.name))
    names = ["plan_id", "scenario", "market", "channel", "spend", "response_mean"]
    return pd.concat(frames, ignore_index=True)[names]
