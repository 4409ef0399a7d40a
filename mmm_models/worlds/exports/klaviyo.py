"""Klaviyo: what a small mailing list received, opened and clicked, in UTC.

Newsletters go out on Mondays, offers are announced by e-mail and text, and customers set off two flows. Messages sell
nothing in these worlds, so that the truth about media stands as it is.
"""

import numpy as np
import pandas as pd

from mmm_models.worlds.exports.delivery import history_stamps
from mmm_models.worlds.exports.files import ExportFile
from mmm_models.worlds.exports.shopify import as_of
from mmm_models.worlds.randomness import stable_id, stream
from mmm_models.worlds.simulate import World
from mmm_models.worlds.spec import MarketSpec

SOURCE = "klaviyo"
EMAIL, SMS = ("Received Email", "Opened Email", "Clicked Email"), ("Received SMS", "", "Clicked SMS")
METRICS = (*EMAIL, SMS[0], SMS[2])
FLOWS = ("Welcome", "Abandoned Cart")
RECIPIENTS, FLOW_MESSAGES_A_DAY = 16, 0.9
OPENED, CLICKED, DELETED = 0.42, 0.05, 0.002
_MONDAY, _HOUR = 0, 3600


def files(world: World) -> list[ExportFile]:
    """The files of all accounts: metrics, campaigns, flows, and the events of each year."""
    sent = {market.name: _campaigns(world, market) for market in world.spec.markets}
    events = pd.concat([_events(world, market, sent[market.name]) for market in world.spec.markets])
    events = events.sort_values(["datetime", "id"], kind="stable", ignore_index=True)
    campaigns = pd.concat([_campaign_table(world, rows) for rows in sent.values()], ignore_index=True)
    return [
        ExportFile(SOURCE, "metric", "metric", _named(world, "metric", METRICS)),
        ExportFile(SOURCE, "flow", "flow", _named(world, "flow", FLOWS).assign(status="live", trigger_type="Metric")),
        ExportFile(SOURCE, "campaign", "campaign", campaigns),
        *(
            ExportFile(SOURCE, "event", f"event_{year}", rows)
            for year, rows in events.groupby(events.datetime.dt.year, sort=True)
        ),
    ]


def _campaigns(world: World, market: MarketSpec) -> pd.DataFrame:
    """What the team sent: id, name, medium, sent_at (UTC). A newsletter a week, two messages an offer."""
    days = pd.DatetimeIndex(world.daily.date.to_numpy())
    sends = [(day, "Newsletter", "email") for day in days[days.weekday == _MONDAY]]
    if "promotion" in world.spec.controls:
        depth = world.daily.control_value.sel(market=market.name, control="promotion").to_numpy()
        begins = (depth > 0) & (np.concatenate([[0.0], depth[:-1]]) == 0)
        sends += [(day, "Offer", medium) for day in days[begins] for medium in ("email", "sms")]
    frame = pd.DataFrame(sends, columns=["day", "label", "medium"]).sort_values("day", kind="stable", ignore_index=True)
    frame["name"] = market.name + " | " + frame.label + " | " + frame.day.dt.strftime("%Y-%m-%d")
    frame["id"] = [_code("campaign", market.name, *row) for row in zip(frame.name, frame.medium, strict=True)]
    local = frame.day + pd.to_timedelta(np.where(frame.medium == "sms", 17, 9) * _HOUR, unit="s")
    frame["sent_at"] = local.dt.tz_localize(market.timezone).dt.tz_convert("UTC").dt.tz_localize(None)
    return frame


def _campaign_table(world: World, sent: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": sent.id,
            "name": sent.name,
            "campaign_type": "Regular",
            "status": "sent",
            "sent_at": sent.sent_at,
            "_fivetran_deleted": "FALSE",
            "_fivetran_synced": _next_sync(sent.sent_at, world),
        }
    )


