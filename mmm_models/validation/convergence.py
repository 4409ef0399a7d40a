"""How well a sampler did: R-hat, effective sample sizes, divergences and energy."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import xarray as xr

from mmm_models.fit import Fit
from mmm_models.validation.chains import ess_bulk, ess_tail, r_hat

# Numbers held in memory at a time; small enough for a processor's cache.
_HELD = 500_000
# In each half of a chain there must be two, for a variance.
_FEWEST_DRAWS = 4


def convergence_figures(
    posterior: xr.Dataset, sample_stats: xr.Dataset, reported: Mapping[str, xr.DataArray] | None = None
) -> dict[str, float]:
    """Return the worst figures over all parameters and over the quantities that are reported from them.

    Args:
        posterior: parameters, dims chain, draw, ...
        sample_stats: `diverging` and `energy`, dims chain, draw.
        reported: quantities such as the total contribution of each channel, dims chain, draw, ...; parameters can mix
            badly along a ridge that no reported figure sees, and the other way round.

    Returns:
        r_hat_max (rank-normalised split R-hat), ess_bulk_min, ess_tail_min (Vehtari et al. 2021, arXiv:1903.08008),
        divergences, e_bfmi_min over chains (Betancourt 2016, arXiv:1604.00695), n_chains and n_draws. With one chain
        R-hat is infinite: agreement of chains cannot be told. A quantity that never moves counts in no figure.
    """
    arrays = [*posterior.data_vars.values(), *(reported or {}).values()]
    moving = _moving([array.transpose("chain", "draw", ...).values for array in arrays])
    chains, draws = posterior.sizes["chain"], posterior.sizes["draw"]
    return {
        "r_hat_max": float(_of_each(r_hat, moving).max()) if chains > 1 else float("inf"),
        "ess_bulk_min": float(_of_each(ess_bulk, moving).min()),
        "ess_tail_min": float(_of_each(ess_tail, moving).min()),
        "divergences": float(sample_stats["diverging"].sum()),
        "e_bfmi_min": float(energy_bfmi(sample_stats["energy"]).min()),
        "n_chains": float(chains),
        "n_draws": float(draws),
    }


def mixing(posterior: xr.Dataset) -> tuple[xr.Dataset, xr.Dataset]:
    """R-hat and bulk ESS of each parameter of a posterior (chain, draw, ...), in the parameter's other dims.

    NaN where a parameter never moves or draws are too few, and R-hat also where there is one chain.
    """
    chains = posterior.sizes["chain"]
    return (
        posterior.map(lambda array: _of_parameter(r_hat, array) * (1.0 if chains > 1 else np.nan)),
        posterior.map(lambda array: _of_parameter(ess_bulk, array)),
    )


def _of_parameter(figure: Callable[[np.ndarray], np.ndarray], array: xr.DataArray) -> xr.DataArray:
    first = array.transpose("chain", "draw", ...)
    draws = first.values.reshape(*first.shape[:2], -1).transpose(2, 0, 1)
    told, moving = np.full(len(draws), np.nan), draws.std(axis=(1, 2)) > 0
    told[moving] = _of_each(figure, draws[moving]) if moving.any() else np.nan
    return first.isel(chain=0, draw=0, drop=True).copy(data=told.reshape(first.shape[2:]))


def reported_quantities(fit: Fit) -> dict[str, xr.DataArray]:
    """Total contribution of each channel in each market, from the draws of a fit, with dims chain and draw."""
    chains, draws = fit.posterior.sizes["chain"], fit.posterior.sizes["draw"]
    media = fit.media_contributions().sum("week")
    values = media.values.reshape(chains, draws, *media.shape[1:])
    return {"total_contribution": xr.DataArray(values, dims=("chain", "draw", "market_total", "channel_total"))}


def energy_bfmi(energy: xr.DataArray) -> xr.DataArray:
    """Energy Bayesian fraction of missing information, E[(E_n - E_{n-1})^2] / Var[E], of each chain."""
    return (energy.diff("draw") ** 2).mean("draw") / energy.var("draw")


def smallest_bulk_ess(parameters: Mapping[str, np.ndarray]) -> float:
    """The smallest bulk effective sample size of any cell of parameters (chain, draw, ...) that moves at all.

    Source: Vehtari et al. 2021, arXiv:1903.08008.
    """
    return float(_of_each(ess_bulk, _moving(list(parameters.values()))).min())


def _moving(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Quantities of arrays (chain, draw, ...) that move at all, (quantity, chain, draw).

    One that markets share stands once; one that a channel's kind does not have is NaN, and left out.
    """
    chains, draws = arrays[0].shape[:2]
    found = np.concatenate([values.reshape(chains, draws, -1) for values in arrays], axis=2).transpose(2, 0, 1)
    moving = found[found.std(axis=(1, 2)) > 0]
    alike = {quantity.tobytes(): number for number, quantity in enumerate(moving)}
    return np.ascontiguousarray(moving[sorted(alike.values())])


def _of_each(figure: Callable[[np.ndarray], np.ndarray], draws: np.ndarray) -> np.ndarray:
    """A figure of each quantity, some quantities at a time; NaN where nothing moves, or draws are too few to tell."""
    if not len(draws) or draws.shape[2] < _FEWEST_DRAWS:
        return np.array([np.nan])
    step = max(1, _HELD // draws[0].size)
    with ThreadPoolExecutor() as threads:
        shares = [draws[start : start + step] for start in range(0, len(draws), step)]
        return np.concatenate(list(threads.map(figure, shares)))
