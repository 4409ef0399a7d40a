"""Triangulation as rows: each channel's fused ROAS by method, and the readings it was made from."""

from collections.abc import Mapping

import pandas as pd
import xarray as xr

from mmm_models.evidence.triangulation import METHODS, triangulate
from mmm_models.evidence.triangulation.fuse import FEWEST_OVERLAPPING
from mmm_models.evidence.triangulation.harmonise import Harmonised
from mmm_models.evidence.triangulation.sources import Sources

_BIASES = {"bias": "", "bias_p05": "_p05", "bias_p95": "_p95"}
_COMPARISON = "for comparison: knows no bias of any source"


def triangulation_tables(harmonised: Harmonised, kinds: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    """`triangulation` and `triangulation_sources`, less the run that they belong to.

    `kinds` groups channels: one whose kind was never tested inherits what was learned on others, and says so.
    """
    sources = harmonised.sources
    frames = [_rows(triangulate(sources, method), sources, kinds) for method in METHODS]
    return {"triangulation": pd.concat(frames, ignore_index=True), "triangulation_sources": harmonised.readings}


def _rows(made: xr.Dataset, sources: Sources, kinds: Mapping[str, str]) -> pd.DataFrame:
    """One row a channel."""
    method = made.attrs["method"]
    frame = pd.DataFrame({"method": method, "channel": made["channel"].values})
    for name in ("roas_mean", "roas_p05", "roas_p50", "roas_p95"):
        frame[name] = made[name].values
    for source in ("mmm", "experiments", "attribution"):
        frame[f"weight_{source}"] = made["weight"].sel(source=source).values
    for source in ("mmm", "attribution"):
        for name, suffix in _BIASES.items():
            frame[f"bias_{source}{suffix}"] = made[name].sel(biased=source).values
    frame["prior_share"] = made["weight"].sel(source="prior").values
    frame["width_inflation"] = made["width_inflation"].values
    frame["scale"] = made.attrs["scale"]
    frame["channels_overlapping"] = made.attrs["overlapping"]
    judged = [_judged(str(channel), made, sources, kinds) for channel in made["channel"].values]
    frame["verdict"], frame["reason"] = zip(*judged, strict=True)
    return frame


def _judged(channel: str, made: xr.Dataset, sources: Sources, kinds: Mapping[str, str]) -> tuple[str, str]:
    """Verdict and reason for one channel."""
    verdict, learned_on = made.attrs["verdict"], sources.overlapping
    if made.attrs["method"] != "hierarchical":
        return verdict, _COMPARISON
    if len(learned_on) < FEWEST_OVERLAPPING:
        count = len(learned_on)
        return verdict, (
            f"{count} channel{'s have' if count != 1 else ' has'} an experiment beside another source; with fewer than "
            f"{FEWEST_OVERLAPPING} the size of biases is a guess"
        )
    tests = int((sources.studies["channel"] == channel).sum())
    if tests:
        return (
            verdict,
            f"{tests} experiment{'s' * (tests > 1)} of its own; biases learned on {len(learned_on)} channels",
        )
    seen = {kinds[name] for name in learned_on if name in kinds}
    if channel in kinds and seen and kinds[channel] not in seen:
        return "directional", (
            f"not tested, nor was any channel of its kind ({kinds[channel]}); biases are those of "
            f"{', '.join(sorted(seen))}, and may differ"
        )
    return verdict, f"not tested; biases are those learned on {', '.join(learned_on)}"
