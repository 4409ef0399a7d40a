"""A problem with some of its limits left out: what finding a clash asks again and again."""

from dataclasses import dataclass, replace

import numpy as np

from mmm_models.planning.dual import ValueTable
from mmm_models.planning.solvers.base import Problem
from mmm_models.planning.solvers.domain import Domain
from mmm_models.planning.solvers.pieces import outcome_size, pieces_of
from mmm_models.planning.solvers.programme import Programme

# Bounds of more lines than this are taken channel by channel.
_SINGLE_LINES = 60
# How far pieces may lie above a curve, as shares of what a plan brings.
_ERRORS = (1e-5, 1e-4)
# Points beyond each end of a problem's own table.
_BELOW, _ABOVE = 4, 40
# How far that is, in all the money that limits leave: what is out of reach there is so for any plan.
_REACH = 100.0


@dataclass(frozen=True)
class Limit:
    """One limit as people state it. `kind`: low or high, of row `at`; least, most or lot, of lines `at`; need `at`."""

    kind: str
    at: tuple[int, ...]

    def words(self, problem: Problem) -> str:
        """The limit as a person would say it."""
        if self.kind in ("low", "high"):
            return f"'{problem.rows[self.at[0]].name}'"
        if self.kind == "need":
            first, second = (problem.names[line] for line in problem.needs[self.at[0]])
            return f"'{first} only where {second} spends'"
        lower, upper = stated(problem)
        if len(self.at) > 1:
            channel = problem.names[self.at[0]].split("/")[-1]
            return f"the {'lots' if self.kind == 'lot' else f'{self.kind} spend'} of {channel}, {len(self.at)} markets"
        line = self.at[0]
        name = f"bounds of {problem.names[line]}"
        if self.kind == "lot":
            return f"'{name}: whole lots of {problem.lot[line]:,.0f} a week'"
        if lower[line] == upper[line]:
            return f"'{name}: exactly {lower[line]:,.0f} a week'"
        if self.kind == "least":
            on = " where it runs" if problem.may_rest[line] else ""
            return f"'{name}: at least {lower[line]:,.0f} a week{on}'"
        return f"'{name}: at most {upper[line]:,.0f} a week'"

    def key(self, problem: Problem) -> str:
        """Where it stands in the spec."""
        if self.kind in ("low", "high"):
            return problem.rows[self.at[0]].key
        if self.kind == "need":
            return "planning.needs"
        keys = {problem.keys[line] for line in self.at} if problem.keys else set()
        return keys.pop() if len(keys) == 1 else "planning.bounds"


def stated(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Least and most (line) that are asked of each line, before rows narrowed them."""
    return (problem.lower, problem.upper) if problem.stated is None else problem.stated


def limits_of(problem: Problem) -> tuple[Limit, ...]:
    """All limits, those first that a clash is told in best: rows, needs, bounds, lots."""
    lower, upper = stated(problem)
    found = [
        Limit(side, (i,))
        for i, row in enumerate(problem.rows)
        for side in ("low", "high")
        if np.isfinite(getattr(row, side))
    ]
    found += [Limit("need", (i,)) for i in range(len(problem.needs))]
    for kind, lines in (
        ("least", np.flatnonzero(lower > 0)),
        ("most", np.flatnonzero(np.isfinite(upper))),
        ("lot", np.flatnonzero(problem.lot > 0)),
    ):
        if problem.lines <= _SINGLE_LINES:
            found += [Limit(kind, (int(line),)) for line in lines]
            continue
        channels: dict[str, list[int]] = {}
        for line in lines:
            channels.setdefault(problem.names[line].split("/")[-1], []).append(int(line))
        found += [Limit(kind, tuple(own)) for own in channels.values()]
    return tuple(found)


def without_needless_curves(problem: Problem) -> Problem:
    """The same limits, with flat curves where no row asks for outcome: then nothing needs to be known of them."""
    if any(row.outcome.any() for row in problem.rows):
        return problem
    ends = np.stack([problem.floor, problem.upper], axis=1)
    flat = ValueTable(ends, np.zeros_like(ends), np.zeros_like(ends))
    return replace(problem, outcome=lambda levels: (np.zeros_like(levels), np.zeros_like(levels)), table=flat)


def widened(problem: Problem) -> ValueTable:
    """The table (line, point) from nothing to more than any limit on money leaves."""
    limits = [row.high for row in problem.rows if np.isfinite(row.high)]
    reach = _REACH * max(float(problem.upper.sum()), problem.money, *limits, 0.0)
    first, last = problem.table.levels[:, :1], problem.table.levels[:, -1:]
    below = first * np.linspace(0.0, 1.0, _BELOW, endpoint=False)
    above = last + reach * np.linspace(0.0, 1.0, _ABOVE + 1)[1:] ** 4
    ends = []
    for beyond in (below, above):
        known = [problem.outcome(levels) for levels in beyond.T]
        ends.append([np.stack(part, axis=1) for part in zip(*known, strict=True)])
    table = problem.table
    return ValueTable(
        np.concatenate([below, table.levels, above], axis=1),
        np.concatenate([ends[0][0], table.values, ends[1][0]], axis=1),
        np.concatenate([ends[0][1], table.slopes, ends[1][1]], axis=1),
    )


def programme_of(problem: Problem, wide: ValueTable, kept: frozenset[Limit], *, whole: bool) -> Programme | None:
    """The programme with only the limits `kept`; None where a line has no level left. Not `whole`: lots may be cut."""
    lower, upper = (part.copy() for part in stated(problem))
    upper = np.minimum(upper, wide.levels[:, -1])
    lot = problem.lot.copy() if whole else np.zeros(problem.lines)
    sides: dict[int, dict[str, float]] = {}
    for limit in limits_of(problem):
        if limit in kept:
            continue
        if limit.kind in ("low", "high"):
            sides.setdefault(limit.at[0], {})[limit.kind] = -np.inf if limit.kind == "low" else np.inf
        lines = list(limit.at)
        if limit.kind == "least":
            lower[lines] = 0.0
        elif limit.kind == "most":
            upper[lines] = wide.levels[lines, -1]
        elif limit.kind == "lot":
            lot[lines] = 0.0
    rows = [replace(row, **sides.get(i, {})) for i, row in enumerate(problem.rows)]
    rows = [row for row in rows if np.isfinite(row.low) or np.isfinite(row.high)]
    needs = [need for i, need in enumerate(problem.needs) if Limit("need", (i,)) in kept]
    rests = problem.may_rest & (lower > 0)
    asked = replace(
        problem,
        lower=lower,
        upper=upper,
        table=_between(problem, wide, np.where(rests, 0.0, lower), upper),
        may_rest=rests,
        lot=lot,
        rows=tuple(rows),
        needs=tuple(needs),
        stated=None,
    )
    domain = Domain.of(asked)
    if domain.is_empty:
        return None
    size = outcome_size(problem)
    return Programme.of(asked, domain, pieces_of(asked, domain, _ERRORS[0] * size, _ERRORS[1] * size))


def _between(problem: Problem, wide: ValueTable, lower: np.ndarray, upper: np.ndarray) -> ValueTable:
    """A table (line, point) cut off at `lower` and `upper` (line)."""
    levels, values, slopes = wide.levels.copy(), wide.values.copy(), wide.slopes.copy()
    for ends, beyond in ((lower, levels <= lower[:, None]), (upper, levels >= upper[:, None])):
        value, slope = problem.outcome(ends)
        values = np.where(beyond, value[:, None], values)
        slopes = np.where(beyond, slope[:, None], slopes)
    return ValueTable(np.clip(levels, lower[:, None], upper[:, None]), values, slopes)
