"""The spec's priors as PyMC-Marketing's: one array-valued prior a parameter, with one cell a channel or control."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from mmm_models.spec import PriorSpec, SpecError

if TYPE_CHECKING:
    from pymc_extras.prior import Prior


def plain_prior(spec: PriorSpec, dims: str | tuple[str, ...]) -> "Prior":
    """Return the same prior for every cell of `dims`."""
    from pymc_extras.prior import Prior

    _check_known(spec)
    return Prior(spec.distribution, **spec.parameters, dims=dims)


def array_prior(specs: Mapping[str, PriorSpec], what: str, dim: str, dims: tuple[str, ...]) -> "Prior":
    """Return one prior over `dims` whose numbers differ along `dim`; the keys of `specs` are that dim's coordinate.

    PyMC-Marketing gives a parameter one distribution for all channels. Raises `SpecError` naming two of `specs` that
    want different ones; `what` says which parameter that is.
    """
    from pymc_extras.prior import Prior

    # A Gamma may be written in two ways; brought to one, channels can mix them.
    specs = {name: spec.standard() for name, spec in specs.items()}
    (first, model), *others = specs.items()
    _check_known(model)
    for name, spec in others:
        if (spec.distribution, set(spec.parameters)) != (model.distribution, set(model.parameters)):
            raise SpecError(
                f"{what}: {first} has a {_named(model)} prior and {name} a {_named(spec)} prior; engine pymc_marketing "
                "takes one distribution with the same arguments for all, with numbers of their own. Choose one"
            )
    numbers = {
        argument: xr.DataArray(np.array([spec.parameters[argument] for spec in specs.values()]), dims=(dim,))
        for argument in model.parameters
    }
    return Prior(model.distribution, **numbers, dims=dims)


def check_one_kind(kinds: Mapping[str, str], what: str) -> str:
    """Return the one kind of adstock or saturation. Raises `SpecError` when channels want different ones."""
    (first, kind), *others = kinds.items()
    for name, other in others:
        if other != kind:
            raise SpecError(
                f"{what}: {first} is {kind} and {name} is {other}; engine pymc_marketing fits one kind of {what} for "
                "all channels. Give every channel the same kind"
            )
    return kind


def _check_known(spec: PriorSpec) -> None:
    # pymc.dims 6.3 builds it for single numbers only and fails deep inside for arrays.
    if spec.distribution == "HalfStudentT":
        raise SpecError("engine pymc_marketing cannot use a HalfStudentT prior; use HalfNormal, Gamma or LogNormal")


def _named(spec: PriorSpec) -> str:
    return f"{spec.distribution}({', '.join(spec.parameters)})"
