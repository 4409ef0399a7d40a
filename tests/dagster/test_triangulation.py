"""The asset that holds model, tests and platforms side by side: what it reads, hands on and says."""

from datetime import date

import dagster as dg
import pandas as pd
import pytest

from dagster_project import keys
from dagster_project.components import MmmModel
from dagster_project.components.mmm_model.triangulation import triangulation_asset
from dagster_project.resources.mlflow import MlflowRegistry
from dagster_project.resources.warehouse import WarehouseResource
from mmm_models.evidence import EvidenceSet, LiftTest
from mmm_models.evidence.operator import predicted_lift
from mmm_models.training import FitReference
from warehouse.connection import Warehouse

STEP = keys.model_key("known", "triangulation")
CHANNELS = ("search", "paid_social", "tv")


def given(name: str, value: dict) -> dg.AssetsDefinition:
    @dg.asset(key=keys.model_key("known", name))
    def made() -> dict:
        return value

    return made


def lift_test(known_fit, channel: str) -> LiftTest:
    facts = {
        "test_id": f"t-{channel}", "channel": channel, "market": "US", "design": "geo lift", "outcome": "revenue",
        "start_date": date(2023, 9, 4), "end_date": date(2023, 10, 1), "spend_baseline": 200_000.0,
        "spend_delta": 60_000.0, "status": "approved", "randomised": True,
    }  # fmt: skip
    expected = float(predicted_lift(known_fit, LiftTest(**facts, lift=1.0, lift_se=1.0)).mean())
    return LiftTest(**facts, lift=0.5 * expected, lift_se=0.05 * expected)


@pytest.fixture
def marts(home, known_fit):
    """Half of search's money comes back by the platform's count; TV has no count."""
    weeks = known_fit.panel.weeks
    media = known_fit.panel.dataset["spend"].to_series().rename("spend").reset_index()
    media = media.rename(columns={"week": "week_start"}).assign(is_complete=True)
    media["platform_conversions"] = (media["spend"] / 100).where(media["channel"] != "tv")
    # A channel of another model, and a week that is not complete.
    stranger = media.iloc[:1].assign(channel="radio", platform_conversions=1e9)
    open_week = media[media["week_start"] == weeks[-1]].assign(is_complete=False, platform_conversions=1e9)
    media = pd.concat([media[media["week_start"] < weeks[-1]], open_week, stranger])
    outcomes = pd.DataFrame(
        [
            {"week_start": week, "market": market, "outcome": name, "value": value, "is_complete": True}
            for week in weeks
            for market in ("US", "DE")
            for name, value in (("revenue", 8000.0), ("orders", 100.0))
        ]
    )
    kinds = pd.DataFrame({"channel": CHANNELS, "channel_group": ["performance", "social", "brand"]})
    with Warehouse(home.database).write() as connection:
        for name, frame in (("fct_media_weekly", media), ("fct_outcomes_weekly", outcomes), ("dim_channel", kinds)):
            connection.register("delivered", frame)
            connection.execute(f"create table main.{name} as select * from delivered")
    return home


def test_the_asset_fuses_fit_tests_and_claims_of_its_window(marts, instance, known_fit):
    path = marts.fits / "known.nc"
    path.parent.mkdir(parents=True, exist_ok=True)
    known_fit.save(path)
    tests = [lift_test(known_fit, channel) for channel in CHANNELS]
    made = dg.materialize(
        [
            given("fit", FitReference("known-fit-1", str(path)).to_dict()),
            given("evidence", EvidenceSet(used=tests).model_dump(mode="json")),
            triangulation_asset(known_fit.spec),
        ],
        instance=instance,
        resources={"store": WarehouseResource()},
    )
    handed = made.output_for_node("known__triangulation")
    readings = handed["tables"]["triangulation_sources"].set_index(["source", "channel"])
    # A conversion for 100 of spend, at orders of 80.
    assert readings.loc[("attribution", "search"), "roas"] == pytest.approx(0.8)
    assert ("attribution", "tv") not in readings.index
    average = known_fit.returns("last_52_weeks")["roas"].sel(market="all").median("sample")
    for channel in CHANNELS:
        assert readings.loc[("experiment", channel), "roas"] == pytest.approx(
            0.5 * float(average.sel(channel=channel)), rel=0.03
        )
    fused = handed["tables"]["triangulation"].query("method == 'hierarchical'").set_index("channel")
    assert list(fused["verdict"]) == ["usable"] * 3
    # Three tests say half: the model is twice too high, and platforms are judged by the same tests.
    assert fused.loc["tv", "bias_mmm"] == pytest.approx(1.0, abs=0.25)
    (event,) = made.asset_materializations_for_node("known__triangulation")
    assert event.metadata["channels_overlapping"].value == 3
    assert event.metadata["verdicts"].value == "usable"
    assert "data:image/png" in event.metadata["plot_triangulation"].value


def test_triangulation_follows_evidence_and_the_plain_fit_and_no_plan_waits_for_it(known_spec):
    resources = dg.Definitions(resources={"store": WarehouseResource(), "registry": MlflowRegistry()})
    graph = dg.Definitions.merge(MmmModel(known_spec).build_defs(), resources).resolve_asset_graph()
    parents = {key.path[-1] for key in graph.get(STEP).parent_keys}
    assert parents == {"evidence", "fit"}  # no mart: rebuilt, it would change what was said of a run
    assert {key.path[-1] for key in graph.get(STEP).child_keys} == {"results"}
