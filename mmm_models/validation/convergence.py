"""How well a sampler did: R-hat, effective sample sizes, divergences and energy."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from mmm_models.fit import Fit


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
    import arviz_stats

    everything = xr.Dataset({**posterior.data_vars, **(reported or {})})
    moving = everything.map(lambda array: array.where(array.std(("chain", "draw")) > 0))
    chains, draws = everything.sizes["chain"], everything.sizes["draw"]
    r_hat = arviz_stats.rhat(moving) if chains > 1 else None
    return {
        "r_hat_max": _extreme(r_hat, np.fmax) if r_hat is not None else float("inf"),
        "ess_bulk_min": _extreme(arviz_stats.ess(moving, method="bulk"), np.fmin),
        "ess_tail_min": _extreme(arviz_stats.ess(moving, method="tail"), np.fmin),
        "divergences": float(sample_stats["diverging"].sum()),
        "e_bfmi_min": float(energy_bfmi(sample_stats["energy"]).min()),
        "n_chains": float(chains),
        "n_draws": float(draws),
    }


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

    Source: Vehtari et al. 2021, arXiv:1903.08008, as `arviz_stats` computes it.
    """
    import arviz_stats

    cells = np.concatenate([values.reshape(*values.shape[:2], -1) for values in parameters.values()], axis=-1)
    moving = cells[:, :, cells.std(axis=(0, 1)) > 0]
    return min(float(arviz_stats.ess(moving[:, :, i], method="bulk")) for i in range(moving.shape[-1]))


def _extreme(figures: xr.Dataset, pick: np.ufunc) -> float:
    values = np.concatenate([np.ravel(array.values) for array in figures.data_vars.values()])
    return float(pick.reduce(values))
