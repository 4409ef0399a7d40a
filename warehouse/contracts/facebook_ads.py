"""Meta Ads: daily figures per ad, and the histories that lead from ad to campaign and account."""

from __future__ import annotations

from warehouse.contracts.base import (
    TableContract,
    currency,
    day,
    figure,
    identifier,
    moment,
    synced,
    text,
    words,
)

SOURCE = "facebook_ads"

BASIC_AD = TableContract(
    source=SOURCE,
    table="basic_ad",
    description="Daily figures of an ad, in the account's currency and time zone.",
    columns=(
        identifier("ad_id", "Ad.", key=True),
        day("date", "Day in the account's time zone."),
        identifier("account_id", "Account."),
        figure("impressions", "Impressions.", dtype="bigint", unit="count"),
        figure("inline_link_clicks", "Clicks on links (not all clicks).", dtype="bigint", unit="count"),
        figure("spend", "Spend.", unit="account currency", nullable=False),
        figure("reach", "People reached that day; does not add up over days.", dtype="bigint", required=False),
        figure("frequency", "Impressions a person reached.", required=False),
        text("ad_name", "Ad name.", required=False),
        text("adset_name", "Ad set name.", required=False),
        synced(),
    ),
    key=("ad_id", "date"),
    version_column="_fivetran_synced",
    date_column="date",
    also_known=words("""
        campaign_name campaign_id adset_id clicks cpc cpm ctr cost_per_inline_link_click unique_clicks
        inline_link_click_ctr account_name date_start date_stop
        """),
    lookback_days=28,
)

AD_HISTORY = TableContract(
    source=SOURCE,
    table="ad_history",
    description="Versions of each ad; the newest tells its campaign.",
    columns=(
        identifier("id", "Ad.", key=True),
        moment("updated_time", "When this version came to be.", nullable=False),
        identifier("account_id", "Account."),
        identifier("campaign_id", "Campaign."),
        identifier("ad_set_id", "Ad set.", required=False),
        text("name", "Ad name.", required=False),
        synced(),
    ),
    key=("id", "updated_time"),
    version_column="_fivetran_synced",
    also_known=words("""
        creative_id ad_source_id bid_amount bid_type configured_status effective_status status created_time
        global_use_count_estimate last_updated_by_app_id conversion_domain
        """),
    lookback_days=3650,
)

CAMPAIGN_HISTORY = TableContract(
    source=SOURCE,
    table="campaign_history",
    description="Versions of each campaign; the newest tells name and objective.",
    columns=(
        identifier("id", "Campaign.", key=True),
        moment("updated_time", "When this version came to be.", nullable=False),
        identifier("account_id", "Account."),
        text("name", "Campaign name; carries the naming convention."),
        text("objective", "Objective.", required=False),
        text("status", "ACTIVE, PAUSED and so on.", required=False),
        synced(),
    ),
    key=("id", "updated_time"),
    version_column="_fivetran_synced",
    also_known=words("""
        bid_strategy budget_rebalance_flag budget_remaining buying_type can_create_brand_lift_study
        can_use_spend_cap configured_status created_time daily_budget effective_status lifetime_budget
        smart_promotion_type source_campaign_id special_ad_category spend_cap start_time stop_time
        """),
    lookback_days=3650,
)

ACCOUNT_HISTORY = TableContract(
    source=SOURCE,
    table="account_history",
    description="Versions of each account; the newest tells currency and time zone where exported.",
    columns=(
        identifier("id", "Account.", key=True),
        synced(key=True),
        text("name", "Account name.", required=False),
        currency("currency", "Currency of every spend of the account.", required=False),
        text("timezone_name", "IANA time zone of the account's days.", required=False),
    ),
    key=("id", "_fivetran_synced"),
    also_known=words("""
        account_status age amount_spent balance business_city business_country_code business_name
        business_state business_street business_street_2 business_zip can_create_brand_lift_study capabilities
        created_time end_advertiser end_advertiser_name has_migrated_permissions io_number is_attribution_spec
        is_direct_deals_enabled is_notifications_enabled is_personal is_prepay_account
        is_tax_id_required media_agency min_campaign_group_spend_cap min_daily_budget
        offsite_pixels_tos_accepted owner partner salesforce_invoice_group_id spend_cap tax_id tax_id_status
        tax_id_type timezone_id timezone_offset_hours_utc
        """),
    lookback_days=3650,
)

CONTRACTS = (BASIC_AD, AD_HISTORY, CAMPAIGN_HISTORY, ACCOUNT_HISTORY)
