"""Channels that are paid by the sale: their spend is sales, times a rate."""

from collections.abc import Iterator

from mmm_models.spec import DataChecksSpec
from mmm_models.validation.data_checks.cut import MarketCut
from mmm_models.validation.data_checks.record import DataCheck, judged


def endogenous_spend(cut: MarketCut, limits: DataChecksSpec) -> Iterator[DataCheck]:
    """Channels whose spend follows sales by construction, such as commission on them, where they spend at all.

    That is known of a channel and cannot be seen in its data: next to other media the commission of a partner may
    look like any budget. Whatever moves sales moves it, so that a model credits it with what others did.
    """
    del limits
    for channel in map(str, cut.spending["channel"].values):
        follows = channel in cut.endogenous
        yield judged(
            "endogenous_spend",
            cut.market,
            channel,
            f"{channel} is paid by the sale: its spend follows {cut.outcome_name} by construction"
            if follows
            else f"spend of {channel} is a decision, not a share of {cut.outcome_name}",
            "The model would explain sales by sales. Leave the channel out of `channels` and count what it costs as a "
            "cost of the sale; a holdout of partners can measure what it brings.",
            value=float(follows),
            threshold=0.0,
            verdict="severe" if follows else "pass",
        )
