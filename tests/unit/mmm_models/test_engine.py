"""The engines on a small company whose truth is known: each recovers it, and with equal priors they agree."""

import subprocess
import sys
from pathlib import Path

import arviz_stats
import numpy as np
import pytest
import xarray as xr

from mmm_models.engines import get_engine
from mmm_models.engines.pymc_marketing.engine import sample
from mmm_models.engines.pymc_marketing.model import build_model
from mmm_models.engines.pymc_marketing.posterior import to_canonical
from mmm_models.engines.scales import scales_of
from mmm_models.fit import Fit, FitInfo
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.spec.priors import prior
from mmm_models.validation import evaluate_gates
from tests.small_company import CHANNELS, SPEC, SPEND, go_dark_test, make_panel, true_response

ENGINES = ["marginal", "pymc_marketing"]
# One market, carryover that is strongest late, an S-shaped curve: another form of both.
NATIONAL = """
model: national
outcome: revenue
markets: [US]
media:
  adstock: {kind: delayed, max_lag: 8, theta: {distribution: HalfNormal, sigma: 1}}
  saturation: {kind: hill}
channels: [social, tv]
controls: [promotion]
seasonality: {yearly_fourier: 1}
trend: none
sampler: {draws: 1500, tune: 1000, chains: 4, target_accept: 0.95, seed: 5}
"""


def national_panel() -> Panel:
    """The American half of the company, without what search brought."""
    panel = make_panel()
    search = xr.DataArray(true_response(SPEND)[:, :, 0], coords=panel.dataset["outcome"].coords)
    dataset = panel.dataset.assign(outcome=panel.dataset["outcome"] - search)
    return Panel(dataset.sel(market=["US"], channel=["social", "tv"]))


@pytest.fixture(scope="module")
def fitted():
    """Fits by engine and problem, each made once."""
    made: dict[tuple[str, str], Fit] = {}

    def get(engine: str, problem: str) -> Fit:
        if (engine, problem) not in made:
            panel = national_panel() if problem == "national" else make_panel()
            spec = ModelSpec.from_yaml(NATIONAL) if problem == "national" else SPEC
            evidence = go_dark_test(panel) if problem == "calibrated" else None
            # The fast engine draws more for less, which leaves the noise of the comparison to the reference.
            draws = 4000 if engine == "marginal" and problem != "plain" else spec.sampler.draws
            spec = spec.model_copy(
                update={"engine": engine, "sampler": spec.sampler.model_copy(update={"draws": draws})}
            )
            made[engine, problem] = get_engine(engine).fit(panel, spec, evidence)
        return made[engine, problem]

    return get


@pytest.fixture(scope="module")
def panel():
    return make_panel()


@pytest.fixture(scope="module")
def own(panel):
    """The engine's own model and posterior, step by step, and the fit made of them."""
    scales = scales_of(panel, SPEC)
    model = build_model(panel, SPEC, scales)
    tree = sample(model, SPEC)
    draws = tree["posterior"].to_dataset()
    fit = Fit(SPEC, panel, to_canonical(draws, panel, SPEC, scales), scales, FitInfo(engine="pymc_marketing"))
    return model, draws, fit


@pytest.fixture(scope="module", params=ENGINES)
def fit(request, fitted):
    return fitted(request.param, "plain")


@pytest.fixture(scope="module", params=ENGINES)
def both(request, fitted):
    """Without and with the lift test."""
    return fitted(request.param, "plain"), fitted(request.param, "calibrated")


def total_contribution(fit: Fit, market: str, channel: str) -> np.ndarray:
    return fit.contributions().sel(market=market, component=channel).sum("week").values


def truth(market: int, channel: int) -> float:
    return float(true_response(SPEND)[:, market, channel].sum())


def test_the_sampler_converges(fit):
    figures = fit.info.convergence
    assert figures["r_hat_max"] <= 1.02
    assert figures["divergences"] == 0
    assert {gate.verdict for gate in evaluate_gates(fit) if gate.name in ("divergences", "e_bfmi", "mape")} == {"pass"}


