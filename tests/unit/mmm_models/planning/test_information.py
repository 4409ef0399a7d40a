"""Values of information against closed forms, and where they must not be.

Two lines share one step of money: A brings a (normal), B brings b. Knowing more decides which of two actions is taken,
which is the problem of Raiffa & Schlaifer with a linear loss: with D = a - b of mean m, and s the standard deviation
that the expected D will have once the information is there, its value is s L(|m| / s), L(u) = phi(u) - u (1 - Phi(u)).
"""

import itertools

import numpy as np
import pytest
import xarray as xr
from scipy.stats import norm

from mmm_models.planning.constraints import line_bounds, status_quo_spend
from mmm_models.planning.grid import MoneyGrid
from mmm_models.planning.information import Information
from mmm_models.planning.objective import HorizonObjective
from mmm_models.planning.tables import JointTable, joint_table
from tests.known_fit import known_posterior

SAMPLES = 8000
MEAN, SPREAD = 0.5, 2.0


def two_lines(a, b):
    """The step of money goes to A or to B."""
    values = np.zeros((len(a), 2, 2), dtype=np.float32)
    values[:, 0, 1], values[:, 1, 1] = a, b
    grid = MoneyGrid(lower=np.zeros(2), step=1.0, most=np.ones(2, dtype=int), money=1)
    return JointTable((("US", "a"), ("US", "b")), grid, values)


def linear_loss(mean, spread):
    u = abs(mean) / spread
    return spread * (norm.pdf(u) - u * norm.sf(u))


@pytest.fixture(scope="module")
def a():
    return np.random.default_rng(1).normal(MEAN, SPREAD, SAMPLES)


@pytest.fixture(scope="module")
def known_b(a):
    return Information(two_lines(a, np.zeros(SAMPLES)))


def close(found, expected):
    """Within three Monte Carlo standard errors, and these small enough to tell."""
    assert found.error < 0.05
    assert abs(found.value - expected) < 3 * found.error + 0.01


def test_perfect_information_is_worth_the_linear_loss_integral(known_b):
    close(known_b.of_everything(), linear_loss(MEAN, SPREAD))


def test_a_line_that_is_all_there_is_to_know_is_worth_as_much_and_a_known_one_nothing(known_b):
    close(known_b.of_line(0), linear_loss(MEAN, SPREAD))
    assert known_b.of_line(1).value == 0.0


@pytest.mark.parametrize("error", [0.5, 2.0, 6.0])
def test_a_test_is_worth_the_linear_loss_of_what_it_will_move(known_b, a, error):
    moved = SPREAD**2 / np.hypot(SPREAD, error)
    close(*known_b.of_reading(a, [error]), linear_loss(MEAN, moved))


def test_what_a_line_tells_of_another_counts():
    rng = np.random.default_rng(3)
    shared = rng.normal(size=SAMPLES)
    a = 0.3 + shared + 0.5 * rng.normal(size=SAMPLES)
    b = 0.8 * shared + rng.normal(size=SAMPLES)
    information = Information(two_lines(a, b))
    # E[a - b | a] has the standard deviation |cov(a - b, a)| / sd(a).
    close(information.of_line(0), linear_loss(0.3, (1.25 - 0.8) / np.sqrt(1.25)))
    close(information.of_line(1), linear_loss(0.3, (1.64 - 0.8) / np.sqrt(1.64)))
    close(information.of_everything(), linear_loss(0.3, np.sqrt(0.2**2 + 0.25 + 1.0)))


def test_a_test_without_error_is_worth_what_knowing_the_line_is_and_one_of_noise_nothing(known_b, a):
    exact, blind = known_b.of_reading(a, [0.0, 1e6])
    assert exact.value == pytest.approx(known_b.of_line(0).value, rel=0.03)
    assert abs(blind.value) <= 2 * blind.error + 1e-9


