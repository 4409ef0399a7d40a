"""The same for experiments of every design: truths, outcomes and readings from the priors of model and designs.

A reading is simulated as `mmm_models.engines.marginal.measurements` says it comes about, by numpy alone: the model's
contrast by `predicted_lift`, the biases of its design, a Student-t by a normal over the root of a chi-square. Standard
errors are fixed beforehand; one that came from a simulated lift would tell the fit what the lift is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from benchmarks.calibration.run import CHAINS, DRAWS, TUNE, drawn, quantities, spend_history, uniformity
from benchmarks.calibration.truths import draw_truth
from mmm_models.engines.scales import scales_of
from mmm_models.evidence import EvidenceSet, LiftTest, Term
from mmm_models.evidence.designs import design_of
from mmm_models.evidence.operator import measured_lift, predicted_lift
from mmm_models.fit import Fit
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.worlds.randomness import stream

FITS = 200
_BIASES = ("factor", "scatter", "offset")
_SPEC = {
    "model": "calibration",
    "outcome": "revenue",
    "markets": ["US"],
    "controls": ["price"],
    "seasonality": {"yearly_fourier": 1},
    "channels": {
        "search": {},
        "social": {"effect": {"quantity": "roas", "prior": {"distribution": "LogNormal", "mu": -1.0, "sigma": 0.7}}},
        "tv": {"adstock": {"kind": "delayed", "max_lag": 8}, "saturation": {"kind": "hill"}},
    },
    "sampler": {"chains": CHAINS, "tune": TUNE, "draws": DRAWS, "target_accept": 0.9},
    "evidence": {
        "degrees_of_freedom": 6,
        "designs": {
            "geo_lift": {"factor_sd": 0.1, "scatter_sd": 0.1},
            "go_dark": {"scatter_sd": 0.1, "offset_sd": 0.02},
            "heavy_up": {"factor_sd": 0.2, "offset": 0.01},
            "conversion_lift": {"factor": 1.2, "factor_sd": 0.2, "offset_sd": 0.02, "scatter_sd": 0.2},
            "switchback": {"offset_sd": 0.01, "scatter_sd": 0.0},
        },
    },
}
# What a week of a channel usually costs in the history.
_USUAL = 1.0


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a quantity and seed, see `benchmarks.calibration.run`."""
    return pd.concat([calibration(seed, FITS) for seed in seeds], ignore_index=True)


def calibration(seed: int, fits: int) -> pd.DataFrame:
    """The table of `fits` truths, each with an outcome and nine experiments of its own, each fitted once."""
    ranks, divergences, apart = ranked(seed, fits)
    table = uniformity(ranks, case="experiments of every design", seed=seed, fits=fits)
    return table.assign(divergences=divergences, fits_r_hat_above_1_05=apart)


def ranked(seed: int, fits: int, **sampler: int) -> tuple[dict[str, list[int]], float, int]:
    """Ranks of each quantity among its fit's draws, divergences, and fits whose chains lie apart."""
    spec = ModelSpec.from_dict({**_SPEC, "sampler": {**_SPEC["sampler"], **sampler}})
    history = spend_history(spec)
    scales = scales_of(history, spec).assign(outcome_scale=("market", np.ones(1)))
    ranks: dict[str, list[int]] = {}
    divergences, apart = 0.0, 0
    for number in range(fits):
        rng = stream(seed, "calibration by experiments", str(number))
        truth = draw_truth(history, spec, scales, rng)
        outcome = truth.predict(noise=True, seed=int(rng.integers(2**31))).isel(sample=0, drop=True)
        panel = Panel(history.dataset.assign(outcome=outcome))
        biases = draw_biases(spec, rng)
        evidence = simulated(truth, panel, templates(panel), biases, rng)
        own = spec.sampler.model_copy(update={"seed": int(rng.integers(2**31))})
        posterior, diverging, worst = drawn(panel, spec.model_copy(update={"sampler": own}), scales, evidence)
        divergences, apart = divergences + diverging, apart + (worst > 1.05)
        known = quantities(truth, panel) | of_experiments(truth, panel, evidence, biases)
        found = {name: values for name, values in posterior.draws().data_vars.items() if name.startswith("design_")}
        sampled = _without_designs(quantities(posterior, panel))
        sampled |= of_experiments(posterior, panel, evidence, biases_of(found))
        for name, values in sampled.items():
            ranks.setdefault(name, []).append(int((values < known[name][0]).sum()))
    return ranks, divergences, apart


