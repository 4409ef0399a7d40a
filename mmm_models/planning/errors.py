"""What goes wrong when a budget is planned."""

from mmm_models.errors import MixhouseModelError


class PlanError(MixhouseModelError):
    """A plan that cannot be made: the message names the line or key, the value, and what to change."""
