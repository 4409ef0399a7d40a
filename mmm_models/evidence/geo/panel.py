"""Outcomes by region and day, or by region and week."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.errors import EvidenceError, did_you_mean

_SPACINGS = {1: "daily", 7: "weekly"}


@dataclass(frozen=True)
class GeoPanel:
    """One outcome of one market by region.

    Attributes:
        outcome: (date, unit), in units of the outcome; NaN where nothing was delivered. A date of a weekly panel is the
            first day of its week.
        period_days: 1 or 7.
    """

    outcome: xr.DataArray
    period_days: int

    @classmethod
    def from_rows(cls, rows: pd.DataFrame) -> "GeoPanel":
        """Rows with the columns date, unit and value, in any order.

        Raises:
            EvidenceError: no rows, a column is missing, a unit has two rows of a date, or dates are neither daily nor
                weekly.
        """
        if missing := sorted({"date", "unit", "value"} - set(rows.columns)):
            raise EvidenceError(f"geo panel: column {missing[0]!r} is missing; it needs date, unit and value")
        if rows.empty:
            raise EvidenceError("geo panel: there are no rows; deliver the outcome by date and unit")
        rows = rows.assign(date=pd.to_datetime(rows["date"]), unit=rows["unit"].astype(str))
        twice = rows[rows.duplicated(["date", "unit"])]
        if len(twice):
            first = twice.iloc[0]
            raise EvidenceError(f"geo panel: {first['unit']} has two rows of {first['date']:%Y-%m-%d}; keep one")
        wide = rows.pivot(index="date", columns="unit", values="value").sort_index()
        days = int(np.gcd.reduce(np.diff(wide.index).astype("timedelta64[D]").astype(int))) if len(wide) > 1 else 0
        if days not in _SPACINGS:
            raise EvidenceError(
                f"geo panel: its dates are {days} days apart; deliver one row a unit and day, or a unit and week"
            )
        wide = wide.reindex(pd.date_range(wide.index[0], wide.index[-1], freq=f"{days}D"))
        coords = {"date": wide.index.to_numpy(), "unit": wide.columns.astype(str).to_numpy()}
        return cls(xr.DataArray(wide.to_numpy(float), dims=("date", "unit"), coords=coords), days)

    @property
    def units(self) -> list[str]:
        """All regions."""
        return list(map(str, self.outcome.unit.values))

    @property
    def last_day(self) -> date:
        """Last day that the panel covers."""
        return pd.Timestamp(self.outcome.date.values[-1]).date() + timedelta(days=self.period_days - 1)

    def between(self, first: date | None, last: date) -> "GeoPanel":
        """The periods that have a day in first..last; `first` None is the start of the panel."""
        starts = pd.DatetimeIndex(self.outcome.date.values)
        ends = starts + pd.Timedelta(days=self.period_days - 1)
        wanted = starts <= pd.Timestamp(last)
        if first is not None:
            wanted &= ends >= pd.Timestamp(first)
        return GeoPanel(self.outcome.isel(date=np.flatnonzero(wanted)), self.period_days)

    def complete(self, units: Sequence[str]) -> "GeoPanel":
        """The panel of these regions alone.

        Raises:
            EvidenceError: a region that the panel does not have, or one with dates missing.
        """
        for unit in units:
            if unit not in self.units:
                raise EvidenceError(
                    f"geo panel: it has no unit {unit!r}{did_you_mean(unit, self.units)}; correct the name, or deliver "
                    "the unit's outcome"
                )
        chosen = self.outcome.sel(unit=list(units))
        holes = np.isnan(chosen.values)
        if holes.any():
            number = int(np.flatnonzero(holes.any(axis=0))[0])
            first = pd.Timestamp(chosen.date.values[int(np.flatnonzero(holes[:, number])[0])])
            raise EvidenceError(
                f"geo panel: {units[number]} lacks {holes[:, number].sum()} of {len(chosen.date)} dates, the first "
                f"{first:%Y-%m-%d}; deliver them (0 where nothing was sold), or give the unit the arm 'excluded'"
            )
        return GeoPanel(chosen, self.period_days)

    def content_hash(self) -> str:
        """sha256 of dates, units and values."""
        frame = self.outcome.to_series().dropna().rename("value").reset_index().sort_values(["date", "unit"])
        return hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()
