"""A problem as a linear programme over points of its curves: for questions that ask more than which plan is best.

A line's curve is joined by straight lines between points of an even mesh. Where it is concave, any mixture of points
lies below it, so that a linear programme which asks for value needs no binaries. A curve that is not concave is cut
into regions that are, within a small error, and the line lies in one of them (the disaggregated convex combination:
J. P. Vielma, S. Ahmed & G. Nemhauser, Operations Research 58, 2010, 303-315).
"""

from dataclasses import dataclass

import numpy as np

from mmm_models.planning.dual import ValueTable, envelope
from mmm_models.planning.solvers import Problem
from mmm_models.planning.solvers.base import ROUNDING, interpolate

# Points of all lines together, and of one line: on its curve, and from above.
_POINTS = 12_000
_LINE_POINTS = (11, 25)
_ABOVE_POINTS = (11, 41)
# With more lines than these all regions of a line are one: hulls of so many curves hardly differ from the curves, taken
# together (J.-P. Aubin & I. Ekeland, Mathematics of Operations Research 1, 1976, 225-245).
_REGION_LINES = 150
# A branch and bound of a helper's question ends here; seconds, and gap as a share.
_SECONDS = 3.0
_GAP = 1e-3


@dataclass(frozen=True)
class JoinedCurves:
    """Points of all lines, one after the other: `line`, `region`, `level` (money a week), `outcome`, each (point).

    Regions count on over lines; `problem` is what they were made of.
    """

    problem: Problem
    line: np.ndarray
    region: np.ndarray
    level: np.ndarray
    outcome: np.ndarray

    @classmethod
    def of(cls, problem: Problem, error: float, *, lowest: np.ndarray, highest: np.ndarray) -> "JoinedCurves":
        """Join the curves of `problem` between the levels `lowest` and `highest` (line), within its bounds.

        Args:
            problem: utilities are not seen.
            error: objective by which a mixture of a region's points may lie above the curve, all lines together.
            lowest: levels below need not be represented; a line whose lowest is below its least spend may rest.
            highest: nor levels above.
        """
        count = mesh_points(problem.lines)
        least = np.clip(lowest, problem.lower, problem.upper)
        most = np.clip(highest, least, problem.upper)
        mesh = least[:, None] + (most - least)[:, None] * np.linspace(0.0, 1.0, count)
        outcomes = np.stack([interpolate(problem.table, levels) for levels in mesh.T], axis=1)
        allowed = error / problem.lines if problem.lines <= _REGION_LINES else np.inf
        parts, regions, narrow = [], 0, 1e-9 * float(problem.upper.max())
        for line in range(problem.lines):
            levels, values = mesh[line], outcomes[line]
            if levels[-1] - levels[0] <= narrow:
                levels, values = levels[:1], values[:1]
            if problem.may_rest[line] and problem.lower[line] > 0 and lowest[line] < problem.lower[line]:
                parts.append((line, regions, 0.0, problem.table.values[line, 0]))
                regions += int(np.isfinite(allowed))
            objective = problem.worth * values - problem.cost * levels
            for start, end in _concave_runs(levels, objective if problem.worth else values, allowed):
                parts += [(line, regions, levels[k], values[k]) for k in range(start, end + 1)]
                regions += 1
        lines, region, level, outcome = (np.array(each) for each in zip(*parts, strict=True))
        return cls(problem, lines, region, level, outcome)

    @classmethod
    def from_above(cls, problem: Problem) -> "JoinedCurves":
        """One region a line whose mixtures reach up to the curve's concave hull and beyond: for bounds on all plans.

        What lies between rest and the least spend of a line is in it, too.
        """
        table = problem.table
        count = min(int(np.clip(_POINTS // (2 * problem.lines), *_ABOVE_POINTS)), table.levels.shape[1])
        kept = np.unique(np.linspace(0, table.levels.shape[1] - 1, count).round().astype(int))
        level, outcome = envelope(ValueTable(*(part[:, kept] for part in (table.levels, table.values, table.slopes))))
        line = np.repeat(np.arange(problem.lines), level.shape[1])
        return cls(problem, line, line, level.ravel(), outcome.ravel())

    @property
    def objective(self) -> np.ndarray:
        """The problem's objective at each point (point)."""
        return self.problem.worth * self.outcome - self.problem.cost * self.level

    def extreme(self, direction: np.ndarray, least_value: float, *, relaxed: bool = False) -> np.ndarray | None:
        """Levels (line) of the plan with the smallest Σ direction · level that is worth `least_value` or more.

        `relaxed` leaves binaries out: what it finds bounds all plans, and need not be one. None without a plan.
        """
        cost = direction[self.line] * self.level
        return self._solve(cost, least_value, None, relaxed)

    def best(self, money: float | None = None) -> np.ndarray | None:
        """Levels (line) of the plan with the greatest objective, of those that spend `money` a week if it is given.

        None without a plan.
        """
        return self._solve(-self.objective, -np.inf, None, False, money)

    def nearest(self, anchor: np.ndarray, least_value: float) -> np.ndarray | None:
        """Levels (line) with the smallest Σ |level − anchor| among plans worth `least_value` or more."""
        return self._solve(np.zeros(self.line.size), least_value, anchor, False)

    def _solve(
        self,
        cost: np.ndarray,
        least_value: float,
        anchor: np.ndarray | None,
        relaxed: bool,
        money: float | None = None,
    ) -> np.ndarray | None:
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        built = _Programme(self)
        built.add(self.objective, low=least_value)
        for row in self.problem.rows:
            built.add(row.spend[self.line] * self.level + row.outcome[self.line] * self.outcome, row.low, row.high)
        if money is not None:
            built.add(self.level, money, money)
        if anchor is not None:
            built.add_distance(anchor)
        data, rows, columns = (np.concatenate(each) for each in (built.data, built.rows, built.columns))
        matrix = csr_array((data, (rows, columns)), shape=(len(built.low), built.width))
        objective = np.concatenate([cost, np.array(built.extra_cost, dtype=float)])
        # The solver's tolerances are absolute.
        size = max(float(np.abs(objective).max()), float(np.finfo(float).tiny))
        found = milp(
            objective / size,
            constraints=LinearConstraint(matrix, np.array(built.low), np.array(built.high)),
            bounds=Bounds(0.0, np.concatenate([np.ones(self.line.size), np.array(built.extra_most, dtype=float)])),
            integrality=None if relaxed else np.array([0] * self.line.size + built.extra_whole),
            options={"time_limit": _SECONDS, "mip_rel_gap": _GAP},
        )
        if found.x is None:
            return None
        weights = found.x[: self.line.size]
        return np.bincount(self.line, weights * self.level, self.problem.lines)


class _Programme:
    """Rows of the linear programme as they are added, each in the size of its own terms."""

    def __init__(self, curves: JoinedCurves) -> None:
        self.curves = curves
        self.low: list[float] = []
        self.high: list[float] = []
        self.data: list[np.ndarray] = []
        self.rows: list[np.ndarray] = []
        self.columns: list[np.ndarray] = []
        self.extra_cost: list[float] = []
        self.extra_most: list[float] = []
        self.extra_whole: list[int] = []
        self._add_regions()
        self._add_lots_and_needs()

    @property
    def width(self) -> int:
        return self.curves.line.size + len(self.extra_cost)

    def new(self, *, cost: float = 0.0, most: float = np.inf, whole: bool = False) -> int:
        """A further column, from 0 to `most`; returns its place."""
        self.extra_cost.append(cost)
        self.extra_most.append(most)
        self.extra_whole.append(int(whole))
        return self.width - 1

    def add(
        self,
        weights: np.ndarray,
        low: float = -np.inf,
        high: float = np.inf,
        *,
        at: np.ndarray | None = None,
        extra: dict[int, float] | None = None,
    ) -> None:
        """low ≤ Σ weights · points (those `at`, or all) + Σ extra ≤ high."""
        places = np.arange(self.curves.line.size) if at is None else at
        more = extra or {}
        data = np.concatenate([weights, np.array(list(more.values()), dtype=float)])
        columns = np.concatenate([places, np.array(list(more), dtype=int)])
        size = max(float(np.abs(data).max(initial=0.0)), float(np.finfo(float).tiny))
        self.data.append(data / size)
        self.columns.append(columns)
        self.rows.append(np.full(data.size, len(self.low)))
        self.low.append(low / size)
        self.high.append(high / size)

    def _add_regions(self) -> None:
        line, region = self.curves.line, self.curves.region
        for own in range(self.curves.problem.lines):
            places = np.flatnonzero(line == own)
            regions = np.unique(region[places])
            if regions.size == 1:
                self.add(np.ones(places.size), 1.0, 1.0, at=places)
                continue
            chosen = [self.new(most=1.0, whole=True) for _ in regions]
            for one, column in zip(regions, chosen, strict=True):
                inside = places[region[places] == one]
                self.add(np.ones(inside.size), 0.0, 0.0, at=inside, extra={column: -1.0})
            self.add(np.zeros(0), 1.0, 1.0, at=np.zeros(0, dtype=int), extra=dict.fromkeys(chosen, 1.0))

    def _add_lots_and_needs(self) -> None:
        problem = self.curves.problem
        for own in np.flatnonzero(problem.lot > 0):
            lots = self.new(most=np.ceil(problem.upper[own] / problem.lot[own]), whole=True)
            self._add_level(own, 0.0, 0.0, {lots: -problem.lot[own]})
        # Money that tells spending from resting, as in `Problem.violation`.
        token = 2 * ROUNDING * float(np.abs(problem.upper).sum())
        for own, needed in problem.needs:
            runs = self.new(most=1.0, whole=True)
            self._add_level(own, -np.inf, 0.0, {runs: -problem.upper[own]})
            self._add_level(needed, 0.0, np.inf, {runs: -token})

    def add_distance(self, anchor: np.ndarray) -> None:
        """Two columns a line, at a cost of 1: how far it lies above and below `anchor` (line)."""
        for own, where in enumerate(anchor):
            above, below = self.new(cost=1.0), self.new(cost=1.0)
            self._add_level(own, where, where, {above: -1.0, below: 1.0})

    def _add_level(self, own: int, low: float, high: float, extra: dict[int, float]) -> None:
        places = np.flatnonzero(self.curves.line == own)
        self.add(self.curves.level[places], low, high, at=places, extra=extra)


def mesh_points(lines: int) -> int:
    """Points of each line's mesh."""
    return int(np.clip(_POINTS // lines, *_LINE_POINTS))


def _concave_runs(levels: np.ndarray, values: np.ndarray, error: float) -> list[tuple[int, int]]:
    """First and last point of each stretch whose concave hull lies within `error` above its points."""
    runs, start = [], 0
    hull = [0]
    for new in range(1, levels.size):
        kept = list(hull)
        while len(kept) > 1 and _slope(levels, values, kept[-2], kept[-1]) <= _slope(levels, values, kept[-1], new):
            kept.pop()
        between = np.arange(kept[-1] + 1, new)
        chord = values[kept[-1]] + _slope(levels, values, kept[-1], new) * (levels[between] - levels[kept[-1]])
        if between.size and (chord - values[between]).max() > error:
            runs.append((start, new - 1))
            start, hull = new - 1, [new - 1, new]
        else:
            hull = [*kept, new]
    return [*runs, (start, levels.size - 1)]


def _slope(levels: np.ndarray, values: np.ndarray, a: int, b: int) -> float:
    return float((values[b] - values[a]) / (levels[b] - levels[a]))
