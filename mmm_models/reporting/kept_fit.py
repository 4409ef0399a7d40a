"""A fit as one row of a result table, so that a result file can be planned with wherever it is taken; and back."""

import tempfile
import zlib
from dataclasses import replace
from pathlib import Path

import pandas as pd
import xarray as xr

from mmm_models.errors import FitError
from mmm_models.fit import Fit, StackedFit, load_fit

FORMAT = "netcdf-zlib/1"
# Of a kept posterior, before it is compressed. The demo's has 0.2 MB, 50 markets with 30 channels have 15.
_MOST_BYTES = 64 * 2**20


def kept_fit(fit: Fit | StackedFit, run_id: str, most_bytes: int = _MOST_BYTES) -> pd.DataFrame:
    """The row of `results.fits`: the posterior in single precision, without structures that have no weight.

    Rounding moves a draw by less than one part in ten million, far below what draws differ by. A posterior above
    `most_bytes` keeps every second draw, and so on, until it fits.
    """
    lean = _weighted_only(fit)
    while _posterior_bytes(lean) > most_bytes and lean.samples >= 8:
        lean = _halved(lean)
    with tempfile.TemporaryDirectory(prefix="mixhouse-kept-") as folder:
        path = Path(folder) / "fit.nc"
        _with_posterior(lean, "float32").save(path)
        content = zlib.compress(path.read_bytes(), 6)
    row = {"run_id": run_id, "format": FORMAT, "draws": lean.samples, "size_bytes": len(content), "content": content}
    return pd.DataFrame([row])


def fit_of(content: bytes, stored_as: str, run_id: str) -> Fit | StackedFit:
    """The fit of a row of `results.fits`, in double precision again.

    Raises:
        FitError: it was written by another version, or is damaged.
    """
    if stored_as != FORMAT:
        raise FitError(f"the fit of run {run_id} has the format {stored_as!r}; this reads {FORMAT!r}. Fit again.")
    try:
        plain = zlib.decompress(content)
    except zlib.error as error:
        raise FitError(f"the fit of run {run_id} is damaged ({error}). Fit again.") from error
    with tempfile.TemporaryDirectory(prefix="mixhouse-kept-") as folder:
        path = Path(folder) / f"{run_id}.nc"
        path.write_bytes(plain)
        return _with_posterior(load_fit(path), "float64")


def _weighted_only(fit: Fit | StackedFit) -> Fit | StackedFit:
    if isinstance(fit, Fit):
        return fit
    return replace(fit, members=tuple(member for member in fit.members if member.weight > 0))


def _posterior_bytes(fit: Fit | StackedFit) -> int:
    fits = [fit] if isinstance(fit, Fit) else [member.fit for member in fit.members]
    return sum(4 * part.size for own in fits for part in own.posterior.data_vars.values())


def _halved(fit: Fit | StackedFit) -> Fit | StackedFit:
    if isinstance(fit, Fit):
        return fit.thin(fit.samples // 2)
    members = tuple(replace(member, fit=member.fit.thin(member.fit.samples // 2)) for member in fit.members)
    # No structure's share of the draws may exceed the draws that are left of it.
    most = min(int(member.fit.samples / member.weight) for member in members)
    return replace(fit, members=members, samples=min(fit.samples // 2, most))


def _with_posterior(fit: Fit | StackedFit, precision: str) -> Fit | StackedFit:
    """The same fit with floating-point draws of another precision."""
    if isinstance(fit, StackedFit):
        members = (replace(member, fit=_with_posterior(member.fit, precision)) for member in fit.members)
        return replace(fit, members=tuple(members))

    def cast(values: xr.DataArray) -> xr.DataArray:
        return values.astype(precision) if values.dtype.kind == "f" else values

    return replace(fit, posterior=fit.posterior.map(cast, keep_attrs=True))
