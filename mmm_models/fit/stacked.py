"""`StackedFit`: the posteriors of several structures as one, each in proportion to its weight."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.errors import FitError
from mmm_models.fit.fit import Fit
from mmm_models.fit.info import FitInfo
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec


@dataclass(frozen=True, eq=False)
class Member:
    """One structure of a tournament.

    Attributes:
        name: of the structure, such as `delayed-hill`.
        fit: to all the data.
        weight: its share of the stacked draws; 0 is left out.
        scores: log predictive density of each week and market that was forecast (point); the same points for all.
        fold_r_hat_max: the largest R-hat of the fits that forecast.
    """

    name: str
    fit: Fit
    weight: float
    scores: np.ndarray
    fold_r_hat_max: float


@dataclass(frozen=True, eq=False)
class StackedFit:
    """A mixture of structures that answers what a `Fit` answers, with draws that each count the same.

    Draws are numbered from 0, structure after structure: of each its share of `samples`, evenly spread over its own.
    What belongs to one structure (parameters, curves' kinds) is asked of `members`; see `members_of`.

    Attributes:
        spec: the model with its tournament.
        members: all structures tried, those without weight too; on the same panel and scales.
        info: provenance; the convergence figures are the worst of the structures that have weight.
        samples: number of draws; no structure's share may exceed its own draws.

    Raises:
        FitError: weights are negative or do not add up to 1, or there are too few draws of a structure.
    """

    spec: ModelSpec
    members: tuple[Member, ...]
    info: FitInfo
    samples: int

    def __post_init__(self) -> None:
        weights = np.array([member.weight for member in self.members])
        if not (weights >= 0).all() or not np.isclose(weights.sum(), 1.0):
            raise FitError(f"weights of structures must be 0 or more and add up to 1; they are {weights.tolist()}")
        for member, count in zip(self.members, self._counts, strict=True):
            if count > member.fit.samples:
                raise FitError(
                    f"{self.samples} stacked draws need {count} of structure {member.name}, which has "
                    f"{member.fit.samples}; ask for fewer"
                )

    @property
    def panel(self) -> Panel:
        """The data, which all structures share."""
        return self.members[0].fit.panel

    @property
    def scales(self) -> xr.Dataset:
        """The scales, which all structures share."""
        return self.members[0].fit.scales

    @property
    def max_lag(self) -> int:
        """The longest memory of any channel, in weeks; structures share it."""
        return self.members[0].fit.max_lag

    @property
    def future_weeks(self) -> pd.DatetimeIndex:
        """The max_lag weeks after the data."""
        return self.members[0].fit.future_weeks

    @property
    def weighted(self) -> tuple[Member, ...]:
        """The structures that have weight, heaviest first."""
        return tuple(sorted((m for m in self.members if m.weight > 0), key=lambda member: -member.weight))

    def split(self, samples: np.ndarray) -> list[tuple[Fit, np.ndarray]]:
        """The structures' fits behind these draws (ascending numbers), each with the numbers of its own draws."""
        found, start = [], 0
        for member, count in zip(self.members, self._counts, strict=True):
            own = np.linspace(0, member.fit.samples - 1, count).round().astype(np.int64)
            inside = samples[(samples >= start) & (samples < start + count)] - start
            if inside.size:
                found.append((member.fit, own[inside]))
            start += count
        return found

    def thin(self, n: int) -> "StackedFit":
        """Return the same mixture with at most `n` draws."""
        if n < 1:
            raise FitError(f"a fit cannot be thinned to {n} draws; give 1 or more")
        return replace(self, samples=min(n, self.samples))

    def with_info(self, **changes: Any) -> "StackedFit":
        """Return the same fit with some fields of `info` changed."""
        return replace(self, info=replace(self.info, **changes))

    def media_response(
        self, spend: xr.DataArray, *, carry_in: bool = True, max_samples: int | None = None
    ) -> xr.DataArray:
        """See `Fit.media_response`."""
        return self._joined(max_samples, lambda fit, _: fit.media_response(spend, carry_in=carry_in))

    def media_contributions(self, max_samples: int | None = None) -> xr.DataArray:
        """See `Fit.media_contributions`."""
        return self._joined(max_samples, lambda fit, _: fit.media_contributions())

    def contributions(self, max_samples: int | None = None) -> xr.DataArray:
        """See `Fit.contributions`; a component that a structure lacks adds nothing in its draws."""
        answers = self._answers(max_samples, lambda fit, _: fit.contributions())
        known = {str(name): None for answer in answers for name in answer["component"].values}
        order = [*self.panel.channels, "intercept", "trend", "level", "seasonality"]
        names = [name for name in order if name in known] + [name for name in known if name not in order]
        return self._numbered(max_samples, [answer.reindex(component=names, fill_value=0.0) for answer in answers])

    def returns(self, window: str = "all", lift: float = 0.10, max_samples: int | None = None) -> xr.Dataset:
        """See `Fit.returns`."""
        return self._joined(max_samples, lambda fit, _: fit.returns(window, lift))

    def response_curves(
        self, n_points: int = 41, max_multiple: float = 2.0, max_samples: int | None = None
    ) -> xr.Dataset:
        """See `Fit.response_curves`; a spend is observed where it is so in most of the draws' structures."""
        answers = self._answers(max_samples, lambda fit, _: fit.response_curves(n_points, max_multiple))
        sizes = [answer.sizes["sample"] for answer in answers]
        seen = sum(size * answer["is_observed"] for size, answer in zip(sizes, answers, strict=True))
        return self._numbered(max_samples, answers).assign(is_observed=seen > 0.5 * sum(sizes))

    def predict(
        self,
        panel: Panel | None = None,
        *,
        noise: bool = False,
        seed: int | None = None,
        max_samples: int | None = None,
    ) -> xr.DataArray:
        """See `Fit.predict`."""
        first = self.info.seed if seed is None else seed
        return self._joined(
            max_samples, lambda fit, number: fit.predict(panel, noise=noise, seed=first + number if noise else None)
        )

    def save(self, path: Path | str) -> None:
        """Write all structures to one NetCDF file; an existing file is replaced in one step."""
        from mmm_models.fit.stacked_storage import write_stacked

        write_stacked(Path(path), self)

    @cached_property
    def _counts(self) -> list[int]:
        """Draws of each structure: shares rounded by largest remainders."""
        exact = np.array([member.weight for member in self.members]) * self.samples
        counts = np.floor(exact + 1e-9).astype(int)
        more = np.argsort(-(exact - counts), kind="stable")[: self.samples - counts.sum()]
        counts[more] += 1
        return counts.tolist()

    def _picked(self, max_samples: int | None) -> np.ndarray:
        if max_samples is not None and max_samples < 1:
            raise FitError(f"max_samples is {max_samples}; give 1 or more, or None for all {self.samples}")
        if max_samples is None or max_samples >= self.samples:
            return np.arange(self.samples)
        return np.linspace(0, self.samples - 1, max_samples).round().astype(np.int64)

    def _answers[T](self, max_samples: int | None, ask: Callable[[Fit, int], T]) -> list[T]:
        """What each structure says of its share of the draws; `ask` takes a fit of these alone, and its number."""
        return [ask(_only(fit, own), number) for number, (fit, own) in enumerate(self.split(self._picked(max_samples)))]

    def _joined[T: (xr.Dataset, xr.DataArray)](self, max_samples: int | None, ask: Callable[[Fit, int], T]) -> T:
        return self._numbered(max_samples, self._answers(max_samples, ask))

    def _numbered[T: (xr.Dataset, xr.DataArray)](self, max_samples: int | None, answers: list[T]) -> T:
        whole = {"data_vars": "minimal"} if isinstance(answers[0], xr.Dataset) else {}
        joined = xr.concat(answers, dim="sample", coords="minimal", compat="override", **whole)
        return joined.assign_coords(sample=self._picked(max_samples))


def members_of(fit: Fit | StackedFit) -> list[tuple[str | None, Fit]]:
    """The fits of the structures that have weight, by name and heaviest first; of a plain fit, itself with no name."""
    if isinstance(fit, StackedFit):
        return [(member.name, member.fit) for member in fit.weighted]
    return [(None, fit)]


def draws_by_structure(fit: Fit | StackedFit) -> list[tuple[Fit, xr.Dataset]]:
    """Each structure's fit with its share of the draws (sample), which together are all of `fit` in their order; of a
    plain fit, itself."""
    if isinstance(fit, StackedFit):
        return [(own, own.draws().isel(sample=drawn)) for own, drawn in fit.split(np.arange(fit.samples))]
    return [(fit, fit.draws())]


def _only(fit: Fit, own: np.ndarray) -> Fit:
    """The fit with these of its draws, as one chain."""
    draws = fit.draws().isel(sample=own).rename(sample="draw").expand_dims("chain")
    return replace(fit, posterior=draws)
