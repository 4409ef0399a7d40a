"""Value and slope in one go are those of the model's own saturations, in both precisions."""

import numpy as np
import pytest

from mmm_models.planning.horizon.shapes import SHAPES
from mmm_models.transforms import SATURATIONS

X = np.array([0.0, 1e-9, 1e-3, 0.2, 1.0, 7.0])[:, None]
PARAMETERS = {
    "logistic": {"lam": np.array([0.3, 2.0, 9.0])},
    "hill": {"slope": np.array([0.5, 1.0, 3.0]), "kappa": np.array([0.2, 0.7, 1.5])},
    "michaelis_menten": {"lam": np.array([0.1, 1.0, 4.0])},
    "tanh": {"b": np.array([0.5, 1.0, 2.0]), "c": np.array([0.4, 1.0, 3.0])},
    "root": {"alpha": np.array([0.3, 1.0, 1.4])},
}


def test_there_is_a_shape_for_every_saturation():
    assert set(SHAPES) == set(SATURATIONS)


@pytest.mark.parametrize("kind", list(SHAPES))
def test_value_and_slope_are_those_of_the_saturation(kind):
    shape, known, parameters = SHAPES[kind], SATURATIONS[kind], PARAMETERS[kind]
    for dtype, close in ((np.float64, 1e-9), (np.float32, 2e-5)):
        prepared = {name: values.astype(dtype) for name, values in shape.prepare(**parameters).items()}
        value, slope = shape.evaluate(X.astype(dtype), **prepared)
        assert value.dtype == slope.dtype == dtype
        np.testing.assert_allclose(value, known.shape(X, **parameters), rtol=close, atol=close * 1e-2)
        # Near zero, where it may be infinite, the slope is that at a millionth.
        least = 1e-6 if kind in ("hill", "root") else 0.0
        expected = known.derivative(np.maximum(X, least), **parameters)
        np.testing.assert_allclose(slope, expected, rtol=20 * close, atol=close * 1e-2)


def test_only_curves_that_start_flat_are_s_shaped():
    flags = {kind: SHAPES[kind].is_s_shaped(**PARAMETERS[kind]).tolist() for kind in SHAPES}
    assert flags.pop("hill") == [False, False, True]
    assert flags.pop("root") == [False, False, True]
    assert all(flag == [False] * 3 for flag in flags.values())
