"""Running assets from a terminal: one Dagster run at a time, with a line for each finished step."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
from rich.console import Console

from dagster_project import definitions, keys
from dagster_project.defs.connectors.assets import LANDED
from dagster_project.failures import failure_in_words
from dagster_project.interrupted import LEASE_TAG, close_interrupted_runs, lease
from dagster_project.progress import output_to_log, step_progress
from dagster_project.staleness import stale_assets

if TYPE_CHECKING:
    from dagster._core.definitions.assets.graph.base_asset_graph import BaseAssetGraph

LOG_FILE = "last_run.log"
# Steps say what they do in the UI's log; a terminal wants their outcome.
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
# What fits need takes seconds to import: once for a run, not once for each. Not blackjax: its import starts the threads
# of JAX, which do not survive a fork.
_MODULES = ["dagster_project.preload", "jax"]
_SAMPLER_LOADED = {"execution": {"config": {"start_method": {"forkserver": {"preload_modules": _MODULES}}}}}


class UnknownModelError(LookupError):
    """A model was named that the graph does not hold."""


@dataclass
class Outcome:
    """What a refresh did.

    Attributes:
        log: where the output of dbt, the samplers and the steps went.
        made: assets that were materialized, with the reason.
        failed: steps that failed, with the error in words.
        failed_checks: asset checks that did not pass: (asset, check, blocking or not, description).
    """

    log: Path
    made: dict[dg.AssetKey, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    failed_checks: list[tuple[str, str, bool, str]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every step succeeded."""
        return not self.failed


def everything() -> dg.JobDefinition:
    """The job of all assets; a top-level function, so that step processes can rebuild it."""
    return definitions.defs().resolve_job_def(definitions.REFRESH.name)


def refresh(console: Console, models: Iterable[str] | None = None) -> Outcome:
    """Land what is new, rebuild the marts where that changed them, refit what no longer matches, publish.

    Args:
        console: where progress is shown.
        models: only these models; None for all.

    Raises:
        UnknownModelError: a model is named that the graph does not hold.

    Four runs, because each decides what the next one must do: a refit is decided by content hashes that only exist once
    the marts stand, a recalibration by that of the lift tests, which are compared with the refit.
    """
    graph = definitions.defs().resolve_asset_graph()
    steps = _model_steps(graph, models)
    inputs = {key for key in steps if key.path[-1] in keys.INPUT_STEPS}
    weighing = {key for key in steps if key.path[-1] in keys.WEIGHING_STEPS}
    marts = set(graph.materializable_asset_keys) - LANDED - _model_steps(graph, None) - {keys.PUBLISHED}

    outcome = Outcome(log=definitions.HOME.root / LOG_FILE)
    leases = definitions.HOME.dagster / "leases"
    with (
        dg.DagsterInstance.get() as instance,
        lease(leases) as held,
        output_to_log(outcome.log, console) as terminal,
    ):
        for run_id in close_interrupted_runs(instance, leases):
            terminal.print(f"[yellow]![/] Run {run_id[:8]} was killed; going on from what it had finished.")
        stages = (
            ("Landing exports", lambda: dict.fromkeys(LANDED, "looks for new files")),
            ("Building marts and snapshots", lambda: stale_assets(graph, instance, marts | inputs)),
            ("Fitting to data, weighing lift tests", lambda: stale_assets(graph, instance, weighing)),
            (
                "Calibrating, planning, publishing",
                lambda: stale_assets(graph, instance, (steps - inputs - weighing) | {keys.PUBLISHED}),
            ),
        )
        for title, select in stages:
            selection = select()
            fits = any(key.path[-1] in ("fit", "calibrated_fit") for key in selection)
            if not selection:
                terminal.print(f"[bold]{title}[/]: nothing to do, everything matches its inputs.")
                continue
            terminal.print(f"[bold]{title}[/] ({len(selection)} assets)")
            run_config = _QUIET | (_SAMPLER_LOADED if fits else {})
            _execute(instance, sorted(selection), run_config, terminal, outcome, held)
            outcome.made.update(selection)
            if not outcome.ok:
                break
    return outcome


def _model_steps(graph: BaseAssetGraph, models: Iterable[str] | None) -> set[dg.AssetKey]:
    """The assets of the named models, or of all."""
    known = sorted(key.path[0] for key in graph.materializable_asset_keys if key.path[-1] == "calibrated_fit")
    unknown = sorted(set(models or ()) - set(known))
    if unknown:
        raise UnknownModelError(
            f"No model {', '.join(unknown)}. This installation has: {', '.join(known) or 'none'}. "
            "Add one with `mixhouse model add FILE`."
        )
    return {keys.model_key(model, step) for model in (models or known) for step in keys.MODEL_STEPS}


def _execute(
    instance: dg.DagsterInstance,
    selection: list[dg.AssetKey],
    run_config: dict[str, object],
    console: Console,
    outcome: Outcome,
    held: str,
) -> None:
    job = dg.reconstructable(everything)
    tag = {"mixhouse/started_by": "cli", LEASE_TAG: held, "mixhouse/selection": str(time.time_ns())}
    with (
        step_progress(instance, tag, console),
        dg.execute_job(
            job, instance=instance, asset_selection=selection, run_config=run_config, tags=tag, raise_on_error=False
        ) as result,
    ):
        for event in result.all_events:
            _note(event, outcome)
        if not result.success and not outcome.failed:
            outcome.failed["run"] = next(
                (event.message for event in reversed(result.all_events) if event.is_failure), "the run failed"
            )


def _note(event: dg.DagsterEvent, outcome: Outcome) -> None:
    """Keep what a person must hear of: failed steps with their cause in words, checks that did not pass."""
    if event.is_step_failure:
        outcome.failed[event.step_key] = failure_in_words(event)
    elif event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        check = event.asset_check_evaluation_data
        if not check.passed:
            outcome.failed_checks.append(
                (check.asset_key.to_user_string(), check.check_name, check.blocking, check.description or "")
            )
