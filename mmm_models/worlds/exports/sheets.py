"""The sheets that people keep: controls, exchange rates and the register of lift tests."""

import pandas as pd

from mmm_models.worlds.exports.files import ExportFile
from mmm_models.worlds.lift_tests import run_lift_tests
from mmm_models.worlds.simulate import World

MONTHLY_CONTROLS = ("consumer_confidence",)


def controls(world: World) -> ExportFile:
    """control_values: one row a day, market and control; monthly series have one row a month, dated its first day."""
    frame = world.daily.control_value.to_series().rename("value").reset_index()
    monthly = frame.control.isin(MONTHLY_CONTROLS)
    published = frame[monthly].assign(date=frame.date[monthly].dt.to_period("M").dt.start_time)
    published = published.drop_duplicates(["date", "market", "control"])
    rows = pd.concat([frame[~monthly], published]).sort_values(["control", "market", "date"], kind="stable")
    return ExportFile("controls", "control_values", "control_values", rows[["date", "market", "control", "value"]])


def rates(world: World) -> ExportFile:
    """Daily rates, weekends included, of every foreign currency; a week before the data takes its first rate."""
    frames = []
    reporting = world.spec.reporting_currency
    days = pd.date_range(pd.Timestamp(world.spec.start) - pd.Timedelta(days=7), world.spec.end)
    for currency in sorted({m.currency for m in world.spec.markets} - {reporting}):
        market = next(m.name for m in world.spec.markets if m.currency == currency)
        series = world.daily.fx_rate.sel(market=market).to_series().reindex(days).bfill()
        frames.append(
            pd.DataFrame(
                {"date": days, "currency": currency, "reporting_currency": reporting, "rate": series.to_numpy()}
            )
        )
    columns = ["date", "currency", "reporting_currency", "rate"]
    frame = pd.concat(frames) if frames else pd.DataFrame(columns=columns)
    return ExportFile("fx", "rates", "rates", frame)


def lift_tests(world: World) -> ExportFile:
    """Every lift test of the spec, as the experiment register holds it."""
    return ExportFile("experiments", "lift_tests", "lift_tests", run_lift_tests(world))
