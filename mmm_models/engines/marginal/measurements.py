"""Lift tests as the density takes them, and their likelihood.

A test's readouts y (one, or a vector with covariance S) given the model's contrasts D (see `evidence.operator`):

    y ~ multivariate Student-t( nu,  k D + b,  S / q + (tau^2 + a) k^2 D D' )

with k the factor, b the offset and tau the scatter of the design's family, q the test's quality and a the variance of
its age. What tests of a family scatter by is a share of the lift, since tests differ a hundredfold in size; it moves
all readouts of a test together, hence D D'. With L L' = S / q, u = L^-1 (y - k D - b) and v = L^-1 k D, the matrix
determinant lemma and Sherman-Morrison give

    |u|^2 - w (u'v)^2 / (1 + w |v|^2),   log det = log det(S / q) + log(1 + w |v|^2),   w = tau^2 + a

(Golub and Van Loan 2013, Matrix Computations, section 2.1), and the density is that of Kotz and Nadarajah (2004,
Multivariate t Distributions and Their Applications, section 1.1). The random effect between tests is that of
DerSimonian and Laird (1986, Meta-analysis in clinical trials); dividing the variance by q is the power prior of Ibrahim
and Chen (2000, Power prior distributions for regression models).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jax.scipy.special import gammaln

from mmm_models.engines.marginal import curves, priors
from mmm_models.engines.marginal.shapes import Data, cells_by_saturation, strength_of_cells, weights_of_channels
from mmm_models.engines.marginal.structure import Measured, Structure
from mmm_models.evidence import EvidenceSet, LiftTest
from mmm_models.evidence.operator import measured_lift
from mmm_models.evidence.paths import Contrast, contrasts
from mmm_models.fit.driver import Driver
from mmm_models.panel import Panel
from mmm_models.spec import DesignSpec, ModelSpec
from mmm_models.spec.designs import FAMILIES

# Rows of weeks are filled up to whole blocks, so that another test of the same kind compiles nothing anew.
_BLOCK = 32


@dataclass(frozen=True)
class _Rows:
    """Weeks of contrasts, one a row: what acts with and without the test, and how much of it each readout counts."""

    lagged: np.ndarray  # (2, row, lag): changed, usual
    contacts: np.ndarray  # (row, lag)
    cell: np.ndarray
    week: np.ndarray
    counted: np.ndarray  # (readout of all tests, row)


def measured_structure(evidence: EvidenceSet, spec: ModelSpec) -> Measured | None:
    """What is compiled for these tests; None without any."""
    if not evidence.used:
        return None
    readouts = max(len(measured_lift(test)[0]) for test in evidence.used)
    unknown = [_unknown(evidence, spec, name) for name in ("factor_sd", "scatter_sd", "offset_sd")]
    return Measured(len(evidence.used), readouts, *unknown)


def measurement_arrays(
    evidence: EvidenceSet, spec: ModelSpec, panel: Panel, scales: xr.Dataset, cells: Sequence[tuple[int, int]]
) -> dict[str, np.ndarray]:
    """Tests as arrays, on the scaled outcome of their market.

    Returns:
        Of weeks: `lagged` (changed or usual, row, lag; volume / scale), `contacts` (row, lag), `cell`, `week` (row),
        `counted` (test x readout, row); of tests: `value`, `level` (test, readout; `level` is the outcome counted),
        `whitener` (test, readout, readout; the inverse of L), `readouts`, `variance` (a), the numbers of their designs
        and `family_of_factor`, `_scatter`, `_offset` (test; position among those sampled); and `freedom` (nu).
    """
    tests = evidence.used
    rows = [_rows(test, panel, spec, scales, cells) for test in tests]
    readouts = max(len(measured_lift(test)[0]) for test in tests)
    arrays = _joined(rows, readouts)
    value, level = np.zeros((len(tests), readouts)), np.zeros((len(tests), readouts))
    whitener = np.zeros((len(tests), readouts, readouts))
    for number, test in enumerate(tests):
        market = panel.markets.index(test.market)
        unit = float(scales["outcome_scale"].values[market])
        measured, covariance = measured_lift(test)
        size = len(measured)
        value[number, :size] = measured / unit
        spread = np.linalg.cholesky(covariance / evidence.term(test).quality) / unit
        whitener[number, :size, :size] = np.linalg.inv(spread)
        usual = float(panel.dataset["outcome"].sel(market=test.market).mean()) / unit
        level[number, :size] = usual * _weeks_of_outcome(test, panel, spec)
    designs = [_design(test, spec) for test in tests]
    numbers = {name: np.array([getattr(design, name) for design in designs]) for name in DesignSpec.model_fields}
    family = {
        f"family_of_{name}": np.array([_position(test, unknown) for test in tests])
        for name, unknown in (
            (name, _unknown(evidence, spec, f"{name}_sd")) for name in ("factor", "scatter", "offset")
        )
    }
    return {
        **arrays,
        **numbers,
        **family,
        "value": value,
        "level": level,
        "whitener": whitener,
        "readouts": np.array([len(measured_lift(test)[0]) for test in tests], dtype=float),
        "variance": np.array([evidence.term(test).drift_variance for test in tests]),
        "freedom": np.array(spec.evidence.degrees_of_freedom),
    }


def designs_and_prior(structure: Structure, position: dict[str, jax.Array]) -> tuple[dict[str, jax.Array], jax.Array]:
    """Standardised biases of the families, (family): `design_factor`, `design_offset` (normal), `design_scatter`
    (half-normal); and the log density of their coordinates."""
    measured, found, total = structure.measured, {}, jnp.zeros(())
    if measured is None:
        return found, total
    for name, families in (("factor", measured.factors), ("offset", measured.offsets)):
        if families:
            found[f"design_{name}"] = position[f"design_{name}"]
            total = total + jax.scipy.stats.norm.logpdf(position[f"design_{name}"]).sum()
    if measured.scatters:
        one = {"sigma": jnp.ones(len(measured.scatters))}
        found["design_scatter"], log_scatter = priors.log_density("HalfNormal", position["design_scatter"], one)
        total = total + log_scatter.sum()
    return found, total


def log_likelihood(structure: Structure, data: Data, parameters: dict[str, jax.Array]) -> jax.Array:
    """Log density of each test's readouts, (test)."""
    tests = data["tests"]
    contrast = (tests["counted"] @ _row_contrasts(structure, data, parameters)).reshape(tests["value"].shape)

    def of_family(name: str) -> jax.Array:
        if f"design_{name}" not in parameters:
            return jnp.zeros(len(contrast))
        # The last stands for designs of which this is known.
        return jnp.append(parameters[f"design_{name}"], 0.0)[tests[f"family_of_{name}"]]

    factor = tests["factor"] * jnp.exp(tests["factor_sd"] * of_family("factor"))
    offset = tests["offset"] + tests["offset_sd"] * of_family("offset")
    expected = factor[:, None] * contrast
    spread = (tests["scatter_sd"] * of_family("scatter")) ** 2 + tests["variance"]
    u = jnp.einsum("ers,es->er", tests["whitener"], tests["value"] - expected - offset[:, None] * tests["level"])
    v = jnp.einsum("ers,es->er", tests["whitener"], expected)
    widened = 1 + spread * (v**2).sum(axis=1)
    distance = (u**2).sum(axis=1) - spread * (u * v).sum(axis=1) ** 2 / widened
    count, nu = tests["readouts"], tests["freedom"]
    constant = gammaln((nu + count) / 2) - gammaln(nu / 2) - count / 2 * jnp.log(nu * jnp.pi)
    diagonal = jnp.diagonal(tests["whitener"], 0, 1, 2)
    scale = jnp.log(jnp.where(diagonal > 0, diagonal, 1.0)).sum(axis=1)
    return constant + scale - 0.5 * jnp.log(widened) - (nu + count) / 2 * jnp.log1p(distance / nu)


