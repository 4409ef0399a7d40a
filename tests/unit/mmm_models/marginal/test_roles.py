"""Organic media, exposures, reach and frequency, effects that wander: the density against numpy, and fits."""

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from mmm_models.engines import get_engine
from mmm_models.engines.marginal.density import kept_of_draw, parameters_and_prior
from mmm_models.engines.marginal.posterior import to_canonical, total_contributions
from mmm_models.engines.marginal.problem import build
from mmm_models.engines.scales import scales_of
from mmm_models.fit import Fit, FitInfo
from mmm_models.panel import Panel
from mmm_models.planning import plan_budget
from mmm_models.spec import ModelSpec

WEEKS = pd.date_range("2023-01-02", periods=104, freq="7D")
SPEC = """
model: roles
outcome: revenue
markets: [US, DE]
channels:
  search: {}
  video: {exposure: video_impressions}
  tv:
    reach: tv_reach
    frequency: tv_frequency
    saturation: {kind: hill}
    adstock: {max_lag: 5}
organic:
  newsletter: {adstock: {max_lag: 3}}
treatments: {price_cut: {baseline: 0}}
seasonality: {yearly_fourier: 1}
sampler: {draws: 300, tune: 500, chains: 4, seed: 5}
"""
# Outcome of the search money at full saturation, of a million impressions and so on, in each market.
PRICE_OF_A_PERSON = {"US": 0.02, "DE": 0.04}


def long_rows(wanders: bool = False) -> pd.DataFrame:
    """A company whose media act as the spec says, money apart from volume."""
    rng = np.random.default_rng(11)
    frames = []
    for market, price in PRICE_OF_A_PERSON.items():
        search = rng.lognormal(0, 0.5, 104) * 10_000
        impressions = rng.lognormal(0, 0.6, 104) * 1e6 * (rng.random(104) < 0.8)
        video = impressions * 0.004 * rng.lognormal(0, 0.2, 104)
        reach = rng.lognormal(0, 0.6, 104) * 2e5 * (rng.random(104) < 0.7)
        frequency = np.where(reach > 0, 1 + rng.gamma(2, 1.5, 104), 0.0)
        tv = reach * price
        mails = rng.poisson(40_000, 104) * (rng.random(104) < 0.6)
        cut = rng.choice([0.0, 0.1, 0.2], 104, p=[0.7, 0.2, 0.1])
        strength = np.exp(0.5 * np.sin(2 * np.pi * np.arange(104) / 104)) if wanders else np.ones(104)
        response = {
            "search": 40_000 * np.tanh(0.5 * 3 * carried(search, [1.0]) / search.max()) * strength,
            "video": 20_000 * np.tanh(0.5 * 2 * carried(impressions, [0.6, 0.4]) / impressions.max()),
            "tv": 60_000 * carried(reach / reach.max() * saturated(frequency / frequency.max()), [0.5, 0.3, 0.2]),
            "newsletter": 10_000 * np.tanh(0.5 * 2 * carried(mails, [0.7, 0.3]) / mails.max()),
            "price_cut": -80_000 * cut,
        }
        revenue = 150_000 + sum(response.values()) + 2_000 * rng.normal(size=104)
        series = {
            ("outcome", "revenue"): revenue,
            ("spend", "search"): search,
            ("spend", "video"): video,
            ("spend", "tv"): tv,
            ("exposure", "video_impressions"): impressions,
            ("exposure", "tv_reach"): reach,
            ("exposure", "tv_frequency"): frequency,
            ("control", "newsletter"): mails,
            ("control", "price_cut"): cut,
            ("control", "people"): np.full(104, {"US": 3e6, "DE": 1e6}[market]),
        }
        for (role, name), values in series.items():
            frames.append(
                pd.DataFrame({"week_start": WEEKS, "market": market, "role": role, "name": name, "value": values})
            )
        frames += [
            pd.DataFrame({"week_start": WEEKS, "market": market, "role": "truth", "name": name, "value": values})
            for name, values in response.items()
        ]
    return pd.concat(frames, ignore_index=True)


def carried(path: np.ndarray, weights: list[float]) -> np.ndarray:
    return np.convolve(path, weights)[: len(path)]


def saturated(frequency: np.ndarray) -> np.ndarray:
    return frequency**1.5 / (0.4**1.5 + frequency**1.5)


def truth(rows: pd.DataFrame) -> pd.Series:
    return rows[rows["role"] == "truth"].groupby(["market", "name"])["value"].sum()


