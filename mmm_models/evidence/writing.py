"""A record as YAML, as landing reads it: what is known of the test, and what every record must say."""

import yaml

from mmm_models.evidence.record import LiftTest

_ALWAYS = {"test_id", "channel", "market", "design", "estimand", "status", "role"}


def record_text(test: LiftTest) -> str:
    """The record as one YAML mapping; a field that has its default is left out where it may be."""
    known = test.model_dump(mode="json", exclude_none=True)
    said = test.model_dump(mode="json", exclude_none=True, exclude_defaults=True).keys() | _ALWAYS
    kept = {name: value for name, value in known.items() if name in said}
    return yaml.safe_dump(kept, sort_keys=False, allow_unicode=True)
