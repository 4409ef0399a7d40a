{# Written by `mixhouse connector generate` from warehouse/connectors/: change those files instead. #}

{% macro media_platforms() %}
{%- set on = [] -%}
{%- for item in [
    {'source': 'amazon_ads', 'daily': 'stg_amazon_ads__campaign_daily', 'is_located': False, 'accounts': 'stg_amazon_ads__campaign_daily', 'open_days': '', 'totals': '', 'figures': ['impressions', 'clicks', 'platform_conversions'], 'raw_table': 'campaign_level_report', 'raw_spend': 'cost'},
    {'source': 'awin', 'daily': 'int_awin__partner_daily', 'is_located': True, 'accounts': 'int_awin__transaction_slots', 'open_days': '', 'totals': '', 'figures': ['platform_conversions', 'provisional_local'], 'raw_table': 'transaction', 'raw_spend': "case when commission_status in ('pending', 'approved') then commission_amount + coalesce(network_fee_amount, 0) else 0 end"},
    {'source': 'dv360', 'daily': 'stg_dv360__campaign_daily', 'is_located': False, 'accounts': 'stg_dv360__campaign_daily', 'open_days': '', 'totals': '', 'figures': ['impressions', 'clicks', 'platform_conversions'], 'raw_table': 'line_item_report', 'raw_spend': 'metric_revenue_advertiser'},
    {'source': 'facebook_ads', 'daily': 'int_facebook_ads__campaign_daily', 'is_located': False, 'accounts': 'stg_facebook_ads__accounts', 'open_days': '', 'totals': 'stg_facebook_ads__account_totals', 'figures': ['impressions', 'clicks', 'platform_conversions'], 'raw_table': 'basic_ad', 'raw_spend': 'spend'},
    {'source': 'google_ads', 'daily': 'stg_google_ads__campaign_daily', 'is_located': False, 'accounts': 'stg_google_ads__campaign_daily', 'open_days': '', 'totals': 'stg_google_ads__account_totals', 'figures': ['impressions', 'clicks', 'platform_conversions'], 'raw_table': 'campaign_stats', 'raw_spend': 'cost_micros / 1000000.0'},
    {'source': 'impact', 'daily': 'int_impact__partner_daily', 'is_located': True, 'accounts': 'int_impact__action_slots', 'open_days': '', 'totals': '', 'figures': ['platform_conversions', 'provisional_local'], 'raw_table': 'actions', 'raw_spend': "case when state = 'REVERSED' then 0 else coalesce(client_cost, payout) end"},
    {'source': 'influencer', 'daily': 'int_influencer__post_daily', 'is_located': True, 'accounts': '', 'open_days': '', 'totals': '', 'figures': ['impressions'], 'raw_table': '', 'raw_spend': ''},
    {'source': 'linkedin_ads', 'daily': 'stg_linkedin_ads__campaign_daily', 'is_located': False, 'accounts': 'stg_linkedin_ads__campaign_daily', 'open_days': '', 'totals': '', 'figures': ['impressions', 'clicks', 'platform_conversions'], 'raw_table': 'ad_analytics_by_campaign', 'raw_spend': 'cost_in_local_currency'},
    {'source': 'microsoft_ads', 'daily': 'stg_microsoft_ads__campaign_daily', 'is_located': False, 'accounts': 'stg_microsoft_ads__campaign_daily', 'open_days': '', 'totals': 'stg_microsoft_ads__account_totals', 'figures': ['impressions', 'clicks', 'platform_conversions'], 'raw_table': 'campaign_performance_daily_report', 'raw_spend': 'spend'},
    {'source': 'offline', 'daily': 'int_offline__flight_daily', 'is_located': True, 'accounts': '', 'open_days': 'int_offline__open_days', 'totals': '', 'figures': ['impressions', 'grps'], 'raw_table': '', 'raw_spend': ''},
    {'source': 'pinterest_ads', 'daily': 'stg_pinterest_ads__campaign_daily', 'is_located': False, 'accounts': 'stg_pinterest_ads__campaign_daily', 'open_days': '', 'totals': '', 'figures': ['impressions', 'clicks', 'platform_conversions'], 'raw_table': 'campaign_report', 'raw_spend': 'spend_in_micro_dollar / 1000000.0'},
    {'source': 'snapchat_ads', 'daily': 'int_snapchat_ads__campaign_daily', 'is_located': True, 'accounts': 'stg_snapchat_ads__accounts', 'open_days': '', 'totals': 'int_snapchat_ads__account_totals', 'figures': ['impressions', 'clicks', 'platform_conversions'], 'raw_table': 'campaign_hourly_report', 'raw_spend': 'spend / 1000000.0'},
    {'source': 'tiktok_ads', 'daily': 'int_tiktok_ads__campaign_daily', 'is_located': True, 'accounts': 'stg_tiktok_ads__accounts', 'open_days': '', 'totals': 'int_tiktok_ads__account_totals', 'figures': ['impressions', 'clicks', 'platform_conversions'], 'raw_table': 'campaign_report_hourly', 'raw_spend': 'spend'},
    {'source': 'trade_desk', 'daily': 'stg_trade_desk__campaign_daily', 'is_located': False, 'accounts': 'stg_trade_desk__campaign_daily', 'open_days': '', 'totals': '', 'figures': ['impressions', 'clicks', 'platform_conversions'], 'raw_table': '', 'raw_spend': ''},
] if is_on(item.source) -%}
{%- do on.append(item) -%}
{%- endfor -%}
{{ return(on) }}
{% endmacro %}

{% macro outcome_sources() %}
{%- set on = [] -%}
{%- for item in [
    {'source': 'hubspot', 'daily': 'int_hubspot__outcome_daily'},
    {'source': 'salesforce', 'daily': 'int_salesforce__outcome_daily'},
    {'source': 'shopify', 'daily': 'int_shopify__outcome_daily'},
] if is_on(item.source) -%}
{%- do on.append(item) -%}
{%- endfor -%}
{{ return(on) }}
{% endmacro %}

{% macro control_sources() %}
{%- set on = [] -%}
{%- for item in [
    {'source': 'competitors', 'daily': 'int_competitors__control_daily'},
    {'source': 'controls', 'daily': 'stg_controls__control_values'},
    {'source': 'fred', 'daily': 'int_fred__control_daily'},
    {'source': 'ga4', 'daily': 'int_ga4__control_daily'},
    {'source': 'holidays', 'daily': 'int_holidays__control_daily'},
    {'source': 'klaviyo', 'daily': 'int_klaviyo__control_daily'},
    {'source': 'prices', 'daily': 'int_prices__control_daily'},
    {'source': 'promotions', 'daily': 'int_promotions__control_daily'},
    {'source': 'weather', 'daily': 'int_weather__control_daily'},
] if is_on(item.source) -%}
{%- do on.append(item) -%}
{%- endfor -%}
{{ return(on) }}
{% endmacro %}

{% macro brand_sources() %}
{%- set on = [] -%}
{%- for item in [
    {'source': 'brand_survey', 'daily': 'stg_brand_survey__waves'},
] if is_on(item.source) -%}
{%- do on.append(item) -%}
{%- endfor -%}
{{ return(on) }}
{% endmacro %}
