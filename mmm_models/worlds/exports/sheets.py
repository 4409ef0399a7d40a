"""The sheets that people keep: controls, promotions, competitors, exchange rates and the register of lift tests."""

import numpy as np
import pandas as pd

from mmm_models.worlds.exports import fred
from mmm_models.worlds.exports.delivery import allocate, cents
from mmm_models.worlds.exports.files import ExportFile
from mmm_models.worlds.lift_tests import run_lift_tests
from mmm_models.worlds.simulate import World

COMPETITORS = {"Nordheim": 0.5, "Castell Living": 0.3, "Sofa & Sons": 0.2}


def controls(world: World) -> ExportFile:
    """control_values: one row a day, market and control, of the controls that no export of their own delivers."""
    frame = world.daily.control_value.to_series().rename("value").reset_index()
    elsewhere = frame.control.isin(["promotion", "competitor_spend"])
    elsewhere |= (frame.control == fred.CONTROL) & frame.market.isin(list(fred.SERIES))
    rows = frame[~elsewhere].sort_values(["control", "market", "date"], kind="stable")
    return ExportFile("controls", "control_values", "control_values", rows[["date", "market", "control", "value"]])


def promotions(world: World) -> ExportFile:
    """promotion: one row an unbroken run of days at one discount."""
    rows = []
    for market in world.spec.markets:
        depth = world.daily.control_value.sel(market=market.name, control="promotion").to_series()
        runs = depth[depth > 0].groupby((depth != depth.shift()).cumsum())
        rows += [
            {
                "promotion_id": f"offer-{market.name}-{number:02d}".lower(),
                "market": market.name,
                "first_day": run.index[0],
                "last_day": run.index[-1],
                "discount": run.iloc[0],
            }
            for number, (_, run) in enumerate(runs, start=1)
        ]
    return ExportFile("promotions", "promotion", "promotion", pd.DataFrame(rows))


def competitor_spend(world: World) -> ExportFile:
    """media_spend: a panel's estimate by complete week and competitor, in the reporting currency, to the cent."""
    frames = []
    for market in world.spec.markets:
        daily = world.daily.control_value.sel(market=market.name, control="competitor_spend").to_series()
        weekly = cents(daily.loc[world.week_starts].to_numpy()) * 7
        shares = np.tile(list(COMPETITORS.values()), (len(weekly), 1))
        split = allocate(weekly, shares) / 100
        for position, competitor in enumerate(COMPETITORS):
            frames.append(
                pd.DataFrame(
                    {
                        "date": world.week_starts,
                        "period": "week",
                        "market": market.name,
                        "competitor": competitor,
                        "channel": "all media",
                        "spend": split[:, position],
                        "currency": world.spec.reporting_currency,
                    }
                )
            )
    return ExportFile("competitors", "media_spend", "media_spend", pd.concat(frames, ignore_index=True))


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
