"""Which weeks a plan covers, and which lie between the data and it."""

from dataclasses import dataclass

import pandas as pd

from mmm_models.panel import Panel
from mmm_models.planning.errors import PlanError
from mmm_models.spec import PlanningSpec


@dataclass(frozen=True)
class PlanWeeks:
    """`lead`: Mondays after the data and before the plan, in which spend goes on as before; `planned`: the plan's."""

    lead: pd.DatetimeIndex
    planned: pd.DatetimeIndex

    @classmethod
    def of(cls, panel: Panel, planning: PlanningSpec, weeks: int) -> "PlanWeeks":
        """The `weeks` weeks from `planning.start`, by default from the week after the data.

        Raises:
            PlanError: the start lies within the data.
        """
        after = panel.weeks[-1] + pd.Timedelta(weeks=1)
        start = after if planning.start is None else pd.Timestamp(planning.start)
        if start < after:
            raise PlanError(
                f"planning.start {start:%Y-%m-%d} lies within the data, which end with the week of "
                f"{panel.weeks[-1]:%Y-%m-%d}. Give {after:%Y-%m-%d} or a later Monday, or leave start out."
            )
        between = (start - after).days // 7
        return cls(
            lead=pd.date_range(after, periods=between, freq="7D"),
            planned=pd.date_range(start, periods=weeks, freq="7D"),
        )
