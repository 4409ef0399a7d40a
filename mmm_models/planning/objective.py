"""What spend in the horizon is worth: expected outcome and its exact gradient, over many posterior draws at once.

A plan line spends one level b every week of the horizon. Adstock is linear, so the pressure of week t is
carry_t + b·w_t: what history carries in, and the adstock of one unit a week. With saturation h and coefficient β

    V(b) = Σ_t β [ h((carry_t + b·w_t) / scale) − h(carry_t / scale) ],   V'(b) = Σ_t β h'(·) w_t / scale

over the horizon and the weeks after it in which its carryover still acts. Lines add up: the model is additive.
"""

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from mmm_models.fit import Fit, StackedFit
from mmm_models.fit.media import ChannelCurve
from mmm_models.planning.dual import ValueTable
from mmm_models.planning.stacked import ChannelHorizon, StackedHorizon
from mmm_models.transforms import LINEAR, SATURATIONS, Saturation, carry_over

# Hill curves with slope < 1 are infinitely steep at zero; below this share of the spend scale the slope is held.
_STEEPEST_AT = 1e-6
# Table points are evaluated in chunks of about this many numbers, which keeps memory near 100 MB.
_CHUNK = 4_000_000


@dataclass(frozen=True)
class _ChannelHorizon:
    """One channel's pressure over horizon and tail, in spend scales. Shapes: (sample, market, week), params (…, 1)."""

    saturation: Saturation
    parameters: dict[str, np.ndarray]
    coefficient: np.ndarray
    unit: np.ndarray
    carry: np.ndarray

    @property
    def size(self) -> int:
        """Numbers that one evaluation holds."""
        return self.unit.size

    @property
    def samples(self) -> int:
        """Number of draws."""
        return len(self.coefficient)

    def value(self, levels: np.ndarray) -> np.ndarray:
        """Outcome (sample, market) of `levels`, broadcastable to (sample, market)."""
        return (self._shape(self.carry + levels[..., None] * self.unit) - self._shape(self.carry)).sum(axis=-1)

    def slope(self, levels: np.ndarray) -> np.ndarray:
        """Derivative (sample, market) of `value` by the level."""
        pressure = np.maximum(self.carry + levels[..., None] * self.unit, _STEEPEST_AT)
        steepness = self.saturation.derivative(pressure, **self.parameters)
        return (self.coefficient * steepness * self.unit).sum(axis=-1)

    def take(self, samples: np.ndarray) -> "_ChannelHorizon":
        """The same channel on some of the draws."""
        return replace(
            self,
            parameters={name: values[samples] for name, values in self.parameters.items()},
            coefficient=self.coefficient[samples],
            unit=self.unit[samples],
            carry=self.carry[samples],
        )

    def _shape(self, pressure: np.ndarray) -> np.ndarray:
        return self.coefficient * self.saturation.shape(pressure, **self.parameters)


