"""YAML deliveries: an experiment written down as mappings lands as the same row of a sheet would."""

import json

import pytest

HEADER = (
    "test_id,channel,market,design,start_date,end_date,followup_end,outcome,spend_baseline,spend_delta,lift,lift_se,"
    "estimand,status,role,owner,reviewer,updated_at"
)
ROW = (
    "lt-1,search,US,go-dark,2024-06-03,2024-06-30,2024-07-14,revenue,1000,-1000,-3000.5,400,during+tail,approved,"
    "calibrate,team:science,team:finance,2024-07-20 09:00:00"
)
# The same, and what a sheet has no room for.
YAML = """
- test_id: lt-1
  channel: search
  market: US
  design: go-dark
  start_date: 2024-06-03
  end_date: 2024-06-30
  followup_end: 2024-07-14
  outcome: revenue
  spend_baseline: 1000
  spend_delta: -1000
  lift: -3000.5
  lift_se: 400
  estimand: during+tail
  status: approved
  role: calibrate
  owner: team:science
  reviewer: team:finance
  updated_at: 2024-07-20 09:00:00
"""
PLANNED = """
test_id: lt-2
channel: tv
market: US
design: geo lift
units: "Ohio, Utah"
unit_share: 0.08
start_date: 2024-09-02
end_date: 2024-09-15
outcome: revenue
spend_path:
  - {start_date: 2024-09-02, end_date: 2024-09-08, baseline: 100, actual: 150, planned: 160}
  - {start_date: 2024-09-09, end_date: 2024-09-15, baseline: 100, actual: 170.5}
estimand: during+tail
status: draft
role: validate
lift:
randomised: true
updated_at: 2024-08-20 09:00:00
"""
PLACE = "experiments/lift_tests"


def test_a_sheet_of_eighteen_columns_lands_as_it_did(landing):
    landing.put(f"{PLACE}/sheet.csv", f"{HEADER}\n{ROW}\n")
    report = landing.land("experiments", "lift_tests")
    assert (report.rows_merged, report.rows_quarantined, report.messages) == (1, 0, [])
    assert landing.rows("select test_id, lift, unit_share, spend_path from raw_experiments.lift_tests") == [
        ("lt-1", -3000.5, None, None)
    ]


def test_a_yaml_mapping_is_the_same_row(landing):
    landing.put(f"{PLACE}/sheet.csv", f"{HEADER}\n{ROW}\n")
    landing.land("experiments")
    landing.put(f"{PLACE}/one.yaml", YAML)
    report = landing.land("experiments", "lift_tests")
    assert (report.rows_read, report.rows_unchanged, report.rows_merged) == (1, 1, 0)


def test_lists_within_a_row_are_json_and_what_is_not_given_is_empty(landing):
    landing.put(f"{PLACE}/planned.yml", PLANNED)
    report = landing.land("experiments", "lift_tests")
    assert (report.rows_merged, report.messages) == (1, [])
    [(path, lift, delta, randomised, units)] = landing.rows(
        "select spend_path, lift, spend_delta, randomised, units from raw_experiments.lift_tests"
    )
    assert json.loads(path) == [
        {"start_date": "2024-09-02", "end_date": "2024-09-08", "baseline": 100, "actual": 150, "planned": 160},
        {"start_date": "2024-09-09", "end_date": "2024-09-15", "baseline": 100, "actual": 170.5},
    ]
    assert (lift, delta, randomised, units) == (None, None, True, "Ohio, Utah")


def test_a_value_that_breaks_the_contract_names_the_line_of_its_mapping(landing):
    landing.put(f"{PLACE}/two.yaml", YAML + YAML.replace("lt-1", "lt-3").replace("lift_se: 400", "lift_se: -4"))
    report = landing.land("experiments", "lift_tests")
    assert (report.rows_merged, report.rows_quarantined) == (1, 1)
    [(line, column, value, _, _)] = landing.quarantine()
    assert (line, column, value) == (21, "lift_se", "-4")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- test_id: a\n  lift: [1, 2\n", "is not readable as YAML"),
        ("test_id: a\ntest_id: b\n", "a row names 'test_id' twice."),
        ("- just text\n", "holds something that is no mapping"),
        ("test_id: &a x\nowner: *a\n", "uses the alias *a."),
        ("# nothing yet\n", "the file has no rows."),
        ("test_id: a\nowner: \x07\n", "is not readable as YAML"),
        ("? [a, b]\n: c\n", "a row has a key that is no text."),
        ("test_id: a\nspend_path: [.inf]\n", "holds a value that cannot be read"),
        ("test_id: a\n", "required columns are missing: channel, market"),
    ],
)
def test_a_file_that_is_no_list_of_rows_is_refused_with_the_reason(landing, text, said):
    landing.put(f"{PLACE}/broken.yaml", text)
    report = landing.land("experiments", "lift_tests")
    assert report.rejected == [f"{PLACE}/broken.yaml"]
    [(_, _, _, reason, remedy)] = landing.quarantine()
    assert reason.startswith(said)
    assert remedy.endswith((".", "?"))
