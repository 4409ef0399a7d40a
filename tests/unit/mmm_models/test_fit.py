import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mmm_models.fit import Fit, FitError
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec


def by_hand(fit: Fit, sample: int, market: str, channel: str, spend: np.ndarray) -> np.ndarray:
    """One draw's weekly response of one channel, written as loops over the formula of `Fit`."""
    draw = fit.draws().sel(sample=sample, market=market, channel=channel)
    alpha, lam = float(draw.adstock_alpha), float(draw.saturation_lam)
    coefficient = float(draw.media_coefficient)
    scale = float(fit.scales.spend_scale.sel(market=market, channel=channel))
    lags = fit.spec.channel(channel).adstock.max_lag
    total = sum(alpha**lag for lag in range(lags))
    response = np.zeros(len(spend))
    for t in range(len(spend)):
        adstock = sum(alpha**lag / total * spend[t - lag] / scale for lag in range(lags) if t >= lag)
        response[t] = coefficient * (1 - np.exp(-lam * adstock)) / (1 + np.exp(-lam * adstock))
    return response


def spend_of(fit: Fit, market: str, channel: str) -> np.ndarray:
    return fit.panel.dataset.spend.sel(market=market, channel=channel).values


def flat_spend(fit: Fit, start: str, weeks: int, amount: float) -> xr.DataArray:
    """The same spend in every market and channel."""
    index = pd.date_range(start, periods=weeks, freq="7D")
    coords = {"week": index, "market": fit.panel.markets, "channel": fit.panel.channels}
    shape = (weeks, len(fit.panel.markets), len(fit.panel.channels))
    return xr.DataArray(np.full(shape, amount), coords=coords, dims=("week", "market", "channel"))


@pytest.mark.parametrize(("market", "channel"), [("US", "search"), ("DE", "tv")])
def test_media_response_follows_the_formula(known_fit, market, channel):
    response = known_fit.media_response(known_fit.panel.dataset.spend)
    expected = by_hand(known_fit, 42, market, channel, spend_of(known_fit, market, channel))
    np.testing.assert_allclose(response.sel(sample=42, market=market, channel=channel), expected, rtol=1e-10)


def test_media_response_does_not_depend_on_the_order_of_dimensions_or_labels(known_fit):
    spend = known_fit.panel.dataset.spend
    turned = spend.sel(channel=["tv", "search"], market=["DE", "US"]).transpose("channel", "market", "week")
    expected = known_fit.media_response(spend).sel(channel=["tv", "search"], market=["DE", "US"])
    xr.testing.assert_identical(known_fit.media_response(turned), expected)


def test_spend_after_the_data_is_carried_in_from_them(known_fit):
    future = flat_spend(known_fit, "2024-02-26", 6, 5_000.0)
    joined = np.concatenate([spend_of(known_fit, "US", "tv"), np.full(6, 5_000.0)])
    expected = by_hand(known_fit, 3, "US", "tv", joined)[60:]
    answer = known_fit.media_response(future).sel(sample=3, market="US", channel="tv")
    np.testing.assert_allclose(answer, expected, rtol=1e-10)


def test_without_carry_in_nothing_was_spent_before(known_fit):
    future = flat_spend(known_fit, "2024-02-26", 6, 5_000.0)
    expected = by_hand(known_fit, 3, "US", "tv", np.full(6, 5_000.0))
    answer = known_fit.media_response(future, carry_in=False).sel(sample=3, market="US", channel="tv")
    np.testing.assert_allclose(answer, expected, rtol=1e-10)


def test_a_path_from_the_middle_of_the_data_is_carried_in(known_fit):
    spend = known_fit.panel.dataset.spend
    whole, part = known_fit.media_response(spend), known_fit.media_response(spend.isel(week=slice(30, 40)))
    np.testing.assert_allclose(part, whole.isel(week=slice(30, 40)), rtol=1e-12)


