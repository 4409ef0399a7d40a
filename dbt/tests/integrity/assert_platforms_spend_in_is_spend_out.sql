-- Every platform that needs no model of its own beyond staging. A row is a step where money was lost or doubled.
{{ config(severity='error') }}

{% for platform in media_platforms() | selectattr('raw_spend') %} -- noqa: disable=LT02
select * from (
    {{ spend_in_equals_spend_out(
        platform.source,
        'select ' ~ platform.raw_spend ~ ' as spend_local from ' ~ source(platform.source, platform.raw_table)
    ) }}
) as of_{{ platform.source }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