def at_a_position(spec: ModelSpec, panel: Panel, seed: int = 3) -> tuple[Fit, dict, dict]:
    """One made-up draw, as the engine sees it and as a `Fit` answers it."""
    scales = scales_of(panel, spec)
    problem = build(panel, spec, scales)
    data = jax.tree.map(jnp.asarray, problem.data)
    rng = np.random.default_rng(seed)
    position = jax.tree.map(lambda leaf: jnp.asarray(leaf) + 0.3 * rng.normal(size=np.shape(leaf)), problem.start)
    found, _ = parameters_and_prior(problem.structure, data, position)
    kept = {name: np.asarray(v)[None, None] for name, v in kept_of_draw(problem.structure, data, position).items()}
    posterior = to_canonical(kept, problem, panel, spec, scales)
    fit = Fit(spec, panel, posterior, scales, FitInfo("marginal"))
    return fit, {"total": total_contributions(kept, problem, scales).values[0, 0]}, {"problem": problem, **found}


@pytest.mark.parametrize("more", ["", "media: {time_varying: true}\n", "population: people\npooling: partial\n"])
def test_the_fit_answers_with_the_curves_that_were_sampled(more):
    """What the compiled density says of each cell is what numpy makes of the canonical posterior."""
    spec = ModelSpec.from_yaml(SPEC + more)
    panel = Panel.for_spec(long_rows(), spec)
    fit, kept, found = at_a_position(spec, panel)
    media = fit.media_contributions().isel(sample=0)
    structure = found["problem"].structure
    for cell, (market, channel) in enumerate(structure.cells):
        scale = float(fit.scales["outcome_scale"][market])
        path = np.asarray(found["coefficient"][cell] * found["shape"][cell])[:104] * scale
        np.testing.assert_allclose(media.isel(market=market, channel=channel), path, rtol=1e-8, atol=1e-9 * scale)
    np.testing.assert_allclose(media.sum("week").values, kept["total"], rtol=1e-8)
    # All that is spent at once, as money: the same media.
    paid = fit.media_response(panel.dataset["spend"].sel(channel=panel.paid)).isel(sample=0)
    np.testing.assert_allclose(paid.values, media.sel(channel=panel.paid).values, rtol=1e-8)
    ahead = fit.predict().isel(sample=0).values
    np.testing.assert_allclose(ahead, fit.contributions().isel(sample=0).sum("component").values, rtol=1e-9)


def test_reach_counts_by_frequency_and_moves_with_money():
    spec = ModelSpec.from_yaml(SPEC)
    panel = Panel.for_spec(long_rows(), spec)
    fit, _, _ = at_a_position(spec, panel)
    returns = fit.returns().isel(sample=0)
    # Linear in reach: the last unit of money brings what all others brought.
    for market in panel.markets:
        cell = {"market": market, "channel": "tv"}
        assert float(returns["mroas"].sel(cell)) == pytest.approx(float(returns["roas"].sel(cell)), rel=1e-9)
    assert np.isnan(returns["roas"].sel(channel="newsletter").values).all()
    assert (returns["contribution"].sel(channel="newsletter").values > 0).all()
    assert "newsletter" not in fit.response_curves()["channel"].values


def test_a_wandering_effect_is_a_walk_less_its_mean():
    spec = ModelSpec.from_yaml(SPEC + "media: {time_varying: true}\n")
    panel = Panel.for_spec(long_rows(), spec)
    fit, _, found = at_a_position(spec, panel)
    path = fit.posterior["effect_path"].isel(chain=0, draw=0)
    np.testing.assert_allclose(path.mean("week").values, 0.0, atol=1e-12)
    steps = np.arange(104.0)
    walk = np.minimum(steps[:, None], steps)
    center = np.eye(104) - 1 / 104
    basis = found["problem"].data["directions"][:104]
    left_out = np.trace(center @ walk @ center) - (basis**2).sum()
    assert 0 <= left_out / np.trace(center @ walk @ center) < 0.12


