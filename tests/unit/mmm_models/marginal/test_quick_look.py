"""The quick look: exact where the density is normal, near the sampler on an ordinary problem, silent on a hard one."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr
from scipy import stats

from mmm_models.engines import get_engine
from mmm_models.engines.marginal.quick_look.approximation import approximate, laplace
from mmm_models.engines.marginal.quick_look.multivariate_t import FREEDOM, MultivariateT
from mmm_models.errors import EngineError
from mmm_models.evidence import Term
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.validation import SAMPLER_GATES, evaluate_gates
from tests.small_company import SPEC, go_dark_test, make_panel

CENTER = np.array([1.0, -2.0, 0.5])
COVARIANCE = np.array([[2.0, 0.9, 0.0], [0.9, 1.0, -0.2], [0.0, -0.2, 0.3]])


def normal(data: dict, x: jax.Array) -> jax.Array:
    apart = x - data["center"]
    return -0.5 * apart @ jnp.linalg.solve(data["covariance"], apart)


def funnel(data: dict, x: jax.Array) -> jax.Array:
    """Neal's: the width of nine coordinates is the exponential of the first."""
    return jax.scipy.stats.norm.logpdf(x[0], 0, 3) + jax.scipy.stats.norm.logpdf(x[1:], 0, jnp.exp(x[0] / 2)).sum()


DATA = {"center": jnp.asarray(CENTER), "covariance": jnp.asarray(COVARIANCE)}


@pytest.fixture(scope="module")
def looked():
    """The small company, with the lift test that tells what search brings."""
    panel = make_panel()
    return get_engine("quick_look").fit(panel, SPEC, go_dark_test(panel))


def test_the_curvature_at_the_mode_of_a_normal_density_is_its_own():
    found = laplace(normal, DATA, np.zeros(3))
    np.testing.assert_allclose(found.center, CENTER, atol=1e-4)
    np.testing.assert_allclose(found.factor @ found.factor.T, COVARIANCE, rtol=1e-6, atol=1e-8)


def test_a_normal_density_is_found_as_it_is():
    generator = np.random.default_rng(4)
    found = approximate(normal, DATA, np.zeros(3), generator)
    assert found.k_hat < 0.2
    mean = found.weights @ found.positions
    apart = found.positions - mean
    error = np.sqrt(np.diag(COVARIANCE) / found.effective)
    assert (np.abs(mean - CENTER) < 4 * error).all()
    np.testing.assert_allclose((apart.T * found.weights) @ apart, COVARIANCE, atol=0.1)
    drawn = found.resampled(2000, generator)
    for coordinate in range(3):
        deviation = np.sqrt(COVARIANCE[coordinate, coordinate])
        assert stats.kstest(drawn[:, coordinate], stats.norm(CENTER[coordinate], deviation).cdf).pvalue > 0.001


def test_a_funnel_is_told_by_its_k_hat():
    assert approximate(funnel, None, np.zeros(10), np.random.default_rng(4)).k_hat > 0.7


def test_the_density_of_the_t_is_that_of_scipy():
    factor = np.linalg.cholesky(COVARIANCE)
    x = np.random.default_rng(1).normal(size=(50, 3))
    expected = stats.multivariate_t(CENTER, COVARIANCE, df=FREEDOM).logpdf(x)
    np.testing.assert_allclose(MultivariateT(CENTER, factor).log_density(x), expected, rtol=1e-10)


def test_steps_of_adaptation_end_at_the_t_that_the_draws_came_from():
    truth = MultivariateT(CENTER, np.linalg.cholesky(COVARIANCE))
    x = truth.draw(40_000, np.random.default_rng(2))
    found = MultivariateT(np.zeros(3), np.eye(3))
    for _ in range(50):
        found = found.towards(x, np.full(len(x), 1 / len(x)))
    np.testing.assert_allclose(found.center, CENTER, atol=0.03)
    np.testing.assert_allclose(found.factor @ found.factor.T, COVARIANCE, atol=0.05)


def test_it_agrees_with_the_sampler_on_an_ordinary_problem():
    """Within a tenth of a posterior standard deviation, a fifth at the ends of the intervals (1,000 draws).

    The company's test contradicts its data, so that sharp it makes no ordinary problem: it counts a quarter here.
    """
    panel = make_panel()
    evidence = go_dark_test(panel).model_copy(update={"terms": {"lt-search": Term(quality=0.25)}})
    near, exact = (
        get_engine(name).fit(panel, SPEC, evidence).returns().roas.sel(market="all")
        for name in ("quick_look", "marginal")
    )
    deviation = exact.std("sample")
    assert float((np.abs(near.mean("sample") - exact.mean("sample")) / deviation).max()) < 0.1
    for share in (0.05, 0.95):
        apart = np.abs(near.quantile(share, "sample") - exact.quantile(share, "sample")) / deviation
        assert float(apart.max()) < 0.25


def test_it_never_passes_for_a_result(looked):
    assert looked.info.draws == "approximation"
    assert looked.info.convergence["k_hat"] < 0.7
    gates = {gate.name: gate for gate in evaluate_gates(looked)}
    assert {gates[name].verdict for name in SAMPLER_GATES} == {"fail"}
    assert "engine: marginal" in gates["r_hat"].advice


def test_the_same_seed_gives_the_same_draws(looked):
    panel = make_panel()
    again = get_engine("quick_look").fit(panel, SPEC, go_dark_test(panel))
    assert again.posterior.identical(looked.posterior)


def towns() -> Panel:
    """Twelve markets as the small company's first, each with noise and money of its own: 54 dimensions."""
    rng, first = np.random.default_rng(3), make_panel().dataset.isel(market=[0])
    made = []
    for name in (f"T{number}" for number in range(12)):
        own = first.assign_coords(market=[name])
        own["outcome"] = own["outcome"] * (1 + 0.1 * rng.normal(size=own["outcome"].shape))
        own["spend"] = own["spend"] * rng.lognormal(0, 0.5, own["spend"].shape)
        made.append(own)
    return Panel(xr.concat(made, "market"))


def test_a_posterior_that_is_too_wide_for_it_gives_no_fit():
    panel = towns()
    spec = ModelSpec.from_dict(SPEC.to_dict() | {"markets": panel.markets})
    with pytest.raises(EngineError, match=r"k-hat of \d\.\d\d.*Use engine: marginal"):
        get_engine("quick_look").fit(panel, spec)
