{#
  The channel of each campaign: of the rules of map_campaigns that match it, the one with the lowest priority number.
  A campaign that no rule matches is absent.
#}
{% macro channels_by_rule(campaigns, rules) -%}
    select
        source,
        account_id,
        campaign_id,
        channel
    from (
        select
            campaigns.source,
            campaigns.account_id,
            campaigns.campaign_id,
            rules.channel,
            row_number() over (
                partition by campaigns.source, campaigns.account_id, campaigns.campaign_id
                order by rules.priority, rules.pattern
            ) as match_rank
        from {{ campaigns }} as campaigns
        inner join {{ rules }} as rules
            on
                campaigns.source = rules.source
                and lower(
                    case rules.match_field
                        when 'campaign_name' then campaigns.campaign_name
                        when 'campaign_type' then campaigns.campaign_type
                        when 'campaign_id' then campaigns.campaign_id
                        when 'account_id' then campaigns.account_id
                    end
                ) like lower(rules.pattern)
    ) as matches
    where match_rank = 1
{%- endmacro %}
