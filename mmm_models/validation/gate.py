"""One check of a fit with its verdict."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["pass", "warn", "fail"]


@dataclass(frozen=True)
class Gate:
    """One check of a fit. `metric` says what `value` is; `advice` says what to do, or that there is nothing to do."""

    name: str
    metric: str
    threshold: float
    value: float
    verdict: Verdict
    advice: str
