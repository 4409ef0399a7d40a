"""A plan as a (mixed-integer) linear programme over the vertices of its curves, solved by HiGHS.

With weights λ ≥ 0 on the vertices (s_v, u_v) of each line, Σ λ = 1, its level is b = Σ λ_v s_v and its outcome
Σ λ_v u_v. Rows of the problem, returns and targets among them, are linear in λ. Each region r of a line with several
has a binary z_r = Σ_{v in r} λ_v. `first needs second`: the weight that the first has above 0 is at most what the
second has away from rest. Whole lots: b = lot · n with n integer.

Why its optimum is an upper bound: a feasible plan b lies, line by line, in some region, between two of its vertices;
their straight join is on or above the curve, so that Σ λ u ≥ R_l(b_l). The programme takes only rows and objectives
that a larger outcome helps: so these weights keep all rows and are worth at least as much as the plan. HiGHS's dual
bound holds for the programme's optimum and so for every plan. Without the integers it is the Lagrangian bound with all
rows dualised: each line's curve is replaced by its concave hull (A. Geoffrion, "Lagrangean relaxation for integer
programming", Mathematical Programming Study 2, 1974, 82-114), and the duals are the rows' prices.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mmm_models.planning.constraints import Row
from mmm_models.planning.errors import PlanError
from mmm_models.planning.solvers.base import Problem
from mmm_models.planning.solvers.domain import Domain
from mmm_models.planning.solvers.pieces import Pieces, outcome_size

# A row is divided by its limit, or by this share of its largest term where that is more: HiGHS likes no wide ranges.
_SMALLEST_LIMIT = 1e-4


@dataclass(frozen=True)
class Answer:
    """`levels`, `outcomes` (line), None where none were found; `bound`: no plan is worth more; `prices` by row name.

    `steps`: of the simplex method, or nodes of the tree where the answer is `whole`.
    """

    levels: np.ndarray | None
    outcomes: np.ndarray | None
    bound: float
    prices: dict[str, float] = field(default_factory=dict)
    steps: int = 0
    whole: bool = False


@dataclass(frozen=True)
class Programme:
    """max gain · x with low ≤ matrix · x ≤ high, 0 ≤ x ≤ most, those of `whole` integer.

    Columns: weights of vertices, binaries of regions, numbers of lots. The last rows of the matrix are the problem's
    own, each divided by its `row_sizes`; `gain` is in units of `worth`.
    """

    rows: tuple[Row, ...]
    pieces: Pieces
    lines: int
    gain: np.ndarray
    matrix: Any
    low: np.ndarray
    high: np.ndarray
    most: np.ndarray
    whole: np.ndarray
    row_sizes: np.ndarray
    worth: float

    @classmethod
    def of(cls, problem: Problem, domain: Domain, pieces: Pieces) -> "Programme":
        """The programme of a problem over these vertices."""
        refuse_what_outcome_hurts(problem)
        build = _Builder(pieces.line.size)
        everything = np.arange(pieces.line.size)
        build.rows(pieces.line, everything, np.ones(pieces.line.size), 1.0, 1.0)
        alone = _add_regions(build, pieces)
        _add_lots(build, problem, domain, pieces)
        _add_needs(build, problem, domain, pieces)
        sizes = _add_own(build, problem, pieces)
        whole = np.ones(build.columns)
        whole[: pieces.line.size] = alone
        worth = problem.worth * outcome_size(problem) + problem.cost * max(float(problem.upper.sum()), 1e-300)
        gain = np.zeros(build.columns)
        gain[: pieces.line.size] = (problem.worth * pieces.value - problem.cost * pieces.level) / worth
        return cls(
            rows=problem.rows,
            pieces=pieces,
            lines=problem.lines,
            gain=gain,
            matrix=build.matrix(),
            low=np.concatenate(build.low),
            high=np.concatenate(build.high),
            most=np.concatenate(build.most),
            whole=whole,
            row_sizes=sizes,
            worth=worth,
        )

    def _plan(self, x: np.ndarray | None) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Levels and outcomes (line) of a point (column)."""
        if x is None:
            return None, None
        pieces = self.pieces
        return tuple(
            np.bincount(pieces.line, x[: pieces.line.size] * part, minlength=self.lines)
            for part in (pieces.level, pieces.value)
        )

    def relax(self) -> Answer | None:
        """The linear relaxation, with prices; None where even that has no plan."""
        from scipy import sparse
        from scipy.optimize import linprog

        even = self.low == self.high
        above, below = ~even & np.isfinite(self.high), ~even & np.isfinite(self.low)
        found = linprog(
            -self.gain,
            A_ub=sparse.vstack([self.matrix[above], -self.matrix[below]]),
            b_ub=np.concatenate([self.high[above], -self.low[below]]),
            A_eq=self.matrix[even],
            b_eq=self.low[even],
            bounds=np.stack([np.zeros(self.most.size), self.most], axis=1),
            method="highs",
        )
        if found.status == 2:
            return None
        _check(found)
        price = np.zeros(self.low.size)
        price[even] = -found.eqlin.marginals
        price[above] -= found.ineqlin.marginals[: above.sum()]
        price[below] -= found.ineqlin.marginals[above.sum() :]
        own = price[price.size - len(self.rows) :] * self.worth / self.row_sizes
        prices = {row.name: float(each) for row, each in zip(self.rows, own, strict=True)}
        return Answer(*self._plan(found.x), -found.fun * self.worth, prices, int(found.nit))

    def choose(self, *, gap: float, seconds: float) -> Answer | None:
        """The whole programme to within `gap`, a share of its value, or for `seconds`; None where it has no plan."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        found = milp(
            -self.gain,
            integrality=self.whole,
            bounds=Bounds(np.zeros(self.most.size), self.most),
            constraints=LinearConstraint(self.matrix, self.low, self.high),
            options={"mip_rel_gap": gap, "time_limit": seconds},
        )
        if found.status == 2:
            return None
        if found.status != 1:
            _check(found)
        bound = np.inf if found.mip_dual_bound is None else -found.mip_dual_bound * self.worth
        return Answer(*self._plan(found.x), bound, {}, int(found.mip_node_count or 0), whole=True)


def refuse_what_outcome_hurts(problem: Problem) -> None:
    """Raise `PlanError` for a row that more outcome can break: above the curve is no relaxation of it."""
    for row in problem.rows:
        if (np.isfinite(row.high) and (row.outcome > 0).any()) or (np.isfinite(row.low) and (row.outcome < 0).any()):
            raise PlanError(
                f"'{row.name}' ({row.key}) limits outcome from above. A plan is held to least outcomes, least returns "
                "and greatest costs of an outcome only; state it as one of these."
            )


class _Builder:
    """Rows and columns as they come."""

    def __init__(self, weights: int) -> None:
        self.columns, self.count = weights, 0
        self.most: list[np.ndarray] = [np.ones(weights)]
        self.low: list[np.ndarray] = []
        self.high: list[np.ndarray] = []
        self._entries: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def add_columns(self, most: np.ndarray) -> np.ndarray:
        """New columns from 0 to `most` (column); returns their places."""
        places = self.columns + np.arange(most.size)
        self.columns += most.size
        self.most.append(most)
        return places

    def rows(self, row: np.ndarray, column: np.ndarray, value: np.ndarray, low: Any, high: Any) -> None:
        """New rows: entries under any row labels; limits by row, in the order of labels."""
        labels, place = np.unique(row, return_inverse=True)
        self._entries.append((self.count + place, column, value))
        self.low.append(np.broadcast_to(np.asarray(low, float), labels.shape))
        self.high.append(np.broadcast_to(np.asarray(high, float), labels.shape))
        self.count += labels.size

    def matrix(self) -> Any:
        """All rows (row, column), sparse."""
        from scipy import sparse

        row, column, value = (np.concatenate(each) for each in zip(*self._entries, strict=True))
        return sparse.csr_array((value, (row, column)), shape=(self.count, self.columns))


def _add_regions(build: _Builder, pieces: Pieces) -> np.ndarray:
    """Binaries of regions; which weights (vertex) are their region's only one, and so its binary."""
    regions = np.bincount(pieces.region)
    line_of_region = pieces.line[np.searchsorted(pieces.region, np.arange(regions.size))]
    several = np.bincount(line_of_region)[line_of_region] > 1
    joined = several & (regions > 1)
    places = np.full(regions.size, -1)
    places[joined] = build.add_columns(np.ones(int(joined.sum())))
    inside = np.flatnonzero(joined[pieces.region])
    own = np.flatnonzero(joined)
    build.rows(
        np.concatenate([pieces.region[inside], own]),
        np.concatenate([inside, places[own]]),
        np.concatenate([np.ones(inside.size), -np.ones(own.size)]),
        0.0,
        0.0,
    )
    return (several & (regions == 1))[pieces.region]


