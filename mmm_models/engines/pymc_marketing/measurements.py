"""Lift tests in PyMC-Marketing's model: the measurement operator on the library's own adstock and saturation.

The library's lift-test term takes spend at rest: f(x + dx) - f(x), with f the saturation curve alone (its issue 2433).
Here the weeks that a test counts pass through both transformations of the model, with what was spent before them, and
the difference D of the two paths is measured as `engines.marginal.measurements` says: a Student-t, multivariate where a
test has several readouts, around k D + b with the shape S / q + (tau^2 + a) k^2 D D'.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from mmm_models.engines.readings import Reading, Rows, readings_of, unknown_families
from mmm_models.evidence import EvidenceSet
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec, SpecError

if TYPE_CHECKING:
    from pymc_marketing.mmm import MMM
    from pymc_marketing.mmm.components.base import Transformation
    from pytensor.tensor import TensorVariable
    from pytensor.xtensor.type import XTensorVariable


def add_measurements(model: "MMM", evidence: EvidenceSet, panel: Panel, spec: ModelSpec, scales: xr.Dataset) -> None:
    """Add the used tests to the likelihood of a built model.

    The model gains `design_factor`, `design_scatter` and `design_offset` (over `factor_of`, ...; families) where they
    are unknown; `predicted_lift` (lift_readout), what it expects of each readout on the scaled outcome; and, observed,
    `lift_measurements` of all tests with one readout and `lift_measurements[<test_id>]` of each with several.

    Raises:
        SpecError: the weeks of a test are to be left out of the outcome.
    """
    import pymc as pm
    import pymc.dims as pmd

    _check_not_masked(evidence)
    readings = readings_of(evidence, panel, spec, scales)
    readouts = np.array([len(reading.value) for reading in readings])
    test = np.repeat(np.arange(len(readings)), readouts)
    value, level = (np.concatenate([getattr(one, name) for one in readings]) for name in ("value", "level"))
    nu = spec.evidence.degrees_of_freedom
    with model.model as graph:
        graph.add_coord("lift_readout", [name for reading in readings for name in _names_of_readouts(reading)])
        predicted = pmd.Deterministic("predicted_lift", _predicted(model, readings)).values
        factor, scatter, offset = (_bias(name, readings, evidence, spec) for name in ("factor", "scatter", "offset"))
        expected = factor[test] * predicted
        center = expected + offset[test] * level
        # The standard deviation of what moves a test's readouts together.
        common = value * pm.math.sqrt(scatter**2 + np.array([one.variance for one in readings]))[test]
        alone = np.flatnonzero(readouts[test] == 1)
        if alone.size:
            variance = np.array([readings[number].covariance.item() for number in test[alone]])
            sigma = pm.math.sqrt(variance + common[alone] ** 2)
            pm.StudentT("lift_measurements", nu=nu, mu=center[alone], sigma=sigma, observed=value[alone])
        for number in np.flatnonzero(readouts > 1):
            own = np.flatnonzero(test == number)
            shape = readings[number].covariance + common[own][:, None] * common[own]
            name = f"lift_measurements[{readings[number].test_id}]"
            pm.MvStudentT(name, nu=nu, mu=center[own], scale=shape, observed=value[own])


def _check_not_masked(evidence: EvidenceSet) -> None:
    masked = [test.test_id for test in evidence.used if evidence.term(test).masked]
    if masked:
        raise SpecError(
            f"lift test {masked[0]}: its weeks stand in the outcome too, so they are to be left out of it, and engine "
            "pymc_marketing cannot leave weeks out. Use engine: marginal, or set the test's role to 'validate'"
        )


def _names_of_readouts(reading: Reading) -> list[str]:
    if len(reading.value) == 1:
        return [reading.test_id]
    return [f"{reading.test_id}[{number}]" for number in range(len(reading.value))]


def _predicted(model: "MMM", readings: Sequence[Reading]) -> "XTensorVariable":
    """The difference that a test's two paths make to each of its readouts, (lift_readout)."""
    from pytensor.xtensor import as_xtensor

    rows = Rows.of_tests([reading.rows for reading in readings])
    where = {"market": as_xtensor(rows.market, dims=("row",)), "channel": as_xtensor(rows.channel, dims=("row",))}
    # Adstock is a convolution: what it makes of one week's unit says what it makes of any path.
    unit = as_xtensor(np.eye(1, rows.lagged.shape[-1])[0], dims=("lag",))
    weights = model.adstock.function(unit, dim="lag", **_parameters(model, model.adstock))
    lagged = as_xtensor(rows.lagged, dims=("path", "row", "lag"))
    pressure = (lagged * weights.isel(where, missing_dims="ignore")).sum(dim="lag")
    own = {
        name: value.isel(where, missing_dims="ignore") for name, value in _parameters(model, model.saturation).items()
    }
    response = model.saturation.function(pressure, **own)
    step = response.isel(path=0) - response.isel(path=1)
    return (as_xtensor(rows.counted, dims=("lift_readout", "row")) * step).sum(dim="row")


def _parameters(model: "MMM", transformation: "Transformation") -> dict[str, "XTensorVariable"]:
    return {name: model.model[variable] for name, variable in transformation.variable_mapping.items()}


def _bias(name: str, readings: Sequence[Reading], evidence: EvidenceSet, spec: ModelSpec) -> "TensorVariable":
    """A bias of each test's design, (test); within a `with` of the model, which gains the unknown ones of families.

    A family's tests may differ in what is known of them beforehand; its variable is the bias of the least known.
    """
    import pymc as pm
    import pymc.dims as pmd
    import pytensor.tensor as pt
    from pytensor.xtensor import as_xtensor

    known = np.array([getattr(reading.design, name, 0.0) for reading in readings])
    families = unknown_families(evidence, spec, name)
    if not families:
        return pt.as_tensor(known)
    deviation = np.array([getattr(reading.design, f"{name}_sd") for reading in readings])
    family = np.array([families.index(reading.family) if reading.family in families else 0 for reading in readings])
    widest = np.array([deviation[[reading.family == own for reading in readings]].max() for own in families])
    pm.modelcontext(None).add_coord(f"{name}_of", families)
    sigma = as_xtensor(widest, dims=(f"{name}_of",))
    distribution = {"factor": pmd.LogNormal, "scatter": pmd.HalfNormal, "offset": pmd.Normal}[name]
    bias = distribution(f"design_{name}", sigma=sigma, **({} if name == "scatter" else {"mu": 0.0})).values[family]
    share = np.where(deviation > 0, deviation / widest[family], 0.0)
    return known * bias**share if name == "factor" else known + share * bias