def _row_contrasts(structure: Structure, data: Data, parameters: dict[str, jax.Array]) -> jax.Array:
    """What the change of spend brings in each row's week, (row)."""
    tests = data["tests"]
    weights = weights_of_channels(structure, data, parameters)
    own = weights[np.array(structure.channels_of_cells)][tests["cell"]]
    pressure = jnp.einsum("rl,prl->pr", own, tests["lagged"])
    step = jnp.zeros(len(tests["cell"]))
    for group, cells, shape in cells_by_saturation(structure, parameters):
        inside = (tests["cell"] >= cells.start) & (tests["cell"] < cells.stop)
        row = jnp.where(inside, tests["cell"] - cells.start, 0)
        curve = functools.partial(curves.SHAPES[group.kind], **{name: values[row] for name, values in shape.items()})
        if group.by_frequency:
            counted = tests["lagged"] * curve(tests["contacts"])
            changed, usual = jnp.einsum("rl,prl->pr", own, counted)
        else:
            changed, usual = curve(pressure[0][:, None])[:, 0], curve(pressure[1][:, None])[:, 0]
        step = jnp.where(inside, changed - usual, step)
    step = step * parameters["coefficient"][tests["cell"]]
    if structure.wandering:
        step = step * strength_of_cells(structure, data, parameters)[tests["cell"], tests["week"]]
    return step


