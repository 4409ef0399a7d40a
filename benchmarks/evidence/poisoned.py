"""One test of four is wrong: is it found, and what becomes of the model if it is not?

Four go-dark tests of the clean world, one a channel, of a third of the market beside the data; one of them, drawn by
the seed, reads three times the true lift, or its opposite. Tension is that of each test with the fit that has seen
none.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import xarray as xr

from benchmarks.evidence.fits import cells, fit_with, roas_of, spec_of
from mmm_models.evidence import LiftTest
from mmm_models.evidence.tension import tension
from mmm_models.fit import Fit
from mmm_models.worlds.randomness import stream
from mmm_models.worlds.stress import make_world, true_returns
from mmm_models.worlds.stress.experiments import Experiment, latest_start, poisoned, run_experiment

WORLD = "clean"
WEEKS, SHARE, RELATIVE_ERROR = 5, 1 / 3, 0.10
FACTORS = {"three times": 3.0, "opposite sign": -1.0}


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a kind of poison; see `summary`."""
    return summary(pd.concat([fits_of_world(seed) for seed in seeds], ignore_index=True))


def fits_of_world(seed: int) -> pd.DataFrame:
    """One row a kind of poison and channel.

    Columns: `poisoned`; `z`, the test's tension; `error_<fit>`, of the ROAS: without tests, with `good` ones only, with
    `all` four, and `governed`, without those that wait for a person because |z| is beyond the policy's limit, and
    `reviewed`, without those that somebody should look at as well.
    """
    world = make_world(WORLD, seed)
    panel, truth, spec = world.panel, true_returns(world), spec_of(world.panel, seed)
    tests = []
    for channel in panel.channels:
        followup = world.recipe.max_lag - 1
        start = latest_start(world, channel, WEEKS, followup, weekday=3)
        settings = {"unit_share": SHARE, "relative_error": RELATIVE_ERROR}
        tests.append(run_experiment(world, Experiment(channel, channel, "go-dark", start, WEEKS, followup, **settings)))
    wrong = int(stream(seed, WORLD, "poison").integers(len(tests)))
    without = fit_with(panel, [], spec)
    # The same tests need one fit only, whatever the poison.
    fits: dict[tuple[tuple[str, float], ...], pd.Series] = {(): _errors(without, truth)}

    def errors(kept: list[LiftTest]) -> pd.Series:
        key = tuple((test.test_id, test.lift) for test in kept)
        if key not in fits:
            fits[key] = _errors(fit_with(panel, kept, spec), truth)
        return fits[key]

    rows = []
    for kind, factor in FACTORS.items():
        filed = [poisoned(test, factor) if number == wrong else test for number, test in enumerate(tests)]
        z = np.array([tension(without, test).z for test in filed])
        chosen = {
            "none": [],
            "good": [test for number, test in enumerate(tests) if number != wrong],
            "all": filed,
            "governed": [test for test, own in zip(filed, z, strict=True) if abs(own) <= spec.evidence.tension_block],
            "reviewed": [test for test, own in zip(filed, z, strict=True) if abs(own) <= spec.evidence.tension_review],
        }
        found = pd.DataFrame({f"error_{name}": errors(kept) for name, kept in chosen.items()})
        rows.append(found.assign(seed=seed, kind=kind, z=z, poisoned=np.arange(len(tests)) == wrong))
    return pd.concat(rows).rename_axis("channel").reset_index()


def summary(rows: pd.DataFrame, review: float = 2.0, block: float = 3.0) -> pd.DataFrame:
    """One row a kind of poison.

    Columns: `fits`; `flagged` and `blocked`, share of poisoned tests with |z| beyond `review` and `block`;
    `median_z` of them, absolute; `false_flags` and `false_blocks`, the same shares of good tests; `error_<fit>`, median
    |estimate / truth - 1| of the ROAS over channels and seeds; `governed_over_good`, the ratio of two of them.
    """
    found = []
    for kind, own in rows.groupby("kind", sort=False):
        size = own["z"].abs()
        errors = {name: own[name].abs().median() for name in own if name.startswith("error_")}
        found.append(
            {
                "poison": kind,
                "fits": own["seed"].nunique(),
                "flagged": (size[own.poisoned] > review).mean(),
                "blocked": (size[own.poisoned] > block).mean(),
                "median_z": size[own.poisoned].median(),
                "false_flags": (size[~own.poisoned] > review).mean(),
                "false_blocks": (size[~own.poisoned] > block).mean(),
                **errors,
                "governed_over_good": errors["error_governed"] / errors["error_good"],
                "reviewed_over_good": errors["error_reviewed"] / errors["error_good"],
            }
        )
    return pd.DataFrame(found)


def _errors(fit: Fit, truth: xr.Dataset) -> pd.Series:
    return cells(roas_of(fit), truth).set_index("channel")["error"]
