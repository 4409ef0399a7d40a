"""What goes wrong when a budget is planned."""


class PlanError(ValueError):
    """A plan that cannot be made: the message names the line or key, the value, and what to change."""
