"""The density of the fast engine against brute force: the full covariance of the outcome, and scipy's priors."""

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from mmm_models.engines.marginal.density import kept_of_draw, log_posterior, parameters_and_prior
from mmm_models.engines.marginal.posterior import to_canonical, total_contributions
from mmm_models.engines.marginal.problem import build
from mmm_models.engines.scales import scales_of
from mmm_models.errors import SpecError
from mmm_models.fit import Fit, FitInfo
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.transforms import fourier_basis

WEEKS = pd.date_range("2023-01-02", periods=40, freq="7D")
CHANNELS = ["search", "social", "tv", "radio", "print"]
SPEC = """
model: mixed
outcome: revenue
markets: [US, DE]
channels:
  search: {}
  social: {adstock: {kind: delayed, max_lag: 5}, saturation: {kind: hill}}
  tv:
    adstock: {kind: weibull_pdf, max_lag: 8}
    effect: {quantity: roas, prior: {distribution: LogNormal, mu: 0.2, sigma: 0.9}}
  radio: {adstock: {kind: weibull_cdf}, saturation: {kind: tanh}}
  print: {saturation: {kind: root}, effect: {quantity: mroas, prior: {distribution: Gamma, alpha: 2, beta: 1}}}
controls: [promotion]
seasonality: {yearly_fourier: 1}
"""


def make_panel(spent: bool = True) -> Panel:
    rng = np.random.default_rng(3)
    spend = rng.lognormal(0, 0.5, (40, 2, 5)) * (rng.random((40, 2, 5)) < 0.8)
    if not spent:
        spend[:, 1, 2] = 0.0
    return Panel(
        xr.Dataset(
            {
                "outcome": (("week", "market"), 100 + 10 * rng.normal(size=(40, 2)) + spend.sum(-1)),
                "spend": (("week", "market", "channel"), spend),
                "controls": (("week", "market", "control"), rng.random((40, 2, 1))),
            },
            coords={"week": WEEKS, "market": ["US", "DE"], "channel": CHANNELS, "control": ["promotion"]},
            attrs={"outcome_name": "revenue", "currency": "USD"},
        )
    )


def near(start: dict, seed: int) -> dict:
    rng = np.random.default_rng(seed)
    return jax.tree.map(lambda leaf: jnp.asarray(leaf) + 0.3 * rng.normal(size=np.shape(leaf)), start)


def covariance(panel: Panel, scales: xr.Dataset, market: int) -> tuple[np.ndarray, np.ndarray]:
    """Prior mean and covariance that the baseline gives the scaled outcome of a market, from the priors' numbers."""
    trend = np.linspace(0, 1, 40) - 0.5
    control = panel.dataset["controls"].values[:, market, 0]
    control = (control - control.mean()) / control.std()
    columns = np.column_stack([np.ones(40), trend, fourier_basis(panel.weeks, 1), control])
    variances = np.array([0.5, 0.3, 0.2, 0.2, 0.2]) ** 2
    return columns @ np.array([0.5, 0, 0, 0, 0]), columns @ np.diag(variances) @ columns.T


@pytest.fixture(scope="module")
def mixed():
    panel, spec = make_panel(), ModelSpec.from_yaml(SPEC)
    scales = scales_of(panel, spec)
    return panel, spec, scales, build(panel, spec, scales)


def test_the_outcome_has_the_density_of_the_full_covariance(mixed):
    panel, _, scales, problem = mixed
    data = jax.tree.map(jnp.asarray, problem.data)
    for seed in range(3):
        position = near(problem.start, seed)
        parameters, log_prior = parameters_and_prior(problem.structure, data, position)
        expected = 0.0
        for market in range(2):
            mean, spread = covariance(panel, scales, market)
            of_market = np.array(problem.structure.markets_of_cells) == market
            # Weeks are filled up to a whole year with weeks in which nothing happens.
            media = (parameters["coefficient"][of_market, None] * parameters["shape"][of_market]).sum(axis=0)[:40]
            noise = float(parameters["sigma"][market]) ** 2 * np.eye(40)
            y = panel.dataset["outcome"].values[:, market] / scales["outcome_scale"].values[market]
            expected += stats.multivariate_normal(mean + media, spread + noise).logpdf(y)
        likelihood = log_posterior(problem.structure, data, position) - log_prior
        assert float(likelihood) == pytest.approx(expected, rel=1e-9)


