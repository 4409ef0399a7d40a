"""Weekly worlds with a known truth, each of which breaks one assumption of the usual model; see `catalogue.RECIPES`."""

from mmm_models.worlds.stress.catalogue import RECIPES, recipe
from mmm_models.worlds.stress.recipe import Recipe
from mmm_models.worlds.stress.truth import true_returns
from mmm_models.worlds.stress.world import StressWorld, make_world

__all__ = ["RECIPES", "Recipe", "StressWorld", "make_world", "recipe", "true_returns"]
