"""`make demo`: sample exports, the whole graph, the plan, and the truth beside the estimates.

The truth is read here, at the very end, and nowhere else.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from mmm_models.reporting.money import format_money
from warehouse.errors import DeliveryError
from warehouse.home import Home
from warehouse.remote import protocol_of

MODEL = "retail"
# A used test of the sample, to try out what becomes of fit and plan when it turns out to be wrong.
REVOKED = "lt-001-search-us"
# The champion, beside the same model without lift tests on the same data.
_ESTIMATES = """
    with challenger as (
        select run_id from results.model_runs
        where model = $model and role = 'challenger'
        order by created_at desc, run_id desc limit 1
    )
    select
        with_tests.market, with_tests.channel, with_tests.spend,
        with_tests.roas_mean, with_tests.roas_p05, with_tests.roas_p50, with_tests.roas_p95,
        without.roas_mean as without_mean, without.roas_p05 as without_p05,
        without.roas_p50 as without_p50, without.roas_p95 as without_p95
    from results.latest_channel_returns as with_tests
    inner join results.channel_returns as without using (market, channel, window_name)
    inner join challenger on without.run_id = challenger.run_id
    where with_tests.model = $model and with_tests.window_name = 'all'
"""

_PATHS = "select week_start, market, channel, spend, spend_status_quo from results.plan_lines where plan_id = ?"


def write_sample(home: Home, *, seed: int) -> None:
    """Write the simulated retailer's exports and its truth; the same seed writes the same bytes.

    Raises:
        DeliveryError: the landing folder lies at a URL.
    """
    from mmm_models.worlds.retailer import retailer
    from mmm_models.worlds.write import write_world

    write_world(retailer(), _local_landing(home), home.truth, seed=seed)


def restate_sample(home: Home, *, market: str, seed: int) -> Path:
    """Deliver a file that restates a few days of one market."""
    from mmm_models.worlds.retailer import retailer
    from mmm_models.worlds.write import deliver_restatement

    return deliver_restatement(retailer(), _local_landing(home), seed, market=market)


def lift_test_sample(home: Home, *, seed: int) -> Path:
    """Deliver one more approved lift test."""
    from mmm_models.worlds.retailer import retailer
    from mmm_models.worlds.write import deliver_lift_test

    return deliver_lift_test(retailer(), _local_landing(home), seed)


def _local_landing(home: Home) -> Path:
    if protocol_of(home.landing):
        raise DeliveryError(
            "The sample is written to a local landing folder, and MIXHOUSE_LANDING is a URL. Unset it for the sample, "
            "and set MIXHOUSE_HOME to a folder of its own."
        )
    return Path(home.landing)


def run_demo(home: Home, console: Console, *, seed: int) -> bool:
    """Run the demo; return whether every step succeeded."""
    from dagster_project.agenda_cli import print_published_agenda
    from dagster_project.running import refresh
    from dagster_project.terminal import print_outcome, print_plan

    started = time.perf_counter()
    if any(home.truth.iterdir()):
        console.print(f"Sample exports are under {home.landing} already.")
    else:
        console.print("Writing the sample exports of a simulated retailer (two markets, three years)")
        write_sample(home, seed=seed)
    outcome = refresh(console)
    print_outcome(console, outcome)
    if not outcome.ok:
        return False
    console.print()
    print_plan(console, home.published, MODEL)
    console.print()
    print_truth(console, home)
    print_true_gain(console, home, seed)
    console.print()
    print_published_agenda(console, home.published, MODEL)
    console.print(
        f"\nDone in {time.perf_counter() - started:.0f} s. Where to look:\n"
        f"  make ui                              the asset graph, checks, plots, sensors (http://127.0.0.1:3000)\n"
        f"  mixhouse returns {MODEL:<19} returns of each channel; also `mixhouse plan {MODEL}`\n"
        f"  mixhouse experiment list             lift tests: state, quality, which run uses them, why not\n"
        f'  mixhouse experiment revoke {REVOKED} --by team:finance --why "controls saw it"\n'
        f"                                       fit and plan of {MODEL} turn stale; `mixhouse run` makes them again\n"
        f"  duckdb -readonly {home.published}\n"
        f"  docs/analyst.md                      the tables, with ten queries",
        highlight=False,
    )
    return True


def print_truth(console: Console, home: Home) -> None:
    """ROAS without and with lift tests beside the world's truth; how many are inside is printed, not hidden."""
    from dagster_project.terminal import interval, query
    from mmm_models.worlds.write import read_truth

    compared = compare(query(home.published, _ESTIMATES, {"model": MODEL}), read_truth(home.truth))
    table = Table(title=f"{MODEL}: estimated ROAS beside the truth of the simulated world (whole period)")
    for name, justify in (
        ("market", "left"), ("channel", "left"), ("spend", "right"), ("without lift tests", "right"),
        ("with lift tests", "right"), ("truth", "right"), ("inside", "center"),
    ):  # fmt: skip
        table.add_column(name, justify=justify)
    for row in compared.itertuples():
        table.add_row(
            row.market,
            row.channel,
            format_money(row.spend, "USD"),
            interval(row.without_mean, row.without_p05, row.without_p95),
            interval(row.roas_mean, row.roas_p05, row.roas_p95),
            f"{row.truth:.2f}",
            "[green]yes[/]" if row.inside else "[red]no[/]",
        )
    console.print(table)
    inside, total = int(compared["inside"].sum()), len(compared)
    before, after = ((compared[name] / compared["truth"] - 1).abs().median() for name in ("without_p50", "roas_p50"))
    console.print(
        f"{inside} of {total} truths are inside their 90 % interval; median absolute ROAS error {before:.0%} without "
        f"lift tests, {after:.0%} with them (one world, one seed)."
    )


