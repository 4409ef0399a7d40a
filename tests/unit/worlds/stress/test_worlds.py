import numpy as np
import pytest
import xarray as xr

from mmm_models.fit import Fit, FitInfo
from mmm_models.spec import ModelSpec
from mmm_models.transforms import fourier_basis, fourier_names, trend_index
from mmm_models.worlds.stress import RECIPES, StressWorld, make_world

ISSUE = {
    "clean", "demand_confounded", "search_follows_demand", "collinear", "s_shaped", "delayed_adstock",
    "time_varying_effect", "trend_break", "omitted_promotion", "heavy_tails", "heterogeneous_geos",
}  # fmt: skip


def spend(world: StressWorld) -> np.ndarray:
    return world.panel.dataset["spend"].values


def test_every_named_world_is_there_and_says_what_it_breaks():
    assert set(RECIPES) >= ISSUE
    assert all(len(recipe.breaks) > 5 for recipe in RECIPES.values())


@pytest.mark.parametrize("name", RECIPES)
def test_same_seed_same_company_and_another_seed_another_one(name):
    first, again, other = make_world(name, 3), make_world(name, 3), make_world(name, 4)

    assert first.panel.content_hash() == again.panel.content_hash()
    assert first.ahead.content_hash() == again.ahead.content_hash()
    assert first.panel.content_hash() != other.panel.content_hash()
    assert not np.array_equal(first.media.height, other.media.height)
    assert not np.array_equal(first.media.weights, other.media.weights)


@pytest.mark.parametrize("name", RECIPES)
def test_a_company_is_one_that_could_be(name):
    for seed in range(1, 6):
        world = make_world(name, seed)
        data = world.panel.dataset
        assert len(world.panel.weeks) == 156
        assert world.ahead.weeks[0] == world.panel.weeks[-1] + np.timedelta64(7, "D")
        assert (data["spend"] >= 0).all()
        assert (data["spend"].max("week") > 0).all()
        assert (data["outcome"] > 0).all()
        assert 0.005 < float(data["spend"].sum() / data["outcome"].sum()) < 0.6


def test_an_unknown_world_is_named_with_the_nearest_known():
    with pytest.raises(ValueError, match=r"colinear.*did you mean 'collinear'"):
        make_world("colinear", 1)


def test_the_clean_world_is_in_the_class_of_the_default_model():
    """A `Fit` of the default spec that holds the true parameters has the world's mean, in the data and after them."""
    world = make_world("clean", 5)
    panel, media, spec = world.panel, world.media, default_spec(world)
    base = panel.dataset.sizes["week"]
    design = np.column_stack(
        [
            np.ones(base),
            trend_index(panel.weeks, panel.weeks[0], base - 1),
            fourier_basis(panel.weeks, spec.seasonality.yearly_fourier),
            panel.dataset["controls"].values[:, 0],
        ]
    )
    linear, residual, *_ = np.linalg.lstsq(design, world.baseline.values[:base, 0], rcond=None)
    assert float(residual[0]) < 1e-12 * float((world.baseline**2).sum())
    # The geometric adstock of a channel is known by the ratio of its weights.
    alpha = media.weights[:, 1] / media.weights[:, 0]
    dims = ("chain", "draw", "market")
    posterior = xr.Dataset(
        {
            "intercept": (dims, linear[:1].reshape(1, 1, 1)),
            "trend": (dims, linear[1:2].reshape(1, 1, 1)),
            "fourier_coefficient": ((*dims, "fourier"), linear[2:6].reshape(1, 1, 1, 4)),
            "control_coefficient": ((*dims, "control"), linear[6:].reshape(1, 1, 1, 2)),
            "media_coefficient": ((*dims, "channel"), media.height.reshape(1, 1, 1, 4)),
            "adstock_alpha": ((*dims, "channel"), alpha.reshape(1, 1, 1, 4)),
            "saturation_lam": ((*dims, "channel"), media.shape["lam"].reshape(1, 1, 1, 4)),
            "sigma": (dims, np.ones((1, 1, 1))),
        },
        coords={
            "market": panel.markets,
            "channel": panel.channels,
            "control": panel.controls,
            "fourier": fourier_names(2),
        },
    )
    untouched = xr.zeros_like(panel.dataset["controls"].isel(week=0, drop=True))
    scales = xr.Dataset(
        {
            "outcome_scale": panel.dataset["outcome"].max("week"),
            "spend_scale": panel.dataset["spend"].max("week"),
            "control_center": untouched,
            "control_scale": untouched + 1.0,
        },
        attrs={"trend_span_weeks": float(base - 1)},
    )
    fit = Fit(spec, panel, posterior, scales, FitInfo("truth"))

    seen = fit.predict().isel(sample=0)
    later = fit.predict(world.ahead).isel(sample=0)
    np.testing.assert_allclose(np.concatenate([seen, later]), world.mean, rtol=1e-9)


