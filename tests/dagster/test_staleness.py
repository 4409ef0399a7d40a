"""Which assets are made again: a small graph `source -> model -> report`, and what may happen to it."""

import dagster as dg
import pytest

from dagster_project.staleness import stale_assets

SOURCE, MODEL, REPORT = (dg.AssetKey([name]) for name in ("source", "model", "report"))


class World:
    """A graph whose content, code and check can be changed between runs."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.content = {"source": "rows-1", "model": "fit-1"}
        self.code = "code-1"
        self.passes = True

    def definitions(self) -> dg.Definitions:
        @dg.asset
        def source():
            return dg.MaterializeResult(data_version=dg.DataVersion(self.content["source"]))

        @dg.asset(
            deps=[source],
            code_version=self.code,
            check_specs=[dg.AssetCheckSpec("converged", asset="model", blocking=True)],
        )
        def model():
            return dg.MaterializeResult(
                data_version=dg.DataVersion(self.content["model"]),
                check_results=[dg.AssetCheckResult(check_name="converged", passed=self.passes)],
            )

        @dg.asset(deps=[model])
        def report():
            return dg.MaterializeResult()

        return dg.Definitions(assets=[source, model, report])

    def make(self, *keys: dg.AssetKey) -> None:
        job = self.definitions().resolve_implicit_global_asset_job_def()
        job.execute_in_process(instance=self.instance, asset_selection=list(keys), raise_on_error=False)

    def stale(self, *within: dg.AssetKey) -> dict[str, str]:
        graph = self.definitions().resolve_asset_graph()
        found = stale_assets(graph, self.instance, within or (SOURCE, MODEL, REPORT))
        return {key.to_user_string(): why for key, why in found.items()}


@pytest.fixture
def world(instance: dg.DagsterInstance) -> World:
    return World(instance)


def test_what_was_never_made_is_stale_upstream_first(world):
    assert list(world.stale().items()) == [
        ("source", "never made"),
        ("model", "never made"),
        ("report", "never made"),
    ]


def test_what_was_just_made_is_fresh(world):
    world.make(SOURCE, MODEL, REPORT)
    assert world.stale() == {}


def test_an_input_that_is_rebuilt_with_the_same_content_makes_nothing_stale(world):
    world.make(SOURCE, MODEL, REPORT)
    world.make(SOURCE)
    assert world.stale() == {}


def test_new_content_of_an_input_reaches_everything_below_it(world):
    world.make(SOURCE, MODEL, REPORT)
    world.content["source"] = "rows-2"
    world.make(SOURCE)
    assert world.stale() == {"model": "source has new content", "report": "model is made again"}


def test_content_that_ends_up_the_same_stops_the_chain(world):
    world.make(SOURCE, MODEL, REPORT)
    world.content["source"] = "rows-2"
    world.make(SOURCE, MODEL)  # another input, the same fit
    assert world.stale() == {}


def test_a_changed_definition_is_a_reason(world):
    world.make(SOURCE, MODEL, REPORT)
    world.code = "code-2"
    assert world.stale() == {"model": "its definition changed", "report": "model is made again"}


def test_a_failed_blocking_check_keeps_an_asset_stale_until_it_passes(world):
    world.passes = False
    world.make(SOURCE, MODEL, REPORT)
    assert world.stale() == {"model": "its check converged failed", "report": "never made"}
    world.passes = True
    world.make(MODEL, REPORT)
    assert world.stale() == {}


def test_only_what_is_asked_for_is_judged(world):
    assert world.stale(SOURCE) == {"source": "never made"}


def test_rows_restated_in_one_market_leave_the_other_markets_model_fresh(instance):
    rows = {"US": "us-1", "DE": "de-1"}

    def market_model(market: str) -> list[dg.AssetsDefinition]:
        @dg.asset(key=["snapshot", market], deps=["mart"])
        def snapshot():
            return dg.MaterializeResult(data_version=dg.DataVersion(rows[market]))

        @dg.asset(key=["fit", market], deps=[snapshot])
        def fit():
            return dg.MaterializeResult(data_version=dg.DataVersion(f"fit of {rows[market]}"))

        return [snapshot, fit]

    @dg.asset
    def mart():
        return dg.MaterializeResult()  # like a dbt table: a new version at each build

    definitions = dg.Definitions(assets=[mart, *market_model("US"), *market_model("DE")])
    graph = definitions.resolve_asset_graph()
    job = definitions.resolve_implicit_global_asset_job_def()
    job.execute_in_process(instance=instance)

    rows["US"] = "us-2"
    snapshots = [dg.AssetKey(["snapshot", market]) for market in rows]
    fits = [dg.AssetKey(["fit", market]) for market in rows]
    job.execute_in_process(instance=instance, asset_selection=[dg.AssetKey("mart")])
    assert set(stale_assets(graph, instance, snapshots)) == set(snapshots)
    job.execute_in_process(instance=instance, asset_selection=snapshots)
    assert stale_assets(graph, instance, fits) == {dg.AssetKey(["fit", "US"]): "snapshot/US has new content"}
