"""All data checks by name, in the order in which a person would look, and all of them at once."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import xarray as xr

from mmm_models.panel import Panel
from mmm_models.spec import DataChecksSpec
from mmm_models.validation.data_checks.activity import (
    active_weeks,
    control_variation,
    spend_share,
    spend_variation,
    weeks_per_series,
)
from mmm_models.validation.data_checks.collinearity import correlation, vif
from mmm_models.validation.data_checks.cut import MarketCut, cuts
from mmm_models.validation.data_checks.endogenous import endogenous_spend
from mmm_models.validation.data_checks.exposure import (
    cost_per_exposure,
    exposure_without_spend,
    spend_without_exposure,
)
from mmm_models.validation.data_checks.mirror import mirrors_outcome
from mmm_models.validation.data_checks.outliers import outliers
from mmm_models.validation.data_checks.record import DataCheck


@dataclass(frozen=True)
class Check:
    """One kind of check: what it asks of the data, and how it looks at one market."""

    question: str
    look: Callable[[MarketCut, DataChecksSpec], Iterator[DataCheck]]


CHECKS = {
    "vif": Check("No channel or control is nearly a sum of the others: variance inflation factors.", vif),
    "correlation": Check("No two channels, and no channel and control, move as one.", correlation),
    "mirrors_outcome": Check("No budget follows sales: the slow movement of spend is its own.", mirrors_outcome),
    "endogenous_spend": Check("No channel is paid by the sale, such as by commission.", endogenous_spend),
    "spend_without_exposure": Check("Where money was spent, somebody saw it.", spend_without_exposure),
    "exposure_without_spend": Check("What somebody saw has a cost.", exposure_without_spend),
    "cost_per_exposure": Check("The price of an exposure never lies far outside its past.", cost_per_exposure),
    "outliers": Check("No week of outcome, spend or control lies far outside its past.", outliers),
    "active_weeks": Check("Each channel spends in enough weeks, where it spends at all.", active_weeks),
    "spend_variation": Check("Each channel's spend changes from week to week.", spend_variation),
    "spend_share": Check("No channel is so small that it drowns in the noise.", spend_share),
    "control_variation": Check("Each control leaves its usual value often enough to be learned.", control_variation),
    "weeks_per_series": Check("There are enough weeks for so many channels and controls.", weeks_per_series),
}


def check_data(
    panel: Panel, exposure: xr.DataArray, limits: DataChecksSpec | None = None, endogenous: Iterable[str] = ()
) -> list[DataCheck]:
    """Every check of every series in every market, those that pass included; check by check.

    Args:
        panel: the data that a model would be fitted to.
        exposure: what people saw (week, market, exposure), as `exposure_series` gives it; it may hold no series.
        limits: the section `data_checks` of a spec; None for its defaults.
        endogenous: channels whose spend follows sales by construction; no data can tell.
    """
    markets, given = cuts(panel, exposure, frozenset(endogenous)), limits or DataChecksSpec()
    return [record for check in CHECKS.values() for cut in markets for record in check.look(cut, given)]
