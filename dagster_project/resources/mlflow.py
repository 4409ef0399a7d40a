"""The model registry: each fit is an MLflow run, each model `mixhouse-<model>` with aliases champion and challenger.

`dagster-mlflow` is not used: its resource is process-global state and its hook ends the wrong run when only some
assets are materialized. A registered version is our own `Fit` file, so that loading it gives the same numbers;
PyMC-Marketing's pyfunc does not serve in 1.3.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import yaml
from filelock import FileLock
from pydantic import Field

from warehouse.home import Home

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from mlflow import MlflowClient

    from mmm_models.fit import Fit

EXPERIMENT_PREFIX = "mixhouse/"
FIT_ARTIFACT = "fit"
_FIT_FILE = "fit.nc"


class RegistryError(LookupError):
    """The registry has no such model, alias or fit; the message says what it has."""


@dataclass(frozen=True)
class LoggedRun:
    """An MLflow run that holds a fit: its id and the page to open."""

    run_id: str
    url: str


class MlflowRegistry(dg.ConfigurableResource):
    """Logs fits to MLflow and reads them back.

    The store is SQLite under the home unless `tracking_uri` names another (a server, Postgres).
    """

    tracking_uri: str | None = Field(default=None, description="An MLflow tracking URI; default SQLite in the home.")
    ui_url: str = Field(default="http://127.0.0.1:5000", description="Where `mixhouse ui` serves MLflow's pages.")

    dagster_url: str = Field(default="http://127.0.0.1:3000", description="Where `mixhouse ui` serves Dagster's pages.")

    @property
    def uri(self) -> str:
        """The tracking URI in use."""
        return self.tracking_uri or f"sqlite:///{Home.from_env().mlflow / 'mlflow.db'}"

    def client(self) -> MlflowClient:
        """A client of the store; the first one in a new home makes the tables, one process at a time."""
        from mlflow import MlflowClient

        folder = Home.from_env().mlflow
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".init.lock"):
            client = MlflowClient(self.uri, registry_uri=self.uri)
            client.search_experiments(max_results=1)
        return client

    def log_fit(
        self,
        fit: Fit,
        *,
        name: str,
        tags: Mapping[str, str],
        metrics: Mapping[str, float],
        figures: Mapping[str, Figure],
        tables: Mapping[str, pd.DataFrame],
        snapshot: str,
    ) -> LoggedRun:
        """Log one fit: parameters, metrics, plots, tables, spec, evidence and the posterior as NetCDF.

        Args:
            fit: what was fitted and published; thin it before, since files of full posteriors are a real cost.
            name: our run id, so that a result row and an MLflow run find each other.
            tags: lineage: Dagster run, asset, code version, hashes.
            metrics: convergence and fit figures by name.
            figures: matplotlib figures by file stem.
            tables: result tables by name, logged as CSV.
            snapshot: where the Parquet snapshot that it was fitted to lies.
        """
        client = self.client()
        experiment = self._experiment(client, fit.spec.model)
        run = client.create_run(experiment, run_name=name, tags={"mlflow.source.type": "JOB", **tags})
        run_id = run.info.run_id
        for key, value in _parameters(fit).items():
            client.log_param(run_id, key, value)
        for key, value in metrics.items():
            client.log_metric(run_id, key, float(value))
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / FIT_ARTIFACT).mkdir()
            fit.save(root / FIT_ARTIFACT / _FIT_FILE)
            (root / "spec.yaml").write_text(yaml.safe_dump(fit.spec.to_dict(), sort_keys=False))
            for stem, figure in figures.items():
                (root / "plots").mkdir(exist_ok=True)
                figure.savefig(root / "plots" / f"{stem}.png", dpi=110, bbox_inches="tight")
            for stem, table in tables.items():
                (root / "tables").mkdir(exist_ok=True)
                table.to_csv(root / "tables" / f"{stem}.csv", index=False)
            client.log_artifacts(run_id, str(root))
        client.log_dict(run_id, {"evidence": fit.info.evidence}, "evidence.json")
        _log_dataset(client, run_id, fit, snapshot)
        client.set_terminated(run_id)
        return LoggedRun(run_id, f"{self.ui_url}/#/experiments/{experiment}/runs/{run_id}")

    def register(self, model: str, logged_run_id: str, alias: str, *, description: str = "") -> str:
        """Give the fit of an MLflow run an alias in the model's registry entry; return the version.

        The same run keeps its version, so that doing it again changes nothing.
        """
        from mlflow.exceptions import MlflowException

        client, name = self.client(), registered_name(model)
        try:
            client.get_registered_model(name)
        except MlflowException:
            client.create_registered_model(name, description=f"Marketing mix model {model}, a Mixhouse Fit.")
        known = client.search_model_versions(f"name='{name}' and run_id='{logged_run_id}'")
        source = f"{client.get_run(logged_run_id).info.artifact_uri}/{FIT_ARTIFACT}"
        version = (
            known[0].version
            if known
            else client.create_model_version(name, source, logged_run_id, description=description).version
        )
        client.set_registered_model_alias(name, alias, version)
        return str(version)

    def load_fit(self, model: str, alias: str = "champion") -> Fit:
        """The registered fit of a model, answering the same numbers as when it was logged.

        Raises:
            RegistryError: no such model or alias.
        """
        import mlflow
        from mlflow.exceptions import MlflowException

        client, name = self.client(), registered_name(model)
        try:
            version = client.get_model_version_by_alias(name, alias)
        except MlflowException as error:
            known = [found.name for found in client.search_registered_models()]
            raise RegistryError(
                f"No registered model {name!r} with alias {alias!r}; the registry has {known or 'no models yet'}. "
                f"Materialize {model}/registered_model first."
            ) from error
        with tempfile.TemporaryDirectory() as folder:
            path = mlflow.artifacts.download_artifacts(
                run_id=version.run_id,
                artifact_path=f"{FIT_ARTIFACT}/{_FIT_FILE}",
                dst_path=folder,
                tracking_uri=self.uri,
            )
            from mmm_models.fit import load_fit

            return load_fit(path)

    def _experiment(self, client: MlflowClient, model: str) -> str:
        from mlflow.exceptions import MlflowException

        name = EXPERIMENT_PREFIX + model
        found = client.get_experiment_by_name(name)
        if found:
            return found.experiment_id
        artifacts = Home.from_env().mlflow / "artifacts" / model
        try:
            return client.create_experiment(name, artifact_location=artifacts.as_uri())
        except MlflowException:  # another process made it between the two calls
            return client.get_experiment_by_name(name).experiment_id


def registered_name(model: str) -> str:
    """The registry's name of a model."""
    return f"mixhouse-{model}"


