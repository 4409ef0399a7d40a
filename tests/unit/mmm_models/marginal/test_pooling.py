"""Markets as a hierarchy: what each alone cannot tell, they tell together."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mmm_models.engines import get_engine
from mmm_models.engines.marginal.baseline import Columns
from mmm_models.engines.marginal.markets import told_by_markets
from mmm_models.engines.scales import scales_of
from mmm_models.fit import Fit
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.transforms import SATURATIONS

MARKETS = [f"geo{number}" for number in range(8)]
WEEKS = pd.date_range("2023-01-02", periods=78, freq="7D")


def make_panel(seed: int) -> tuple[Panel, np.ndarray]:
    """Eight regions of different size; their effects scatter by a fifth, which their noise hides from each alone."""
    rng = np.random.default_rng(seed)
    size = rng.uniform(50, 200, 8)
    spend = rng.lognormal(0, 0.6, (78, 8, 1)) * size[:, None] / 20
    shape = SATURATIONS["logistic"].shape(spend[:, :, 0] / spend[:, :, 0].max(axis=0), lam=2.0)
    effect = 0.25 * np.exp(0.2 * rng.normal(size=8))
    outcome = size * (1 + effect * shape + 0.08 * rng.normal(size=(78, 8)))
    dataset = xr.Dataset(
        {
            "outcome": (("week", "market"), outcome),
            "spend": (("week", "market", "channel"), spend),
            "controls": (("week", "market", "control"), np.empty((78, 8, 0))),
        },
        coords={"week": WEEKS, "market": MARKETS, "channel": ["search"], "control": []},
        attrs={"outcome_name": "revenue", "currency": "USD"},
    )
    return Panel(dataset), (size * effect * shape).sum(axis=0)


def model(pooling: str) -> ModelSpec:
    return ModelSpec.from_dict(
        {
            "model": "regions",
            "outcome": "revenue",
            "markets": MARKETS,
            "pooling": pooling,
            "media": {"adstock": {"max_lag": 1}},
            "channels": ["search"],
            "seasonality": {"yearly_fourier": 0},
            "trend": "none",
            "sampler": {"draws": 1000, "tune": 800, "target_accept": 0.9, "seed": 4},
        }
    )


def fit(seed: int, pooling: str) -> tuple[Fit, np.ndarray]:
    panel, truth = make_panel(seed)
    return get_engine("marginal").fit(panel, model(pooling)), truth


@pytest.fixture(scope="module")
def fits():
    return {pooling: [fit(seed, pooling) for seed in range(4)] for pooling in ("none", "partial")}


def total(made: Fit) -> xr.DataArray:
    return made.contributions().sel(component="search").sum("week")


def test_they_converge(fits):
    for made, _ in [*fits["none"], *fits["partial"]]:
        assert made.info.convergence["r_hat_max"] < 1.02
        assert made.info.convergence["divergences"] <= 1  # of 4,000


def test_partly_pooled_effects_lie_nearer_to_the_truth_and_are_surer_of_it(fits):
    """Root mean square errors over eight regions and four worlds."""
    error, width = {}, {}
    for pooling, made in fits.items():
        misses = [total(one).mean("sample") / truth - 1 for one, truth in made]
        error[pooling] = float(np.sqrt(np.mean([np.square(miss.values) for miss in misses])))
        width[pooling] = float(np.mean([(total(one).std("sample") / truth).values for one, truth in made]))
    assert error["partial"] < 0.9 * error["none"]
    assert width["partial"] < 0.9 * width["none"]


def test_intervals_of_partly_pooled_effects_hold_the_truth(fits):
    inside = []
    for made, truth in fits["partial"]:
        low, high = (total(made).quantile(q, "sample") for q in (0.05, 0.95))
        inside += ((low <= truth) & (truth <= high)).values.tolist()
    # 32 intervals of 90 %, not independent: 24 or fewer inside has a probability below 2 % even if they were.
    assert sum(inside) >= 25


def test_complete_pooling_gives_one_effect_on_each_markets_own_scale():
    made, _ = fit(0, "complete")
    scaled = (made.posterior["media_coefficient"] / made.scales["outcome_scale"]).values
    np.testing.assert_allclose(scaled, np.broadcast_to(scaled[:, :, :1], scaled.shape), rtol=1e-9)
    assert "effect_scatter" not in made.posterior


def test_the_scatter_over_markets_is_reported(fits):
    scatter = fits["partial"][0][0].posterior["effect_scatter"]
    assert scatter.dims == ("chain", "draw", "channel")
    assert 0.02 < float(scatter.mean()) < 0.6


@pytest.mark.parametrize("apart", [0.0, 0.4])
def test_what_a_market_tells_of_its_effect_is_what_a_regression_would(apart):
    """Little noise: the guess is each market's own effect; where all are alike, told with |P u|^2 / noise^2."""
    panel, _ = make_panel(0)
    spec, cells = model("partial"), [(market, 0) for market in range(8)]
    scales = scales_of(panel, spec)
    columns = Columns.of(panel, spec, scales)
    shape = SATURATIONS["logistic"].shape((panel.dataset["spend"] / scales["spend_scale"]).values[:, :, 0], lam=3.0)
    effect = np.log(0.1) + apart * np.linspace(-1, 1, 8)
    media = np.exp(effect)[:, None] * (shape / shape.mean()).T
    deviation = np.linspace(0.002, 0.01, 8)
    noise = np.random.default_rng(1).normal(size=media.shape)
    noise = deviation[:, None] * (noise - noise.mean(axis=1, keepdims=True)) / noise.std(axis=1, keepdims=True)
    exact = replace(columns, residual=0.2 + media + noise)
    guess, told = told_by_markets(panel, spec, scales, cells, exact, np.log([0.15]), np.full(8, 0.02), 0.3)
    np.testing.assert_allclose(guess, effect, atol=0.1)
    if not apart:
        np.testing.assert_allclose(told, media.var(axis=1) * len(WEEKS) / deviation**2, rtol=0.15)
