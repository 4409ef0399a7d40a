"""Intervals hold the truth as often as they say, and a reading left out falls where the others expect it."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chisquare, norm

from benchmarks.evidence.triangulation import SCENARIOS, draw_world
from mmm_models.evidence.triangulation import (
    BiasPriors,
    Sources,
    Spreads,
    experiments_dataset,
    mmm_dataset,
    triangulate,
)
from mmm_models.evidence.triangulation.gaussian import build, condition, log_likelihood
from mmm_models.evidence.triangulation.held_out import leave_one_out
from mmm_models.evidence.triangulation.integrate import integrate
from tests.unit.mmm_models.triangulation.readings import readings


def test_intervals_cover_and_untested_channels_come_nearer_the_truth_than_by_hand():
    inside, errors = [], {"hierarchical": [], "weighted_average": [], "inverse_variance": []}
    scenario = SCENARIOS["as modelled"]
    untested = ~np.isin(np.arange(10), scenario.tested)
    for seed in range(40):
        truth, sources = draw_world(scenario, np.random.default_rng([99, seed]))
        for method, kept in errors.items():
            made = triangulate(sources, method, points=128)
            kept.append((np.log(made["roas_p50"].values) - truth)[untested])
            if method == "hierarchical":
                low, high = np.log(made["roas_p05"].values), np.log(made["roas_p95"].values)
                inside.append((low <= truth) & (truth <= high))
    # 400 intervals whose standard error over worlds is about 0.025.
    assert 0.83 <= np.mean(inside) <= 0.97
    rmse = {method: float(np.sqrt(np.mean(np.square(kept)))) for method, kept in errors.items()}
    assert rmse["hierarchical"] < 0.75 * rmse["weighted_average"] < rmse["inverse_variance"]


def test_truths_drawn_from_the_priors_rank_evenly_in_their_posteriors():
    """Simulation-based calibration (Talts et al. 2018): a fault in a formula would bend the histogram."""
    priors, channels = BiasPriors(theta_sd=0.5, theta_mean=0.0), [f"c{number}" for number in range(5)]
    rng, levels = np.random.default_rng(3), []
    covariance = 0.03 * np.eye(5) + 0.01
    for _ in range(250):
        spread = np.abs(rng.normal(0, priors.scales))
        truth = rng.normal(rng.normal(0, 0.5), spread[3], 5)
        bias = rng.normal(0, 0.5) + rng.normal(0, spread[1], 5)
        tests = pd.DataFrame({"test": channels[:3], "channel": channels[:3], "standard_error": 0.15})
        tests["estimate"] = truth[:3] + rng.normal(0, np.hypot(0.15, spread[0]), 3)
        model = mmm_dataset(channels, truth + bias + rng.multivariate_normal(np.zeros(5), covariance), covariance)
        problem = build(Sources(experiments_dataset(tests), model), priors)
        points = integrate(lambda values, problem=problem: log_likelihood(problem, values), priors.scales, 128, 0)
        found = condition(problem, points.values)
        # theta of a tested and of an untested channel, and the model's bias of each.
        for at, value in ((0, truth[0]), (4, truth[4]), (5, bias[0]), (9, bias[4])):
            levels.append(points.weights @ norm.cdf(value, found.mean[:, at], found.sd[:, at]))
    for own in np.array(levels).reshape(-1, 4).T:
        assert chisquare(np.histogram(own, bins=10, range=(0, 1))[0]).pvalue > 0.002


def test_a_poisoned_test_is_far_from_what_all_others_expect():
    _, sources = draw_world(SCENARIOS["as modelled"], np.random.default_rng(4))
    experiments = sources.experiments
    poisoned = experiments["estimate"].copy()
    poisoned[0] = poisoned[0] + 2.5
    honest = leave_one_out(sources, points=256)
    wrong = leave_one_out(Sources(experiments.assign(estimate=poisoned), sources.mmm, sources.attribution), points=256)
    first = f"experiment:{experiments['test'].values[0]}"
    assert (np.abs(honest["z"]) < 3).all()
    assert abs(float(wrong["z"].sel(reading=first))) > 3
    assert float(wrong["log_density"].sel(reading=first)) < float(honest["log_density"].sel(reading=first)) - 3


def test_log_density_of_readings_left_out_is_that_of_the_others_joint():
    """log p(y) = log p(y without one) + log p(one | the others), at known standard deviations."""
    spreads, priors, sources = Spreads(0.1, 0.3, 0.4, 0.5), BiasPriors(theta_sd=1.0), readings()
    problem = build(sources, priors)
    whole = log_likelihood(problem, spreads.row())[0]
    found = leave_one_out(sources, priors=priors, spreads=spreads)
    for at, name in enumerate(found["reading"].values):
        rest = problem.keep(np.arange(len(problem.y)) != at)
        expected = whole - log_likelihood(rest, spreads.row())[0]
        assert float(found["log_density"].sel(reading=name)) == pytest.approx(expected)
    by_source = leave_one_out(sources, "source", priors=priors, spreads=spreads)
    tests = np.array([name.startswith("experiment") for name in problem.names])
    expected = whole - log_likelihood(problem.keep(~tests), spreads.row())[0]
    assert by_source.attrs["log_density_experiment"] == pytest.approx(expected)
