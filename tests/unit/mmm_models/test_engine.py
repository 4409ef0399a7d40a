"""PyMC-Marketing as an engine, on a small company whose truth is known. Real fits: three of a few seconds each."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mmm_models.engines.pymc_marketing.engine import PyMCMarketingEngine, sample
from mmm_models.engines.pymc_marketing.model import build_model
from mmm_models.engines.pymc_marketing.posterior import to_canonical
from mmm_models.engines.scales import scales_of
from mmm_models.evidence import EvidenceSet, read_lift_tests, select_evidence
from mmm_models.fit import Fit, FitInfo
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.transforms import SATURATIONS, adstock_weights
from mmm_models.validation import evaluate_gates

SPEC = ModelSpec.from_yaml("""
model: small
outcome: revenue
markets: [US, DE]
media:
  adstock: {kind: geometric, max_lag: 4, alpha: {distribution: Beta, alpha: 2, beta: 3}}
channels:
  search: {}
  social: {}
  tv: {adstock: {max_lag: 12, alpha: {distribution: Beta, alpha: 8, beta: 2}}}
controls: [promotion]
seasonality: {yearly_fourier: 1}
sampler: {draws: 300, tune: 500, chains: 4, target_accept: 0.9, seed: 5}
evidence: {max_age_weeks: 200}
""")
WEEKS = pd.date_range("2023-01-02", periods=104, freq="7D")
CHANNELS = ["search", "social", "tv"]
ALPHA, MAX_LAG, LAM = [0.2, 0.4, 0.8], [4, 4, 12], [2.0, 2.5, 1.5]
# Rows are markets; social never ran in DE. Money at full saturation.
COEFFICIENT = np.array([[90_000.0, 60_000.0, 90_000.0], [50_000.0, 0.0, 40_000.0]])


def true_response(spend: np.ndarray) -> np.ndarray:
    """Revenue (week, market, channel) of spend (week, market, channel), from the formula."""
    scale = SPEND.max(axis=0)
    response = np.zeros(spend.shape)
    for m in range(2):
        for c in range(3):
            if scale[m, c]:
                weights = adstock_weights("geometric", {"alpha": np.array(ALPHA[c])}, MAX_LAG[c])
                pressure = np.convolve(spend[:, m, c], weights)[: len(spend)] / scale[m, c]
                response[:, m, c] = COEFFICIENT[m, c] * SATURATIONS["logistic"].shape(pressure, lam=LAM[c])
    return response


def make_spend() -> tuple[np.ndarray, np.ndarray]:
    """Spend, and a demand that nobody recorded: search money follows it, so its returns look better than they are."""
    rng = np.random.default_rng(2)
    demand = rng.normal(size=(104, 2))
    spend = np.empty((104, 2, 3))
    spend[:, :, 0] = np.exp(0.35 * demand + 0.15 * rng.normal(size=(104, 2)))
    spend[:, :, 1] = np.exp(0.5 * rng.normal(size=(104, 2)))
    spend[:, :, 2] = np.where(rng.random((104, 2)) < 0.4, 3.0 * np.exp(0.2 * rng.normal(size=(104, 2))), 0.0)
    spend *= np.array([[20_000.0, 12_000.0, 18_000.0], [10_000.0, 0.0, 8_000.0]])
    return spend, demand


SPEND, DEMAND = make_spend()


def make_panel() -> Panel:
    rng = np.random.default_rng(4)
    promotion = (rng.random((104, 2)) < 0.2).astype(float)
    index = np.arange(104)[:, None] / 103
    season = np.sin(2 * np.pi * WEEKS.dayofyear.to_numpy() / 365.25)[:, None]
    level = np.array([250_000.0, 120_000.0])
    outcome = level * (1 + 0.1 * index + 0.08 * season + 0.1 * promotion + 0.04 * DEMAND)
    outcome += true_response(SPEND).sum(axis=-1) + level * 0.015 * rng.normal(size=(104, 2))
    dataset = xr.Dataset(
        {
            "outcome": (("week", "market"), outcome),
            "spend": (("week", "market", "channel"), SPEND),
            "controls": (("week", "market", "control"), promotion[:, :, None]),
        },
        coords={"week": WEEKS, "market": ["US", "DE"], "channel": CHANNELS, "control": ["promotion"]},
        attrs={"outcome_name": "revenue", "currency": "USD"},
    )
    return Panel(dataset)


def go_dark_test(panel: Panel) -> EvidenceSet:
    """Six weeks without search in the US, measured without error at a small standard error."""
    usual, dark = SPEND.copy(), SPEND.copy()
    window = slice(60, 66)
    # Business as usual is even spend, as in a test that was planned.
    usual[54:70, 0, 0] = dark[54:70, 0, 0] = 20_000.0
    dark[window, 0, 0] = 0.0
    lift = (true_response(dark) - true_response(usual))[60:70].sum()
    row = {
        "test_id": "lt-search",
        "channel": "search",
        "market": "US",
        "start_date": WEEKS[60].date(),
        "end_date": WEEKS[65].date() + pd.Timedelta(days=6),
        "followup_end": WEEKS[69].date() + pd.Timedelta(days=6),
        "outcome": "revenue",
        "spend_baseline": 120_000.0,
        "spend_delta": -120_000.0,
        "lift": lift,
        "lift_se": 0.05 * abs(lift),
        "status": "approved",
    }
    return select_evidence(read_lift_tests([row]), SPEC, panel)


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


@pytest.fixture(scope="module")
def fit(panel):
    return PyMCMarketingEngine().fit(panel, SPEC)


@pytest.fixture(scope="module")
def calibrated(panel):
    return PyMCMarketingEngine().fit(panel, SPEC, go_dark_test(panel))


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


def test_the_same_seed_gives_the_same_posterior(own, fit):
    _, _, again = own
    xr.testing.assert_identical(again.posterior, fit.posterior)


def test_a_lift_test_narrows_the_channel_and_moves_it_to_the_truth(fit, calibrated):
    before, after = total_contribution(fit, "US", "search"), total_contribution(calibrated, "US", "search")
    expected = truth(0, 0)
    assert before.mean() > 1.25 * expected, "the hidden demand should flatter search"
    assert abs(after.mean() - expected) < 0.5 * abs(before.mean() - expected)
    assert after.std() < 0.8 * before.std()


def test_a_fit_carries_where_it_comes_from(panel, fit, calibrated):
    assert fit.info.engine == "pymc_marketing"
    assert fit.info.engine_version.startswith("1.3")
    assert (fit.info.seed, fit.info.evidence, fit.info.evidence_hash) == (5, [], "")
    assert fit.info.data_hash == panel.content_hash()
    assert fit.info.spec_hash == SPEC.content_hash()
    assert fit.info.wall_seconds > 0
    assert [(row["test_id"], row["used"]) for row in calibrated.info.evidence] == [("lt-search", True)]
    assert calibrated.info.evidence_hash == go_dark_test(panel).content_hash()
