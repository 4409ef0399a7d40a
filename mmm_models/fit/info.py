"""Where a fit comes from and how well its sampler did."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

DrawsKind = Literal["posterior", "bootstrap", "approximation"]


@dataclass(frozen=True)
class FitInfo:
    """Provenance of a fit; travels with it into the saved file.

    `convergence` holds r_hat_max, ess_bulk_min, ess_tail_min, divergences, e_bfmi_min, n_chains and n_draws, of the
    draws before any thinning; what no sampler drew has the last two, and k_hat where draws were weighted. `draws` says
    what the draws are: of the posterior by a sampler, replicates of a bootstrap, or of an approximation to the
    posterior. `evidence` has one mapping a lift test considered: its id, whether it was used and why.
    `started_at` is ISO 8601 in UTC. Hashes are sha256 in hex, or "" where not known.
    """

    engine: str
    engine_version: str = ""
    seed: int = 0
    started_at: str = ""
    wall_seconds: float = 0.0
    convergence: dict[str, float] = field(default_factory=dict)
    evidence: list[dict[str, Any]] = field(default_factory=list)
    data_hash: str = ""
    spec_hash: str = ""
    evidence_hash: str = ""
    code_hash: str = ""
    draws: DrawsKind = "posterior"

    def to_json(self) -> str:
        """Return the info as JSON; numpy numbers become plain ones, dates ISO text."""
        return json.dumps(asdict(self), default=_plain)

    @classmethod
    def from_json(cls, text: str) -> "FitInfo":
        """Read what `to_json` wrote."""
        return cls(**json.loads(text))


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"FitInfo holds {value!r} of type {type(value).__name__}, which JSON cannot")
