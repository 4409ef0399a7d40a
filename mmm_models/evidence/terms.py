"""How each test counts in a likelihood: its quality, what its age adds, and whether its weeks are left out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import timedelta

from mmm_models.evidence.designs import design_of
from mmm_models.evidence.evidence_set import Term
from mmm_models.evidence.in_data import InData
from mmm_models.evidence.record import LiftTest
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec

_YEAR = 365.25


def term_of(test: LiftTest, spec: ModelSpec, panel: Panel, in_data: InData, quality: float) -> Term:
    """How a test counts.

    The effect of a channel is taken to drift by `evidence.drift` of itself in a year, as a random walk: variance grows
    with the time between the test's end and that of the data. Where the model lets the effect wander, the walk is in
    the model already, and age adds nothing.

    Args:
        test: a test that the model uses.
        spec, panel: the model.
        in_data: how it stands to the outcome, see `stands_in_data`.
        quality: of its design, as frozen with its approval.
    """
    wanders = all(spec.channel(name).time_varying for name in test.channels)
    last = panel.weeks[-1].date() + timedelta(days=6)
    years = max((last - test.end_date).days, 0) / _YEAR
    return Term(
        quality=quality,
        drift_variance=0.0 if wanders else spec.evidence.drift**2 * years,
        masked=in_data.rule == "masked",
        in_data=in_data.words,
    )


def policy_hash(used: Iterable[LiftTest], spec: ModelSpec) -> str:
    """sha256 of what the model thinks of the designs of the tests that it uses; '' without any."""
    designs: Mapping[str, dict] = {test.test_id: design_of(test, spec).model_dump() for test in used}
    if not designs:
        return ""
    freedom = spec.evidence.degrees_of_freedom
    return hashlib.sha256(json.dumps([designs, freedom], sort_keys=True).encode()).hexdigest()
