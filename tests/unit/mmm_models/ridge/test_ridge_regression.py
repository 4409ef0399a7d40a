"""The regression inside the ridge engine, against scipy and against brute force."""

import numpy as np
import pytest
from scipy import optimize, stats

from mmm_models.engines.ridge.bootstrap import blocks_of_weeks
from mmm_models.engines.ridge.estimate import curves_found, estimate
from mmm_models.engines.ridge.nonnegative import nonnegative
from mmm_models.engines.ridge.penalty import held_out_error
from mmm_models.engines.ridge.problem import build, candidates
from mmm_models.engines.ridge.quantiles import quantile
from mmm_models.engines.ridge.search import search
from mmm_models.engines.scales import scales_of
from mmm_models.errors import EngineError
from mmm_models.spec.priors import prior
from tests.small_company import SPEC, make_panel


@pytest.fixture(scope="module")
def problem():
    panel = make_panel()
    return build(panel, SPEC, scales_of(panel, SPEC))


@pytest.fixture(scope="module")
def made(problem):
    return estimate(problem, np.random.default_rng(1))


def with_baseline(problem, made, market: int) -> tuple[np.ndarray, np.ndarray]:
    """Columns of the baseline and the curves found, side by side (week, column), and the outcome, on its unit."""
    curves = curves_found(problem, made.library, made.found)[market]
    return np.column_stack([problem.design[market], curves.T]), problem.outcome[market] / problem.unit[market]


def bounded(rows: np.ndarray, outcome: np.ndarray, ridge: float, media: int) -> np.ndarray:
    """The same regression by scipy: media are the last columns, penalised and not negative."""
    columns = rows.shape[1]
    penalty = np.sqrt(ridge) * np.eye(columns)[columns - media :]
    least = np.where(np.arange(columns) < columns - media, -np.inf, 0.0)
    solved = optimize.lsq_linear(
        np.vstack([rows, penalty]), np.concatenate([outcome, np.zeros(media)]), (least, np.inf), tol=1e-14
    )
    return solved.x


def test_nonnegative_coefficients_are_those_of_scipy():
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(60, 40, 6)) + 2 * rng.normal(size=(60, 40, 1))  # columns that move together
    outcome = 2 * rng.normal(size=(60, 40)) + rows @ rng.uniform(-0.3, 0.5, size=6)
    found = nonnegative(rows.transpose(0, 2, 1) @ rows, np.einsum("pti,pt->pi", rows, outcome))
    expected = np.array([optimize.nnls(rows[p], outcome[p])[0] for p in range(60)])
    assert (found >= 0).all()
    assert 0.2 < (expected == 0).mean() < 0.8
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_a_problem_without_a_least_value_is_an_error_and_no_endless_loop():
    with pytest.raises(EngineError, match="no coefficients of 0 or more"):
        nonnegative(np.array([[-1.0]]), np.array([1.0]))


def test_the_estimate_is_the_ridge_regression_with_an_unpenalised_baseline(problem, made):
    for market in range(2):
        rows, outcome = with_baseline(problem, made, market)
        expected = bounded(rows, outcome, made.penalty * problem.weeks, media=3)
        np.testing.assert_allclose(made.found.theta[0, market], expected[-3:], atol=1e-6)


def test_the_search_finds_the_best_of_all_combinations(problem):
    """Twelve candidates of each of three channels: all 1,728 ways, one by one."""
    rng = np.random.default_rng(8)
    library = [candidates(problem, channel, rng.random((12, 2))) for channel in range(3)]
    response = (problem.freed(problem.outcome) / problem.unit[:, None])[None]
    every = np.stack(np.meshgrid(*[np.arange(12)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    curves = np.stack(
        [library[c].freed[:, every[:, c]] for c in range(3)], axis=2
    )  # market, combination, channel, week
    gram = np.einsum("mpct,mpdt->mpcd", curves, curves) + 0.5 * np.eye(3)
    theta = nonnegative(gram, np.einsum("mpct,mt->mpc", curves, response[0]))
    left = response[0][:, None] - np.einsum("mpct,mpc->mpt", curves, theta)
    objective = (left**2).sum(axis=(0, 2)) + 0.5 * (theta**2).sum(axis=(0, 2))
    starts = rng.integers(12, size=(8, 3))
    found = search(library, np.repeat(response, 8, axis=0), 0.5 / problem.weeks, starts).best()
    assert found.objective[0] == pytest.approx(objective.min(), rel=1e-9)
    assert found.chosen[0].tolist() == every[objective.argmin()].tolist()


def test_held_out_error_is_that_of_refits_without_each_block(problem, made):
    path = np.array([1e-4, 1e-2, 1.0])
    expected = np.zeros(3)
    for market in range(2):
        rows, outcome = with_baseline(problem, made, market)
        for held in np.array_split(np.arange(problem.weeks), 5):
            seen = np.setdiff1d(np.arange(problem.weeks), held)
            for i, penalty in enumerate(path):
                x = bounded(rows[seen], outcome[seen], penalty * len(seen), media=3)
                expected[i] += ((outcome[held] - rows[held] @ x) ** 2).sum()
    curves = curves_found(problem, made.library, made.found)
    np.testing.assert_allclose(held_out_error(problem, curves, path), expected, rtol=1e-5)


def test_blocks_keep_weeks_together_and_use_all_weeks_alike():
    rows = blocks_of_weeks(208, 2000, np.random.default_rng(2))
    assert rows.shape == (2000, 208)
    together = (np.diff(rows, axis=1) % 208 == 1).mean()
    assert together == pytest.approx(5 / 6, abs=0.01)  # blocks of six weeks
    counts = np.bincount(rows.ravel(), minlength=208) / 2000
    np.testing.assert_allclose(counts, 1.0, atol=0.15)


@pytest.mark.parametrize(
    ("chosen", "reference"),
    [
        (prior("Beta", alpha=2, beta=3), stats.beta(2, 3)),
        (prior("Gamma", mu=2, sigma=1), stats.gamma(4, scale=0.5)),
        (prior("InverseGamma", alpha=3, beta=2), stats.invgamma(3, scale=2)),
        (prior("HalfNormal", sigma=0.5), stats.halfnorm(scale=0.5)),
        (prior("Exponential", lam=4), stats.expon(scale=0.25)),
        (prior("LogNormal", mu=0.2, sigma=0.9), stats.lognorm(0.9, scale=np.exp(0.2))),
        (prior("Uniform", lower=0.1, upper=0.7), stats.uniform(0.1, 0.6)),
        (prior("TruncatedNormal", mu=1, sigma=2, lower=0, upper=3), stats.truncnorm(-0.5, 1, loc=1, scale=2)),
    ],
    ids=lambda each: getattr(each, "distribution", ""),
)
def test_quantiles_of_priors_are_those_of_scipy(chosen, reference):
    q = np.linspace(0.01, 0.99, 23)
    np.testing.assert_allclose(quantile(chosen, q), reference.ppf(q), rtol=1e-8)


def test_quantiles_of_a_half_student_t_are_those_of_scipy():
    q = np.linspace(0.01, 0.99, 23)
    expected = stats.t(4, scale=0.3).ppf((1 + q) / 2)
    np.testing.assert_allclose(quantile(prior("HalfStudentT", nu=4, sigma=0.3), q), expected, rtol=1e-8)
