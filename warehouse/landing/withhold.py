"""What the quarantine keeps of a refused value, where exports hold personal data: its shape instead of its text.

Personal columns are never read. But in a row whose cells have slipped by one column, a person's e-mail address stands
where a taken column is looked for: it is refused as "not a number", and would be kept as the offending value.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace

from warehouse.contracts import TableContract
from warehouse.landing.prepare import Prepared
from warehouse.landing.quarantine import Problem

# Figures (but no address of a network), dates and times, ids of digits, codes of up to three letters: they say what is
# wrong and nobody's name.
_HARMLESS = re.compile(
    r"(?!([0-9]{1,3}\.){3}[0-9]{1,3}$)[+-]?[0-9][0-9.,]*(e[+-]?[0-9]+)?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([t ][0-9:.]+ ?(z|[+-][0-9:]+)?)?"
    r"|[a-z]{1,3}|true|false|null|none|",
    re.IGNORECASE,
)
_LONGEST_SHAPE = 40


def without_personal_data(contract: TableContract, prepared: Prepared) -> Prepared:
    """The prepared file with problems that hold no text of a person; place, column and remedy stay.

    Only for tables whose export has personal columns: elsewhere the delivered text helps more than it can harm.
    """
    if not contract.export_is_personal:
        return prepared
    return replace(prepared, problems=[_withheld(problem) for problem in prepared.problems])


def shape_of(text: str) -> str:
    """A text as it may be kept: figures, dates and short codes as they are, of anything else its shape.

    `jo@example.org` becomes `aa@aaaaaaa.aaa`: enough to see that the columns have slipped.
    """
    if _HARMLESS.fullmatch(text.strip()):
        return text
    shape = re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text))
    return shape if len(shape) <= _LONGEST_SHAPE else f"{shape[:_LONGEST_SHAPE]}..."


def _withheld(problem: Problem) -> Problem:
    # Column names of a header and counts of fields are nobody's data; a row has its text in `row_json`.
    if problem.row_json is None:
        return problem
    row = json.loads(problem.row_json)
    return replace(
        problem,
        value=None if problem.value is None else shape_of(problem.value),
        reason=_reshaped(problem.reason, [problem.value or "", *row.values()]),
        remedy=_reshaped(problem.remedy, [problem.value or ""]),
        row_json=json.dumps({name: shape_of(text) for name, text in row.items()}, ensure_ascii=False),
    )


def _reshaped(sentence: str, texts: list[str]) -> str:
    """The sentence with each text that it quotes replaced by its shape."""
    for text in sorted({*texts, *(text.strip() for text in texts)}, key=len, reverse=True):
        shape = shape_of(text)
        if shape != text:
            sentence = sentence.replace(repr(text), repr(shape)).replace(text, shape)
    return sentence