def draw_biases(spec: ModelSpec, rng: np.random.Generator) -> dict[tuple[str, str], np.ndarray]:
    """Factor over its median, scatter and offset less its centre of each family, from the priors of the designs; each
    as one draw (1), those that are known as what they are."""
    found = {}
    for family, design in spec.evidence.designs.items():
        found["factor", family] = np.exp(design.factor_sd * rng.standard_normal(1))
        found["scatter", family] = design.scatter_sd * np.abs(rng.standard_normal(1))
        found["offset", family] = design.offset_sd * rng.standard_normal(1)
    return found


def biases_of(found: dict[str, xr.DataArray]) -> dict[tuple[str, str], np.ndarray]:
    """The same of the draws of a fit; those that are known are not in it."""
    answer = {}
    for name in _BIASES:
        if f"design_{name}" in found:
            values = found[f"design_{name}"]
            for family in map(str, values[f"{name}_of"].values):
                answer[name, family] = values.sel({f"{name}_of": family}).values
    return answer


def simulated(
    truth: Fit,
    panel: Panel,
    tests: Sequence[LiftTest],
    biases: dict[tuple[str, str], np.ndarray],
    rng: np.random.Generator,
) -> EvidenceSet:
    """The experiments as a truth lets them read. One is of half the quality, one has aged."""
    terms = {"geo": Term(quality=0.5), "dark": Term(drift_variance=0.02)}
    evidence, nu = EvidenceSet(used=list(tests), terms=terms), truth.spec.evidence.degrees_of_freedom
    filed = []
    for test in tests:
        mean, scale = reading(truth, panel, evidence, test, biases)
        noise = np.linalg.cholesky(scale[0]) @ rng.standard_normal(mean.shape[1])
        value = mean[0] + noise / np.sqrt(rng.chisquare(nu) / nu)
        readouts = [row.model_copy(update={"lift": y}) for row, y in zip(test.readouts, value, strict=False)]
        filed.append(test.model_copy(update={"lift": float(value.sum()), "readouts": readouts}))
    return evidence.model_copy(update={"used": filed})


