"""What dbt must know of the connectors, as files of the dbt project: sources, platforms and feeds.

They are written by `mixhouse connector generate` and committed, so that dbt runs without Python and a review sees them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from warehouse.contracts.base import Column
from warehouse.contracts.declaration import Connector, Freshness, Media, TableDeclaration

FEEDS = PurePosixPath("seeds/feeds.csv")
LISTS = PurePosixPath("macros/connectors.sql")

_NOTE = "# Written by `mixhouse connector generate` from warehouse/connectors/{source}.yaml: change that file instead."
_CAMPAIGN_DAILY = (
    "account_id",
    "campaign_id",
    "campaign_name",
    "campaign_type",
    "account_currency",
    "report_timezone",
    "date_day",
    "spend_local",
)
# A macro such as is_on() cannot be called from YAML.
_IS_ON = "\"{{{{ '{source}' not in env_var('MIXHOUSE_DISABLED_CONNECTORS', '').split(',') }}}}\""
_METADATA = ("source_file", "batch_id", "loaded_at")


def dbt_files(connectors: Mapping[str, Connector]) -> dict[PurePosixPath, str]:
    """Text of each generated file, by its path in the dbt project."""
    files = {FEEDS: feeds_csv(connectors), LISTS: lists_macros(connectors)}
    files |= {
        PurePosixPath(f"models/staging/{source}/_{source}__sources.yml"): sources_yaml(connector)
        for source, connector in connectors.items()
        if connector.in_dbt
    }
    return files | {
        PurePosixPath(f"models/staging/{source}/_{source}__campaign_daily.yml"): campaign_daily_yaml(connector)
        for source, connector in connectors.items()
        if connector.media and not connector.media.daily
    }


def lists_macros(connectors: Mapping[str, Connector]) -> str:
    """The macros that name each connector's models: what the unions of media, outcomes, controls and brand read."""
    rows: dict[str, list[dict[str, object]]] = {
        "media_platforms": [
            _platform(connector, connector.media) for connector in connectors.values() if connector.media
        ],
    }
    for name, part in (("outcome_sources", "outcomes"), ("control_sources", "controls"), ("brand_sources", "brand")):
        found = {source: getattr(connector, part) for source, connector in connectors.items()}
        rows[name] = [{"source": source, "daily": series.daily} for source, series in found.items() if series]
    blocks = [_list_macro(name, items) for name, items in rows.items()]
    note = "{# Written by `mixhouse connector generate` from warehouse/connectors/: change those files instead. #}"
    return "\n\n".join([note, *blocks]) + "\n"


def _list_macro(name: str, items: list[dict[str, object]]) -> str:
    """A macro that returns those of the items whose connector is on."""
    lines = [f"    {item}," for item in items]
    return "\n".join(
        [
            f"{{% macro {name}() %}}",
            "{%- set on = [] -%}",
            "{%- for item in [",
            *lines,
            "] if is_on(item.source) -%}",
            "{%- do on.append(item) -%}",
            "{%- endfor -%}",
            "{{ return(on) }}",
            "{% endmacro %}",
        ]
    )


def _platform(connector: Connector, media: Media) -> dict[str, object]:
    daily = media.daily or f"stg_{connector.source}__campaign_daily"
    spend = media.raw_spend
    return {
        "source": connector.source,
        "daily": daily,
        "is_located": media.is_located,
        "accounts": (media.accounts or daily) if media.has_accounts else "",
        "open_days": media.open_days or "",
        "totals": media.totals or "",
        "figures": list(media.figures),
        "raw_table": spend.table if spend else "",
        "raw_spend": f"{spend.column} / 1000000.0" if spend and spend.micros else spend.column if spend else "",
    }


