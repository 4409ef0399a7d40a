{#
  Spend in = spend out for one source, to the cent, in two steps that meet in the middle:
  raw -> converted by account currency, and converted -> mart by channel in the reporting currency. A mart channel may
  be fed by several sources, so the mart's total is compared with all that feeds it.
  `raw_spend` is a select of currency-free columns: account_id, spend_local, from the raw table as it stands.
#}
{% macro spend_in_equals_spend_out(source, raw_spend) %}
with raw_total as (

    select coalesce(sum(spend_local), 0) as spend
    from ({{ raw_spend }}) as raw_rows

),

converted as (

    select * from {{ ref('int_media__daily_converted') }}

),

converted_total as (

    select coalesce(sum(spend_local), 0) as spend
    from converted
    where source = '{{ source }}'

),

fed_channels as (

    select distinct
        market,
        channel
    from converted
    where source = '{{ source }}'

),

converted_by_channel as (

    select
        converted.market,
        converted.channel,
        sum(converted.spend) as spend
    from converted
    inner join fed_channels on converted.market = fed_channels.market and converted.channel = fed_channels.channel
    group by converted.market, converted.channel

),

csv_by_channel as (

    select
        market,
        name as channel,
        sum(value) as spend
    from {{ ref('int_observations__converted') }}
    where role = 'spend'
    group by market, name

),

mart_by_channel as (

    select
        market,
        channel,
        sum(spend) as spend
    from {{ ref('fct_media_weekly') }}
    group by market, channel

),

steps as (

    select
        'raw_{{ source }} to int_media__daily_converted, account currencies added up' as step,
        raw_total.spend as spend_in,
        converted_total.spend as spend_out
    from raw_total
    cross join converted_total
    union all
    select
        'int_media__daily_converted to fct_media_weekly, ' || converted_by_channel.market || ' '
        || converted_by_channel.channel as step,
        converted_by_channel.spend + coalesce(csv_by_channel.spend, 0) as spend_in,
        coalesce(mart_by_channel.spend, 0) as spend_out
    from converted_by_channel
    left join csv_by_channel
        on
            converted_by_channel.market = csv_by_channel.market
            and converted_by_channel.channel = csv_by_channel.channel
    left join mart_by_channel
        on
            converted_by_channel.market = mart_by_channel.market
            and converted_by_channel.channel = mart_by_channel.channel

)

select
    step,
    spend_in,
    spend_out,
    '{{ source }}: ' || step || ': ' || round(cast(spend_in as numeric), 2) || ' went in and '
    || round(cast(spend_out as numeric), 2) || ' came out. A join drops or repeats rows: compare both tables by day.'
        as message
from steps
where abs(spend_in - spend_out) >= 0.005
{% endmacro %}
