"""Checked rows to dense labelled arrays over one common range of weeks."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.errors import PanelError
from mmm_models.panel.drivers import Drivers

_WEEK = pd.Timedelta(weeks=1)


def build_dataset(
    rows: pd.DataFrame,
    outcome: str,
    markets: list[str],
    channels: list[str],
    controls: list[str],
    exposures: Mapping[str, str],
    drivers: Drivers,
    late_weeks: int,
) -> xr.Dataset:
    """Pivot rows to a dataset as `Panel` describes it. Raises `PanelError` for gaps and for series without content."""
    weeks = _common_weeks(rows, late_weeks)
    wide = rows.pivot(index="week_start", columns=["role", "name", "market"], values="value").reindex(weeks)
    _check_gaps(wide)
    coords = {
        "week": weeks.to_numpy(),
        "market": np.array(markets, dtype=object),
        "channel": np.array(channels, dtype=object),
        "control": np.array(controls, dtype=object),
    }

    def array(role: str, names: list[str], dim: str) -> xr.DataArray:
        values = np.empty((len(weeks), len(markets), len(names)))
        for m, market in enumerate(markets):
            for n, name in enumerate(names):
                values[:, m, n] = wide[(role, name, market)]
        return xr.DataArray(values, dims=("week", "market", dim))

    variables = {
        "outcome": array("outcome", [outcome], "name").isel(name=0),
        "spend": array("spend", channels, "channel"),
        "controls": array("control", controls, "control"),
    }
    if exposures:
        known = array("exposure", list(exposures.values()), "channel").assign_coords(channel=list(exposures))
        variables["exposure"] = known.reindex(channel=channels)
    dataset = xr.Dataset(variables, coords=coords)
    _check_content(dataset, outcome)
    return drivers.onto(dataset, wide)


def _common_weeks(rows: pd.DataFrame, late_weeks: int) -> pd.DatetimeIndex:
    spans = rows.groupby(["role", "name", "market"])["week_start"].agg(["min", "max"])
    outcome = spans.xs("outcome", level="role")
    first, last = outcome["min"].max(), outcome["max"].min()
    if first > last:
        late, early = outcome["min"].idxmax()[1], outcome["max"].idxmin()[1]
        raise PanelError(
            f"The markets have no week of the outcome in common: {late!r} starts {first.date()}, after {early!r} ends "
            f"{last.date()}. Model them apart."
        )
    end = min(last, spans["max"].min())
    if last - end > late_weeks * _WEEK:
        role, name, market = spans["max"].idxmin()
        weeks = (last - end) // _WEEK
        raise PanelError(
            f"{role} {name!r} in market {market!r} ends {end.date()}, {weeks} weeks before the outcome "
            f"({last.date()}); at most {late_weeks} late weeks are left off. Deliver the weeks (zeros where nothing "
            "was spent), or drop the series."
        )
    return pd.date_range(first, end, freq="7D", name="week_start")


def _check_gaps(wide: pd.DataFrame) -> None:
    missing = wide.isna()
    if not missing.any(axis=None):
        return
    # The worst gap first; the outcome before others, because it explains the rest.
    counts = missing.sum()
    of_outcome = counts[counts.index.get_level_values("role") == "outcome"]
    role, name, market = of_outcome.idxmax() if of_outcome.max() > 0 else counts.idxmax()
    weeks = wide.index[missing[(role, name, market)]]
    shown = ", ".join(str(week.date()) for week in weeks[:5]) + (", ..." if len(weeks) > 5 else "")
    others = int((counts > 0).sum()) - 1
    also = f" {others} more series have gaps." if others else ""
    raise PanelError(
        f"{role} {name!r} in market {market!r} lacks {len(weeks)} of the {len(wide)} weeks from {wide.index[0].date()} "
        f"to {wide.index[-1].date()}: {shown}. A missing row is not a zero: deliver the weeks again.{also}"
    )


def _check_content(dataset: xr.Dataset, outcome: str) -> None:
    first, last = (str(dataset["week"].values[i])[:10] for i in (0, -1))
    for market in dataset["market"].values:
        series = dataset["outcome"].sel(market=market)
        if dataset.sizes["week"] > 1 and float(series.max()) == float(series.min()):
            raise PanelError(
                f"outcome {outcome!r} in market {market!r} is {float(series[0]):,.6g} in every week "
                f"from {first} to {last}; a model needs an outcome that varies. Check the export."
            )
    for channel in dataset["channel"].values:
        if float(dataset["spend"].sel(channel=channel).sum()) == 0:
            raise PanelError(
                f"channel {channel!r} has no spend in any market from {first} to {last}; its effect cannot be learned. "
                "Remove it from `channels`, or check the campaign mapping."
            )
    for control in dataset["control"].values:
        series = dataset["controls"].sel(control=control)
        if bool((series.max("week") == series.min("week")).all()):
            raise PanelError(
                f"control {control!r} has no variance: it is {float(series.values.flat[0]):,.6g} in every week "
                f"from {first} to {last}. Remove it from `controls`, or check its export."
            )
