"""Which connectors an installation does without: `<home>/connectors.yaml`, or MIXHOUSE_DISABLED_CONNECTORS."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from warehouse.errors import ContractError
from warehouse.home import Home

VARIABLE = "MIXHOUSE_DISABLED_CONNECTORS"


def switched_off(home: Home, environ: Mapping[str, str] = os.environ) -> frozenset[str]:
    """Sources that are off. The variable, a list with commas, wins over the file; dbt reads the variable.

    Raises:
        ContractError: the file is not as `switch` writes it.
    """
    if VARIABLE in environ:
        return frozenset(name for name in environ[VARIABLE].split(",") if name)
    path = _file(home)
    if not path.exists():
        return frozenset()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return frozenset(str(name) for name in content["disabled"])
    except (yaml.YAMLError, TypeError, KeyError) as error:
        raise ContractError(f"{path} must say `disabled: [<source>, ...]`. Correct it, or remove it.") from error


def switch(home: Home, off: Iterable[str]) -> Path:
    """Write which sources are off; return the file."""
    path = _file(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"disabled": sorted(off)}, default_flow_style=None), encoding="utf-8")
    return path


def _file(home: Home) -> Path:
    return home.root / "connectors.yaml"
