"""Figures of many quantities at once against arviz_stats, which takes them one by one."""

import arviz_stats
import numpy as np
import pytest
import xarray as xr

from mmm_models.validation.chains import ess_bulk, ess_tail, r_hat


def quantities(chains: int, draws: int) -> np.ndarray:
    """Independent, sticky, antithetic, drifting, apart, repeated, heavy-tailed and two-valued draws."""
    rng = np.random.default_rng(chains * 1000 + draws)
    white = rng.normal(size=(8, chains, draws))
    sticky, turning = white[0].copy(), white[0].copy()
    for t in range(1, draws):
        sticky[:, t] += 0.95 * sticky[:, t - 1]
        turning[:, t] -= 0.6 * turning[:, t - 1]
    drifting = white[1] + np.linspace(0, 2, draws)
    apart = white[2] + np.arange(chains)[:, None]
    repeated = np.take(white[3], np.sort(rng.integers(0, draws, draws)), axis=1)
    heavy = rng.standard_cauchy((chains, draws))
    coin = (white[4] > 1).astype(float)
    return np.stack([white[5], sticky, turning, drifting, apart, repeated, heavy, coin])


@pytest.mark.parametrize(("chains", "draws"), [(4, 500), (4, 501), (2, 100), (3, 37), (8, 12), (1, 200)])
def test_figures_are_those_of_arviz(chains, draws):
    made = quantities(chains, draws)
    peer = xr.DataArray(made, dims=("quantity", "chain", "draw"))
    np.testing.assert_allclose(ess_bulk(made), arviz_stats.ess(peer, method="bulk"), rtol=1e-9)
    # Left alone, arviz_stats takes the ends of its own interval of 89 %; the paper's are 5 and 95 %.
    np.testing.assert_allclose(ess_tail(made), arviz_stats.ess(peer, method="tail", prob=(0.05, 0.95)), rtol=1e-9)
    if chains > 1:
        np.testing.assert_allclose(r_hat(made), arviz_stats.rhat(peer), rtol=1e-9)
