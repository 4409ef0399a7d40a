{# A source or medium as Google's rules read it: small letters, and null where it names nothing. #}
{% macro named_traffic(text) -%}
    case when lower({{ text }}) not in ('(direct)', '(none)', '(not set)') then lower({{ text }}) end
{%- endmacro %}

{#
  Default channel group of a visit, by the rules that Google publishes for Analytics 4 (support.google.com/analytics,
  answer 9756891), in their order. Source and medium in small letters; a visit without any is (direct) and (none).

  Google's lists of sites are long and grow; here stand the names that bring visits. A name stands for its sites in all
  countries, `google` for www.google.de; mail.google.com is no search. What differs from Google's reports: only the tags
  are known, not which Google Ads network a click came from.
#}
{% macro default_channel_group(source, medium, campaign) -%}
    {#- Anchored at both ends, so that `~` means the same to DuckDB and Postgres. -#}
    {%- set paid = medium ~ " ~ '^(.*cp.*|ppc|retargeting|paid.*)$'" -%}
    {%- set shopping = "(" ~ is_site(source, ['amazon', 'ebay', 'etsy', 'walmart', 'alibaba', 'aliexpress', 'mercadolibre',
        'shopping[.]google', 'shopzilla', 'idealo', 'otto', 'zalando', 'rakuten', 'igshopping', 'shopify'])
        ~ " or lower(coalesce(" ~ campaign ~ ", '')) ~ '^(.*(([^a-df-z]|^)shop|shopping).*)$')" -%}
    {%- set search = is_site(source, ['google', 'bing', 'yahoo', 'duckduckgo', 'baidu', 'yandex', 'ecosia', 'qwant', 'naver',
        'daum', 'seznam', 'sogou', 'so', 'ask', 'aol', 'startpage', 'brave', 'lycos', 'msn', 'onet', 'virgilio',
        't-online']) -%}
    {%- set social = is_site(source, ['facebook', 'fb', 'instagram', 'ig', 'threads', 'twitter', 'x', 't[.]co', 'linkedin',
        'lnkd[.]in', 'pinterest', 'reddit', 'tiktok', 'snapchat', 'quora', 'vk', 'weibo', 'wechat', 'whatsapp', 'telegram',
        'tumblr', 'mastodon', 'bsky', 'discord', 'xing', 'messenger', 'line']) -%}
    {%- set video = is_site(source, ['youtube', 'youtu[.]be', 'vimeo', 'twitch', 'dailymotion', 'netflix', 'hulu', 'disneyplus',
        'bilibili', 'youku', 'iqiyi', 'wistia']) -%}
    {%- set email = "('email', 'e-mail', 'e_mail', 'e mail')" -%}
    case
        when {{ source }} = '(direct)' and {{ medium }} in ('(none)', '(not set)') then 'Direct'
        when lower(coalesce({{ campaign }}, '')) like '%cross-network%' then 'Cross-network'
        when {{ shopping }} and {{ paid }} then 'Paid Shopping'
        when {{ search }} and {{ paid }} then 'Paid Search'
        when {{ social }} and {{ paid }} then 'Paid Social'
        when {{ video }} and {{ paid }} then 'Paid Video'
        when {{ medium }} in ('display', 'banner', 'expandable', 'interstitial', 'cpm') then 'Display'
        when {{ paid }} then 'Paid Other'
        when {{ shopping }} then 'Organic Shopping'
        when
            {{ social }}
            or {{ medium }} in ('social', 'social-network', 'social-media', 'sm', 'social network', 'social media')
            then 'Organic Social'
        when {{ video }} or {{ medium }} like '%video%' then 'Organic Video'
        when {{ search }} or {{ medium }} = 'organic' then 'Organic Search'
        when {{ medium }} in ('referral', 'app', 'link') then 'Referral'
        when {{ source }} in {{ email }} or {{ medium }} in {{ email }} then 'Email'
        when {{ medium }} = 'affiliate' then 'Affiliates'
        when {{ medium }} = 'audio' then 'Audio'
        when {{ source }} = 'sms' or {{ medium }} = 'sms' then 'SMS'
        when
            {{ medium }} like '%push' or {{ medium }} like '%mobile%' or {{ medium }} like '%notification%'
            or {{ source }} = 'firebase'
            then 'Mobile Push Notifications'
        else 'Unassigned'
    end
{%- endmacro %}

{# Whether a source is one of these sites: by its name alone, or as an address in any country. #}
{% macro is_site(source, names) -%}
    {{ source }} ~ '^((www|m|l|lm|mobile|search|images|old|out)[.])?({{ names | join("|") }})([.][a-z.]+)?$'
{%- endmacro %}
