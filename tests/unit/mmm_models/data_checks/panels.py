"""Small panels of known content, and what one check says of them."""

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.panel import Panel
from mmm_models.spec import DataChecksSpec
from mmm_models.validation.data_checks import check_data, exposure_series

WEEKS = 104


def noise(seed: int, weeks: int = WEEKS) -> np.ndarray:
    """Standard normal noise (week,)."""
    return np.random.default_rng(seed).standard_normal(weeks)


CALM = {name: 1000 * np.exp(0.4 * noise(seed)) for seed, name in enumerate(("search", "social", "tv"))}
OUTCOME = 50_000 + 4_000 * noise(3)


def make_panel(spend: dict, controls: dict | None = None, outcome: np.ndarray = OUTCOME, markets=("US",)) -> Panel:
    """A panel of series (week,) or (week, market), as long as its outcome."""

    def stack(series: dict) -> np.ndarray:
        columns = [np.broadcast_to(np.reshape(v, (len(outcome), -1)), (len(outcome), len(markets))) for v in series]
        return np.stack(columns, axis=-1) if columns else np.zeros((len(outcome), len(markets), 0))

    controls = controls or {}
    return Panel(
        xr.Dataset(
            {
                "outcome": (("week", "market"), np.repeat(outcome[:, None], len(markets), axis=1)),
                "spend": (("week", "market", "channel"), stack(spend.values())),
                "controls": (("week", "market", "control"), stack(controls.values())),
            },
            coords={
                "week": pd.date_range("2023-01-02", periods=len(outcome), freq="7D"),
                "market": list(markets),
                "channel": list(spend),
                "control": list(controls),
            },
            attrs={"outcome_name": "revenue", "currency": "EUR"},
        )
    )


def exposure_rows(panel: Panel, series: dict[str, np.ndarray], market: str = "US") -> pd.DataFrame:
    """Rows of `mmm_input_weekly`: the exposures given, and the spend of the panel's channels; nan is no row."""
    frames = [
        pd.DataFrame({"week_start": panel.weeks, "market": market, "role": "exposure", "name": name, "value": values})
        for name, values in series.items()
    ]
    spend = panel.to_long().query("role == 'spend'")
    return pd.concat([*frames, spend], ignore_index=True).dropna(subset="value")


def looked_at(panel: Panel, check: str, exposure: dict | None = None, **limits: float) -> dict:
    """The records of one check by series (by pair where there are two)."""
    seen = exposure_series(exposure_rows(panel, exposure or {}), panel)
    records = [r for r in check_data(panel, seen, DataChecksSpec(**limits)) if r.check == check]
    return {(r.series, r.other_series) if r.other_series else r.series: r for r in records}


def week(n: int) -> str:
    return str((pd.Timestamp("2023-01-02") + pd.Timedelta(weeks=n)).date())
