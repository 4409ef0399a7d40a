"""`make bench`: every benchmark, one table each, kept under benchmarks/results with machine and commit."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.calibration import experiments as calibration_experiments
from benchmarks.calibration import run as calibration
from benchmarks.engines import enterprise, geo, national, peer_default
from benchmarks.evidence import bias, confounded, geolift, overhead, poisoned, triangulation
from benchmarks.planning import concave, decisions, drift, large, s_shaped, speed
from benchmarks.provenance import provenance
from benchmarks.tournament import grid
from benchmarks.truth import run as truth
from benchmarks.truth.table import shown
from benchmarks.warehouse import real_exports, scale

RESULTS = Path(__file__).parent / "results"
BENCHMARKS = {
    "calibration": calibration.run,
    "calibration_experiments": calibration_experiments.run,
    "engines_enterprise": enterprise.run,
    "engines_geo": geo.run,
    "engines_national": national.run,
    "engines_peer_default": peer_default.run,
    "evidence_bias": bias.run,
    "evidence_confounded": confounded.run,
    "evidence_geolift": geolift.run,
    "evidence_overhead": overhead.run,
    "evidence_poisoned": poisoned.run,
    "evidence_triangulation": triangulation.run,
    "planning_concave": concave.run,
    "planning_decisions": decisions.run,
    "planning_drift": drift.run,
    "planning_large": large.run,
    "planning_s_shaped": s_shaped.run,
    "planning_speed": speed.run,
    "tournament": grid.run,
    "truth": truth.run,
    "warehouse_real_exports": real_exports.run,
    "warehouse_scale": scale.run,
}


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def main() -> None:
    """Run what is asked for, print each table, keep it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(sorted(BENCHMARKS))}; default all")
    parser.add_argument("--seeds", type=int, default=1, help="worlds to simulate")
    parser.add_argument("--worlds", type=_names, default=[], help="truth, planning_decisions: of these worlds alone")
    parser.add_argument("--who", type=_names, default=[], help="truth: of these participants alone, with commas")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.names) - set(BENCHMARKS)):
        parser.error(f"no benchmark {', '.join(unknown)}; there is: {', '.join(sorted(BENCHMARKS))}")
    for name in arguments.names or sorted(BENCHMARKS):
        takes = {"truth": ("worlds", "who"), "planning_decisions": ("worlds",)}.get(name, ())
        options = {key: getattr(arguments, key) for key in takes if getattr(arguments, key)}
        table = BENCHMARKS[name](range(1, arguments.seeds + 1), **options)
        if table.empty:
            continue
        for_people = shown(table) if name == "truth" else table
        print(f"\n{name} ({arguments.seeds} seeds)\n{for_people.to_markdown(index=False, floatfmt='.3g')}")
        if name == "truth":  # a part of it adds to what is there, until no world is left out
            table = truth.kept_so_far()
            if table.empty:
                continue
        RESULTS.mkdir(exist_ok=True)
        # JSON has no word for a figure that nobody gave but null.
        rows = table.astype(object).where(table.notna(), None).to_dict("records")
        content = {**provenance(), "seeds": arguments.seeds, "rows": rows}
        (RESULTS / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
