"""Google Ads, campaign level: the one level that Performance Max reports too."""

from __future__ import annotations

from warehouse.contracts.base import (
    TableContract,
    currency,
    day,
    figure,
    flag,
    identifier,
    moment,
    synced,
    text,
    words,
)

SOURCE = "google_ads"

CAMPAIGN_STATS = TableContract(
    source=SOURCE,
    table="campaign_stats",
    description="Daily figures of a campaign by device and network, in the account's currency and time zone.",
    columns=(
        identifier("customer_id", "Account.", key=True),
        identifier("id", "Campaign.", key=True),
        day("date", "Day in the account's time zone."),
        text("device", "MOBILE, DESKTOP, TABLET and so on.", nullable=False),
        text("ad_network_type", "SEARCH, CONTENT, YOUTUBE and so on.", nullable=False),
        figure("cost_micros", "Cost.", dtype="bigint", unit="millionths of account currency", nullable=False),
        figure("impressions", "Impressions.", dtype="bigint", unit="count"),
        figure("clicks", "Clicks.", dtype="bigint", unit="count"),
        figure("interactions", "Interactions.", dtype="bigint", unit="count", required=False),
        figure("conversions", "Attributed conversions; fractional, dated to the click.", unit="count"),
        figure("conversions_value", "Attributed value.", unit="account currency", required=False, signed=True),
        figure(
            "view_through_conversions",
            "Conversions after a view.",
            dtype="bigint",
            unit="count",
            required=False,
        ),
        synced(),
    ),
    key=("customer_id", "id", "date", "device", "ad_network_type"),
    version_column="_fivetran_synced",
    date_column="date",
    also_known=words("""
        active_view_impressions active_view_measurability active_view_measurable_cost_micros
        active_view_measurable_impressions active_view_viewability base_campaign interaction_event_types
        all_conversions all_conversions_value
        """),
    lookback_days=30,
)

CAMPAIGN_HISTORY = TableContract(
    source=SOURCE,
    table="campaign_history",
    description="Versions of each campaign; the newest tells name and channel type.",
    columns=(
        identifier("id", "Campaign.", key=True),
        moment("updated_at", "When this version came to be.", nullable=False),
        identifier("customer_id", "Account."),
        text("name", "Campaign name; carries the naming convention."),
        text("advertising_channel_type", "SEARCH, SHOPPING, DISPLAY, VIDEO, PERFORMANCE_MAX and so on."),
        text("advertising_channel_subtype", "Subtype.", required=False),
        text("status", "ENABLED, PAUSED, REMOVED.", required=False),
        text("start_date", "First day, as exported.", required=False),
        text("end_date", "Last day, as exported; 2037-12-30 means none.", required=False),
        flag("_fivetran_active", "Whether this is the newest version."),
        synced(),
    ),
    key=("id", "updated_at"),
    version_column="_fivetran_synced",
    also_known=words("""
        serving_status tracking_url_template ad_serving_optimization_status base_campaign_id experiment_type
        final_url_suffix frequency_caps optimization_score payment_mode vanity_pharma_display_url_mode
        vanity_pharma_text video_brand_safety_suitability
        """),
    lookback_days=3650,
)

ACCOUNT_HISTORY = TableContract(
    source=SOURCE,
    table="account_history",
    description="Versions of each account; the newest tells currency and time zone.",
    columns=(
        identifier("id", "Account.", key=True),
        moment("updated_at", "When this version came to be.", nullable=False),
        currency("currency_code", "Currency of every cost of the account."),
        text("time_zone", "IANA time zone of the account's days."),
        text("descriptive_name", "Account name.", required=False),
        flag("_fivetran_active", "Whether this is the newest version."),
        synced(),
    ),
    key=("id", "updated_at"),
    version_column="_fivetran_synced",
    also_known=words("""
        auto_tagging_enabled final_url_suffix hidden manager manager_customer_id optimization_score
        pay_per_conversion_eligibility_failure_reasons test_account tracking_url_template
        """),
    lookback_days=3650,
)

CONTRACTS = (CAMPAIGN_STATS, CAMPAIGN_HISTORY, ACCOUNT_HISTORY)
