"""The linear part of a model, which is integrated out while sampling and drawn exactly afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from mmm_models.engines.columns import baseline_columns
from mmm_models.engines.defaults import baseline_priors
from mmm_models.errors import SpecError
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec, PriorSpec
from mmm_models.spec.priors import prior

# On outcome / (largest weekly outcome): so wide that a week with a level of its own is as good as left out.
_MASKED = prior("Normal", mu=0, sigma=10)


@dataclass(frozen=True)
class Columns:
    """Level, trend, season and controls of each market as columns with Normal priors, on scaled data.

    Attributes:
        names: of the columns: "intercept", "trend", "fourier:<name>", "control:<name>".
        residual: outcome / outcome_scale less the prior mean of the columns, (market, week).
        prior_mean, prior_deviation: of each column (column).
        scaled: columns times their prior deviation (market, week, column).
    """

    names: tuple[str, ...]
    residual: np.ndarray
    prior_mean: np.ndarray
    prior_deviation: np.ndarray
    scaled: np.ndarray

    @classmethod
    def of(cls, panel: Panel, spec: ModelSpec, scales: xr.Dataset, masked: Sequence[tuple[int, int]] = ()) -> Columns:
        """`masked` weeks (market, week) have a level of their own each, so that they say nothing about anything else.

        Raises `SpecError` for a prior that is not Normal: only a Normal can be integrated out.
        """
        columns, priors = _columns(panel, spec, scales)
        for name, column in _masking(masked, len(panel.markets), len(panel.weeks)).items():
            columns[name], priors[name] = column, _MASKED
        mean = np.array([priors[name].parameters["mu"] for name in columns])
        deviation = np.array([priors[name].parameters["sigma"] for name in columns])
        design = np.stack(list(columns.values()), axis=-1)
        outcome = (panel.dataset["outcome"] / scales["outcome_scale"]).transpose("market", "week").values
        return cls(tuple(columns), outcome - design @ mean, mean, deviation, design * deviation)

    def arrays(self) -> dict[str, np.ndarray]:
        """What every density needs."""
        return {"residual": self.residual, "weeks": np.full(len(self.residual), float(self.residual.shape[1]))}


@dataclass(frozen=True)
class Baseline:
    """A baseline of columns alone.

    Attributes:
        columns: level, trend, season, controls.
        basis: orthonormal columns of the thin singular value decomposition of X diag(deviation) (market, week, column).
        spread: its singular values (market, column).
        rotation: its right singular vectors, transposed (market, column, column).
    """

    columns: Columns
    basis: np.ndarray
    spread: np.ndarray
    rotation: np.ndarray

    @classmethod
    def of(cls, panel: Panel, spec: ModelSpec, scales: xr.Dataset, masked: Sequence[tuple[int, int]] = ()) -> Baseline:
        """See `Columns.of`."""
        columns = Columns.of(panel, spec, scales, masked)
        basis, spread, rotation = np.linalg.svd(columns.scaled, full_matrices=False)
        if basis.shape[2] < columns.scaled.shape[2]:
            # Fewer weeks than columns: directions that the data say nothing about.
            basis, spread, rotation = _completed(columns.scaled)
        return cls(columns, basis, spread, rotation)

    def arrays(self) -> dict[str, np.ndarray]:
        """What the density needs."""
        return {**self.columns.arrays(), "basis": self.basis, "spread": self.spread}

    def draw(self, inside: np.ndarray, sigma: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Draw the columns' coefficients given the rest, exactly and independently.

        With r = U S z + ε and z ~ Normal(0, I), z_k given r is Normal(s_k (Uᵀr)_k / (σ² + s_k²), σ² / (σ² + s_k²)); the
        coefficients are prior mean + diag(deviation) W z (Rasmussen and Williams 2006, section 2.1).

        Args:
            inside: Uᵀr, with r the scaled outcome less prior mean and media (sample, market, column).
            sigma: noise on the scaled outcome (sample, market).
            generator: of the random numbers.

        Returns:
            Coefficients (sample, market, column) on the scaled outcome.
        """
        noise = sigma[:, :, None] ** 2
        total = noise + self.spread**2
        z = self.spread * inside / total + np.sqrt(noise / total) * generator.standard_normal(inside.shape)
        turned = np.einsum("mkc,smk->smc", self.rotation, z, optimize=True)
        return self.columns.prior_mean + self.columns.prior_deviation * turned


def _columns(panel: Panel, spec: ModelSpec, scales: xr.Dataset) -> tuple[dict[str, np.ndarray], dict[str, PriorSpec]]:
    """Columns (market, week) by name, and the prior of each."""
    chosen = baseline_priors(spec.priors)
    columns = baseline_columns(panel, spec, scales)
    priors = {name: chosen[name.partition(":")[0]] for name in columns}
    for name, own in priors.items():
        if own.distribution != "Normal":
            part = name.partition(":")[0]
            raise SpecError(
                f"priors.{part}: engine marginal integrates the baseline out, which a {own.distribution} prior "
                "does not allow. Use Normal, or engine: pymc_marketing"
            )
    return columns, priors


def _masking(masked: Sequence[tuple[int, int]], markets: int, weeks: int) -> dict[str, np.ndarray]:
    """A column (market, week) for each masked week of the market that has most; empty where a market has fewer."""
    found: dict[str, np.ndarray] = {}
    for market in range(markets):
        for number, week in enumerate(week for own, week in masked if own == market):
            found.setdefault(f"masked:{number}", np.zeros((markets, weeks)))[market, week] = 1.0
    return found


def _completed(scaled: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The decomposition with zero columns for the directions that fewer weeks than columns leave open."""
    basis, spread = np.zeros(scaled.shape), np.zeros((scaled.shape[0], scaled.shape[2]))
    thin, values, rotation = np.linalg.svd(scaled, full_matrices=True)
    kept = values.shape[1]
    basis[:, :, :kept] = thin[:, :, :kept]
    spread[:, :kept] = values
    return basis, spread, rotation
