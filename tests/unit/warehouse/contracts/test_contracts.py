"""Contracts hold together, make tables, and leave personal data outside."""

import re

import duckdb
import pytest

from warehouse.contracts import CONTRACTS, METADATA_COLUMNS, SOURCES, Column, TableContract, contracts_for
from warehouse.errors import ContractError

EVERY = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda contract: contract.full_name)
PERSONAL = re.compile(
    r"e_?mail|phone|zip|address_1|address_2|first_name|last_name|latitude|browser_ip|contact|owner_name"
)

# Header rows as the extraction tools write them, in their case, with columns that Mixhouse does not take.
REAL_HEADERS = {
    ("google_ads", "campaign_stats"): "_fivetran_id,customer_id,date,_fivetran_synced,active_view_impressions,"
    "active_view_measurability,active_view_measurable_cost_micros,active_view_measurable_impressions,"
    "active_view_viewability,ad_network_type,base_campaign,clicks,conversions,conversions_value,cost_micros,device,"
    "id,impressions,interaction_event_types,interactions,view_through_conversions",
    ("facebook_ads", "basic_ad"): "ad_id,date,account_id,impressions,inline_link_clicks,spend,reach",
    ("tiktok_ads", "advertiser"): "ID,NAME,ADDRESS,COMPANY,CONTACTER,COUNTRY,CURRENCY,DESCRIPTION,EMAIL,INDUSTRY,"
    "LICENSE_NO,LICENSE_URL,PROMOTION_AREA,REJECTED_REASON,ROLE,STATUS,TELEPHONE_NUMBER,TIMEZONE,BALANCE,"
    "CREATE_TIME,LANGUAGE,CELLPHONE_NUMBER,_FIVETRAN_SYNCED",
    ("impact", "actions"): "action_tracker_id,action_tracker_name,ad_id,amount,caller_id,campaign_id,campaign_name,"
    "cleared_date,client_cost,creation_date,currency,customer_area,customer_city,customer_country,customer_id,"
    "customer_post_code,customer_region,customer_status,delta_amount,delta_payout,event_date,id,intended_amount,"
    "intended_payout,ip_address,locking_date,media_partner_id,media_partner_name,note,order_id,payout,promo_code,"
    "referring_date,referring_domain,referring_type,shared_id,state,uri,_sdc_batched_at,_sdc_received_at",
    ("awin", "transaction"): "id,advertiser_id,publisher_id,advertiser_cost_amount,advertiser_cost_currency,"
    "advertiser_country,amend_reason,amended,campaign,click_date,click_device,click_ref,commission_amount,"
    "commission_currency,commission_sharing_publisher_id,commission_sharing_selected_rate_publisher_id,"
    "commission_status,customer_acquisition,customer_country,decline_reason,ip_hash,lapse_time,network_fee_amount,"
    "network_fee_currency,old_commission_amount,old_sale_amount,order_ref,original_sale_amount,paid_to_publisher,"
    "payment_id,publisher_url,sale_amount,sale_currency,site_name,tracked_amount,tracked_currency,transaction_date,"
    "transaction_device,transaction_query_id,type,url,validation_date,voucher_code,voucher_code_used,"
    "_fivetran_synced",
    ("google_ads", "account_stats"): "_fivetran_id,customer_id,date,_fivetran_synced,active_view_impressions,"
    "active_view_measurability,active_view_measurable_cost_micros,active_view_measurable_impressions,"
    "active_view_viewability,ad_network_type,clicks,conversions,conversions_value,cost_micros,device,impressions,"
    "interaction_event_types,interactions,view_through_conversions",
    ("facebook_ads", "basic_ad_actions"): "_fivetran_id,ad_id,date,index,_1_d_view,_7_d_click,_fivetran_synced,"
    "action_type,inline,value",
    ("facebook_ads", "demographics_country"): "_fivetran_id,_fivetran_synced,account_id,country,date,frequency,"
    "impressions,inline_link_clicks,reach,spend",
    ("trade_desk", "dimension_specific_time_and_day_report"): "ad_group_id,date_utc,lookback_days,source_entity_id,"
    "_01_click_conversion,_01_click_conversion_revenue,_01_conversion_touch,_01_conversion_touch_revenue,"
    "_01_view_through_conversion,_01_view_through_conversion_revenue,ad_plays,advertiser_cost_adv_currency,"
    "advertiser_id,bids,campaign_id,clicks,custom_revenue,impressions,partner_id,player_completed_views,"
    "player_starts,quality_score,quality_score_measured_impressions,sampled_tracked_impressions,"
    "sampled_viewed_impressions,source_level,total_custom_cpa_conversions",
    ("shopify", "refund"): "id,created_at,processed_at,note,restock,user_id,_fivetran_synced,total_duties_set,order_id",
    ("shopify", "order_line"): "order_id,id,product_id,variant_id,name,title,vendor,price,quantity,grams,sku,"
    "fulfillable_quantity,fulfillment_service,gift_card,requires_shipping,taxable,index,total_discount,pre_tax_price,"
    "fulfillment_status,_fivetran_synced",
    ("ga4", "event"): "_fivetran_id,_fivetran_synced,bundle_sequence_id,date,device_category,geo_city,geo_country,"
    "geo_region,name,platform,timestamp,traffic_source_medium,traffic_source_name,traffic_source_source,"
    "user_first_touch_timestamp,user_id,user_pseudo_id,value_in_usd,ecommerce_purchase_revenue_in_usd,"
    "ecommerce_refund_value_in_usd,ecommerce_total_item_quantity,ecommerce_transaction_id,"
    "event_dimensions_hostname,param_video_duration,param_percent_scrolled,param_campaign,param_gclid,"
    "param_medium,param_source,param_ga_session_id,param_ga_session_number,param_engagement_time_msec,"
    "param_engaged_session_event,param_session_engaged,stream_id,is_intraday,"
    "collected_traffic_source_manual_medium,collected_traffic_source_manual_source,batch_event_index,"
    "param_session_engaged",
    ("fred", "observations"): "series_id,date,value,realtime_start,realtime_end",
    ("hubspot", "deal"): "deal_id,is_deleted,deal_pipeline_id,deal_pipeline_stage_id,owner_id,portal_id,"
    "property_dealname,property_description,property_amount,property_closedate,property_createdate",
    ("hubspot", "deal_pipeline_stage"): "_fivetran_deleted,_fivetran_synced,active,closed_won,is_closed,display_order,"
    "probability,stage_id,label,pipeline_id,created_at,updated_at",
    ("klaviyo", "event"): "id,person_id,campaign_id,flow_id,flow_message_id,uuid,datetime,timestamp,_fivetran_deleted,"
    "metric_id,type,_variation,property_value,property_items,property_attribution,property_subject,"
    "property_tracking_postal_code,property_email_domain,property_to_number,property_message_body,property_email,"
    "property_recipient_name,_fivetran_synced",
    ("klaviyo", "campaign"): "id,from_name,status_id,campaign_type,status_label,from_email,subject,name,status,created,"
    "updated,send_time,sent_at,_fivetran_deleted,email_template_id,_fivetran_synced,archived,scheduled",
    ("klaviyo", "flow"): "id,name,status,created,updated,customer_filter,_fivetran_deleted,_fivetran_synced,archived,"
    "trigger_type",
    ("klaviyo", "metric"): "id,name,integration_id,created,updated,_fivetran_deleted,_fivetran_synced,"
    "integration_category,integration_name",
    ("salesforce", "opportunity"): "_fivetran_synced,account_id,amount,campaign_id,close_date,created_date,"
    "description,expected_revenue,fiscal,fiscal_quarter,fiscal_year,forecast_category,forecast_category_name,"
    "has_open_activity,has_opportunity_line_item,has_overdue_task,id,is_closed,is_deleted,"
    "is_excluded_from_territory_2_filter,is_won,last_activity_date,last_referenced_date,last_viewed_date,lead_source,"
    "name,next_step,owner_id,pricebook_2_id,probability,record_type_id,stage_name,synced_quote_id,territory_2_id,"
    "type,_fivetran_active",
}


