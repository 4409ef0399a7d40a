"""No contract takes what is about a person; where a name only sounds like it, the reason stands here."""

import pytest

from warehouse.contracts import CONTRACTS
from warehouse.contracts.personal import is_contact, is_personal

EVERY = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda contract: contract.full_name)
THING = "names a thing of the advertiser's own: a campaign, an ad, a budget"
ACCOUNT = "names an advertising account, which is a company's"
PARTNER = "names a partner who is paid for sales: a site, a company"
TAKEN_ANYWAY = {
    "amazon_ads.campaign_history.name": THING,
    "amazon_ads.profile.account_name": ACCOUNT,
    "awin.transaction.site_name": PARTNER,
    "dv360.line_item_report.filter_insertion_order_name": THING,
    "dv360.line_item_report.filter_line_item_name": THING,
    "experiments.geo_treatments.owner": "names the team that answers for a test",
    "experiments.lift_tests.owner": "names the team that answers for a test",
    "experiments.lift_tests.reviewer": "names the team that approved a test",
    "facebook_ads.account_history.name": ACCOUNT,
    "facebook_ads.account_history.timezone_name": "names a time zone",
    "facebook_ads.ad_history.name": THING,
    "facebook_ads.ad_set_history.name": THING,
    "facebook_ads.basic_ad.ad_name": THING,
    "facebook_ads.basic_ad.adset_name": THING,
    "facebook_ads.campaign_history.name": THING,
    "google_ads.account_history.descriptive_name": ACCOUNT,
    "google_ads.campaign_history.name": THING,
    "impact.actions.action_tracker_name": "names a kind of action: a sale, a sign-up",
    "impact.actions.campaign_name": THING,
    "impact.actions.media_partner_name": PARTNER,
    "klaviyo.campaign.name": THING,
    "klaviyo.flow.name": "names a sequence of messages, which the advertiser wrote",
    "klaviyo.metric.name": "names a kind of event, such as Received Email",
    "linkedin_ads.account_history.name": ACCOUNT,
    "linkedin_ads.campaign_group_history.name": THING,
    "linkedin_ads.campaign_history.name": THING,
    "microsoft_ads.account_history.name": ACCOUNT,
    "microsoft_ads.campaign_history.name": THING,
    "microsoft_ads.campaign_performance_daily_report.budget_name": THING,
    "pinterest_ads.advertiser_history.name": ACCOUNT,
    "pinterest_ads.campaign_history.name": THING,
    "pinterest_ads.campaign_report.campaign_name": THING,
    "shopify.order.shipping_address_country_code": "a country is no address; it tells the market",
    "shopify.order.source_name": "names the channel of the sale: web, app, pos",
    "shopify.order_adjustment.reason": "one of Shopify's own reasons, written by no person",
    "snapchat_ads.ad_account_history.name": ACCOUNT,
    "snapchat_ads.campaign_history.name": THING,
    "tiktok_ads.advertiser.name": ACCOUNT,
    "tiktok_ads.campaign_history.campaign_name": THING,
    "trade_desk.ad_group.name": THING,
    "trade_desk.advertiser.name": ACCOUNT,
    "trade_desk.campaign.name": THING,
    "weekly_csv.observations.name": "names a series, as the mapping calls it",
}


@EVERY
def test_contract_takes_no_personal_column(contract):
    taken = [f"{contract.full_name}.{name}" for name in contract.column_names if is_personal(name)]
    assert [name for name in taken if name not in TAKEN_ANYWAY] == []


def test_every_exception_is_still_needed():
    taken = {f"{contract.full_name}.{name}" for contract in CONTRACTS.values() for name in contract.column_names}
    assert sorted(set(TAKEN_ANYWAY) - taken) == []
    assert [name for name in TAKEN_ANYWAY if not is_personal(name.rpartition(".")[2])] == []


@pytest.mark.parametrize(
    "column",
    [
        "email", "customer_email", "e_mail", "billing_address_phone", "cellphone_number", "mobile", "fax",
        "shipping_address_address_1", "business_street_2", "billing_address_zip", "postal_code", "city", "latitude",
        "browser_ip", "ip", "client_details_user_agent", "billing_address_first_name", "contacter", "contact",
    ],
)  # fmt: skip
def test_ways_to_reach_a_person_are_known_by_their_names(column):
    assert is_contact(column)


@pytest.mark.parametrize(
    "column", ["name", "customer_name", "owner_username", "shop_owner", "birthday", "gender", "note", "comment"]
)  # fmt: skip
def test_names_and_free_text_are_known_too(column):
    assert is_personal(column)
    assert not is_contact(column)


@pytest.mark.parametrize(
    "column", ["clicks", "campaign_id", "spend", "updated_at", "date", "currency", "impressions", "shipments"]
)  # fmt: skip
def test_figures_and_ids_are_not(column):
    assert not is_personal(column)


def test_the_exports_that_hold_people_are_those_with_contacts_left_out():
    personal = {contract.full_name for contract in CONTRACTS.values() if contract.export_is_personal}
    assert personal == {
        "awin.transaction", "facebook_ads.account_history", "ga4.event", "impact.actions", "influencer.posts",
        "klaviyo.campaign", "klaviyo.event",
        "microsoft_ads.geographic_performance_daily_report", "shopify.order", "shopify.order_line", "shopify.shop",
        "tiktok_ads.advertiser", "trade_desk.advertiser",
    }  # fmt: skip


def test_every_personal_column_of_a_shopify_order_is_left_out_by_name():
    order = CONTRACTS["shopify", "order"]
    assert {"email", "browser_ip", "note", "billing_address_name", "shipping_address_phone"} <= order.also_known
