"""The solver of plans with groups, needs, lots, rests, returns and targets: mixed-integer programming."""

from dataclasses import dataclass, replace

import numpy as np

from mmm_models.planning.clash import clash_error
from mmm_models.planning.errors import PlanError
from mmm_models.planning.solvers.base import Problem, Solution
from mmm_models.planning.solvers.domain import Domain
from mmm_models.planning.solvers.nearby import Standing, best_nearby
from mmm_models.planning.solvers.pieces import outcome_size, pieces_of
from mmm_models.planning.solvers.polish import polish
from mmm_models.planning.solvers.programme import Answer, Programme

# Times that rows on outcome are tightened by what the found plan misses of them.
_TIGHTER = 3
# With many lines errors of single ones weigh less: so many times as large are allowed, where concave and where convex.
_MANY_LINES, _COARSER = 200, (2, 4)


@dataclass(frozen=True)
class MilpSolver:
    """HiGHS on the curves from above gives a bound and a plan; the plan then climbs on the curves themselves.

    `error`, `convex_error`: how far pieces lie above a line's curve, as shares of what a plan brings; `gap`: by line,
    the gap at which the search of the integers ends; `seconds`: or after which.
    """

    name: str = "milp"
    error: float = 3e-6
    convex_error: float = 1.5e-5
    gap: float = 1e-6
    seconds: float = 30.0

    def solve(self, problem: Problem) -> Solution:
        """See `Solver.solve`. Prices are those of the plan found: what stands at rest or comes in lots stays so.

        Raises:
            PlanError: no plan keeps all limits (it names those that clash), or the problem is one of risk.
        """
        if problem.utility is not None or problem.guards:
            raise PlanError("planning.solver 'milp' takes means; a measure of risk is no sum over lines. Use 'auto'.")
        domain = Domain.of(problem)
        if domain.is_empty:
            raise clash_error(problem)
        bound, tightened, plan, steps, whole = np.inf, problem, None, 0, False
        for _ in range(_TIGHTER):
            answer = self._search(tightened, domain)
            if answer is None:
                break
            # A tightened programme bounds fewer plans than were asked for.
            bound = answer.bound if tightened is problem else bound
            steps, whole = steps + answer.steps, whole or answer.whole
            plan, prices = best_nearby(problem, answer.levels)
            if not plan.missed:
                break
            tightened = _tighter(tightened, plan.missed)
        now = Standing.of(problem, problem.status_quo)
        if plan is None or now.is_better_than(plan):
            plan, prices = best_nearby(problem, now.levels)
        if plan.missed:
            raise clash_error(problem)
        levels = polish(problem, plan.levels)
        value = plan.value if levels is plan.levels else problem.value(levels)[0]
        kind = f"mixed-integer programme of {steps} nodes" if whole else f"linear programme of {steps} steps"
        known = max(bound, value) if np.isfinite(bound) else None
        return Solution(levels, value, known, f"{kind}, then climbed", steps, prices)

    def bound(self, problem: Problem) -> float:
        """No plan is worth more; infinite where the search ends without a bound."""
        answer = self._search(problem, Domain.of(problem))
        return np.inf if answer is None else answer.bound

    def _search(self, problem: Problem, domain: Domain) -> Answer | None:
        """The best plan over the curves from above; None where there is none."""
        size, coarser = outcome_size(problem), _COARSER if problem.lines > _MANY_LINES else (1, 1)
        pieces = pieces_of(problem, domain, coarser[0] * self.error * size, coarser[1] * self.convex_error * size)
        programme = Programme.of(problem, domain, pieces)
        if not programme.whole.any():
            return programme.relax()
        chosen = programme.choose(gap=self.gap * problem.lines, seconds=self.seconds)
        if chosen is None or chosen.levels is not None:
            return chosen
        # Out of time: the relaxation's plan is near enough to climb from.
        relaxed = programme.relax()
        return None if relaxed is None else replace(relaxed, bound=min(relaxed.bound, chosen.bound))


def _tighter(problem: Problem, missed: dict[str, float]) -> Problem:
    """The problem with rows on outcome harder by twice what a plan missed of them."""
    rows = []
    for row in problem.rows:
        by = 2 * missed.get(row.name, 0.0) * bool(row.outcome.any())
        rows.append(replace(row, low=row.low + by, high=row.high - by))
    return replace(problem, rows=tuple(rows))