def campaign_daily_yaml(connector: Connector) -> str:
    """Docs and tests of a `stg_<source>__campaign_daily`: the same columns for every platform."""
    lines = [
        _NOTE.format(source=connector.source),
        "version: 2",
        "",
        "models:",
        f"  - name: stg_{connector.source}__campaign_daily",
        f"    description: {_quoted(f'{connector.description} One row an account, campaign and day.')}",
        "    data_tests:",
        "      - sound_rows:",
        "          arguments:",
        "            key: [account_id, campaign_id, date_day]",
        "            present: [spend_local]",
        "            not_negative: [spend_local]",
        "    columns:",
    ]
    for name in (*_CAMPAIGN_DAILY, *(connector.media.figures if connector.media else ())):
        lines += [f"      - name: {name}", f"        description: \"{{{{ doc('{name}') }}}}\""]
    return "\n".join(lines) + "\n"


def feeds_csv(connectors: Mapping[str, Connector]) -> str:
    """The seed `feeds`: which table tells what days a source has delivered, by which clock, how late, how final."""
    lines = []
    for source, connector in connectors.items():
        if feed := connector.feed:
            table = next(table for table in connector.tables if table.table == feed.table)
            lines.append(f"{source},{feed.table},{feed.clock},{connector.freshness.warn_days},{table.lookback_days}")
    return "\n".join(["source,feed_table,clock,warn_days,lookback_days", *lines]) + "\n"


def sources_yaml(connector: Connector) -> str:
    """The dbt sources of a connector, with the description and freshness of each table."""
    lines = [
        _NOTE.format(source=connector.source),
        "version: 2",
        "",
        "sources:",
        f"  - name: {connector.source}",
        f"    schema: raw_{connector.source}",
        f"    description: {_quoted(connector.description)}",
        "    config:",
        *([] if connector.core else [f"      enabled: {_IS_ON.format(source=connector.source)}"]),
        "      loaded_at_field: _loaded_at",
        *_freshness(connector.freshness, indent=6),
        "    tables:",
    ]
    for number, table in enumerate(connector.tables):
        lines += [""] if number else []
        lines += _table(table)
    superseded = [table for table in connector.tables if table.marts_read_superseded]
    if superseded:
        lines += [
            "",
            f"  - name: {connector.source}_superseded",
            "    schema: raw_superseded",
            f"    description: What rows of {connector.source} said before they were restated.",
            "    config:",
            f"      enabled: {_IS_ON.format(source=connector.source)}",
            "    tables:",
        ]
        for table in superseded:
            lines += _superseded(connector.source, table)
    return "\n".join(lines) + "\n"


def _superseded(source: str, table: TableDeclaration) -> list[str]:
    """The archive of a raw table; in the asset graph it is one with the table."""
    lines = [
        f"      - name: {table.table}",
        f"        identifier: {source}__{table.table}",
        f"        description: {_quoted(f'Former rows of {table.table}, with `_superseded_at`.')}",
        "        config:",
        f"          meta: {{dagster: {{asset_key: [{source}, {table.table}]}}}}",
        "        columns:",
    ]
    for column in table.columns:
        lines += _column(column.name, _described(column.build()))
    for name in (*_METADATA, "superseded_at"):
        lines += _column(f"_{name}", f"{{{{ doc('{name}') }}}}")
    return lines


def _table(table: TableDeclaration) -> list[str]:
    lines = [
        f"      - name: {table.table}",
        f"        description: {_quoted(f'{table.description} Key: {", ".join(table.key)}.')}",
    ]
    if table.freshness:
        lines += ["        config:", *_freshness(table.freshness, indent=10)]
    lines += ["        columns:"]
    for column in table.columns:
        lines += _column(column.name, _described(column.build()))
    for name in _METADATA:
        lines += _column(f"_{name}", f"{{{{ doc('{name}') }}}}")
    return lines


def _column(name: str, description: str) -> list[str]:
    return [f"          - name: {name}", f"            description: {_quoted(description)}"]


def _described(column: Column) -> str:
    return f"{column.description} Unit: {column.unit}." if column.unit else column.description


def _freshness(freshness: Freshness, *, indent: int) -> list[str]:
    space = " " * indent
    return [
        f"{space}freshness:",
        f"{space}  warn_after: {{count: {freshness.warn_days}, period: day}}",
        f"{space}  error_after: {{count: {freshness.error_days}, period: day}}",
    ]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