def test_spend_that_leaves_a_gap_after_the_data_is_refused(known_fit):
    with pytest.raises(FitError, match="starts 2024-03-11, but the data end 2024-02-19: what was spent in the 2 weeks"):
        known_fit.media_response(flat_spend(known_fit, "2024-03-11", 4, 1.0))
    assert known_fit.media_response(flat_spend(known_fit, "2024-03-11", 4, 1.0), carry_in=False).sizes["week"] == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.assign_coords(channel=["search", "radio", "tv"]), "channel radio, which the fit lacks"),
        (lambda s: s.where(s.channel != "tv", -1.0), "spend of tv in US, week 2024-02-26, is -1"),
        (lambda s: s.where(s.market != "DE", np.nan), "spend of search in DE, week 2024-02-26, is nan"),
        (lambda s: s.isel(week=[0, 2]), "without gap or repetition"),
        (lambda s: s.isel(week=slice(0, 0)), "no weeks"),
        (lambda s: s.isel(market=0, drop=True), "needs week, market and channel"),
        (lambda s: s.assign_coords(week=s.week + np.timedelta64(2, "D")), "not a Monday"),
    ],
)
def test_spend_that_makes_no_sense_is_refused(known_fit, change, message):
    with pytest.raises(FitError, match=message):
        known_fit.media_response(change(flat_spend(known_fit, "2024-02-26", 4, 1.0)))


def test_contributions_add_up_to_the_prediction(known_fit):
    contributions = known_fit.contributions()
    np.testing.assert_allclose(contributions.sum("component"), known_fit.predict(), rtol=1e-12)
    assert list(contributions.component.values) == [
        "search",
        "paid_social",
        "tv",
        "intercept",
        "trend",
        "seasonality",
        "control:promotion",
        "control:price_index",
    ]


def test_baseline_components_follow_their_formulas(known_fit):
    parts = known_fit.contributions().sel(sample=8, market="DE")
    draw = known_fit.draws().sel(sample=8, market="DE")
    np.testing.assert_allclose(parts.sel(component="trend"), float(draw.trend) * np.arange(60) / 59)
    day = known_fit.panel.weeks.dayofyear.to_numpy() / 365.25 * 2 * np.pi
    b = draw.fourier_coefficient.values
    season = b[0] * np.sin(day) + b[1] * np.sin(2 * day) + b[2] * np.cos(day) + b[3] * np.cos(2 * day)
    np.testing.assert_allclose(parts.sel(component="seasonality"), season)
    promotion = known_fit.panel.dataset.controls.sel(market="DE", control="promotion").values
    standardised = (promotion - promotion.mean()) / promotion.std()
    np.testing.assert_allclose(
        parts.sel(component="control:promotion"),
        float(draw.control_coefficient.sel(control="promotion")) * standardised,
    )


@pytest.mark.parametrize("window", ["all", "last_13_weeks"])
def test_returns_equal_counterfactuals_by_hand(known_fit, window):
    start = {"all": 0, "last_13_weeks": 47}[window]
    answer = known_fit.returns(window)
    for market, channel in [("US", "tv"), ("DE", "search")]:
        actual = np.concatenate([spend_of(known_fit, market, channel), np.zeros(12)])
        without, more = actual.copy(), actual.copy()
        without[start:60], more[start:60] = 0, actual[start:60] * 1.1
        base, lost, gained = (by_hand(known_fit, 5, market, channel, path).sum() for path in (actual, without, more))
        spend = actual[start:60].sum()
        cell = answer.sel(sample=5, market=market, channel=channel)
        assert float(cell.spend) == pytest.approx(spend)
        assert float(cell.contribution) == pytest.approx(base - lost, rel=1e-9)
        assert float(cell.roas) == pytest.approx((base - lost) / spend, rel=1e-9)
        assert float(cell.mroas) == pytest.approx((gained - base) / (0.1 * spend), rel=1e-8)


def test_total_over_markets_is_a_ratio_of_sums(known_fit):
    answer = known_fit.returns("last_13_weeks")
    markets, total = answer.sel(market=["US", "DE"]).sum("market"), answer.sel(market="all")
    np.testing.assert_allclose(total.contribution, markets.contribution)
    np.testing.assert_allclose(total.roas, markets.contribution / markets.spend)
    weighted = (answer.mroas * answer.spend).sel(market=["US", "DE"]).sum("market") / markets.spend
    np.testing.assert_allclose(total.mroas, weighted)


def test_in_the_linear_range_roas_and_marginal_roas_are_the_slope_at_zero(build_known_fit, known_draws):
    """With lam near 0 the response is coefficient * lam / 2 * spend / scale, whatever the carryover."""
    fit = build_known_fit(posterior=known_draws.assign(saturation_lam=known_draws.saturation_lam * 1e-6))
    draw = fit.draws()
    slope = draw.media_coefficient * draw.saturation_lam / 2 / fit.scales.spend_scale
    for window in ("all", "last_13_weeks"):
        answer = fit.returns(window).sel(market=["US", "DE"])
        np.testing.assert_allclose(answer.roas, slope.transpose("sample", "market", "channel"), rtol=1e-6)
        np.testing.assert_allclose(answer.mroas, slope.transpose("sample", "market", "channel"), rtol=1e-6)


