"""Markets as a hierarchy: what each alone cannot tell, they tell together."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mmm_models.engines import get_engine
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


def fit(seed: int, pooling: str) -> tuple[Fit, np.ndarray]:
    panel, truth = make_panel(seed)
    spec = ModelSpec.from_dict(
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
    return get_engine("marginal").fit(panel, spec), truth


@pytest.fixture(scope="module")
def fits():
    return {pooling: [fit(seed, pooling) for seed in range(4)] for pooling in ("none", "partial")}


def total(made: Fit) -> xr.DataArray:
    return made.contributions().sel(component="search").sum("week")


def test_they_converge(fits):
    for made, _ in [*fits["none"], *fits["partial"]]:
        assert made.info.convergence["r_hat_max"] < 1.02
        assert made.info.convergence["divergences"] <= 4  # of 4,000


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
