"""Tension before a test is used, and each used test beside the model without it."""

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from mmm_models.evidence import EvidenceDecision, EvidenceSet, Term, read_lift_tests
from mmm_models.evidence.leave_one_out import leave_one_out
from mmm_models.evidence.operator import predicted_lift
from mmm_models.evidence.tension import reviewed, tension

GO_DARK = {
    "test_id": "t", "channel": "search", "market": "US", "design": "go-dark", "start_date": "2023-06-05",
    "end_date": "2023-07-02", "followup_end": "2023-07-16", "outcome": "revenue", "spend_baseline": 160_000.0,
    "spend_delta": -160_000.0, "lift": -1.0, "lift_se": 1.0, "status": "approved", "owner": "a", "reviewer": "b",
    "randomised": True,
}  # fmt: skip


def lift_test(**changes):
    return read_lift_tests([{**GO_DARK, **changes}])[0]


def normal_draws(known_fit, mean: float, deviation: float):
    """A fit whose expected lift of GO_DARK is normal: media coefficients in proportion, with as many draws."""
    lift = predicted_lift(known_fit, lift_test()).values.mean()
    draws = known_fit.samples
    wanted = mean + deviation * stats.norm.ppf((np.arange(draws) + 0.5) / draws)
    ratio = xr.DataArray((wanted / lift).reshape(known_fit.posterior.sizes["chain"], -1), dims=("chain", "draw"))
    first = known_fit.posterior.isel(chain=[0], draw=[0])
    same = first.isel(chain=np.zeros(len(ratio.chain), int), draw=np.zeros(len(ratio.draw), int))
    same = same.assign_coords(known_fit.posterior.coords)
    one = predicted_lift(
        type(known_fit)(known_fit.spec, known_fit.panel, same, known_fit.scales, known_fit.info), lift_test()
    )
    scaled = same.assign(media_coefficient=same["media_coefficient"] * ratio * lift / one.values.mean())
    return type(known_fit)(known_fit.spec, known_fit.panel, scaled, known_fit.scales, known_fit.info)


def test_tension_is_the_distance_in_standard_deviations_of_both(known_fit):
    fit = normal_draws(known_fit, -400_000.0, 30_000.0)
    found = tension(fit, lift_test(lift=-500_000.0, lift_se=40_000.0), Term(quality=0.64))
    scatter = fit.spec.evidence.design("go_dark", randomised=True).scatter_sd * 500_000.0
    deviation = np.std(predicted_lift(fit, lift_test()).values)
    expected = -100_000.0 / np.sqrt(50_000.0**2 + deviation**2 + scatter**2)
    assert found.z == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("lift", "used", "said"),
    [(-410_000.0, True, "used"), (-520_000.0, True, "somebody should look"), (-900_000.0, False, "waits for a person")],
)
def test_a_test_that_lies_too_far_waits_for_a_person(known_fit, lift, used, said):
    fit = normal_draws(known_fit, -400_000.0, 30_000.0)
    test = lift_test(lift=lift, lift_se=30_000.0)
    evidence = EvidenceSet(used=[test], decisions=[EvidenceDecision(test_id="t", used=True, reason="used")])
    (decision,) = reviewed(evidence, fit).decisions
    assert decision.used is used
    assert decision.waits is not used
    assert said in decision.reason
    assert (reviewed(evidence, fit).used == [test]) is used
    accepted = reviewed(evidence, fit, frozenset({"t"}))
    assert accepted.used == [test]


def test_the_model_without_a_test_by_weights_is_the_posterior_of_the_rest(known_fit):
    """Draws that a normal test had part in: without it mean and variance are known (Bayes' rule)."""
    prior_mean, prior_sd, error = -380_000.0, 40_000.0, 60_000.0
    lift = -440_000.0
    precision = 1 / prior_sd**2 + 1 / error**2
    posterior_mean = (prior_mean / prior_sd**2 + lift / error**2) / precision
    fit = normal_draws(known_fit, posterior_mean, precision**-0.5)
    # As good as a normal reading: many degrees of freedom, and a design that does not scatter.
    spec = fit.spec.model_copy(
        update={
            "evidence": fit.spec.evidence.model_copy(
                update={
                    "degrees_of_freedom": 1e6,
                    "designs": {"go_dark": type(fit.spec.evidence.design("go_dark", randomised=True))(scatter_sd=0)},
                }
            )
        }
    )
    fit = type(fit)(spec, fit.panel, fit.posterior, fit.scales, fit.info)
    test = lift_test(lift=lift, lift_se=error)
    found = leave_one_out(fit, EvidenceSet(used=[test]), test)
    assert found.method == "reweighted"
    assert found.tension.mean == pytest.approx(prior_mean, abs=0.15 * prior_sd)
    assert found.tension.deviation == pytest.approx(prior_sd, rel=0.2)


def test_weights_that_cannot_be_trusted_ask_for_another_fit(known_fit):
    fit = normal_draws(known_fit, -400_000.0, 30_000.0)
    test, other = lift_test(lift=-400_000.0, lift_se=2_000.0), lift_test(test_id="o")
    evidence = EvidenceSet(used=[test, other])
    assert leave_one_out(fit, evidence, test).method == "unreliable"
    asked = []

    def refit(rest: EvidenceSet):
        asked.append([used.test_id for used in rest.used])
        return known_fit

    found = leave_one_out(fit, evidence, test, refit)
    assert asked == [["o"]]
    assert found.method == "refitted"
    assert found.fit is known_fit
    np.testing.assert_allclose(found.tension.expected, predicted_lift(known_fit, test).values[:, 0])
