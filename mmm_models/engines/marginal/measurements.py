"""Lift tests as the density takes them, and their likelihood.

A test's readouts y (one, or a vector with covariance S) given the model's contrasts D (see `evidence.operator`):

    y ~ multivariate Student-t( nu,  k D + b,  S / q + (tau^2 + a) y y' )

with k the factor, b the offset and tau the scatter of the design's family, q the test's quality and a the variance of
its age. What tests of a family scatter by is a share of the lift, since tests differ a hundredfold in size; it moves
all readouts of a test together, hence y y'. The share is of the lift measured, not of the model's: a model that sees
too much would be given more room for it. With L L' = S / q, u = L^-1 (y - k D - b) and v = L^-1 y, the matrix
determinant lemma and Sherman-Morrison give

    |u|^2 - w (u'v)^2 / (1 + w |v|^2),   log det = log det(S / q) + log(1 + w |v|^2),   w = tau^2 + a

(Golub and Van Loan 2013, Matrix Computations, section 2.1), and the density is that of Kotz and Nadarajah (2004,
Multivariate t Distributions and Their Applications, section 1.1). The random effect between tests is that of
DerSimonian and Laird (1986, Meta-analysis in clinical trials); dividing the variance by q is the power prior of Ibrahim
and Chen (2000, Power prior distributions for regression models).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
from scipy.special import gammaln

from mmm_models.engines.marginal import curves, priors
from mmm_models.engines.marginal.shapes import Data, cells_by_saturation, strength_of_cells, weights_of_channels
from mmm_models.engines.marginal.structure import Measured, Structure
from mmm_models.engines.readings import Reading, Rows, unknown_families
from mmm_models.evidence import EvidenceSet
from mmm_models.spec import DesignSpec, ModelSpec
from mmm_models.spec.designs import Family

# Weeks of a cell are filled up to whole blocks, so that another test of the same kind compiles nothing anew.
_BLOCK = 8
_BIASES = ("factor", "scatter", "offset")


def measured_structure(
    readings: Sequence[Reading], evidence: EvidenceSet, spec: ModelSpec, cells: Sequence[tuple[int, int]]
) -> Measured | None:
    """What is compiled for these tests; None without any."""
    if not readings:
        return None
    readouts = max(len(reading.value) for reading in readings)
    tested = sorted({cell for reading in readings for cell in _cells_of(reading.rows, cells)})
    unknown = [unknown_families(evidence, spec, name) for name in _BIASES]
    return Measured(len(readings), readouts, tuple(tested), *unknown)


def measurement_arrays(
    readings: Sequence[Reading], evidence: EvidenceSet, spec: ModelSpec, cells: Sequence[tuple[int, int]]
) -> dict[str, np.ndarray]:
    """Tests as arrays, on the scaled outcome of their market.

    Returns:
        Of weeks: `lagged` (tested cell, lag, changed and then usual week; volume / scale), `contacts` (tested cell,
        lag, week; frequency / scale), `week` (tested cell, week; its position in the data), `counted` (test x readout,
        tested cell x changed and then usual week; negative for usual ones); of tests: `value`, `level` (test, readout;
        `level` is the outcome counted), `whitener` (test, readout, readout; the inverse of L), `readouts`, `constant`
        (of the density), `variance` (a), the numbers of their designs, `family_of_factor`, `_scatter`, `_offset`
        (test; position among those sampled) and `factor_of`, `scatter_of`, `offset_of` (test, family; the design's
        number where the test is of the family, else 0); and `freedom` (nu).
    """
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
    families: dict[str, np.ndarray] = {}
    for name in _BIASES:
        unknown = unknown_families(evidence, spec, name)
        families[f"family_of_{name}"] = np.array([_position(reading.family, unknown) for reading in readings])
        is_of = families[f"family_of_{name}"][:, None] == np.arange(len(unknown))
        families[f"{name}_of"] = is_of * numbers[f"{name}_sd"][:, None]
    count, freedom = (
        np.array([len(reading.value) for reading in readings], dtype=float),
        spec.evidence.degrees_of_freedom,
    )
    return {
        **_joined([reading.rows for reading in readings], readouts, cells),
        **numbers,
        **families,
        "value": value,
        "level": level,
        "whitener": whitener,
        "readouts": count,
        "constant": _constant(whitener, count, freedom),
        "variance": np.array([reading.variance for reading in readings]),
        "freedom": np.array(freedom),
    }


def _constant(whitener: np.ndarray, count: np.ndarray, nu: float) -> np.ndarray:
    """What no parameter changes of the log density of each test."""
    diagonal = np.diagonal(whitener, 0, 1, 2)
    log_determinant = np.log(np.where(diagonal > 0, diagonal, 1.0)).sum(axis=1)
    return log_determinant + gammaln((nu + count) / 2) - gammaln(nu / 2) - count / 2 * np.log(nu * np.pi)


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
    contrast = (tests["counted"] @ _responses(structure, data, parameters).ravel()).reshape(tests["value"].shape)

    def of_family(name: str) -> jax.Array | float:
        known = f"design_{name}" in parameters
        return (tests[f"{name}_of"] * parameters[f"design_{name}"]).sum(axis=1) if known else 0.0

    factor = tests["factor"] * jnp.exp(of_family("factor"))
    offset = tests["offset"] + of_family("offset")
    expected = factor[:, None] * contrast
    missed = tests["value"] - expected - offset[:, None] * tests["level"]
    spread = of_family("scatter") ** 2 + tests["variance"]
    if structure.measured.readouts == 1:
        # Without sums XLA makes one loop of all that follows.
        u, v = (tests["whitener"][:, 0, 0] * each[:, 0] for each in (missed, tests["value"]))
        uu, uv, vv = u * u, u * v, v * v
    else:
        u, v = jnp.einsum("ers,kes->ker", tests["whitener"], jnp.stack([missed, tests["value"]]))
        uu, uv, vv = (u * u).sum(axis=1), (u * v).sum(axis=1), (v * v).sum(axis=1)
    widened = 1 + spread * vv
    distance = uu - spread * uv**2 / widened
    nu, count = tests["freedom"], tests["readouts"]
    return tests["constant"] - 0.5 * jnp.log(widened) - (nu + count) / 2 * jnp.log1p(distance / nu)


def _responses(structure: Structure, data: Data, parameters: dict[str, jax.Array]) -> jax.Array:
    """What acts brings in the weeks of tests, (tested cell, changed and then usual week)."""
    tests, tested = data["tests"], structure.measured.cells
    channels = tuple(structure.channels_of_cells[cell] for cell in tested)
    own = _picked(weights_of_channels(structure, data, parameters), channels)
    pressure = jnp.einsum("cl,cln->cn", own, tests["lagged"])
    shapes = []
    for group, cells, shape in cells_by_saturation(structure, parameters):
        here = [number for number, cell in enumerate(tested) if cells.start <= cell < cells.stop]
        if not here:
            continue
        rows, inside = slice(here[0], here[-1] + 1), tuple(tested[number] - cells.start for number in here)
        numbers = {name: _picked(values, inside) for name, values in shape.items()}
        if group.by_frequency:
            contacts = jnp.tile(tests["contacts"][rows], 2)
            counted = tests["lagged"][rows] * curves.SHAPES[group.kind](
                contacts, **{name: values[:, :, None] for name, values in numbers.items()}
            )
            shapes.append(jnp.einsum("cl,cln->cn", own[rows], counted))
        else:
            shapes.append(curves.SHAPES[group.kind](pressure[rows], **numbers))
    brought = jnp.concatenate(shapes) * _picked(parameters["coefficient"], tested)[:, None]
    if structure.wandering:
        strength = strength_of_cells(structure, data, parameters)[np.array(tested)]
        brought = brought * jnp.tile(jnp.take_along_axis(strength, tests["week"], axis=1), 2)
    return brought


def _picked(values: jax.Array, positions: tuple[int, ...]) -> jax.Array:
    """Rows at these positions; all of them cost nothing."""
    return values if positions == tuple(range(len(values))) else values[np.array(positions)]


def _joined(tests: Sequence[Rows], readouts: int, cells: Sequence[tuple[int, int]]) -> dict[str, np.ndarray]:
    """Weeks of all tests, cell by cell, filled up to as many whole blocks with weeks that nothing counts."""
    filled = [np.pad(test.counted, [(0, readouts - len(test.counted)), (0, 0)]) for test in tests]
    whole = Rows.of_tests([replace(test, counted=counted) for test, counted in zip(tests, filled, strict=True)])
    tested, cell = np.unique(_cells_of(whole, cells), return_inverse=True)
    # Position of each row among those of its cell.
    place = np.array([(cell[:row] == own).sum() for row, own in enumerate(cell)])
    width = -(-int(np.bincount(cell).max()) // _BLOCK) * _BLOCK
    longest = whole.lagged.shape[2]
    lagged = np.zeros((len(tested), longest, 2, width))
    lagged[cell, :, :, place] = whole.lagged.transpose(1, 2, 0)
    contacts, week = np.zeros((len(tested), longest, width)), np.zeros((len(tested), width), dtype=int)
    contacts[cell, :, place], week[cell, place] = whole.contacts, whole.week
    counted = np.zeros((len(whole.counted), len(tested), 2, width))
    counted[:, cell, 0, place], counted[:, cell, 1, place] = whole.counted, -whole.counted
    return {
        "lagged": lagged.reshape(len(tested), longest, 2 * width),
        "contacts": contacts,
        "week": week,
        "counted": counted.reshape(len(whole.counted), -1),
    }


def _cells_of(rows: Rows, cells: Sequence[tuple[int, int]]) -> list[int]:
    """Position of each row's cell."""
    return [cells.index(own) for own in zip(rows.market.tolist(), rows.channel.tolist(), strict=True)]


def _position(family: Family, families: tuple[Family, ...]) -> int:
    """Of a family among those sampled; behind the last where it is known."""
    return families.index(family) if family in families else len(families)
