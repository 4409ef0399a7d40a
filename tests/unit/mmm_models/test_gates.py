import math

import numpy as np
import pytest

from mmm_models.spec import GatesSpec
from mmm_models.validation import SAMPLER_GATES, evaluate_gates

HEALTHY = {
    "r_hat_max": 1.004,
    "ess_bulk_min": 900.0,
    "ess_tail_min": 800.0,
    "divergences": 0,
    "e_bfmi_min": 0.9,
}


def gates_of(fit, thresholds=None, **figures):
    fit = fit.with_info(convergence={**HEALTHY, **figures})
    return {gate.name: gate for gate in evaluate_gates(fit, thresholds)}


def test_a_healthy_fit_passes_every_gate(known_fit):
    gates = gates_of(known_fit)
    assert list(gates) == ["r_hat", "ess_bulk", "ess_tail", "divergences", "e_bfmi", "mape"]
    assert {gate.verdict for gate in gates.values()} == {"pass"}
    assert gates["r_hat"].advice == "Largest R-hat: 1.004 (at most 1.01). Nothing to do."


@pytest.mark.parametrize(
    ("name", "figures", "advice"),
    [
        ("r_hat", {"r_hat_max": 1.03}, "add a lift test"),
        ("ess_bulk", {"ess_bulk_min": 399.0}, "Raise sampler.draws"),
        ("ess_tail", {"ess_tail_min": 100.0}, "ends of the intervals"),
        ("divergences", {"divergences": 1}, "sampler.target_accept"),
        ("e_bfmi", {"e_bfmi_min": 0.2}, "sampler.tune"),
    ],
)
def test_a_sampler_that_did_badly_fails_one_gate_with_advice(known_fit, name, figures, advice):
    gates = gates_of(known_fit, **figures)
    assert gates[name].verdict == "fail"
    assert advice in gates[name].advice
    assert [gate.name for gate in gates.values() if gate.verdict != "pass"] == [name]


def test_a_figure_at_its_threshold_passes(known_fit):
    gates = gates_of(known_fit, r_hat_max=1.01, ess_bulk_min=400.0, e_bfmi_min=0.3)
    assert {gate.verdict for gate in gates.values()} == {"pass"}


@pytest.mark.parametrize("figures", [{"r_hat_max": math.nan}, {"r_hat_max": math.inf}])
def test_an_unknown_figure_does_not_pass(known_fit, figures):
    assert gates_of(known_fit, **figures)["r_hat"].verdict == "fail"


def test_a_fit_without_figures_fails(known_fit):
    bare = known_fit.with_info(convergence={})
    verdicts = {gate.name: gate.verdict for gate in evaluate_gates(bare)}
    assert verdicts == {
        **dict.fromkeys(["r_hat", "ess_bulk", "ess_tail", "divergences", "e_bfmi"], "fail"),
        "mape": "pass",
    }


@pytest.mark.parametrize(
    ("draws", "verdict", "advice"),
    [("bootstrap", "warn", "Use it as a challenger"), ("approximation", "fail", "k-hat 0.31")],
)
def test_draws_that_no_sampler_made_never_pass_its_gates(known_fit, draws, verdict, advice):
    """Not even with the best of figures."""
    gates = gates_of(known_fit.with_info(draws=draws), k_hat=0.31)
    assert {gates[name].verdict for name in SAMPLER_GATES} == {verdict}
    assert advice in gates["r_hat"].advice
    assert math.isnan(gates["r_hat"].value)
    assert gates["mape"].verdict == "pass"


def test_a_poor_fit_only_warns(known_fit):
    gate = gates_of(known_fit, GatesSpec(mape_max=1e-6))["mape"]
    assert gate.verdict == "warn"
    assert gate.threshold == 1e-6
    actual, mean = known_fit.panel.dataset.outcome, known_fit.predict().mean("sample")
    expected = float(np.abs((actual - mean) / actual).mean())
    assert gate.value == pytest.approx(expected)


def test_thresholds_come_from_the_spec_unless_given(known_fit):
    assert gates_of(known_fit)["r_hat"].threshold == known_fit.spec.gates.r_hat_max
    assert gates_of(known_fit, GatesSpec(r_hat_max=1.2), r_hat_max=1.1)["r_hat"].verdict == "pass"
