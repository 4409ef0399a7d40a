"""Which groups of untreated regions, and which earlier windows, stand in for the test."""

from collections.abc import Sequence
from math import comb, prod

import numpy as np

from mmm_models.errors import EvidenceError

# A p value of 0.01 needs no more.
MOST_PLACEBOS = 100
# Fewer regions say next to nothing about chance; earlier windows must then.
FEWEST_DONORS = 5
FEWEST_WINDOWS = 3


def placebo_groups(donors: Sequence[str], sizes: Sequence[int], most: int, seed: int) -> list[list[list[str]]]:
    """Groups of untreated regions, as many and as large as the arms where they leave half of the donors.

    One region at a time is every donor in turn (Abadie, Diamond & Hainmueller 2010); larger groups are drawn at random
    without repeating one (Arkhangelsky et al. 2021, "Synthetic Difference-in-Differences", American Economic Review
    111, algorithm 4). Where the arms are more than half as many as the donors, groups shrink in proportion: a smaller
    group is noisier, which the comparison with its own error before the test takes out.

    Args:
        donors: regions that were not treated.
        sizes: how many regions each arm has.
        most: how many of them at most; each costs a fit an arm.
        seed: of the draw.

    Returns:
        Placebos; each a list of groups, one an arm.
    """
    room = len(donors) // 2
    if sum(sizes) > room:
        sizes = [max(1, int(size * room / sum(sizes))) for size in sizes]
    if sum(sizes) > len(donors) - 2:
        return []
    if len(sizes) == 1 and sizes[0] == 1:
        return [[[donor]] for donor in donors]
    left, possible = len(donors), []
    for size in sizes:
        possible.append(comb(left, size))
        left -= size
    wanted = min(most, prod(possible))
    rng = np.random.default_rng(seed)
    found: dict[tuple[tuple[str, ...], ...], None] = {}
    while len(found) < wanted:
        order = list(rng.permutation(list(donors)))
        groups = []
        for size in sizes:
            groups.append(tuple(sorted(map(str, order[:size]))))
            order = order[size:]
        found[tuple(groups)] = None
    return [[list(group) for group in groups] for groups in found]


def placebo_starts(periods_before: int, counted: int) -> list[int]:
    """Where windows as long as the test's begin, one after the other, none inside it (Abadie, Diamond & Hainmueller
    2015, "Comparative Politics and the Synthetic Control Method", American Journal of Political Science 59).

    Each has at least twice its own length before it to be fitted to.
    """
    starts = range(periods_before - counted, 2 * counted - 1, -counted)
    return list(starts)


def refuse_too_few(donors: int, windows: int) -> None:
    """Raise EvidenceError where neither regions nor earlier windows can say how large chance is."""
    if donors < FEWEST_DONORS and windows < FEWEST_WINDOWS:
        raise EvidenceError(
            f"{donors} regions to compare with and {windows} earlier windows of the test's length are too few to tell "
            f"the effect from chance; it takes {FEWEST_DONORS} regions or {FEWEST_WINDOWS} windows. Deliver more "
            "regions, or a longer history"
        )
