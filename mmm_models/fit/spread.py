"""How far structures of one model lie apart, beside how unsure each of them is."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from mmm_models.fit.stacked import StackedFit

# A structure says clearly that money should move in, or out, when so many of its draws do.
SURE = 0.9


def structure_returns(fit: StackedFit, window: str = "all") -> dict[str, xr.Dataset]:
    """`Fit.returns` of every structure tried, on all of its draws, by name."""
    return {member.name: member.fit.returns(window) for member in fit.members}


def spread(fit: StackedFit, returns: Mapping[str, xr.Dataset]) -> xr.Dataset:
    """What the structures that have weight agree on about each channel; arrays (market, channel).

    `mean`: of ROAS over structures by weight. `within`, `between`: standard deviations; their squares are the mean of
    the structures' variances and the variance of their means, and add up to that of the mixture (law of total
    variance; Draper 1995, Journal of the Royal Statistical Society B 57:45, calls the second part model uncertainty).
    `lowest`, `highest`: structures' mean ROAS; `factor`: their ratio. `into_least`, `into_most`: least and greatest
    chance, by structure, that the channel's next unit of money brings more than the market's average one does.
    `opposed`: one structure would clearly move money into the channel, another clearly out of it. NaN without spend.

    The sign is that of a move of money, as effects are positive in every structure: a return above or below 1 says
    nothing without a margin, and nothing at all about an outcome that is not money.
    """
    weighted = fit.weighted
    weights = xr.DataArray([member.weight for member in weighted], dims="structure")
    chosen = [returns[member.name] for member in weighted]
    mean = xr.concat([found["roas"].mean("sample") for found in chosen], "structure")
    variance = xr.concat([found["roas"].var("sample") for found in chosen], "structure")
    into = xr.concat([_better_than_average(found) for found in chosen], "structure")
    overall = (weights * mean).sum("structure", skipna=False)
    lowest, highest = mean.min("structure"), mean.max("structure")
    return xr.Dataset(
        {
            "mean": overall,
            "within": np.sqrt((weights * variance).sum("structure", skipna=False)),
            "between": np.sqrt((weights * (mean - overall) ** 2).sum("structure", skipna=False)),
            "lowest": lowest,
            "highest": highest,
            "factor": highest / lowest,
            "into_least": into.min("structure"),
            "into_most": into.max("structure"),
            "opposed": (into.min("structure") <= 1.0 - SURE) & (into.max("structure") >= SURE),
        }
    )


def _better_than_average(returns: xr.Dataset) -> xr.DataArray:
    """Share of draws in which a channel's marginal return is above that of its market's money as a whole."""
    money = returns["spend"]
    average = (returns["mroas"].fillna(0.0) * money).sum("channel") / money.sum("channel")
    # A single channel is its own average, to the last bit or so: that is neither above nor below.
    above = returns["mroas"] > average * (1.0 + 1e-9)
    below = returns["mroas"] < average * (1.0 - 1e-9)
    return (0.5 + 0.5 * (above.astype(float) - below.astype(float)).mean("sample")).where(money > 0)
