"""The grid: one complete spec for each combination of kinds."""

from itertools import product

from mmm_models.spec import AdstockSpec, ChannelSpec, ModelSpec, PriorSpec, SaturationSpec
from mmm_models.transforms import ADSTOCKS, SATURATIONS

# The height of these is the outcome at full saturation, so that a prior on it means the same.
_SAME_HEIGHT = {"logistic", "hill", "michaelis_menten", "tanh"}


def structures_of(spec: ModelSpec) -> dict[str, ModelSpec]:
    """Name -> spec of every structure, without the tournament; names are the kinds of the axes, `delayed-hill-local`.

    Each kind is laid over every channel. A channel whose own kind it is keeps its priors; otherwise parameters start
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
        channels = {name: _laid_over(channel, adstock, saturation) for name, channel in spec.channels.items()}
        name = "-".join(kind for kind in (adstock, saturation, trend) if kind)
        changes = {"channels": channels, "trend": trend or spec.trend, "tournament": None}
        found[name] = spec.model_copy(update=changes)
    return found


def kinds_of(spec: ModelSpec) -> dict[str, str]:
    """adstock, saturation and trend of a structure's spec; kinds of several channels are joined by " + "."""
    return {
        "adstock": _joined(channel.adstock.kind for channel in spec.channels.values()),
        "saturation": _joined(channel.saturation.kind for channel in spec.channels.values()),
        "trend": spec.trend,
    }


def _joined(kinds: object) -> str:
    return " + ".join(dict.fromkeys(kinds))


def _laid_over(channel: ChannelSpec, adstock: str | None, saturation: str | None) -> ChannelSpec:
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