def reading(
    fit: Fit, panel: Panel, evidence: EvidenceSet, test: LiftTest, biases: dict[tuple[str, str], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Centre (sample, readout) and scale matrix (sample, readout, readout) of what a test reads, given each draw."""
    design = design_of(test, fit.spec)
    factor, scatter, offset = (
        biases.get((name, test.family), np.array([float(name == "factor")]))[:, None] for name in _BIASES
    )
    expected = design.factor * factor * predicted_lift(fit, test).values
    level = float(panel.dataset["outcome"].mean()) * test.unit_share * weeks_counted(test)
    term = evidence.term(test)
    spread = (scatter**2 + term.drift_variance)[:, :, None]
    scale = measured_lift(test)[1] / term.quality + spread * expected[:, :, None] * expected[:, None, :]
    return expected + (design.offset + offset) * level, scale


def weeks_counted(test: LiftTest) -> np.ndarray:
    """Weeks of outcome in each readout (readout) of these experiments, as shares of the units' own."""
    if test.arms:
        shares = {arm.arm: arm.unit_share / test.unit_share for arm in test.arms}
        return np.array([shares[row.arm] * row.days / 7 for row in test.readouts])
    if test.readouts:
        return np.array([row.days / 7 for row in test.readouts])
    return np.array([((test.counted_to - test.start_date).days + 1) / 7])


def of_experiments(
    fit: Fit, panel: Panel, evidence: EvidenceSet, biases: dict[tuple[str, str], np.ndarray]
) -> dict[str, np.ndarray]:
    """Figures (sample) of each draw: contrasts, biases that are not known, and the density of all readings."""
    found = {f"{name} of {family}": values for (name, family), values in biases.items()}
    total: np.ndarray | float = 0.0
    for test in evidence.used:
        for number, values in enumerate(predicted_lift(fit, test).values.T):
            found[f"lift {test.test_id} {number}"] = values
        value, nu = measured_lift(test)[0], fit.spec.evidence.degrees_of_freedom
        mean, scale = reading(fit, panel, evidence, test, biases)
        pairs = zip(mean, np.broadcast_to(scale, (len(mean), *scale.shape[1:])), strict=True)
        total = total + np.array(
            [stats.multivariate_t.logpdf(value, centre, matrix, df=nu) for centre, matrix in pairs]
        )
    return found | {"log likelihood of tests": total}


def templates(panel: Panel) -> list[LiftTest]:
    """Nine experiments of every design that have read nothing yet; some start in the middle of a week."""
    two_weeks = [_period(panel, 70 + 2 * k, 2) for k in range(3)]
    each = [_period(panel, 80 + k, 1) for k in range(4)]
    blocks = [{**row, "baseline": _USUAL, "actual": _USUAL * (1.8 if k % 2 else 1.0)} for k, row in enumerate(each)]
    arms = [
        {"arm": "less", "unit_share": 0.2, "spend_baseline": 0.8, "spend_delta": -0.6},
        {"arm": "more", "unit_share": 0.1, "spend_baseline": 0.4, "spend_delta": 0.6},
    ]
    read = [{**row, "lift": 1.0} for row in two_weeks]
    covariance = (0.01 * (np.eye(3) * 0.7 + 0.3)).tolist()
    by_arm = [{**_period(panel, 84, 6), "arm": arm["arm"], "lift": 1.0, "lift_se": 0.04} for arm in arms]
    rows = [
        {"test_id": "geo", "channel": "search", "design": "geo lift", "unit_share": 0.3, "money": (1.2, 0.8), "day": 3},
        {"test_id": "geo 2", "channel": "social", "design": "geo lift", "unit_share": 0.4, "money": (1.6, 0.9)},
        {"test_id": "dark", "channel": "search", "design": "go-dark", "money": (4.0, -4.0), "day": 2},
        {"test_id": "both", "channel": "search+social", "design": "heavy-up", "money": (8.0, 4.0)},
        {"test_id": "users", "channel": "tv", "design": "conversion lift", "unit_share": 0.5, "money": (0.0, 2.0)},
        {"test_id": "window", "channel": "tv", "design": "go-dark", "money": (4.0, -4.0), "estimand": "during"},
        {"test_id": "blocks", "channel": "social", "design": "switchback", "money": (4.0, 1.6), "spend_path": blocks,
         "start_date": each[0]["start_date"], "end_date": each[-1]["end_date"], "estimand": "during"},
        {"test_id": "weekly", "channel": "tv", "design": "geo lift", "money": (6.0, 5.0), "readouts": read,
         "covariance": covariance, "start_date": two_weeks[0]["start_date"], "end_date": two_weeks[1]["end_date"]},
        {"test_id": "arms", "channel": "search", "design": "geo lift", "unit_share": 0.3, "money": (1.2, 0.0),
         "arms": arms, "readouts": by_arm, "start_date": by_arm[0]["start_date"]},
    ]  # fmt: skip
    return [_test(panel, 60 + 2 * number, **row) for number, row in enumerate(rows)]


def _test(panel: Panel, week: int, money: tuple[float, float], day: int = 0, **fields: object) -> LiftTest:
    usual = {"start_date": panel.weeks[week].date() + timedelta(days=day), "outcome": "revenue", "market": "US"}
    usual |= {"status": "approved", "owner": "a", "reviewer": "b", "in_outcome": False, "randomised": True}
    row = {**usual, "spend_baseline": money[0], "spend_delta": money[1], **fields}
    row.setdefault("end_date", row["start_date"] + timedelta(days=27))
    if "readouts" not in row:
        row |= {"lift": 1.0, "lift_se": 0.15 * float(row.get("unit_share", 1.0))}
    if row.get("estimand") != "during":
        row["followup_end"] = row["end_date"] + timedelta(weeks=3)
    return LiftTest(**row)


def _period(panel: Panel, week: int, weeks: int) -> dict[str, object]:
    first = panel.weeks[week].date()
    return {"start_date": first, "end_date": first + timedelta(days=7 * weeks - 1)}


def _without_designs(figures: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: values for name, values in figures.items() if not name.startswith("design_")}