@pytest.mark.parametrize(("market", "channel"), [("US", "social"), ("US", "tv"), ("DE", "tv")])
def test_contributions_of_unconfounded_channels_are_recovered(fit, market, channel):
    low, high = np.quantile(total_contribution(fit, market, channel), [0.01, 0.99])
    assert low < truth(["US", "DE"].index(market), CHANNELS.index(channel)) < high


def test_retention_of_the_long_channel_is_told_from_the_short_ones(fit):
    alpha = fit.posterior["adstock_alpha"].mean(("chain", "draw")).sel(market="US")
    assert float(alpha.sel(channel="tv")) == pytest.approx(0.8, abs=0.12)
    assert float(alpha.sel(channel="search")) < 0.5


def test_contributions_equal_those_of_the_engine(own):
    import pymc as pm

    model, draws, fit = own
    few = draws.isel(draw=slice(0, 5))
    model.add_original_scale_contribution_variable(["channel_contribution"])
    wanted = ["channel_contribution_original_scale", "mu"]
    with model.model:
        theirs = pm.compute_deterministics(few, var_names=wanted, progressbar=False)
    ours = Fit(fit.spec, fit.panel, fit.posterior.isel(draw=slice(0, 5)), fit.scales, fit.info)
    media = theirs[wanted[0]].stack(sample=("chain", "draw"), create_index=False)
    media = media.rename(date="week").transpose("sample", "week", "market", "channel")
    contributions = ours.contributions().sel(component=CHANNELS)
    np.testing.assert_allclose(contributions, media.sel(channel=CHANNELS), rtol=1e-9, atol=1e-6)
    mean = theirs[wanted[1]].stack(sample=("chain", "draw"), create_index=False)
    mean = (mean * fit.scales["outcome_scale"]).rename(date="week").transpose("sample", "week", "market")
    np.testing.assert_allclose(ours.predict(), mean, rtol=1e-9)


def test_a_channel_that_never_ran_in_a_market_contributes_exactly_nothing_there(fit):
    assert (fit.contributions().sel(market="DE", component="social") == 0).all()
    assert float(fit.scales["spend_scale"].sel(market="DE", channel="social")) > 0


def test_the_same_seed_gives_the_same_posterior(own, fitted):
    _, _, again = own
    xr.testing.assert_identical(again.posterior, fitted("pymc_marketing", "plain").posterior)


def test_the_fast_engine_gives_the_same_posterior_in_another_process_and_on_one_core(fitted, tmp_path):
    code = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from mmm_models.engines import get_engine\n"
        "from tests.small_company import SPEC, make_panel\n"
        "spec = SPEC.model_copy(update={'engine': 'marginal'})\n"
        f"get_engine('marginal').fit(make_panel(), spec).save({str(tmp_path / 'fit.nc')!r})\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], check=True)
    xr.testing.assert_identical(Fit.load(tmp_path / "fit.nc").posterior, fitted("marginal", "plain").posterior)


@pytest.mark.parametrize("problem", ["plain", "calibrated", "national"])
def test_with_equal_priors_the_engines_agree_within_monte_carlo_error(fitted, problem):
    ours, theirs = (fitted(engine, problem).posterior for engine in ENGINES)
    assert set(ours.data_vars) == set(theirs.data_vars)
    scores, ratios = [], []
    for name in ours.data_vars:
        for cell in np.ndindex(*ours[name].shape[2:]):
            a, b = ours[name].values[(..., *cell)], theirs[name].values[(..., *cell)]
            if a.std() == 0 and b.std() == 0:
                continue
            error = np.sqrt(a.var() / arviz_stats.ess(a) + b.var() / arviz_stats.ess(b))
            scores.append((a.mean() - b.mean()) / error)
            ratios.append(np.log(a.std() / b.std()))
    # Some thirty parameters, not independent: the largest of so many standard normal scores lies below 3.5 with 98 %.
    assert np.abs(scores).max() < 3.5
    assert np.mean(np.square(scores)) < 2.5
    assert np.abs(ratios).max() < 0.25


