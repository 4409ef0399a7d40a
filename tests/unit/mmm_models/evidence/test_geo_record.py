"""A geo read-out becomes the record of a lift test, with what is known and nothing that is not."""

from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest
import yaml

from mmm_models.errors import EvidenceError
from mmm_models.evidence import read_lift_tests
from mmm_models.evidence.geo import GeoPanel, GeoTest, read_all, read_out, record_of, spend_path
from mmm_models.evidence.writing import record_text
from mmm_models.reporting import geo as rows_of
from mmm_models.reporting import plots
from mmm_models.reporting.style import to_png
from tests.unit.mmm_models.evidence.geo_world import START, geo_world
from warehouse.results.registry import RESULT_TABLES

NOW = datetime(2025, 4, 1, 9)


def spend_of(fields: dict, baseline: float = 10.0, actual: float = 30.0) -> pd.DataFrame:
    days = pd.date_range(fields["start_date"], fields["end_date"])
    units = [unit for units in fields["arms"].values() for unit in units]
    rows = [{"test_id": fields["test_id"], "unit": u, "date": d, "baseline": baseline} for u in units for d in days]
    return pd.DataFrame(rows).assign(actual=actual)


@pytest.fixture(scope="module")
def read():
    rows, fields, truth = geo_world(21, lift=0.2, units=24)
    fields |= {"randomised": True, "owner": "team:growth", "role": "validate"}
    test = GeoTest(**fields)
    return rows, fields, truth, read_out(GeoPanel.from_rows(rows), test, placebos=30)


def test_the_record_says_what_was_measured_and_waits_for_a_person(read):
    rows, fields, _, found = read
    record = record_of(found, spend_of(fields), NOW)
    assert (record.status, record.reviewer, record.role, record.owner) == (
        "submitted", None, "validate", "team:growth",
    )  # fmt: skip
    assert (record.lift, record.lift_se) == (found.point, found.se)
    assert record.estimand == "during"
    assert record.followup_end is None
    assert (record.estimator, record.estimator_version) == ("synthetic_control", found.estimator_version)
    assert record.estimator_version.startswith("causalpy 1.")
    assert record.randomised
    assert record.in_outcome is None
    assert record.family == "geo_lift"
    before = rows[rows["date"] < pd.Timestamp(fields["start_date"])]
    treated = before["unit"].isin(fields["arms"]["treated"])
    assert record.unit_share == pytest.approx(before.loc[treated, "value"].sum() / before["value"].sum())
    assert (record.spend_baseline, record.spend_delta) == (2 * 21 * 10.0, 2 * 21 * 20.0)
    assert [period.actual for period in record.spend_path] == [2 * 7 * 30.0] * 3


def test_weekly_readouts_add_up_to_lift_and_error(read):
    _, fields, _, found = read
    record = record_of(found, spend_of(fields), NOW)
    assert [readout.start_date for readout in record.readouts] == [
        date(2025, 3, 3), date(2025, 3, 10), date(2025, 3, 17),
    ]  # fmt: skip
    assert sum(readout.lift for readout in record.readouts) == pytest.approx(record.lift)
    covariance = np.array(record.covariance)
    assert np.sqrt(covariance.sum()) == pytest.approx(record.lift_se)
    assert [readout.lift_se for readout in record.readouts] == pytest.approx(np.sqrt(np.diag(covariance)))


def test_with_few_regions_only_the_total_is_handed_on():
    rows, fields, _ = geo_world(22, lift=0.2, units=12)
    record = record_of(read_out(GeoPanel.from_rows(rows), GeoTest(**fields), placebos=10), spend_of(fields))
    assert record.readouts == []
    assert record.lift_se > 0


def test_a_follow_up_is_counted_and_shown_apart():
    rows, fields, _ = geo_world(23, lift=0.2)
    fields |= {"end_date": date(2025, 3, 16), "followup_end": date(2025, 3, 23)}
    found = read_out(GeoPanel.from_rows(rows), GeoTest(**fields), placebos=10)
    record = record_of(found, spend_of(fields))
    assert (record.estimand, record.followup_end) == ("during+tail", date(2025, 3, 23))
    effect = found.effect.sum("arm")
    assert found.during == pytest.approx(float(effect[START : START + 14].sum()))
    assert found.point == pytest.approx(float(effect[START:].sum()))
    assert len(record.spend_path) == 2


