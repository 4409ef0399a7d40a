"""What a simulated company is made of: plain frozen data, no randomness and no arithmetic.

Money in a spec is in the market's own currency; "weekly" figures are means over the weeks of the data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal

type Source = Literal[
    "google_ads",
    "microsoft_ads",
    "facebook_ads",
    "pinterest_ads",
    "linkedin_ads",
    "tiktok_ads",
    "snapchat_ads",
    "offline",
]

type Owned = Literal["klaviyo", "brand_survey"]

CONTROLS = ("holidays", "promotion", "price_index", "competitor_spend", "consumer_confidence")


@dataclass(frozen=True)
class GeometricAdstock:
    """Carryover that fades by a constant factor: weight of lag l is (1 - retention) retention^l per week."""

    retention: float


@dataclass(frozen=True)
class LogisticSaturation:
    """f(x) = (1 - exp(-lam x)) / (1 + exp(-lam x)), x in multiples of the channel's mean weekly spend."""

    lam: float


@dataclass(frozen=True)
class HillSaturation:
    """f(x) = x^slope / (half^slope + x^slope); a slope above 1 gives an S-shape."""

    half: float
    slope: float = 1.0


type Adstock = GeometricAdstock
type Saturation = LogisticSaturation | HillSaturation


@dataclass(frozen=True)
class AlwaysOn:
    """Spend every week, at levels that a team resets every few weeks, with lognormal noise around them."""

    level_weeks: tuple[int, int] = (4, 9)
    level_range: tuple[float, float] = (0.4, 1.6)
    noise: float = 0.15


@dataclass(frozen=True)
class Flighted:
    """Bursts of weeks on air, each at a level of its own, between weeks at `off_level` (0 is silence)."""

    on_weeks: tuple[int, int]
    off_weeks: tuple[int, int]
    level_range: tuple[float, float] = (0.6, 1.4)
    noise: float = 0.15
    off_level: float = 0.0


type SpendPattern = AlwaysOn | Flighted


@dataclass(frozen=True)
class Campaign:
    """One campaign of a channel: its label in the name, its share of the channel's spend, its platform type.

    source: the platform that it runs on, where that is not the channel's own.
    """

    label: str
    share: float
    channel_type: str = ""
    source: Source | None = None


@dataclass(frozen=True)
class ChannelSpec:
    """One paid channel, the same in every market but for its budget and its strength.

    source: the platform of its campaigns, but for those that name another.
    weekly_spend: market -> mean weekly spend. effect: market -> revenue a week at full saturation.
    demand_reaction: elasticity of spend to demand; 0 buys blind, 1 spends in proportion to the baseline.
    """

    name: str
    label: str
    source: Source
    weekly_spend: Mapping[str, float]
    effect: Mapping[str, float]
    adstock: Adstock
    saturation: Saturation
    pattern: SpendPattern
    campaigns: tuple[Campaign, ...] = ()
    demand_reaction: float = 0.0
    even_days: bool = False  # a flight of an agency sheet is spread evenly; a platform's spend is not

    @property
    def sources(self) -> tuple[Source, ...]:
        """The platforms that its money runs through."""
        return tuple(dict.fromkeys(self.source_of(c) for c in self.campaigns)) or (self.source,)

    def source_of(self, campaign: Campaign) -> Source:
        """The platform that one of its campaigns runs on."""
        return campaign.source or self.source

    def on(self, *sources: Source) -> "ChannelSpec":
        """The same channel without the campaigns of other platforms; their money goes to those that stay."""
        return replace(self, campaigns=tuple(c for c in self.campaigns if self.source_of(c) in sources))


@dataclass(frozen=True)
class MarketSpec:
    """One country with its own shop, currency, calendar and baseline.

    weekly_base: revenue a week without media, season, trend and controls.
    trend: growth of the baseline over the whole data, as a share of weekly_base.
    season: (sin, cos) amplitudes of the 1st, 2nd, ... yearly harmonic, as shares of weekly_base.
    control_effects: change of revenue, as a share of weekly_base, per unit of a control above its reference.
    hidden_demand: standard deviation of an unrecorded demand wave, as a share of weekly_base.
    noise: standard deviation of a week's revenue around its mean, as a share of that mean.
    accounts: platform -> id of the market's account there.
    day_pattern: relative revenue of Monday to Sunday.
    """

    name: str
    currency: str
    timezone: str
    country_code: str
    weekly_base: float
    trend: float
    season: tuple[tuple[float, float], ...]
    control_effects: Mapping[str, float]
    noise: float
    order_value: float
    accounts: Mapping[str, int | str]
    shop_id: int
    tax_rate: float
    taxes_included: bool
    hidden_demand: float = 0.0
    day_pattern: tuple[float, ...] = (1.0, 0.96, 0.94, 0.95, 1.02, 1.12, 1.18)


