"""A record to start from, for each family of designs: an example that passes `mixhouse experiment check`."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime

import yaml

from mmm_models.evidence import LiftTest

type Example = dict[str, object]

# Blocks of the record with what a person should know about them; order is that of the file.
_BLOCKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("What was tested, where and when", ("test_id", "channel", "market", "design", "units", "unit_share")),
    ("", ("start_date", "end_date", "followup_end")),
    (
        "Money of the treated units: totals over the window, in the reporting currency",
        ("spend_baseline", "spend_delta", "spend_delta_planned", "spend_path", "burn_in_days"),
    ),
    (
        "What was measured on the treated units; leave lift and lift_se out until the test is read out (status: draft)",
        ("outcome", "estimand", "lift", "lift_se", "lift_low", "lift_high", "interval_level"),
    ),
    ("", ("readouts", "covariance", "arms", "in_outcome", "estimator", "estimator_version", "data_hash")),
    (
        "What is known of the design: it sets the test's weight, and what is left out lowers it",
        ("randomised", "pre_fit_error", "power", "contamination", "comparisons", "pre_registration"),
    ),
    (
        "Who and in which role. Set the role before the read-out: a later change does not count",
        ("status", "role", "owner", "reviewer", "supersedes", "expires", "updated_at"),
    ),
)
_COMMON: Example = {
    "test_id": "lt-2024-search-us",
    "channel": "search",
    "market": "US",
    "start_date": date(2024, 3, 4),
    "end_date": date(2024, 3, 31),
    "followup_end": date(2024, 4, 14),
    "outcome": "revenue",
    "estimand": "during+tail",
    "lift": 41000.0,
    "lift_se": 9000.0,
    "randomised": True,
    "power": 0.8,
    "contamination": 0.0,
    "comparisons": 1,
    "pre_registration": "wiki/experiments/lt-2024-search-us",
    "status": "submitted",
    "role": "calibrate",
    "owner": "team:marketing-science",
    "updated_at": datetime(2024, 4, 22, 9),
}
_REGIONS: Example = {"units": "Ohio, Utah, Oregon", "unit_share": 0.08, "pre_fit_error": 0.03}
_BLOCKS_OF_TWO_WEEKS = [
    {"start_date": "2024-03-04", "end_date": "2024-03-17", "baseline": 20000, "actual": 20000},
    {"start_date": "2024-03-18", "end_date": "2024-03-31", "baseline": 20000, "actual": 30000},
    {"start_date": "2024-04-01", "end_date": "2024-04-14", "baseline": 20000, "actual": 20000},
    {"start_date": "2024-04-15", "end_date": "2024-04-28", "baseline": 20000, "actual": 30000},
]
_EXAMPLES: dict[str, Example] = {
    "geo_lift": {
        "design": "geo lift", **_REGIONS, "spend_baseline": 20000.0, "spend_delta": 14500.0,
        "spend_delta_planned": 15000.0,
    },
    "go_dark": {
        "design": "go-dark", **_REGIONS, "spend_baseline": 20000.0, "spend_delta": -20000.0,
        "spend_delta_planned": -20000.0, "lift": -52000.0,
    },
    "heavy_up": {
        "design": "heavy-up", **_REGIONS, "spend_baseline": 20000.0, "spend_delta": 20000.0,
        "spend_delta_planned": 20000.0, "lift": 43000.0,
    },
    "conversion_lift": {
        "design": "conversion lift", "units": "audience of the study", "unit_share": 0.5, "spend_baseline": 0.0,
        "spend_delta": 18000.0, "in_outcome": True,
    },
    "switchback": {
        "design": "switchback", "end_date": date(2024, 4, 28), "followup_end": date(2024, 4, 28),
        "spend_path": _BLOCKS_OF_TWO_WEEKS, "burn_in_days": 7, "updated_at": datetime(2024, 5, 6, 9),
    },
}  # fmt: skip


def example(family: str) -> Example:
    """An example of a family's record, in the order of the template."""
    values = _COMMON | _EXAMPLES[family]
    return {name: values[name] for _, names in _BLOCKS for name in names if name in values}


def as_yaml(family: str) -> str:
    """The example with every other field as a comment, each with its meaning."""
    values, lines = example(family), []
    for title, names in _BLOCKS:
        lines += ["", f"# {title}."] if title else [""]
        for name in names:
            meaning = LiftTest.model_fields[name].description
            if name in values:
                lines += _with_comment(name, values[name], meaning)
            else:
                lines.append(f"# {name}:  # {meaning}")
    return "\n".join(lines).strip() + "\n"


def as_csv(family: str) -> str:
    """Header and one row of the example, with every column that a sheet may have."""
    values, names = example(family), [name for _, block in _BLOCKS for name in block]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerow([_cell(values.get(name)) for name in names])
    return text.getvalue()


def meanings() -> list[tuple[str, str]]:
    """Each column with what it is, in the order of the template."""
    return [(name, str(LiftTest.model_fields[name].description)) for _, names in _BLOCKS for name in names]


def _with_comment(name: str, value: object, meaning: str | None) -> list[str]:
    """A field with its meaning; a list stands below it, a row a line."""
    if not isinstance(value, list):
        return [f"{yaml.safe_dump({name: value}, width=200).strip()}  # {meaning}"]
    rows = [yaml.safe_dump(row, sort_keys=False, default_flow_style=True, width=200).strip() for row in value]
    return [f"{name}:  # {meaning}", *(f"  - {row}" for row in rows)]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, list) else str(value)
