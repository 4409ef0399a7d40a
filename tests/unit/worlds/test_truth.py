import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mmm_models.worlds.retailer import SEED
from mmm_models.worlds.simulate import World
from mmm_models.worlds.truth import WINDOWS, future_effect, returns, true_returns
from mmm_models.worlds.write import read_truth, write_truth


def brute_force_gain(world: World, market: str, channel: str, first_week: int, factor: float) -> float:
    """Revenue in reporting currency that a changed budget adds: sums written out, nothing shared with the library."""
    spec = next(c for c in world.spec.channels if c.name == channel)
    spend = [
        float(world.daily.spend.sel(market=market, channel=channel)[7 * w : 7 * w + 7].sum())
        for w in range(world.spec.weeks)
    ]
    changed = [s * factor if week >= first_week else s for week, s in enumerate(spend)]

    def revenue(path: list[float], week: int) -> float:
        r = spec.adstock.retention
        exposure = sum((1 - r) * r ** (week - past) * s for past, s in enumerate(path) if past <= week)
        decay = np.exp(-spec.saturation.lam * exposure / spec.weekly_spend[market])
        return spec.effect[market] * (1 - decay) / (1 + decay)

    rates = world.daily.fx_rate.sel(market=market).to_numpy()
    shares = world.daily.day_share.sel(market=market).to_numpy()
    gain = 0.0
    for week in range(world.spec.weeks + 78):
        days = slice(7 * min(week, world.spec.weeks - 1), 7 * min(week, world.spec.weeks - 1) + 7)
        gain += (revenue(changed, week) - revenue(spend, week)) * float((rates[days] * shares[days]).sum())
    return gain


@pytest.mark.parametrize(("market", "channel"), [("US", "search"), ("DE", "tv")])
@pytest.mark.parametrize("window", ["all", "last_13_weeks"])
def test_truth_is_the_counterfactual_that_a_plain_loop_finds(
    small_world: World, market: str, channel: str, window: str
):
    first = 0 if window == "all" else small_world.spec.weeks - 13
    row = returns(small_world, window).set_index(["market", "channel"]).loc[(market, channel)]

    assert row.contribution == pytest.approx(-brute_force_gain(small_world, market, channel, first, 0.0), rel=1e-9)
    extra = brute_force_gain(small_world, market, channel, first, 1.1)
    assert row.mroas == pytest.approx(extra / (0.1 * row.spend), rel=1e-7)


def test_truth_counts_the_carryover_after_the_data_end(small_world: World):
    last = returns(small_world, "last_13_weeks").set_index(["market", "channel"])
    inside = small_world.weekly(small_world.daily.media * small_world.daily.fx_rate)
    tv_revenue_in_window = float(inside.sel(market="US", channel="tv")[-13:].sum())
    tv_spend_in_window = last.loc[("US", "tv"), "spend"]

    # Most of what late TV brings comes after the data: the whole is more than the part that can be seen.
    from mmm_models.worlds.truth import spend_effect

    spend = small_world.weekly_spend
    off = spend.copy()
    off.loc[{"channel": "tv", "week": spend.week[-13:]}] = 0.0
    path = -spend_effect(small_world, off).sel(market="US", channel="tv").to_numpy()
    seen, after = path[: small_world.spec.weeks].sum(), path[small_world.spec.weeks :].sum()
    assert tv_spend_in_window > 0
    assert after > 0.2 * seen
    assert seen < tv_revenue_in_window  # some of the window's revenue was carried in from before
    assert last.loc[("US", "tv"), "contribution"] == pytest.approx(seen + after)


def test_all_markets_are_the_sum_of_the_markets_in_reporting_currency(small_world: World):
    frame = true_returns(small_world).set_index(["window_name", "channel", "market"])
    for window in WINDOWS:
        for channel in ("search", "paid_social", "tv"):
            parts = frame.loc[(window, channel, ["US", "DE"]), :]
            total = frame.loc[(window, channel, "all")]
            assert total.spend == pytest.approx(parts.spend.sum())
            assert total.roas == pytest.approx(parts.contribution.sum() / parts.spend.sum())


def test_the_demo_channels_are_worth_what_a_retailers_channels_are(retailer_truth: pd.DataFrame):
    whole = retailer_truth[(retailer_truth.window_name == "all") & (retailer_truth.market != "all")]
    share = whole.contribution / whole.revenue
    assert whole.roas.between(1, 5).all()
    assert share.between(0.02, 0.12).all()


@pytest.fixture(scope="module")
def retailer_truth() -> pd.DataFrame:
    from mmm_models.worlds.retailer import retailer
    from mmm_models.worlds.simulate import simulate

    world = simulate(retailer(), SEED)
    revenue = world.weekly(world.daily.revenue * world.daily.fx_rate).sum("week").to_series()
    truth = true_returns(world)
    return truth.assign(revenue=truth.market.map(revenue))


def test_truth_reads_back_as_it_was_written(small_world: World, tmp_path):
    write_truth(small_world, tmp_path)
    pd.testing.assert_frame_equal(read_truth(tmp_path), true_returns(small_world), check_dtype=False)


def test_an_unknown_window_is_refused_with_the_known_ones(small_world: World):
    with pytest.raises(ValueError, match=r"'last_year' is not known; use one of \['all'"):
        returns(small_world, "last_year")


def test_what_a_plan_really_brings_is_the_counterfactual_that_a_plain_loop_finds(small_world: World):
    history = small_world.weekly_spend
    weeks = pd.date_range(small_world.week_starts[-1] + pd.Timedelta(weeks=1), periods=3, freq="7D")
    spend = xr.zeros_like(history.isel(week=slice(0, 3))).assign_coords(week=weeks).astype(float)
    spend.loc[{"market": "DE", "channel": "tv"}] = [1000.0, 0.0, 4000.0]

    spec = next(c for c in small_world.spec.channels if c.name == "tv")
    days = slice(7 * small_world.spec.weeks - 7, 7 * small_world.spec.weeks)
    rates = small_world.daily.fx_rate.sel(market="DE").to_numpy()[days]
    rate = float((rates * small_world.daily.day_share.sel(market="DE").to_numpy()[days]).sum())
    past = list(history.sel(market="DE", channel="tv").to_numpy())
    r = spec.adstock.retention

    def revenue(path: list[float], week: int) -> float:
        exposure = sum((1 - r) * r ** (week - then) * s for then, s in enumerate(path) if then <= week)
        decay = np.exp(-spec.saturation.lam * exposure / spec.weekly_spend["DE"])
        return spec.effect["DE"] * (1 - decay) / (1 + decay)

    planned = [*past, 1000.0 / rate, 0.0, 4000.0 / rate]
    ahead = range(len(past), len(past) + 3 + 78)
    expected = rate * sum(revenue(planned, week) - revenue(past, week) for week in ahead)
    assert future_effect(small_world, spend) == pytest.approx(expected, rel=1e-9)


def test_a_plan_that_does_not_follow_the_data_is_refused(small_world: World):
    with pytest.raises(ValueError, match="the week after the data is"):
        future_effect(small_world, small_world.weekly_spend)
