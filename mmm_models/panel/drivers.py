"""What acts in place of money: organic media, exposures, reach and frequency; and how many people a market has."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.errors import PanelError

_ROLES = ("exposure", "control")


@dataclass(frozen=True)
class Drivers:
    """Names of series, each of role exposure or control in `mmm_input_weekly`.

    Attributes:
        organic: media without money; each becomes a channel of its own name.
        volumes: channel -> series that acts in place of its money.
        frequencies: channel -> series of contacts for each person that its volume reached.
        population: series of a market's population.
    """

    organic: tuple[str, ...] = ()
    volumes: Mapping[str, str] | None = None
    frequencies: Mapping[str, str] | None = None
    population: str | None = None

    @property
    def names(self) -> list[str]:
        """All series, each once."""
        found = [*self.organic, *(self.volumes or {}).values(), *(self.frequencies or {}).values()]
        return list(dict.fromkeys([*found, *([self.population] if self.population else [])]))

    def added_to(self, wanted: Mapping[str, list[str]], frame: pd.DataFrame) -> dict[str, list[str]]:
        """`wanted` (role -> names) and these series under the role in which the frame has them."""
        more = {role: list(names) for role, names in wanted.items()}
        known = set(zip(frame.get("role", []), frame.get("name", []), strict=True))
        for name in self.names:
            role = next((role for role in _ROLES if (role, name) in known), "exposure")
            if name not in more[role]:
                more[role].append(name)
        return more

    def onto(self, dataset: xr.Dataset, wide: pd.DataFrame) -> xr.Dataset:
        """The dataset with `volume`, `frequency` and `population`, where there are any.

        Args:
            dataset: with spend (week, market, channel), of paid channels.
            wide: the rows by week, columns (role, name, market).

        Raises:
            PanelError: a series is negative or empty, reach without frequency, or a market without people.
        """
        if not self.names:
            return dataset
        series = {
            name: _values(wide, name, [str(market) for market in dataset["market"].values]) for name in self.names
        }
        if self.organic:
            channels = [*map(str, dataset["channel"].values), *self.organic]
            dataset = dataset.reindex(channel=channels).assign(
                spend=dataset["spend"].reindex(channel=channels, fill_value=0.0)
            )
        if self.organic or self.volumes:
            dataset = dataset.assign(volume=self._volume(dataset, series))
        if self.frequencies:
            dataset = dataset.assign(frequency=self._frequency(dataset, series))
        if self.population:
            dataset = dataset.assign(population=_people(dataset, series[self.population], self.population))
        return dataset

    def _volume(self, dataset: xr.Dataset, series: Mapping[str, np.ndarray]) -> xr.DataArray:
        volume = dataset["spend"].copy()
        for channel, name in {**(self.volumes or {}), **{name: name for name in self.organic}}.items():
            _check_not_negative(dataset, series[name], name)
            if not series[name].sum() > 0:
                raise PanelError(
                    f"{name!r}, which acts for {channel!r}, is 0 in every week and market; its effect cannot be "
                    "learned. Remove it from the model, or check its export."
                )
            volume.loc[{"channel": channel}] = series[name]
        return volume

    def _frequency(self, dataset: xr.Dataset, series: Mapping[str, np.ndarray]) -> xr.DataArray:
        frequency = xr.full_like(dataset["spend"], np.nan)
        for channel, name in (self.frequencies or {}).items():
            _check_not_negative(dataset, series[name], name)
            reached = dataset["volume"].sel(channel=channel).values
            at = np.argwhere((reached > 0) & ~(series[name] > 0))
            if len(at):
                week, market = (dataset[dim].values[i] for dim, i in zip(("week", "market"), at[0], strict=True))
                raise PanelError(
                    f"{channel!r} reached {reached[tuple(at[0])]:,.0f} people in market {market!r}, week "
                    f"{str(week)[:10]}, with a frequency {name!r} of {series[name][tuple(at[0])]:g}. Whoever is "
                    "reached is reached once at least: check both exports."
                )
            frequency.loc[{"channel": channel}] = series[name]
        return frequency


def _values(wide: pd.DataFrame, name: str, markets: list[str]) -> np.ndarray:
    """(week, market)"""
    role = next(role for role in _ROLES if (role, name, markets[0]) in wide.columns)
    return np.stack([wide[(role, name, market)].to_numpy(dtype=np.float64) for market in markets], axis=1)


def _check_not_negative(dataset: xr.Dataset, values: np.ndarray, name: str) -> None:
    at = np.argwhere(values < 0)
    if len(at):
        week, market = (dataset[dim].values[i] for dim, i in zip(("week", "market"), at[0], strict=True))
        raise PanelError(
            f"{name!r} in market {market!r}, week {str(week)[:10]}, is {values[tuple(at[0])]:,.2f}. What acts like "
            "media cannot be negative: correct the export, or make it a treatment."
        )


def _people(dataset: xr.Dataset, values: np.ndarray, name: str) -> xr.DataArray:
    people = values.mean(axis=0)
    for market, number in zip(dataset["market"].values, people, strict=True):
        if not number > 0:
            raise PanelError(f"population {name!r} of market {market!r} is {number:g}; give the number of its people.")
    return xr.DataArray(people, {"market": dataset["market"].values}, ("market",))
