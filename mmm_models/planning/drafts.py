"""A proposed test as a record to run it by: all that is known before it begins, and no lift."""

from datetime import date

from mmm_models.evidence import LiftTest


def draft_record(
    *,
    test_id: str,
    channel: str,
    market: str,
    design: str,
    unit_share: float,
    start_date: date,
    end_date: date,
    followup_end: date,
    outcome: str,
    spend_baseline: float,
    spend_delta: float,
    power: float,
    role: str,
) -> LiftTest:
    """The record, with status 'draft'. Its owner names the regions, runs it, and fills in lift and standard error."""
    return LiftTest(
        test_id=test_id,
        channel=channel,
        market=market,
        design=design,
        units=f"{unit_share:.0%} of {market}, regions drawn at random",
        unit_share=unit_share,
        start_date=start_date,
        end_date=end_date,
        followup_end=followup_end,
        outcome=outcome,
        spend_baseline=spend_baseline,
        spend_delta=spend_delta,
        spend_delta_planned=spend_delta,
        # The regions are part of the market, whose outcome the model explains.
        in_outcome=True,
        power=round(power, 4),
        status="draft",
        role=role,
    )