def test_arms_get_a_readout_each_and_their_covariance():
    rows, fields, _ = geo_world(24, units=20, treated=4)
    one, two, three, four = fields["arms"]["treated"]
    fields |= {"arms": {"low": (one, two), "high": (three, four)}}
    late = rows["date"] >= pd.Timestamp(fields["start_date"])
    for arm, lift in (("low", 0.1), ("high", 0.4)):
        chosen = rows["unit"].isin(fields["arms"][arm]) & late
        rows.loc[chosen, "value"] *= 1 + lift
    found = read_out(GeoPanel.from_rows(rows), GeoTest(**fields), placebos=25)
    record = record_of(found, spend_of(fields))
    assert [arm.arm for arm in record.arms] == [readout.arm for readout in record.readouts] == ["low", "high"]
    assert sum(arm.unit_share for arm in record.arms) == pytest.approx(record.unit_share)
    assert sum(readout.lift for readout in record.readouts) == pytest.approx(found.point)
    low, high = (readout.lift / arm.unit_share for readout, arm in zip(record.readouts, record.arms, strict=True))
    assert high > 2 * low > 0
    few = rows[~rows["unit"].isin([unit for unit in rows["unit"].unique() if unit not in found.test.treated][:8])]
    with pytest.raises(EvidenceError, match="8 regions to compare with are too few for the covariance of 2 arms"):
        record_of(read_out(GeoPanel.from_rows(few), GeoTest(**fields), placebos=10), spend_of(fields))


def test_spend_must_cover_every_treated_region(read):
    _, fields, _, _ = read
    test, spend = GeoTest(**fields), spend_of(fields)
    [first, second] = test.treated
    with pytest.raises(EvidenceError, match=f"there is no spend of {second} between 2025-03-03 and 2025-03-23"):
        spend_path(test, spend[spend["unit"] == first])
    with pytest.raises(EvidenceError, match="lacks baseline or actual"):
        spend_path(test, spend.assign(baseline=np.nan))


def test_a_record_as_yaml_reads_back_as_the_same_record(read):
    _, fields, _, found = read
    record = record_of(found, spend_of(fields), NOW)
    [again] = read_lift_tests([yaml.safe_load(record_text(record))])
    assert again == record


def test_one_test_that_cannot_be_read_does_not_stop_the_others(read):
    rows, fields, _, found = read
    panel = rows.assign(market="US", outcome="revenue")
    common = {name: fields[name] for name in ("channel", "market", "outcome", "start_date", "end_date")}
    treated = [{"test_id": "geo-1", "unit": unit, **common} for unit in fields["arms"]["treated"]]
    other = {"unit": "nowhere", **common}
    treatments = pd.DataFrame(
        [
            *treated,
            {**other, "test_id": "lost"},
            {**other, "test_id": "later", "unit": "elsewhere", "end_date": date(2025, 6, 1)},
        ]
    )
    done, lost, later = read_all(panel, treatments, spend_of(fields), NOW, placebos=30)
    assert done.record.lift == pytest.approx(found.point)
    assert done.problem == ""
    assert (lost.readout, lost.record, lost.is_running) == (None, None, False)
    assert lost.problem.startswith("geo test lost: geo panel: it has no unit 'nowhere'")
    assert later.is_running
    assert "the panel ends 2025-03-23" in later.problem
    [unpaid, *_] = read_all(panel, treatments, spend_of(fields).iloc[:0], NOW, placebos=5)
    assert unpaid.readout is not None
    assert "there is no spend of" in unpaid.problem


def test_rows_fit_the_result_tables_and_the_figure_says_the_effect(read):
    _, _, _, found = read
    summary, weekly = rows_of.geo_readouts([found]), rows_of.geo_readouts_weekly([found])
    assert list(summary) == RESULT_TABLES["geo_readouts"].column_names
    assert list(weekly) == RESULT_TABLES["geo_readouts_weekly"].column_names
    assert weekly["effect"].sum() == pytest.approx(summary["point"].item())
    assert (weekly["observed"] - weekly["expected"]).tolist() == pytest.approx(weekly["effect"].tolist())
    assert "(of 22)" in summary["donors"].item()
    figure = plots.geo_readout(found)
    assert f"{abs(found.point):,.0f} more revenue" in figure.texts[0].get_text()
    assert to_png(figure).startswith(b"\x89PNG")
    assert list(rows_of.geo_readouts([])) == list(summary)