@dataclass(frozen=True)
class HorizonObjective:
    """Value of weekly levels (market, channel) held over the horizon, per posterior draw. Build with `from_fit`."""

    horizon_weeks: int
    samples: np.ndarray
    markets: tuple[str, ...]
    channels: tuple[str, ...]
    _parts: tuple[ChannelHorizon, ...]

    @classmethod
    def from_fit(cls, fit: Fit | StackedFit, horizon_weeks: int, samples: np.ndarray) -> "HorizonObjective":
        """Prepare the `horizon_weeks` weeks after the panel for the posterior samples with these indices."""
        if isinstance(fit, StackedFit):
            own = [cls.from_fit(member, horizon_weeks, drawn) for member, drawn in fit.split(samples)]
            parts = tuple(StackedHorizon(each) for each in zip(*(part._parts for part in own), strict=True))
            return replace(own[0], samples=np.asarray(samples), _parts=parts)
        draws = fit.draws().isel(sample=samples)
        channels = tuple(fit.panel.paid)
        parts = tuple(_horizon(fit.curve(draws, channel), horizon_weeks) for channel in channels)
        return cls(horizon_weeks, np.asarray(samples), tuple(fit.panel.markets), channels, parts)

    def responses(self, levels: xr.DataArray) -> xr.DataArray:
        """Outcome that each line causes (sample, market, channel)."""
        array = self._array(levels)
        return self._labelled([part.value(array[:, i]) for i, part in enumerate(self._parts)], "response")

    def values(self, levels: xr.DataArray) -> xr.DataArray:
        """Outcome that all lines cause (sample)."""
        return self.responses(levels).sum(("market", "channel")).rename("value")

    def marginal_returns(self, levels: xr.DataArray) -> xr.DataArray:
        """Outcome of one more unit of money spread evenly over the line's horizon (sample, market, channel)."""
        array = self._array(levels)
        slopes = [part.slope(array[:, i]) / self.horizon_weeks for i, part in enumerate(self._parts)]
        return self._labelled(slopes, "mroas")

    def mean_by_line(self, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean over draws of what each line causes, and its slope by the level; all flat (line), market by market."""
        values, slopes = self.draws_by_line(levels)
        return values.mean(axis=0), slopes.mean(axis=0)

    def draws_by_line(self, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What each line (line) causes in each draw, and its slope by the level, both (sample, line)."""
        array = np.asarray(levels, dtype=float).reshape(len(self.markets), len(self.channels))
        values = [part.value(array[:, i]) for i, part in enumerate(self._parts)]
        slopes = [part.slope(array[:, i]) for i, part in enumerate(self._parts)]
        return _lines_last(values), _lines_last(slopes)

    def table(self, lower: np.ndarray, upper: np.ndarray, points: int = 201) -> ValueTable:
        """Mean value and slope of each line (line, point) on an even grid between its bounds."""
        grid = _grid(lower, upper, points)
        values, slopes = self._tabulate(grid, lambda outcome: outcome.mean(axis=1))
        return ValueTable(grid, np.moveaxis(values, 0, -1), np.moveaxis(slopes, 0, -1))

    def draw_table(self, lower: np.ndarray, upper: np.ndarray, points: int = 41) -> ValueTable:
        """Value and slope of each line for each draw (sample, line, point)."""
        grid = _grid(lower, upper, points)
        values, slopes = self._tabulate(grid, lambda outcome: outcome)
        return ValueTable(grid, np.moveaxis(values, 0, -1), np.moveaxis(slopes, 0, -1))

    def thinned(self, most: int) -> "HorizonObjective":
        """The same objective on at most `most` of its draws, evenly spaced."""
        if self.samples.size <= most:
            return self
        keep = np.linspace(0, self.samples.size - 1, most).round().astype(int)
        return replace(self, samples=self.samples[keep], _parts=tuple(part.take(keep) for part in self._parts))

    def _tabulate(self, grid: np.ndarray, reduce: object) -> tuple[np.ndarray, np.ndarray]:
        """Values and slopes (point, [sample,] line); `reduce` maps (point, sample, market) to what is kept."""
        by_market = grid.reshape(len(self.markets), len(self.channels), -1)
        values, slopes = [], []
        for i, part in enumerate(self._parts):
            chunk = max(1, _CHUNK // part.size)
            levels = np.moveaxis(by_market[:, i], -1, 0)[:, None, :]
            pieces = [levels[a : a + chunk] for a in range(0, len(levels), chunk)]
            values.append(np.concatenate([reduce(part.value(piece)) for piece in pieces]))
            slopes.append(np.concatenate([reduce(part.slope(piece)) for piece in pieces]))
        return _lines_last(values), _lines_last(slopes)

    def _array(self, levels: xr.DataArray) -> np.ndarray:
        chosen = levels.sel(market=list(self.markets), channel=list(self.channels))
        return chosen.transpose("market", "channel").values.astype(float)

    def _labelled(self, by_channel: list[np.ndarray], name: str) -> xr.DataArray:
        return xr.DataArray(
            np.stack(by_channel, axis=-1),
            dims=("sample", "market", "channel"),
            coords={"sample": self.samples, "market": list(self.markets), "channel": list(self.channels)},
            name=name,
        )


def _horizon(curve: ChannelCurve, weeks: int) -> _ChannelHorizon:
    """A channel over horizon and tail, at what money usually buys and at the strength that it had last."""
    unit, carry = _pressure(curve.driver.volume, curve.weights, weeks)
    scale = curve.scale[None, :, None]
    coefficient = curve.coefficient * curve.strength_now
    unit = unit * np.reshape(curve.driver.usual_rate, (1, -1, 1)) / scale
    if curve.driver.frequency is not None:
        # At a given frequency the outcome is linear in reach, and what history carries in cancels.
        coefficient = coefficient * curve.shape_at_usual_frequency
        return _ChannelHorizon(LINEAR, {}, coefficient[..., None], unit, np.zeros_like(carry))
    parameters = {name: values[..., None] for name, values in curve.parameters.items()}
    return _ChannelHorizon(SATURATIONS[curve.kind], parameters, coefficient[..., None], unit, carry / scale)


def _pressure(history: np.ndarray, weights: np.ndarray, horizon_weeks: int) -> tuple[np.ndarray, np.ndarray]:
    """Adstock (sample, market, week) over horizon and tail: of one unit a week in the horizon, and of history alone."""
    max_lag = weights.shape[-1]
    weeks = horizon_weeks + max_lag - 1
    unit = np.zeros((weeks, history.shape[1]))
    unit[:horizon_weeks] = 1.0
    remembered = history[max(0, len(history) - (max_lag - 1)) :] if max_lag > 1 else history[:0]
    past = np.concatenate([remembered, np.zeros_like(unit)])
    carried = carry_over(past, weights)[:, len(remembered) :]
    return carry_over(unit, weights).swapaxes(1, 2), carried.swapaxes(1, 2)


def _grid(lower: np.ndarray, upper: np.ndarray, points: int) -> np.ndarray:
    return lower[:, None] + (upper - lower)[:, None] * np.linspace(0.0, 1.0, points)


def _lines_last(by_channel: list[np.ndarray]) -> np.ndarray:
    """(…, market) a channel -> (…, line) with lines market by market."""
    stacked = np.stack(by_channel, axis=-1)
    return stacked.reshape(*stacked.shape[:-2], -1)