def test_diminishing_returns_put_marginal_roas_below_roas(known_fit):
    answer = known_fit.returns()
    assert (answer.mroas < answer.roas).all()


def test_marginal_roas_approaches_the_derivative_as_the_raise_shrinks(known_fit):
    coarse, fine, finer = (known_fit.returns(lift=lift).mroas.mean() for lift in (0.1, 0.01, 0.001))
    assert abs(float(finer - fine)) < 0.2 * abs(float(fine - coarse))


def test_return_on_nothing_is_unknown_not_zero(known_fit):
    dataset = known_fit.panel.dataset.copy(deep=True)
    dataset["spend"].loc[{"channel": "tv", "market": "DE"}] = 0.0
    fit = Fit(known_fit.spec, Panel(dataset), known_fit.posterior, known_fit.scales, known_fit.info)
    cell = fit.returns().sel(channel="tv", market="DE")
    assert (cell.contribution == 0).all()
    assert cell.roas.isnull().all()
    assert cell.mroas.isnull().all()


def test_a_raise_must_be_positive(known_fit):
    with pytest.raises(FitError, match="lift is 0"):
        known_fit.returns(lift=0)


def test_response_curve_is_the_settled_response_to_a_steady_spend(known_fit):
    curves = known_fit.response_curves(n_points=5)
    spend = curves.spend.isel(point=3)
    steady = xr.zeros_like(known_fit.panel.dataset.spend) + spend.drop_vars("point")
    settled = known_fit.media_response(steady).isel(week=-1)
    xr.testing.assert_allclose(settled.drop_vars("week"), curves.response.isel(point=3).drop_vars("point"))
    assert (curves.response.isel(point=0) == 0).all()


def test_response_curve_reaches_twice_the_mean_spend_and_tells_what_was_observed(known_fit):
    curves = known_fit.response_curves()
    mean = known_fit.panel.dataset.spend.mean("week")
    np.testing.assert_allclose(curves.spend.isel(point=-1), 2 * mean.transpose(*curves.spend.dims[:2]))
    assert curves.response.dims == ("sample", "market", "channel", "point")
    assert curves.is_observed.isel(point=20).all()
    assert not curves.is_observed.isel(point=0).any()
    far = known_fit.response_curves(max_multiple=20.0).is_observed
    assert not far.isel(point=-1).any()


def test_response_curves_need_points(known_fit):
    with pytest.raises(FitError, match="2 points or more"):
        known_fit.response_curves(n_points=1)


def test_noise_has_the_spread_of_sigma_and_a_seed(known_fit):
    mean, noisy = known_fit.predict(), known_fit.predict(noise=True)
    spread = (noisy - mean).std(("sample", "week"))
    np.testing.assert_allclose(spread, known_fit.draws().sigma.mean("sample"), rtol=0.05)
    xr.testing.assert_identical(noisy, known_fit.predict(noise=True))
    assert not noisy.equals(known_fit.predict(noise=True, seed=99))


def test_prediction_follows_the_outcome(known_fit):
    outcome = known_fit.panel.dataset.outcome
    error = abs(known_fit.predict().mean("sample") / outcome - 1).mean()
    assert float(error) < 0.005


def future_panel(fit: Fit) -> Panel:
    weeks = pd.date_range("2024-02-26", periods=5, freq="7D")
    later = fit.panel.dataset.isel(week=slice(-5, None)).assign_coords(week=weeks)
    return Panel(later.assign(outcome=later.outcome * np.nan))


def test_future_weeks_carry_spend_in_and_go_on_with_trend_season_and_controls(known_fit):
    future = future_panel(known_fit)
    joined = Panel(xr.concat([known_fit.panel.dataset, future.dataset], dim="week", data_vars="minimal"))
    whole, tail = known_fit.predict(joined), known_fit.predict(future)
    np.testing.assert_allclose(tail, whole.isel(week=slice(60, None)), rtol=1e-12)
    np.testing.assert_allclose(whole.isel(week=slice(0, 60)), known_fit.predict(), rtol=1e-12)


