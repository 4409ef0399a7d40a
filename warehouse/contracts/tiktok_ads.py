"""TikTok Ads: hourly figures in UTC. The export writes `-` where it has no figure, and upper-case headers."""

from __future__ import annotations

from warehouse.contracts.base import (
    Column,
    TableContract,
    currency,
    figure,
    identifier,
    moment,
    synced,
    text,
    words,
)

SOURCE = "tiktok_ads"

NO_FIGURE = ("-",)


def _count(name: str, description: str, *, required: bool = True) -> Column:
    return figure(name, description, dtype="bigint", unit="count", required=required, null_strings=NO_FIGURE)


CAMPAIGN_REPORT_HOURLY = TableContract(
    source=SOURCE,
    table="campaign_report_hourly",
    description="Figures of a campaign by UTC hour, in the advertiser's currency.",
    columns=(
        identifier("campaign_id", "Campaign.", key=True),
        moment("stat_time_hour", "Start of the hour, UTC.", nullable=False),
        figure("spend", "Spend.", unit="advertiser currency", nullable=False, null_strings=NO_FIGURE),
        _count("impressions", "Impressions."),
        _count("clicks", "Clicks."),
        figure("conversion", "Conversions dated to the ad.", unit="count", null_strings=NO_FIGURE),
        figure(
            "real_time_conversion",
            "Conversions dated to the conversion.",
            unit="count",
            required=False,
            null_strings=NO_FIGURE,
        ),
        figure(
            "total_purchase_value",
            "Attributed value.",
            unit="advertiser currency",
            required=False,
            null_strings=NO_FIGURE,
        ),
        _count("reach", "People reached that hour; does not add up.", required=False),
        _count("video_watched_2_s", "Views of two seconds.", required=False),
        synced(),
    ),
    key=("campaign_id", "stat_time_hour"),
    version_column="_fivetran_synced",
    date_column="stat_time_hour",
    also_known=words("""
        average_video_play average_video_play_per_user comments conversion_rate cost_per_1000_reached
        cost_per_conversion cost_per_result cost_per_secondary_goal_result cpc cpm ctr follows likes
        profile_visits profile_visits_rate real_time_conversion_rate real_time_cost_per_conversion
        real_time_cost_per_result real_time_result real_time_result_rate result result_rate
        secondary_goal_result secondary_goal_result_rate shares total_sales_lead_value video_play_actions
        video_views_p_25 video_views_p_50 video_views_p_75 video_views_p_100 video_watched_6_s
        """),
    lookback_days=28,
)

CAMPAIGN_HISTORY = TableContract(
    source=SOURCE,
    table="campaign_history",
    description="Versions of each campaign; the newest tells name and objective.",
    columns=(
        identifier("campaign_id", "Campaign.", key=True),
        moment("updated_at", "When this version came to be.", nullable=False),
        identifier("advertiser_id", "Advertiser."),
        text("campaign_name", "Campaign name; carries the naming convention."),
        text("campaign_type", "Type.", required=False),
        text("objective_type", "Objective.", required=False),
        text("operation_status", "ENABLE, DISABLE, DELETE.", required=False),
        synced(),
    ),
    key=("campaign_id", "updated_at"),
    version_column="_fivetran_synced",
    also_known=words("budget budget_mode is_new_structure split_test_variable create_time"),
    lookback_days=3650,
)

ADVERTISER = TableContract(
    source=SOURCE,
    table="advertiser",
    description="Advertisers with currency and time zone. Address, contact and e-mail stay outside.",
    columns=(
        identifier("id", "Advertiser.", key=True),
        text("name", "Name of the advertiser account.", required=False),
        text("country", "Country.", required=False),
        currency("currency", "Currency of every spend of the advertiser."),
        text("timezone", "Time zone of the advertiser's reports."),
        text("status", "Account status.", required=False),
        synced(),
    ),
    key=("id",),
    version_column="_fivetran_synced",
    also_known=words("""
        address company contacter description email industry license_no license_url promotion_area
        rejected_reason role telephone_number balance create_time language cellphone_number
        """),
    lookback_days=3650,
)

CONTRACTS = (CAMPAIGN_REPORT_HOURLY, CAMPAIGN_HISTORY, ADVERTISER)
