"""Stress worlds whose truth is known: how much of the best plan's gain does a plan bring, and is it what was said?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.planning.asked import BOUNDS, fitted, peer_levels
from benchmarks.planning.decided import decided
from benchmarks.provenance import PROJECT, commit
from benchmarks.truth.estimate import Effort
from benchmarks.truth.kept import Kept
from benchmarks.truth.participant import Participant
from mmm_models.worlds.stress import make_world

CACHE = PROJECT / "benchmarks" / ".cache" / "planning"


@dataclass(frozen=True)
class Case:
    """A world, the media of its model (keys of a model's YAML), and what is asked there.

    `has_its_forms`: can the model say what happens in the world? `with_peer`: does PyMC-Marketing plan, too? Its plans
    of concave curves are ours, which one world shows well enough.
    """

    world: str
    media: dict[str, Any] = field(default_factory=dict)
    has_its_forms: bool = False
    with_peer: bool = False


CASES = (
    Case("clean", has_its_forms=True, with_peer=True),
    Case("s_shaped", {"saturation": {"kind": "hill"}}, has_its_forms=True, with_peer=True),
    Case("s_shaped"),
    Case("delayed_adstock"),
    Case("time_varying_effect"),
    Case("collinear"),
    Case("demand_confounded"),
    Case("search_follows_demand"),
    Case("idle_channel"),
)
# A loss of less than this share is none.
_ROUNDING = 1e-9
# What reads a fit, or says in a spec what is planned, cannot change its draws: hours of plans outlive it.
_FITS = (
    "mmm_models/engines/*.py",
    "mmm_models/engines/marginal",
    "benchmarks/truth/ours.py",
    "benchmarks/planning/asked.py",
    "benchmarks/planning/peer.py",
)
_PLANS = (
    *_FITS,
    "mmm_models/fit",
    "mmm_models/planning",
    "benchmarks/planning/decided.py",
    "benchmarks/planning/oracle.py",
)


def run(
    seeds: Iterable[int], worlds: Sequence[str] = (), effort: Effort | None = None, folder: Path = CACHE
) -> pd.DataFrame:
    """One row a case (of these worlds; default all), kind of bounds and planner, over the seeds.

    Returns:
        `uplift_captured_percent`: what the plans gain over the status quo, as a share of what the oracle's gain, both
        summed over seeds in units of the status quo; `regret_percent`: what they miss, as a share of what the oracle's
        are worth; `worst_regret_percent` of any seed; `claimed_percent`, `realised_percent`: mean gain over the status
        quo, as said and as it was, as a share of the status quo; `gain_inside_90` and `value_inside_90`: per cent of
        seeds in which the 90 % interval of the gain, or of the whole value, holds what was realised.
    """
    effort = effort or Effort()
    seeds = list(seeds)
    rows = []
    for case in [case for case in CASES if not worlds or case.world in worlds]:
        records = list(_records(case, seeds, effort, folder))
        model = "/".join(part["kind"] for part in case.media.values()) or "default"
        known = {"world": case.world, "model": model, "has_its_forms": case.has_its_forms}
        for kind in BOUNDS:
            rows += [{**known, "bounds": kind, **row} for row in scored([record[kind] for record in records])]
    return pd.DataFrame(rows)


def scored(records: list[dict[str, Any]]) -> Iterator[dict[str, object]]:
    """One row a planner, over `decided` records of the same kind of bounds."""
    now, best = (np.array([record[name] for record in records]) for name in ("status_quo", "oracle"))
    for who in records[0]["planners"]:
        plans = [record["planners"][who] for record in records]
        realised = np.array([plan["realised"] for plan in plans])
        value, gain = (np.array([plan[name] for plan in plans]) for name in ("value", "gain"))
        real_gain = realised - now
        yield {
            "planner": who,
            "companies": len(records),
            "uplift_captured_percent": 100 * float((real_gain / now).sum() / ((best - now) / now).sum()),
            "regret_percent": 100 * float(((best - realised) / best).mean()),
            "worst_regret_percent": 100 * float(((best - realised) / best).max()),
            "claimed_percent": 100 * float((gain[:, 1] / now).mean()),
            "realised_percent": 100 * float((real_gain / now).mean()),
            "loses_percent_of_companies": 100 * float((real_gain < -_ROUNDING * now).mean()),
            "gain_inside_90": 100 * float(((gain[:, 0] <= real_gain) & (real_gain <= gain[:, 2])).mean()),
            "value_inside_90": 100 * float(((value[:, 0] <= realised) & (realised <= value[:, 2])).mean()),
        }


def _records(case: Case, seeds: list[int], effort: Effort, folder: Path) -> Iterator[dict[str, Any]]:
    """A record of each seed, by kind of bounds; kept when done, and the peer's plans by themselves."""
    settings = {**case.media, "with_peer": case.with_peer}
    plans = Kept(folder, "plans", Participant(fitted, _PLANS, settings), effort)
    peers = Kept(folder, "peer", Participant(fitted, _FITS, case.media), effort)
    for seed in seeds:
        if (found := plans.find(case.world, seed)) is None:
            company = make_world(case.world, seed)
            fit = fitted(company, case.media, effort, seed)
            others = {}
            if case.with_peer:
                if (theirs := peers.find(case.world, seed)) is None:
                    theirs = {"world": case.world, "seed": seed, "levels": peer_levels(fit)}
                    peers.put(theirs)
                others["PyMC-Marketing"] = theirs["levels"]
            found = {"world": case.world, "seed": seed, "commit": commit()}
            found |= {kind: decided(company, fit, others, kind) for kind in BOUNDS}
            plans.put(found)
        yield found