def test_the_prior_is_that_of_scipy_with_the_jacobian_of_each_coordinate(mixed):
    """Each prior stands on its own quantity; the jacobian by finite differences, coordinate by coordinate."""
    panel, _, scales, problem = mixed
    data = jax.tree.map(jnp.asarray, problem.data)
    structure = problem.structure
    position = near(problem.start, 7)

    def quantities(position: dict) -> dict[str, np.ndarray]:
        found, _ = parameters_and_prior(structure, data, position)
        spend = panel.dataset["spend"].values
        money = scales["outcome_scale"].values
        contribution, more = [], []
        for cell, (market, channel) in enumerate(structure.cells):
            path = float(found["coefficient"][cell]) * np.asarray(found["shape"][cell]) * money[market]
            contribution.append(path.sum() / spend[:, market, channel].sum())
        raised = {**data, "lagged": data["lagged"] * (1 + 1e-7)}
        again, _ = parameters_and_prior(structure, raised, position)
        # The coefficient is that of the data as they are: a raise of spend changes the shape only.
        for cell, (market, channel) in enumerate(structure.cells):
            step = np.asarray(again["shape"][cell] - found["shape"][cell]).sum() * float(found["coefficient"][cell])
            more.append(step * money[market] / (1e-7 * spend[:, market, channel].sum()))
        return {
            "coefficient": np.asarray(found["coefficient"]),
            "roas": np.array(contribution),
            "mroas": np.array(more),
            **found,
        }

    q = quantities(position)
    _, total = parameters_and_prior(structure, data, position)
    by_hand = 0.0
    sigmoid_slope = lambda x: np.log(x * (1 - x))  # noqa: E731  (log |dx/dz| of a logistic coordinate)
    for number, group in enumerate(structure.adstocks):
        peers = {
            "geometric": {"alpha": (stats.beta(2, 3), sigmoid_slope)},
            "delayed": {"alpha": (stats.beta(2, 3), sigmoid_slope), "theta": (stats.halfnorm(scale=2), np.log)},
            "weibull_pdf": {"lam": (stats.gamma(4, scale=0.5), np.log), "k": (stats.gamma(4, scale=0.5), np.log)},
            "weibull_cdf": {"lam": (stats.gamma(4, scale=0.5), np.log), "k": (stats.gamma(4, scale=0.5), np.log)},
        }[group.kind]
        for parameter, (peer, jacobian) in peers.items():
            x = np.asarray(q[f"adstock.{number}.{parameter}"])
            by_hand += (peer.logpdf(x) + jacobian(x)).sum()
    for number, group in enumerate(structure.saturations):
        peers = {
            "logistic": {"lam": (stats.gamma(3), np.log)},
            "hill": {
                "slope": (stats.gamma(9, scale=1.5 / 9), np.log),
                "kappa": (stats.gamma(4, scale=0.125), np.log),
            },
            "tanh": {"c": (stats.halfnorm(scale=1), np.log)},
            "root": {"alpha": (stats.beta(2, 2), sigmoid_slope)},
        }[group.kind]
        for parameter, (peer, jacobian) in peers.items():
            x = np.asarray(q[f"saturation.{number}.{parameter}"])
            by_hand += (peer.logpdf(x) + jacobian(x)).sum()
    by_hand += (stats.halfnorm(scale=0.2).logpdf(q["sigma"]) + np.log(q["sigma"])).sum()
    priors = {
        "tv": ("roas", stats.lognorm(0.9, scale=np.exp(0.2))),
        "print": ("mroas", stats.gamma(2)),
    }
    for cell, (_, channel) in enumerate(structure.cells):
        on, peer = priors.get(CHANNELS[channel], ("coefficient", stats.halfnorm(scale=0.5)))
        value, step = q[on][cell], 1e-5
        moved = quantities({**position, "effect": position["effect"].at[cell].add(step)})[on][cell]
        by_hand += peer.logpdf(value) + np.log((moved - value) / step)
    assert float(total) == pytest.approx(by_hand, abs=2e-4)


