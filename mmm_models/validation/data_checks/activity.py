"""Whether the data hold enough movement for what the model asks of them."""

from collections.abc import Iterator

from mmm_models.reporting.money import format_percent
from mmm_models.spec import DataChecksSpec
from mmm_models.validation.data_checks.cut import MarketCut
from mmm_models.validation.data_checks.record import DataCheck, judged, not_below

# A control is away from its usual value when it is further off than this share of it.
_USUAL = 1e-3


def active_weeks(cut: MarketCut, limits: DataChecksSpec) -> Iterator[DataCheck]:
    """Weeks with spend of each channel; none at all is only worth knowing."""
    least = limits.active_weeks_min
    for active in (cut.spend > 0).sum("week"):
        channel, weeks = str(active["channel"].values), int(active)
        yield judged(
            "active_weeks",
            cut.market,
            channel,
            f"{channel} spends in {weeks} of {len(cut.weeks)} weeks (at least {least})"
            if weeks
            else f"{channel} never spends",
            "So few weeks say little about its curve and its carryover: its return will mostly be its prior. Merge it "
            "with a channel of its kind, or run a lift test when it next spends."
            if weeks
            else "That is fine if it was never bought there: its effect is its prior, on no money. If it was bought, "
            "look for its campaigns in the channel mapping.",
            value=weeks,
            threshold=least,
            verdict=not_below(weeks, least) if weeks else "info",
        )


def spend_share(cut: MarketCut, limits: DataChecksSpec) -> Iterator[DataCheck]:
    """Each channel's share of the market's media spend; a small one drowns in the noise of the others."""
    spend = cut.spending.sum("week")
    for share in spend / spend.sum():
        channel, value = str(share["channel"].values), float(share)
        yield judged(
            "spend_share",
            cut.market,
            channel,
            f"{channel} has {format_percent(value)} of the spend (at least {format_percent(limits.spend_share_min)})",
            "What it brings is smaller than the noise around it, so that its return will be its prior. Merge it with a "
            "channel of its kind, or judge it by a lift test alone.",
            value=value,
            threshold=limits.spend_share_min,
            verdict=not_below(value, limits.spend_share_min),
        )


def spend_variation(cut: MarketCut, limits: DataChecksSpec) -> Iterator[DataCheck]:
    """Standard deviation of each channel's weekly spend over its mean; what never changes teaches nothing."""
    for variation in cut.spending.std("week") / cut.spending.mean("week"):
        channel, value = str(variation["channel"].values), float(variation)
        yield judged(
            "spend_variation",
            cut.market,
            channel,
            f"weekly spend of {channel} varies by {format_percent(value)} of its mean "
            f"(at least {format_percent(limits.spend_variation_min)})",
            "Spend that hardly changes cannot be told from the baseline. Vary it on purpose for some weeks, or run a "
            "lift test.",
            value=value,
            threshold=limits.spend_variation_min,
            verdict=not_below(value, limits.spend_variation_min),
        )


def control_variation(cut: MarketCut, limits: DataChecksSpec) -> Iterator[DataCheck]:
    """Weeks in which each control is away from its usual value, its median."""
    usual, least = cut.controls.median("week"), limits.control_weeks_min
    for away in (abs(cut.controls - usual) > _USUAL * abs(usual)).sum("week"):
        control, weeks = str(away["control"].values), int(away)
        yield judged(
            "control_variation",
            cut.market,
            f"control:{control}",
            f"control {control} is away from its usual value in {weeks} of {len(cut.weeks)} weeks (at least {least})",
            "It takes just these weeks out of the fit; fine for an event that was meant."
            if weeks
            else "It explains nothing there. Leave it out, or check its export.",
            value=weeks,
            threshold=least,
            verdict="info" if 0 < weeks < least else not_below(weeks, least),
        )


def weeks_per_series(cut: MarketCut, limits: DataChecksSpec) -> Iterator[DataCheck]:
    """Weeks for each channel that spends and each control; trend, season, carryover and curves come on top.

    Ten observations for each explaining series is the usual least (Harrell 2015, Regression Modeling Strategies, 4.4;
    Robyn asks for the same).
    """
    series = cut.spending.sizes["channel"] + cut.controls.sizes["control"]
    if not series:
        return
    value, least = len(cut.weeks) / series, limits.weeks_per_series_min
    yield judged(
        "weeks_per_series",
        cut.market,
        None,
        f"{len(cut.weeks)} weeks for {series} channels and controls are {value:.1f} each (at least {least:g})",
        "With so few, the intervals are mostly priors. Deliver a longer history, merge small channels, or drop "
        "controls that explain little.",
        value=value,
        threshold=least,
        verdict=not_below(value, least),
    )
