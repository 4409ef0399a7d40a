"""The code location: loads what stands in `defs/` and applies cross-cutting policy, nothing else."""

from __future__ import annotations

import gc

# What imports make stays: looking for garbage in between costs a sixth of the time that every process waits for them.
gc.disable()

import dagster as dg  # noqa: E402

from dagster_project import environment  # noqa: E402

HOME = environment.prepare()  # before anything reads the environment

from dagster_project.automation import automation_sensor  # noqa: E402
from dagster_project.defs.dbt.assets import dbt_resource  # noqa: E402
from dagster_project.defs.publication.assets import published_asset  # noqa: E402
from dagster_project.resources.mlflow import MlflowRegistry  # noqa: E402
from dagster_project.resources.warehouse import WarehouseResource  # noqa: E402

gc.enable()

# A step process that starts from a preloaded server takes a second instead of five.
EXECUTOR = dg.multiprocess_executor.configured(
    {
        "max_concurrent": 2,
        "start_method": {"forkserver": {"preload_modules": ["dagster_project.preload"]}},
    }
)

# Dagster's own job of all assets has no name that another process could rebuild it by.
REFRESH = dg.define_asset_job(
    "refresh", dg.AssetSelection.all(), description="Every asset: land, build, fit, calibrate, plan, publish."
)


def with_publication(loaded: dg.Definitions) -> dg.Definitions:
    """Add the published file, which comes after every mart and every model's results."""
    made = sorted(key for asset in loaded.assets or () for key in asset.keys)
    results = [key.path[0] for key in made if key.path[-1] == "results"]
    marts = [key for key in made if key.path[0] == "main"]
    return dg.Definitions.merge(loaded, dg.Definitions(assets=[published_asset(results, marts)]))


@dg.definitions
def defs() -> dg.Definitions:
    """Everything that this code location offers."""
    loaded = dg.load_from_defs_folder(project_root=environment.PROJECT)
    resources = dg.Definitions(
        resources={
            "store": WarehouseResource(),
            "registry": MlflowRegistry(),
            "dbt": dbt_resource(),
        },
        jobs=[REFRESH],
        sensors=[automation_sensor],
        executor=EXECUTOR,
    )
    return dg.Definitions.merge(with_publication(loaded), resources)
