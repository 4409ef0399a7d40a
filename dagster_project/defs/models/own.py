"""Models of one installation: every YAML file in `<home>/models` is a model, beside those that stand in this folder."""

from __future__ import annotations

import dagster as dg

from dagster_project.components import MmmModel
from warehouse.home import Home


@dg.definitions
def own_models() -> dg.Definitions:
    """The models of `<home>/models`."""
    files = sorted(Home.from_env().models.glob("*.y*ml"))
    return dg.Definitions.merge(*(MmmModel.from_file(path).build_defs() for path in files))
