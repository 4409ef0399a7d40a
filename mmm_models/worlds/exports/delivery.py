"""What every ad platform's report shares: exact splits of money, and impressions, clicks and conversions from it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm_models.worlds.spec import ChannelSpec


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


def campaign_name(market: str, channel: ChannelSpec, label: str) -> str:
    """The name that a team would give a campaign: `US | Search | Brand`."""
    return f"{market} | {channel.label} | {label}"


def history_stamps(start: pd.Timestamp, rows: int) -> pd.DatetimeIndex:
    """Set-up times of accounts and campaigns, minutes apart in the week before the world starts."""
    return pd.date_range(start - pd.Timedelta(days=6, hours=-9), periods=rows, freq="17min")
