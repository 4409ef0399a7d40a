"""Reads a YAML file as rows: one mapping or a list of mappings, a row each, with the line that it starts on.

A value is the text as it stands in the file, so that a contract reads it like a cell of a CSV; a list or a mapping
within a row becomes JSON text, as a sheet would hold it.
"""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from warehouse.errors import FileRejectedError

type Row = dict[str, str | None]
_NULL = "tag:yaml.org,2002:null"


def read_yaml_rows(path: Path) -> list[tuple[int, Row]]:
    """(line, row) of every mapping of a file, in order.

    Raises:
        FileRejectedError: not UTF-8, not YAML, neither a mapping nor a list of mappings, a key that stands twice, or an
            alias.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        # An alias of an alias is a short file that becomes a long row.
        alias = next((event for event in yaml.parse(text) if isinstance(event, yaml.AliasEvent)), None)
        loader = yaml.SafeLoader(text)
        document = loader.get_single_node()
    except UnicodeDecodeError as error:
        raise FileRejectedError("is not UTF-8 text.", remedy="Save it as UTF-8.") from error
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        raise FileRejectedError(
            f"is not readable as YAML: {getattr(error, 'problem', None) or error}.",
            remedy="Check indentation, colons and quotes around this line.",
            line=None if where is None else where.line + 1,
        ) from error
    if alias is not None:
        raise FileRejectedError(
            f"uses the alias *{alias.anchor}.", remedy="Write the values out.", line=alias.start_mark.line + 1
        )
    if document is None or document.tag == _NULL:
        return []
    nodes = document.value if isinstance(document, yaml.SequenceNode) else [document]
    return [(node.start_mark.line + 1, _row(node, loader)) for node in nodes]


def names_of(rows: list[tuple[int, Row]]) -> list[str]:
    """The columns that any row has, in the order in which they are met."""
    return list(dict.fromkeys(name for _, row in rows for name in row))


def _row(node: yaml.Node, loader: yaml.SafeLoader) -> Row:
    if not isinstance(node, yaml.MappingNode):
        raise FileRejectedError(
            "holds something that is no mapping of column and value.",
            remedy="Write one row as `column: value` lines, several as a list of such mappings.",
            line=node.start_mark.line + 1,
        )
    row: Row = {}
    for key, value in node.value:
        is_text = isinstance(key, yaml.ScalarNode)
        if not is_text or key.value in row:
            raise FileRejectedError(
                f"a row names {key.value!r} twice." if is_text else "a row has a key that is no text.",
                remedy="Give each column once, by its name.",
                line=key.start_mark.line + 1,
            )
        row[key.value] = _text(value, loader)
    return row


def _text(node: yaml.Node, loader: yaml.SafeLoader) -> str | None:
    if node.tag == _NULL:
        return None
    if isinstance(node, yaml.ScalarNode):
        return node.value
    try:
        # Dates within a list are text in JSON.
        return json.dumps(loader.construct_object(node, deep=True), ensure_ascii=False, allow_nan=False, default=str)
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise FileRejectedError(
            f"holds a value that cannot be read: {error}.",
            remedy="Write plain numbers, texts and dates.",
            line=node.start_mark.line + 1,
        ) from error
