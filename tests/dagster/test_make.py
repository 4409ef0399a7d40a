"""The plumbing under the two commands of the README."""

import os
import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
VERBS = ("demo", "test", "ui", "lint", "fix", "lock", "bench", "clean")


def planned(*arguments: str) -> str:
    """The commands that make would run."""
    done = subprocess.run(
        ["make", "--dry-run", "--always-make", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("verb", VERBS)
def test_the_makefile_has_the_verb_and_explains_it(verb):
    text = (PROJECT / "Makefile").read_text()
    assert re.search(rf"^{verb}:.*## \S", text, re.MULTILINE)
    assert re.search(rf"^\.PHONY:.*\b{verb}\b", text, re.MULTILINE)


def test_make_without_a_verb_lists_them():
    listed = subprocess.run(["make"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert set(VERBS) <= {line.split()[0] for line in listed.splitlines() if line}


@pytest.mark.parametrize(("verb", "command"), [("demo", "mixhouse demo"), ("test", "-m pytest"), ("ui", "mixhouse ui")])
def test_a_verb_installs_the_locked_packages_and_builds_the_manifest_first(verb, command):
    plan = planned(verb)
    steps = [plan.index("--require-hashes"), plan.index("mixhouse manifest"), plan.index(command)]
    assert steps == sorted(steps)


def test_a_machine_without_uv_gets_one_in_a_folder_of_its_own():
    plan = planned("setup", f"UV={PROJECT}/.tools/uv/bin/uv")
    assert "-m venv .tools/uv" in plan
    assert plan.index("-m venv .tools/uv") < plan.index("--require-hashes")


def test_tests_find_a_postgres_server_or_install_one():
    plan = planned("test")
    assert plan.index("scripts/install_postgres") < plan.index("-m pytest")
    script = PROJECT / "scripts" / "install_postgres"
    # Quick, and changes nothing, where there is one.
    assert subprocess.run([script], capture_output=True, text=True, check=True, timeout=10).stdout == ""


def test_ci_runs_what_the_readme_tells_a_person_to_run():
    script = PROJECT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "make test" in script.read_text().splitlines()
    assert "make test" in (PROJECT / "README.md").read_text()
