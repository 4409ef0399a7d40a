"""The named worlds. All but `clean` break something that the usual model assumes."""

from mmm_models.errors import did_you_mean
from mmm_models.worlds.stress.recipe import CHANNELS, Range, Recipe

_ALL = len(CHANNELS)


def _reacting(**by_channel: Range) -> tuple[Range, Range, Range, Range]:
    search, social, tv, display = (by_channel.get(name, (0.0, 0.0)) for name in CHANNELS)
    return search, social, tv, display


_FOLLOWING: tuple[Range, Range, Range, Range] = ((1.0, 2.0),) * _ALL  # type: ignore[assignment]

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe("clean", "nothing: forms and, roughly, sizes are those that the default model assumes"),
        Recipe(
            "demand_confounded",
            "spend of every channel follows an unrecorded demand wave, which sells by itself",
            wave=(0.10, 0.15),
            reaction=_FOLLOWING,
        ),
        Recipe(
            "search_follows_demand",
            "search is bought by people who already want the product: its spend answers demand in the same week",
            wave=(0.06, 0.10),
            reaction=_reacting(search=(3.0, 5.0)),
        ),
        Recipe("collinear", "budgets are raised and cut together, so that the data hardly tell channels apart",
               budget_noise=0.12),
        Recipe("s_shaped", "small budgets bring next to nothing: Hill saturation with slopes of 1.5 to 3",
               saturation="hill"),
        Recipe(
            "delayed_adstock",
            "the effect is strongest two to five weeks after the money, and reaches beyond the model's eight weeks",
            adstock="delayed",
            max_lag=13,
        ),
        Recipe("time_varying_effect", "what a channel brings wanders over the years", drift=(0.3, 0.6)),
        Recipe("trend_break", "the level shifts once and stays", level_shift=(0.15, 0.30)),
        Recipe(
            "omitted_promotion",
            "promotions sell by themselves, are announced by media, and are not in the data",
            promotion=(0.10, 0.25),
            announced=(1.4, 2.2),
        ),
        Recipe("heavy_tails", "noise is Student-t with 3 degrees of freedom, and four weeks are outliers",
               noise_df=3.0, outliers=4),
        Recipe(
            "heterogeneous_geos",
            "six markets of different sizes, in which the same channel brings different returns",
            markets=("north", "east", "south", "west", "centre", "coast"),
            effect_scatter=0.4,
        ),
        Recipe("synergy", "television makes search work better, so that effects do not add up", synergy=(0.5, 1.0)),
        Recipe("idle_channel", "display brings nothing at all, which a positive prior cannot say", idle="display"),
        Recipe(
            "sharp_season",
            "a short peak before Christmas, which budgets follow, is sharper than the model's season",
            peak=(0.3, 0.6),
            reaction=_FOLLOWING,
        ),
    )
}  # fmt: skip


def recipe(name: str) -> Recipe:
    """The recipe of that name. Raises ValueError for an unknown one, with the nearest known."""
    if name not in RECIPES:
        raise ValueError(f"unknown world {name!r}{did_you_mean(name, RECIPES)}; known are {', '.join(RECIPES)}")
    return RECIPES[name]
