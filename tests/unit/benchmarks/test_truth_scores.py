"""Scores of the truth benchmark against closed forms, and its answers against other ways to the same figures."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from benchmarks.truth import linear, peer
from benchmarks.truth.estimate import Effort, Estimate
from benchmarks.truth.ours import default_spec
from benchmarks.truth.page import BEGIN, END, filled
from benchmarks.truth.scores import crps_log, inside, scored
from benchmarks.truth.table import rank_accuracy, shown, table
from mmm_models.transforms import adstock_weights, carry_over
from mmm_models.worlds.stress import make_world, true_returns

QUANTILES = (np.arange(20_000) + 0.5) / 20_000


@pytest.mark.parametrize("truth", [0.5, 2.0, 6.0])
def test_crps_of_log_normal_draws_is_gneitings_closed_form(truth):
    mu, sigma = np.log(2.0), 0.4
    z = (np.log(truth) - mu) / sigma
    closed = sigma * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / np.sqrt(np.pi))
    draws = np.exp(stats.norm.ppf(QUANTILES, mu, sigma))
    assert crps_log(draws, truth) == pytest.approx(closed, rel=1e-3)


def test_crps_of_one_figure_is_its_distance_and_a_loss_counts_as_a_cent():
    assert crps_log(np.array([3.0]), 1.5) == pytest.approx(np.log(2))
    assert crps_log(np.array([-4.0]), 1.0) == pytest.approx(np.log(100))


def test_a_central_interval_holds_what_lies_between_its_quantiles():
    draws = np.arange(101.0)
    assert [inside(draws, truth, 50) for truth in (24.0, 25.0, 75.0, 76.0)] == [False, True, True, False]
    assert inside(np.array([1.0]), 1.0, 90) is None


def true_answer(world, factor=1.0) -> Estimate:
    truth = true_returns(world).sel(market=world.panel.markets)
    mean = world.mean
    draws = {name: (truth[name] * factor).expand_dims(sample=1) for name in ("roas", "mroas")}
    return Estimate(**draws, fitted=mean.isel(week=slice(0, 156)), ahead=mean.isel(week=slice(156, None)))


def record(world, factor: float, **changes) -> dict:
    known = {"world": world.recipe.name, "who": "x", "seconds": 1.0, "first": False, "peak_mib": 1.0}
    return {**known, **scored(world, true_answer(world, factor)), **changes}


def test_who_knows_the_truth_has_no_error_and_who_says_half_as_much_again_is_half_off():
    world = make_world("clean", 1)
    exact, more = table([record(world, 1.0)]).iloc[0], table([record(world, 1.5)]).iloc[0]

    assert exact.roas_error == pytest.approx(0.0)
    assert exact.crps_log_roas == pytest.approx(0.0, abs=1e-12)
    assert exact["rank"] == pytest.approx(1.0)
    # What is left is the noise: its mean absolute value, 0.03 to 0.06 of the base.
    assert 0.01 < exact.mape_in < 0.06
    assert more.bias == pytest.approx(0.5)
    assert more.roas_error_p90 == pytest.approx(0.5)
    assert more.crps_log_roas == pytest.approx(np.log(1.5))


def test_coverage_has_its_binomial_error_and_a_channel_without_effect_counts_in_no_ratio():
    world = make_world("idle_channel", 1)
    answer = true_answer(world)
    wide = xr.concat([answer.roas - 1, answer.roas + 1], dim="sample")
    fit = {**record(world, 1.0), **scored(world, Estimate(wide, wide, answer.fitted, answer.ahead))}
    missed = {**fit, "cells": [{**cell, "inside_90": i > 0} for i, cell in enumerate(fit["cells"])]}
    row = table([fit, missed]).iloc[0]

    assert row.cover_90 == pytest.approx(7 / 8)
    assert row.cover_90_se == pytest.approx(np.sqrt(7 / 8 * 1 / 8 / 8))
    assert shown(table([fit, missed])).iloc[0]["cover 90"] == "88% ± 12%"
    assert shown(table([record(world, 1.0)])).iloc[0]["cover 90"] == ""
    assert np.isfinite(row.roas_error)
    assert fit["cells"][3]["crps"] is None


def test_compilation_is_told_apart_and_equal_returns_rank_nothing():
    world = make_world("clean", 1)
    fits = [record(world, 1.0, seconds=s, first=f, peak_mib=m) for s, f, m in ((9.0, True, 5), (2.0, False, 7))]
    row = table(fits).iloc[0]
    assert (row.seconds, row.seconds_first, row.peak_mib) == (2.0, 9.0, 7)
    assert rank_accuracy(pd.DataFrame({"roas": [1.0] * 3, "roas_true": [1.0, 2.0, 3.0]})) == 0.0
    assert rank_accuracy(pd.DataFrame({"roas": [9.0, 2.0, 3.0], "roas_true": [3.0, 1.0, 2.0]})) == pytest.approx(1.0)


def test_least_squares_finds_coefficients_and_their_errors():
    rng = np.random.default_rng(1)
    design = np.column_stack([1e6 * rng.random(60), np.ones(60), rng.normal(size=60)])
    outcome = design @ [2.0, 3e5, -1e4] + 1e4 * rng.normal(size=60)
    found, error, freedom = linear._least_squares(design, outcome)

    expected, residual, *_ = np.linalg.lstsq(design, outcome, rcond=None)
    covariance = residual[0] / 57 * np.linalg.inv(design.T @ design)
    np.testing.assert_allclose(found, expected, rtol=1e-8)
    np.testing.assert_allclose(error, np.sqrt(np.diag(covariance)), rtol=1e-6)
    assert freedom == 57


def test_ols_is_right_where_media_are_linear_and_covers_the_truth():
    """A company whose media are linear with the analyst's own carryover: classical intervals hold."""
    held, errors = [], []
    for seed in range(1, 21):
        world = make_world("clean", seed)
        truth = np.array([2.0, 1.0, 3.0, 0.5])
        weights = adstock_weights("geometric", {"alpha": np.full(4, 0.4)}, 8)[None]
        data = [part.dataset.copy(deep=True) for part in (world.panel, world.ahead)]
        spend = np.concatenate([each["spend"].values for each in data])
        noise = np.concatenate([each["outcome"].values for each in data]) - world.mean.values
        outcome = world.baseline.values + noise + (carry_over(spend[:, 0], weights)[0] @ truth)[:, None]
        data[0]["outcome"].values, data[1]["outcome"].values = outcome[:156], outcome[156:]
        answer = linear.ols(type(world.panel)(data[0]), type(world.ahead)(data[1]), Effort(), seed)
        draws = answer.roas.sel(market="US").values
        held += [inside(np.sort(draws[:, c]), truth[c], 90) for c in range(4)]
        errors += list(np.median(draws, axis=0) / truth - 1)
    assert abs(np.median(errors)) < 0.05
    assert 0.80 < np.mean(held) < 0.98


