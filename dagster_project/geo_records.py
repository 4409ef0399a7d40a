"""Geo read-outs become records that land like anybody else's: a file under landing/experiments/lift_tests."""

from __future__ import annotations

import re

from dagster_project import keys
from mmm_models.evidence import LiftTest
from mmm_models.evidence.writing import record_text
from warehouse.landing.deliver import deliver_once


def deliver_record(record: LiftTest, landing_url: str) -> str | None:
    """Deliver the record; None if the same measurement has been delivered before.

    The file is named by the hash of what was measured. A reading that changed is a new record, which waits for approval
    again.

    Raises:
        UnreachableError: the landing folder is at a URL that cannot be reached.
    """
    table = keys.LIFT_TESTS.path[-1]
    readable = re.sub(r"[^A-Za-z0-9-]+", "-", record.test_id).strip("-")
    name = f"geo-{readable}-{record.record_hash()[:12]}.yaml"
    return deliver_once(landing_url, keys.EVIDENCE_SOURCE, table, name, record_text(record).encode())
