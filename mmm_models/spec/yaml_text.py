"""YAML text to plain data, refusing what YAML would pass over in silence."""

from pathlib import Path
from typing import Any

import yaml

from mmm_models.errors import SpecError


def is_path(source: Path | str) -> bool:
    """Tell a path from YAML text: a `Path`, or one line that ends in .yml or .yaml."""
    return isinstance(source, Path) or ("\n" not in source and source.strip().lower().endswith((".yml", ".yaml")))


_MODEL = "a model spec is a mapping of keys such as 'model', 'outcome', 'channels'"


def parse_yaml(text: str, name: str, expected: str = _MODEL) -> dict[str, Any]:
    """Parse a mapping. Raises `SpecError` naming the file and line for broken YAML, or for a key given twice.

    Args:
        text: the YAML.
        name: of its file.
        expected: what should stand there, for the message when it is no mapping.
    """
    try:
        data = yaml.load(text, Loader=_StrictLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise SpecError(f"{name}{where}: {error.problem or error}") from None
    except yaml.YAMLError as error:
        raise SpecError(f"{name}: {error}") from None
    if not isinstance(data, dict):
        found = "nothing" if data is None else type(data).__name__
        raise SpecError(f"{name}: {expected}; found {found}")
    return data


class _StrictLoader(yaml.SafeLoader):
    """PyYAML keeps the last of two equal keys; a budget limit written twice must not vanish like that."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str) and key in seen and key != "<<":
                raise yaml.MarkedYAMLError(
                    problem=f"key {key!r} stands twice; keep one", problem_mark=key_node.start_mark
                )
            if isinstance(key, str):
                seen.add(key)
        return super().construct_mapping(node, deep=deep)