def test_with_a_go_dark_test_the_engines_agree_on_returns(fitted):
    """The library's own transformations and the fast engine's, both with the measurement operator."""
    fits = [fitted(engine, "calibrated") for engine in ENGINES]
    assert all(fit.posterior["scatter_of"].values.tolist() == ["go_dark"] for fit in fits)
    roas = [fit.returns()["roas"] for fit in fits]
    for market, channel in [("US", "search"), ("US", "social"), ("US", "tv"), ("DE", "search"), ("DE", "tv")]:
        chains = [each.sel(market=market, channel=channel).values.reshape(4, -1) for each in roas]
        error = np.sqrt(sum(values.var() / arviz_stats.ess(values) for values in chains))
        assert abs(chains[0].mean() - chains[1].mean()) < 3.5 * error
        assert error < 0.05 * chains[0].mean()


def test_a_block_is_drawn_again_until_the_effective_size_is_reached():
    sampler = SPEC.sampler.model_copy(update={"draws": 100, "ess_min": 900, "draws_max": 2000, "target_accept": 0.8})
    fit = get_engine("marginal").fit(make_panel(), SPEC.model_copy(update={"engine": "marginal", "sampler": sampler}))
    assert fit.info.convergence["n_draws"] > 100
    assert fit.info.convergence["n_draws"] % 100 == 0
    short = sampler.model_copy(update={"ess_min": 10**6, "draws_max": 250})
    fit = get_engine("marginal").fit(make_panel(), SPEC.model_copy(update={"engine": "marginal", "sampler": short}))
    assert fit.info.convergence["n_draws"] == 200


def test_other_data_of_the_same_form_are_not_compiled_anew(fitted):
    from mmm_models.engines.marginal import sampler

    fitted("marginal", "plain")
    compiled = sampler._compiled.cache_info().misses
    panel = make_panel()
    other = Panel(panel.dataset.assign(outcome=panel.dataset["outcome"] * 1.1, spend=panel.dataset["spend"] * 0.7))
    priors = SPEC.priors.model_copy(update={"sigma": prior("HalfNormal", sigma=0.3)})
    get_engine("marginal").fit(other, SPEC.model_copy(update={"engine": "marginal", "priors": priors}))
    earlier = SPEC.model_copy(update={"engine": "marginal"})
    get_engine("marginal").fit(Panel(panel.dataset.isel(week=slice(0, 90))), earlier)
    assert sampler._compiled.cache_info().misses == compiled


def test_a_lift_test_narrows_the_channel_and_moves_it_to_the_truth(both):
    fit, calibrated = both
    before, after = total_contribution(fit, "US", "search"), total_contribution(calibrated, "US", "search")
    expected = truth(0, 0)
    assert before.mean() > 1.25 * expected, "the hidden demand should flatter search"
    assert abs(after.mean() - expected) < 0.5 * abs(before.mean() - expected)
    assert after.std() < 0.8 * before.std()


@pytest.mark.parametrize(("engine", "version"), [("marginal", "blackjax 1."), ("pymc_marketing", "1.3")])
def test_a_fit_carries_where_it_comes_from(panel, fitted, engine, version):
    fit, calibrated = fitted(engine, "plain"), fitted(engine, "calibrated")
    assert fit.info.engine == engine
    assert fit.info.engine_version.startswith(version)
    assert (fit.info.seed, fit.info.evidence, fit.info.evidence_hash) == (5, [], "")
    assert fit.info.data_hash == panel.content_hash()
    assert fit.info.spec_hash == fit.spec.content_hash()
    assert fit.info.wall_seconds > 0
    assert [(row["test_id"], row["used"]) for row in calibrated.info.evidence] == [("lt-search", True)]
    assert calibrated.info.evidence_hash == go_dark_test(panel).content_hash()