@EVERY
def test_ddl_makes_the_columns_of_the_contract_and_the_load_metadata(contract):
    con = duckdb.connect()
    con.execute(contract.ddl())
    con.execute(contract.ddl())  # again: it must not fail on what exists
    made = con.execute(f"describe {contract.raw_name}").fetchall()
    expected = [(column.name, column.dtype.upper()) for column in contract.columns]
    expected += [(name, dtype.upper()) for name, dtype in METADATA_COLUMNS]
    assert [(name, dtype) for name, dtype, *_ in made] == expected


@EVERY
def test_contract_takes_no_personal_data(contract):
    assert [name for name in contract.column_names if PERSONAL.search(name)] == []


@EVERY
def test_what_identifies_a_visitor_or_a_click_enters_as_a_pseudonym(contract):
    plain = [column.name for column in contract.columns if column.pseudonym_within is None]
    assert [name for name in plain if re.search(r"user_id|pseudo_id|clid$", name)] == []


@EVERY
def test_every_column_is_described_and_every_schema_builds(contract):
    assert all(column.description.endswith(".") for column in contract.columns)
    assert list(contract.schema().columns) == list(contract.column_names)


@EVERY
def test_ids_are_text_so_that_17_digits_survive(contract):
    numeric_ids = [c.name for c in contract.columns if c.name.endswith("id") and c.dtype != "varchar"]
    assert numeric_ids == []


