"""What every engine returns, and the only thing that returns, plans, reports and gates read."""

from mmm_models.errors import FitError
from mmm_models.fit.fit import Fit
from mmm_models.fit.info import FitInfo

__all__ = ["Fit", "FitError", "FitInfo"]