def test_spend_share_gives_everybody_the_same_return():
    world = make_world("clean", 2)
    answer = linear.spend_share(world.panel, world.ahead, Effort(), 1)
    assert answer.roas.sizes["sample"] == 1
    assert np.ptp(answer.roas.values) == pytest.approx(0.0)


@pytest.mark.parametrize("name", ["clean", "heterogeneous_geos"])
def test_the_peers_draws_are_read_as_the_peer_means_them(name):
    """`Fit.predict` of given parameters equals the mean that PyMC-Marketing's own graph computes from them."""
    from pytensor.compile.mode import Mode

    from mmm_models.fit import Fit, FitInfo

    panel = make_world(name, 1).panel
    model = peer.build_model(panel, 8)
    rng = np.random.default_rng(3)
    free = model.model.free_RVs
    shapes = {
        rv.name: tuple(len(model.model.coords[dim]) for dim in model.model.named_vars_to_dims[rv.name]) for rv in free
    }
    values = {name: rng.uniform(0.1, 0.9, shape) for name, shape in shapes.items()}
    mean = model.model.compile_fn(
        model.model["mu"], inputs=list(free), mode=Mode(linker="py", optimizer=None), point_fn=False,
        on_unused_input="ignore",
    )(*(values[rv.name] for rv in free))  # fmt: skip

    dims = model.model.named_vars_to_dims
    coords = {dim: list(values) for dim, values in model.model.coords.items()}
    draws = xr.Dataset(
        {name: (("chain", "draw", *dims[name]), value[None, None]) for name, value in values.items()},
        coords={dim: coords[dim] for name in values for dim in dims[name]},
    )
    spec, scales = default_spec(panel, Effort(), engine="pymc_marketing"), peer._scales(panel, model)
    fit = Fit(spec, panel, peer.as_canonical(draws, panel, spec, scales), scales, FitInfo("peer"))
    ours = fit.predict().isel(sample=0).transpose("market", "week") / scales["outcome_scale"]
    theirs = xr.DataArray(mean, coords={"market": coords["market"]}, dims=dims["mu"])
    theirs = theirs.sel(market=panel.markets).transpose("market", "date")
    np.testing.assert_allclose(ours.values, theirs.values, rtol=1e-8)


def test_the_page_is_filled_between_its_marks():
    rows = [
        {"world": world, "who": who, "fits": 2, "roas_error": error, "cover_90": cover}
        for world in ("clean", "collinear")
        for who, error, cover in (("marginal", 0.094, 0.9), ("spend_share", 0.4, None))
    ]
    results = {"rows": rows, "seeds": 2, "commit": "abc", "machine": "m", "at": "2026-01-02T03:04:05"}
    page = filled(f"before\n{BEGIN}\nold\n{END}\nafter\n", results)

    assert page.startswith("before\n")
    assert page.endswith("after\n")
    assert "old" not in page
    assert "| clean     |       2 | 9% (90%)   | 40% (-)       |" in page
    assert "Commit abc, m, 2026-01-02." in page
    assert filled(page, results) == page
    with pytest.raises(ValueError, match="lacks"):
        filled("no marks", results)
