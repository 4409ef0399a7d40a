"""`Panel`: what every engine is given."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.errors import PanelError, did_you_mean
from mmm_models.panel.drivers import Drivers
from mmm_models.panel.long_rows import read_rows
from mmm_models.panel.series import build_dataset

if TYPE_CHECKING:
    from mmm_models.spec import ModelSpec

WINDOWS = ("all", "last_52_weeks", "last_13_weeks")

_DIMS = {
    "outcome": ("week", "market"),
    "spend": ("week", "market", "channel"),
    "controls": ("week", "market", "control"),
    "exposure": ("week", "market", "channel"),
    "volume": ("week", "market", "channel"),
    "frequency": ("week", "market", "channel"),
    "population": ("market",),
}
_NEEDED = ("outcome", "spend", "controls")


@dataclass(frozen=True, eq=False)
class Panel:
    """Weekly data of one model.

    `dataset` has the coordinates week (Mondays, one a week without gaps), market, channel and control, and float64
    variables `outcome` (week, market), `spend` (week, market, channel), `controls` (week, market, control; the
    control dimension may be empty) and optionally `exposure` (week, market, channel; NaN where a channel has none),
    `volume` (week, market, channel; what acts, where that is not money for all: impressions, people reached, mails),
    `frequency` (week, market, channel; contacts for each person reached, NaN where a channel has none) and
    `population` (market). Spend is money of attrs `currency`, and 0 for organic media; the outcome is attrs
    `outcome_name`.

    Made with `from_long`, which checks the values. The constructor checks the form only, so that weeks still to come
    (outcome unknown) can be put to `Fit.predict`.

    Raises:
        PanelError: a variable or dimension is absent, or the weeks are not consecutive Mondays.
    """

    dataset: xr.Dataset

    def __post_init__(self) -> None:
        ordered = {}
        for name, dims in _DIMS.items():
            if name not in _NEEDED and name not in self.dataset:
                continue
            if name not in self.dataset or set(self.dataset[name].dims) != set(dims):
                found = self.dataset[name].dims if name in self.dataset else "none"
                raise PanelError(f"A panel needs the variable {name} with dims {dims}; found {found}.")
            ordered[name] = self.dataset[name].transpose(*dims).astype(np.float64)
        weeks = pd.DatetimeIndex(self.dataset["week"].values)
        _check_weeks(weeks)
        coords = {
            name: self.dataset[name].values.astype(str).astype(object) for name in ("market", "channel", "control")
        }
        clean = xr.Dataset(ordered, attrs=self.dataset.attrs).assign_coords(week=weeks.as_unit("ns"), **coords)
        object.__setattr__(self, "dataset", clean)

    @classmethod
    def from_long(
        cls,
        frame: pd.DataFrame,
        *,
        outcome: str,
        markets: Sequence[str],
        channels: Sequence[str],
        controls: Sequence[str] = (),
        currency: str = "USD",
        exposures: Mapping[str, str] | None = None,
        organic: Sequence[str] = (),
        volumes: Mapping[str, str] | None = None,
        frequencies: Mapping[str, str] | None = None,
        population: str | None = None,
        late_weeks: int = 4,
    ) -> "Panel":
        """Cut a panel from the rows of `mmm_input_weekly`.

        The panel runs from the first week in which every market has the outcome to the last week in which every
        series has a value: up to `late_weeks` trailing weeks that a late feed has not reached are left off. Rows of
        other outcomes, markets, channels and controls are ignored.

        Args:
            frame: columns week_start (Mondays), market, role, name, value; others are ignored.
            outcome: name of the outcome series.
            markets: markets, in the order wanted.
            channels: names of the spend series.
            controls: names of the control series.
            currency: currency of spend.
            exposures: channel -> name of its exposure series, where it has one.
            organic: names of series of media without money, of role exposure or control; further channels.
            volumes: channel -> name of the series, of either role, that acts in place of its money.
            frequencies: channel -> name of its series of contacts for each person reached.
            population: name of the series of each market's population; its mean counts.
            late_weeks: how far any series may lag behind the outcome before it is an error.

        Raises:
            PanelError: a column, market, channel, control or outcome is absent (the nearest name is suggested); a
                week is missing inside the range, given twice, or no Monday; a value is not a number, an outcome is
                missing, spend is negative; a channel has no spend at all; an outcome or control never varies.
        """
        drivers = Drivers(tuple(organic), dict(volumes or {}), dict(frequencies or {}), population)
        wanted = {
            "outcome": [outcome],
            "spend": list(channels),
            "control": list(controls),
            "exposure": list((exposures or {}).values()),
        }
        rows = read_rows(frame, list(markets), drivers.added_to(wanted, frame))
        dataset = build_dataset(
            rows, outcome, list(markets), list(channels), list(controls), exposures or {}, drivers, late_weeks
        )
        dataset.attrs.update(outcome_name=outcome, currency=currency)
        return cls(dataset)

    @classmethod
    def for_spec(cls, frame: pd.DataFrame, spec: "ModelSpec") -> "Panel":
        """Cut the panel of a model from the rows of `mmm_input_weekly`. Raises `PanelError` as `from_long`."""
        channels = spec.channels
        return cls.from_long(
            frame,
            outcome=spec.outcome,
            markets=spec.markets,
            channels=spec.channel_names,
            controls=spec.control_names,
            currency=spec.currency,
            organic=list(spec.organic),
            volumes={name: own.volume for name, own in channels.items() if own.volume},
            frequencies={name: own.frequency for name, own in channels.items() if own.frequency},
            population=spec.population,
        )

    @property
    def paid(self) -> list[str]:
        """Channels that cost money, in the order of the arrays; the others are organic."""
        if "volume" not in self.dataset:
            return self.channels
        costs = self.dataset["spend"].sum(("week", "market")) > 0
        return [str(name) for name in costs["channel"].values[costs.values]]

    @property
    def volume(self) -> xr.DataArray:
        """What acts (week, market, channel): money, or the series that stands in its place."""
        return self.dataset["volume"] if "volume" in self.dataset else self.dataset["spend"]

    @property
    def weeks(self) -> pd.DatetimeIndex:
        """Mondays, in order."""
        return pd.DatetimeIndex(self.dataset.indexes["week"])

    @property
    def markets(self) -> list[str]:
        """Market names, in the order of the arrays."""
        return [str(name) for name in self.dataset["market"].values]

    @property
    def channels(self) -> list[str]:
        """Channel names, in the order of the arrays."""
        return [str(name) for name in self.dataset["channel"].values]

    @property
    def controls(self) -> list[str]:
        """Control names, in the order of the arrays; may be empty."""
        return [str(name) for name in self.dataset["control"].values]

    @property
    def outcome_name(self) -> str:
        """Name of the outcome series, such as revenue."""
        return str(self.dataset.attrs.get("outcome_name", "outcome"))

    @property
    def currency(self) -> str:
        """Currency of spend."""
        return str(self.dataset.attrs.get("currency", "USD"))

    def window(self, name: str) -> slice:
        """Return the positions of a window's weeks, as for `isel(week=...)` or `weeks[...]`.

        `name` is 'all' or 'last_<n>_weeks'; a panel shorter than n gives all its weeks. Raises `PanelError` otherwise.
        """
        length = len(self.weeks)
        if name == "all":
            return slice(0, length)
        match = re.fullmatch(r"last_([1-9]\d*)_weeks", name)
        if match is None:
            raise PanelError(
                f"unknown window {name!r}{did_you_mean(name, WINDOWS)}; use 'all' or 'last_<n>_weeks', "
                f"such as {WINDOWS[1]}"
            )
        return slice(max(0, length - int(match[1])), length)

    def control_scaling(self) -> tuple[xr.DataArray, xr.DataArray]:
        """Mean and standard deviation of each control (market, control).

        The standard deviation is 1 where a control never moves in a market, so that it standardises to 0 there.
        """
        values = self.dataset["controls"]
        deviation = values.std("week")
        return values.mean("week"), deviation.where(deviation > 0, 1.0)

    def content_hash(self) -> str:
        """sha256 of names, weeks and values; the order of markets, channels, controls and input rows does not count."""
        digest = hashlib.sha256()
        ordered = self.dataset.sortby(["week", "market", "channel", "control"])
        digest.update(repr((self.outcome_name, self.currency)).encode())
        for name in ("market", "channel", "control"):
            digest.update(repr([str(value) for value in ordered[name].values]).encode())
        digest.update(self.weeks.to_numpy().astype("datetime64[D]").astype("<i8").tobytes())
        for name in _DIMS:
            if name in ordered:
                # Adding 0.0 turns -0.0 into 0.0, which is the same amount of money.
                values = np.ascontiguousarray(ordered[name].values + 0.0, dtype="<f8")
                digest.update(f"{name}{values.shape}".encode() + values.tobytes())
        return digest.hexdigest()

    def to_long(self) -> pd.DataFrame:
        """Return the panel as rows week_start, market, role, name, value; missing values have no row.

        Exposure rows carry the channel's name.
        """
        frames = []
        for variable, dims in _DIMS.items():
            role = "control" if variable == "controls" else variable
            if variable not in self.dataset or len(dims) == 1:
                continue
            rows = self.dataset[variable].to_series().dropna().rename("value").reset_index()
            rows["name"] = rows[dims[2]] if len(dims) == 3 else self.outcome_name
            frames.append(rows.assign(role=role).rename(columns={"week": "week_start"}))
        columns = ["week_start", "market", "role", "name", "value"]
        return pd.concat([frame[columns] for frame in frames if len(frame)], ignore_index=True)


def _check_weeks(weeks: pd.DatetimeIndex) -> None:
    if len(weeks) == 0:
        raise PanelError("A panel needs at least one week; it has none.")
    if (weeks.dayofweek != 0).any():
        raise PanelError(f"Weeks start on Monday; {weeks[weeks.dayofweek != 0][0].date()} does not.")
    steps = np.diff(weeks.to_numpy()) / np.timedelta64(7, "D")
    if (steps != 1).any():
        first = weeks[int(np.argmax(steps != 1))].date()
        raise PanelError(f"Weeks must follow one another without gap or repetition; they do not after {first}.")
