"""What every ad platform's report shares: exact splits of money, and impressions, clicks and conversions from it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm_models.worlds.exports.files import ExportFile
from mmm_models.worlds.randomness import stream
from mmm_models.worlds.simulate import World
from mmm_models.worlds.spec import Campaign, ChannelSpec, MarketSpec, Source


@dataclass(frozen=True)
class Report:
    """A platform's table of figures: its day, what else names a row, its version stamp, what a restatement changes.

    steps: the smallest steps of one unit of currency that its cost can take, 100 for cents.
    stamp: strftime format of its moments, as in ExportFile.
    """

    source: Source
    table: str
    day: str
    key: tuple[str, ...]
    version: str
    measures: tuple[str, ...]
    steps: int = 100
    stamp: str | None = None

    def file(self, rows: pd.DataFrame, suffix: str) -> ExportFile:
        """A part of the table as a file of its own."""
        return ExportFile(self.source, self.table, f"{self.table}_{suffix}", rows, stamp=self.stamp)


@dataclass(frozen=True)
class Rates:
    """Price and response of a channel's inventory: cost per thousand impressions, clicks and conversions per step."""

    cpm: float
    click_rate: float
    conversion_rate: float


RATES = {
    "search": Rates(28.0, 0.045, 0.030),
    "shopping": Rates(9.0, 0.012, 0.022),
    "display": Rates(3.2, 0.003, 0.006),
    "paid_social": Rates(8.5, 0.009, 0.012),
    "short_video": Rates(5.5, 0.007, 0.006),
}
_OTHER = Rates(8.0, 0.008, 0.010)
WHOLE = {"": 1.0}  # the segments of a platform that reports none


def report_rows(
    world: World,
    report: Report,
    rows: Callable[[World, MarketSpec, ChannelSpec], pd.DataFrame],
    markets: tuple[str, ...] | None = None,
) -> pd.DataFrame:
    """The `rows` of each market (or of those named) and each channel on the platform, in order of day and key."""
    frames = [
        rows(world, market, channel)
        for market in world.spec.markets
        for channel in world.spec.channels
        if report.source in channel.sources and (markets is None or market.name in markets)
    ]
    everything = pd.concat(frames, ignore_index=True)
    return everything.sort_values([report.day, *report.key], kind="stable", ignore_index=True)


def campaigns_on(world: World, source: Source) -> Iterator[tuple[MarketSpec, ChannelSpec, Campaign]]:
    """Every campaign of a platform, with its market and channel."""
    for market in world.spec.markets:
        for channel in world.spec.channels:
            for campaign in channel.campaigns:
                if channel.source_of(campaign) == source:
                    yield market, channel, campaign


def purchases(
    world: World, market: MarketSpec, channel: ChannelSpec, report: Report, segments: Mapping[object, float]
) -> pd.DataFrame:
    """What one platform sold to a channel: a row a day, campaign and segment, where it cost anything.

    `segments` are the parts of a campaign that the platform reports, such as devices or hours, with their shares.
    Columns: date, campaign, segment, steps (cost in the report's whole steps), money (the same in units of
    currency), impressions, clicks, conversions.
    """
    booked = campaign_cents(world, market, channel)
    rng = stream(world.seed, report.source, market.name, channel.name)
    shares = np.array(list(segments.values()))
    campaigns, parts = [], []
    for position, campaign in enumerate(channel.campaigns):
        if channel.source_of(campaign) == report.source:
            steps = booked[:, position] * (report.steps // 100)
            campaigns.append(campaign)
            parts.append(allocate(steps, moving_weights(shares, len(steps), rng)))
    split = np.stack(parts, axis=1)
    day, row, column = np.nonzero(split)
    steps = split[day, row, column]
    names = list(segments)
    frame = pd.DataFrame(
        {
            "date": pd.DatetimeIndex(world.daily.date.to_numpy())[day],
            "campaign": [campaigns[r] for r in row],
            "segment": [names[c] for c in column],
            "steps": steps,
            "money": steps / report.steps,
        }
    )
    return frame.join(engagement(channel, steps / report.steps, rng))


def campaign_cents(world: World, market: MarketSpec, channel: ChannelSpec) -> np.ndarray:
    """Whole cents of each campaign a day, whatever platform it runs on: shape (days, campaigns).

    Every platform takes its campaigns from this one split, so that a day's cents over all platforms are the
    channel's to the cent.
    """
    spend = cents(world.daily.spend.sel(market=market.name, channel=channel.name).to_numpy())
    rng = stream(world.seed, "campaigns", market.name, channel.name)
    return allocate(spend, moving_weights(np.array([c.share for c in channel.campaigns]), len(spend), rng))


def allocate(units: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Split whole units (rows,) by weights (rows, parts) into whole parts that sum to them exactly.

    Rounds the running total instead of each part, so nothing is lost and nothing is negative.
    """
    running = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    edges = np.rint(running * units[:, None]).astype(np.int64)
    return np.diff(edges, axis=1, prepend=0)


def moving_weights(shares: np.ndarray, rows: int, rng: np.random.Generator, spread: float = 0.25) -> np.ndarray:
    """Shares (parts,) that wobble from day to day: shape (rows, parts)."""
    return shares * np.exp(rng.normal(0, spread, (rows, len(shares))))


def engagement(channel: ChannelSpec, spend: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Impressions, clicks (whole) and conversions (fractional, as platforms attribute them) for each spend (rows,)."""
    rates = RATES.get(channel.name, _OTHER)
    impressions = np.ceil(spend / rates.cpm * 1000 * np.exp(rng.normal(0, 0.1, len(spend)))).astype(np.int64)
    clicks = np.minimum(rng.poisson(impressions * rates.click_rate), impressions)
    conversions = (clicks * rates.conversion_rate * rng.uniform(0.6, 1.4, len(spend))).round(3)
    return pd.DataFrame({"impressions": impressions, "clicks": clicks, "conversions": conversions})


def cents(money: np.ndarray) -> np.ndarray:
    """Money with two decimals as whole cents."""
    return np.rint(np.asarray(money) * 100).astype(np.int64)


def utc_hours(days: pd.Series, hours: pd.Series, timezone: str) -> pd.Series:
    """Hours of local days as UTC moments without a zone, as hourly reports write them."""
    local = days + pd.to_timedelta(hours, unit="h")
    return local.dt.tz_localize(timezone).dt.tz_convert("UTC").dt.tz_localize(None)


def campaign_name(market: str, channel: ChannelSpec, label: str) -> str:
    """The name that a team would give a campaign: `US | Search | Brand`."""
    return f"{market} | {channel.label} | {label}"


def history_stamps(start: pd.Timestamp, rows: int) -> pd.DatetimeIndex:
    """Set-up times of accounts and campaigns, minutes apart in the week before the world starts."""
    return pd.date_range(start - pd.Timedelta(days=6, hours=-9), periods=rows, freq="17min")
