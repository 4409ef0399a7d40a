"""Where state lives, and how the environment moves it."""

from pathlib import Path

import fsspec

import warehouse
from warehouse.home import Home


def test_without_environment_everything_lies_beside_the_package():
    home = Home.from_env({})
    root = Path(warehouse.__file__).parent / "data"
    assert home.root == root
    assert home.database == root / "mixhouse.duckdb"
    assert home.published == root / "published" / "mixhouse.duckdb"
    assert home.landing == str(root / "landing")
    assert home.snapshots == str(root / "snapshots")


def test_environment_moves_home_landing_snapshots_and_published_file(tmp_path):
    home = Home.from_env(
        {
            "MIXHOUSE_HOME": str(tmp_path),
            "MIXHOUSE_LANDING": "s3://exports/landing",
            "MIXHOUSE_SNAPSHOTS": str(tmp_path / "elsewhere"),
            "MIXHOUSE_PUBLISHED": str(tmp_path / "share"),
        }
    )
    assert home.root == tmp_path
    assert home.landing == "s3://exports/landing"
    assert home.snapshots == str(tmp_path / "elsewhere")
    assert home.published == tmp_path / "share" / "mixhouse.duckdb"


def test_empty_variables_mean_the_default():
    assert Home.from_env({"MIXHOUSE_HOME": "", "MIXHOUSE_LANDING": ""}) == Home.from_env({})


def test_relative_home_is_fixed_to_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    home = Home.from_env({"MIXHOUSE_HOME": "state"})
    monkeypatch.chdir("/")
    assert home.database == tmp_path / "state" / "mixhouse.duckdb"


def test_working_and_published_file_share_the_stem_that_views_store(tmp_path):
    home = Home(tmp_path)
    assert home.database.stem == home.published.stem == "mixhouse"


def test_ensure_makes_every_folder_and_may_run_twice(tmp_path):
    home = Home(tmp_path / "new").ensure().ensure()
    for folder in (
        home.published.parent,
        home.mlflow,
        home.dagster,
        home.cache,
        home.models,
        home.databases,
        home.fits,
        home.truth,
        home.dbt_target,
        Path(home.landing),
        Path(home.snapshots),
    ):
        assert folder.is_dir()
    assert not home.database.exists()


def test_ensure_touches_no_remote_place(tmp_path):
    Home(tmp_path, landing_url="memory://ensure-test/landing", snapshots_url="s3://no-such-bucket/at-all").ensure()
    assert not fsspec.filesystem("memory").exists("/ensure-test")
