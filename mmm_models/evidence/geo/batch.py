"""All geo tests of the landed tables at once: each read out as far as it can be, with a word on what is missing."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from mmm_models.errors import EvidenceError
from mmm_models.evidence.geo.estimate import read_out
from mmm_models.evidence.geo.panel import GeoPanel
from mmm_models.evidence.geo.placebo import MOST_PLACEBOS
from mmm_models.evidence.geo.readout import GeoReadout
from mmm_models.evidence.geo.record import record_of
from mmm_models.evidence.geo.treatment import GeoTest, read_geo_tests
from mmm_models.evidence.record import LiftTest


@dataclass(frozen=True)
class GeoResult:
    """What became of one test.

    Attributes:
        readout: the estimate; None where there can be none.
        record: the lift test; None without a read-out or without spend.
        problem: why one of them is None; "" where both are there.
        is_running: the panel does not reach the test's last day yet, so that nothing is wrong.
    """

    test: GeoTest
    readout: GeoReadout | None = None
    record: LiftTest | None = None
    problem: str = ""
    is_running: bool = False


def read_all(
    panel: pd.DataFrame,
    treatments: pd.DataFrame,
    spend: pd.DataFrame,
    updated_at: datetime | None = None,
    *,
    placebos: int = MOST_PLACEBOS,
) -> list[GeoResult]:
    """Read out every test of the treatment table; one that cannot be read does not stop the others.

    Args:
        panel: columns market, outcome, unit, date, value.
        treatments: rows of test and unit, see `read_geo_tests`.
        spend: columns test_id, unit, date, baseline, actual.
        updated_at: moment of the records, UTC.
        placebos: groups of untreated regions at most.

    Raises:
        EvidenceError: the treatment table contradicts itself.
    """
    tests = read_geo_tests(treatments.astype(object).where(treatments.notna(), None).to_dict("records"))
    results = []
    for test in tests:
        rows = panel[(panel["market"] == test.market) & (panel["outcome"] == test.outcome)]
        results.append(_read(rows, test, tests, spend[spend["test_id"] == test.test_id], updated_at, placebos))
    return results


def _read(
    rows: pd.DataFrame,
    test: GeoTest,
    tests: list[GeoTest],
    spend: pd.DataFrame,
    updated_at: datetime | None,
    placebos: int,
) -> GeoResult:
    readout = None
    try:
        panel = GeoPanel.from_rows(rows)
        if panel.last_day < test.counted_to:
            said = f"geo test {test.test_id} is counted to {test.counted_to}; the panel ends {panel.last_day}"
            return GeoResult(test, problem=said, is_running=True)
        readout = read_out(panel, test, tests, placebos=placebos)
        return GeoResult(test, readout, record_of(readout, spend, updated_at))
    except EvidenceError as error:
        said = str(error)
        return GeoResult(test, readout, problem=said if test.test_id in said else f"geo test {test.test_id}: {said}")
