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
from collections.abc import Sequence
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jax.scipy.special import gammaln

from mmm_models.engines.marginal import curves, priors
from mmm_models.engines.marginal.shapes import Data, cells_by_saturation, strength_of_cells, weights_of_channels
from mmm_models.engines.marginal.structure import Measured, Structure
from mmm_models.engines.readings import Rows, readings_of, unknown_families
from mmm_models.evidence import EvidenceSet
from mmm_models.evidence.operator import measured_lift
from mmm_models.panel import Panel
from mmm_models.spec import DesignSpec, ModelSpec
from mmm_models.spec.designs import Family

# Rows of weeks are filled up to whole blocks, so that another test of the same kind compiles nothing anew.
_BLOCK = 32
_BIASES = ("factor", "scatter", "offset")


def measured_structure(evidence: EvidenceSet, spec: ModelSpec) -> Measured | None:
    """What is compiled for these tests; None without any."""
    if not evidence.used:
        return None
    readouts = max(len(measured_lift(test)[0]) for test in evidence.used)
    unknown = [unknown_families(evidence, spec, name) for name in _BIASES]
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
    readings = readings_of(evidence, panel, spec, scales)
    readouts = max(len(reading.value) for reading in readings)
    value, level = np.zeros((len(readings), readouts)), np.zeros((len(readings), readouts))
    whitener = np.zeros((len(readings), readouts, readouts))
    for number, reading in enumerate(readings):
        size = len(reading.value)
        value[number, :size], level[number, :size] = reading.value, reading.level
        whitener[number, :size, :size] = np.linalg.inv(np.linalg.cholesky(reading.covariance))
    numbers = {
        name: np.array([getattr(reading.design, name) for reading in readings]) for name in DesignSpec.model_fields
    }
    family = {
        f"family_of_{name}": np.array(
            [_position(reading.family, unknown_families(evidence, spec, name)) for reading in readings]
        )
        for name in _BIASES
    }
    return {
        **_joined([reading.rows for reading in readings], readouts, cells),
        **numbers,
        **family,
        "value": value,
        "level": level,
        "whitener": whitener,
        "readouts": np.array([len(reading.value) for reading in readings], dtype=float),
        "variance": np.array([reading.variance for reading in readings]),
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


def _joined(tests: Sequence[Rows], readouts: int, cells: Sequence[tuple[int, int]]) -> dict[str, np.ndarray]:
    """Rows of all tests, filled up to whole blocks with rows that nothing counts."""
    filled = [np.pad(test.counted, [(0, readouts - len(test.counted)), (0, 0)]) for test in tests]
    whole = Rows.of_tests([replace(test, counted=counted) for test, counted in zip(tests, filled, strict=True)])
    cell = np.array([cells.index(own) for own in zip(whole.market.tolist(), whole.channel.tolist(), strict=True)])
    more = -len(whole.week) % _BLOCK
    return {
        "lagged": np.pad(whole.lagged, [(0, 0), (0, more), (0, 0)]),
        "contacts": np.pad(whole.contacts, [(0, more), (0, 0)]),
        "cell": np.pad(cell, (0, more)),
        "week": np.pad(whole.week, (0, more)),
        "counted": np.pad(whole.counted, [(0, 0), (0, more)]),
    }


def _position(family: Family, families: tuple[Family, ...]) -> int:
    """Of a family among those sampled; behind the last where it is known."""
    return families.index(family) if family in families else len(families)
