"""How well a structure forecasts: leave-future-out log predictive densities."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm_models.errors import EngineError
from mmm_models.evidence import EvidenceSet
from mmm_models.fit import Fit
from mmm_models.panel import Panel
from mmm_models.spec import TournamentSpec

# A yearly season cannot be learned from less.
_LEAST_WEEKS = 52


@dataclass(frozen=True)
class Fold:
    """What is known at an origin, and the weeks after it that are forecast."""

    known: Panel
    ahead: Panel

    def evidence(self, evidence: EvidenceSet | None) -> EvidenceSet | None:
        """The lift tests that were over at the origin; a later one would tell of the future."""
        if evidence is None:
            return None
        first = pd.Timestamp(self.ahead.weeks[0])
        over = [test for test in evidence.used if pd.Timestamp(test.followup_end or test.end_date) < first]
        return evidence.only(over)


def folds_of(panel: Panel, settings: TournamentSpec) -> list[Fold]:
    """The last `folds` stretches of `horizon_weeks` weeks, each behind all weeks before it; oldest first.

    Raises:
        EngineError: the first stretch has less than a year before it, or a channel is not active before it.
    """
    weeks, horizon = len(panel.weeks), settings.horizon_weeks
    first = weeks - settings.folds * horizon
    if first < _LEAST_WEEKS:
        raise EngineError(
            f"tournament: {settings.folds} folds of {horizon} weeks leave {max(first, 0)} of {weeks} weeks to learn "
            f"from; {_LEAST_WEEKS} are needed. Lower tournament.folds or tournament.horizon_weeks, or leave it out"
        )
    active = (panel.volume.isel(week=slice(0, first)) > 0).any(("week", "market"))
    for channel in panel.channels:
        if not bool(active.sel(channel=channel)):
            raise EngineError(
                f"tournament: {channel} is not active before {panel.weeks[first].date()}, where the first fold starts. "
                "Lower tournament.folds or tournament.horizon_weeks, or leave the tournament out until it has a history"
            )
    return [
        Fold(_cut(panel, slice(0, origin)), _cut(panel, slice(origin, origin + horizon)))
        for origin in range(first, weeks, horizon)
    ]


def log_scores(fit: Fit, ahead: Panel) -> np.ndarray:
    """Log predictive density of the outcome of each week and market of `ahead`, given the weeks before: (week, market).

    log mean_s Normal(y_t; mean_ts, sigma_s^2 + h level_step_s^2) over draws s, with h the weeks since the origin where
    a level wanders: M-step-ahead prediction by exact refits (Bürkner, Gabry and Vehtari 2020, Journal of Statistical
    Computation and Simulation 90:2499), one density a week and market rather than one a stretch, so that stacking has
    enough points to tell weights.
    """
    mean = fit.predict(ahead).transpose("sample", "week", "market").values
    actual = ahead.dataset["outcome"].sel(market=fit.panel.markets).transpose("week", "market").values
    draws = fit.draws()
    variance = np.broadcast_to(draws["sigma"].transpose("sample", "market").values[:, None, :] ** 2, mean.shape)
    if "level_step" in draws:
        steps = np.arange(1, len(ahead.weeks) + 1)[None, :, None]
        variance = variance + steps * draws["level_step"].transpose("sample", "market").values[:, None, :] ** 2
    logs = -0.5 * (np.log(2 * np.pi * variance) + (actual - mean) ** 2 / variance)
    largest = logs.max(axis=0)
    return largest + np.log(np.exp(logs - largest).mean(axis=0))


def _cut(panel: Panel, weeks: slice) -> Panel:
    return Panel(panel.dataset.isel(week=weeks))
