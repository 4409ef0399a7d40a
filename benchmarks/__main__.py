"""`make bench`: every benchmark, one table each, kept under benchmarks/results with machine and commit."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.engines import national, peer_default
from benchmarks.warehouse import real_exports, scale

RESULTS = Path(__file__).parent / "results"
BENCHMARKS = {
    "engines_national": national.run,
    "engines_peer_default": peer_default.run,
    "warehouse_real_exports": real_exports.run,
    "warehouse_scale": scale.run,
}


def provenance() -> dict[str, str | int]:
    """Machine and commit of this run."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return {
        "commit": commit.stdout.strip() or "unknown",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": platform.platform(),
        "cores": os.cpu_count() or 0,
    }


def main() -> None:
    """Run what is asked for, print each table, keep it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(sorted(BENCHMARKS))}; default all")
    parser.add_argument("--seeds", type=int, default=1, help="worlds to simulate")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.names) - set(BENCHMARKS)):
        parser.error(f"no benchmark {', '.join(unknown)}; there is: {', '.join(sorted(BENCHMARKS))}")
    for name in arguments.names or sorted(BENCHMARKS):
        table = BENCHMARKS[name](range(1, arguments.seeds + 1))
        print(f"\n{name} ({arguments.seeds} seeds)\n{table.to_markdown(index=False, floatfmt='.3g')}")
        RESULTS.mkdir(exist_ok=True)
        content = {**provenance(), "seeds": arguments.seeds, "rows": table.to_dict("records")}
        (RESULTS / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
