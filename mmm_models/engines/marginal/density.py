"""The log posterior of the sampled parameters, with everything that is linear and Gaussian integrated out.

In market m, on outcome / outcome_scale, with f_c the saturated, adstocked spend of channel c,

    y = X β + Σ_c b_c f_c + ε,   β ~ Normal(β₀, diag(v)),   ε ~ Normal(0, σ² I),

where X holds level, trend, season and controls. With X diag(v)^½ = U S Wᵀ (thin) the density of r = y - X β₀ - Σ b f is
that of Normal(0, σ² I + U S² Uᵀ), by Woodbury and the determinant lemma

    log p = -½ [ (|r|² - |Uᵀr|²)/σ² + Σ_k (Uᵀr)_k² / (σ² + s_k²) + (T - K) log σ² + Σ_k log(σ² + s_k²) + T log 2π ],

(Rasmussen and Williams 2006, Gaussian Processes for Machine Learning, app. A.3). U and S do not depend on what is
sampled, so a value costs T x K products a market. Where the level wanders, its step τ is sampled: with Z the columns
and the directions of the walk and S = diag(1, ..., τ, ...), M = σ² I + S ZᵀZ S takes the place of the diagonal, and

    log p = -½ [ (|r|² - (S Zᵀr)ᵀ M⁻¹ (S Zᵀr))/σ² + (T - K) log σ² + log |M| + T log 2π ].

A channel's effect is sampled as η = log of its mean weekly contribution u = b · mean_t f: data tell u far better than
b and the curve apart. A prior may be on b, on the contribution, the ROAS or the marginal ROAS: each is g · e^η with a g
that depends on the curve at most, so that log p(η) = log p(q) + log q at q = g e^η. Where the height is part of the
curve's own shape (tanh), η is the log of b instead.

With `pooling` a channel has one η, of its mean over markets, and b_mc = b_c exp(τ_c z_mc) with z standard normal: the
log effects of markets scatter around the channel's by τ ("partial"), or not at all ("complete"). Where a market's data
tell its log effect with information I around a guess g (see `markets`), z given η_c and τ_c has about the mean
τ I (g - η_c) / (1 + τ² I) and the variance 1 / (1 + τ² I). It is sampled in units of that, as x: what the data tell of
x then hardly depends on η and τ. With I = 0 x is z, the non-centred form, and with a large I the centred one
(Papaspiliopoulos, Roberts and Sköld 2007, A general framework for the parametrization of hierarchical models).

With reach R and frequency F, f_t = Σ_l w_l R_{t-l} s(F_{t-l}): each person reached counts by how often (Zhang et al.
2023, Bayesian Hierarchical Media Mix Model Incorporating Reach and Frequency Data). Where an effect wanders, f_t is
multiplied by exp(g_t), g a random walk less its mean, in its first directions (`wandering.walk_basis`).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from mmm_models.engines.marginal import measurements, priors
from mmm_models.engines.marginal.shapes import (
    HEIGHT_IN_SHAPE,
    Data,
    assembled,
    saturated_shapes,
)
from mmm_models.engines.marginal.structure import CurveGroup, EffectGroup, Structure

type Position = dict[str, jax.Array | dict]


def log_posterior(structure: Structure, data: Data, position: Position) -> jax.Array:
    """Log density of `position`, up to a constant.

    Args:
        structure: see `Structure`; static.
        data: see `mmm_models.engines.marginal.problem.build`.
        position: parameters without limits: `adstock` and `saturation` (one array a group, parameter and distribution,
            as `group:parameter:distribution`), `effect` (cell), `sigma` (market).
    """
    parameters, total = parameters_and_prior(structure, data, position)
    residual, sigma = _residual(structure, data, parameters), parameters["sigma"]
    if structure.level:
        likelihood = _wandering_likelihood(data, residual, sigma, parameters["level_step"])
    else:
        likelihood = _marginal_likelihood(data, residual, sigma)
    if structure.measured is None:
        return total + likelihood
    return total + likelihood + measurements.log_likelihood(structure, data, parameters).sum()


def kept_of_draw(structure: Structure, data: Data, position: Position) -> dict[str, jax.Array]:
    """What is kept of a draw, so that nobody needs to work its media out again.

    Returns:
        The parameters of `parameters_and_prior`, and beside them, on the scaled outcome, `total` (cell: contribution
        over all weeks) and `inside` (market, column: basisᵀ times the residual, all that the baseline's draw asks for).
    """
    parameters, _ = parameters_and_prior(structure, data, position)
    kept = {name: values for name, values in parameters.items() if name not in ("shape", "effect")}
    kept["total"] = parameters["coefficient"] * parameters["shape"].sum(axis=1)
    kept["inside"] = jnp.einsum("mtk,mt->mk", data["basis"], _residual(structure, data, parameters))
    return kept


def parameters_and_prior(
    structure: Structure, data: Data, position: Position
) -> tuple[dict[str, jax.Array], jax.Array]:
    """The parameters in their own units, and the log prior density of `position`.

    Returns:
        `adstock.<group>.<parameter>`, `saturation.<group>.<parameter>` (channels of the group), `shape` (cell, week:
        the saturated pressure), `coefficient` (cell), `sigma` (market), all on scaled data; with partial pooling
        `scatter` (channel), with a level that wanders `level_step` (market), with effects that wander `effect_step` and
        `walk`, with lift tests `design_<bias>` (family); and the log density.
    """
    found: dict[str, jax.Array] = {}
    total = jnp.zeros(())
    for part, groups in (("adstock", structure.adstocks), ("saturation", structure.saturations)):
        for number, group in enumerate(groups):
            values, log_prior = _group_parameters(part, number, group, data, position)
            found |= {f"{part}.{number}.{name}": value for name, value in values.items()}
            total = total + log_prior
    over_markets, log_scatter = _effects_of_cells(structure, data, position)
    found |= over_markets
    if structure.wandering:
        walked, log_walk = _walk(structure, data, position)
        found |= walked
        total = total + log_walk
    shape, elasticity = saturated_shapes(structure, data, found)
    coefficient, log_prior = _effects(structure, data, found["effect"], position["effect"], shape, elasticity)
    sigma, log_sigma = priors.log_density(structure.sigma, position["sigma"], data["sigma_prior"])
    found |= {"shape": shape, "coefficient": coefficient, "sigma": sigma}
    if structure.level:
        found["level_step"], log_step = priors.log_density(structure.level, position["level_step"], data["level_prior"])
        total = total + log_step.sum()
    designs, log_designs = measurements.designs_and_prior(structure, position)
    return found | designs, total + log_scatter + log_prior + log_sigma.sum() + log_designs


def slot(number: int, parameter: str, distribution: str) -> str:
    """Name of one array of a position: a group's parameter, of the channels whose prior is of one distribution."""
    return f"{number}:{parameter}:{distribution}"


def _residual(structure: Structure, data: Data, parameters: dict[str, jax.Array]) -> jax.Array:
    """Outcome less prior mean of the baseline and media, (market, week)."""
    brought, residual = parameters["coefficient"][:, None] * parameters["shape"], data["residual"]
    if structure.is_complete(len(residual), len(brought) // len(residual)):
        return residual - brought.reshape(-1, *residual.shape).sum(axis=0)
    return residual - jax.ops.segment_sum(brought, np.array(structure.markets_of_cells), num_segments=len(residual))


def _group_parameters(
    part: str, number: int, group: CurveGroup, data: Data, position: Position
) -> tuple[dict[str, jax.Array], jax.Array]:
    """Each parameter of a group over its channels, and the log density of all of them."""
    values: dict[str, list[tuple[tuple[int, ...], jax.Array]]] = {}
    total = jnp.zeros(())
    for parameter, distribution, where in group.priors:
        name = slot(number, parameter, distribution)
        x, log_density = priors.log_density(distribution, position[part][name], data[f"{part}_prior"][name])
        values.setdefault(parameter, []).append((where, x))
        total = total + log_density.sum()
    return {parameter: assembled(pieces) for parameter, pieces in values.items()}, total


def _walk(structure: Structure, data: Data, position: Position) -> tuple[dict[str, jax.Array], jax.Array]:
    """`effect_step` (wandering channel) and `walk` (wandering channel, direction) of log effects; their log density."""
    step, log_step = priors.log_density(structure.effect_step, position["effect_step"], data["effect_step_prior"])
    walk = step[:, None] * position["walk"].reshape(len(structure.wandering), -1)
    log_walk = jax.scipy.stats.norm.logpdf(position["walk"]).sum()
    return {"effect_step": step, "walk": walk}, log_step.sum() + log_walk


def _effects_of_cells(structure: Structure, data: Data, position: Position) -> tuple[dict[str, jax.Array], jax.Array]:
    """`effect`, the coordinate of each cell, and `scatter` of each channel where markets are pooled in part; the log
    density of how cells scatter around their channel."""
    if structure.pooling == "none":
        return {"effect": position["effect"]}, jnp.zeros(())
    channels = np.array(structure.channels_of_cells)
    if structure.pooling == "complete":
        return {"effect": position["effect"][channels]}, jnp.zeros(())
    scatter, log_scatter = priors.log_density(structure.scatter, position["scatter"], data["scatter_prior"])
    mean, spread = position["effect"][channels], scatter[channels]
    surer = 1 + spread**2 * data["information"]
    z = spread * data["information"] / surer * (data["guess"] - mean) + position["deviation"] / jnp.sqrt(surer)
    log_deviation = (jax.scipy.stats.norm.logpdf(z) - 0.5 * jnp.log(surer)).sum()
    effect = mean + spread * z
    return {"effect": effect, "scatter": scatter}, log_scatter.sum() + log_deviation


def _effects(
    structure: Structure,
    data: Data,
    effect: jax.Array,
    sampled: jax.Array,
    shape: jax.Array,
    elasticity: jax.Array | None,
) -> tuple[jax.Array, jax.Array]:
    """Media coefficient of each cell, and the log density of `sampled`: the effects of cells, or of channels."""
    mean_shape = shape.sum(axis=1) / data["weeks_of_cells"]
    is_height = np.array([kind in HEIGHT_IN_SHAPE for kind in structure.kinds_of_cells])
    unit = jnp.where(is_height, 1.0, mean_shape)
    if structure.pooling == "none":
        coefficient = of_prior = jnp.exp(effect) / unit
    else:
        channels = np.array(structure.channels_of_cells)
        cells_of_channels = np.bincount(channels, minlength=len(sampled))
        unit = jax.ops.segment_sum(unit, channels, num_segments=len(sampled)) / cells_of_channels
        coefficient, of_prior = jnp.exp(effect) / unit[channels], jnp.exp(sampled) / unit
    contribution = coefficient * mean_shape
    total = jnp.zeros(())
    for number, group in enumerate(structure.effects):
        units = np.array(group.units)
        quantity = _quantity(group, units, data, contribution, of_prior, shape, elasticity)
        log_prior = priors.LOG_DENSITIES[group.distribution](quantity, **data["effect_prior"][str(number)])
        total = total + (log_prior + jnp.log(quantity)).sum()
    return coefficient, total


def _quantity(
    group: EffectGroup,
    units: np.ndarray,
    data: Data,
    contribution: jax.Array,
    coefficient: jax.Array,
    shape: jax.Array,
    elasticity: jax.Array | None,
) -> jax.Array:
    if group.quantity == "coefficient":
        return coefficient[units]
    if group.quantity == "contribution":
        return contribution[units] * data["share_of_contribution"][units]
    returns = contribution[units] * data["roas_of_contribution"][units]
    if group.quantity == "roas":
        return returns
    return returns * elasticity[units].sum(axis=1) / shape[units].sum(axis=1)


def _marginal_likelihood(data: Data, residual: jax.Array, sigma: jax.Array) -> jax.Array:
    basis, spread, weeks = data["basis"], data["spread"], data["weeks"]
    inside = jnp.einsum("mtk,mt->mk", basis, residual)
    noise = sigma**2
    total = noise[:, None] + spread**2
    outside = (residual**2).sum(axis=1) - (inside**2).sum(axis=1)
    quadratic = outside / noise + (inside**2 / total).sum(axis=1)
    log_determinant = (weeks - basis.shape[2]) * jnp.log(noise) + jnp.log(total).sum(axis=1)
    return -0.5 * (quadratic + log_determinant + weeks * jnp.log(2 * jnp.pi)).sum()


def _wandering_likelihood(data: Data, residual: jax.Array, sigma: jax.Array, step: jax.Array) -> jax.Array:
    """M is diagonal in the walk's directions: what is left is a Schur complement, as small as the columns."""
    fixed = data["gram"].shape[1]
    inside = jnp.einsum("mtk,mt->mk", data["basis"], residual)
    noise, pace = sigma[:, None] ** 2, step[:, None] ** 2
    walk = noise + pace * data["walk"]
    shrunk = pace / walk
    left = data["gram"] - jnp.einsum("mjr,mr,mkr->mjk", data["cross"], shrunk, data["cross"])
    left = left + noise[:, :, None] * jnp.eye(fixed)
    vector = inside[:, :fixed] - jnp.einsum("mjr,mr->mj", data["cross"], shrunk * inside[:, fixed:])
    explained, log_left = _eliminated(left, vector)
    explained = explained + (shrunk * inside[:, fixed:] ** 2).sum(axis=1)
    quadratic = ((residual**2).sum(axis=1) - explained) / sigma**2
    weeks, directions = data["weeks"], fixed + data["walk"].shape[0]
    log_determinant = 2 * (weeks - directions) * jnp.log(sigma) + jnp.log(walk).sum(axis=1) + log_left
    return -0.5 * (quadratic + log_determinant + weeks * jnp.log(2 * jnp.pi)).sum()


def _eliminated(matrix: jax.Array, vector: jax.Array) -> tuple[jax.Array, jax.Array]:
    """vᵀ M⁻¹ v and log |M| of positive definite matrices (market, k, k), by elimination written out.

    For a dozen columns that is far faster inside a compiled loop than a factorisation by LAPACK and its gradient.
    """
    quadratic, log_determinant = jnp.zeros(len(matrix)), jnp.zeros(len(matrix))
    for _ in range(matrix.shape[1]):
        pivot = matrix[:, 0, 0]
        quadratic = quadratic + vector[:, 0] ** 2 / pivot
        log_determinant = log_determinant + jnp.log(pivot)
        ratio = matrix[:, 1:, 0] / pivot[:, None]
        vector = vector[:, 1:] - ratio * vector[:, :1]
        matrix = matrix[:, 1:, 1:] - ratio[:, :, None] * matrix[:, :1, 1:]
    return quadratic, log_determinant
