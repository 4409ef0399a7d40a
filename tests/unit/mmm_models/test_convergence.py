import arviz_stats
import numpy as np
import pytest
import xarray as xr

from mmm_models.validation.convergence import convergence_figures, energy_bfmi, mixing, reported_quantities

RNG = np.random.default_rng(3)


def draws(*chains: np.ndarray) -> xr.DataArray:
    return xr.DataArray(np.stack(chains), dims=("chain", "draw"))


def healthy(draws_each: int = 500) -> xr.DataArray:
    return draws(*(np.random.default_rng(seed).normal(size=draws_each) for seed in range(4)))


def stats(energy: xr.DataArray | None = None, divergences: int = 0) -> xr.Dataset:
    energy = healthy() if energy is None else energy
    diverging = xr.zeros_like(energy, dtype=bool)
    diverging[0, :divergences] = True
    return xr.Dataset({"energy": energy, "diverging": diverging})


def test_independent_draws_are_healthy():
    figures = convergence_figures(xr.Dataset({"a": healthy()}), stats())
    assert figures["r_hat_max"] < 1.01
    assert figures["ess_bulk_min"] > 1_000
    assert figures["ess_tail_min"] > 1_000
    assert figures["divergences"] == 0
    assert figures["e_bfmi_min"] > 0.8
    assert (figures["n_chains"], figures["n_draws"]) == (4, 500)


def test_one_chain_elsewhere_shows_in_r_hat():
    apart = healthy() + xr.DataArray([0.0, 0.0, 0.0, 2.0], dims="chain")
    figures = convergence_figures(xr.Dataset({"good": healthy(), "bad": apart}), stats())
    assert figures["r_hat_max"] > 1.3


def test_a_chain_as_wide_as_the_others_are_narrow_shows_in_r_hat():
    wide = healthy() * xr.DataArray([1.0, 1.0, 1.0, 6.0], dims="chain")
    assert convergence_figures(xr.Dataset({"a": wide}), stats())["r_hat_max"] > 1.1


def test_sticky_draws_have_few_effective_samples():
    walk = draws(*(np.cumsum(np.random.default_rng(seed).normal(size=500)) for seed in range(4)))
    assert convergence_figures(xr.Dataset({"a": walk}), stats())["ess_bulk_min"] < 50


def test_reported_quantities_count_as_parameters_do():
    apart = healthy() + xr.DataArray([0.0, 0.0, 0.0, 2.0], dims="chain")
    figures = convergence_figures(xr.Dataset({"a": healthy()}), stats(), {"roas": apart})
    assert figures["r_hat_max"] > 1.3


def test_a_quantity_that_never_moves_spoils_no_figure():
    still = xr.zeros_like(healthy())
    with_still = convergence_figures(xr.Dataset({"a": healthy(), "still": still}), stats())
    assert with_still == convergence_figures(xr.Dataset({"a": healthy()}), stats())


def test_divergences_are_counted_over_chains():
    assert convergence_figures(xr.Dataset({"a": healthy()}), stats(divergences=3))["divergences"] == 3


def test_a_single_chain_cannot_show_agreement():
    one = xr.Dataset({"a": healthy().isel(chain=[0])})
    assert convergence_figures(one, stats().isel(chain=[0]))["r_hat_max"] == float("inf")


def test_energy_that_drifts_slowly_has_a_low_fraction():
    slow = draws(np.sin(np.arange(500) / 40))
    quick = draws(RNG.normal(size=500))
    assert float(energy_bfmi(slow)[0]) < 0.05
    assert float(energy_bfmi(quick)[0]) == pytest.approx(2.0, rel=0.15)


def test_reported_totals_belong_to_their_chain_and_draw(known_fit):
    totals = reported_quantities(known_fit)["total_contribution"]
    per_sample = known_fit.media_response(known_fit.panel.dataset.spend).sum("week")
    draws_each = known_fit.posterior.sizes["draw"]
    np.testing.assert_allclose(totals[1, 3], per_sample.sel(sample=draws_each + 3))


def test_each_parameter_has_the_figures_of_arviz(known_fit):
    posterior = known_fit.posterior.assign(still=xr.zeros_like(known_fit.posterior["sigma"]))
    mixed, effective = mixing(posterior)
    for name in known_fit.posterior.data_vars:
        peer = known_fit.posterior[name].where(known_fit.posterior[name].std(("chain", "draw")) > 0)
        xr.testing.assert_allclose(mixed[name], arviz_stats.rhat(peer), rtol=1e-9)
        xr.testing.assert_allclose(effective[name], arviz_stats.ess(peer, method="bulk"), rtol=1e-9)
    assert np.isnan(mixed["still"].values).all()
    assert np.isnan(effective["still"].values).all()
    assert np.isnan(mixing(posterior.isel(chain=[0]))[0]["sigma"].values).all()
