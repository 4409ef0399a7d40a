"""Fits of the fast engine with tests, by the policy's defaults, and how far they are from the truth."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import xarray as xr

from benchmarks.truth.estimate import Effort
from benchmarks.truth.ours import default_spec
from benchmarks.truth.scores import inside
from mmm_models.engines import get_engine
from mmm_models.evidence import EvidenceSet, LiftTest, select_evidence
from mmm_models.fit import Fit
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec

# The same for all; medians over worlds ask for no more.
EFFORT = Effort(draws=300, tune=400, chains=2)


def spec_of(panel: Panel, seed: int, **changes: object) -> ModelSpec:
    """The default model, but for `changes`: keys of its YAML."""
    return default_spec(panel, EFFORT, seed=seed, **changes)


def evidence_of(tests: Sequence[LiftTest], spec: ModelSpec, panel: Panel) -> EvidenceSet:
    """All of the tests, each counted as the model's policy has it. Raises ValueError where it refuses one."""
    evidence = select_evidence(tests, spec, panel)
    if refused := [decision.reason for decision in evidence.decisions if not decision.used]:
        raise ValueError(f"a test of the benchmark was refused: {refused[0]}")
    return evidence


def fit_with(panel: Panel, tests: Sequence[LiftTest], spec: ModelSpec) -> Fit:
    """The fit of a spec with these tests in its likelihood, or without any."""
    return get_engine(spec.engine).fit(panel, spec, evidence_of(tests, spec, panel) if tests else None)


def cells(roas: xr.DataArray, truth: xr.Dataset) -> pd.DataFrame:
    """One row a channel: `error`, median of the draws / true ROAS - 1, and `inside_90`.

    Args:
        roas: draws (sample, market, channel).
        truth: of `true_returns`.
    """
    rows = []
    for market in map(str, roas["market"].values):
        for channel in map(str, roas["channel"].values):
            known = float(truth["roas"].sel(market=market, channel=channel))
            draws = roas.sel(market=market, channel=channel).values
            error = float(roas.sel(market=market, channel=channel).median()) / known - 1
            rows.append({"market": market, "channel": channel, "error": error, "inside_90": inside(draws, known, 90)})
    return pd.DataFrame(rows)


def roas_of(fit: Fit) -> xr.DataArray:
    """Draws of the ROAS of all weeks, (sample, market, channel)."""
    return fit.returns(max_samples=1000)["roas"].sel(market=fit.panel.markets)
