"""Records that are kept, one JSON file a fit, under the identity of the code that made them."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from benchmarks.provenance import PROJECT
from benchmarks.truth.estimate import Effort
from benchmarks.truth.participant import Participant

CACHE = PROJECT / "benchmarks" / ".cache" / "truth"

# What every record depends on, beside what a participant is made of.
_COMMON = (
    "mmm_models/panel",
    "mmm_models/transforms",
    "mmm_models/worlds/*.py",
    "mmm_models/worlds/stress",
    "benchmarks/truth/estimate.py",
    "benchmarks/truth/scores.py",
    "benchmarks/truth/worker.py",
)
_LIBRARIES = ("numpy", "scipy", "jax", "jaxlib", "blackjax", "pymc", "pymc-marketing", "nutpie", "pytensor")


def identity(who: Participant, effort: Effort) -> str:
    """16 hex digits of all code, libraries and settings that can change a record of `who`.

    What the code does counts, and not the commit, its comments or its docstrings: hours of fits outlive a better word.
    """
    digest = hashlib.sha256(json.dumps([asdict(effort), who.settings], sort_keys=True).encode())
    for path in _files((*_COMMON, *who.made_of)):
        digest.update(path.relative_to(PROJECT).as_posix().encode() + without_words(path.read_text()).encode())
    for library in _LIBRARIES:
        digest.update(f"{library}=={metadata.version(library)}".encode())
    return digest.hexdigest()[:16]


def _files(patterns: Iterable[str]) -> list[Path]:
    found = [match for pattern in patterns for match in PROJECT.glob(pattern)]
    files = {path for match in found for path in (match.rglob("*.py") if match.is_dir() else [match])}
    return sorted(files)


def without_words(code: str) -> str:
    """The syntax tree of Python code, without docstrings."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            del body[0]
    return ast.dump(tree)


class Kept:
    """The records of one participant below `folder`."""

    def __init__(self, folder: Path, name: str, who: Participant, effort: Effort) -> None:
        self._folder = folder / f"{name}-{identity(who, effort)}"

    def find(self, world: str, seed: int) -> dict | None:
        """The record of a fit, or None when there is none yet."""
        path = self._path(world, seed)
        return json.loads(path.read_text()) if path.exists() else None

    def seeds(self, world: str) -> set[int]:
        """The seeds of a world that have a record."""
        return {int(path.stem.removeprefix(f"{world}-")) for path in self._folder.glob(f"{world}-[0-9]*.json")}

    def put(self, record: dict) -> None:
        """Write a record whole or not at all."""
        path = self._path(record["world"], record["seed"])
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(record))
        partial.replace(path)

    def _path(self, world: str, seed: int) -> Path:
        return self._folder / f"{world}-{seed}.json"
