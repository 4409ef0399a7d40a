"""What every engine returns, and the only thing that returns, plans, reports and gates read."""

from mmm_models.errors import FitError
from mmm_models.fit.fit import Fit
from mmm_models.fit.info import FitInfo
from mmm_models.fit.spread import spread, structure_returns
from mmm_models.fit.stacked import Member, StackedFit, members_of
from mmm_models.fit.stacked_storage import load_fit

__all__ = [
    "Fit",
    "FitError",
    "FitInfo",
    "Member",
    "StackedFit",
    "load_fit",
    "members_of",
    "spread",
    "structure_returns",
]
