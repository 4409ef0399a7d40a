"""Experiments in a stress world, with the lift that they should have found: two spend paths, one true response.

Weeks of an experiment start on its first day, whatever the day of the week, and the world's spend is taken as even
within its calendar weeks. What the experiment's channel does for another (synergy) counts as its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from mmm_models.evidence.record import LiftTest
from mmm_models.panel import Panel
from mmm_models.spec.designs import family_of
from mmm_models.worlds.randomness import stream
from mmm_models.worlds.stress.world import StressWorld


@dataclass(frozen=True)
class ArmPlan:
    """Units that share a change: their share of the market, and the change as a share of what they spend."""

    name: str
    unit_share: float
    change: float


@dataclass(frozen=True)
class Experiment:
    """What is done, and what is counted.

    Attributes:
        test_id, channel, market: which.
        design: as in a record; its family decides. In a conversion lift those held out see nothing.
        start: first day.
        weeks, followup: whole weeks of the change, and weeks after it that are counted too.
        change: of the units' spend, as a share of it; -1 goes dark. Not asked for in a conversion lift.
        unit_share: the units' share of the market.
        relative_error: standard error of the lift, as a share of the true one.
        estimand: 'during' counts the window only.
        weekly: read out week by week.
        arms: units with changes of their own, in place of `unit_share` and `change`.
        block: weeks of a switchback's blocks; the first is off.
        in_data: do the data hold the experiment, or is it a panel of its own beside them?
    """

    test_id: str
    channel: str
    design: str
    start: date
    weeks: int
    followup: int = 0
    change: float = -1.0
    unit_share: float = 1.0
    relative_error: float = 0.05
    estimand: Literal["during+tail", "during"] = "during+tail"
    weekly: bool = False
    arms: tuple[ArmPlan, ...] = ()
    block: int = 1
    in_data: bool = False
    market: str = "US"

    @property
    def groups(self) -> tuple[ArmPlan, ...]:
        """Units by their change; one group without arms."""
        return self.arms or (ArmPlan("", self.unit_share, self.change),)

    @property
    def counted(self) -> int:
        """Weeks whose outcome is counted."""
        return self.weeks if self.estimand == "during" else self.weeks + self.followup


def latest_start(world: StressWorld, channel: str, weeks: int, followup: int, weekday: int = 0) -> date:
    """The last day of that weekday (0: Monday) on which a test in the first market still fits into the data, with its
    follow-up, and finds at least half of the channel's usual spend in its window.

    Raises:
        ValueError: there is none.
    """
    spend = world.panel.dataset["spend"].isel(market=0).sel(channel=channel).values
    for week in range(len(spend) - weeks - followup - (weekday > 0), -1, -1):
        if spend[week : week + weeks].mean() >= 0.5 * spend.mean():
            return world.panel.weeks[week].date() + timedelta(days=weekday)
    raise ValueError(f"{channel} has no {weeks} weeks of half its usual spend; take another channel")


def true_lift(world: StressWorld, plan: Experiment) -> np.ndarray:
    """What each group of units really adds, week by week: (group, counted week), negative when dark.

    Raises:
        ValueError: the experiment does not fit into the world's weeks.
    """
    first = _first_week(world, plan)
    effect = np.stack([_effect(world, plan, group) for group in plan.groups])
    return effect[:, first : first + plan.counted]


def run_experiment(world: StressWorld, plan: Experiment, draw: int = 0) -> LiftTest:
    """The record of an experiment: the true lift with normal noise and its honest standard error.

    `draw` repeats the same experiment with other noise. Weekly readouts are independent, of one standard error a group.
    """
    first, share = _first_week(world, plan), sum(group.unit_share for group in plan.groups)
    lift = true_lift(world, plan)
    noise = stream(world.seed, world.recipe.name, "experiment", plan.test_id, str(draw))
    paths = [_spend(world, plan, group)[:, first : first + plan.weeks] * group.unit_share for group in plan.groups]
    usual, changed = np.sum(paths, axis=0)
    totals = {"spend_baseline": usual.sum(), "spend_delta": (changed - usual).sum()}
    if family_of(plan.design) == "switchback":
        on = changed != usual
        found = lift[0, on].sum() - lift[0, ~on].sum() * on.sum() / (~on).sum()
        measured = {"spend_path": _path(plan, usual, changed), **_measured(found, plan.relative_error, noise)}
    elif plan.weekly or plan.arms:
        measured = {"readouts": _readouts(plan, lift, noise), "arms": _arms(plan, paths)}
    else:
        measured = _measured(lift.sum(), plan.relative_error, noise)
    end = plan.start + timedelta(days=7 * plan.weeks - 1)
    return LiftTest(
        test_id=plan.test_id,
        channel=plan.channel,
        market=plan.market,
        design=plan.design,
        unit_share=share,
        start_date=plan.start,
        end_date=end,
        followup_end=end + timedelta(weeks=plan.followup) if plan.estimand == "during+tail" else None,
        outcome=world.panel.outcome_name,
        estimand=plan.estimand,
        in_outcome=plan.in_data,
        randomised=True,
        power=0.9,
        contamination=0.0,
        comparisons=1,
        pre_registration="plan of the simulated team",
        status="approved",
        owner="team:marketing-science",
        reviewer="team:finance",
        **totals,
        **measured,
    )


def poisoned(test: LiftTest, factor: float) -> LiftTest:
    """The record of a test whose lift is off by a factor (below 0 of the wrong sign), its error as it was."""
    readouts = [row.model_copy(update={"lift": row.lift * factor}) for row in test.readouts]
    return test.model_copy(update={"lift": test.lift * factor, "readouts": readouts})


def data_with(world: StressWorld, plans: Sequence[Experiment]) -> Panel:
    """The world's data with those of the experiments that are `in_data`: spend and outcome of their units in them."""
    data = world.panel.dataset.copy(deep=True)
    size = data.sizes["week"]
    for plan in (plan for plan in plans if plan.in_data):
        market, day = world.panel.markets.index(plan.market), _day(world, plan)
        channel = world.panel.channels.index(plan.channel)
        for group in plan.groups:
            money = np.subtract(*_spend(world, plan, group)[::-1]) * group.unit_share
            # People held out of a conversion lift are a sample of those who are not in it: the data are as they were.
            if family_of(plan.design) != "conversion_lift":
                data["spend"].values[:, market, channel] += _in_calendar_weeks(money, day)[:size]
                data["outcome"].values[:, market] += _in_calendar_weeks(_effect(world, plan, group), day)[:size]
    return Panel(data)


