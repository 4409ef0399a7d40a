"""When no plan keeps all limits: which of them clash, and the figure that each would have to have.

The clash is irreducible: without any one of its limits there is a plan that keeps the others. It is found by halving
(U. Junker, "QuickXplain: preferred explanations and relaxations for over-constrained problems", AAAI 2004, 167-172) on
the programme over the curves from above, whose lack of a plan proves that there is none; integers are asked only where
the linear relaxation has a plan. A limit is given the figure that the best plan for it reaches when all others are
kept: for shares and returns, which are ratios, by Dinkelbach's method (Management Science 13, 1967, 492-498).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mmm_models.planning.constraints import Row
from mmm_models.planning.dual import ValueTable
from mmm_models.planning.errors import PlanError
from mmm_models.planning.solvers.base import Problem
from mmm_models.planning.variants import Limit, limits_of, programme_of, widened, without_needless_curves

_SECONDS, _GAP = 10.0, 1e-6
_RATIO_STEPS = 8
_SHOWN = 5
# Money below the first is shown with its decimals, below the second as a token.
_SMALL, _LITTLE = 1000, 0.01


def clash_error(problem: Problem) -> PlanError:
    """What to tell who asked for a plan that does not exist."""
    question = _Question.of(problem)
    clash = question.clash()
    if not clash:
        return PlanError(
            "No plan was found that keeps all limits, though they leave one by a hair's breadth. Ease one of them a "
            f"little: {'; '.join(row.name for row in problem.rows[:_SHOWN])}."
        )
    bounds = [limit for limit in clash if limit.kind in ("least", "most")]
    shown = [limit for limit in clash if limit not in bounds[_SHOWN:]]
    told = [question.told(limit, clash) for limit in shown]
    more = len(bounds) - _SHOWN
    told += [f"{more} more bounds"] if more > 0 else []
    if len(told) == 1:
        return PlanError(f"No plan keeps {told[0]}. Change it.")
    return PlanError(f"No plan keeps all limits. These clash: {'; '.join(told)}. Change one of them.")


def find_clash(problem: Problem) -> tuple[Limit, ...]:
    """An irreducible set of limits that no plan keeps; empty where there is a plan."""
    return _Question.of(problem).clash()


@dataclass(frozen=True)
class _Question:
    """Whether some of a problem's limits leave a plan. `whole`: lots, rests and needs are taken as they are."""

    problem: Problem
    wide: ValueTable
    limits: tuple[Limit, ...]
    whole: bool

    @classmethod
    def of(cls, problem: Problem) -> "_Question":
        problem = without_needless_curves(problem)
        question = cls(problem, widened(problem), limits_of(problem), whole=False)
        return replace(question, whole=question.has_plan(question.limits))

    def clash(self) -> tuple[Limit, ...]:
        """See `find_clash`."""
        if self.whole and self.has_plan(self.limits):
            return ()
        return tuple(_smallest(self, [], [], list(self.limits)))

    def has_plan(self, kept: Sequence[Limit]) -> bool:
        return self._best(kept) is not None

    def told(self, limit: Limit, clash: Sequence[Limit]) -> str:
        """A limit in words, and the figure that would do."""
        figure = self._figure(limit, [other for other in self.limits if other != limit])
        alone = figure is not None
        if not alone:
            figure = self._figure(limit, [other for other in clash if other != limit])
        does = "" if figure is None else f"; {figure} would do" if alone else f"; {figure} would end this clash"
        return f"{limit.words(self.problem)} ({limit.key(self.problem)}{does})"

    def _figure(self, limit: Limit, others: list[Limit]) -> str | None:
        if limit.kind in ("low", "high"):
            row = self.problem.rows[limit.at[0]]
            sign = 1.0 if limit.kind == "low" else -1.0
            if not np.isfinite(row.stated):
                return None
            for _ in range(_RATIO_STEPS):
                weights = self._best(others, spend=sign * row.spend, outcome=sign * row.outcome)
                if weights is None:
                    return None
                reached = row.restated(_root(row, *weights, limit.kind))
                if abs(reached.stated - row.stated) <= 1e-7 * abs(reached.stated):
                    break
                row = reached
            if row.is_budget and reached.stated < _LITTLE:
                return None
            return _rounded(reached.stated, row.form, down=limit.kind == "low")
        if limit.kind in ("least", "most") and len(limit.at) == 1:
            towards = np.zeros(self.problem.lines)
            towards[limit.at[0]] = 1.0 if limit.kind == "least" else -1.0
            weights = self._best(others, spend=towards)
            return None if weights is None else _rounded(weights[0][limit.at[0]], ",.0f", down=limit.kind == "least")
        return None

    def _best(
        self, kept: Sequence[Limit], spend: np.ndarray | None = None, outcome: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Levels and outcomes (line) that make spend · b + outcome · R largest within the limits; None: no plan."""
        programme = programme_of(self.problem, self.wide, frozenset(kept), whole=self.whole)
        if programme is None:
            return None
        pieces = programme.pieces
        gain = np.zeros_like(programme.gain)
        if spend is not None:
            terms = spend[pieces.line] * pieces.level
            terms += 0.0 if outcome is None else outcome[pieces.line] * pieces.value
            gain[: terms.size] = terms / max(float(np.abs(terms).max(initial=0.0)), float(np.finfo(float).tiny))
        aimed = replace(programme, gain=gain)
        asked = self.whole and programme.whole.any()
        answer = aimed.choose(gap=_GAP, seconds=_SECONDS) if asked else aimed.relax()
        return None if answer is None else (answer.levels, answer.outcomes)


def _smallest(question: _Question, kept: list[Limit], added: list[Limit], limits: list[Limit]) -> list[Limit]:
    """The smallest part of `limits` that clashes with those `kept`, of which the last `added` are new."""
    if added and not question.has_plan(kept):
        return []
    if len(limits) == 1:
        return limits
    half = len(limits) // 2
    second = _smallest(question, kept + limits[:half], limits[:half], limits[half:])
    first = _smallest(question, kept + second, second, limits[:half])
    return first + second


def _root(row: Row, levels: np.ndarray, outcomes: np.ndarray, kind: str) -> float:
    """The figure of a row at which this plan just keeps it: what it has left is linear in the figure."""

    def left(figure: float) -> float:
        there = row.restated(figure)
        limit = there.low if kind == "low" else there.high
        return float(there.value(levels, outcomes)) - limit

    here, step = left(row.stated), max(abs(row.stated), 1.0)
    slope = (left(row.stated + step) - here) / step
    return row.stated if slope == 0 else row.stated - here / slope


def _rounded(figure: float, form: str, *, down: bool) -> str:
    """A figure to four digits (a share to a tenth of a per cent), rounded to the side that is sure to do."""
    if form == ",.0f" and 0 < figure < _LITTLE and not down:
        return "any above 0"
    unit = 1e-3 if form.endswith("%") else 10.0 ** (np.floor(np.log10(max(abs(figure), 1e-12))) - 3)
    steps = figure / unit
    # A figure within rounding of a step is that step.
    whole = np.floor(steps + 1e-4) if down else np.ceil(steps - 1e-4)
    shown = float(whole * unit)
    return format(shown, ",.4g" if form == ",.0f" and abs(shown) < _SMALL else form)
