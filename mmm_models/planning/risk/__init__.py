"""Risk of a plan: the gain over the status quo in every draw, and what a measure makes of these gains."""

from mmm_models.planning.risk.gains import Ceiling, GainDraws, GainMeasure
from mmm_models.planning.risk.joint import JointCurves
from mmm_models.planning.risk.margin import margin_draws
from mmm_models.planning.risk.measures import Cvar, Entropic, Mean, MeanVariance, Measure, ProbGain, measure_of
from mmm_models.planning.risk.utility import risk_parts

__all__ = [
    "Ceiling",
    "Cvar",
    "Entropic",
    "GainDraws",
    "GainMeasure",
    "JointCurves",
    "Mean",
    "MeanVariance",
    "Measure",
    "ProbGain",
    "margin_draws",
    "measure_of",
    "risk_parts",
]
