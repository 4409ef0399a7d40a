"""What happens in a stress world beside media: demand, plans of spend, controls, noise. Arrays are (week, market)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm_models.transforms import fourier_basis, trend_index
from mmm_models.worlds.baseline import ar1
from mmm_models.worlds.media import spend_levels
from mmm_models.worlds.randomness import stream
from mmm_models.worlds.spec import AlwaysOn, Flighted, SpendPattern
from mmm_models.worlds.stress.recipe import CHANNELS, CONTROLS, Recipe

_PLANS: dict[str, SpendPattern] = {
    "search": AlwaysOn(level_range=(0.5, 1.5), noise=0.25),
    "social": AlwaysOn(level_weeks=(2, 6), level_range=(0.2, 1.8), noise=0.25),
    "tv": Flighted(on_weeks=(3, 7), off_weeks=(2, 6)),
    "display": Flighted(on_weeks=(4, 10), off_weeks=(2, 5), level_range=(0.3, 1.7), noise=0.3),
}
_CHRISTMAS = 352  # day of the year about which the sharp peak lies


@dataclass(frozen=True)
class History:
    """All but media.

    `base` (market): money a week. `baseline`: noiseless outcome without media, in money. `promoted`: 1 where an
    unrecorded promotion runs. `controls` (week, market, control). `noise`: in money.
    """

    base: np.ndarray
    baseline: np.ndarray
    promoted: np.ndarray
    controls: np.ndarray
    noise: np.ndarray


def draw_history(recipe: Recipe, weeks: pd.DatetimeIndex, seed: int) -> History:
    """Draw baseline, controls and noise of every market."""
    parts = [_market(recipe, weeks, stream(seed, recipe.name, "history", market)) for market in recipe.markets]
    base = np.array([part[0] for part in parts])
    baseline, promoted, controls, noise = (np.stack([part[i] for part in parts], axis=1) for i in range(1, 5))
    return History(base, baseline * base, promoted, controls, noise * base)


def draw_plans(recipe: Recipe, history: History, seed: int) -> np.ndarray:
    """Spend of each week as multiples of a plan's mean: (week, market, channel).

    Buyers react to the demand of the same week, recorded or not, and double down on promotions.
    """
    rng = stream(seed, recipe.name, "reaction")
    reaction = np.array([rng.uniform(*limits) for limits in recipe.reaction])
    announced = rng.uniform(*recipe.announced, len(CHANNELS))
    weeks = len(history.baseline)
    demand = history.baseline / history.baseline.mean(axis=0)
    levels = np.empty((weeks, len(recipe.markets), len(CHANNELS)))
    for m, market in enumerate(recipe.markets):
        common = spend_levels(_PLANS["social"], weeks, stream(seed, recipe.name, "plan", market))
        for c, channel in enumerate(CHANNELS):
            own = stream(seed, recipe.name, "plan", market, channel)
            if recipe.budget_noise is None:
                levels[:, m, c] = spend_levels(_PLANS[channel], weeks, own)
            else:
                levels[:, m, c] = common * own.lognormal(0, recipe.budget_noise, weeks)
    reacting = levels * demand[:, :, None] ** reaction
    return np.where(history.promoted[:, :, None] > 0, announced * reacting, reacting)


def _market(
    recipe: Recipe, weeks: pd.DatetimeIndex, rng: np.random.Generator
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """One market: base in money, then baseline, promoted weeks, controls and noise, in shares of the base."""
    count = len(weeks)
    base = 400_000 * rng.lognormal(0, 0.6)
    controls = np.column_stack([ar1(rng, count, 0.7) for _ in CONTROLS])
    trend = rng.uniform(-0.1, 0.2) * trend_index(weeks, weeks[0], recipe.weeks - 1)
    season = fourier_basis(weeks, 2) @ rng.normal(0, 0.06, 4)
    wave = rng.uniform(*recipe.wave) * ar1(rng, count, 0.9)
    baseline = 1 + trend + season + controls @ rng.normal(0, 0.04, len(CONTROLS)) + wave
    shift_week = int(rng.uniform(0.35, 0.7) * recipe.weeks)
    shift = rng.uniform(*recipe.level_shift) * rng.choice([-1, 1])
    baseline = baseline + shift * (np.arange(count) >= shift_week)
    promoted = _promoted_weeks(count, rng)
    baseline = baseline + rng.uniform(*recipe.promotion) * promoted
    distance = weeks.dayofyear.to_numpy() - _CHRISTMAS
    baseline = baseline + rng.uniform(*recipe.peak) * np.exp(-0.5 * (distance / 10) ** 2)
    return base, np.maximum(baseline, 0.2), promoted, controls, _noise(recipe, count, rng)


def _promoted_weeks(count: int, rng: np.random.Generator) -> np.ndarray:
    """1 in promotions of one or two weeks, every five to nine weeks."""
    promoted = np.zeros(count)
    week = int(rng.integers(0, 6))
    while week < count:
        length = int(rng.integers(1, 3))
        promoted[week : week + length] = 1.0
        week += length + int(rng.integers(4, 9))
    return promoted


def _noise(recipe: Recipe, count: int, rng: np.random.Generator) -> np.ndarray:
    df = recipe.noise_df
    standard = rng.normal(size=count) if df is None else rng.standard_t(df, count) / np.sqrt(df / (df - 2))
    noise = rng.uniform(*recipe.noise) * standard
    hit = rng.choice(recipe.weeks, recipe.outliers, replace=False)
    noise[hit] += rng.uniform(0.2, 0.4, recipe.outliers) * rng.choice([-1, 1], recipe.outliers)
    return noise