def test_its_prior_is_that_of_independent_normal_steps():
    spec = ModelSpec.from_yaml(SPEC + "media: {time_varying: true}\n")
    panel = Panel.for_spec(long_rows(), spec)
    problem = build(panel, spec, scales_of(panel, spec))
    data = jax.tree.map(jnp.asarray, problem.data)
    still = {**problem.start, "walk": np.zeros_like(problem.start["walk"])}
    moved = {**still, "walk": np.linspace(-1, 1, len(still["walk"]))}
    prior = [float(parameters_and_prior(problem.structure, data, p)[1]) for p in (still, moved)]
    effects = [  # the prior of effects stands on heights, which the path moves
        float(_effect_prior(problem, data, position)) for position in (still, moved)
    ]
    expected = stats.norm.logpdf(moved["walk"]).sum() - stats.norm.logpdf(still["walk"]).sum()
    assert prior[1] - prior[0] == pytest.approx(expected + effects[1] - effects[0], rel=1e-9)


def _effect_prior(problem, data, position):
    found, _ = parameters_and_prior(problem.structure, data, position)
    height = np.asarray(found["coefficient"])
    return (stats.halfnorm(scale=0.5).logpdf(height) + np.log(height)).sum()


@pytest.fixture(scope="module")
def fitted() -> tuple[Fit, pd.Series]:
    spec, rows = ModelSpec.from_yaml(SPEC), long_rows()
    return get_engine("marginal").fit(Panel.for_spec(rows, spec), spec), truth(rows)


def test_each_role_finds_what_it_brought(fitted):
    fit, brought = fitted
    assert fit.info.convergence["r_hat_max"] < 1.05
    draws = fit.contributions()
    for market in fit.panel.markets:
        for name in ("search", "video", "tv", "newsletter", "price_cut"):
            component = f"treatment:{name}" if name == "price_cut" else name
            total = draws.sel(market=market, component=component).sum("week")
            low, high = np.quantile(total, [0.005, 0.995])
            assert low < brought[market, name] < high, (market, name)
            assert (high - low) / abs(brought[market, name]) < 1.2, (market, name)


def test_a_plan_moves_money_and_leaves_the_newsletter_alone(fitted, tmp_path):
    fit, _ = fitted
    plan = plan_budget(fit)
    assert set(plan.spend["channel"].values) == {"search", "video", "tv"}
    # A week's plan, as weeks to come: what the plan says is what a prediction with that money says.
    fit.save(tmp_path / "fit.nc")
    again = Fit.load(tmp_path / "fit.nc")
    weeks, sample = plan.spend["week"].values, int(plan.lines["sample"].values[0])
    tail = pd.date_range(pd.Timestamp(weeks[-1]) + pd.Timedelta(weeks=1), periods=fit.max_lag, freq="7D")
    money = plan.spend.reindex(week=[*weeks, *tail], fill_value=0.0)
    more = again.media_response(money) - again.media_response(money * 0)
    expected = more.sel(sample=sample).sum("week")
    xr.testing.assert_allclose(
        plan.lines["response"].sel(sample=sample, drop=True).transpose("market", "channel"),
        expected.drop_vars("sample").transpose("market", "channel").sel(channel=plan.lines["channel"].values),
        rtol=1e-8,
    )


def test_an_effect_that_rises_and_falls_is_seen():
    text = SPEC.replace("search: {}", "search: {time_varying: true}").replace("[US, DE]", "[US]")
    rows = long_rows(wanders=True)
    spec = ModelSpec.from_yaml(text + "priors: {effect_step: {distribution: HalfNormal, sigma: 0.1}}\n")
    fit = get_engine("marginal").fit(Panel.for_spec(rows, spec), spec)
    path = fit.posterior["effect_path"].sel(channel="search").mean(("chain", "draw")).values
    expected = 0.5 * np.sin(2 * np.pi * np.arange(104) / 104)
    assert np.corrcoef(path, expected)[0, 1] > 0.9
    assert path.max() - path.min() > 0.5
    assert (fit.posterior["effect_path"].sel(channel="tv") == 0).all()


def test_people_put_markets_on_one_scale_by_head():
    spec = ModelSpec.from_yaml(SPEC + "population: people\n")
    panel = Panel.for_spec(long_rows(), spec)
    scales = scales_of(panel, spec)
    people = panel.dataset["population"]
    assert people.sel(market="US") == 3e6
    for name, dims in (("outcome_scale", ()), ("spend_scale", ("channel",))):
        by_head = scales[name] / people
        assert float(np.abs(by_head / by_head.isel(market=0) - 1).max()) < 1e-12, dims
    largest = panel.dataset["outcome"].max("week") / people
    assert float(scales["outcome_scale"].sel(market="DE")) == pytest.approx(1e6 * float(largest.mean()))
