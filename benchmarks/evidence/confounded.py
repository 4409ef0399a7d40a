"""One go-dark test of the most confounded channel: what becomes of its ROAS, and of everybody else's?

In the world `demand_confounded` spend follows a demand wave that is not in the data. The channel tested is the one
whose carried-over spend goes most with what the model cannot explain of the baseline. Six weeks dark, of units that are
not in the data, as late as the data allow, counted to the end of the carryover, standard error 5 % of the lift.

Peers: PyMC-Marketing's own lift term, which is told the lift a week and the spend a week, and a prior on the ROAS with
the test's mean and error, which is what Meridian does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from math import log

import numpy as np
import pandas as pd

from benchmarks.evidence.fits import EFFORT, cells, fit_with, roas_of, spec_of
from benchmarks.truth import peer
from mmm_models.evidence import LiftTest
from mmm_models.evidence.tension import tension
from mmm_models.fit import Fit
from mmm_models.panel import Panel
from mmm_models.transforms import carry_over, fourier_basis, trend_index
from mmm_models.worlds.stress import StressWorld, make_world, true_returns
from mmm_models.worlds.stress.experiments import Experiment, latest_start, run_experiment

WORLD = "demand_confounded"
WEEKS, RELATIVE_ERROR = 6, 0.05
OURS, NO_TEST = "mixhouse, lift test", "mixhouse, no test"
PRIOR = "mixhouse, ROAS prior from the test"
PEER = "PyMC-Marketing, its lift term"
_RESAMPLED = 4000


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a participant; see `summary`."""
    return summary(pd.concat([fits_of_world(seed) for seed in seeds], ignore_index=True))


def fits_of_world(seed: int, who: Sequence[str] = ()) -> pd.DataFrame:
    """One row a participant (default all) and channel: error of the ROAS, is it inside its interval, seconds of the
    fit, and the tension of the test with a fit that has not seen it."""
    world = make_world(WORLD, seed)
    panel, truth = world.panel, true_returns(world)
    channel = most_confounded(world)
    test = go_dark(world, channel)
    rows = []
    for name, way in ways(panel, test, seed).items():
        if who and name not in who:
            continue
        started = time.perf_counter()
        fit = way()
        seconds = time.perf_counter() - started
        z = tension(fit, test).z if name == NO_TEST else float("nan")
        rows.append(cells(roas_of(fit), truth).assign(who=name, seconds=seconds, z=z))
    table = pd.concat(rows, ignore_index=True)
    return table.assign(seed=seed, tested=table["channel"] == channel)


def ways(panel: Panel, test: LiftTest, seed: int) -> dict[str, Callable[[], Fit]]:
    """What each participant does with the data and the test."""
    spec = spec_of(panel, seed)
    prior = {"effect": {"quantity": "roas", "prior": roas_prior(test)}}
    with_prior = spec_of(panel, seed, channels={name: prior if name == test.channel else {} for name in panel.channels})
    return {
        NO_TEST: lambda: fit_with(panel, [], spec),
        OURS: lambda: fit_with(panel, [test], spec),
        PRIOR: lambda: fit_with(panel, [], with_prior),
        PEER: lambda: peer.fitted(panel, EFFORT, seed, lift_tests=peer_rows([test])),
    }


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a participant.

    Columns: `fits`; `error_tested` and `error_untested`, median |estimate / truth - 1| of the ROAS over seeds (and
    channels), `bias_tested`, the median of estimate / truth - 1; `cover_tested` and `cover_untested`, share of 90 %
    intervals that hold the truth; `times_better`, error without a test over error with it, with a 90 %
    interval by resampling seeds; `seconds` and `median_z`, medians: of the fit, of the test's
    tension with the fit that has not seen it.
    """
    found = []
    for who, own in rows.groupby("who", sort=False):
        tested, others = own[own.tested], own[~own.tested]
        plain = rows[(rows.who == NO_TEST) & rows.tested]
        before, after = plain.set_index("seed")["error"].abs(), tested.set_index("seed")["error"].abs()
        low, high = _resampled(before.loc[after.index].values, after.values)
        found.append(
            {
                "who": who,
                "fits": len(tested),
                "error_tested": after.median(),
                "bias_tested": tested["error"].median(),
                "times_better": before.median() / after.median(),
                "times_better_p05": low,
                "times_better_p95": high,
                "cover_tested": tested["inside_90"].mean(),
                "error_untested": others["error"].abs().median(),
                "cover_untested": others["inside_90"].mean(),
                "seconds": tested["seconds"].median(),
                "median_z": tested["z"].median(),
            }
        )
    return pd.DataFrame(found)


def _resampled(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """5 % and 95 % points of the ratio of two medians over the same seeds (percentile bootstrap; Efron 1979)."""
    picked = np.random.default_rng(0).integers(0, len(before), (_RESAMPLED, len(before)))
    ratios = np.median(before[picked], axis=1) / np.median(after[picked], axis=1)
    return float(np.quantile(ratios, 0.05)), float(np.quantile(ratios, 0.95))


def most_confounded(world: StressWorld) -> str:
    """The channel whose carried-over spend correlates most with the part of the first market's baseline that trend,
    season and controls do not explain."""
    weeks = world.panel.weeks
    spend = world.panel.dataset["spend"].values[:, 0]
    carried = carry_over(spend, world.media.weights[None])[0]
    controls = world.panel.dataset["controls"].values[:, 0]
    trend = trend_index(weeks, weeks[0], len(weeks) - 1)
    known = np.column_stack([np.ones(len(weeks)), trend, fourier_basis(weeks, 2), controls])
    values = np.column_stack([world.baseline.values[: len(weeks), 0], carried])
    left = values - known @ np.linalg.lstsq(known, values, rcond=None)[0]
    correlation = np.corrcoef(left.T)[0, 1:]
    return world.panel.channels[int(np.argmax(correlation))]


def go_dark(world: StressWorld, channel: str, weeks: int = WEEKS, **changes: object) -> LiftTest:
    """The latest such test of a channel, counted until its effect is over."""
    followup = world.recipe.max_lag - 1
    start = latest_start(world, channel, weeks, followup, weekday=2)
    settings = {"relative_error": RELATIVE_ERROR, **changes}
    return run_experiment(world, Experiment(f"dark {channel}", channel, "go-dark", start, weeks, followup, **settings))


def peer_rows(tests: Iterable[LiftTest]) -> pd.DataFrame:
    """Tests as PyMC-Marketing takes them, spend and lift a week; no test is corrected for what its window misses."""
    return pd.DataFrame(
        {
            "channel": test.channel,
            "market": test.market,
            "x": test.spend_baseline / test.weeks,
            "delta_x": test.spend_delta / test.weeks,
            "delta_y": test.lift / test.weeks,
            "sigma": test.lift_se / test.weeks,
        }
        for test in tests
    )


def roas_prior(test: LiftTest) -> dict[str, object]:
    """The test's return of a unit of money as a log-normal prior, with its relative error."""
    return {
        "distribution": "LogNormal",
        "mu": log(test.lift / test.spend_delta),
        "sigma": abs(test.lift_se / test.lift),
    }