def _add_lots(build: _Builder, problem: Problem, domain: Domain, pieces: Pieces) -> None:
    held = np.flatnonzero(problem.lot > 0)
    places = np.full(problem.lines, -1)
    places[held] = build.add_columns(np.rint(domain.most[held] / problem.lot[held]))
    inside = np.flatnonzero(places[pieces.line] >= 0)
    build.rows(
        np.concatenate([pieces.line[inside], held]),
        np.concatenate([inside, places[held]]),
        np.concatenate([pieces.level[inside] / problem.lot[pieces.line[inside]], -np.ones(held.size)]),
        0.0,
        0.0,
    )


def _add_needs(build: _Builder, problem: Problem, domain: Domain, pieces: Pieces) -> None:
    for first, second in problem.needs:
        # Lines that never rest are always there for those that need them.
        if not domain.rests[second]:
            continue
        spends = np.flatnonzero((pieces.line == first) & (pieces.level > 0))
        away = np.flatnonzero((pieces.line == second) & (pieces.level > 0))
        column = np.concatenate([spends, away])
        build.rows(
            np.zeros(column.size), column, np.concatenate([np.ones(spends.size), -np.ones(away.size)]), -np.inf, 0.0
        )


def _add_own(build: _Builder, problem: Problem, pieces: Pieces) -> np.ndarray:
    """The problem's rows, each divided by its size, which is returned (row)."""
    sizes = []
    for row in problem.rows:
        terms = row.spend[pieces.line] * pieces.level + row.outcome[pieces.line] * pieces.value
        limits = [abs(limit) for limit in (row.low, row.high) if np.isfinite(limit)]
        largest = float(np.abs(terms).max(initial=0.0))
        size = max(max(limits, default=0.0), _SMALLEST_LIMIT * largest) if any(limits) else largest or 1.0
        # A row that touches no line still holds: 0 between its limits.
        column = np.flatnonzero(terms) if terms.any() else np.arange(1)
        build.rows(np.zeros(column.size), column, terms[column] / size, row.low / size, row.high / size)
        sizes.append(size)
    return np.array(sizes)


def _check(found: Any) -> None:
    if not found.success:
        raise PlanError(
            f"HiGHS found no answer (status {found.status}): {found.message} Limit lines from above under "
            "planning.bounds, or use another planning.solver."
        )
