"""The truth benchmark runs, goes on where it was cut off, and keeps nothing that another code made."""

import json
import sys

import pytest

from benchmarks.__main__ import main
from benchmarks.truth import kept
from benchmarks.truth import run as truth
from benchmarks.truth.estimate import Effort
from benchmarks.truth.ours import by_engine
from benchmarks.truth.who import WHO

CHEAP = ["ols", "spend_share"]
FEW = Effort(draws=40, tune=80, chains=2)


@pytest.fixture
def counted(monkeypatch):
    """Every fit that a worker is asked for, in order."""
    asked = []

    def counting(fits, who, effort, folder, doing=truth.fitted):
        for record in doing(fits, who, effort, folder):
            asked.append((who, record["world"], record["seed"]))
            yield record

    monkeypatch.setattr(truth, "fitted", counting)
    return asked


def test_one_world_one_seed_has_a_row_for_everybody_and_is_not_fitted_twice(tmp_path, counted):
    who = ["marginal", *CHEAP]
    first = truth.run([1], ["clean"], who, FEW, tmp_path)

    assert list(first.who) == who
    assert list(first.fits) == [1, 1, 1]
    assert (first.roas_error > 0).all()
    assert first.set_index("who").cover_90.isna().to_dict() == {"marginal": False, "ols": False, "spend_share": True}
    assert (first.peak_mib > 50).all()
    assert len(counted) == 3

    again = truth.run([1], ["clean"], who, FEW, tmp_path)
    assert len(counted) == 3
    assert again.equals(first)


def test_a_run_that_was_cut_off_goes_on_with_the_next_fit(tmp_path, monkeypatch, counted):
    put = kept.Kept.put

    def cut(self, record):
        put(self, record)
        if record["seed"] == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(kept.Kept, "put", cut)
    with pytest.raises(KeyboardInterrupt):
        truth.run([1, 2, 3], ["clean"], ["ols"], FEW, tmp_path)
    monkeypatch.setattr(kept.Kept, "put", put)
    table = truth.run([1, 2, 3], ["clean"], ["ols"], FEW, tmp_path)

    assert counted == [("ols", "clean", 1), ("ols", "clean", 2), ("ols", "clean", 3)]
    assert list(table.fits) == [3]


def test_worlds_of_another_shape_have_a_process_of_their_own_and_rows_keep_their_order(tmp_path):
    table = truth.run([1], ["heterogeneous_geos", "clean"], CHEAP, FEW, tmp_path)

    assert list(zip(table.world, table.who, strict=True)) == [
        (world, who) for world in ("clean", "heterogeneous_geos") for who in CHEAP
    ]
    assert (table.set_index("who").loc["ols", "seconds_first"] > 0).all()


def test_records_of_other_settings_or_other_code_are_not_found(tmp_path):
    known = kept.Kept(tmp_path, "x", by_engine("marginal"), FEW)
    known.put({"world": "clean", "seed": 1})
    others = (
        kept.Kept(tmp_path, "x", by_engine("marginal"), Effort()),
        kept.Kept(tmp_path, "x", by_engine("marginal", trend="local"), FEW),
        kept.Kept(tmp_path, "x", by_engine("ridge"), FEW),
    )
    assert known.find("clean", 1) == {"world": "clean", "seed": 1}
    assert [other.find("clean", 1) for other in others] == [None, None, None]


def test_a_better_word_changes_no_identity_and_a_better_number_does():
    code = 'def f(x):\n    """Twice."""\n    return 2 * x  # doubled\n'
    assert kept.without_words(code) == kept.without_words('def f(x):\n    """Two times."""\n    return (2 * x)\n')
    assert kept.without_words(code) != kept.without_words(code.replace("2", "3"))


def test_everybody_is_made_of_files_that_exist():
    for name, participant in WHO.items():
        for pattern in participant.made_of:
            assert kept._files([pattern]), f"{name} is made of {pattern}, of which there is nothing"


def test_a_fit_that_fails_names_world_and_seed_and_shows_why(tmp_path):
    with pytest.raises(RuntimeError, match=r"nobody failed in world clean, seed 1:\n(?s:.*)KeyError: 'nobody'"):
        list(truth.fitted([("clean", 1)], "nobody", FEW, tmp_path))


def test_unknown_worlds_and_participants_are_named_with_the_nearest_known(tmp_path):
    with pytest.raises(ValueError, match=r"unknown world 'claen' .did you mean 'clean'"):
        truth.run([1], ["claen"], CHEAP, FEW, tmp_path)
    with pytest.raises(ValueError, match=r"unknown participant 'olse' .did you mean 'ols'"):
        truth.run([1], ["clean"], ["olse"], FEW, tmp_path)


@pytest.fixture
def command(tmp_path, monkeypatch):
    """`python -m benchmarks truth ...` with two cheap participants; results and cache in a folder of the test."""
    monkeypatch.setattr("benchmarks.__main__.RESULTS", tmp_path / "results")
    monkeypatch.setattr(truth, "WHO", {name: WHO[name] for name in CHEAP})
    run, kept_so_far = truth.run, truth.kept_so_far
    monkeypatch.setattr(truth, "kept_so_far", lambda: kept_so_far(folder=tmp_path))
    monkeypatch.setitem(
        sys.modules["benchmarks.__main__"].BENCHMARKS,
        "truth",
        lambda seeds, **part: run(seeds, folder=tmp_path, **part),
    )

    def call(*arguments: str) -> dict | None:
        monkeypatch.setattr(sys, "argv", ["benchmarks", "truth", *arguments])
        main()
        file = tmp_path / "results" / "truth.json"
        known = file.read_text() if file.exists() else "null"
        return json.loads(known, parse_constant=lambda word: pytest.fail(word))

    return call


def test_parts_add_to_the_table_which_is_kept_when_no_world_is_left_out(command, capsys):
    assert command("--seeds", "2", "--worlds", "clean") is None
    assert "| clean" in capsys.readouterr().out
    whole = command()
    assert {"commit", "machine", "seeds", "rows"} <= set(whole)
    fits = {(row["world"], row["who"]): row["fits"] for row in whole["rows"]}
    assert len({world for world, _ in fits}) >= 11
    assert fits["clean", "ols"] == fits["clean", "spend_share"] == 2
    assert fits["s_shaped", "ols"] == 1
    assert next(row["cover_90"] for row in whole["rows"] if row["who"] == "spend_share") is None
    # A seed that not everybody has fitted is compared with nobody.
    more = command("--seeds", "3", "--worlds", "clean", "--who", "ols")
    assert {(row["world"], row["who"]): row["fits"] for row in more["rows"]} == fits
