{{ config(
    enabled=is_on('shopify'),
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='customer_id',
    meta={'made_with': var('uncounted_order_sources')},
) }}
-- depends_on: {{ ref('stg_shopify__superseded_orders') }}

-- A customer is new with the first order that counts. A guest has no number and is never new.
with orders as not materialized (

    select * from {{ ref('stg_shopify__orders') }}
    where customer_id is not null

)

{%- if is_incremental() %},

superseded as (

    select * from {{ ref('stg_shopify__superseded_orders') }}
    where customer_id is not null

),

touched_customers as (

    select customer_id
    from orders
    where _loaded_at > {{ last_load_seen() }}
    union distinct
    -- An order that was given to another customer leaves the one it had, who may keep none.
    select customer_id
    from superseded
    where _superseded_at > {{ last_load_seen() }}

)
{%- endif %}

select
    {{ 'touched.customer_id' if is_incremental() else 'orders.customer_id' }} as customer_id,
    min(case when orders.counts then orders.ordered_at_utc end) as first_ordered_at_utc,
    {{ value_at_first('orders.currency', 'orders.ordered_at_utc', 'orders.order_id', 'orders.counts') }} as currency,
    {{ value_at_first(
        'orders.shipping_country_code', 'orders.ordered_at_utc', 'orders.order_id', 'orders.counts'
    ) }} as shipping_country_code,
    {{ 'coalesce(max(orders._loaded_at), ' ~ last_load_seen() ~ ')' if is_incremental() else 'max(orders._loaded_at)' }}
        as _loaded_at,
    {{ made_by() }} as _made_by
{% if is_incremental() -%}
from touched_customers as touched
left join orders on touched.customer_id = orders.customer_id
group by touched.customer_id
{%- else -%}
from orders
group by orders.customer_id
{%- endif %}
