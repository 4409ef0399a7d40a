"""A small simulated company in a home of its own, and what a person does with it: deliver files, run, kill, query."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import dagster as dg
import duckdb
import pandas as pd

from mmm_models.worlds.retailer import SEED, small_retailer
from mmm_models.worlds.spec import LiftTestSpec
from mmm_models.worlds.write import write_world
from warehouse.home import Home

PROJECT = Path(__file__).parents[2]
MODEL = "small"
# The German half of the company, with as few draws as still look like a posterior; what such a model thinks of a test
# is no reason to keep it waiting.
SPEC = """
model: small
outcome: revenue
markets: [DE]
media:
  adstock: {kind: geometric, max_lag: 4, alpha: {distribution: Beta, alpha: 2, beta: 3}}
channels: [search, paid_social, tv]
controls: [promotion]
seasonality: {yearly_fourier: 1}
trend: none
sampler: {draws: 400, tune: 400, chains: 2, target_accept: 0.9, seed: 1}
planning: {horizon_weeks: 4}
gates: {r_hat_max: 1.3, ess_bulk_min: 10, ess_tail_min: 10, divergences_max: 400, e_bfmi_min: 0.01, mape_max: 0.9}
evidence: {tension_block: 20}
"""
WORLD = replace(
    small_retailer(),
    lift_tests=(LiftTestSpec("lt-001-search-de", "search", "DE", "go-dark", 4, 2, -1.0),),
)
NEW_TEST = LiftTestSpec("lt-002-paid-social-de", "paid_social", "DE", "heavy-up", 4, 3, 0.8)


# What a person's environment holds beside; nothing of it may be kept.
SECRETS = {
    "AWS_ACCESS_KEY_ID": "AKIACANARY0123456789",
    "AWS_SECRET_ACCESS_KEY": "canary/AwsSecret+Key0123456789abcdefghij",
    "SHOP_DATABASE_URL": "postgresql://shop:canary-password@127.0.0.1/shop",
    "MIXHOUSE_ALERT_WEBHOOK": "http://127.0.0.1:1/canary-webhook",
    "MLFLOW_TRACKING_TOKEN": "canary-mlflow-token",
}


@dataclass(frozen=True)
class Run:
    """What one refresh did: assets made with the reason, steps that failed, checks that did not pass."""

    made: dict[str, str]
    failed: dict[str, str]
    failed_checks: list[tuple[str, str, bool, str]]

    @property
    def model_steps(self) -> set[str]:
        """Steps of the model that ran."""
        return {key.removeprefix(f"{MODEL}/") for key in self.made if key.startswith(f"{MODEL}/")}

    @property
    def refitted(self) -> set[str]:
        """Which of the two fits were made."""
        return self.model_steps & {"fit", "calibrated_fit"}


class Company:
    """The company's installation."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root).ensure()
        (self.home.models / f"{MODEL}.yaml").write_text(SPEC)
        write_world(WORLD, self.landing, self.home.truth, SEED)

    @property
    def landing(self) -> Path:
        return Path(self.home.landing)

    @property
    def environment(self) -> dict[str, str]:
        """A person's environment: no setting of this test process but where compiled functions are kept."""
        inherited = ("MIXHOUSE_", "DAGSTER_", "DBT_", "MLFLOW_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(inherited)}
        return kept | SECRETS | {"MIXHOUSE_HOME": str(self.home.root), "COLUMNS": "300"}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a Python command in a session of its own, so that it can be killed with its step processes."""
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def mixhouse(self, *arguments: str) -> tuple[int, str]:
        """Exit status and output of the command line."""
        process = self.start("-m", "dagster_project.cli", *arguments)
        output, _ = process.communicate(timeout=600)
        return process.returncode, output

    def kill_during_fit(self) -> None:
        """Start a run of the model; SIGKILL it with all its processes once the fit has begun."""
        process = self.start("-m", "dagster_project.cli", "run", "--model", MODEL)
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("Fitting"):
                break
        with dg.DagsterInstance.from_config(str(self.home.dagster)) as instance:
            while process.poll() is None and not _has_started(instance, f"{MODEL}__fit"):
                time.sleep(0.5)
        assert process.poll() is None, f"the run ended before its fit began:\n{''.join(said)}{process.stdout.read()}"
        time.sleep(1)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def refresh(self) -> Run:
        """Run the model's chain in a process of its own."""
        process = self.start("-m", "tests.e2e.refresh_once", MODEL)
        output, _ = process.communicate(timeout=600)
        assert process.returncode == 0, output
        told = json.loads(output.splitlines()[-1])
        return Run(told["made"], told["failed"], [tuple(check) for check in told["failed_checks"]])

    def published(self, sql: str, *parameters: object) -> pd.DataFrame:
        """Rows of the published file."""
        with duckdb.connect(str(self.home.published), read_only=True) as connection:
            return connection.execute(sql, list(parameters)).df()

    def working(self, sql: str) -> pd.DataFrame:
        """Rows of the working file."""
        with duckdb.connect(str(self.home.database), read_only=True) as connection:
            return connection.execute(sql).df()

    def deliver_broken(self, source: str, table: str, name: str, change) -> None:
        """Deliver a changed copy of the first rows of a table's newest CSV."""
        folder = self.landing / source / table
        original = max(folder.glob("*.csv"), key=lambda path: path.stat().st_mtime)
        frame = change(pd.read_csv(original, dtype=str, nrows=3))
        target = folder / name
        frame.to_csv(target, index=False)
        os.utime(target, times=(time.time() - 60,) * 2)


def _has_started(instance: dg.DagsterInstance, step: str) -> bool:
    return any(
        event.step_key == step
        for run in instance.get_runs(limit=1)
        for event in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_START)
    )
