"""What the benchmarks of experiments stand on: tables from known rows, a long memory, and tests under a wrong name."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.calibration import experiments
from benchmarks.calibration.ranks import chi_square
from benchmarks.calibration.run import spend_history
from benchmarks.calibration.truths import draw_truth
from benchmarks.evidence import bias, confounded, fits, overhead, poisoned
from mmm_models.engines.scales import scales_of
from mmm_models.evidence.operator import predicted_lift
from mmm_models.evidence.tension import tension
from mmm_models.spec import ModelSpec
from mmm_models.worlds.stress import make_world, true_returns


@pytest.fixture(scope="module")
def clean_fits():
    """Fits of three clean companies without tests, of few draws."""
    found = []
    for seed in (1, 2, 3):
        world = make_world("clean", seed)
        spec = fits.spec_of(world.panel, seed)
        few = spec.sampler.model_copy(update={"draws": 200, "tune": 300})
        found.append((world, fits.fit_with(world.panel, [], spec.model_copy(update={"sampler": few}))))
    return found


def test_a_test_filed_under_another_channel_raises_tension(clean_fits):
    """Each channel's go-dark test under its own name, and under that of the channel whose return is farthest off."""
    right, wrong = [], []
    for world, fit in clean_fits:
        returns = true_returns(world)["roas"].sel(market="US")
        channel = str(returns.channel.values[int(returns.argmax())])
        other = str(returns.channel.values[int(returns.argmin())])
        test = confounded.go_dark(world, channel)
        right.append(abs(tension(fit, test).z))
        wrong.append(abs(tension(fit, test.model_copy(update={"channel": other})).z))
    assert np.median(right) < 2
    assert np.median(wrong) > 3
    assert np.median(wrong) > 2 * np.median(right)


def test_a_poisoned_test_has_more_tension_than_a_good_one(clean_fits):
    for world, fit in clean_fits:
        test = confounded.go_dark(world, "search", relative_error=0.1)
        assert abs(tension(fit, poisoned.poisoned(test, -1.0)).z) > abs(tension(fit, test).z) + 1


def test_ten_tests_read_what_the_fit_expects(clean_fits):
    _, fit = clean_fits[0]
    tests = overhead.ten_tests(fit, seed=1)
    assert len({test.test_id for test in tests}) == 10
    assert {test.family for test in tests} == {"geo_lift", "go_dark", "heavy_up", "conversion_lift"}
    assert set(fit.panel.channels) == {test.channel for test in tests}
    for test in tests:
        assert abs(test.lift - float(predicted_lift(fit, test).mean())) < 4 * test.lift_se
    assert len(fits.evidence_of(tests, fit.spec, fit.panel).used) == 10


def test_a_refused_test_stops_the_benchmark():
    world = make_world("clean", 1)
    test = confounded.go_dark(world, "search").model_copy(update={"status": "draft"})
    with pytest.raises(ValueError, match=r"refused: .*draft"):
        fits.evidence_of([test], fits.spec_of(world.panel, 1), world.panel)


def test_the_most_confounded_channel_follows_the_wave():
    """In `search_follows_demand` it is search, whose spend alone answers demand."""
    assert [confounded.most_confounded(make_world("search_follows_demand", seed)) for seed in range(1, 6)] == [
        "search"
    ] * 5


def test_the_peer_gets_money_and_lift_a_week():
    world = make_world("clean", 1)
    test = confounded.go_dark(world, "tv", weeks=5)
    (row,) = confounded.peer_rows([test]).to_dict("records")
    assert (row["channel"], row["market"]) == ("tv", "US")
    assert row["x"] == -row["delta_x"] == pytest.approx(test.spend_baseline / 5)
    assert row["delta_y"] == pytest.approx(test.lift / 5)
    assert row["sigma"] == pytest.approx(test.lift_se / 5)
    prior = confounded.roas_prior(test)
    assert np.exp(prior["mu"]) == pytest.approx(test.lift / test.spend_delta)


def test_the_confounded_table_counts_errors_over_seeds():
    rows = pd.DataFrame(
        [
            {"who": who, "seed": seed, "tested": tested, "error": error, "inside_90": True, "seconds": 1.0, "z": 3.0}
            for seed in (1, 2, 3)
            for who, tested, error in (
                (confounded.NO_TEST, True, 1.0 * seed), (confounded.NO_TEST, False, 0.2),
                (confounded.OURS, True, -0.1 * seed), (confounded.OURS, False, 0.3),
            )
        ]
    )  # fmt: skip
    table = confounded.summary(rows).set_index("who")
    assert table.loc[confounded.OURS, "times_better"] == pytest.approx(10)
    assert table.loc[confounded.OURS, "bias_tested"] == pytest.approx(-0.2)
    assert table.loc[confounded.OURS, "error_untested"] == pytest.approx(0.3)
    assert table.loc[confounded.NO_TEST, "times_better"] == 1


