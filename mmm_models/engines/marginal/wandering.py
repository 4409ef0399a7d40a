"""A baseline whose level wanders: a random walk, integrated out with the columns, and drawn exactly afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from mmm_models.engines.marginal.baseline import Columns
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec

# Directions of the walk that are kept. What is left out has 0.5 % of its variance at most, all of it from week to week.
DIRECTIONS = 40
# Of a channel's effect: these have 97 % of a walk's variance; what is left out would take months to be told from noise.
EFFECT_DIRECTIONS = 8


def walk_basis(weeks: int) -> np.ndarray:
    """The first directions of a random walk with standard normal steps from 0 in the first week, (week, direction).

    With independent standard normal weights they have the walk's covariance min(s, t), but for directions beyond
    `DIRECTIONS`: its Karhunen-Loève expansion (Ghanem and Spanos 1991, Stochastic Finite Elements, section 2.3).
    """
    steps = np.arange(weeks, dtype=float)
    values, vectors = np.linalg.eigh(np.minimum(steps[:, None], steps))
    kept = np.argsort(values)[::-1][: min(DIRECTIONS, weeks - 1)]
    return vectors[:, kept] * np.sqrt(np.maximum(values[kept], 0.0))


@dataclass(frozen=True)
class WanderingBaseline:
    """Columns with Normal priors beside a level that moves by Normal(0, step²) from week to week, on scaled data.

    Attributes:
        columns: level of the first week, season, controls.
        walk: directions of the level with steps of 1, (week, direction).
        basis: X diag(deviation) and the walk, side by side (market, week, column).
        gram: basisᵀ basis (market, column, column).
    """

    columns: Columns
    walk: np.ndarray
    basis: np.ndarray
    gram: np.ndarray

    @classmethod
    def of(
        cls, panel: Panel, spec: ModelSpec, scales: xr.Dataset, masked: Sequence[tuple[int, int]] = ()
    ) -> WanderingBaseline:
        """See `Columns.of`."""
        columns = Columns.of(panel, spec, scales, masked)
        walk = walk_basis(len(panel.weeks))
        basis = np.concatenate([columns.scaled, np.broadcast_to(walk, (len(panel.markets), *walk.shape))], axis=2)
        return cls(columns, walk, basis, np.einsum("mtj,mtk->mjk", basis, basis))

    def arrays(self) -> dict[str, np.ndarray]:
        """What the density needs; directions of the walk are orthogonal to each other, so that theirs is a diagonal."""
        fixed = self.columns.scaled.shape[2]
        return {
            **self.columns.arrays(),
            "basis": self.basis,
            "gram": self.gram[:, :fixed, :fixed],
            "cross": self.gram[:, :fixed, fixed:],
            "walk": np.diagonal(self.gram[0, fixed:, fixed:]).copy(),
        }

    def draw(
        self, inside: np.ndarray, sigma: np.ndarray, step: np.ndarray, generator: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw the columns' coefficients and the level's path given the rest, exactly and independently.

        With r = Z S z + ε, S = diag(1, ..., step, ...) and z ~ Normal(0, I), z given r is Normal(M⁻¹ S Zᵀ r, σ² M⁻¹)
        with M = σ² I + S ZᵀZ S (Rasmussen and Williams 2006, section 2.1).

        Args:
            inside: Zᵀr, with r the scaled outcome less prior mean and media (sample, market, column).
            sigma, step: noise and weekly step on the scaled outcome (sample, market).
            generator: of the random numbers.

        Returns:
            Coefficients (sample, market, column) and level (sample, market, week), less that of the first week.
        """
        fixed = self.columns.scaled.shape[2]
        scale = np.ones((*step.shape, self.basis.shape[2]))
        scale[..., fixed:] = step[..., None]
        inside = scale * inside
        matrix = scale[..., :, None] * self.gram * scale[..., None, :]
        matrix += sigma[..., None, None] ** 2 * np.eye(matrix.shape[-1])
        factor = np.linalg.cholesky(matrix)
        mean = np.linalg.solve(matrix, inside[..., None])[..., 0]
        noise = generator.standard_normal(inside.shape)[..., None]
        z = mean + sigma[..., None] * np.linalg.solve(np.swapaxes(factor, -1, -2), noise)[..., 0]
        level = np.einsum("tk,smk->smt", self.walk, scale[..., fixed:] * z[..., fixed:], optimize=True)
        return self.columns.prior_mean + self.columns.prior_deviation * z[..., :fixed], level
