"""Plots inside Dagster's asset pages: markdown with the image in it."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import dagster as dg

from mmm_models.fit import Fit

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def image(figure: Figure, dpi: int = 80) -> dg.MarkdownMetadataValue:
    """A figure as metadata that the UI shows."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, bbox_inches="tight")
    return dg.MetadataValue.md(f"![plot](data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()})")


def fit_figures(fit: Fit) -> dict[str, Figure]:
    """The plots of one fit, by name."""
    from mmm_models.reporting import plots

    return {
        "fit": plots.fit_against_actual(fit),
        "contributions": plots.contributions(fit),
        "response_curves": plots.response_curves(fit),
        "returns": plots.returns(fit),
    }
