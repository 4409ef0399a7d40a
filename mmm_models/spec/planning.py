"""What a budget plan is asked for: goal and risk, money and time, limits, laydown, and what-ifs beside it."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from mmm_models.spec.limits import BoundsSpec, CommitmentSpec, GroupSpec, NeedSpec, PriceSpec, RatioSpec

Goal = Literal["outcome", "profit", "marginal_return", "target"]
RiskName = Literal["mean", "cvar", "mean_variance", "entropic", "prob_gain"]
# How a line's money lies over the weeks: evenly, in pulses, whichever is worth more, or in the shares given.
Laydown = Literal["continuous", "pulsed", "auto"] | list[float]
# Scenarios that stand beside every plan.
_OWN_SCENARIOS = ("status_quo", "plan", "same_split")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ObjectiveSpec(_Part):
    """What the plan is to reach, and what it may risk.

    Outcome is what paid spend of the horizon causes, carryover after it included. Gains are against the status quo.
    """

    goal: Goal = Field(
        "outcome",
        description="'outcome': most outcome; 'profit': margin x outcome - spend; 'marginal_return': the largest "
        "budget whose last money still returns `target`; 'target': the smallest budget that causes `target`.",
    )
    target: float | None = Field(None, gt=0, description="Of goal marginal_return or target.")
    margin: float = Field(1.0, gt=0, description="What a unit of outcome is worth in money: the gross margin.")
    margin_sd: float = Field(0.0, ge=0, description="Standard deviation of the margin; 0: known.")
    risk: RiskName = Field("mean", description="What of the gain's distribution is made large.")
    risk_level: float = Field(0.9, gt=0, lt=1, description="Of cvar: the mean of the worst (1 - level) of the gains.")
    risk_aversion: float = Field(
        10.0, gt=0, description="Of mean_variance and entropic, on gains as a share of the status quo's value."
    )
    cvar_min: float | None = Field(None, description="Least CVaR of the gain, at `risk_level`, whatever the risk is.")
    return_min: float | None = Field(None, ge=0, description="Least outcome for a unit of money, of the whole plan.")
    cost_max: float | None = Field(None, gt=0, description="Greatest money for a unit of outcome, of the whole plan.")

    @model_validator(mode="after")
    def _check_target(self) -> "ObjectiveSpec":
        needed = self.goal in ("marginal_return", "target")
        if needed and self.target is None:
            raise ValueError(f"goal {self.goal!r} needs a target")
        if not needed and self.target is not None:
            raise ValueError(f"goal {self.goal!r} has no target; leave it out")
        if needed and self.risk != "mean":
            raise ValueError(f"goal {self.goal!r} is about means; risk {self.risk!r} goes with 'outcome' or 'profit'")
        return self


class FlightingSpec(_Part):
    """How money lies over the weeks of the horizon."""

    default: Laydown = Field("auto", description="Of channels not named.")
    channels: dict[str, Laydown] = Field(
        default_factory=dict,
        description="By channel: 'continuous', 'pulsed', 'auto', or a list of weights, one a week.",
    )

    @field_validator("default", "channels")
    @classmethod
    def _check_weights(cls, given: Any) -> Any:
        for weights in given.values() if isinstance(given, dict) else [given]:
            if isinstance(weights, list) and (not weights or min(weights) < 0 or sum(weights) <= 0):
                raise ValueError("weights of a laydown are 0 or more, and one of them is above 0")
        return given


class ScenarioSpec(_Part):
    """A what-if beside the plan. Everything that is not said is as in the plan."""

    name: str = Field(pattern="^[a-z][a-z0-9_]*$", description="Name: small letters, digits, underscores.")
    budget_change: float | None = Field(None, gt=-1, description="0.2: a fifth more money than the plan.")
    dark: list[str] = Field(default_factory=list, description="Channels that spend nothing.")
    prices: dict[str, float] = Field(
        default_factory=dict, description="Channels whose media cost so many times as much: 1.1 is a rise of 10 %."
    )
    controls: dict[str, float] = Field(
        default_factory=dict, description="Controls held at a value over the horizon, such as promotion: 0."
    )
    replan: bool = Field(True, description="Is the money allocated anew? Otherwise it stays as in the plan.")

    @field_validator("name")
    @classmethod
    def _check_name(cls, given: str) -> str:
        if given in _OWN_SCENARIOS:
            raise ValueError(f"{given!r} stands beside every plan already; give the what-if another name")
        return given

    @field_validator("prices")
    @classmethod
    def _check_prices(cls, given: dict[str, float]) -> dict[str, float]:
        for channel, times in given.items():
            if times <= 0:
                raise ValueError(f"media of {channel} cost {times:g} times as much; give more than 0, such as 1.1")
        return given


def _usual_scenarios() -> list[ScenarioSpec]:
    return [
        ScenarioSpec(name="budget_minus_20", budget_change=-0.2),
        ScenarioSpec(name="budget_plus_20", budget_change=0.2),
    ]


class PlanningSpec(_Part):
    """What a budget plan is asked for. Money of bounds is a week's; money of budgets and groups the horizon's."""

    horizon_weeks: int = Field(13, ge=1, description="Length of the plan.")
    start: date | None = Field(None, description="Its first Monday; null: the week after the data.")
    budget: float | None = Field(
        None,
        gt=0,
        description="Money over the whole horizon; null: as the last weeks spent, or no limit where money may be left "
        "and the goal is another than outcome.",
    )
    unspent: bool | None = Field(
        None, description="May money be left? null: only where the goal is profit, marginal_return or target."
    )
    objective: ObjectiveSpec = Field(default_factory=ObjectiveSpec, description="What the plan is to reach.")
    bounds: BoundsSpec = Field(default_factory=BoundsSpec, description="How far spend may move.")
    groups: list[GroupSpec] = Field(default_factory=list, description="Limits of several channels or markets together.")
    market_budgets: dict[str, float] = Field(
        default_factory=dict, description="Money over the horizon by market; those not named share the rest."
    )
    ratios: list[RatioSpec] = Field(default_factory=list, description="Channels held against others.")
    needs: list[NeedSpec] = Field(default_factory=list, description="Channels that run only where others do.")
    week_max: float | None = Field(None, gt=0, description="Greatest money in any single week, of all lines together.")
    commitments: list[CommitmentSpec] = Field(default_factory=list, description="Media bought already.")
    prices: dict[str, PriceSpec] = Field(default_factory=dict, description="Channels whose price rises with spend.")
    flighting: FlightingSpec = Field(default_factory=FlightingSpec, description="How money lies over the weeks.")
    scenarios: list[ScenarioSpec] = Field(default_factory=_usual_scenarios, description="What-ifs beside the plan.")
    solver: str = Field("auto", pattern="^[a-z][a-z0-9_]*$", description="Name of the solver.")

    @field_validator("market_budgets")
    @classmethod
    def _check_money(cls, given: dict[str, float]) -> dict[str, float]:
        for market, money in given.items():
            if money < 0:
                raise ValueError(f"{market} has {money:g}; money is 0 or more")
        return given

    @model_validator(mode="after")
    def _check_unique(self) -> "PlanningSpec":
        for key in ("groups", "scenarios"):
            names = [part.name for part in getattr(self, key)]
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{key} names {twice[0]!r} more than once")
        if self.start is not None and self.start.weekday() != 0:
            raise ValueError(f"start {self.start} is no Monday")
        return self

    @property
    def spends_as_now(self) -> bool:
        """Without any budget, is it what the last weeks spent? Goals that say how much to spend need none."""
        return self.objective.goal == "outcome" or not self.may_keep_money

    @property
    def may_keep_money(self) -> bool:
        """May a plan spend less than its budget?"""
        return self.objective.goal != "outcome" if self.unspent is None else self.unspent


def planned_names(
    planning: PlanningSpec, channels: list[str], markets: list[str], controls: list[str]
) -> list[tuple[str, str, list[str]]]:
    """Every channel, market and control that `planning:` names: the key where it stands, the name, and those known."""
    lines = [*channels, *(f"{market}/{channel}" for market in markets for channel in channels)]
    found = [("bounds.channels", name, lines) for name in planning.bounds.channels]
    found += [("market_budgets", name, markets) for name in planning.market_budgets]
    found += [("prices", name, channels) for name in planning.prices]
    found += [("flighting.channels", name, channels) for name in planning.flighting.channels]
    for group in planning.groups:
        found += [(f"groups ({group.name})", name, channels) for name in group.channels]
        found += [(f"groups ({group.name})", name, markets) for name in group.markets]
    for ratio in planning.ratios:
        found += [("ratios", name, channels) for name in (ratio.channel, ratio.of)]
    for need in planning.needs:
        found += [("needs", name, channels) for name in (need.channel, need.needs)]
    for bought in planning.commitments:
        found += [("commitments", bought.channel, channels), ("commitments", bought.market, markets)]
    for scenario in planning.scenarios:
        where = f"scenarios ({scenario.name})"
        found += [(where, name, channels) for name in (*scenario.dark, *scenario.prices)]
        found += [(where, name, controls) for name in scenario.controls]
    return found
