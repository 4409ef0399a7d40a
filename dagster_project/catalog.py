"""Which models there are: those that stand in `defs/models`, and those of the home."""

from __future__ import annotations

from pathlib import Path

import yaml

from mmm_models.spec import ModelSpec
from warehouse.home import Home

SHIPPED = Path(__file__).parent / "defs" / "models"


def model_files(home: Home) -> dict[str, Path]:
    """Each model's name and file.

    Raises:
        SpecError: a file of the home is not a model spec.
    """
    files = {
        yaml.safe_load(path.read_text())["attributes"]["model"]: path for path in sorted(SHIPPED.glob("*/defs.yaml"))
    }
    return files | {ModelSpec.from_yaml(path).model: path for path in sorted(home.models.glob("*.y*ml"))}
