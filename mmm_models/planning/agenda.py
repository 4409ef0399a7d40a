"""What to test next: lines of the plan by what a test of them is worth to the plan, each with the test to run."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from mmm_models.evidence import LiftTest
from mmm_models.fit import Fit, StackedFit
from mmm_models.planning.drafts import draft_record
from mmm_models.planning.dual import lagrangian_bound
from mmm_models.planning.errors import PlanError
from mmm_models.planning.information import Information, InformationValue
from mmm_models.planning.noise import WeeklyNoise
from mmm_models.planning.objective import HorizonObjective
from mmm_models.planning.plan import bounds_and_budget
from mmm_models.planning.request import PlanRequest
from mmm_models.planning.tables import JointTable, joint_table
from mmm_models.planning.trials import Trial, TrialMenu, trials

# Steps of money; more where there are many lines, so that a typical one has some.
_STEPS, _STEPS_A_LINE = 120, 4
# Numbers of a joint table: 160 MB of float32. Long tables are made of fewer draws.
_TABLE = 40_000_000
_LEAST_DRAWS = 20
# The price of money is a mean over draws, and hardly moves with more of them.
_PRICE_DRAWS = 200
# A test that is worth this share of the best one on its line is as good, and the cheapest of these is proposed.
_NEARLY = 0.9
# One test in so many is kept to check models on.
_VALIDATE_EVERY = 5
# A test that no plan waits for should tell its effect from nothing in four cases of five, the custom of the field.
_POWER = 0.8
_GONE = ("revoked", "superseded")


@dataclass(frozen=True)
class AgendaItem:
    """A proposed test: `trial`, what it and what perfect knowledge of its line are worth, and what it costs.

    `evsi`, `evppi`: see `information`; `cost`: see `Trial.cost`; all in outcome units over one plan. `open_tests`: ids
    of tests of this line that are planned or running already. `draft`: the record to run it by.
    """

    rank: int
    trial: Trial
    evsi: InformationValue
    evppi: InformationValue
    cost: float
    open_tests: tuple[str, ...]
    draft: LiftTest

    @property
    def net_value(self) -> float:
        """What the test adds to one plan, less what it costs."""
        return self.evsi.value - self.cost


@dataclass(frozen=True)
class Agenda:
    """Proposed tests, the most valuable first; `evpi`: what knowing everything would add to a plan.

    `lines`: number of lines that a plan may move; those beyond the largest swings were not looked at.
    """

    model: str
    outcome: str
    currency: str
    horizon_weeks: int
    lines: int
    evpi: InformationValue
    items: tuple[AgendaItem, ...]


def make_agenda(
    fit: Fit | StackedFit,
    tests: Iterable[LiftTest] = (),
    menu: TrialMenu | None = None,
    *,
    most: int = 12,
    samples: int = 1000,
) -> Agenda:
    """Rank tests of the lines that the spec's `planning:` may move, by their value to a plan of its horizon.

    Args:
        fit: the posterior that plans are made with.
        tests: those known already; they count when roles are given out, and open ones are named.
        menu: designs, sizes and lengths to choose from.
        most: lines looked at: those whose outcome between their bounds is least certain.
        samples: draws used, half to choose and half to report; about 500 each tell values apart to a few per cent of
            the value of perfect information.

    Raises:
        PlanError: bounds and budget leave no plan, or the fit has too few draws.
    """
    menu, request = menu or TrialMenu(), PlanRequest.from_spec(fit.spec)
    bounds, budget = bounds_and_budget(fit)
    weekly = float(bounds.status_quo.sum()) if budget is None else budget / request.weeks
    lower, upper = bounds.box(weekly)
    free = int((upper > lower).sum())
    points = max(_STEPS, _STEPS_A_LINE * free)
    few = fit.thin(min(samples, fit.samples, max(_LEAST_DRAWS, _TABLE // (lower.size * points))))
    if few.samples < _LEAST_DRAWS:
        raise PlanError(f"The fit holds {few.samples} posterior samples; a test agenda needs {_LEAST_DRAWS} or more.")
    objective = HorizonObjective.from_fit(few, request.weeks, np.arange(few.samples))
    table = joint_table(objective, bounds, weekly, points)
    information = Information(table)
    mean_table = objective.thinned(_PRICE_DRAWS).table(lower, upper)
    price = float(lagrangian_bound(mean_table, weekly).price) / request.weeks
    noises = {market: WeeklyNoise.of(few, market) for market in fit.panel.markets}
    proposed = []
    for line in _least_certain(table, most):
        market, channel = table.lines[line]
        level = float(bounds.status_quo.sel(market=market, channel=channel))
        menu_of_line = list(trials(few, market, channel, level, noises[market], menu))
        if menu_of_line:
            trial, value = _choose(information, menu_of_line, price)
            proposed.append((trial, value, information.of_line(line), trial.cost(price)))
    proposed.sort(key=lambda found: -found[1].value)
    known = [test for test in tests if test.status not in _GONE and test.outcome == fit.spec.outcome]
    roles = assign_roles(len(proposed), len(known), sum(test.role == "validate" for test in known))
    items = []
    for (trial, evsi, evppi, cost), role in zip(proposed, roles, strict=True):
        draft = _draft(fit.spec.model, fit.spec.outcome, trial, role)
        items.append(AgendaItem(len(items) + 1, trial, evsi, evppi, cost, _open_tests(known, trial), draft))
    return Agenda(
        model=fit.spec.model,
        outcome=fit.spec.outcome,
        currency=fit.spec.currency,
        horizon_weeks=request.weeks,
        lines=free,
        evpi=information.of_everything(),
        items=tuple(items),
    )


def assign_roles(proposed: int, known: int, validating: int) -> list[str]:
    """The role of each proposed test, best first: of all tests, known ones included, one in five is to validate.

    Those are spread over the list, each the last of its stretch: the tests that a plan would gain most from calibrate.
    """
    needed = min(proposed, max(0, math.ceil((known + proposed) / _VALIDATE_EVERY) - validating))
    kept = {math.ceil(number * proposed / needed) for number in range(1, needed + 1)}
    return ["validate" if rank in kept else "calibrate" for rank in range(1, proposed + 1)]


def _least_certain(table: JointTable, most: int) -> list[int]:
    """Lines whose outcome between their bounds differs most between draws."""
    lines = np.arange(len(table.lines))
    swing = table.values[:, lines, table.grid.most] - table.values[:, :, 0]
    order = np.argsort(-swing.std(axis=0), kind="stable")
    return [int(line) for line in order[:most] if table.grid.most[line] > 0]


def _choose(information: Information, menu: list[Trial], price: float) -> tuple[Trial, InformationValue]:
    """The cheapest of the tests that are worth nearly as much as the best; of the powerful ones where none is."""
    valued = []
    for _, group in groupby(menu, key=lambda trial: (trial.change, trial.weeks)):
        alike = list(group)
        # Tests that differ in their share only read the same figure, scaled, with other errors.
        errors = [trial.standard_error / trial.unit_share for trial in alike]
        whole = alike[0].lift / alike[0].unit_share
        valued += list(zip(alike, information.of_reading(whole, errors), strict=True))
    best = max((value for _, value in valued), key=lambda value: value.value)
    if best.is_positive:
        good = [found for found in valued if found[1].value >= _NEARLY * best.value]
    else:
        powerful = min(_POWER, max(trial.power for trial, _ in valued))
        good = [found for found in valued if found[0].power >= powerful]
    return min(good, key=lambda found: found[0].cost(price))


def _open_tests(known: list[LiftTest], trial: Trial) -> tuple[str, ...]:
    return tuple(
        test.test_id
        for test in known
        if not test.is_read_out and test.market == trial.market and trial.channel in test.channels
    )


def _draft(model: str, outcome: str, trial: Trial, role: str) -> LiftTest:
    """The record of a test that has not begun."""
    baseline = round(trial.spend_baseline, 2)
    delta = round(trial.change * baseline, 2)
    return draft_record(
        test_id=f"{model}-{trial.channel}-{trial.market}-{trial.start:%Y%m%d}".lower(),
        channel=trial.channel,
        market=trial.market,
        design=trial.design,
        unit_share=trial.unit_share,
        start_date=trial.start.date(),
        end_date=trial.end.date(),
        followup_end=trial.followup_end.date(),
        outcome=outcome,
        spend_baseline=baseline,
        spend_delta=delta,
        power=trial.power,
        role=role,
    )
