"""Put a world on disk: its exports into the landing folder, its truth where no pipeline looks."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd

from mmm_models.worlds.deliveries import AD_PLATFORMS, export_files
from mmm_models.worlds.dirt import restated
from mmm_models.worlds.exports.files import ExportFile, write_file
from mmm_models.worlds.exports.shopify import as_of
from mmm_models.worlds.lift_tests import run_lift_tests
from mmm_models.worlds.simulate import World, simulate
from mmm_models.worlds.spec import LiftTestSpec, WorldSpec
from mmm_models.worlds.truth import true_returns

TRUTH_FILE = "truth.json"
NEW_LIFT_TEST = LiftTestSpec("lt-101-display-us", "display", "US", "go-dark", 4, 3, -1.0)


def write_world(spec: WorldSpec, landing: Path, truth: Path, seed: int) -> World:
    """Simulate `spec`, write its export files below `landing` and `truth/truth.json`; the same seed, the same bytes."""
    world = simulate(spec, seed)
    for file in export_files(world):
        write_file(landing, file, as_of(world))
    write_truth(world, truth)
    return world


def write_truth(world: World, truth: Path) -> Path:
    """Write `truth.json`: world, seed, currency and the rows of `true_returns`. Returns its path."""
    rows = true_returns(world)
    for column in ("window_start", "window_end"):
        rows[column] = rows[column].dt.strftime("%Y-%m-%d")
    content = {
        "world": world.spec.name,
        "seed": world.seed,
        "currency": world.spec.reporting_currency,
        "definition": "spend inside the window zeroed (contribution) or raised by 10 % (mROAS), counted over the "
        "window and all carryover after it, on the noiseless mean",
        # A window without spend has no ROAS: null in JSON, NaN when read back.
        "returns": rows.astype(object).where(rows.notna(), None).to_dict(orient="records"),
    }
    truth.mkdir(parents=True, exist_ok=True)
    path = truth / TRUTH_FILE
    path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return path


def read_truth(truth: Path) -> pd.DataFrame:
    """The rows of `truth.json`, one a market (and 'all'), channel and window.

    Columns: market, channel, window_name, window_start, window_end, spend, contribution, roas, mroas.
    """
    content = json.loads((truth / TRUTH_FILE).read_text(encoding="utf-8"))
    types = {"window_start": "datetime64[ns]", "window_end": "datetime64[ns]", "roas": float, "mroas": float}
    return pd.DataFrame(content["returns"]).astype(types)


def deliver_restatement(
    spec: WorldSpec,
    landing: Path,
    seed: int,
    *,
    source: str = "google_ads",
    market: str = "US",
    days: int = 3,
    change: float = 1.04,
    revision: int = 1,
) -> Path:
    """Deliver one more file: the last `days` of the last complete week of one account, restated by a factor.

    `revision` numbers repeated restatements; each is newer than the one before. Raises ValueError for a source
    that is no ad platform or that the world does not use.
    """
    usable = [platform for platform in AD_PLATFORMS if platform in spec.sources]
    if source not in usable:
        raise ValueError(f"source {source!r} cannot be restated in world {spec.name!r}; use one of {usable}")
    world, report = simulate(spec, seed), AD_PLATFORMS[source].REPORT
    rows = AD_PLATFORMS[source].facts(world, markets=(spec.market(market).name,))
    week_end = world.week_starts[-1] + pd.Timedelta(days=7)
    day = rows[report.day]
    recent = rows[(day < week_end) & (day >= week_end - pd.Timedelta(days=days))]
    if recent.empty:
        raise ValueError(f"{source} spent nothing in {market} in the {days} days before {week_end.date()}; raise days")
    delivered_at = as_of(world) + pd.Timedelta(days=7 + revision)
    changed = restated(report, recent, change, delivered_at)
    return write_file(landing, report.file(changed, f"restated_{market.lower()}_{revision:03d}"), delivered_at)


def deliver_lift_test(
    spec: WorldSpec, landing: Path, seed: int, *, test: LiftTestSpec = NEW_LIFT_TEST, test_id: str | None = None
) -> Path:
    """Deliver one more file with one newly approved lift test; `test_id` renames the default one."""
    world = simulate(spec, seed)
    chosen = test if test_id is None else replace(test, test_id=test_id)
    frame = run_lift_tests(world, (chosen,))
    file = ExportFile("experiments", "lift_tests", f"lift_tests_{chosen.test_id}", frame)
    return write_file(landing, file, as_of(world) + pd.Timedelta(days=8))
