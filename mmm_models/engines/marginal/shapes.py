"""From volumes and the parameters of curves to what each cell's effect is multiplied with, week by week."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np

from mmm_models.engines.marginal import curves
from mmm_models.engines.marginal.structure import CurveGroup, Structure
from mmm_models.transforms import SATURATIONS

# Kinds whose height is among the parameters of their shape.
HEIGHT_IN_SHAPE = tuple(kind for kind, curve in SATURATIONS.items() if curve.amplitude in curve.parameters)

type Data = dict[str, jax.Array | dict]


def assembled(pieces: list[tuple[tuple[int, ...], jax.Array]]) -> jax.Array:
    """Pieces at given positions as one array."""
    if len(pieces) == 1:
        return pieces[0][1]
    order = np.argsort(np.concatenate([np.array(where) for where, _ in pieces]))
    return jnp.concatenate([x for _, x in pieces])[order]


def weights_of_channels(structure: Structure, data: Data, found: dict[str, jax.Array]) -> jax.Array:
    """Adstock weights, (channel, lag)."""
    pieces = []
    for number, group in enumerate(structure.adstocks):
        parameters = {name: found[f"adstock.{number}.{name}"] for name in parameters_of(group)}
        pieces.append(
            (group.channels, curves.weights(group.kind, parameters, data["remembered"][np.array(group.channels)]))
        )
    return assembled(pieces)


def _pressure(structure: Structure, data: Data, weights: jax.Array) -> jax.Array:
    """Adstocked volume / scale of each cell, (cell, week)."""
    channels, lags, markets, weeks = data["lagged"].shape
    pressure = jnp.einsum("cl,cln->cn", weights, data["lagged"].reshape(channels, lags, markets * weeks))
    pressure = pressure.reshape(channels * markets, weeks)
    if structure.is_complete(markets, channels):
        return pressure
    return pressure[np.array(structure.channels_of_cells) * markets + np.array(structure.markets_of_cells)]


def saturated_shapes(
    structure: Structure, data: Data, found: dict[str, jax.Array]
) -> tuple[jax.Array, jax.Array | None]:
    """What acts in each cell, saturated, as a multiple of its effect (cell, week), and its elasticity by volume where a
    prior asks for it."""
    weights = weights_of_channels(structure, data, found)
    pressure = _pressure(structure, data, weights)
    wanted = any(effect.quantity == "mroas" for effect in structure.effects)
    shapes, slopes = [], []
    for group, cells, parameters in cells_by_saturation(structure, found):
        if group.by_frequency:
            shapes.append(_reached(structure, data, weights, group, cells, parameters))
            slopes.append(shapes[-1])
            continue
        shapes.append(curves.SHAPES[group.kind](pressure[cells], **parameters))
        if wanted:
            slopes.append(curves.ELASTICITIES[group.kind](pressure[cells], **parameters))
    strength = strength_of_cells(structure, data, found)
    return jnp.concatenate(shapes) * strength, jnp.concatenate(slopes) * strength if wanted else None


def _reached(
    structure: Structure,
    data: Data,
    weights: jax.Array,
    group: CurveGroup,
    cells: slice,
    parameters: dict[str, jax.Array],
) -> jax.Array:
    """Adstocked reach, each week's counted by its frequency, (cell, week)."""
    markets, channels = np.array(structure.cells[cells]).T
    rows = [structure.cells_by_frequency.index(cell) for cell in structure.cells[cells]]
    own = {name: values[:, :, None] for name, values in parameters.items()}
    counted = curves.SHAPES[group.kind](data["contacts"][np.array(rows)], **own)
    return jnp.einsum("cl,clt->ct", weights[channels], data["lagged"][channels, :, markets] * counted)


def strength_of_cells(structure: Structure, data: Data, found: dict[str, jax.Array]) -> jax.Array | float:
    """The effect of each cell's channel in a week as a multiple of its usual one (cell, week)."""
    if not structure.wandering:
        return 1.0
    paths = found["walk"] @ data["directions"].T
    steady = jnp.zeros((1, paths.shape[1]))
    # The last row is that of the others.
    row = [structure.wandering.index(c) if c in structure.wandering else -1 for c in structure.channels_of_cells]
    return jnp.exp(jnp.concatenate([paths, steady])[np.array(row)])


def cells_by_saturation(
    structure: Structure, found: dict[str, jax.Array]
) -> Iterator[tuple[CurveGroup, slice, dict[str, jax.Array]]]:
    """Each saturation group with its cells, which stand together, and its parameters as (cell, 1)."""
    start = 0
    for number, group in enumerate(structure.saturations):
        members = [channel for _, channel in structure.cells if channel in group.channels]
        cells = slice(start, start + len(members))
        start = cells.stop
        row = np.array([group.channels.index(channel) for channel in members], dtype=int)
        parameters = {name: found[f"saturation.{number}.{name}"][row][:, None] for name in parameters_of(group)}
        if group.kind in HEIGHT_IN_SHAPE:
            parameters[SATURATIONS[group.kind].amplitude] = jnp.exp(found["effect"][cells])[:, None]
        yield group, cells, parameters


def parameters_of(group: CurveGroup) -> list[str]:
    """Names of a group's parameters, each once."""
    return list(dict.fromkeys(parameter for parameter, _, _ in group.priors))
