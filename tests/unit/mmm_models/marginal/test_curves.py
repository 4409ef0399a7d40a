"""The curves of the fast engine are those of `mmm_models.transforms`, and their gradients are numbers everywhere."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mmm_models.engines.marginal  # noqa: F401  (double precision)
from mmm_models.engines.marginal import curves
from mmm_models.transforms import ADSTOCKS, SATURATIONS, adstock_weights

CARRYOVERS = {
    "geometric": {"alpha": [0.6, 0.05]},
    "delayed": {"alpha": [0.7, 0.4], "theta": [1.5, 0.0]},
    "weibull_pdf": {"lam": [2.5, 1.0], "k": [1.8, 0.6]},
    "weibull_cdf": {"lam": [2.5, 1.0], "k": [0.7, 3.0]},
}
SHAPES = {
    "logistic": {"lam": 2.5},
    "hill": {"slope": 1.7, "kappa": 0.4},
    "michaelis_menten": {"lam": 0.3},
    "tanh": {"b": 0.6, "c": 1.4},
    "root": {"alpha": 0.4},
}
X = np.array([0.0, 0.05, 0.4, 1.0, 3.0])


@pytest.mark.parametrize("kind", ADSTOCKS)
def test_weights_are_those_of_each_channels_own_memory(kind):
    parameters = {name: jnp.array(values) for name, values in CARRYOVERS[kind].items()}
    memories = [5, 3]
    remembered = jnp.array([[lag < memory for lag in range(5)] for memory in memories], dtype=float)
    ours = curves.weights(kind, parameters, remembered)
    for channel, memory in enumerate(memories):
        own = {name: np.array(values[channel]) for name, values in CARRYOVERS[kind].items()}
        expected = np.zeros(5)
        expected[:memory] = adstock_weights(kind, own, memory)
        np.testing.assert_allclose(ours[channel], expected, rtol=1e-12, atol=1e-15)


def test_a_weibull_density_of_which_nothing_is_left_weighs_all_weeks_alike():
    parameters = {"lam": np.array(0.02), "k": np.array(6.0)}
    ours = curves.weights("weibull_pdf", {n: jnp.array([float(v)]) for n, v in parameters.items()}, jnp.ones((1, 4)))
    np.testing.assert_allclose(ours[0], 0.25)
    np.testing.assert_allclose(adstock_weights("weibull_pdf", parameters, 4), 0.25)


@pytest.mark.parametrize("kind", SATURATIONS)
def test_shapes_and_elasticities_are_those_of_the_transforms(kind):
    shape, parameters = SATURATIONS[kind], SHAPES[kind]
    np.testing.assert_allclose(
        curves.SHAPES[kind](jnp.array(X), **parameters), shape.shape(X, **parameters), rtol=1e-12
    )
    expected = np.where(X > 0, X * shape.derivative(np.maximum(X, 1e-300), **parameters), 0.0)
    np.testing.assert_allclose(curves.ELASTICITIES[kind](jnp.array(X), **parameters), expected, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("kind", SATURATIONS)
def test_the_gradient_is_a_number_where_nothing_is_spent(kind):
    parameters = {name: jnp.array(value) for name, value in SHAPES[kind].items()}

    def total(x, parameters):
        return curves.SHAPES[kind](x, **parameters).sum() + curves.ELASTICITIES[kind](x, **parameters).sum()

    gradients = jax.tree.leaves(jax.grad(total, argnums=(0, 1))(jnp.array(X), parameters))
    assert all(bool(jnp.isfinite(gradient).all()) for gradient in gradients)
