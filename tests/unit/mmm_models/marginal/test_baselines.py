"""The baselines that are integrated out: densities and draws against closed forms, a wandering level found again."""

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from mmm_models.engines import get_engine
from mmm_models.engines.marginal.baseline import Baseline
from mmm_models.engines.marginal.density import log_posterior, parameters_and_prior
from mmm_models.engines.marginal.problem import build
from mmm_models.engines.marginal.wandering import WanderingBaseline, walk_basis
from mmm_models.engines.scales import scales_of
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.transforms import SATURATIONS

SPEC = """
model: wandering
outcome: revenue
markets: [US, DE]
media: {adstock: {max_lag: 1}}
channels: [search]
controls: [promotion]
seasonality: {yearly_fourier: 1}
trend: local
sampler: {draws: 1000, tune: 800, seed: 2}
"""


def make_panel(weeks: int = 104) -> tuple[Panel, np.ndarray]:
    """A level that wanders by a third of itself, and what search brings on top of it."""
    rng = np.random.default_rng(12)
    spend = rng.lognormal(0, 0.6, (weeks, 2, 1))
    promotion = (rng.random((weeks, 2, 1)) < 0.2).astype(float)
    level = 100 + np.cumsum(2.0 * rng.normal(size=(weeks, 2)), axis=0)
    media = 30 * SATURATIONS["logistic"].shape(spend / spend.max(axis=0), lam=2.5)[:, :, 0]
    outcome = level + media + 5 * promotion[:, :, 0] + 2 * rng.normal(size=(weeks, 2))
    dataset = xr.Dataset(
        {
            "outcome": (("week", "market"), outcome),
            "spend": (("week", "market", "channel"), spend),
            "controls": (("week", "market", "control"), promotion),
        },
        coords={
            "week": pd.date_range("2022-01-03", periods=weeks, freq="7D"),
            "market": ["US", "DE"],
            "channel": ["search"],
            "control": ["promotion"],
        },
        attrs={"outcome_name": "revenue", "currency": "USD"},
    )
    return Panel(dataset), media.sum(axis=0)


def with_trend(trend: str) -> ModelSpec:
    return ModelSpec.from_yaml(SPEC.replace("trend: local", f"trend: {trend}"))


def test_the_walk_has_the_covariance_of_its_steps():
    basis, steps = walk_basis(156), np.arange(156.0)
    walk = np.minimum(steps[:, None], steps)
    missing = walk - basis @ basis.T
    assert np.trace(missing) < 0.006 * np.trace(walk)
    assert np.linalg.eigvalsh(missing).min() > -1e-8
    short = np.arange(20.0)
    np.testing.assert_allclose(walk_basis(20) @ walk_basis(20).T, np.minimum(short[:, None], short), atol=1e-9)


def test_a_wandering_level_has_the_density_of_the_full_covariance():
    panel, spec = make_panel()[0], with_trend("local")
    scales = scales_of(panel, spec)
    problem = build(panel, spec, scales)
    data = jax.tree.map(jnp.asarray, problem.data)
    rng = np.random.default_rng(1)
    position = jax.tree.map(lambda leaf: jnp.asarray(leaf) + 0.3 * rng.normal(size=np.shape(leaf)), problem.start)
    found, log_prior = parameters_and_prior(problem.structure, data, position)
    expected, walk = 0.0, walk_basis(104)
    for market in range(2):
        columns = problem.columns.scaled[market]
        sigma, step = float(found["sigma"][market]), float(found["level_step"][market])
        spread = columns @ columns.T + step**2 * walk @ walk.T + sigma**2 * np.eye(104)
        media = float(found["coefficient"][market]) * np.asarray(found["shape"][market])[:104]
        expected += stats.multivariate_normal(media, spread).logpdf(problem.columns.residual[market])
    assert float(log_posterior(problem.structure, data, position) - log_prior) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(("trend", "weeks"), [("linear", 104), ("local", 104), ("linear", 4), ("local", 30)])
