"""What the calibration of the fast engine stands on: uniformity tests that raise no false alarm, truths from priors."""

import numpy as np
import pytest
from scipy import stats

from benchmarks.calibration.ranks import chi_square, ecdf_p_value
from benchmarks.calibration.run import _CASES, quantities, spend_history
from benchmarks.calibration.truths import draw_truth
from mmm_models.engines.scales import scales_of
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec

RNG = np.random.default_rng(5)


def test_uniform_ranks_are_called_uneven_as_often_as_the_level_says():
    sets = RNG.integers(0, 100, (400, 200))
    for p_values in ([ecdf_p_value(ranks, 100) for ranks in sets], [chi_square(ranks, 100, 20)[1] for ranks in sets]):
        # 20 expected of 400; the bounds are those of a binomial at 0.1 %.
        assert 8 <= sum(p < 0.05 for p in p_values) <= 36


def test_the_ecdf_leaves_its_bands_where_a_thousandth_of_uniform_ones_would():
    """One rank alone: all ranks 0 of 3 values has the probability 3^-n, the least there is."""
    assert ecdf_p_value(np.zeros(12, dtype=int), 3) < 0.001
    assert ecdf_p_value(np.arange(3).repeat(4), 3) > 0.9


@pytest.mark.parametrize(
    "bent",
    [
        pytest.param(lambda u: u**1.4, id="truths too low"),
        pytest.param(lambda u: stats.norm.cdf(1.4 * stats.norm.ppf(u)), id="posteriors too narrow"),
        pytest.param(lambda u: stats.norm.cdf(0.65 * stats.norm.ppf(u)), id="posteriors too wide"),
    ],
)
def test_a_posterior_that_is_off_is_found(bent):
    uneven = [ecdf_p_value((100 * bent(RNG.random(200))).astype(int), 100) < 0.05 for _ in range(20)]
    assert sum(uneven) >= 15


@pytest.mark.parametrize("case", list(_CASES))
def test_truths_have_the_priors_of_the_spec(case):
    spec = ModelSpec.from_dict(
        {
            "model": "c",
            "outcome": "revenue",
            "controls": ["price"],
            "seasonality": {"yearly_fourier": 1},
            **_CASES[case],
        }
    )
    history = spend_history(spec)
    scales = scales_of(history, spec).assign(outcome_scale=("market", np.ones(len(spec.markets))))
    found: dict[str, list[float]] = {}
    for number in range(150):
        truth = draw_truth(history, spec, scales, np.random.default_rng([9, number]))
        outcome = truth.predict(noise=True, seed=number).isel(sample=0, drop=True)
        for name, values in quantities(truth, Panel(history.dataset.assign(outcome=outcome))).items():
            found.setdefault(name, []).append(float(values[0]))
    priors = {
        "adstock_alpha search": stats.beta(2, 3),
        "saturation_lam search": stats.gamma(3),
        "sigma US": stats.halfnorm(scale=0.2),
        "control_coefficient US price": stats.norm(0, 0.2),
        "fourier_coefficient US cos_1": stats.norm(0, 0.2),
    }
    if "social" in spec.channels and spec.channel("social").effect:
        money = float(history.dataset["spend"].sel(channel="social").sum())
        priors["contribution, roas US social"] = stats.lognorm(0.7, scale=money * np.exp(-1.0))
    if spec.pooling == "partial":
        priors["effect_scatter search"] = stats.halfnorm(scale=0.5)
    if spec.trend == "local":
        priors["level_step US"] = stats.halfnorm(scale=0.01)
    for name, prior in priors.items():
        assert stats.kstest(found[name], prior.cdf).pvalue > 1e-4, name
