"""How media bring outcome in a stress world: parameters drawn from the seed, and the response to any path of spend."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mmm_models.transforms import ADSTOCKS, SATURATIONS, adstock_weights, carry_over
from mmm_models.worlds.baseline import ar1
from mmm_models.worlds.randomness import stream
from mmm_models.worlds.stress.recipe import CHANNELS, Recipe

# kind -> parameter -> draw. Geometric and logistic: the default priors of the model themselves.
_PARAMETERS: dict[str, dict[str, Callable[[np.random.Generator], float]]] = {
    "geometric": {"alpha": lambda rng: rng.beta(2, 3)},
    "delayed": {"alpha": lambda rng: rng.uniform(0.6, 0.9), "theta": lambda rng: rng.uniform(2, 5)},
    "logistic": {"lam": lambda rng: rng.gamma(3, 1)},
    # Up to the end of the range in which Robyn looks for slopes, 0.5 to 3.
    "hill": {"slope": lambda rng: rng.uniform(1.5, 3), "kappa": lambda rng: rng.uniform(0.3, 0.6)},
}


@dataclass(frozen=True)
class Media:
    """The true effect of media, without noise.

    Attributes:
        scale: money a week that counts as pressure 1, (market, channel): the largest week of the data.
        height: outcome a week at full saturation, (market, channel).
        weights: of the adstock, (channel, lag).
        saturation: kind; `shape`: its parameters, each (channel,).
        strength: factor of the effect in each week, (week, channel); the last one holds on.
        synergy: share by which full pressure of `tv` raises what `search` brings.
    """

    scale: np.ndarray
    height: np.ndarray
    weights: np.ndarray
    saturation: str
    shape: dict[str, np.ndarray]
    strength: np.ndarray
    synergy: float

    def respond(self, spend: np.ndarray) -> np.ndarray:
        """Outcome of each week and channel from spend (week, market, channel), nothing before it: the same shape."""
        weeks, markets, channels = spend.shape
        pressure = (spend / self.scale).reshape(weeks, markets * channels)
        carried = carry_over(pressure, np.tile(self.weights, (markets, 1))[None])[0].reshape(spend.shape)
        shares = SATURATIONS[self.saturation].shape(carried, **self.shape)
        if self.synergy:
            tv, search = CHANNELS.index("tv"), CHANNELS.index("search")
            shares[..., search] *= 1 + self.synergy * shares[..., tv]
        known = np.minimum(np.arange(weeks), len(self.strength) - 1)
        return shares * self.height * self.strength[known][:, None, :]


def draw_media(recipe: Recipe, levels: np.ndarray, base: np.ndarray, seed: int) -> tuple[Media, np.ndarray]:
    """Return the media of a world, and its spend in money (week, market, channel).

    Heights and returns are drawn; money follows from them, so that the prior of the height and that of the returns can
    both be sensible: a channel that brings much has been given much.

    Args:
        recipe: the world.
        levels: planned spend of each week in any unit, (week, market, channel).
        base: weekly outcome of each market without media, in money.
        seed: of the world.
    """
    rng = stream(seed, recipe.name, "media")
    adstock = _drawn(recipe.adstock, ADSTOCKS[recipe.adstock].parameters, rng)
    shape = _drawn(recipe.saturation, SATURATIONS[recipe.saturation].parameters, rng)
    # The default prior of the height, HalfNormal(0.5), without channels that cannot be seen or are the whole business.
    height_share = np.array([_between(rng, 0.05, 0.60) for _ in CHANNELS])
    roas = rng.lognormal(np.log(2.0), 0.5, len(CHANNELS))
    scatter = rng.normal(0, recipe.effect_scatter, (len(base), len(CHANNELS))) if recipe.effect_scatter else 0.0
    drift = rng.uniform(*recipe.drift)
    strength = np.exp(drift * np.column_stack([ar1(rng, len(levels), 0.98) for _ in CHANNELS]))
    plain = Media(
        scale=levels[: recipe.weeks].max(axis=0),
        height=base[:, None] * height_share,
        weights=adstock_weights(recipe.adstock, adstock, recipe.max_lag),
        saturation=recipe.saturation,
        shape=shape,
        strength=np.ones((1, len(CHANNELS))),
        synergy=0.0,
    )
    brought = plain.respond(levels)[: recipe.weeks].sum(axis=(0, 1))
    unit = brought / roas / (levels * base[:, None])[: recipe.weeks].sum(axis=(0, 1)) * base[:, None]
    working = np.array([name != recipe.idle for name in CHANNELS], dtype=float)
    media = Media(
        scale=plain.scale * unit,
        height=plain.height * np.exp(scatter) * working,
        weights=plain.weights,
        saturation=plain.saturation,
        shape=shape,
        strength=strength,
        synergy=rng.uniform(*recipe.synergy),
    )
    return media, levels * unit


def _drawn(kind: str, names: tuple[str, ...], rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {name: np.array([_PARAMETERS[kind][name](rng) for _ in CHANNELS]) for name in names}


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    """From the half of Normal(0, 0.5) that is positive, between two limits."""
    while not low <= (value := abs(rng.normal(0, 0.5))) <= high:
        pass
    return value