def test_the_poisoned_table_counts_flags_of_each_kind():
    rows = pd.DataFrame(
        {
            "kind": "k", "seed": [1, 1, 2, 2], "poisoned": [True, False, True, False], "z": [-5.0, 2.5, 2.5, 0.1],
            "error_none": 0.4, "error_good": 0.1, "error_all": 0.8, "error_governed": 0.12, "error_reviewed": 0.11,
        }
    )  # fmt: skip
    (row,) = poisoned.summary(rows).to_dict("records")
    assert (row["flagged"], row["blocked"], row["false_flags"], row["false_blocks"]) == (1.0, 0.5, 0.5, 0.0)
    assert row["governed_over_good"] == pytest.approx(1.2)


def test_a_long_memory_keeps_seven_tenths_and_what_it_adds_is_in_the_outcome():
    world = make_world("clean", 2)
    long = bias.long_memory(world)
    weights = long.media.weights[world.panel.channels.index(bias.CHANNEL)]
    np.testing.assert_allclose(weights[1:] / weights[:-1], bias.RETENTION)
    # What is left is noise, the same as before.
    for part in (world, long):
        part_noise = part.panel.dataset["outcome"] - part.mean.isel(week=slice(0, 156))
        np.testing.assert_allclose(part_noise, world.panel.dataset["outcome"] - world.mean[:156], atol=1e-6)


def test_the_bias_table_has_the_error_of_its_means():
    rows = pd.DataFrame({"who": "w", "roas": [0.1, 0.3], "lift": [0.0, 0.2], "retention": 0.0, "deviation": 0.1})
    (row,) = bias.summary(rows).to_dict("records")
    assert row["bias_roas"] == pytest.approx(0.2)
    assert row["bias_roas_se"] == pytest.approx(np.sqrt(0.02) / np.sqrt(2))


def test_readings_scatter_as_the_designs_say():
    """Many readings of one truth: biases and noise together have the mean and spread of their closed forms."""
    spec = ModelSpec.from_dict(experiments._SPEC)
    history = spend_history(spec)
    scales = scales_of(history, spec).assign(outcome_scale=("market", np.ones(1)))
    rng = np.random.default_rng(3)
    truth = draw_truth(history, spec, scales, rng)
    values: dict[str, list[float]] = {}
    tests = [test for test in experiments.templates(history) if test.test_id in ("geo", "both")]
    for _ in range(150):
        evidence = experiments.simulated(truth, history, tests, experiments.draw_biases(spec, rng), rng)
        for test in evidence.used:
            values.setdefault(test.test_id, []).append(test.lift)
    contrast = {test.test_id: float(predicted_lift(truth, test).sum()) for test in tests}
    # Geo: factor exp(0.1 z), scatter 0.1 |z|, half the quality, Student-t of 6: variance 6 / 4 of its scale's.
    geo, error = contrast["geo"], 0.15 * 0.3
    factor = np.exp(2 * 0.1**2)
    variance = (np.exp(0.1**2) - 1) * np.exp(0.1**2) * geo**2 + 1.5 * (error**2 / 0.5 + 0.01 * factor * geo**2)
    assert np.mean(values["geo"]) == pytest.approx(np.exp(0.005) * geo, abs=4 * np.sqrt(variance / 150))
    assert np.std(values["geo"]) == pytest.approx(np.sqrt(variance), rel=0.35)
    # Heavy-up of the whole market: 1 % of the outcome of 7 weeks, which is 1 a week, comes on top.
    both = contrast["both"]
    error = np.sqrt(0.04 * both**2 + 1.5 * (0.15**2 + 0.05**2 * both**2))
    assert np.mean(values["both"]) == pytest.approx(np.exp(0.02) * both + 0.07, abs=5 * error / np.sqrt(150))


def test_ranks_of_a_few_fits_are_not_at_one_end():
    """Five fits of few draws: coarse, but a sign or a unit that is wrong puts ranks at an end."""
    ranks, _, _ = experiments.ranked(seed=7, fits=5, chains=2, tune=150, draws=120)
    assert {"lift blocks 0", "factor of geo_lift", "offset of switchback", "contribution, roas US tv"} <= set(ranks)
    lifts = np.concatenate([found for name, found in ranks.items() if name.startswith(("lift", "factor", "offset"))])
    assert chi_square(lifts, 100, 4)[1] > 1e-4
    assert 30 < lifts.mean() < 70
