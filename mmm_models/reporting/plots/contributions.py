"""Where does the outcome come from? Baseline and channels stacked week by week, all markets together."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.fit import Fit
from mmm_models.reporting.money import format_money, format_percent, outcome_currency
from mmm_models.reporting.style import (
    BASE,
    INK,
    MUTED,
    channel_colours,
    date_axis,
    display_name,
    headline,
    money_axis,
    new_figure,
    tidy,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def contributions(fit: Fit) -> "Figure":
    """Posterior mean contribution of each channel stacked on the baseline (all that is not media)."""
    channels = list(map(str, fit.panel.channels))
    draws = fit.contributions(max_samples=1000).sum("market")
    weekly = draws.mean("sample").transpose("week", "component")
    weeks = pd.DatetimeIndex(weekly.week.values)
    media = weekly.sel(component=channels).values
    baseline = weekly.drop_sel(component=channels).sum("component").values
    actual = fit.panel.dataset["outcome"].sum("market").values
    order = np.argsort(-media.sum(axis=0), kind="stable")
    shares = media.sum(axis=0) / (baseline.sum() + media.sum())
    colours = channel_colours(channels)
    unit = outcome_currency(fit.spec.outcome, fit.spec.currency)

    figure = new_figure(9.0, 5.2)
    axes = figure.subplots()
    axes.stackplot(
        weeks,
        baseline,
        *(media[:, i] for i in order),
        colors=[BASE, *(colours[channels[i]] for i in order)],
        edgecolor="white",
        linewidth=0.3,
    )
    axes.plot(weeks, actual, color=INK, linewidth=1.1)
    tidy(axes)
    money_axis(axes.yaxis, unit)
    date_axis(axes.xaxis)
    axes.set_xlim(weeks[0], weeks[-1])
    axes.set_ylim(bottom=min(0.0, float(baseline.min())))

    # The legend reads top to bottom as the areas lie.
    names = [(display_name(channels[i]), shares[i], colours[channels[i]]) for i in reversed(order)]
    names.append(("Baseline", 1 - shares.sum(), BASE))
    _legend(axes, names, fit.spec.outcome)
    media_word = "Paid media" if channels == fit.panel.paid else "Paid and organic media"
    top = max(range(len(channels)), key=lambda i: shares[i])
    headline(
        figure,
        f"{media_word} bring {format_percent(float(shares.sum()))} of {fit.spec.outcome}, "
        f"{display_name(channels[top])} the largest part",
        f"Weekly {fit.spec.outcome}, {_where(fit)}, {format_money(float(actual.sum()), unit)} in {len(weeks)} weeks; "
        f"share of {media_word.lower()}, 90 % interval: {_share_interval(draws, channels)}; black line: actual",
    )
    return figure


def _share_interval(draws: xr.DataArray, channels: list[str]) -> str:
    """The 90 % interval of the share of all media in the modelled outcome; `draws` (sample, week, component)."""
    total = draws.sum("week")
    share = total.sel(component=channels).sum("component") / total.sum("component")
    low, high = np.quantile(share.values, [0.05, 0.95])
    return f"{format_percent(low)} to {format_percent(high)}"


def _legend(axes: "Axes", names: list[tuple[str, float, str]], outcome: str) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(color=colour, label=f"{name}  {format_percent(share)}") for name, share, colour in names]
    legend = axes.legend(
        handles=handles,
        loc="center left",
        bbox_to_anchor=(1.01, 0.5),
        frameon=False,
        fontsize=9.5,
        labelcolor=INK,
        title=f"Share of {outcome}",
        alignment="left",
    )
    legend.get_title().set(fontsize=9.5, color=MUTED)


def _where(fit: Fit) -> str:
    markets = list(map(str, fit.panel.markets))
    return markets[0] if len(markets) == 1 else f"{len(markets)} markets together"
