"""Files of a plan are written over nobody's work, not even where it came while the plan was made."""

import io

import pytest
from rich.console import Console

from dagster_project.kept_fits import KeptFit
from dagster_project.plan_asked import Asked
from dagster_project.plan_files import destination
from dagster_project.plan_making import made_plan, write_made
from mmm_models.evidence import EvidenceSet
from mmm_models.reporting.run_tables import run_tables
from tests.known_fit import make_known_fit
from warehouse.errors import WarehouseError


def test_a_file_that_comes_while_a_plan_is_made_is_left_alone(tmp_path):
    fit, files = make_known_fit(), destination(tmp_path / "sales.duckdb", tmp_path, "sales")
    run = run_tables(fit, "known-fit-1", "fit", "champion", fit.spec, EvidenceSet(), [])["model_runs"]
    made = made_plan(KeptFit(fit, run), Asked(weeks=4), Console(file=io.StringIO()))
    files.lines.write_text("another plan's")
    with pytest.raises(WarehouseError, match=r"sales\.csv was written by another plan meanwhile"):
        write_made(made, files, decimal_comma=False)
    assert [path.name for path in tmp_path.iterdir()] == ["sales.csv"]
    assert files.lines.read_text() == "another plan's"


def test_a_goal_that_counts_money_is_not_said_to_spend_as_the_last_weeks_did():
    fit, said = make_known_fit(), io.StringIO()
    run = run_tables(fit, "known-fit-1", "fit", "champion", fit.spec, EvidenceSet(), [])["model_runs"]
    made_plan(KeptFit(fit, run), Asked(weeks=4, objective="profit", margin="0.5"), Console(file=said, width=200))
    assert "money as far as the goal needs it" in said.getvalue()


def test_a_place_that_takes_no_files_is_told_before_anything_is_planned(tmp_path):
    (tmp_path / "notes.txt").write_text("a file")
    with pytest.raises(WarehouseError, match=r"notes\.txt is no folder that can be written to\. Give another --out"):
        destination(tmp_path / "notes.txt" / "plans", tmp_path, "sales")
    assert destination(tmp_path / "new" / "folder", tmp_path, "sales").folder == tmp_path / "new" / "folder"
    assert not (tmp_path / "new").exists()
