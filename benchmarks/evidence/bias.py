"""A test of four weeks, read out at their end, of a channel that keeps 70 % of its effect from week to week: is what
the model makes of it unbiased?

Such a window catches 1 - a (1 - a^4) / (4 (1 - a)) = 56 % of what its money brings in the end. A term that is blind to
adstock takes it for all. It is shown twice: in our engine, where the same lift is filed as if it had been counted to
the end of the carryover, and as PyMC-Marketing has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks.evidence.confounded import peer_rows
from benchmarks.evidence.fits import EFFORT, fit_with, roas_of, spec_of
from benchmarks.truth import peer
from mmm_models.evidence import LiftTest
from mmm_models.evidence.operator import predicted_lift
from mmm_models.fit import Fit
from mmm_models.panel import Panel
from mmm_models.transforms import adstock_weights
from mmm_models.worlds.stress import StressWorld, make_world, true_returns
from mmm_models.worlds.stress.experiments import Experiment, latest_start, run_experiment, true_lift

CHANNEL, RETENTION, MAX_LAG, WEEKS = "social", 0.7, 26, 4
RELATIVE_ERROR = 0.05
NO_TEST, OURS = "mixhouse, no test", "mixhouse, lift test"
BLIND, PEER = "mixhouse, blind to adstock", "PyMC-Marketing, its lift term"


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a participant; see `summary`."""
    return summary(pd.concat([fits_of_world(seed) for seed in seeds], ignore_index=True))


def fits_of_world(seed: int, who: Sequence[str] = ()) -> pd.DataFrame:
    """One row a participant (default all): posterior means of the channel's ROAS, of the lift in the window and of the
    retention, over their truths, less 1; and the posterior's own relative deviation of the ROAS."""
    world = long_memory(make_world("clean", seed))
    start = latest_start(world, CHANNEL, WEEKS, MAX_LAG, weekday=2)
    plan = Experiment("window", CHANNEL, "go-dark", start, WEEKS, MAX_LAG, relative_error=RELATIVE_ERROR)
    during = replace(plan, estimand="during")
    test = run_experiment(world, during)
    roas = float(true_returns(world)["roas"].sel(market="US", channel=CHANNEL))
    rows = []
    for name, way in ways(world.panel, test, seed).items():
        if who and name not in who:
            continue
        fit = way()
        draws = roas_of(fit).sel(channel=CHANNEL).values
        lift = predicted_lift(fit, test).values.mean() / true_lift(world, during).sum() - 1
        retention = float(fit.draws()["adstock_alpha"].sel(channel=CHANNEL).mean()) / RETENTION - 1
        rows.append(
            {
                "who": name,
                "seed": seed,
                "roas": draws.mean() / roas - 1,
                "lift": lift,
                "retention": retention,
                "deviation": draws.std() / roas,
            }
        )
    return pd.DataFrame(rows)


def ways(panel: Panel, test: LiftTest, seed: int) -> dict[str, Callable[[], Fit]]:
    """What each participant does with the data and the test."""
    channels = {name: {"adstock": {"max_lag": MAX_LAG}} if name == CHANNEL else {} for name in panel.channels}
    spec = spec_of(panel, seed, channels=channels)
    blind = test.model_copy(update={"estimand": "during+tail", "followup_end": panel.weeks[-1].date()})
    return {
        NO_TEST: lambda: fit_with(panel, [], spec),
        OURS: lambda: fit_with(panel, [test], spec),
        BLIND: lambda: fit_with(panel, [blind], spec),
        PEER: lambda: peer.fitted(panel, EFFORT, seed, lift_tests=peer_rows([test]), max_lag=MAX_LAG),
    }


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a participant: bias of the ROAS, of the lift and of the retention (means over seeds, with the standard
    error of the ROAS's and the lift's), and the mean posterior deviation of the ROAS, all as shares of the truth."""
    found = []
    for who, own in rows.groupby("who", sort=False):
        size = len(own)
        found.append(
            {
                "who": who,
                "fits": size,
                "bias_roas": own["roas"].mean(),
                "bias_roas_se": own["roas"].std() / np.sqrt(size),
                "bias_lift": own["lift"].mean(),
                "bias_lift_se": own["lift"].std() / np.sqrt(size),
                "bias_retention": own["retention"].mean(),
                "posterior_deviation": own["deviation"].mean(),
            }
        )
    return pd.DataFrame(found)


def long_memory(world: StressWorld) -> StressWorld:
    """The same company, but for one channel that keeps 70 % of its effect a week; the outcome changes accordingly."""
    weights = np.zeros((len(world.panel.channels), MAX_LAG))
    weights[:, : world.media.weights.shape[1]] = world.media.weights
    weights[world.panel.channels.index(CHANNEL)] = adstock_weights("geometric", {"alpha": np.array(RETENTION)}, MAX_LAG)
    media = replace(world.media, weights=weights)
    spend = np.concatenate([part.dataset["spend"].values for part in (world.panel, world.ahead)])
    change = (media.respond(spend) - world.media.respond(spend)).sum(axis=2)
    known = len(world.panel.weeks)
    panel, ahead = (
        Panel(part.dataset.assign(outcome=part.dataset["outcome"] + moved))
        for part, moved in ((world.panel, change[:known]), (world.ahead, change[known:]))
    )
    return replace(world, recipe=replace(world.recipe, max_lag=MAX_LAG), media=media, panel=panel, ahead=ahead)
