"""Which laydown a line takes: even spend on concave curves, pulses on S-shaped ones where money is short."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from mmm_models.planning.flighting import flighting_report
from mmm_models.planning.horizon.patterns import even, greatest_level, pulses, starts
from mmm_models.planning.objective import HorizonObjective
from mmm_models.spec import ModelSpec
from tests.known_stacked import make_stacked
from tests.weekly_programme import best_path, every_path, path_value
from tests.wide_fit import make_wide_fit


def hill(slope: float):
    return lambda x: np.where(x > 0, x**slope, 0.0) / (x**slope + 0.5**slope)


def repeated(paths: np.ndarray, alpha: float) -> np.ndarray:
    """Adstock (path, week) of paths (path, week) that are repeated for ever."""
    weeks, lags = paths.shape[1], np.arange(200)
    weights = (1 - alpha) * alpha**lags
    kernel = np.array([weights[lags % weeks == gap].sum() for gap in range(weeks)])
    return sum(kernel[gap] * np.roll(paths, gap, axis=1) for gap in range(weeks))


@pytest.mark.parametrize("alpha", [0.3, 0.6, 0.8])
@pytest.mark.parametrize("slope", [0.8, 1.0, 1.5, 2.0, 3.0])
def test_of_all_ways_to_lay_money_the_best_is_in_the_menu_or_nearly(slope, alpha):
    paths = every_path(8.0, weeks=8, steps=12)
    menu = np.array([even(8), *pulses(8).values()])
    for level in (0.1, 0.2, 0.35, 0.6):
        best, own = (hill(slope)(level * repeated(those, alpha)).sum(axis=1) for those in (paths, menu))
        assert own.max() >= best.max() * 0.995
        if slope <= 1:
            # Even spend is no path of 12 steps over 8 weeks; it beats them all.
            assert own[0] == own.max() >= best.max()


def test_the_programme_of_the_best_path_agrees_with_brute_force():
    for slope, money in ((0.8, 2.0), (2.0, 1.0), (3.0, 0.6)):
        setting = {"alpha": 0.5, "weight": 0.5}
        every = every_path(money, weeks=4, steps=8)
        values = [path_value(hill(slope), path=path, before=0.2, **setting) for path in every]
        found = best_path(hill(slope), money=money, weeks=4, steps=8, before=0.2, points=2000, **setting)
        assert path_value(hill(slope), path=found, before=0.2, **setting) == pytest.approx(max(values), rel=1e-4)


def test_the_best_path_of_a_concave_curve_is_even_where_spend_goes_on_and_ends_in_a_burst_where_it_stops():
    setting = {"alpha": 0.6, "weight": 0.4, "money": 7.8, "weeks": 13, "steps": 52, "before": 0.6}
    np.testing.assert_allclose(best_path(hill(1.0), after=0.6, **setting), 0.6)
    stops = best_path(hill(1.0), **setting)
    assert stops[-1] > 2 * stops[1:-1].max()


@pytest.fixture(scope="module")
def objective():
    """Slopes from 0.7 to 2.2, markets that spend 45 % of kappa or so."""
    fit = make_wide_fit(6, draws=200)
    return HorizonObjective.from_fit(fit, 13, np.arange(100))


def test_a_concave_line_is_even_and_an_s_shaped_one_with_little_money_is_pulsed(objective):
    now = objective.terms.now
    shaped = objective.prob_s_shaped.squeeze("market")
    assert float(shaped.sel(channel="c0")) < 0.05 < 0.95 < float(shaped.sel(channel="c5"))
    for multiple in (0.1, 0.3, 1.0, 3.0):
        assert objective.laydowns(multiple * now).name.sel(channel="c0").item() == "continuous"
    assert objective.laydowns(0.2 * now).name.sel(channel="c5").item() != "continuous"
    assert objective.laydowns(5.0 * now).name.sel(channel="c5").item() == "continuous"


def test_a_laydown_is_taken_only_where_it_gains_in_the_plan_and_in_a_plan_that_is_repeated(objective):
    levels = 0.2 * objective.terms.now
    pulsed = (objective.laydowns(levels).name != "continuous").squeeze("market")
    assert pulsed.any()
    for answer in ("responses", "repeated_responses"):
        taken, flat = (
            getattr(own, answer)(levels).mean("sample").squeeze("market") for own in (objective, objective.evenly)
        )
        assert (taken[pulsed] > flat[pulsed]).all()
        np.testing.assert_allclose(taken[~pulsed], flat[~pulsed])


def test_no_pulse_leaves_what_the_data_have_seen(objective):
    now, seen = objective.terms.now, objective.terms.seen
    pulsed = 0
    for multiple in np.geomspace(0.03, 3.0, 40):
        levels = multiple * now
        own = objective.laydowns(levels)
        pulsed += int((own.name != "continuous").sum())
        greatest = objective.spend(levels).max("week")
        assert (greatest <= np.maximum(1.25 * seen, levels) * (1 + 1e-9)).all()
    assert pulsed > 20


def test_a_table_has_the_curve_on_both_sides_of_where_a_laydown_changes(objective):
    now = objective.terms.now.values.ravel()
    table = objective.table(0.05 * now, 5 * now)
    for k in (7, 60, 140):
        values, slopes = objective.mean_by_line(table.levels[:, k])
        np.testing.assert_allclose(table.values[:, k], values, rtol=1e-4)
        np.testing.assert_allclose(table.slopes[:, k], slopes, rtol=5e-3)
    assert (np.diff(table.levels, axis=1) > 0).all()


def test_pulses_are_as_asked_whatever_curves_say():
    fit = make_wide_fit(2, draws=40, flighting={"channels": {"c0": "pulsed"}, "default": "continuous"})
    objective = HorizonObjective.from_fit(fit, 13, np.arange(20))
    names = objective.laydowns(objective.terms.now).name.squeeze("market")
    assert names.sel(channel="c0").item() in pulses(13)
    assert names.sel(channel="c1").item() == "continuous"


def test_a_channel_that_may_not_be_planned_stays_even():
    fit = make_wide_fit(2, draws=40, flighting={"default": "pulsed"})
    spec = fit.spec.to_dict()
    spec["channels"]["c1"] = {"plannable": False}
    objective = HorizonObjective.from_fit(replace(fit, spec=ModelSpec.from_dict(spec)), 13, np.arange(20))
    assert objective.laydowns(objective.terms.now).name.sel(channel="c1").item() == "continuous"


def test_pulses_have_mean_one_and_all_their_starts_too():
    for weeks in (1, 2, 13):
        for name, weights in pulses(weeks).items():
            moved = starts(name, weights)
            assert len(moved) == weeks
            np.testing.assert_allclose([own.mean() for own in moved.values()], 1.0)
    assert pulses(1) == {}


def test_the_highest_level_under_a_weekly_maximum():
    committed, weights = np.array([0.0, 6.0, 0.0]), np.array([1.5, 1.5, 0.0])
    most = greatest_level(weights, committed, cap=12.0)
    path = committed + (most - 2.0) * weights
    assert path.max() == pytest.approx(12.0)
    assert greatest_level(weights, committed, np.inf) == np.inf


def test_the_share_of_s_shaped_draws_counts_the_structures():
    # 30 of 100 draws are logistic; of the Hill ones slopes are lam / 2, of search in the US about 1.25.
    objective = HorizonObjective.from_fit(make_stacked(), 8, np.arange(100))
    shares = objective.prob_s_shaped
    assert float(shares.sel(market="US", channel="search")) == pytest.approx(0.7)
    assert float(shares.sel(market="US", channel="paid_social")) < 0.1


def test_the_report_tells_a_finding_from_a_habit():
    fit = make_wide_fit(6, draws=400)
    chooser = HorizonObjective.from_fit(fit, 13, np.arange(200))
    reporter = HorizonObjective.from_fit(fit, 13, np.arange(200, 400), chooser=chooser)
    levels = 0.2 * chooser.terms.now
    laid = chooser.laydowns(levels)
    report = flighting_report(chooser, reporter, levels, laid).squeeze("market")
    concave, shaped = report.sel(channel="c0"), report.sel(channel="c5")
    assert (concave.laydown.item(), concave.verdict.item()) == ("continuous", "habit")
    assert float(concave.gain.max()) < 0
    assert (shaped.laydown.item(), shaped.verdict.item()) == (shaped.pulses.item(), "finding")
    assert float(shaped.gain_share) > 0.05
    assert float(shaped.prob_gain_positive) > 0.9
    # By hand, for one draw: weeks of a plan that is repeated, with an adstock of eight weeks.
    draw = fit.draws().isel(sample=203).sel(channel="c5").squeeze("market")
    alpha = float(draw.adstock_alpha)
    kernel = alpha ** np.arange(8) / (alpha ** np.arange(8)).sum()
    scale = float(fit.scales["spend_scale"].sel(channel="c5").squeeze())
    weights = laid.weight.sel(channel="c5").squeeze("market").values
    money = float(levels.sel(channel="c5").squeeze())
    pressure = sum(kernel[lag] * np.roll(money * weights, lag) for lag in range(8)) / scale

    def outcome(x: np.ndarray) -> float:
        slope, kappa = float(draw.saturation_slope), float(draw.saturation_kappa)
        return float(draw.media_coefficient) * float((x**slope / (kappa**slope + x**slope)).sum())

    gain = outcome(pressure) - outcome(np.full(13, money / scale))
    assert float(shaped.gain.sel(sample=203)) == pytest.approx(gain, rel=1e-6)


def test_a_line_without_money_gains_nothing_by_pulses(objective):
    nothing = xr.zeros_like(objective.terms.now)
    report = flighting_report(objective, objective, nothing, objective.laydowns(nothing))
    assert float(np.abs(report.gain).max()) == 0
    assert set(report.verdict.values.ravel()) == {"habit"}