@pytest.mark.parametrize("source_and_table", REAL_HEADERS, ids=".".join)
def test_real_header_rows_are_known(source_and_table):
    contract = CONTRACTS[source_and_table]
    headers = [name.lower() for name in REAL_HEADERS[source_and_table].split(",")]
    assert [name for name in headers if not contract.knows(name)] == []
    assert [column.name for column in contract.columns if column.required and column.name not in headers] == []


def test_every_source_has_contracts_in_a_stable_order():
    assert {contract.source for contract in CONTRACTS.values()} == set(SOURCES)
    assert [contract.table for contract in contracts_for("google_ads")] == [
        "campaign_stats",
        "account_stats",
        "campaign_history",
        "account_history",
    ]


def test_unknown_source_suggests_the_nearest():
    with pytest.raises(ContractError, match=r"'google_adds'.*Did you mean 'google_ads'"):
        contracts_for("google_adds")


def test_contract_refuses_a_key_that_may_be_missing():
    with pytest.raises(ContractError, match=r"key columns .'id'. must be required"):
        TableContract("x", "t", "T.", columns=(Column("id", "varchar", "Id."),), key=("id",))


def test_contract_refuses_a_version_that_is_not_a_column():
    with pytest.raises(ContractError, match="updated_at"):
        TableContract(
            "x",
            "t",
            "T.",
            columns=(Column("date", "date", "Day.", nullable=False),),
            key=("date",),
            version_column="updated_at",
        )


def test_contract_refuses_a_column_both_taken_and_left_out():
    with pytest.raises(ContractError, match="both taken and left out"):
        TableContract(
            "x", "t", "T.", (Column("date", "date", "Day.", nullable=False),), ("date",), also_known=frozenset({"date"})
        )


DAY = Column("date", "date", "Day.", nullable=False)


def test_a_wildcard_stands_for_all_columns_that_begin_so_and_what_is_taken_is_taken():
    value = Column("property_value", "double", "Value.")
    contract = TableContract("x", "t", "T.", (DAY, value), ("date",), also_known=frozenset({"property_*"}))
    assert contract.column_names == ("date", "property_value")
    assert contract.knows("property_email")
    assert contract.knows("property_")
    assert not contract.knows("properties")
    # What stands behind a wildcard nobody knows: rows are guarded as beside an e-mail address.
    assert contract.export_is_personal


@pytest.mark.parametrize("wildcard", ["*", "*_name", "a*b", "property_**"])
def test_a_wildcard_that_is_none_is_refused(wildcard):
    with pytest.raises(ContractError, match=r"are no wildcards\. Write `property_\*`"):
        TableContract("x", "t", "T.", (DAY,), ("date",), also_known=frozenset({wildcard}))


@pytest.mark.parametrize(("name", "dtype"), [("Spend", "double"), ("spend", "money")])
def test_column_refuses_upper_case_and_unknown_types(name, dtype):
    with pytest.raises(ContractError):
        Column(name, dtype, "A column.")