def _events(world: World, market: MarketSpec, sent: pd.DataFrame) -> pd.DataFrame:
    """Every message of an account as it was received and, of some, opened and clicked, up to the last sync."""
    rng = stream(world.seed, SOURCE, market.name)
    messages = pd.concat([_to_the_list(sent, rng), _set_off(world, market, rng)], ignore_index=True)
    is_email = (messages.medium == "email").to_numpy()
    was_opened = is_email & (rng.random(len(messages)) < OPENED)
    was_clicked = (was_opened | ~is_email) & (rng.random(len(messages)) < CLICKED / OPENED)
    opened = _later(messages[was_opened], 5 * _HOUR, rng).assign(what=1)
    clicked = _later(messages[was_clicked], 7 * _HOUR, rng).assign(what=2)
    rows = pd.concat([messages.assign(what=0), opened, clicked], ignore_index=True)
    rows = rows[rows.moment < as_of(world)].sort_values("moment", kind="stable", ignore_index=True)
    kinds = [(SMS if medium == "sms" else EMAIL)[what] for medium, what in zip(rows.medium, rows.what, strict=True)]
    return pd.DataFrame(
        {
            "id": [f"{market.name.lower()}{number:07x}" for number in range(len(rows))],
            "account_id": market.accounts[SOURCE],
            "person_id": [f"P{person:05d}" for person in rng.integers(0, 40 * RECIPIENTS, len(rows))],
            "campaign_id": rows.campaign_id,
            "flow_id": rows.flow_id,
            "datetime": rows.moment,
            "timestamp": rows.moment,
            "metric_id": [_code("metric", market.name, kind) for kind in kinds],
            "type": kinds,
            "property_email_domain": np.where(rows.medium == "email", "mail.example", None),
            "_fivetran_deleted": np.where(rng.random(len(rows)) < DELETED, "TRUE", "FALSE"),
            "_fivetran_synced": _next_sync(rows.moment, world),
        }
    )


def _to_the_list(sent: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A row a recipient of each campaign, within half an hour."""
    campaign = np.repeat(np.arange(len(sent)), rng.poisson(RECIPIENTS, len(sent)))
    at = sent.sent_at.to_numpy()[campaign] + pd.to_timedelta(rng.integers(0, _HOUR // 2, len(campaign)), unit="s")
    return pd.DataFrame(
        {"moment": at, "campaign_id": sent.id.to_numpy()[campaign], "medium": sent.medium.to_numpy()[campaign]}
    )


def _set_off(world: World, market: MarketSpec, rng: np.random.Generator) -> pd.DataFrame:
    """E-mails of flows: the more orders a day brings, the more customers set one off."""
    revenue = world.daily.revenue.sel(market=market.name).to_numpy()
    day = np.repeat(np.arange(len(revenue)), rng.poisson(FLOW_MESSAGES_A_DAY * revenue / revenue.mean()))
    local = pd.DatetimeIndex(world.daily.date.to_numpy()[day])
    local += pd.to_timedelta(rng.integers(8 * _HOUR, 22 * _HOUR, len(day)), unit="s")
    at = local.tz_localize(market.timezone).tz_convert("UTC").tz_localize(None)
    flow_ids = np.array([_code("flow", market.name, name) for name in FLOWS])
    return pd.DataFrame({"moment": at, "flow_id": flow_ids[rng.integers(0, len(FLOWS), len(day))], "medium": "email"})


def _later(messages: pd.DataFrame, mean_seconds: float, rng: np.random.Generator) -> pd.DataFrame:
    wait = pd.to_timedelta(rng.exponential(mean_seconds, len(messages)).astype(np.int64), unit="s")
    return messages.assign(moment=messages.moment + wait)


def _named(world: World, kind: str, names: tuple[str, ...]) -> pd.DataFrame:
    """The set-up rows of every account: each has its own metrics and flows, by the same names."""
    rows = [(_code(kind, market.name, name), name) for market in world.spec.markets for name in names]
    frame = pd.DataFrame(rows, columns=["id", "name"])
    stamps = history_stamps(pd.Timestamp(world.spec.start), len(frame))
    return frame.assign(created=stamps, updated=stamps, _fivetran_deleted="FALSE", _fivetran_synced=stamps)


def _code(*names: str) -> str:
    """Six letters and digits, as Klaviyo numbers its things."""
    return np.base_repr(stable_id(SOURCE, *names, digits=9), 36)


def _next_sync(moments: pd.Series, world: World) -> pd.Series:
    return (moments.dt.floor("6h") + pd.Timedelta(hours=6, minutes=7)).clip(upper=as_of(world))
