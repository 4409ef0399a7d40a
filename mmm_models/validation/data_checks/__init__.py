"""What a careful analyst sees in a panel before anything is fitted: one record a check, series and market."""

from mmm_models.validation.data_checks.checks import CHECKS, check_data
from mmm_models.validation.data_checks.exposure import exposure_series
from mmm_models.validation.data_checks.record import VERDICTS, DataCheck, worst_first
from mmm_models.validation.data_checks.words import in_words

__all__ = ["CHECKS", "VERDICTS", "DataCheck", "check_data", "exposure_series", "in_words", "worst_first"]
