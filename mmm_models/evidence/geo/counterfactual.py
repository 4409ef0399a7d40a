"""What treated regions would have had without the test, by CausalPy.

Every series is divided by its own mean before the test, so that regions of any size can stand for each other and a
common season or trend moves all of them by the same factor (on the choice of scale: Abadie 2021, "Using Synthetic
Controls", Journal of Economic Literature 59, section 5).
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.evidence.geo.treatment import Estimator


@dataclass(frozen=True)
class Comparison:
    """One treated group against the regions it is compared with.

    Attributes:
        gap: (date), observed less expected, as multiples of the group's mean before the test.
        weights: (unit), sum to 1.
        scale: the group's mean before the test, in units of the outcome a period.
        pre_fit_error: root mean square of the gap before the test; as the level is 1, it is a share.
    """

    gap: xr.DataArray
    weights: xr.DataArray
    scale: float
    pre_fit_error: float


def compare(
    treated: xr.DataArray, donors: xr.DataArray, before: int, estimator: Estimator, *, is_placebo: bool = False
) -> Comparison:
    """Estimate what a group would have had.

    Args:
        treated: (date), the group's total in units of the outcome.
        donors: (date, unit), regions to compare with.
        before: periods before the test; the rest is counted.
        estimator: `synthetic_control` weighs the donors so that they follow the group before the test, weights not
            negative and summing to 1 (Abadie, Diamond & Hainmueller 2010); `difference_in_differences` weighs them
            alike and takes the difference of two differences of means (Card & Krueger 1994).
        is_placebo: take the weights of CausalPy's model without the experiment around it: the same gaps, several times
            as fast.
    """
    scale = float(treated[:before].mean())
    observed = (treated / scale).values
    index = (donors / donors[:before].mean("date")).transpose("date", "unit").values
    if is_placebo:
        weights = _WEIGHTS[estimator](observed[:before], index[:before])
        gap = observed - index @ weights
    else:
        gap, weights = _EXPERIMENTS[estimator](observed, index, before)
    return Comparison(
        treated.copy(data=gap),
        xr.DataArray(weights, dims="unit", coords={"unit": donors.unit.values}),
        scale,
        float(np.sqrt(np.mean(gap[:before] ** 2))),
    )


def _weights_that_follow(observed: np.ndarray, donors: np.ndarray) -> np.ndarray:
    from causalpy.skl_models import WeightedProportion

    return np.ravel(WeightedProportion().fit(donors, observed).coef_)


def _weights_alike(observed: np.ndarray, donors: np.ndarray) -> np.ndarray:
    return np.full(donors.shape[1], 1 / donors.shape[1])


def _synthetic_control(observed: np.ndarray, donors: np.ndarray, before: int) -> tuple[np.ndarray, np.ndarray]:
    from causalpy import SyntheticControl
    from causalpy.skl_models import WeightedProportion

    names = [f"d{number}" for number in range(donors.shape[1])]
    frame = pd.DataFrame(donors, columns=names).assign(treated=observed)
    experiment = _quietly(
        lambda: SyntheticControl(
            frame, before, control_units=names, treated_units=["treated"], model=WeightedProportion()
        ).fit()
    )
    parts = [experiment.result.impact_pre, experiment.result.impact_post]
    return np.concatenate([np.ravel(part.values) for part in parts]), np.ravel(experiment.model.coef_)


def _difference_in_differences(observed: np.ndarray, donors: np.ndarray, before: int) -> tuple[np.ndarray, np.ndarray]:
    from causalpy import DifferenceInDifferences
    from sklearn.linear_model import LinearRegression

    weights = _weights_alike(observed, donors)
    alike = donors @ weights
    periods = np.arange(observed.size)
    one = {"t": periods, "post_treatment": periods >= before}
    frame = pd.concat(
        [
            pd.DataFrame({**one, "y": alike, "group": 0, "unit": "donors"}),
            pd.DataFrame({**one, "y": observed, "group": 1, "unit": "treated"}),
        ],
        ignore_index=True,
    )
    experiment = _quietly(
        lambda: DifferenceInDifferences(
            frame,
            formula="y ~ 1 + group * post_treatment",
            time_variable_name="t",
            group_variable_name="group",
            model=LinearRegression(fit_intercept=False),
        ).fit()
    )
    effect = float(np.ravel(experiment.result.causal_impact.values)[0])
    # The coefficient is the mean of the gaps that are counted; the donors give them their course.
    gap = observed - alike
    return gap - gap[before:].mean() + effect, weights


_WEIGHTS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "synthetic_control": _weights_that_follow,
    "difference_in_differences": _weights_alike,
}
_EXPERIMENTS: dict[str, Callable[[np.ndarray, np.ndarray, int], tuple[np.ndarray, np.ndarray]]] = {
    "synthetic_control": _synthetic_control,
    "difference_in_differences": _difference_in_differences,
}


def _quietly(fit: Callable[[], Any]) -> Any:
    """CausalPy warns on single days outside the donors' range; the error before the test says how good the fit is."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="(?s).*(Convex hull|pre-treatment correlation).*")
        return fit()
