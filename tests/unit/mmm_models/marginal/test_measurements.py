"""Lift tests in the density: the operator of numpy, scipy's Student-t, and what becomes of them in a fit."""

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from mmm_models.engines.marginal import measurements
from mmm_models.engines.marginal.density import kept_of_draw, log_posterior, parameters_and_prior
from mmm_models.engines.marginal.posterior import to_canonical
from mmm_models.engines.marginal.problem import build
from mmm_models.engines.scales import scales_of
from mmm_models.evidence import EvidenceSet, Term, read_lift_tests
from mmm_models.evidence.operator import predicted_lift
from mmm_models.fit import Fit, FitInfo
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec

SPEC = """
model: m
outcome: revenue
markets: [US, DE]
seasonality: {yearly_fourier: 1}
channels:
  search: {adstock: {kind: geometric, max_lag: 4}, saturation: {kind: hill}}
  tv: {adstock: {kind: delayed, max_lag: 7}, saturation: {kind: tanh}, time_varying: true}
  social: {adstock: {kind: geometric, max_lag: 5}, saturation: {kind: hill}}
evidence:
  designs:
    conversion_lift: {factor: 1.2, factor_sd: 0.2, offset: 0.01, offset_sd: 0.02, scatter_sd: 0.1}
"""
WEEKS = 70
BASE = {
    "market": "US", "start_date": "2023-06-05", "end_date": "2023-07-02", "followup_end": "2023-07-23",
    "outcome": "revenue", "spend_baseline": 400.0, "spend_delta": 200.0, "lift": 3000.0, "lift_se": 500.0,
    "status": "approved", "owner": "a", "reviewer": "b",
}  # fmt: skip
MONDAYS = pd.date_range("2023-06-05", periods=4, freq="7D")
BLOCKS = [
    {"start_date": str(m.date()), "end_date": str((m + pd.Timedelta(days=6)).date()), "baseline": 100.0,
     "actual": 150.0 if number % 2 else 100.0}
    for number, m in enumerate(MONDAYS)
]  # fmt: skip
READ = [
    {"start_date": "2023-06-05", "end_date": "2023-06-18", "lift": 900.0},
    {"start_date": "2023-06-19", "end_date": "2023-07-02", "lift": 1900.0},
]
DESIGNS = {
    "geo": {"channel": "search", "design": "geo lift", "unit_share": 0.3, "start_date": "2023-06-08"},
    "dark": {"channel": "tv", "design": "go-dark", "spend_delta": -400.0, "lift": -3000.0, "randomised": True},
    "both": {"channel": "search+social", "design": "heavy-up", "market": "DE"},
    "users": {"channel": "social", "design": "conversion lift", "spend_baseline": 0.0, "unit_share": 0.5},
    "blocks": {"channel": "social", "design": "switchback", "spend_path": BLOCKS, "spend_delta": 100.0},
    "weekly": {"channel": "tv", "design": "geo", "readouts": READ, "covariance": [[9e4, 2e4], [2e4, 16e4]],
               "lift": None, "lift_se": None},
}  # fmt: skip


def lift_tests_of(*names: str):
    return read_lift_tests([{**BASE, "test_id": name, **DESIGNS[name]} for name in names])


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(4)
    spec = ModelSpec.from_yaml(SPEC)
    weeks = pd.date_range("2023-01-02", periods=WEEKS, freq="7D")
    coords = {"week": weeks, "market": ["US", "DE"], "channel": ["search", "tv", "social"], "control": []}
    panel = Panel(
        xr.Dataset(
            {
                "outcome": (("week", "market"), rng.uniform(4000, 6000, (WEEKS, 2))),
                "spend": (("week", "market", "channel"), rng.uniform(50, 150, (WEEKS, 2, 3))),
                "controls": (("week", "market", "control"), np.zeros((WEEKS, 2, 0))),
            },
            coords=coords,
            attrs={"outcome_name": "revenue", "currency": "USD"},
        )
    )
    return panel, spec, scales_of(panel, spec)


def drawn(problem, seed: int):
    rng = np.random.default_rng(seed)
    return jax.tree.map(lambda leaf: jnp.asarray(leaf) + 0.3 * rng.normal(size=np.shape(leaf)), problem.start)


def fit_of(problem, data, position, world) -> Fit:
    panel, spec, scales = world
    kept = kept_of_draw(problem.structure, data, position)
    arrays = {name: np.asarray(values)[None, None] for name, values in kept.items()}
    return Fit(spec, panel, to_canonical(arrays, problem, panel, spec, scales), scales, FitInfo("marginal"))


