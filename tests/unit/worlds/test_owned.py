"""What a world keeps beside its media: messages and surveys that move nothing, and nothing that they move."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mmm_models.worlds.exports import klaviyo
from mmm_models.worlds.exports.brand_survey import LEVELS, SWING
from mmm_models.worlds.exports.shopify import as_of
from mmm_models.worlds.retailer import SEED, retailer, small_retailer
from mmm_models.worlds.simulate import simulate
from mmm_models.worlds.spec import WorldSpec
from mmm_models.worlds.write import write_world
from tests.unit.worlds.landed import Delivered, read
from tests.unit.worlds.test_deliveries import digests
from warehouse.contracts.personal import is_contact


def test_what_is_owned_changes_no_other_file_and_no_truth(
    every_channel: WorldSpec, delivered: Delivered, tmp_path: Path
):
    _, landing = delivered
    write_world(replace(every_channel, owned=()), tmp_path / "landing", tmp_path / "truth", SEED)
    without, with_it = digests(tmp_path), digests(landing.parent)
    assert {name.split("/")[1] for name in with_it.keys() - without.keys()} == {"klaviyo", "brand_survey"}
    assert without == {name: digest for name, digest in with_it.items() if name in without}


def test_the_demo_company_sends_ten_to_twenty_thousand_messages():
    files = klaviyo.files(simulate(retailer(), SEED))
    events = pd.concat([file.frame for file in files if file.table == "event"])
    assert 10_000 < len(events) < 20_000
    assert set(events.type) == set(klaviyo.METRICS)


def test_every_event_names_a_metric_and_a_sender_of_its_own_account(delivered: Delivered):
    world, landing = delivered
    events = read(landing, "klaviyo", "event")
    metrics = read(landing, "klaviyo", "metric").set_index("id").name
    assert (events.metric_id.map(metrics) == events.type).all()
    assert events.groupby("metric_id").account_id.nunique().eq(1).all()
    assert (events.campaign_id.notna() ^ events.flow_id.notna()).all()
    assert set(events.campaign_id.dropna()) <= set(read(landing, "klaviyo", "campaign").id)
    assert set(events.flow_id.dropna()) == set(read(landing, "klaviyo", "flow").id)
    assert set(events.account_id) == {market.accounts["klaviyo"] for market in world.spec.markets}
    assert events.id.is_unique
    assert pd.to_datetime(events.datetime).max() < as_of(world)


def test_newsletters_go_out_on_the_markets_mondays_and_are_opened_afterwards(delivered: Delivered):
    world, landing = delivered
    events = read(landing, "klaviyo", "event")
    campaigns = read(landing, "klaviyo", "campaign").set_index("id").name
    letters = events[events.campaign_id.map(campaigns).fillna("").str.contains("Newsletter")]
    received = letters[letters.type == "Received Email"]
    for market in world.spec.markets:
        mine = pd.to_datetime(received[received.account_id == market.accounts["klaviyo"]].datetime)
        local = mine.dt.tz_localize("UTC").dt.tz_convert(market.timezone)
        assert set(local.dt.weekday) == {0}
        assert set(local.dt.hour) == {9}
    first = pd.to_datetime(received.datetime).groupby(received.campaign_id).min()
    opened = letters[letters.type == "Opened Email"]
    assert (pd.to_datetime(opened.datetime) > opened.campaign_id.map(first)).all()
    assert 0.3 < len(opened) / len(received) < 0.55


def test_a_person_is_a_number_and_nothing_that_reaches_anybody(delivered: Delivered):
    _, landing = delivered
    events = read(landing, "klaviyo", "event")
    assert {name for name in events if is_contact(name)} == {"property_email_domain"}
    assert set(events.property_email_domain.dropna()) == {"mail.example"}


def test_surveys_are_a_wave_a_quarter_that_differs_from_the_brand_by_its_sample(delivered: Delivered):
    world, landing = delivered
    waves = read(landing, "brand_survey", "waves")
    assert not waves.duplicated(["panel_provider", "market", "metric", "wave_start"]).any()
    starts = pd.to_datetime(waves.wave_start.drop_duplicates())
    assert starts.diff().dropna().dt.days.unique().tolist() == [91]
    assert (pd.to_datetime(waves.wave_end) <= pd.Timestamp(world.spec.end)).all()
    assert set(zip(waves.market, waves.metric, strict=True)) == {(m, k) for m in ("US", "DE") for k in LEVELS}
    german = waves.market == "DE"
    assert waves[german].share.isna().all()
    assert waves[~german].percent.isna().all()
    share = waves.share.fillna(waves.percent / 100)
    level = waves.metric.map(LEVELS)
    away = np.abs(np.log(share / (1 - share)) - np.log(level / (1 - level)))
    error = np.sqrt(SWING**2 + 1 / (waves.sample_size * level * (1 - level)))
    assert (away < 4 * error).all()
    assert share.nunique() > len(share) / 2


def test_a_market_without_a_mailing_account_is_refused():
    spec = small_retailer()
    bare = tuple(
        replace(m, accounts={name: number for name, number in m.accounts.items() if name != "klaviyo"})
        for m in spec.markets
    )
    with pytest.raises(ValueError, match=r"market 'US' has no account on \['klaviyo'\]; add them"):
        replace(spec, markets=bare, owned=("klaviyo",))
