"""Which models there are: those that stand in `defs/models`, and those of the home."""

from __future__ import annotations

from collections.abc import Iterator
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
    return {spec.model: path for path, spec in _specs(home)}


def model_specs(home: Home) -> dict[str, ModelSpec]:
    """Each model's name and spec.

    Raises:
        SpecError: a file is not a model spec.
    """
    return {spec.model: spec for _, spec in _specs(home)}


def _specs(home: Home) -> Iterator[tuple[Path, ModelSpec]]:
    for path in sorted(SHIPPED.glob("*/defs.yaml")):
        yield path, ModelSpec.from_dict(yaml.safe_load(path.read_text(encoding="utf-8"))["attributes"])
    for path in sorted(home.models.glob("*.y*ml")):
        yield path, ModelSpec.from_yaml(path)
