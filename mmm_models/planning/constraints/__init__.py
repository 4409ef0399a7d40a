"""What a plan must keep to: limits of each line, and rows that tie lines together."""

from mmm_models.planning.constraints.lines import LineBounds, bound_key, line_bounds, line_limit, status_quo_spend
from mmm_models.planning.constraints.rows import Row, compile_needs, compile_rows

__all__ = [
    "LineBounds",
    "Row",
    "bound_key",
    "compile_needs",
    "compile_rows",
    "line_bounds",
    "line_limit",
    "status_quo_spend",
]