@pytest.mark.parametrize("name", DESIGNS)
def test_every_design_has_the_density_of_a_student_t_around_the_operator(world, name):
    """The operator in numpy and scipy's density, at a draw; with the design's biases put together by hand."""
    panel, spec, scales = world
    tests = lift_tests_of(name)
    evidence = EvidenceSet(used=tests, terms={name: Term(quality=0.5, drift_variance=0.02)})
    with_test, without = build(panel, spec, scales, evidence), build(panel, spec, scales)
    data = [jax.tree.map(jnp.asarray, each.data) for each in (with_test, without)]
    position = drawn(with_test, 1)
    found, _ = parameters_and_prior(with_test.structure, data[0], position)
    plain = {key: value for key, value in position.items() if not key.startswith("design_")}
    difference = float(log_posterior(with_test.structure, data[0], position)) - float(
        log_posterior(without.structure, data[1], plain)
    )
    _, of_biases = measurements.designs_and_prior(with_test.structure, position)
    expected = predicted_lift(fit_of(with_test, data[0], position, world), tests[0]).values[0]
    (test,) = tests
    design = spec.evidence.design(test.family, randomised=test.randomised)
    z = {key: float(found.get(f"design_{key}", np.zeros(1))[0]) for key in ("factor", "offset", "scatter")}
    expected = expected * design.factor * np.exp(design.factor_sd * z["factor"])
    weeks = 7 if not test.readouts else 2
    counted = test.unit_share * (4 if name == "blocks" else weeks)
    level = float(panel.dataset["outcome"].sel(market=test.market).mean()) * counted
    offset = (design.offset + design.offset_sd * z["offset"]) * level
    covariance = np.diag([float(test.lift_se) ** 2]) if not test.readouts else np.array(test.covariance)
    spread = (design.scatter_sd * z["scatter"]) ** 2 + 0.02
    y = np.array([test.lift] if not test.readouts else [row.lift for row in test.readouts])
    shape = covariance / 0.5 + spread * np.outer(y, y)
    unit = float(scales["outcome_scale"].sel(market=test.market))
    density = stats.multivariate_t(expected + offset, shape, df=spec.evidence.degrees_of_freedom)
    by_scipy = density.logpdf(y) + len(y) * np.log(unit)
    assert difference - float(of_biases) == pytest.approx(by_scipy, rel=1e-6)


def test_all_tests_together_are_the_sum_of_each(world):
    panel, spec, scales = world
    together = build(panel, spec, scales, EvidenceSet(used=lift_tests_of(*DESIGNS)))
    position = drawn(together, 2)
    data = jax.tree.map(jnp.asarray, together.data)
    found, _ = parameters_and_prior(together.structure, data, position)
    all_of_them = np.asarray(measurements.log_likelihood(together.structure, data, found))
    assert all_of_them.shape == (6,)
    families = {name: getattr(together.structure.measured, f"{name}s") for name in ("factor", "offset", "scatter")}
    for number, name in enumerate(DESIGNS):
        alone = build(panel, spec, scales, EvidenceSet(used=lift_tests_of(name)))
        own = dict(position)
        for bias, known in families.items():
            wanted = getattr(alone.structure.measured, f"{bias}s")
            own[f"design_{bias}"] = position[f"design_{bias}"][np.array([known.index(f) for f in wanted], dtype=int)]
        arrays = jax.tree.map(jnp.asarray, alone.data)
        found, _ = parameters_and_prior(alone.structure, arrays, own)
        (value,) = measurements.log_likelihood(alone.structure, arrays, found)
        assert all_of_them[number] == pytest.approx(float(value), rel=1e-9)


def test_a_vague_test_says_nothing_and_an_exact_one_says_all(world):
    """As the standard error grows the density stops to depend on the curve; as it shrinks, only the lift is left."""
    panel, spec, scales = world
    gradients = {}
    for error in (1e-3, 1e12):
        row = {**BASE, "test_id": "t", **DESIGNS["dark"], "lift_se": error}
        problem = build(panel, spec, scales, EvidenceSet(used=read_lift_tests([row])))
        data = jax.tree.map(jnp.asarray, problem.data)

        def value(position, problem=problem, data=data):
            found, _ = parameters_and_prior(problem.structure, data, position)
            return measurements.log_likelihood(problem.structure, data, found).sum()

        slopes = jax.grad(value)(drawn(problem, 3))
        gradients[error] = float(np.abs(np.asarray(slopes["effect"])).max())
    assert gradients[1e12] < 1e-12
    # A Student-t pulls with at most (nu + 1) / 2 an e-fold of the distance, but it pulls.
    assert gradients[1e-3] > 1


def test_masked_weeks_say_nothing_about_anything_else(world):
    """The density is that of the other weeks alone, but for a constant: no parameter feels the masked ones."""
    panel, spec, scales = world
    tests = lift_tests_of("dark")
    masked = EvidenceSet(used=tests, terms={"dark": Term(masked=True)})
    assert masked.masked_weeks(panel) == [(0, week) for week in range(22, 29)]
    other = panel.dataset.copy(deep=True)
    other["outcome"][22:29, 0] = other["outcome"][22:29, 0] * 1.3
    values, positions = [], [drawn(build(panel, spec, scales, masked), seed) for seed in (5, 6)]
    for dataset in (panel.dataset, other):
        problem = build(Panel(dataset), spec, scales, masked)
        data = jax.tree.map(jnp.asarray, problem.data)
        values.append([float(log_posterior(problem.structure, data, position)) for position in positions])
    (one, two), (three, four) = values
    # A week with a level of its own of standard deviation 10 leaves a trace of (0.3 / 10)^2.
    assert one - two == pytest.approx(three - four, abs=0.02)


def test_the_start_and_the_design_numbers_survive_an_empty_set(world):
    panel, spec, scales = world
    assert build(panel, spec, scales).structure.measured is None
    assert build(panel, spec, scales, EvidenceSet()).data["tests"] == {}
