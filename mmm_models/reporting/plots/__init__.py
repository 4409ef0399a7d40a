"""Figures that say what data hold, what a model found, what its plan does, what to test: matplotlib `Figure`s (Agg)."""

from mmm_models.reporting.plots.agenda import agenda
from mmm_models.reporting.plots.allocation import allocation
from mmm_models.reporting.plots.contributions import contributions
from mmm_models.reporting.plots.curves import response_curves
from mmm_models.reporting.plots.data_checks import data_checks
from mmm_models.reporting.plots.fit import fit_against_actual
from mmm_models.reporting.plots.frontier import frontier
from mmm_models.reporting.plots.geo import geo_readout
from mmm_models.reporting.plots.plan import plan
from mmm_models.reporting.plots.returns import returns
from mmm_models.reporting.plots.triangulation import triangulation

__all__ = [
    "agenda",
    "allocation",
    "contributions",
    "data_checks",
    "fit_against_actual",
    "frontier",
    "geo_readout",
    "plan",
    "response_curves",
    "returns",
    "triangulation",
]