def _effect(world: StressWorld, plan: Experiment, group: ArmPlan) -> np.ndarray:
    """Outcome with the change less that without it, of the group's units, in the experiment's own weeks (week)."""
    spend = _own_weeks(world, _day(world, plan))
    market, channel = world.panel.markets.index(plan.market), world.panel.channels.index(plan.channel)
    answers = []
    for path in _spend(world, plan, group):
        whole = spend.copy()
        whole[:, market, channel] = path
        answers.append(world.media.respond(whole)[:, market].sum(axis=1))
    return group.unit_share * (answers[1] - answers[0])


def _spend(world: StressWorld, plan: Experiment, group: ArmPlan) -> np.ndarray:
    """Spend without and with the change, as if the whole market did as the group does: (2, own week)."""
    spend = _own_weeks(world, _day(world, plan))
    usual = spend[:, world.panel.markets.index(plan.market), world.panel.channels.index(plan.channel)].copy()
    changed, first = usual.copy(), _first_week(world, plan)
    window = np.arange(first, first + plan.weeks)
    match family_of(plan.design):
        case "conversion_lift":
            usual[window] = 0.0
        case "switchback":
            changed[window[(window - first) // plan.block % 2 == 1]] *= 1 + group.change
        case _:
            changed[window] *= 1 + group.change
    return np.stack([usual, changed])


def _own_weeks(world: StressWorld, day: int) -> np.ndarray:
    """Spend by weeks that start on that day of the calendar's week: (week, market, channel)."""
    spend = np.concatenate([part.dataset["spend"].values for part in (world.panel, world.ahead)])
    return spend if day == 0 else ((7 - day) * spend[:-1] + day * spend[1:]) / 7


def _in_calendar_weeks(values: np.ndarray, day: int) -> np.ndarray:
    """Totals of weeks that start on that day, even within them, by calendar weeks."""
    return (np.append(values, 0.0) * (7 - day) + np.append(0.0, values) * day) / 7


def _day(world: StressWorld, plan: Experiment) -> int:
    return (plan.start - world.panel.weeks[0].date()).days % 7


def _first_week(world: StressWorld, plan: Experiment) -> int:
    first, known = (plan.start - world.panel.weeks[0].date()).days // 7, len(world.panel.weeks)
    if first < 0 or first + plan.counted + (_day(world, plan) > 0) > known:
        raise ValueError(
            f"experiment {plan.test_id!r} starts {plan.start} and counts {plan.counted} weeks, which are not all among "
            f"the {known} weeks of data from {world.panel.weeks[0].date()}; move or shorten it"
        )
    return first


def _measured(lift: float, relative_error: float, noise: np.random.Generator) -> dict[str, float]:
    error = relative_error * abs(lift)
    return {"lift": lift + error * noise.normal(), "lift_se": error}


def _path(plan: Experiment, usual: np.ndarray, changed: np.ndarray) -> list[dict[str, object]]:
    """Each week of the window as a period of its own."""
    days = [plan.start + timedelta(weeks=week) for week in range(plan.weeks)]
    return [
        {"start_date": day, "end_date": day + timedelta(days=6), "baseline": one, "actual": other}
        for day, one, other in zip(days, usual, changed, strict=True)
    ]


def _readouts(plan: Experiment, lift: np.ndarray, noise: np.random.Generator) -> list[dict[str, object]]:
    """Of each group, by week or at once; their errors add up to the relative error of the group's lift."""
    step = 1 if plan.weekly else plan.counted
    rows = []
    for group, weeks in zip(plan.groups, lift, strict=True):
        error = plan.relative_error * abs(weeks.sum()) / np.sqrt(plan.counted / step)
        for week in range(0, plan.counted, step):
            first = plan.start + timedelta(weeks=week)
            value = weeks[week : week + step].sum() + error * noise.normal()
            last = first + timedelta(days=7 * step - 1)
            row = {"start_date": first, "end_date": last, "lift": value, "lift_se": error}
            rows.append({**row, "arm": group.name or None})
    return rows


def _arms(plan: Experiment, paths: list[np.ndarray]) -> list[dict[str, object]]:
    """The groups as a record names them; none where there is one."""
    rows = []
    for arm, (usual, changed) in zip(plan.arms, paths if plan.arms else [], strict=True):
        money = {"spend_baseline": usual.sum(), "spend_delta": (changed - usual).sum()}
        rows.append({"arm": arm.name, "unit_share": arm.unit_share, **money})
    return rows
