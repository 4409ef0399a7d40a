"""What a fit must hold before its figures are published: thresholds, each with a verdict and plain advice."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mmm_models.fit import Fit, StackedFit
from mmm_models.spec import GatesSpec
from mmm_models.validation.gate import Gate, Verdict
from mmm_models.validation.structures import structure_gate

SAMPLER_GATES = ("r_hat", "ess_bulk", "ess_tail", "divergences", "e_bfmi")
# What the draws are -> verdict on figures that only a sampler has, and advice.
_WITHOUT_SAMPLER: dict[str, tuple[Verdict, str]] = {
    "bootstrap": (
        "warn",
        "Engine {engine} has no sampler: its draws are replicates of a bootstrap. The intervals know the noise of the "
        "weeks; they do not know what the penalty takes away, nor whether carryover, curves and baseline have the "
        "right form. Use it as a challenger of a model with engine: marginal.",
    ),
    "approximation": (
        "fail",
        "Engine {engine} has no sampler: its draws approximate the posterior (k-hat {k_hat:.2f}). It is a quick look, "
        "never a result to plan with. Fit with engine: marginal.",
    ),
}
# The mean of a prediction needs few draws.
_PREDICTION_DRAWS = 200


def evaluate_gates(fit: Fit | StackedFit, thresholds: GatesSpec | None = None) -> list[Gate]:
    """Judge a fit by the thresholds of its spec, or by others: r_hat, ess_bulk, ess_tail, divergences, e_bfmi, mape.

    The five figures of the sampler fail; the error of fit only warns, because a good fit is no proof of right returns
    and a poor one no proof of wrong ones. A figure that is absent or not a number does not pass. Draws that no sampler
    made have no figures of one: a bootstrap's warn, an approximation's fail, whatever they are. Of a
    stacked fit the figures are the worst over its structures, and structure_agreement warns where these disagree.
    """
    gates = thresholds or fit.spec.gates
    judged = [*_sampler_gates(fit.info.convergence, gates), _fit_gate(fit, gates)]
    if isinstance(fit, StackedFit):
        judged.append(structure_gate(fit))
    if fit.info.draws == "posterior":
        return judged
    return [_without_sampler(gate, fit) if gate.name in SAMPLER_GATES else gate for gate in judged]


def _sampler_gates(figures: dict[str, float], gates: GatesSpec) -> list[Gate]:
    return [
        _judge(
            "r_hat",
            "largest R-hat",
            gates.r_hat_max,
            figures.get("r_hat_max", math.nan),
            "The chains disagree about at least one figure. Raise sampler.tune and sampler.draws; when that does not "
            "help, two channels or controls move together too closely to be told apart: drop or merge one, narrow its "
            "priors, or add a lift test.",
        ),
        _judge(
            "ess_bulk",
            "smallest bulk effective sample size",
            gates.ess_bulk_min,
            figures.get("ess_bulk_min", math.nan),
            "Too few independent draws to trust means. Raise sampler.draws.",
            at_least=True,
        ),
        _judge(
            "ess_tail",
            "smallest tail effective sample size",
            gates.ess_tail_min,
            figures.get("ess_tail_min", math.nan),
            "Too few independent draws to trust the ends of the intervals. Raise sampler.draws.",
            at_least=True,
        ),
        _judge(
            "divergences",
            "divergent transitions",
            gates.divergences_max,
            figures.get("divergences", math.nan),
            "The sampler could not follow the posterior everywhere, so intervals may be too narrow. Raise "
            "sampler.target_accept towards 0.99; when that does not help, narrow the priors of saturation and adstock.",
        ),
        _judge(
            "e_bfmi",
            "smallest energy Bayesian fraction of missing information",
            gates.e_bfmi_min,
            figures.get("e_bfmi_min", math.nan),
            "The sampler explores the tails too slowly. Raise sampler.tune; narrow priors that are wider than anyone "
            "believes.",
            at_least=True,
        ),
    ]


def _fit_gate(fit: Fit | StackedFit, gates: GatesSpec) -> Gate:
    return _judge(
        "mape",
        "mean absolute percentage error of the weekly outcome",
        gates.mape_max,
        mean_absolute_percentage_error(fit),
        "The model misses the weekly outcome by more than it should. Look at the plot of fit for weeks that stand "
        "out: an event, a promotion or a break in the data that no control knows.",
        failing="warn",
    )


def _without_sampler(gate: Gate, fit: Fit | StackedFit) -> Gate:
    """The same gate for draws that have no such figure."""
    verdict, advice = _WITHOUT_SAMPLER[fit.info.draws]
    k_hat = fit.info.convergence.get("k_hat", math.nan)
    return replace(gate, value=math.nan, verdict=verdict, advice=advice.format(engine=fit.info.engine, k_hat=k_hat))


def mean_absolute_percentage_error(fit: Fit | StackedFit) -> float:
    """Mean over weeks and markets of |outcome - mean prediction| / |outcome|, in sample, without weeks of zero."""
    actual = fit.panel.dataset["outcome"]
    mean = fit.predict(max_samples=_PREDICTION_DRAWS).mean("sample").transpose(*actual.dims)
    known = actual.values != 0
    if not known.any():
        return math.nan
    return float(np.mean(np.abs(actual.values - mean.values)[known] / np.abs(actual.values[known])))


def _judge(
    name: str,
    metric: str,
    threshold: float,
    value: float,
    remedy: str,
    *,
    at_least: bool = False,
    failing: Verdict = "fail",
) -> Gate:
    holds: Callable[[float], bool] = (lambda v: v >= threshold) if at_least else (lambda v: v <= threshold)
    # A comparison with nan is false, so an unknown figure never passes.
    passed = holds(value)
    limit = f"{'at least' if at_least else 'at most'} {threshold:g}"
    said = "unknown" if math.isnan(value) else f"{value:.4g}"
    advice = f"{metric[0].upper()}{metric[1:]}: {said} ({limit}). " + ("Nothing to do." if passed else remedy)
    return Gate(name, metric, float(threshold), float(value), "pass" if passed else failing, advice)
