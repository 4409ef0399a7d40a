"""`MmmModel`: one YAML file becomes the assets of one marketing mix model, from snapshot to result tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from pydantic import BaseModel

from dagster_project.components.mmm_model.actuals import plan_vs_actual_asset
from dagster_project.components.mmm_model.agenda import agenda_asset
from dagster_project.components.mmm_model.data_checks import data_checks_asset
from dagster_project.components.mmm_model.evidence import evidence_asset
from dagster_project.components.mmm_model.fits import calibrated_fit_asset, fit_asset
from dagster_project.components.mmm_model.inputs import snapshot_asset
from dagster_project.components.mmm_model.plans import plan_asset
from dagster_project.components.mmm_model.registration import registered_model_asset
from dagster_project.components.mmm_model.results import results_asset
from dagster_project.components.mmm_model.triangulation import triangulation_asset
from mmm_models.spec import ModelSpec


@dataclass
class MmmModel(dg.Component):
    """A marketing mix model: its `attributes` are a model spec, as docs/models.md describes it.

    Assets: snapshot -> fit -> evidence -> calibrated_fit -> plan -> registered_model -> results, in a group named
    after the model, data_checks, test_agenda and plan_vs_actual beside them, and triangulation beside the calibrated
    fit. Convergence figures are blocking checks on both fits.
    """

    spec: ModelSpec

    @classmethod
    def get_model_cls(cls) -> type[BaseModel]:
        """The YAML's schema is the model spec itself, so that Dagster points at the line of a typo."""
        return ModelSpec

    @classmethod
    def load(cls, attributes: BaseModel | None, context: dg.ComponentLoadContext) -> MmmModel:
        """Called by Dagster with the parsed `attributes` of a defs.yaml."""
        if not isinstance(attributes, ModelSpec):
            raise TypeError(f"{context.path}: MmmModel needs `attributes` with a model spec; got {attributes!r}")
        return cls(spec=attributes)

    @classmethod
    def from_file(cls, path: Path) -> MmmModel:
        """A component from a plain spec file, such as those in `<home>/models`."""
        return cls(spec=ModelSpec.from_yaml(path))

    def build_defs(self, context: dg.ComponentLoadContext | None = None) -> dg.Definitions:
        """The assets of this model."""
        return dg.Definitions(
            assets=[
                snapshot_asset(self.spec),
                data_checks_asset(self.spec),
                evidence_asset(self.spec),
                fit_asset(self.spec),
                triangulation_asset(self.spec),
                calibrated_fit_asset(self.spec),
                plan_asset(self.spec),
                agenda_asset(self.spec),
                registered_model_asset(self.spec),
                results_asset(self.spec),
                plan_vs_actual_asset(self.spec),
            ]
        )
