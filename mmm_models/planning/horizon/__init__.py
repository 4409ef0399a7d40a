"""The weekly side of a plan: its weeks, what is bought already, what media cost, and how a line's money lies."""

from mmm_models.planning.horizon.choosing import channel_terms, make_menu, s_shaped
from mmm_models.planning.horizon.menu import Menu
from mmm_models.planning.horizon.stacked import StackedHorizon, thinned
from mmm_models.planning.horizon.terms import Terms
from mmm_models.planning.horizon.weeks import PlanWeeks

__all__ = ["Menu", "PlanWeeks", "StackedHorizon", "Terms", "channel_terms", "make_menu", "s_shaped", "thinned"]