def _parameters(fit: Fit) -> dict[str, Any]:
    spec = fit.spec
    return {
        "model": spec.model,
        "engine": fit.info.engine,
        "engine_version": fit.info.engine_version,
        "draws": fit.info.draws,
        "outcome": spec.outcome,
        "markets": ", ".join(fit.panel.markets),
        "channels": ", ".join(fit.panel.channels),
        "controls": ", ".join(fit.panel.controls),
        "weeks": len(fit.panel.weeks),
        "seed": fit.info.seed,
        "data_hash": fit.info.data_hash,
        "spec_hash": fit.info.spec_hash,
        "evidence_hash": fit.info.evidence_hash or "none",
        "code_hash": fit.info.code_hash,
    }


def _log_dataset(client: MlflowClient, run_id: str, fit: Fit, snapshot: str) -> None:
    from mlflow.entities import Dataset, DatasetInput

    panel = fit.panel
    dataset = Dataset(
        name=f"{fit.spec.model}-snapshot",
        digest=fit.info.data_hash[:36],  # MLflow's limit
        source_type="local",
        source=json.dumps({"uri": snapshot}),
        profile=json.dumps({"weeks": len(panel.weeks), "markets": len(panel.markets), "channels": len(panel.channels)}),
    )
    client.log_inputs(run_id, datasets=[DatasetInput(dataset)])
