"""What a plan really brings in a stress world, and the plan that someone would make who knows the truth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import xarray as xr

from mmm_models.planning.constraints import LineBounds, Row
from mmm_models.planning.dual import ValueTable
from mmm_models.planning.solvers import Problem, Solution, get_solver
from mmm_models.worlds.stress import StressWorld

_POINTS = 201
# Half the step of a difference, as a share of a line's range, or of an equal share of the money where that is more.
_STEP = 1e-5


@dataclass(frozen=True, eq=False)
class TrueResponse:
    """Outcome that spend of `weeks` weeks after the data causes, history carried in and carryover after it counted."""

    world: StressWorld
    weeks: int

    def of(self, spend: xr.DataArray) -> float:
        """What a path (week, market, channel) causes, all channels and markets together."""
        return float(self._lines(spend.transpose("week", "market", "channel").values).sum())

    def of_levels(self, levels: np.ndarray) -> np.ndarray:
        """What each line (line, market by market) causes that spends a level every week."""
        shape = self.world.panel.dataset["spend"].shape[1:]
        return self._lines(np.broadcast_to(levels.reshape(shape), (self.weeks, *shape))).ravel()

    def _lines(self, path: np.ndarray) -> np.ndarray:
        """Of each market and channel: with the path, less without it."""
        return self._after_data(path) - self._without

    @cached_property
    def _without(self) -> np.ndarray:
        return self._after_data(np.zeros((self.weeks, *self.world.panel.dataset["spend"].shape[1:])))

    def _after_data(self, path: np.ndarray) -> np.ndarray:
        known, media = self.world.panel.dataset["spend"].values, self.world.media
        # Weeks that are forgotten by then are left out; strengths go by the week.
        first = max(len(known) - self.world.recipe.max_lag, 0)
        now = replace(media, strength=media.strength[min(first, len(media.strength) - 1) :])
        tail = np.zeros((self.world.recipe.max_lag, *known.shape[1:]))
        return now.respond(np.concatenate([known[first:], path, tail]))[len(known) - first :].sum(axis=0)


def oracle(truth: TrueResponse, bounds: LineBounds, budget: float) -> Solution:
    """The best even plan of a budget (of all weeks) under the true curves, by the planner's exact solver.

    Raises:
        ValueError: in this world channels act on each other, so that lines do not add up.
    """
    if truth.world.media.synergy:
        raise ValueError(f"in the world {truth.world.recipe.name!r} channels act on each other; it has no oracle here")
    weekly = budget / truth.weeks
    lower, upper = bounds.box(weekly)
    grid = lower[:, None] + (upper - lower)[:, None] * np.linspace(0.0, 1.0, _POINTS)
    step = _STEP * np.maximum(upper - lower, weekly / lower.size)

    def outcome(levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        above, below = levels + step, np.maximum(levels - step, 0.0)
        return truth.of_levels(levels), (truth.of_levels(above) - truth.of_levels(below)) / (above - below)

    columns = [outcome(grid[:, point]) for point in range(_POINTS)]
    values, slopes = (np.stack(part, axis=1) for part in zip(*columns, strict=True))
    row = Row("budget", "planning.budget", np.ones(lower.size), np.zeros(lower.size), weekly, weekly)
    problem = Problem(
        outcome=outcome,
        table=ValueTable(grid, values, slopes),
        status_quo=bounds.status_quo.transpose("market", "channel").values.ravel(),
        lower=lower,
        upper=upper,
        rows=(row,),
        names=bounds.names,
    )
    return get_solver("dynamic").solve(problem)
