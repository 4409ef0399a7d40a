"""Exact search on a money grid: the multiple-choice knapsack by dynamic programming.

W_c(k) = max_j [V_c(j) + W_{c−1}(k − j)] is the most that the first c lines make of k steps of money. The recursion is a
convolution in the max-plus algebra and finds the best plan on the grid whatever the shapes of the curves (Kellerer,
Pferschy & Pisinger, "Knapsack Problems", Springer 2004, chapter 11; for S-shaped response curves Agrali & Geunes,
European Journal of Operational Research 193, 2009, 605-615). Between grid points a plan can be better by at most the
sum of the lines' steepest slopes times the step.
"""

import numpy as np

from mmm_models.planning.grid import MoneyGrid

# Sums held at a time: about 32 MB of float64.
_CHUNK = 4_000_000


def best_steps(values: np.ndarray, grid: MoneyGrid, *, in_full: bool = True) -> np.ndarray:
    """Steps (…, line) of the best plan for each leading index of `values` (…, line, point), exact on the grid.

    Args:
        values: what a line brings at 0, 1, … steps above its lower bound; points beyond `grid.most` are not read, and
            those of −inf are not taken.
        grid: how many steps each line may take and how many there are to hand out.
        in_full: hand out all of them; otherwise at most as many, which differs where more money brings less.
    """
    leading, lines = values.shape[:-2], values.shape[-2]
    flat = values.reshape(-1, lines, values.shape[-1])
    width = (grid.money + 1) * (min(int(grid.most.max(initial=0)), grid.money) + 1)
    chunk = max(1, _CHUNK // width)
    found = [_search(flat[a : a + chunk], grid, in_full) for a in range(0, len(flat), chunk)]
    return np.concatenate(found).reshape(*leading, lines)


def value_of(values: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """What plans of `steps` (…, line) bring (…) in tables `values` (…, line, point)."""
    shape = np.broadcast_shapes(values.shape[:-1], steps.shape)
    picked = np.take_along_axis(
        np.broadcast_to(values, (*shape, values.shape[-1])), np.broadcast_to(steps, shape)[..., None], axis=-1
    )
    return picked[..., 0].sum(axis=-1, dtype=float)


def _search(values: np.ndarray, grid: MoneyGrid, in_full: bool) -> np.ndarray:
    """`best_steps` of tables (table, line, point), all at once."""
    tables, lines, _ = values.shape
    best = np.full((tables, grid.money + 1), -np.inf, dtype=values.dtype)
    best[:, 0] = 0.0
    choices = []
    for line in range(lines):
        best, choice = combine(best, values[:, line], min(int(grid.most[line]), grid.money))
        choices.append(choice)
    left = np.full(tables, grid.money) if in_full else best.argmax(axis=1)
    steps = np.empty((tables, lines), dtype=int)
    for line in reversed(range(lines)):
        steps[:, line] = choices[line][np.arange(tables), left]
        left = left - steps[:, line]
    return steps


def combine(best: np.ndarray, values: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """One line more: the best of k steps with it, and how many it takes of them, both (table, k).

    Args:
        best: the best of k steps without the line (table, k); −inf where they cannot be handed out.
        values: what the line brings at 0, 1, … steps (table, point).
        most: how many it may take.
    """
    before = np.concatenate([np.full((len(best), most), -np.inf, dtype=best.dtype), best], axis=1)
    # Window k holds W(k − most) … W(k), so that its place i stands for most − i steps of this line.
    windows = np.lib.stride_tricks.sliding_window_view(before, most + 1, axis=1)
    sums = windows + values[:, None, most::-1]
    place = sums.argmax(axis=2)
    return np.take_along_axis(sums, place[..., None], axis=2)[..., 0], most - place