def test_scales_are_those_of_the_training_data(known_fit):
    """Doubled future controls must not be standardised by their own spread."""
    future = future_panel(known_fit)
    doubled = Panel(future.dataset.assign(controls=future.dataset.controls * 2))
    effect = known_fit.predict(doubled) - known_fit.predict(future)
    scaled = future.dataset.controls / known_fit.scales.control_scale
    expected = (known_fit.draws().control_coefficient * scaled).sum("control")
    np.testing.assert_allclose(effect, expected.transpose(*effect.dims), rtol=1e-8)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.isel(market=[0]), "lacks the markets DE"),
        (lambda d: d.isel(channel=[0, 1]), "lacks the channels tv"),
        (lambda d: d.isel(control=[0]), "lacks the controls price_index"),
        (lambda d: d.assign(controls=d.controls.where(d.control != "promotion")), "control 'promotion' in market 'US'"),
    ],
)
def test_a_future_panel_that_lacks_something_is_refused(known_fit, change, message):
    with pytest.raises(FitError, match=message):
        known_fit.predict(Panel(change(future_panel(known_fit).dataset)))


def test_thinned_answers_are_a_selection_of_the_full_ones(known_fit):
    full = known_fit.returns()
    for few in (known_fit.returns(max_samples=10), known_fit.returns(max_samples=1)):
        np.testing.assert_allclose(few.roas, full.roas.sel(sample=few.sample.values), rtol=1e-12)
    assert known_fit.contributions(max_samples=10).sample.values.tolist() == few_samples(known_fit, 10)
    assert known_fit.predict(max_samples=500).sizes["sample"] == 100


def few_samples(fit: Fit, n: int) -> list[int]:
    return fit.response_curves(max_samples=n).sample.values.tolist()


def test_samples_run_chain_after_chain(known_fit):
    expected = known_fit.posterior.sigma.sel(chain=1, draw=4).values
    np.testing.assert_array_equal(known_fit.draws().sigma.sel(sample=54).values, expected)


def test_thin_keeps_chains_and_spreads_over_draws(known_fit):
    thinned = known_fit.thin(20)
    assert (thinned.samples, thinned.posterior.sizes["chain"]) == (20, 2)
    assert thinned.posterior.draw.values[[0, -1]].tolist() == [0, 49]
    assert known_fit.thin(1).samples == 1
    assert known_fit.thin(10_000).samples == 100
    assert thinned.info == known_fit.info
    with pytest.raises(FitError, match="0 draws"):
        known_fit.thin(0)
    with pytest.raises(FitError, match="max_samples is 0"):
        known_fit.predict(max_samples=0)


@pytest.mark.parametrize(
    ("kind", "parameters", "half_effect"),
    [
        ("hill", {"slope": 1.5, "kappa": 0.5}, 0.5),
        ("michaelis_menten", {"lam": 0.4}, 0.4),
        ("tanh", {"b": 0.8, "c": 0.9}, 0.8 * 0.9 * np.arctanh(0.5)),
    ],
)
def test_other_saturation_kinds_reach_half_their_effect_where_they_should(
    build_known_fit, known_spec, known_draws, kind, parameters, half_effect
):
    data = known_spec.to_dict()
    data["media"]["saturation"] = {"kind": kind}
    for channel in data["channels"].values():
        channel["saturation"] = {"kind": kind}
    one = xr.ones_like(known_draws.media_coefficient)
    posterior = known_draws.assign({f"saturation_{name}": one * value for name, value in parameters.items()})
    fit = build_known_fit(ModelSpec.from_dict(data), posterior)
    spend = flat_spend(fit, "2024-02-26", 30, 1.0) * fit.scales.spend_scale * half_effect
    settled = fit.media_response(spend).isel(week=-1)
    half = fit.draws().media_coefficient / 2
    np.testing.assert_allclose(settled, half.transpose("sample", "market", "channel"), rtol=1e-10)


def test_an_engine_may_have_used_a_longer_memory_than_the_spec_asks(known_fit):
    scales = known_fit.scales.assign(adstock_max_lag=("channel", [10, 10, 10]))
    longer = Fit(known_fit.spec, known_fit.panel, known_fit.posterior, scales, known_fit.info)
    assert (known_fit.max_lag, longer.max_lag) == (10, 10)
    assert [int(n) for n in known_fit.scales.adstock_max_lag] == [4, 4, 10]
    spend, short = known_fit.panel.dataset.spend, known_fit.media_response(known_fit.panel.dataset.spend)
    assert not longer.media_response(spend).sel(channel="paid_social").equals(short.sel(channel="paid_social"))


def test_future_weeks_follow_the_data(known_fit):
    assert str(known_fit.future_weeks[0].date()) == "2024-02-26"
    assert len(known_fit.future_weeks) == 10
