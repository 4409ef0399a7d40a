"""What three ways of measuring say of each channel's ROAS, on one scale and about one estimand."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.errors import EvidenceError

Scale = Literal["log", "natural"]
_WEEKS_A_YEAR = 52.18


@dataclass(frozen=True, eq=False)
class Sources:
    """Readings of the incremental ROAS of channels, made comparable beforehand (see `harmonise`).

    All figures are logs of ROAS on the scale 'log'; on the scale 'natural' they are ROAS itself, which may be negative.

    Attributes:
        experiments: Dataset (test) of `estimate` and `standard_error`, with `channel`, `study` (readings of one study
            share its errors, so that each of K counts a K-th), `quality` in (0, 1] and `age_weeks`. None: no tests.
        mmm: Dataset of `estimate` (channel) and `covariance` (channel, other): posterior mean and covariance of a model
            fitted WITHOUT these tests; one that was fitted with them would count them twice. None: no model.
        attribution: Dataset (channel) of `estimate`, `standard_error` and `kind` (channels of a kind share a bias).
            None: no platform tells its conversions.
        scale: of all figures.
        unit: what 1 is on the natural scale: a typical ROAS, which priors of biases are shares of. 1 for logs.
        drift: doubt that a year adds to a test, in units: an old test measured another year's effect.

    Raises:
        EvidenceError: no reading at all, a figure that is not finite, a spread that is not positive, a test that stands
            twice, or a covariance that is none.
    """

    experiments: xr.Dataset | None = None
    mmm: xr.Dataset | None = None
    attribution: xr.Dataset | None = None
    scale: Scale = "log"
    unit: float = 1.0
    drift: float = 0.10

    def __post_init__(self) -> None:
        if not self.channels:
            raise EvidenceError("nothing to triangulate: no experiment, no model and no attribution was given")
        if not self.unit > 0:
            raise EvidenceError(f"the unit of ROAS is {self.unit}; give a typical ROAS above 0")
        if self.experiments is not None:
            _check_spread("experiment", self.experiments, "test")
            _check_tests(self.experiments)
        if self.attribution is not None:
            _check_spread("attribution", self.attribution, "channel")
        if self.mmm is not None:
            _check_covariance(self.mmm)

    @cached_property
    def channels(self) -> list[str]:
        """Every channel that any source speaks of: those of the model first, then the others by name."""
        of_model = [] if self.mmm is None else list(map(str, self.mmm["channel"].values))
        others = set()
        for data in (self.experiments, self.attribution):
            if data is not None:
                others |= set(map(str, data["channel"].values))
        return of_model + sorted(others - set(of_model))

    @cached_property
    def studies(self) -> pd.DataFrame:
        """One row a study with `channel`, `estimate` and `variance` (before between-test variance), by study.

        A reading's variance is standard_error^2 / quality + drift^2 * years: the power prior of Ibrahim and Chen
        (2000) and a random walk of the effect. Readings of one study are averaged by precision, at the mean of their
        precisions, so that a repeated one adds nothing.
        """
        columns = ["channel", "estimate", "variance"]
        if self.experiments is None or not self.experiments.sizes["test"]:
            return pd.DataFrame(columns=columns)
        read = self.experiments
        variance = read["standard_error"] ** 2 / read["quality"]
        variance = variance + (self.drift * self.unit) ** 2 * read["age_weeks"] / _WEEKS_A_YEAR
        frame = pd.DataFrame(
            {
                "study": read["study"].values.astype(str),
                "channel": read["channel"].values.astype(str),
                "precision": 1.0 / variance.values,
                "weighted": read["estimate"].values / variance.values,
            }
        )
        sums = frame.groupby(["study", "channel"])[["precision", "weighted"]].mean().reset_index("channel")
        sums["estimate"], sums["variance"] = sums["weighted"] / sums["precision"], 1.0 / sums["precision"]
        return sums[columns]

    @cached_property
    def overlapping(self) -> list[str]:
        """Channels with an experiment and another source beside it: what biases are learned from."""
        others: set[str] = set()
        for data in (self.mmm, self.attribution):
            if data is not None:
                others |= set(map(str, data["channel"].values))
        return sorted(set(self.studies["channel"]) & others)

    def without(self, *, tests: list[str] | None = None, source: str | None = None) -> "Sources":
        """The same readings less some tests, or less a whole source."""
        parts = {name: getattr(self, name) for name in ("experiments", "mmm", "attribution")}
        if source is not None:
            parts[source] = None
        if tests is not None and parts["experiments"] is not None:
            kept = ~parts["experiments"]["test"].isin(tests)
            parts["experiments"] = parts["experiments"].isel(test=kept.values) if kept.any() else None
        return replace(self, **parts)


def experiments_dataset(rows: pd.DataFrame) -> xr.Dataset:
    """Experiments from one row a test: test, channel, estimate, standard_error; study, quality and age_weeks if known.

    A test is a study of its own, of quality 1 and new, where nothing else is said.
    """
    frame = rows.assign(**{"study": rows["test"]} if "study" not in rows else {})
    for name, default in (("quality", 1.0), ("age_weeks", 0.0)):
        if name not in frame:
            frame[name] = default
    figures = ("estimate", "standard_error", "quality", "age_weeks")
    return xr.Dataset(
        {name: ("test", frame[name].to_numpy(dtype=float)) for name in figures},
        coords={
            "test": frame["test"].to_numpy(dtype=object),
            **{name: ("test", frame[name].to_numpy(dtype=object)) for name in ("channel", "study")},
        },
    )


def mmm_dataset(channels: list[str], estimate: np.ndarray, covariance: np.ndarray) -> xr.Dataset:
    """Posterior mean (channel) and covariance (channel, channel) of a model with their labels."""
    return xr.Dataset(
        {"estimate": ("channel", estimate), "covariance": (("channel", "other"), covariance)},
        coords={"channel": np.array(channels, dtype=object), "other": np.array(channels, dtype=object)},
    )


def attribution_dataset(rows: pd.DataFrame) -> xr.Dataset:
    """Attribution from one row a channel: channel, estimate, standard_error; kind if known."""
    kind = rows["kind"] if "kind" in rows else pd.Series("platform", index=rows.index)
    return xr.Dataset(
        {name: ("channel", rows[name].to_numpy(dtype=float)) for name in ("estimate", "standard_error")},
        coords={
            "channel": rows["channel"].to_numpy(dtype=object),
            "kind": ("channel", kind.to_numpy(dtype=object)),
        },
    )


def _check_spread(what: str, data: xr.Dataset, dim: str) -> None:
    for name in ("estimate", "standard_error"):
        bad = ~np.isfinite(data[name].values) | ((name == "standard_error") & (data[name].values <= 0))
        if bad.any():
            label, value = data[dim].values[bad][0], data[name].values[bad][0]
            raise EvidenceError(
                f"{what} {label}: {name} is {value:g}; give a finite figure{', above 0' if name != 'estimate' else ''}"
            )


def _check_tests(data: xr.Dataset) -> None:
    names = list(map(str, data["test"].values))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise EvidenceError(f"experiment {twice[0]} stands {names.count(twice[0])} times; give each test once")
    for name, low, high in (("quality", 0.0, 1.0), ("age_weeks", -1e-9, np.inf)):
        values = data[name].values
        bad = ~((values > low) & (values <= high))
        if bad.any():
            wanted = "above 0 and at most 1" if name == "quality" else "0 or more"
            raise EvidenceError(f"experiment {data['test'].values[bad][0]}: {name} is {values[bad][0]:g}; {wanted}")


def _check_covariance(data: xr.Dataset) -> None:
    channels = data["channel"].values
    covariance = data["covariance"].sel(channel=channels, other=channels).transpose("channel", "other").values
    if not np.isfinite(data["estimate"].values).all() or not np.isfinite(covariance).all():
        raise EvidenceError("the model's figures are not all finite; leave out channels without spend")
    if not np.allclose(covariance, covariance.T, atol=1e-10) or np.linalg.eigvalsh(covariance).min() <= 0:
        raise EvidenceError(
            "the model's covariance is not symmetric and positive definite; give that of its draws, of which there "
            "must be more than channels"
        )
