"""A small company whose truth is known: two markets, three channels, search money that follows an unrecorded demand."""

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.evidence import EvidenceSet, read_lift_tests, select_evidence
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.transforms import SATURATIONS, adstock_weights

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
sampler: {draws: 1000, tune: 600, chains: 4, target_accept: 0.9, seed: 5}
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
    # Business as usual is even spend in the window, as in a test that was planned.
    usual[window, 0, 0] = 20_000.0
    dark[window, 0, 0] = 0.0
    lift = (true_response(dark) - true_response(usual))[60:70].sum()
    row = {
        "test_id": "lt-search",
        "channel": "search",
        "market": "US",
        "design": "go-dark",
        "start_date": WEEKS[60].date(),
        "end_date": WEEKS[65].date() + pd.Timedelta(days=6),
        "followup_end": WEEKS[69].date() + pd.Timedelta(days=6),
        "outcome": "revenue",
        "spend_path": [
            {
                "start_date": WEEKS[60].date(),
                "end_date": WEEKS[65].date() + pd.Timedelta(days=6),
                "baseline": 120_000.0,
                "actual": 0.0,
            }
        ],
        "lift": lift,
        "lift_se": 0.05 * abs(lift),
        "randomised": True,
        "power": 0.9,
        "contamination": 0.0,
        "comparisons": 1,
        "pre_registration": "wiki/lt-search",
        "status": "approved",
        "owner": "team:science",
        "reviewer": "team:finance",
    }
    return select_evidence(read_lift_tests([row]), SPEC, panel)