def test_a_channel_that_never_spends_in_a_market_has_no_cell():
    panel, spec = make_panel(spent=False), ModelSpec.from_yaml(SPEC)
    problem = build(panel, spec, scales_of(panel, spec))
    assert (1, 2) not in problem.structure.cells
    assert len(problem.structure.cells) == 9
    assert len(problem.start["effect"]) == 9


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("priors: {fourier: {distribution: Laplace, mu: 0, b: 0.1}}", "priors.fourier: engine marginal integrates"),
        (
            "media: {saturation: {kind: tanh}, effect: {quantity: roas, prior: {distribution: HalfNormal, sigma: 2}}}",
            "channels.search.effect: the height of tanh saturation",
        ),
        ("pooling: partial", "channels.tv.effect: where markets are pooled"),
    ],
)
def test_what_cannot_be_integrated_or_asked_is_refused(change, message):
    spec = ModelSpec.from_yaml(SPEC + change)
    with pytest.raises(SpecError, match=message):
        build(make_panel(), spec, scales_of(make_panel(), spec))


@pytest.mark.parametrize("pooling", ["complete", "partial"])
def test_pooled_effects_scatter_around_their_channels(pooling):
    panel, plain = make_panel(), ModelSpec.from_yaml(SPEC)
    channels = {name: {"adstock": {"max_lag": 4}} for name in CHANNELS}
    spec = ModelSpec.from_dict({**plain.to_dict(), "media": {}, "channels": channels, "pooling": pooling})
    problem = build(panel, spec, scales_of(panel, spec))
    data = jax.tree.map(jnp.asarray, problem.data)
    position = near(problem.start, 5)
    found, total = parameters_and_prior(problem.structure, data, position)
    coefficient, mean_shape = np.empty((2, 5)), np.empty((2, 5))
    for cell, (market, channel) in enumerate(problem.structure.cells):
        coefficient[market, channel] = found["coefficient"][cell]
        mean_shape[market, channel] = found["shape"][cell, :40].mean()
    common = np.exp(np.asarray(position["effect"])) / mean_shape.mean(axis=0)
    alpha, lam = np.asarray(found["adstock.0.alpha"]), np.asarray(found["saturation.0.lam"])
    expected = (stats.beta(2, 3).logpdf(alpha) + np.log(alpha * (1 - alpha))).sum()
    expected += (stats.gamma(3).logpdf(lam) + np.log(lam)).sum()
    expected += (stats.halfnorm(scale=0.2).logpdf(found["sigma"]) + np.log(found["sigma"])).sum()
    expected += (stats.halfnorm(scale=0.5).logpdf(common) + np.log(common)).sum()
    if pooling == "complete":
        np.testing.assert_allclose(coefficient, np.tile(common, (2, 1)), rtol=1e-10)
    else:
        scatter = np.exp(np.asarray(position["scatter"]))
        where = [channel for _, channel in problem.structure.cells]
        informed, guess = problem.data["information"], problem.data["guess"]
        assert (informed > 0).all()
        # What the market's data tell, and the scatter around the channel, as two measurements of one log effect.
        surer = 1 + scatter[where] ** 2 * informed
        middle = scatter[where] * informed * (guess - np.asarray(position["effect"])[where]) / surer
        z = middle + np.asarray(position["deviation"]) / np.sqrt(surer)
        for cell, (market, channel) in enumerate(problem.structure.cells):
            assert coefficient[market, channel] == pytest.approx(common[channel] * np.exp(scatter[channel] * z[cell]))
        expected += (stats.norm.logpdf(z) - np.log(surer) / 2).sum()
        expected += (stats.halfnorm(scale=0.5).logpdf(scatter) + np.log(scatter)).sum()
    assert float(total) == pytest.approx(expected, rel=1e-9)


def test_what_is_kept_of_a_draw_is_what_the_fit_works_out_from_its_parameters(mixed):
    """Totals, and the residual inside the baseline's columns, against the plain functions of the `Fit`."""
    panel, spec, scales, problem = mixed
    data = jax.tree.map(jnp.asarray, problem.data)
    drawn = [kept_of_draw(problem.structure, data, near(problem.start, seed)) for seed in range(4)]
    kept = jax.tree.map(lambda *each: np.stack(each).reshape(2, 2, *each[0].shape), *drawn)
    fit = Fit(spec, panel, to_canonical(kept, problem, panel, spec, scales), scales, FitInfo("marginal"))
    media = fit.media_response(panel.dataset["spend"])
    totals = total_contributions(kept, problem, scales).values.reshape(4, 2, 5)
    np.testing.assert_allclose(totals, media.sum("week").values, rtol=1e-9)
    brought = (media.sum("channel") / scales["outcome_scale"]).transpose("sample", "market", "week").values
    inside = np.einsum("mtk,smt->smk", problem.baseline.basis, problem.columns.residual - brought)
    np.testing.assert_allclose(kept["inside"].reshape(inside.shape), inside, atol=1e-9)
