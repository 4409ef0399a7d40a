{# First of the month that the US broadcast calendar counts a date to: broadcast months end with the last Sunday of a month. #}
{% macro broadcast_month(date) -%}
    cast(date_trunc('month', {{ week_start(date) }} + interval '6 days') as date)
{%- endmacro %}

{# Monday on which the broadcast month of a first of the month begins: that of the week which holds it. #}
{% macro broadcast_month_start(first_of_month) -%}
    {{ week_start(first_of_month) }}
{%- endmacro %}

{#
  The rows of an agency sheet with the days and the cost that they mean. A broadcast week or month is named by any date
  that it may be known by: its own first and last day, or those of the calendar month. An issue lies on sale as long as
  its cover period, from its on-sale date. What was paid is the net cost.
#}
{% macro flights_of(sheet) -%}
with sheet as (

    select * from {{ sheet }}

),

named as (

    select
        *,
        case calendar
            when 'broadcast_week' then {{ week_start('flight_start') }}
            when 'broadcast_month' then {{ broadcast_month_start(broadcast_month('flight_start')) }}
            else flight_start
        end as named_start,
        case calendar
            when 'broadcast_week' then cast({{ week_start('flight_end') }} + interval '6 days' as date)
            when 'broadcast_month'
                then cast(
                    {{ broadcast_month_start("date_trunc('month', flight_end) + interval '1 month'") }}
                    - interval '1 day' as date
                )
            else flight_end
        end as named_end
    from sheet

)

select
    flight_id,
    lower(channel) as channel_label,
    vendor,
    market,
    status,
    status in ({{ spent_flight_statuses() }}) as is_spent,
    status not in ({{ spent_flight_statuses() }}) and status <> 'cancelled' as is_open,
    coalesce(on_sale_date, named_start) as first_day,
    case
        when on_sale_date is null then named_end
        else cast(on_sale_date + (named_end - named_start) * interval '1 day' as date)
    end as last_day,
    coalesce(calendar, 'days') as calendar,
    coalesce(cost_per, 'flight') as cost_per,
    coalesce(net_cost, gross_cost * (1 - commission_rate)) as cost_local,
    upper(currency) as currency,
    grps,
    coalesce(impressions, circulation) as impressions,
    spots,
    mon,
    tue,
    wed,
    thu,
    fri,
    sat,
    sun,
    updated_at
from named
{%- endmacro %}

{# The share of a flight's total that falls on one of its days, by the days' weights; without any, all days are alike. #}
{% macro of_the_day(total) -%}
    coalesce({{ total }} * weight / nullif(total_weight, 0), {{ total }} / flight_days)
{%- endmacro %}
