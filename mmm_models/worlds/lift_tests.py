"""Experiments in a world: the true lift by counterfactual, measured with normal noise and an honest standard error.

The tests are geo experiments scaled to their market, so that the market's recorded spend is business as usual.
Money is in reporting currency.
"""

import numpy as np
import pandas as pd
import xarray as xr
from scipy.special import ndtr, ndtri

from mmm_models.worlds.media import carry_over
from mmm_models.worlds.randomness import stream
from mmm_models.worlds.simulate import World
from mmm_models.worlds.spec import ChannelSpec, LiftTestSpec
from mmm_models.worlds.truth import spend_effect

COLUMNS = [
    *("test_id", "channel", "market", "design", "start_date", "end_date", "followup_end", "outcome"),
    *("spend_baseline", "spend_delta", "spend_delta_planned", "lift", "lift_se", "estimand", "in_outcome"),
    *("randomised", "pre_fit_error", "power", "contamination", "comparisons", "pre_registration"),
    *("status", "role", "owner", "reviewer", "updated_at"),
]


def run_lift_tests(world: World, tests: tuple[LiftTestSpec, ...] | None = None) -> pd.DataFrame:
    """One row a test with the columns of the lift-test sheet; `tests` defaults to those of the world's spec."""
    rows = [run_lift_test(world, test) for test in (world.spec.lift_tests if tests is None else tests)]
    return pd.DataFrame(rows, columns=COLUMNS)


def run_lift_test(world: World, test: LiftTestSpec, draw: int = 0) -> dict[str, object]:
    """Measure one test. `draw` repeats the same experiment with other noise.

    Raises ValueError when the test, with its follow-up, does not fit inside the complete weeks.
    """
    first = _first_week(world, test)
    weeks = world.week_starts
    during = slice(first, first + test.weeks)
    lift = true_lift(world, test)
    standard_error = test.relative_se * abs(lift)
    noise = stream(world.seed, "lift test", test.test_id, str(draw)).normal()
    rates = world.weekly(world.daily.spend * world.daily.fx_rate)
    baseline = float(rates.sel(market=test.market, channel=test.channel).isel(week=during).sum())
    end = weeks[during.stop - 1] + pd.Timedelta(days=6)
    followup_end = end + pd.Timedelta(weeks=test.followup_weeks)
    return {
        "test_id": test.test_id,
        "channel": test.channel,
        "market": test.market,
        "design": test.design,
        "start_date": weeks[first].date(),
        "end_date": end.date(),
        "followup_end": followup_end.date(),
        "outcome": "revenue",
        "spend_baseline": round(baseline, 2),
        "spend_delta": round(baseline * test.spend_change, 2),
        "spend_delta_planned": round(baseline * test.spend_change, 2),
        "lift": round(lift + standard_error * noise, 2),
        "lift_se": round(standard_error, 2),
        "estimand": "during+tail",
        # The world's own spend is business as usual: a test is a counterfactual, measured as well as anybody could.
        "in_outcome": False,
        "randomised": True,
        "pre_fit_error": 0.02,
        "power": round(float(ndtr(1 / test.relative_se - ndtri(0.975))), 4),
        "contamination": 0.0,
        "comparisons": 1,
        "pre_registration": f"protocol of {test.test_id}",
        "status": test.status,
        "role": test.role,
        "owner": "team:marketing-science",
        "reviewer": "team:finance" if test.status == "approved" else None,
        "updated_at": followup_end + pd.Timedelta(days=10, hours=9),
    }


def true_lift(world: World, test: LiftTestSpec) -> float:
    """Revenue that the test adds over its weeks and its follow-up, in reporting currency; negative when dark."""
    first = _first_week(world, test)
    spend = world.weekly_spend
    week = xr.DataArray(np.arange(spend.sizes["week"]), coords={"week": spend.week}, dims="week")
    tested = (week >= first) & (week < first + test.weeks)
    tested = tested & (spend.market == test.market) & (spend.channel == test.channel)
    effect = spend_effect(world, spend * xr.where(tested, 1 + test.spend_change, 1.0))
    counted = effect.sel(market=test.market, channel=test.channel)
    return float(counted.isel(week=slice(first, first + test.weeks + test.followup_weeks)).sum())


def _first_week(world: World, test: LiftTestSpec) -> int:
    """Position of the test's first week: its `start`, or the calmest window that the data have room for."""
    room = world.spec.weeks - test.weeks - test.followup_weeks
    if room < 0:
        raise ValueError(
            f"lift test {test.test_id!r}: {test.weeks} weeks and {test.followup_weeks} of follow-up do not fit into "
            f"the {world.spec.weeks} weeks of world {world.spec.name!r}; shorten the test"
        )
    if test.start is None:
        return _calmest_week(world, test, room)
    position = world.week_starts.get_indexer([pd.Timestamp(test.start)])[0]
    if not 0 <= position <= room:
        raise ValueError(
            f"lift test {test.test_id!r}: start {test.start} is not a Monday between {world.spec.start} and "
            f"{world.week_starts[room].date()}; move the test"
        )
    return int(position)


def _calmest_week(world: World, test: LiftTestSpec, room: int) -> int:
    """The start, within the last two years, at which a steady-state reading of the test is nearest to right.

    Such a reading takes the test's mean weekly spend for the exposure that the changed spend meets. Exposure carries
    earlier weeks, so that holds only where spend has been calm; teams test in such weeks.
    """
    channel = world.spec.channel(test.channel)
    spend = world.weekly_spend.sel(market=test.market, channel=test.channel).to_numpy()
    starts = range(max(0, min(room, world.spec.weeks - 100)), room + 1)
    return min(starts, key=lambda first: _unrest(channel, spend, first, test))


def _unrest(channel: ChannelSpec, spend: np.ndarray, first: int, test: LiftTestSpec) -> float:
    """Distance of the exposure that the changed spend meets from the window's mean spend, relative to it.

    Infinite where the channel is so quiet or so loud, against its own mean, that nobody would learn from a test.
    """
    inside = np.zeros(len(spend))
    inside[first : first + test.weeks] = 1.0
    level = spend[first : first + test.weeks].mean()
    if not 0.6 <= level / spend.mean() <= 1.25:
        return np.inf
    changed = carry_over(channel.adstock, spend * inside)[: first + test.weeks + test.followup_weeks]
    gap = carry_over(channel.adstock, spend)[: len(changed)] / level - 1
    weight = changed / changed.sum()
    return float(abs(weight @ gap) + 0.25 * np.sqrt(weight @ gap**2))
