"""A plan from a kept fit: planned, put into tables and plots, written."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
from rich.console import Console

from dagster_project.kept_fits import KeptFit
from dagster_project.plan_asked import Asked, asked_spec
from dagster_project.plan_files import PlanFiles, write_plan
from mmm_models.planning import BudgetPlan, plan_budget
from mmm_models.planning.forecast import forecast_plan
from mmm_models.planning.identity import plan_id
from mmm_models.reporting.forecast_tables import plan_forecasts
from mmm_models.reporting.money import format_money
from mmm_models.reporting.plan_tables import plan_tables
from mmm_models.spec import ModelSpec


@dataclass(frozen=True)
class MadePlan:
    """A plan, its rows by the names of their tables in `results`, and the run behind it."""

    plan: BudgetPlan
    tables: dict[str, pd.DataFrame]
    run: pd.DataFrame


def made_plan(kept: KeptFit, asked: Asked, console: Console) -> MadePlan:
    """Plan what is asked; tells on `console` what is being worked at.

    Raises:
        SpecError: an option that does not fit.
        PlanError: limits that clash, in its text.
    """
    spec = asked_spec(kept.fit.spec, asked)
    weeks, lines = spec.planning.horizon_weeks, f"{len(spec.markets)} x {len(spec.channels)} lines"
    console.print(f"Planning {spec.model}: {lines}, {weeks} weeks, money {_money(spec)} …", highlight=False)
    with console.status("choosing and valuing plans"):
        fit = replace(kept.fit, spec=spec)
        plan, name = plan_budget(fit), plan_id(spec, kept.run_id)
        tables = plan_tables(plan, name, kept.run_id)
        tables["plan_forecasts"] = plan_forecasts(forecast_plan(fit, plan), name)
    return MadePlan(plan, tables, kept.run)


def _money(spec: ModelSpec) -> str:
    planning = spec.planning
    if planning.budget is not None:
        return format_money(planning.budget, spec.currency)
    if set(spec.markets) <= set(planning.market_budgets):
        return "as the markets' budgets say"
    return "as the last weeks spent" if planning.spends_as_now else "as far as the goal needs it"


def write_made(made: MadePlan, files: PlanFiles, *, decimal_comma: bool) -> None:
    """Write tables, sheets and plots of a plan.

    Raises:
        WarehouseError: a file of that name has come meanwhile.
        OSError: no room, or no right to write there.
    """
    from mmm_models.reporting import plots

    plan = made.plan
    figures = {"allocation": plots.allocation(plan), "frontier": plots.frontier(plan)}
    write_plan(
        files,
        made.tables,
        made.run,
        figures,
        currency=plan.currency,
        markets=[str(market) for market in plan.lines.market.values],
        decimal_comma=decimal_comma,
    )
