"""The grid: one complete spec for each combination of kinds."""

from itertools import product

from mmm_models.spec import AdstockSpec, ChannelSpec, ModelSpec, OrganicSpec, PriorSpec, SaturationSpec
from mmm_models.transforms import ADSTOCKS, SATURATIONS

# The height of these is the outcome at full saturation, so that a prior on it means the same.
_SAME_HEIGHT = {"logistic", "hill", "michaelis_menten", "tanh"}


def structures_of(spec: ModelSpec) -> dict[str, ModelSpec]:
    """Name -> spec of every structure, without the tournament; names are the kinds of the axes, `delayed-hill-local`.

    Each kind is laid over every channel and organic medium. Where it is their own, priors stay; else parameters start
    from the kind's defaults, save those that mean the same in both: memory, retention (geometric, delayed), the scale
    and shape of Weibull carryover, and the outcome at full saturation. A prior sized by money so holds in every
    structure that knows it.

    Raises:
        ValueError: the spec has no tournament.
    """
    grid = spec.tournament
    if grid is None:
        raise ValueError(f"model {spec.model} has no tournament")
    found = {}
    for adstock, saturation, trend in product(grid.adstock or [None], grid.saturation or [None], grid.trend or [None]):
        name = "-".join(kind for kind in (adstock, saturation, trend) if kind)
        media = {
            key: {medium: _laid_over(own, adstock, saturation) for medium, own in getattr(spec, key).items()}
            for key in ("channels", "organic")
        }
        changes = {**media, "trend": trend or spec.trend, "tournament": None}
        found[name] = spec.model_copy(update=changes)
    return found


def kinds_of(spec: ModelSpec) -> dict[str, str]:
    """adstock, saturation and trend of a structure's spec; kinds of several channels are joined by " + "."""
    return {
        "adstock": _joined(spec.channel(name).adstock.kind for name in spec.media_names),
        "saturation": _joined(spec.channel(name).saturation.kind for name in spec.media_names),
        "trend": spec.trend,
    }


def _joined(kinds: object) -> str:
    return " + ".join(dict.fromkeys(kinds))


def _laid_over[T: (ChannelSpec, OrganicSpec)](channel: T, adstock: str | None, saturation: str | None) -> T:
    changes = {}
    if adstock not in (None, channel.adstock.kind):
        changes["adstock"] = _other_adstock(channel.adstock, adstock)
    if saturation not in (None, channel.saturation.kind):
        changes["saturation"] = _other_saturation(channel.saturation, saturation)
    return channel.model_copy(update=changes)


def _other_adstock(own: AdstockSpec, kind: str) -> AdstockSpec:
    shared = {name: prior for name, prior in own.priors.items() if name in ADSTOCKS[kind].parameters}
    return AdstockSpec(kind=kind, max_lag=own.max_lag, **shared)


def _other_saturation(own: SaturationSpec, kind: str) -> SaturationSpec:
    # Names such as lam and alpha mean other things in other kinds, so only the height goes along.
    height: dict[str, PriorSpec] = {}
    if {own.kind, kind} <= _SAME_HEIGHT:
        height = {SATURATIONS[kind].amplitude: own.priors[SATURATIONS[own.kind].amplitude]}
    return SaturationSpec(kind=kind, **height)
