"""What makes one world differ from the next: plain frozen data. A world is a recipe and a seed."""

from dataclasses import dataclass

# Lowest and highest value; each seed draws its own, uniformly.
type Range = tuple[float, float]

CHANNELS = ("search", "social", "tv", "display")
CONTROLS = ("price", "weather")
NONE: Range = (0.0, 0.0)


@dataclass(frozen=True)
class Recipe:
    """How the histories of a world are drawn. The defaults give the clean world: the default model's own forms.

    Shares are of a market's weekly base: its mean weekly outcome without media.

    Attributes:
        name: as the benchmark prints it.
        breaks: the assumption of the usual model that fails here, in a sentence.
        weeks: length of the data; `ahead` weeks more are simulated and not shown to any model.
        markets: names; each has a base, spend and noise of its own.
        adstock, saturation: kinds of `mmm_models.transforms`.
        max_lag: number of adstock weights.
        wave: standard deviation of an unrecorded demand wave, as a share.
        reaction: elasticity of each channel's spend to the demand of the same week; 0 buys blind.
        budget_noise: None: each channel has plans of its own. Otherwise all follow one plan, with lognormal noise of
            this standard deviation around it.
        drift: standard deviation of the log of each channel's effect along the data; it wanders slowly.
        level_shift: size of one lasting shift of the level, up or down, as a share.
        promotion: what an unrecorded promotion adds to a week, as a share; `announced`: its weeks' spend, as a multiple
            of the plan's.
        peak: height of a sharp yearly peak before Christmas, as a share.
        outliers: number of weeks that are far off for no reason, by 0.2 to 0.4 of the base, up or down.
        noise: standard deviation of the weekly noise, as a share; `noise_df`: its degrees of freedom, None is normal.
        effect_scatter: standard deviation of the log of a channel's effect over markets.
        synergy: share by which television at full saturation raises the effect of search.
        idle: a channel that brings nothing.
    """

    name: str
    breaks: str
    weeks: int = 156
    ahead: int = 13
    markets: tuple[str, ...] = ("US",)
    adstock: str = "geometric"
    saturation: str = "logistic"
    max_lag: int = 8
    wave: Range = NONE
    reaction: tuple[Range, Range, Range, Range] = (NONE, NONE, NONE, NONE)
    budget_noise: float | None = None
    drift: Range = NONE
    level_shift: Range = NONE
    promotion: Range = NONE
    announced: Range = (1.0, 1.0)
    peak: Range = NONE
    outliers: int = 0
    noise: Range = (0.03, 0.06)
    noise_df: float | None = None
    effect_scatter: float = 0.0
    synergy: Range = NONE
    idle: str | None = None
