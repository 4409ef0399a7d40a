{# Written by `mixhouse connector generate` from warehouse/connectors/: change those files instead. #}
{% macro media_platforms() %}
{{ return([
    {'source': 'amazon_ads', 'daily': 'stg_amazon_ads__campaign_daily', 'accounts': 'stg_amazon_ads__campaign_daily', 'figures': ['impressions', 'clicks', 'platform_conversions'], 'raw_table': 'campaign_level_report', 'raw_spend': 'cost'},
    {'source': 'facebook_ads', 'daily': 'int_facebook_ads__campaign_daily', 'accounts': 'stg_facebook_ads__accounts', 'figures': ['impressions', 'clicks'], 'raw_table': '', 'raw_spend': ''},
    {'source': 'google_ads', 'daily': 'int_google_ads__campaign_daily', 'accounts': 'stg_google_ads__accounts', 'figures': ['impressions', 'clicks', 'platform_conversions'], 'raw_table': '', 'raw_spend': ''},
    {'source': 'linkedin_ads', 'daily': 'stg_linkedin_ads__campaign_daily', 'accounts': 'stg_linkedin_ads__campaign_daily', 'figures': ['impressions', 'clicks', 'platform_conversions'], 'raw_table': 'ad_analytics_by_campaign', 'raw_spend': 'cost_in_local_currency'},
    {'source': 'microsoft_ads', 'daily': 'stg_microsoft_ads__campaign_daily', 'accounts': 'stg_microsoft_ads__campaign_daily', 'figures': ['impressions', 'clicks', 'platform_conversions'], 'raw_table': 'campaign_performance_daily_report', 'raw_spend': 'spend'},
    {'source': 'offline', 'daily': 'int_offline__flight_daily', 'accounts': '', 'figures': ['grps'], 'raw_table': '', 'raw_spend': ''},
    {'source': 'pinterest_ads', 'daily': 'stg_pinterest_ads__campaign_daily', 'accounts': 'stg_pinterest_ads__campaign_daily', 'figures': ['impressions', 'clicks', 'platform_conversions'], 'raw_table': 'campaign_report', 'raw_spend': 'spend_in_micro_dollar / 1000000.0'},
    {'source': 'snapchat_ads', 'daily': 'int_snapchat_ads__campaign_daily', 'accounts': 'stg_snapchat_ads__accounts', 'figures': ['impressions', 'clicks', 'platform_conversions'], 'raw_table': 'campaign_hourly_report', 'raw_spend': 'spend / 1000000.0'},
    {'source': 'tiktok_ads', 'daily': 'int_tiktok_ads__campaign_daily', 'accounts': 'stg_tiktok_ads__accounts', 'figures': ['impressions', 'clicks', 'platform_conversions'], 'raw_table': '', 'raw_spend': ''},
]) }}
{% endmacro %}
