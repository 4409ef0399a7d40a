"""Each line's curve from above, by straight pieces: few of them, nowhere below the curve, concave within regions.

A cell of the table in which slopes fall lies under the tangents of its two ends, one in which they rise under its
chord. Cells of one kind are put together as long as tangents and chord stay within a given error of each other.
Joined, pieces under tangents are concave: a REGION, in which a linear programme that gains from outcome needs no
binary, because it takes the highest combination of vertices, which is the joined line itself. Every piece under a chord
is a region of its own, and so is rest. A line lies in one of its regions: a disjunction of convex sets, whose
relaxation is the convex hull of the whole (E. Balas, "Disjunctive programming", Annals of Discrete Mathematics 5, 1979,
3-51; for piecewise linear functions J. P. Vielma, S. Ahmed & G. Nemhauser, Operations Research 58, 2010, 303-315).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mmm_models.planning.dual import ValueTable
from mmm_models.planning.solvers.base import Problem, interpolate
from mmm_models.planning.solvers.domain import Domain

# Slopes that rise by less than this share of a line's steepest one are taken as constant.
_STRAIGHT = 1e-9
# A start so many times as steep as its first cell's chord gets points at these shares of the cell.
_STEEP = 3.0
_STARTS = 16.0 ** np.arange(-4, 0)


@dataclass(frozen=True)
class Pieces:
    """Vertices, flat: line by line and region by region.

    `line`, `region` (vertex): whose and which, regions counting on over lines; `level` (vertex): money a week; `value`
    (vertex): outcome, on or above the curve.
    """

    line: np.ndarray
    region: np.ndarray
    level: np.ndarray
    value: np.ndarray


def pieces_of(problem: Problem, domain: Domain, error: float, convex_error: float) -> Pieces:
    """The curves of a problem from above.

    Args:
        problem: values of its table are finite; a slope may be infinite at a line's first level.
        domain: its levels; a line that has none gets no vertex.
        error: outcome by which a piece may lie above a curve where that is concave.
        convex_error: the same where it is convex; each piece there costs a binary.
    """
    some = domain.most >= domain.least
    # Lots finer than the table's cells are held whole by an integer variable alone.
    lots = (problem.lot > 0) & some
    lots &= (domain.most - domain.least) / np.where(problem.lot > 0, problem.lot, 1.0) < problem.table.levels.shape[1]
    curve, first = _from_least(problem, _finer_start(problem, error), domain)
    rest = np.flatnonzero(domain.rests)
    at_rest = (rest, np.full(rest.size, -1), np.zeros(rest.size), problem.table.values[rest, 0])
    parts = [at_rest, _vertices(curve, *_split(curve, first, error, convex_error, some & ~lots))]
    parts += [_lot_vertices(problem, domain, lots)] if lots.any() else []
    line, region, level, value = (np.concatenate(each) for each in zip(*parts, strict=True))
    order = np.lexsort((region, line))
    line, region, level, value = line[order], region[order], level[order], value[order]
    starts = (np.diff(line, prepend=-1) != 0) | (np.diff(region, prepend=-2) != 0)
    return Pieces(line, np.cumsum(starts) - 1, level, value)


def _finer_start(problem: Problem, error: float) -> ValueTable:
    """The table with more points in the first cell of lines that start so steeply that one cell is too coarse."""
    table, line = problem.table, np.arange(problem.lines)
    width, rise = table.levels[:, 1] - table.levels[:, 0], table.values[:, 1] - table.values[:, 0]
    steep = _height(table, line, np.zeros_like(line), np.ones_like(line)) > error
    steep &= (width > 0) & (table.slopes[:, 0] > _STEEP * np.abs(rise) / np.where(width > 0, width, 1.0))
    if not steep.any():
        return table
    first, width = table.levels[:, 0], np.where(steep, width, 0.0)
    levels = [first + width * share for share in _STARTS]
    known = [(level, *problem.outcome(level)) for level in levels]
    parts = []
    for at, old in enumerate((table.levels, table.values, table.slopes)):
        # Lines that need none repeat their first point.
        new = np.stack([np.where(steep, each[at], old[:, 0]) for each in known], axis=1)
        parts.append(np.concatenate([old[:, :1], new, old[:, 1:]], axis=1))
    return ValueTable(*parts)


def _from_least(problem: Problem, table: ValueTable, domain: Domain) -> tuple[ValueTable, np.ndarray]:
    """The table, and the first point (line) of each curve; of lines that rest that is their least spend."""
    if not domain.rests.any():
        return table, np.zeros(problem.lines, dtype=int)
    rows = np.arange(problem.lines)
    first = np.maximum((table.levels < domain.least[:, None]).sum(axis=1), 1) - 1
    first = np.where(domain.rests, np.minimum(first, table.levels.shape[1] - 2), 0)
    least = np.where(domain.rests, np.minimum(domain.least, table.levels[:, -1]), table.levels[:, 0])
    levels, values, slopes = table.levels.copy(), table.values.copy(), table.slopes.copy()
    value, slope = problem.outcome(least)
    levels[rows, first], values[rows, first] = least, value
    slopes[rows, first] = np.where(domain.rests, slope, slopes[:, 0])
    return ValueTable(levels, values, slopes), first


def _split(
    curve: ValueTable, first: np.ndarray, error: float, convex_error: float, wanted: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Pieces as line, first point, last point, and is it convex (each (piece)); ordered by line and level."""
    steepest = np.where(np.isfinite(curve.slopes), np.abs(curve.slopes), 0.0).max(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        convex = np.diff(curve.slopes, axis=1) > _STRAIGHT * steepest
    cells = np.arange(convex.shape[1])
    starts = (cells >= first[:, None]) & wanted[:, None]
    starts[:, 1:] &= (convex[:, 1:] != convex[:, :-1]) | (cells[1:] == first[:, None])
    line, begin = np.nonzero(starts)
    last_of_line = np.diff(line, append=-1) != 0
    end = np.where(last_of_line, convex.shape[1], np.roll(begin, -1))
    done = []
    while line.size:
        bent = convex[line, begin]
        too_wide = _height(curve, line, begin, end) > np.where(bent, convex_error, error)
        cut = too_wide & (end - begin > 1)
        done.append((line[~cut], begin[~cut], end[~cut], bent[~cut]))
        middle = (begin + end) // 2
        line, begin, end = (
            np.concatenate([line[cut], line[cut]]),
            np.concatenate([begin[cut], middle[cut]]),
            np.concatenate([middle[cut], end[cut]]),
        )
    if not done:
        return line, begin, end, line > 0
    line, begin, end, bent = (np.concatenate(each) for each in zip(*done, strict=True))
    order = np.lexsort((begin, line))
    return line[order], begin[order], end[order], bent[order]


def _crossing(
    curve: ValueTable, line: np.ndarray, begin: np.ndarray, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the tangents of a piece's ends cross (level, value), and is that inside; each (piece)."""
    (s0, s1), (f0, f1), (g0, g1) = (
        (part[line, begin], part[line, end]) for part in (curve.levels, curve.values, curve.slopes)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        level = (f1 - f0 + g0 * s0 - g1 * s1) / (g0 - g1)
    # Infinitely steep: the first tangent stands upright.
    level = np.where(np.isinf(g0), s0, level)
    inside = np.isfinite(level) & (level >= s0) & (level <= s1) & (s1 > s0)
    level = np.where(inside, level, s1)
    with np.errstate(invalid="ignore"):
        return level, f1 - g1 * (s1 - level), inside


def _height(curve: ValueTable, line: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """How far tangents and chord of a piece lie apart (piece): the curve is between them."""
    level, value, inside = _crossing(curve, line, begin, end)
    s0, s1 = curve.levels[line, begin], curve.levels[line, end]
    f0, f1 = curve.values[line, begin], curve.values[line, end]
    share = np.where(s1 > s0, (level - s0) / np.where(s1 > s0, s1 - s0, 1.0), 1.0)
    return np.where(inside, np.abs(value - f0 - share * (f1 - f0)), 0.0)


def _vertices(
    curve: ValueTable, line: np.ndarray, begin: np.ndarray, end: np.ndarray, convex: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Line, region, level and value (each (vertex)) of pieces ordered by line and level."""
    new_line = np.diff(line, prepend=-1) != 0
    opens = new_line | convex | np.roll(convex, 1)
    closes = np.roll(opens, -1)
    closes[-1:] = True
    region = np.cumsum(opens)
    level, value, inside = _crossing(curve, line, begin, end)
    bends = inside & ~convex
    parts = (
        (line[opens], region[opens], curve.levels[line, begin][opens], curve.values[line, begin][opens]),
        (line[bends], region[bends], level[bends], value[bends]),
        (line[closes], region[closes], curve.levels[line, end][closes], curve.values[line, end][closes]),
    )
    return tuple(np.concatenate(each) for each in zip(*parts, strict=True))


def _lot_vertices(
    problem: Problem, domain: Domain, lots: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Vertices at whole lots, exact; a region ends where the outcome of one more lot rises."""
    held = np.flatnonzero(lots)
    size = np.where(problem.lot > 0, problem.lot, 1.0)
    count = np.where(lots, np.rint((domain.most - domain.least) / size), 0).astype(int) + 1
    wanted = [
        np.where(lots, np.minimum(domain.least + k * size, domain.most), domain.least) for k in range(count.max())
    ]
    values = np.stack([problem.outcome(levels)[0] for levels in wanted], axis=1)
    parts = []
    for line in held:
        level, value = domain.least[line] + size[line] * np.arange(count[line]), values[line, : count[line]]
        gains = np.diff(value)
        rises = np.flatnonzero(np.diff(gains) > _STRAIGHT * np.abs(gains).max(initial=0.0)) + 1
        edges = [0, *rises, count[line] - 1] if count[line] > 1 else [0, 0]
        for region, (a, b) in enumerate(pairwise(edges)):
            width = b - a + 1
            parts.append((np.full(width, line), np.full(width, region), level[a : b + 1], value[a : b + 1]))
    return tuple(np.concatenate(each) for each in zip(*parts, strict=True))


def outcome_size(problem: Problem) -> float:
    """Roughly what a plan brings: errors are told as shares of it."""
    room = np.maximum(problem.upper - problem.floor, 0.0)
    share = (problem.money - float(problem.floor.sum())) / max(float(room.sum()), float(np.finfo(float).tiny))
    even = interpolate(problem.table, problem.floor + np.clip(share, 0.0, 1.0) * room)
    single = np.abs(problem.table.values).max(initial=0.0)
    return max(abs(float(even.sum())), float(single), float(np.finfo(float).tiny))
