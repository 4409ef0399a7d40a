"""A panel as PyMC-Marketing takes it."""

import pandas as pd
import xarray as xr

from mmm_models.panel import Panel


def peer_frame(panel: Panel) -> pd.DataFrame:
    """One row a week and market: date, market, a column a channel and control, and the outcome as y."""
    data = panel.dataset
    parts = [data["spend"].to_dataset("channel"), data["controls"].to_dataset("control"), data["outcome"].rename("y")]
    return xr.merge(parts).to_dataframe().reset_index().rename(columns={"week": "date"})