def _rows(test: LiftTest, panel: Panel, spec: ModelSpec, scales: xr.Dataset, cells: Sequence[tuple[int, int]]) -> _Rows:
    """The weeks that a test's readouts count, of all its contrasts."""
    max_lags = {name: spec.channel(name).adstock.max_lag for name in panel.channels}
    return _stacked([_row(contrast, panel, scales, cells, max_lags) for contrast in contrasts(test, panel, max_lags)])


def _row(
    contrast: Contrast,
    panel: Panel,
    scales: xr.Dataset,
    cells: Sequence[tuple[int, int]],
    max_lags: Mapping[str, int],
) -> _Rows:
    cell = (panel.markets.index(contrast.market), panel.channels.index(contrast.channel))
    driver = Driver.of(panel, scales, contrast.channel, [contrast.market])
    scale, longest = float(scales["spend_scale"].values[cell]), max(max_lags.values())
    max_lag, weeks = max_lags[contrast.channel], len(contrast.usual)
    at = np.arange(max_lag - 1, weeks)

    def lagged(path: np.ndarray) -> np.ndarray:
        return np.pad(path[at[:, None] - np.arange(max_lag)], [(0, 0), (0, longest - max_lag)])

    paths = [
        driver.volume_of(path[:, None], contrast.start)[:, 0] / scale for path in (contrast.changed, contrast.usual)
    ]
    contacts = np.zeros(weeks) if driver.frequency is None else driver.frequency.over(contrast.start, weeks)[:, 0]
    week = np.clip(contrast.start + at, 0, len(panel.weeks) - 1)
    return _Rows(
        np.stack([lagged(path) for path in paths]),
        lagged(contacts),
        np.full(len(at), cells.index(cell)),
        week,
        contrast.share * contrast.counted[:, at],
    )


def _stacked(parts: Sequence[_Rows]) -> _Rows:
    return _Rows(
        np.concatenate([part.lagged for part in parts], axis=1),
        np.concatenate([part.contacts for part in parts]),
        np.concatenate([part.cell for part in parts]),
        np.concatenate([part.week for part in parts]),
        np.concatenate([part.counted for part in parts], axis=1),
    )


def _joined(tests: Sequence[_Rows], readouts: int) -> dict[str, np.ndarray]:
    """Rows of all tests, filled up to whole blocks with rows that nothing counts."""
    whole = _stacked([replace(test, counted=np.zeros((0, len(test.cell)))) for test in tests])
    more = -len(whole.cell) % _BLOCK
    counted = np.zeros((len(tests), readouts, len(whole.cell) + more))
    start = 0
    for number, test in enumerate(tests):
        counted[number, : len(test.counted), start : start + len(test.cell)] = test.counted
        start += len(test.cell)
    return {
        "lagged": np.pad(whole.lagged, [(0, 0), (0, more), (0, 0)]),
        "contacts": np.pad(whole.contacts, [(0, more), (0, 0)]),
        "cell": np.pad(whole.cell, (0, more)),
        "week": np.pad(whole.week, (0, more)),
        "counted": counted.reshape(len(tests) * readouts, -1),
    }


def _weeks_of_outcome(test: LiftTest, panel: Panel, spec: ModelSpec) -> np.ndarray:
    """Weeks of the market's outcome that each readout counts, its share of the market taken into account."""
    max_lags = {name: spec.channel(name).adstock.max_lag for name in panel.channels}
    first = [part for part in contrasts(test, panel, max_lags) if part.channel == test.channels[0]]
    return sum(part.share * np.abs(part.counted).sum(axis=1) for part in first)


def _unknown(evidence: EvidenceSet, spec: ModelSpec, name: str) -> tuple[str, ...]:
    """Families of which this number of the design is sampled, in their order."""
    spread = {test.family for test in evidence.used if getattr(_design(test, spec), name) > 0}
    return tuple(family for family in FAMILIES if family in spread)


def _design(test: LiftTest, spec: ModelSpec) -> DesignSpec:
    return spec.evidence.design(test.family, randomised=test.randomised)


def _position(test: LiftTest, families: tuple[str, ...]) -> int:
    """Of the test's family among those sampled; behind the last where it is known."""
    return families.index(test.family) if test.family in families else len(families)
