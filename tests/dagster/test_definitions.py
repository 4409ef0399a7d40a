"""The graph as a data engineer finds it: what is in it, how it is labelled, what protects the warehouse."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from dagster_project import keys
from dagster_project.defs.connectors.assets import LANDED
from mmm_models.validation.data_checks import CHECKS
from warehouse.contracts import CONTRACTS, SOURCES

PROJECT = Path(__file__).parents[2]
SHIPPED = ("retail", "retail_de")
# Steps of a model that never open the warehouse; fits take minutes and must not hold the pool.
WITHOUT_WAREHOUSE = {"fit", "calibrated_fit", "plan", "test_agenda", "registered_model"}
MARTS = {
    "main/dim_account",
    "main/dim_channel",
    "main/dim_market",
    "main/dim_week",
    "main/fct_brand_weekly",
    "main/fct_controls_weekly",
    "main/fct_figure_vintages",
    "main/fct_flights_weekly",
    "main/fct_macro_vintages",
    "main/fct_media_weekly",
    "main/fct_outcomes_weekly",
    "main/fct_source_coverage",
}


@pytest.fixture(scope="module")
def graph(loaded: dg.Definitions):
    return loaded.resolve_asset_graph()


def names(assets) -> set[str]:
    return {key.to_user_string() for key in assets}


def test_the_graph_runs_from_every_export_table_to_one_published_file(graph):
    assert names(LANDED) == {*(f"{source}/{table}" for source, table in CONTRACTS), "raw_meta/loads"}
    assert set(graph.materializable_asset_keys) >= LANDED
    assert names(graph.asset_keys_for_group("marts")) == MARTS
    assert names(graph.asset_keys_for_group("mmm")) == {"main/mmm_input_weekly"}
    assert names(graph.asset_keys_for_group("evidence")) == {
        "evidence/geo_readouts",
        "evidence/lift_test_registry",
    }
    assert names(graph.asset_keys_for_group("publication")) == {"published/mixhouse"}
    for model in SHIPPED:
        assert names(graph.asset_keys_for_group(model)) == {f"{model}/{step}" for step in keys.MODEL_STEPS}


def test_nothing_lies_outside_the_known_groups(graph):
    groups = {graph.get(key).group_name for key in graph.get_all_asset_keys()}
    domains = {"accounts", "calendar", "media", "outcomes", "controls", "brand", "weekly_csv"}
    layers = {"loads", "seeds", *domains, "marts", "mmm", "evidence", "publication"}
    assert groups == layers | set(SOURCES) | set(SHIPPED)


def test_each_source_is_one_fold_of_the_graph_from_its_raw_tables_to_its_daily_figures(graph):
    assert names(graph.asset_keys_for_group("tiktok_ads")) == {
        "tiktok_ads/advertiser",
        "tiktok_ads/campaign_history",
        "tiktok_ads/campaign_report_hourly",
        "tiktok_ads/campaign_country_report",
        "staging/stg_tiktok_ads__accounts",
        "staging/stg_tiktok_ads__campaigns",
        "staging/stg_tiktok_ads__campaign_report_hourly",
        "staging/stg_tiktok_ads__campaign_country_report",
        "intermediate/int_tiktok_ads__account_totals",
        "intermediate/int_tiktok_ads__campaign_daily",
    }


def test_every_asset_is_made_here_and_says_what_it_is_who_owns_it_and_what_it_is_made_with(graph):
    silent = [
        node.key.to_user_string()
        for node in map(graph.get, graph.get_all_asset_keys())
        if not (node.is_materializable and node.description and node.owners and node.kinds and node.group_name)
    ]
    assert silent == []


def test_every_asset_that_opens_the_warehouse_is_in_its_pool(graph):
    outside = {key for key in graph.get_all_asset_keys() if graph.get(key).pools != {keys.WAREHOUSE_POOL}}
    assert outside == {keys.model_key(model, step) for model in SHIPPED for step in WITHOUT_WAREHOUSE}


def test_the_pool_lets_one_step_in_at_a_time(tmp_path):
    import yaml

    from dagster_project.environment import DAGSTER_YAML, install_instance_settings
    from warehouse.home import Home

    pools = yaml.safe_load(DAGSTER_YAML.read_text())["concurrency"]["pools"]
    assert pools == {"default_limit": 1, "granularity": "op"}
    home = Home(tmp_path).ensure()
    install_instance_settings(home)
    assert (home.dagster / "dagster.yaml").read_text() == DAGSTER_YAML.read_text()


def test_the_published_file_comes_after_every_mart_and_every_models_results(graph):
    parents = names(graph.get(keys.PUBLISHED).parent_keys)
    of_models = {f"{model}/{step}" for model in SHIPPED for step in ("results", "data_checks", "plan_vs_actual")}
    assert parents == MARTS | {"main/mmm_input_weekly", "evidence/lift_test_registry"} | of_models


def test_convergence_blocks_and_fit_quality_warns(graph):
    for step in ("fit", "calibrated_fit"):
        checks = {key.name: graph.get(key).blocking for key in graph.get(keys.model_key("retail", step)).check_keys}
        assert checks == {
            "r_hat": True,
            "ess_bulk": True,
            "ess_tail": True,
            "divergences": True,
            "e_bfmi": True,
            "mape": False,
        }


def test_a_look_at_the_data_blocks_nothing_and_no_fit_comes_after_it(graph):
    key = keys.model_key("retail", "data_checks")
    checks = {check.name: graph.get(check).blocking for check in graph.get(key).check_keys}
    assert checks == dict.fromkeys(CHECKS, False)
    assert names(_downstream(graph, key)) == {"retail/data_checks", "published/mixhouse"}


def test_a_new_lift_test_leads_to_no_mart_and_to_no_uncalibrated_fit(graph):
    reached = names(graph.get_all_asset_keys() & _downstream(graph, keys.LIFT_TESTS))
    assert not reached & MARTS
    assert "retail/fit" not in reached
    assert {"retail/evidence", "retail/calibrated_fit", "retail/plan", "published/mixhouse"} <= reached


def _downstream(graph, key: dg.AssetKey) -> set[dg.AssetKey]:
    return dg.AssetSelection.assets(key).downstream().resolve(graph)


def test_sensors_and_schedules_are_there_and_running(loaded):
    repository = loaded.get_repository_def()
    sensors = {sensor.name: sensor.default_status for sensor in repository.sensor_defs}
    assert set(sensors) == {"automation", "landing_sensor", "lift_test_sensor", "run_failure_alert"}
    assert set(sensors.values()) == {dg.DefaultSensorStatus.RUNNING}
    schedules = {schedule.name: schedule.cron_schedule for schedule in repository.schedule_defs}
    assert schedules == {"weekly_refresh": "0 6 * * 2", "daily_databases": "0 5 * * *"}
    assert {schedule.default_status for schedule in repository.schedule_defs} == {dg.DefaultScheduleStatus.RUNNING}


def test_dbt_tests_are_checks_and_those_of_severity_error_block(graph):
    checks = [graph.get(key) for key in graph.get(keys.MMM_INPUT).check_keys]
    assert checks
    assert all(check.blocking for check in checks)


def test_loading_the_definitions_imports_no_sampler_registry_or_plotting():
    code = (
        "import sys, dagster_project.definitions\n"
        "heavy = {'pymc', 'pymc_marketing', 'pytensor', 'nutpie', 'mlflow', 'matplotlib', 'arviz_stats', 'jax'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_workspace_validates():
    command = [sys.executable, "-m", "dagster", "definitions", "validate", "-w", "workspace.yaml"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Validation successful for code location mixhouse" in done.stdout + done.stderr
