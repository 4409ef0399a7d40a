"""Worlds in which MMM and attribution are biased and few channels are tested: who finds the true ROAS, who covers it?

    python -m benchmarks.evidence.triangulation --worlds 500

Ten channels, four of them tested. The standard deviations of biases are drawn for each world from ranges of their own,
not from the priors of the model. Peers: hand weights .5/.3/.2, inverse variance, and the ratio correction (a test
overrides the MMM of its channel and nothing else). Beside the worlds that the model describes stand three that it does
not: biases with heavy tails (Student-t, 3 degrees), biases that go by kind of channel where the MMM's are not known to,
and too few tests. "own kind of channel tested" is the hard half of the second: all tests are of one kind.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.provenance import provenance
from mmm_models.evidence.triangulation import (
    METHODS,
    Sources,
    attribution_dataset,
    experiments_dataset,
    mmm_dataset,
    triangulate,
)
from mmm_models.evidence.triangulation.simple import per_source

RESULTS = Path(__file__).parents[1] / "results" / "evidence_triangulation.json"
CHANNELS = [f"channel_{number:02d}" for number in range(10)]
KINDS = ["performance"] * 5 + ["brand"] * 5
WORLDS = 500
# Of the integration; 1024 give the same intervals to a hundredth of their width.
POINTS = 512
_HALF = 1.6448536269514722


@dataclass(frozen=True)
class Scenario:
    """How the worlds of one name are made: tested channels, tails of the biases, and what a kind adds to them."""

    tested: tuple[int, ...] = (0, 3, 5, 8)
    degrees: float = np.inf
    kind_bias_mmm: float = 0.0
    kind_bias_attribution: float = 0.0


SCENARIOS = {
    "as modelled": Scenario(),
    "heavy-tailed bias": Scenario(degrees=3.0),
    "bias by kind": Scenario(kind_bias_mmm=0.3, kind_bias_attribution=0.5),
    "bias by kind, tests of one kind": Scenario(tested=(0, 1, 2, 3), kind_bias_mmm=0.3, kind_bias_attribution=0.5),
    "two channels tested": Scenario(tested=(0, 5)),
}


def run(seeds: Iterable[int], worlds: int = WORLDS) -> pd.DataFrame:
    """One row a scenario, method and half of the channels, over `worlds` worlds of each seed.

    Columns: root mean square error of log ROAS, share of 90 % intervals that hold the truth with its standard error
    over worlds, and the mean width of the intervals in logs.
    """
    found = []
    for seed in seeds:
        for scenario in SCENARIOS:
            for world in range(worlds):
                found.append(_scored(scenario, seed, world))
    scores = pd.concat(found, ignore_index=True)
    keys = ["scenario", "method", "channels"]
    by_world = scores.groupby([*keys, "world"], sort=False)[["squared", "inside", "width"]].mean()
    grouped = by_world.groupby(keys, sort=False)
    table = grouped.mean()
    table["rmse_log"] = np.sqrt(table.pop("squared"))
    table["coverage_90"] = table.pop("inside")
    table["coverage_se"] = grouped["inside"].std() / np.sqrt(grouped["inside"].size())
    table["width_log"] = table.pop("width")
    table["worlds"] = grouped["inside"].size()
    return table.reset_index()


def draw_world(scenario: Scenario, rng: np.random.Generator) -> tuple[np.ndarray, Sources]:
    """True log ROAS (channel) and what the sources say of it."""
    size, is_performance = len(CHANNELS), np.array([kind == "performance" for kind in KINDS])
    truth = rng.normal(rng.normal(0.5, 0.5), rng.uniform(0.3, 0.7), size)
    sign = np.where(is_performance, 1.0, -1.0)

    def scatter(low: float, high: float) -> np.ndarray:
        spread = rng.uniform(low, high)
        return spread * (
            rng.normal(size=size) if np.isinf(scenario.degrees) else rng.standard_t(scenario.degrees, size)
        )

    bias_mmm = rng.normal(0.2, 0.3) + scatter(0.1, 0.4) + scenario.kind_bias_mmm * sign
    bias_attribution = rng.normal(0.5, 0.4) + scatter(0.2, 0.5) + scenario.kind_bias_attribution * sign
    errors = rng.uniform(0.1, 0.3, size)
    correlation = np.eye(size) * 0.8 + 0.2
    covariance = errors[:, None] * errors * correlation
    between, tests = rng.uniform(0.0, 0.2), []
    for channel in scenario.tested:
        for number in range(rng.integers(1, 3)):
            own = rng.uniform(0.1, 0.3)
            tests.append(
                {
                    "test": f"{CHANNELS[channel]}-{number}",
                    "channel": CHANNELS[channel],
                    "estimate": truth[channel] + rng.normal(0, np.hypot(own, between)),
                    "standard_error": own,
                }
            )
    platform = pd.DataFrame(
        {
            "channel": CHANNELS,
            "estimate": truth + bias_attribution + rng.normal(0, 0.03, size),
            "standard_error": 0.03,
            "kind": KINDS,
        }
    )
    estimate = truth + bias_mmm + rng.multivariate_normal(np.zeros(size), covariance)
    sources = Sources(
        experiments_dataset(pd.DataFrame(tests)),
        mmm_dataset(CHANNELS, estimate, covariance),
        attribution_dataset(platform),
    )
    return truth, sources


def _scored(name: str, seed: int, world: int) -> pd.DataFrame:
    """Squared error, cover and width of each channel and method in one world."""
    scenario = SCENARIOS[name]
    truth, sources = draw_world(scenario, np.random.default_rng([seed, world, list(SCENARIOS).index(name)]))
    tested = np.isin(np.arange(len(CHANNELS)), scenario.tested)
    answers = {}
    for method in METHODS:
        made = triangulate(sources, method, points=POINTS)
        answers[method] = np.log(made[["roas_p05", "roas_p50", "roas_p95"]].to_array().values)
    answers["ratio_correction"] = _ratio_correction(sources)
    frames = []
    for method, (low, middle, high) in answers.items():
        frame = pd.DataFrame(
            {
                "squared": (middle - truth) ** 2,
                "inside": (low <= truth) & (truth <= high),
                "width": high - low,
                "channels": np.where(tested, "tested", "untested"),
            }
        )
        frames.append(frame.assign(method=method))
    return pd.concat(frames).assign(scenario=name, world=f"{seed}-{world}")


def _ratio_correction(sources: Sources) -> np.ndarray:
    """Quantiles (3, channel): the tests' mean where there are any, the MMM as it is elsewhere."""
    estimate, variance = per_source(sources)
    has = np.isfinite(estimate["experiments"])
    middle = np.where(has, estimate["experiments"], estimate["mmm"])
    half = _HALF * np.sqrt(np.where(has, variance["experiments"], variance["mmm"]))
    return np.stack([middle - half, middle, middle + half])


def main() -> None:
    """Run, print, keep as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, default=WORLDS)
    parser.add_argument("--seeds", type=int, default=1)
    arguments = parser.parse_args()
    table = run(range(1, arguments.seeds + 1), arguments.worlds)
    print(table.to_markdown(index=False, floatfmt=".3f"))
    content = {**provenance(), "seeds": arguments.seeds, "rows": table.to_dict("records")}
    RESULTS.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
