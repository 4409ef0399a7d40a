"""Fitting one model: the same inputs give the same run id, and a finished run is found again instead of refitted."""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Literal

import mmm_models
from mmm_models.evidence import EvidenceSet
from mmm_models.fit import Fit, StackedFit, load_fit
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec

Kind = Literal["fit", "calibrated_fit"]

# What can change a posterior. Plots, plans and tables may change without a refit, and so may what stands in folders of
# evidence: how lifts are read out of regions, and triangulation.
_SCIENCE = ("panel*", "spec*", "fit*", "transforms", "engines", "evidence/*.py", "tournament")
_LIBRARIES = ("jax", "jaxlib", "blackjax", "pymc", "pymc-marketing", "nutpie", "pytensor", "numpy", "scipy")
# Reports read this many draws; more change no published digit and make files of a gigabyte.
KEPT_SAMPLES = 1000


@dataclass(frozen=True)
class FitReference:
    """What one step hands to the next: never the posterior itself."""

    run_id: str
    path: str
    mlflow_run_id: str = ""
    mlflow_url: str = ""

    def to_dict(self) -> dict[str, str]:
        """As plain values."""
        return asdict(self)

    def load(self) -> Fit | StackedFit:
        """The fit itself."""
        return load_fit(self.path)


@cache
def code_hash() -> str:
    """Identity of the science that makes a posterior: our files and the versions of the libraries under them."""
    digest = hashlib.sha256()
    root = Path(mmm_models.__file__).parent
    for pattern in _SCIENCE:
        for found in sorted(root.glob(pattern)):
            for path in sorted(found.rglob("*.py")) if found.is_dir() else [found]:
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(path.read_bytes())
    for library in _LIBRARIES:
        digest.update(f"{library}=={metadata.version(library)}".encode())
    return digest.hexdigest()[:16]


def run_id(spec: ModelSpec, kind: Kind, data_hash: str, evidence_hash: str) -> str:
    """`<model>-<kind>-<12 hex>`: the same data, spec, evidence and code give the same id."""
    identity = "|".join((data_hash, spec.training_hash(), evidence_hash, code_hash()))
    return f"{spec.model}-{kind}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"


def train(
    panel: Panel,
    spec: ModelSpec,
    evidence: EvidenceSet | None,
    kind: Kind,
    folder: Path,
    *,
    progress: bool = False,
) -> tuple[FitReference, Fit | StackedFit]:
    """Fit a model, or find the fit of the same identity from a run that was cut off later.

    Args:
        panel: the data.
        spec: the model.
        evidence: the lift tests of the likelihood; None for the uncalibrated fit.
        kind: which of a model's two fits this is.
        folder: where fits are kept; the file is written beside and renamed, so that a cut never leaves half a fit.
        progress: show the sampler's progress.
    """
    evidence_hash = evidence.content_hash() if evidence and evidence.used else ""
    name = run_id(spec, kind, panel.content_hash(), evidence_hash)
    path = folder / f"{name}.nc"
    if path.exists():
        return FitReference(name, str(path)), load_fit(path)
    uncalibrated = folder / f"{run_id(spec, 'fit', panel.content_hash(), '')}.nc"
    if not evidence_hash and uncalibrated.exists():  # the same posterior, by the same seed
        fit = load_fit(uncalibrated)
    else:
        fit = _fitted(panel, spec, evidence, progress=progress)
    decisions = [decision.model_dump() for decision in evidence.decisions] if evidence else []
    fit = fit.with_info(code_hash=code_hash(), evidence_hash=evidence_hash, evidence=decisions)
    folder.mkdir(parents=True, exist_ok=True)
    # A step that outlived its killed run may be at the same fit; each writes a file of its own.
    partial = path.with_suffix(f".{os.getpid()}.partial")
    fit.save(partial)
    partial.replace(path)
    return FitReference(name, str(path)), fit


def _fitted(panel: Panel, spec: ModelSpec, evidence: EvidenceSet | None, *, progress: bool) -> Fit | StackedFit:
    if spec.tournament is not None:
        from mmm_models.tournament import run_tournament

        return run_tournament(panel, spec, evidence, kept=KEPT_SAMPLES, progress=progress)
    from mmm_models.engines import get_engine

    return get_engine(spec.engine).fit(panel, spec, evidence, progress=progress).thin(KEPT_SAMPLES)
