{#
  Outcomes of a CRM by market and the market's local day, from deals as they stand now (`stg_<source>__deals`): `leads`
  and `pipeline` on the day a deal was made, `deals_won` and `won_revenue` on the day it was closed.
#}
{% macro deals_to_outcomes(source, deals) -%}
{%- set match_fields = ['portal_id', 'pipeline_id', 'pipeline_name', 'record_type_id', 'deal_type', 'lead_source'] -%}
{%- set declared = var('crm_currencies')[source] -%}
with deals as (

    select
        *,
        -- A close date that lies ahead is a plan, also of a deal that is called won.
        max(_loaded_at) over () as known_until
    from {{ deals }}
    where counts

),

rules as (

    select * from {{ ref('map_deals') }}
    where source = '{{ source }}'

),

markets as (

    select * from {{ ref('markets') }}

),

-- A currency points to a market only where no other market uses it.
market_of_currency as (

    select
        currency,
        min(market) as market
    from markets
    group by currency
    having count(*) = 1

),

only_one as (

    select
        case when count(*) = 1 then min(market) end as market,
        case when count(distinct currency) = 1 then min(currency) end as currency
    from markets

),

matches as (

    select
        deals.deal_id,
        rules.market,
        row_number() over (partition by deals.deal_id order by rules.priority) as match_rank
    from deals
    inner join rules
        on
            lower(
                case rules.match_field
                    {%- for field in match_fields %}
                    when '{{ field }}' then deals.{{ field }}
                    {%- endfor %}
                end
            ) like lower(rules.pattern)

),

placed as (

    select
        deals.created_at_utc,
        deals.closed_at_utc,
        deals.closed_on,
        deals.amount_local,
        deals.is_won,
        deals.known_until,
        coalesce(deals.currency, {{ "'" ~ declared ~ "'" if declared else 'only_one.currency' }}, 'unknown') as currency,
        coalesce(matches.market, market_of_currency.market, only_one.market, 'unmapped') as market
    from deals
    cross join only_one
    left join matches on deals.deal_id = matches.deal_id and matches.match_rank = 1
    left join market_of_currency on deals.currency = market_of_currency.currency

),

dated as (

    select
        placed.*,
        {{ reporting_day('placed.created_at_utc', "coalesce(markets.timezone, 'UTC')") }} as created_on,
        coalesce(
            placed.closed_on, {{ reporting_day('placed.closed_at_utc', "coalesce(markets.timezone, 'UTC')") }}
        ) as won_on
    from placed
    left join markets on placed.market = markets.market

),

won as (

    select * from dated
    where is_won and won_on <= cast(known_until as date)

),

counted as (

    select
        market,
        created_on as date_day,
        'leads' as outcome,
        currency,
        1 as value_local
    from dated
    union all
    select
        market,
        created_on as date_day,
        'pipeline' as outcome,
        currency,
        amount_local as value_local
    from dated
    union all
    select
        market,
        won_on as date_day,
        'deals_won' as outcome,
        currency,
        1 as value_local
    from won
    union all
    select
        market,
        won_on as date_day,
        'won_revenue' as outcome,
        currency,
        amount_local as value_local
    from won

)

select
    market,
    date_day,
    outcome,
    currency,
    cast(sum(value_local) as double precision) as value_local
from counted
where value_local is not null
group by market, date_day, outcome, currency
{%- endmacro %}
