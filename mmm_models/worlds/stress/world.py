"""From a recipe and a seed to a company: what a model sees, and what really happened."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.panel import Panel
from mmm_models.worlds.stress.catalogue import recipe as recipe_of
from mmm_models.worlds.stress.history import draw_history, draw_plans
from mmm_models.worlds.stress.media import Media, draw_media
from mmm_models.worlds.stress.recipe import CHANNELS, CONTROLS, Recipe

START = "2021-01-04"


@dataclass(frozen=True, eq=False)
class StressWorld:
    """One company.

    Attributes:
        recipe, seed: which company of which world.
        panel: the weeks that a model is given.
        ahead: the weeks after them, with their outcome; no model sees it.
        media: the true response to spend.
        baseline: noiseless outcome without media, in money, (week, market), of `panel` and `ahead`.
    """

    recipe: Recipe
    seed: int
    panel: Panel
    ahead: Panel
    media: Media
    baseline: xr.DataArray

    @property
    def mean(self) -> xr.DataArray:
        """Noiseless outcome of `panel` and `ahead`: (week, market)."""
        spend = np.concatenate([part.dataset["spend"].values for part in (self.panel, self.ahead)])
        return self.baseline + self.media.respond(spend).sum(axis=2)


def make_world(name: str, seed: int) -> StressWorld:
    """Return the company that a seed draws in the world of that name; the same name and seed, the same figures.

    Raises ValueError for an unknown name.
    """
    recipe = recipe_of(name)
    weeks = pd.date_range(START, periods=recipe.weeks + recipe.ahead, freq="7D")
    history = draw_history(recipe, weeks, seed)
    media, spend = draw_media(recipe, draw_plans(recipe, history, seed), history.base, seed)
    coords = {"week": weeks, "market": list(recipe.markets), "channel": list(CHANNELS), "control": list(CONTROLS)}
    outcome = history.baseline + media.respond(spend).sum(axis=2) + history.noise
    data = xr.Dataset(
        {
            "outcome": (("week", "market"), outcome),
            "spend": (("week", "market", "channel"), spend),
            "controls": (("week", "market", "control"), history.controls),
        },
        coords=coords,
        attrs={"outcome_name": "revenue", "currency": "USD"},
    )
    baseline = xr.DataArray(
        history.baseline, coords={k: coords[k] for k in ("week", "market")}, dims=("week", "market")
    )
    seen, later = (Panel(data.isel(week=part)) for part in (slice(0, recipe.weeks), slice(recipe.weeks, None)))
    return StressWorld(recipe, seed, seen, later, media, baseline)
