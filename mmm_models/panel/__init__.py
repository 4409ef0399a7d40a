"""The data of a model: labelled weekly arrays, checked, with a content hash."""

from mmm_models.errors import PanelError
from mmm_models.panel.panel import WINDOWS, Panel

__all__ = ["WINDOWS", "Panel", "PanelError"]
