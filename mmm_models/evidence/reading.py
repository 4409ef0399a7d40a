"""From rows of a sheet, or mappings of a YAML file, to records."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from mmm_models.errors import EvidenceError, did_you_mean
from mmm_models.evidence.record import LiftTest


def read_lift_tests(rows: Iterable[Mapping[str, Any]]) -> list[LiftTest]:
    """Read rows of the sheet; the keys are the columns of `LiftTest`.

    Raises:
        EvidenceError: a row that is no test; names the test, the column, the value and what would be right.
    """
    tests = []
    for number, row in enumerate(rows, start=1):
        try:
            tests.append(LiftTest.model_validate(dict(row)))
        except ValidationError as error:
            name = row.get("test_id") or f"in row {number}"
            raise EvidenceError(f"lift test {name}: {'; '.join(map(_sentence, error.errors()))}") from None
    return tests


def _sentence(problem: Mapping[str, Any]) -> str:
    column = ".".join(map(str, problem["loc"]))
    match problem["type"]:
        case "value_error":
            return f"{column} {problem['ctx']['error']}".strip()
        case "missing":
            return f"column {column!r} is missing"
        case "extra_forbidden":
            return f"unknown column {column!r}{did_you_mean(column, LiftTest.model_fields)}"
        case _:
            return f"{column} is {problem['input']!r}; {problem['msg'].removeprefix('Input ')}"
