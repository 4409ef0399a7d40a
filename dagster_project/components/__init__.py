"""Components: one YAML file is one model's assets."""

from dagster_project.components.mmm_model.component import MmmModel

__all__ = ["MmmModel"]
