"""The generic connector: any wide weekly CSV plus a mapping of its columns becomes long rows of one raw table."""

from __future__ import annotations

from warehouse.weekly_csv.deliver import deliver
from warehouse.weekly_csv.load import land_weekly_csv
from warehouse.weekly_csv.mapping import WeeklyMapping

__all__ = ["WeeklyMapping", "deliver", "land_weekly_csv"]