def print_true_gain(console: Console, home: Home, seed: int) -> None:
    """What the newest plan really brings in the simulated world, beside what it claims."""
    from dagster_project.terminal import query
    from mmm_models.worlds.retailer import retailer
    from mmm_models.worlds.simulate import simulate
    from mmm_models.worlds.truth import future_effect, true_returns
    from mmm_models.worlds.write import read_truth

    world = simulate(retailer(), seed)
    if not np.allclose(read_truth(home.truth)["roas"], true_returns(world)["roas"]):
        return  # the exports under this home were written by another seed
    plan = query(home.published, "select * from results.latest_plans where model = ?", [MODEL]).iloc[0]
    lines = query(home.published, _PATHS, [plan.plan_id]).set_index(["week_start", "market", "channel"]).to_xarray()
    lines = lines.rename(week_start="week").fillna(0.0)
    gain = future_effect(world, lines["spend"]) - future_effect(world, lines["spend_status_quo"])
    inside = "inside" if plan.gain_p05 <= gain <= plan.gain_p95 else "outside"
    console.print(
        f"In this world the plan really adds {format_money(gain, 'USD')} to the status quo: {inside} the interval of "
        f"its claim, {format_money(plan.gain_mean, 'USD')} [{format_money(plan.gain_p05, 'USD')}, "
        f"{format_money(plan.gain_p95, 'USD')}].",
        markup=False,
        highlight=False,
    )


def compare(estimates: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Estimates joined to the truth by market and channel (totals left out, as they repeat the parts).

    Args:
        estimates: columns market, channel, spend, roas_mean, roas_p05, roas_p50, roas_p95, and others.
        truth: columns market, channel, window_name, roas.
    """
    known = truth.loc[truth["window_name"] == "all", ["market", "channel", "roas"]].rename(columns={"roas": "truth"})
    joined = estimates[estimates["market"] != "all"].merge(known, on=["market", "channel"], validate="one_to_one")
    joined["inside"] = joined["truth"].between(joined["roas_p05"], joined["roas_p95"])
    return joined.sort_values(["market", "spend"], ascending=[True, False], ignore_index=True)
