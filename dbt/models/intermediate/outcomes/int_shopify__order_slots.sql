{{ config(
    enabled=is_on('shopify'),
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='day_utc',
    meta={'made_with': var('uncounted_order_sources')},
) }}
-- depends_on: {{ ref('stg_shopify__superseded_orders') }}
-- depends_on: {{ ref('stg_shopify__order_lines') }}

-- Orders by quarter of an hour: fine enough for the local day of every time zone, and few enough to sum again with
-- each build. Nothing here depends on a seed or a rate, so that only new loads can change it.
with orders as not materialized (

    select * from {{ ref('stg_shopify__orders') }}

),

deductions as (

    select * from {{ ref('int_shopify__deductions_of_orders') }}

),

{% if is_incremental() -%}
superseded as (

    select * from {{ ref('stg_shopify__superseded_orders') }}

),

lines as (

    select * from {{ ref('stg_shopify__order_lines') }}

),

touched_days as (

    select day_utc
    from orders
    where _loaded_at > {{ last_load_seen() }}
    union distinct
    -- An order that moved to another day leaves the one it was in.
    select day_utc
    from superseded
    where _superseded_at > {{ last_load_seen() }}
    union distinct
    select orders.day_utc
    from orders
    inner join deductions on orders.order_id = deductions.order_id
    where deductions._loaded_at > {{ last_load_seen() }}
    union distinct
    -- A line that is a gift card no more is no deduction any more.
    select orders.day_utc
    from orders
    inner join lines on orders.order_id = lines.order_id
    where lines._loaded_at > {{ last_load_seen() }}

),

{% endif -%}
-- A refund lowers the revenue of the ORDER's moment, whenever it is paid back: the advertising that brought the order
-- brought what was kept of it. Past weeks therefore move while refunds come in (see DECISIONLOG.md).
netted as (

    select
        orders.day_utc,
        {{ quarter_hour('orders.ordered_at_utc') }} as quarter_hour_utc,
        orders.currency,
        orders.shipping_country_code,
        orders.counts,
        orders.total_price_local,
        coalesce(deductions.refund_local, 0) as refund_local,
        coalesce(deductions.gift_card_local, 0) as gift_card_local,
        greatest(orders._loaded_at, coalesce(deductions._loaded_at, orders._loaded_at)) as _loaded_at
    from orders
    left join deductions on orders.order_id = deductions.order_id
    {% if is_incremental() -%}
    where orders.day_utc in (select touched_days.day_utc from touched_days)
    {%- endif %}

),

net as (

    select * from netted
    {% if is_incremental() -%}
    union all
    -- A day that lost its last order must lose its row: dbt deletes the days that it is given.
    select
        day_utc,
        cast(day_utc as timestamp) as quarter_hour_utc,
        null as currency,
        null as shipping_country_code,
        false as counts,
        0 as total_price_local,
        0 as refund_local,
        0 as gift_card_local,
        {{ last_load_seen() }} as _loaded_at
    from touched_days
    where day_utc not in (select netted.day_utc from netted)
    {%- endif %}

)

select
    day_utc,
    quarter_hour_utc,
    currency,
    shipping_country_code,
    cast(sum(case when counts then 1 else 0 end) as bigint) as orders,
    sum(case when counts then total_price_local else 0 end) as total_price_local,
    sum(case when counts then refund_local else 0 end) as refund_local,
    sum(case when counts then gift_card_local else 0 end) as gift_card_local,
    max(_loaded_at) as _loaded_at,
    {{ made_by() }} as _made_by
from net
group by day_utc, quarter_hour_utc, currency, shipping_country_code