@dataclass(frozen=True)
class LiftTestSpec:
    """An experiment to run in the world: change spend by a factor for some weeks, then watch the tail.

    spend_change: -1.0 goes dark, 0.5 spends half as much again. relative_se: standard error of the measured
    lift as a share of the true lift, the precision that the design would reach.
    start: Monday of the first test week; None takes the calmest window of the data.
    """

    test_id: str
    channel: str
    market: str
    design: str
    weeks: int
    followup_weeks: int
    spend_change: float
    relative_se: float = 0.12
    status: Literal["draft", "submitted", "approved", "revoked"] = "approved"
    role: Literal["calibrate", "validate"] = "calibrate"
    start: date | None = None


@dataclass(frozen=True)
class Dirt:
    """Which flaws of real deliveries the files carry; all off gives spotless files."""

    restated_days: int = 3
    deliver_twice: bool = True
    deleted_campaign: bool = True
    unsettled_orders: int = 200


@dataclass(frozen=True)
class WorldSpec:
    """A company: `weeks` complete weeks from `start` (a Monday), then `trailing_days` of an unfinished week.

    owned: what it keeps beside its media: messages to its customers, surveys of its brand. They move nothing.
    """

    name: str
    start: date
    weeks: int
    trailing_days: int
    markets: tuple[MarketSpec, ...]
    channels: tuple[ChannelSpec, ...]
    lift_tests: tuple[LiftTestSpec, ...] = ()
    controls: tuple[str, ...] = CONTROLS
    owned: tuple[Owned, ...] = ()
    reporting_currency: str = "USD"
    fx_start: Mapping[str, float] = field(default_factory=lambda: {"EUR": 1.08})
    dirt: Dirt = Dirt()

    def __post_init__(self) -> None:
        """Reject a spec that could not be simulated as its author means it."""
        if self.start.weekday() != 0:
            raise ValueError(f"world {self.name!r}: start {self.start} is a {self.start:%A}; use a Monday")
        if not 0 <= self.trailing_days < 7:
            raise ValueError(f"world {self.name!r}: trailing_days {self.trailing_days} is not within 0..6")
        for channel in self.channels:
            missing = {m.name for m in self.markets} - (channel.weekly_spend.keys() & channel.effect.keys())
            if missing:
                raise ValueError(
                    f"world {self.name!r}: channel {channel.name!r} has no weekly_spend or effect for market(s) "
                    f"{sorted(missing)}; add them"
                )
        for market in self.markets:
            missing = {*self.sources, *self.owned} - {"offline", "brand_survey"} - market.accounts.keys()
            if missing:
                raise ValueError(
                    f"world {self.name!r}: market {market.name!r} has no account on {sorted(missing)}; add them to its "
                    "accounts, or take the channels' campaigns (or what is owned) there away"
                )

    @property
    def sources(self) -> tuple[Source, ...]:
        """The platforms that any channel's money runs through."""
        return tuple(dict.fromkeys(source for channel in self.channels for source in channel.sources))

    @property
    def end(self) -> date:
        """Last day with data."""
        return self.start + timedelta(days=self.weeks * 7 + self.trailing_days - 1)

    def market(self, name: str) -> MarketSpec:
        """The market of that name. Raises ValueError that lists the known ones."""
        return _named(self.markets, name, "market", self.name)

    def channel(self, name: str) -> ChannelSpec:
        """The channel of that name. Raises ValueError that lists the known ones."""
        return _named(self.channels, name, "channel", self.name)

    def with_demand_reaction(self, reaction: float) -> "WorldSpec":
        """The same company whose every channel reacts to demand with this elasticity."""
        return replace(self, channels=tuple(replace(c, demand_reaction=reaction) for c in self.channels))


def _named[T: (MarketSpec, ChannelSpec)](items: tuple[T, ...], name: str, kind: str, world: str) -> T:
    for item in items:
        if item.name == name:
            return item
    raise ValueError(f"world {world!r} has no {kind} {name!r}; it has {[i.name for i in items]}")
