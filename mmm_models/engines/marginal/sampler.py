"""NUTS by blackjax, compiled together with the density: once a structure, the data swapped in.

Each chain is one compiled call on a thread of its own: XLA lets go of Python's lock, so chains use all cores, and no
leapfrog step waits for another chain's tree, as it would in one vectorised call.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import blackjax
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from mmm_models.engines.marginal.density import Data, Position, kept_of_draw, log_posterior
from mmm_models.engines.marginal.structure import Structure

# Starting points lie this far apart, in units of the coordinates without limits.
_START_SPREAD = 0.5
# Longest trees while a chain adapts, 2^6 - 1 steps. Before scales are known trees grow to the sampler's limit of 1,023
# steps: a model of 20 markets and 12 channels spent two thirds of its adaptation there, and was no better for it.
_ADAPTING_DOUBLINGS = 6


@dataclass(frozen=True)
class Draws:
    """What a sampler gives: what `kept_of_draw` says, as (chain, draw, ...), and its own statistics (chain, draw)."""

    kept: dict[str, np.ndarray]
    diverging: np.ndarray
    energy: np.ndarray

    def then(self, more: Draws) -> Draws:
        """These draws and those after them."""
        joined = {name: np.concatenate([values, more.kept[name]], 1) for name, values in self.kept.items()}
        return Draws(
            joined,
            np.concatenate([self.diverging, more.diverging], 1),
            np.concatenate([self.energy, more.energy], 1),
        )


def sample(
    structure: Structure,
    data: Data,
    start: Position,
    *,
    tune: int,
    draws: int,
    chains: int,
    target_accept: float,
    seed: int,
    cores: int,
) -> Iterator[Draws]:
    """Adapt each chain, then yield blocks of `draws` draws a chain, as many as are asked for.

    The same arguments give the same draws, whatever the number of cores.
    """
    shape, data = Shape.of(start), jax.tree.map(jnp.asarray, data)
    keys = jax.random.split(jax.random.key(seed), (chains, 2))
    flat = ravel_pytree(start)[0]

    def beginning(chain: int) -> tuple[Any, ...]:
        spread = _START_SPREAD * jax.random.normal(jax.random.fold_in(keys[chain, 0], 1), flat.shape)
        return data, flat + spread, keys[chain, 0], jnp.asarray(target_accept)

    with ThreadPoolExecutor(min(cores, chains)) as threads:
        adapt, draw = _compiled(structure, shape, tune, draws, *_form(beginning(0)))
        states = list(threads.map(lambda chain: jax.block_until_ready(adapt(*beginning(chain))), range(chains)))
        block = 0
        while True:
            block_keys = [jax.random.fold_in(keys[chain, 1], block) for chain in range(chains)]
            results = list(threads.map(lambda at, key: jax.block_until_ready(draw(data, *at, key)), states, block_keys))
            states = [at for at, _ in results]
            told = [jax.tree.map(np.asarray, out) for _, out in results]
            yield Draws(*jax.tree.map(lambda *each: np.stack(each), *told))
            block += 1


# A structure's programs hold some 65 MB; those of another are back from the disk in a second.
@functools.lru_cache(maxsize=8)
def _compiled(
    structure: Structure, shape: Shape, tune: int, draws: int, tree: Any, forms: tuple[Any, ...]
) -> tuple[Callable, Callable]:
    """Adaptation and a block of draws for such arguments, compiled side by side; JAX keeps both on disk, too."""
    arguments = jax.tree.unflatten(tree, [jax.ShapeDtypeStruct(*form) for form in forms])
    data, _, key, _ = arguments
    adapt = functools.partial(_adapt, structure, shape, tune)
    draw = functools.partial(_draw, structure, shape, draws)
    with ThreadPoolExecutor(2) as threads:
        adapting = threads.submit(lambda: jax.jit(adapt).lower(*arguments).compile())
        state, tuning = jax.eval_shape(adapt, *arguments)
        drawing = threads.submit(lambda: jax.jit(draw).lower(data, state, tuning, key).compile())
        return adapting.result(), drawing.result()


def _form(arguments: tuple[Any, ...]) -> tuple[Any, tuple[tuple[tuple[int, ...], Any], ...]]:
    """Tree, shapes and types of arguments, hashable."""
    leaves, tree = jax.tree.flatten(arguments)
    return tree, tuple((leaf.shape, leaf.dtype) for leaf in leaves)


@dataclass(frozen=True)
class Shape:
    """The tree of a position, hashable: how a flat vector becomes one."""

    tree: Any
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, position: Position) -> Shape:
        """Of a position whose leaves have one dimension each."""
        leaves, tree = jax.tree.flatten(position)
        return cls(tree, tuple(len(leaf) for leaf in leaves))

    def position(self, flat: jax.Array) -> Position:
        """The position of a flat vector."""
        ends = np.cumsum(self.sizes)[:-1]
        return jax.tree.unflatten(self.tree, jnp.split(flat, ends))


def _log_density(structure: Structure, shape: Shape, data: Data) -> Callable[[jax.Array], jax.Array]:
    return lambda flat: log_posterior(structure, data, shape.position(flat))


def _adapt(
    structure: Structure,
    shape: Shape,
    tune: int,
    data: Data,
    flat: jax.Array,
    key: jax.Array,
    target_accept: jax.Array,
) -> tuple[Any, dict[str, jax.Array]]:
    """Step size and mass matrix by windows (Stan's scheme), and the state at the end of them."""
    warmup = blackjax.window_adaptation(
        blackjax.nuts,
        _log_density(structure, shape, data),
        target_acceptance_rate=target_accept,
        max_num_doublings=_ADAPTING_DOUBLINGS,
    )
    (state, tuning), _ = warmup.run(key, flat, num_steps=tune)
    return state, {name: tuning[name] for name in ("step_size", "inverse_mass_matrix")}


def _draw(
    structure: Structure,
    shape: Shape,
    draws: int,
    data: Data,
    state: Any,
    tuning: dict[str, jax.Array],
    key: jax.Array,
) -> tuple[tuple[Any, dict[str, jax.Array]], tuple[dict[str, jax.Array], jax.Array, jax.Array]]:
    kernel = blackjax.nuts(_log_density(structure, shape, data), **tuning)

    def step(state: Any, key: jax.Array) -> tuple[Any, Any]:
        state, info = kernel.step(key, state)
        kept = kept_of_draw(structure, data, shape.position(state.position))
        return state, (kept, info.is_divergent, info.energy)

    state, out = jax.lax.scan(step, state, jax.random.split(key, draws))
    return (state, tuning), out