def test_draws_have_the_mean_and_covariance_of_a_linear_gaussian_model(trend, weeks):
    """Normal equations in the coefficients, per market: precision X'X / sigma2 + diag(1 / v); the level as columns."""
    panel, spec = make_panel(weeks)[0], with_trend(trend)
    scales = scales_of(panel, spec)
    baseline = (WanderingBaseline if trend == "local" else Baseline).of(panel, spec, scales)
    columns, n = baseline.columns, 10_000
    sigma, step = np.tile([0.03, 0.05], (n, 1)), np.tile([0.01, 0.02], (n, 1))
    media = np.broadcast_to(0.1 * np.sin(np.arange(weeks)), (2, weeks))
    inside = np.einsum("mtk,mt->mk", baseline.basis, columns.residual - media)
    inside = np.broadcast_to(inside, (n, *inside.shape))
    generator = np.random.default_rng(0)
    local = trend == "local"
    drawn = baseline.draw(inside, sigma, step, generator) if local else baseline.draw(inside, sigma, generator)
    coefficients, level = drawn if trend == "local" else (drawn, None)
    for market in range(2):
        design = columns.scaled[market] / columns.prior_deviation
        prior = columns.prior_deviation**2
        if trend == "local":
            design = np.concatenate([design, baseline.walk], axis=1)
            prior = np.concatenate([prior, np.full(baseline.walk.shape[1], step[0, market] ** 2)])
        covariance = np.linalg.inv(design.T @ design / sigma[0, market] ** 2 + np.diag(1 / prior))
        mean = covariance @ design.T @ (columns.residual[market] - media[market]) / sigma[0, market] ** 2
        k = len(columns.names)
        spread = np.sqrt(np.diag(covariance))
        ours = coefficients[:, market] - columns.prior_mean
        np.testing.assert_allclose(ours.mean(axis=0), mean[:k], atol=5 * spread[:k].max() / np.sqrt(n))
        np.testing.assert_allclose(np.cov(ours.T), covariance[:k, :k], atol=0.06 * spread[:k].max() ** 2)
        if level is not None:
            path = baseline.walk @ mean[k:]
            deviation = np.sqrt(np.diag(baseline.walk @ covariance[k:, k:] @ baseline.walk.T))
            np.testing.assert_allclose(level[:, market].mean(axis=0), path, atol=5 * deviation.max() / np.sqrt(n))
            np.testing.assert_allclose(level[:, market].std(axis=0), deviation, rtol=0.05, atol=1e-12)


@pytest.fixture(scope="module")
def fits():
    panel, truth = make_panel()
    return {trend: get_engine("marginal").fit(panel, with_trend(trend)) for trend in ("linear", "local")}, truth


def test_what_search_brings_is_found_on_a_level_that_wanders(fits):
    made, truth = fits
    fit = made["local"]
    assert fit.info.convergence["r_hat_max"] < 1.02
    total = fit.contributions().sel(component="search").sum("week")
    low, high = (total.quantile(q, "sample").values for q in (0.01, 0.99))
    assert ((low < truth) & (truth < high)).all()
    width = {
        trend: each.contributions().sel(component="search").sum("week").std("sample") for trend, each in made.items()
    }
    # A straight line leaves the wandering in the noise.
    assert (width["local"] < 0.8 * width["linear"]).all()


def test_components_add_up_and_the_level_stays_where_it_was(fits, tmp_path):
    fit = fits[0]["local"]
    parts = fit.contributions(max_samples=50)
    assert "level" in parts["component"].values
    np.testing.assert_allclose(parts.sum("component"), fit.predict(max_samples=50), rtol=1e-9)
    np.testing.assert_allclose(parts.sel(component="level").isel(week=0), 0, atol=1e-6)
    weeks = pd.date_range(fit.panel.weeks[-1] + pd.Timedelta(weeks=1), periods=26, freq="7D")
    ahead = Panel(fit.panel.dataset.isel(week=slice(0, 26)).assign_coords(week=weeks))
    mean, noisy = fit.predict(ahead), fit.predict(ahead, noise=True)
    assert np.isfinite(mean.values).all()
    # A walk of 26 steps is surer at its beginning.
    spread = (noisy - mean).std("sample")
    assert (spread.isel(week=-1) > 1.5 * spread.isel(week=0)).all()
    fit.save(tmp_path / "fit.nc")
    again = type(fit).load(tmp_path / "fit.nc")
    np.testing.assert_array_equal(again.predict(ahead), mean)
