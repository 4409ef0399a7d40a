"""Somebody who claims to find returns, and what the claim is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.truth.estimate import Effort, Estimate
from mmm_models.panel import Panel


@dataclass(frozen=True)
class Participant:
    """One row of each world.

    Attributes:
        estimate: data, the weeks after them (whose outcome is NaN), effort and seed to an answer.
        made_of: files and folders of the project, as patterns, whose code can change an answer.
        settings: whatever else can; plain values.
    """

    estimate: Callable[[Panel, Panel, Effort, int], Estimate]
    made_of: tuple[str, ...]
    settings: dict[str, Any] = field(default_factory=dict)


MODELS = ("mmm_models/spec*", "mmm_models/fit", "mmm_models/evidence", "mmm_models/engines/*.py")