def default_spec(world: StressWorld) -> ModelSpec:
    panel = world.panel
    return ModelSpec.from_dict(
        {
            "model": "clean",
            "outcome": "revenue",
            "markets": panel.markets,
            "channels": panel.channels,
            "controls": panel.controls,
        }
    )


def test_curves_of_clean_companies_are_drawn_from_the_default_priors():
    media = [make_world("clean", seed).media for seed in range(1, 101)]
    alpha = np.concatenate([each.weights[:, 1] / each.weights[:, 0] for each in media])
    lam = np.concatenate([each.shape["lam"] for each in media])
    spec = default_spec(make_world("clean", 1)).media

    # 400 draws: a mean is off by a twentieth of the prior's standard deviation.
    for draws, prior in ((alpha, spec.adstock.priors["alpha"]), (lam, spec.saturation.priors["lam"])):
        assert abs(draws.mean() - prior.mean) < 4 * draws.std() / np.sqrt(len(draws))


def correlation_with_demand(name: str, channel: int, seed: int) -> float:
    world = make_world(name, seed)
    return float(np.corrcoef(spend(world)[:, 0, channel], world.baseline.values[:156, 0])[0, 1])


def test_spend_follows_demand_where_it_is_said_to():
    seeds = range(1, 11)
    blind = np.mean([correlation_with_demand("clean", 0, seed) for seed in seeds])
    confounded = np.mean([correlation_with_demand("demand_confounded", 0, seed) for seed in seeds])
    search = np.mean([correlation_with_demand("search_follows_demand", 0, seed) for seed in seeds])
    others = np.mean([correlation_with_demand("search_follows_demand", 1, seed) for seed in seeds])

    assert abs(blind) < 0.15
    assert confounded > 0.25
    assert search > 0.5
    assert abs(others) < 0.15


def test_budgets_of_the_collinear_world_move_together():
    spent = spend(make_world("collinear", 2))[:, 0]
    assert np.corrcoef(spent.T).min() > 0.85
    assert np.abs(np.corrcoef(spend(make_world("clean", 2))[:, 0].T) - np.eye(4)).max() < 0.5


def test_the_delayed_effect_is_strongest_weeks_after_the_money():
    for seed in range(1, 6):
        assert (make_world("delayed_adstock", seed).media.weights.argmax(axis=1) >= 2).all()


def test_s_shaped_curves_bring_more_for_the_second_unit_than_for_the_first():
    world = make_world("s_shaped", 1)
    little = np.broadcast_to(0.05 * world.media.scale, (40, 1, 4))
    once, twice = world.media.respond(little)[-1], world.media.respond(2 * little)[-1]
    assert (twice > 2.5 * once).all()


def test_the_trend_breaks_once_and_promotions_are_announced():
    shifted = make_world("trend_break", 1)
    steps = np.abs(np.diff(shifted.baseline.values[:, 0] / shifted.baseline.values[:, 0].mean()))
    assert np.sort(steps)[-1] > 0.1
    assert np.sort(steps)[-1] > 1.5 * np.median(steps)
    promoted = make_world("omitted_promotion", 1)
    clean_like = np.corrcoef(np.diff(spend(promoted)[:, 0, 0]), np.diff(promoted.baseline.values[:156, 0]))[0, 1]
    assert clean_like > 0.2


def test_an_idle_channel_has_no_effect_and_markets_differ_where_they_should():
    idle = make_world("idle_channel", 1)
    assert idle.media.height[0, idle.panel.channels.index("display")] == 0.0
    geos = make_world("heterogeneous_geos", 1)
    shares = geos.media.height / geos.panel.dataset["outcome"].mean("week").values[:, None]
    assert (shares.max(axis=0) / shares.min(axis=0) > 1.3).all()