def test_a_larger_error_never_makes_a_test_worth_more(known_b, a):
    values = [found.value for found in known_b.of_reading(a, [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0])]
    assert all(better > worse for better, worse in itertools.pairwise(values[:5]))
    assert all(better >= worse - 1e-3 for better, worse in itertools.pairwise(values))


def test_the_value_is_the_same_in_every_run(known_b, a):
    again = Information(two_lines(a, np.zeros(SAMPLES)))
    assert again.of_reading(a, [1.0]) == known_b.of_reading(a, [1.0])


def test_noise_that_says_nothing_is_not_bought():
    """In sample, a regression on nothing would seem to pay; held out, it does not."""
    rng = np.random.default_rng(5)
    information = Information(two_lines(rng.normal(size=200), rng.normal(size=200)))
    (blind,) = information.of_reading(rng.normal(size=200), [0.0])
    assert blind.value < 2.5 * blind.error + 1e-9


def test_plans_are_not_valued_on_the_draws_that_chose_them():
    """Of 20 lines that differ by luck only, the one that few draws like best is no better; perfect knowledge is."""
    rng = np.random.default_rng(6)
    lines, draws, runs = 20, 60, 40
    grid = MoneyGrid(lower=np.zeros(lines), step=1.0, most=np.ones(lines, dtype=int), money=1)
    found = []
    for _ in range(runs):
        values = np.zeros((draws, lines, 2), dtype=np.float32)
        values[:, :, 1] = rng.normal(size=(draws, lines))
        found.append(Information(JointTable(tuple(("US", str(i)) for i in range(lines)), grid, values)).of_everything())
    largest_of_20 = 1.867  # expected maximum of 20 standard normals; in sample it would come out 0.34 lower
    assert np.mean([each.value for each in found]) == pytest.approx(largest_of_20, abs=0.1)


def test_a_known_line_is_known_at_every_level_not_only_in_its_two_scores():
    values = np.zeros((400, 2, 5), dtype=np.float32)
    values[:, 0, 1:] = np.random.default_rng(9).normal(size=(400, 4))
    grid = MoneyGrid(lower=np.zeros(2), step=1.0, most=np.array([4, 4]), money=4)
    information = Information(JointTable((("US", "a"), ("US", "b")), grid, values))
    assert information.of_line(0).value == pytest.approx(information.of_everything().value)


@pytest.fixture(scope="module")
def of_fit(build_known_fit):
    fit = build_known_fit(posterior=known_posterior(spread=0.15, draws=300))
    now = status_quo_spend(fit.panel.dataset["spend"].sel(channel=fit.panel.paid), 8)
    bounds = line_bounds(fit.spec, now)
    objective = HorizonObjective.from_fit(fit, 8, np.arange(fit.samples))
    return objective, joint_table(objective, bounds, float(now.sum()), 60)


def test_the_table_holds_what_the_objective_says_of_every_draw(of_fit):
    objective, table = of_fit
    steps = np.minimum(table.grid.most, 3)
    by_line = dict(zip(table.lines, table.grid.levels(steps), strict=True))
    levels = xr.DataArray(
        [[by_line.get((m, c), 0.0) for c in objective.channels] for m in objective.markets],
        coords={"market": list(objective.markets), "channel": list(objective.channels)},
        dims=("market", "channel"),
    )
    for i, (market, channel) in enumerate(table.lines):
        expected = objective.responses(levels).sel(market=market, channel=channel).values
        np.testing.assert_allclose(table.values[:, i, steps[i]], expected, rtol=1e-5)


def test_of_a_fit_a_line_is_worth_no_more_than_everything_and_a_test_no_more_than_its_line(of_fit):
    _, table = of_fit
    information = Information(table)
    everything = information.of_everything()
    for line in range(len(table.lines)):
        known = information.of_line(line)
        assert known.value <= everything.value
        swing = table.values[:, line, table.grid.most[line]] - table.values[:, line, 0]
        (tested,) = information.of_reading(swing.astype(float), [float(swing.std())])
        assert tested.value <= known.value + 2 * (tested.error + known.error)
