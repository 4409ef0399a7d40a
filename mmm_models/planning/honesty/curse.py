"""How much of a plan's claimed gain is luck of the draws that chose it? (the optimiser's curse)

Whoever picks the best of many plans by noisy figures picks noise, too, so that the claim of the picked plan is too high
on average (J. E. Smith & R. L. Winkler, Management Science 52, 2006, 311-322). One difference between the half that
chose and the half that reports is unbiased and noisy: the same draws make all plans of a half look better or worse.
So halves change roles. With b_A and b_B the best plans of the halves A and B,

    ½ [A(b_A) − B(b_A)] + ½ [B(b_B) − A(b_B)]  =  ½ (A − B)(b_A) − ½ (A − B)(b_B),

in which what is common to both plans cancels, and which is never below 0. Draws are cut into 8 blocks, and the rows of
a Hadamard matrix halve them in 7 ways (balanced half-samples: P. J. McCarthy, Review of the International Statistical
Institute 37, 1969, 239-264). The contrasts A − B of the 7 are orthogonal, hence independent for blocks that are
independent and alike and have normal means; the standard error is that of a mean of 7. It is right for plans that
follow the draws smoothly, which depend on the contrast only; among separate alternatives, which depend on the mean of
all draws, too, it is about a quarter too small (tests measure both).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mmm_models.planning.dual import ValueTable
from mmm_models.planning.honesty.tables import at_levels

BLOCKS = 8


@dataclass(frozen=True)
class Curse:
    """`estimate`: outcome by which the plan's claim is too high on average; `se`: its standard error."""

    estimate: float
    se: float


def blocks_of(sizes: list[int]) -> np.ndarray:
    """Which of the 8 blocks each draw belongs to (draw).

    Args:
        sizes: draws of each stretch that is to stand in all blocks alike: of each structure, and each half.
    """
    return np.concatenate([np.arange(size) * BLOCKS // max(size, 1) for size in sizes]) if sizes else np.zeros(0, int)


def block_table(table: ValueTable, blocks: np.ndarray) -> ValueTable:
    """Means by block (block, line, point) of a table by draw (draw, line, point)."""
    values, slopes = (
        np.stack([part[blocks == block].mean(axis=0, dtype=float) for block in range(BLOCKS)])
        for part in (table.values, table.slopes)
    )
    return ValueTable(table.levels, values, slopes)


def crossfitted_curse(
    table: ValueTable, choose: Callable[[ValueTable], np.ndarray], draws_of_half: float, draws_of_choice: float
) -> Curse:
    """The curse of a plan that is chosen as `choose` does.

    Args:
        table: outcome by block (block, line, point), blocks of equal weight.
        choose: the best plan, levels (half, line), of each of several tables (half, line, point).
        draws_of_half: draws in four blocks.
        draws_of_choice: draws that choose the plan; noise falls with their number, and the curse with it.
    """
    signs = hadamard()[1:]
    halves = np.concatenate([signs > 0, signs < 0]).astype(float)
    shares = halves / halves.sum(axis=1, keepdims=True)
    means = ValueTable(
        table.levels,
        np.einsum("hb,blp->hlp", shares, table.values),
        np.einsum("hb,blp->hlp", shares, table.slopes),
    )
    plans = choose(means)
    worth = at_levels(table, plans.T).sum(axis=1)
    contrast = (shares[:7] - shares[7:]) @ worth
    own = np.arange(7)
    luck = 0.5 * (contrast[own, own] - contrast[own, own + 7]) * draws_of_half / draws_of_choice
    return Curse(float(luck.mean()), float(luck.std(ddof=1) / np.sqrt(luck.size)))


def hadamard() -> np.ndarray:
    """Sylvester's Hadamard matrix of order 8: rows of ±1, orthogonal; the first is all ones."""
    two = np.array([[1, 1], [1, -1]])
    return np.kron(two, np.kron(two, two))
