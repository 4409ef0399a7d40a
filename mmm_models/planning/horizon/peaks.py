"""Weekly maxima: how much a line can spend on average under its own, and rows for that of all lines together."""

from dataclasses import replace

import numpy as np
import xarray as xr

from mmm_models.planning.constraints import LineBounds, Row
from mmm_models.planning.errors import PlanError
from mmm_models.planning.horizon.choosing import given_weights, laydown_asked
from mmm_models.planning.horizon.patterns import CONTINUOUS, GIVEN, even, greatest_level, pulses, starts
from mmm_models.planning.horizon.terms import Terms
from mmm_models.spec import ModelSpec

# Rounding of sums of money, relative.
_ROUNDING = 1e-9


def within_week_max(bounds: LineBounds, spec: ModelSpec, terms: Terms) -> LineBounds:
    """Bounds whose upper limits keep each line's weekly maximum, in the gentlest laydown that it may take.

    Raises:
        PlanError: what a line must spend does not fit under its weekly maximum.
    """
    if not np.isfinite(terms.caps).any():
        return bounds
    upper, weeks = bounds.upper.copy(), len(terms.weeks.planned)
    for market in map(str, upper.market.values):
        for channel in map(str, upper.channel.values):
            here = {"market": market, "channel": channel}
            cap = float(terms.caps.sel(here))
            asked = laydown_asked(spec.planning, channel, plannable=spec.channel(channel).plannable)
            if isinstance(asked, list):
                menu = [given_weights(asked, weeks, channel)]
            else:
                menu = list(pulses(weeks).values()) if asked == "pulsed" and weeks > 1 else [even(weeks)]
            committed = terms.committed.sel(here).values
            most = max(greatest_level(weights, committed, cap) for weights in menu)
            least = float(bounds.lower.sel(here))
            if most < least * (1 - _ROUNDING) or committed.max() > cap * (1 + _ROUNDING):
                raise PlanError(
                    f"{market}/{channel} may spend {cap:,.0f} in any one week, which its laydown lets come to "
                    f"{max(most, 0.0):,.0f} a week on average; its bounds and commitments take {least:,.0f} a week, "
                    f"{committed.max():,.0f} of it in one week already. Raise week_max, or lower min, min_change or "
                    "fixed of this line under planning.bounds, or the commitment."
                )
            upper.loc[here] = min(float(upper.sel(here)), most)
    return replace(bounds, upper=upper)


def week_rows(terms: Terms, laydowns: xr.Dataset, most: float) -> tuple[Row, ...]:
    """Rows that keep the money of all lines together at or below `most` in each week, in these laydowns.

    A line's week is c_t + (b − c̄)·π_t, so that Σ π_t b ≤ most − Σ (c_t − c̄ π_t). Of weeks with the same weights only
    the tightest has a row.
    """
    order = ("week", "market", "channel")
    weights = laydowns.weight.transpose(*order).values.reshape(len(terms.weeks.planned), -1)
    committed = terms.committed.transpose(*order).values.reshape(weights.shape)
    spare = most - (committed - committed.mean(axis=0) * weights).sum(axis=1)
    rows: dict[bytes, Row] = {}
    for week, own, left in zip(terms.weeks.planned, weights, spare, strict=True):
        known = rows.get(own.tobytes())
        if known is None or left < known.high:
            name = f"at most {most:,.0f} in the week of {week:%Y-%m-%d}"
            rows[own.tobytes()] = Row(name, "planning.week_max", own, np.zeros(own.size), high=float(left))
    return tuple(row for row in rows.values() if row.spend.any())


def staggered(laydowns: xr.Dataset, levels: xr.DataArray, terms: Terms) -> xr.Dataset:
    """The laydowns with pulses moved in time so that they get out of each other's way, the largest lines first.

    Each pulsed line begins in the week that leaves the greatest week of all lines smallest.
    """
    found = laydowns.copy(deep=True)
    free = np.maximum(levels - terms.mean_committed, 0.0)
    total = terms.spend(levels, found.weight).sum(("market", "channel")).values
    lines = [(m, c) for m in map(str, levels.market.values) for c in map(str, levels.channel.values)]
    for market, channel in sorted(lines, key=lambda line: -float(levels.sel(market=line[0], channel=line[1]))):
        here = {"market": market, "channel": channel}
        name = str(found.name.sel(here).item())
        if name in (CONTINUOUS, GIVEN):
            continue
        alike = starts(name, found.weight.sel(here).values)
        money = float(free.sel(here))
        others = total - money * found.weight.sel(here).values
        name = min(alike, key=lambda each: float((others + money * alike[each]).max()))
        total = others + money * alike[name]
        found.name.loc[here], found.weight.loc[here] = name, alike[name]
    return found
