"""Channels that go dark: which limits of a plan fall away with them, so that the rest can still be planned."""

from dataclasses import replace

import xarray as xr

from mmm_models.planning.constraints import LineBounds
from mmm_models.spec import GroupSpec, PlanningSpec, RatioSpec


def without_channels(
    planning: PlanningSpec, bounds: LineBounds, dark: list[str]
) -> tuple[PlanningSpec, LineBounds, list[str]]:
    """The limits of a plan in which some channels spend nothing, and what had to give in words.

    Their lines' bounds become 0. What asks them for money falls away: their least spend, what is committed, ratios
    that hold them above another channel, and least money or share of groups that hold nothing else. All limits of
    channels that still run stay, also where they now clash.
    """
    if not dark:
        return planning, bounds, []
    out = bounds.status_quo.channel.isin(dark)
    notes = _least_spend(bounds, dark)
    bought = [commitment for commitment in planning.commitments if commitment.channel in dark]
    notes += [
        f"{each.market}/{each.channel} is committed to {each.spend:,.0f} in the week of {each.week_start}"
        for each in bought
    ]
    bounds = replace(
        bounds,
        **{name: getattr(bounds, name).where(~out, 0.0) for name in ("lower", "upper", "lot", "committed")},
        may_rest=bounds.may_rest & ~out,
    )
    channels = [str(name) for name in bounds.status_quo.channel.values]
    groups, ratios = [], []
    for group in planning.groups:
        eased = _eased_group(group, channels, dark)
        groups += [eased] if eased else []
        if eased is not group:
            notes.append(f"the least of group {group.name}, all of which is dark, falls away")
    for ratio in planning.ratios:
        eased = ratio if ratio.channel not in dark or ratio.min is None else _without_min(ratio)
        ratios += [eased] if eased else []
        if eased is not ratio:
            notes.append(f"{ratio.channel} at least {ratio.min:g} times {ratio.of} falls away")
    running = [commitment for commitment in planning.commitments if commitment.channel not in dark]
    changed = {"groups": groups, "ratios": ratios, "commitments": running}
    return planning.model_copy(update=changed), bounds, notes


def _least_spend(bounds: LineBounds, dark: list[str]) -> list[str]:
    """Lines with a least spend that falls away."""
    least: xr.DataArray = bounds.lower.where(~bounds.may_rest, 0.0)
    return [
        f"{market}/{channel} has a least spend of {float(least.sel(market=market, channel=channel)):,.0f} a week"
        for channel in dark
        for market in map(str, bounds.status_quo.market.values)
        if float(least.sel(market=market, channel=channel)) > 0
    ]


def _eased_group(group: GroupSpec, channels: list[str], dark: list[str]) -> GroupSpec | None:
    """The group without least amounts where all its channels are dark; None if nothing is left of it."""
    asks = any(limit is not None for limit in (group.min, group.share_min, group.return_min))
    if not asks or not set(group.channels or channels) <= set(dark):
        return group
    if group.max is None and group.share_max is None:
        return None
    return group.model_copy(update={"min": None, "share_min": None, "return_min": None})


def _without_min(ratio: RatioSpec) -> RatioSpec | None:
    return None if ratio.max is None else ratio.model_copy(update={"min": None})
