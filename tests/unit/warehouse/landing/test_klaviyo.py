"""Klaviyo's events bring any number of columns about a person: none of them enters, and none is worth a warning."""

import shutil

import pytest

from tests.leaks import leaks

HEADER = "id,person_id,campaign_id,flow_id,uuid,datetime,timestamp,_fivetran_deleted,metric_id,type,_variation,"
PROPERTIES = "property_value,property_email,property_recipient_name,property_a_shop_made_this_up,_fivetran_synced\n"
AT = "2024-03-04 20:02:45.000"
# A message, one that belongs to nothing, an order that the first brought, and one that was deleted.
ROWS = f"""3gBN,canaryP,LyZ7,,6a37,{AT},{AT},FALSE,Q4q6,Received Email,H2Qz,15,canary@example.org,canary c,canary,{AT}
4gBN,canaryP,,,6a38,{AT},{AT},FALSE,Q4q6,Received Email,,,canary@example.org,canary c,"{{""to"": ""canary""}}",{AT}
5gBN,canaryP,,,6a38,{AT},{AT},FALSE,Pl4c,Placed Order,,49.90,canary@example.org,canary c,,{AT}
6gBN,canaryP,,fl0w,6a39,{AT},{AT},TRUE,Q4q6,Received Email,,,canary@example.org,canary c,,{AT}
"""


def test_every_event_loads_and_nothing_of_the_person(landing):
    landing.put("klaviyo/event/a.csv", HEADER + PROPERTIES + ROWS)
    report = landing.land("klaviyo", "event")
    assert (report.rows_read, report.rows_merged, report.rows_quarantined) == (4, 4, 0)
    assert report.is_clean, report.messages
    assert landing.rows("select id, campaign_id, flow_id, metric_id, _fivetran_deleted from raw_klaviyo.event") == [
        ("3gBN", "LyZ7", None, "Q4q6", False),
        ("4gBN", None, None, "Q4q6", False),
        ("5gBN", None, None, "Pl4c", False),
        ("6gBN", None, "fl0w", "Q4q6", True),
    ]
    home = landing.folder.parent
    shutil.rmtree(landing.folder)
    assert leaks(["Q4q6"], home)  # the search finds what is kept
    assert leaks(["canary"], home) == []


def test_an_id_that_looks_like_a_rounded_number_is_none_and_a_rounded_number_is_no_id(landing):
    landing.put("klaviyo/campaign/a.csv", "id,name\n3E7685,Spring\n01GDDKASAP8TKDDA2GRZDSVP4H,Summer\n3.7E+16,Autumn\n")
    report = landing.land("klaviyo", "campaign")
    assert (report.rows_read, report.rows_merged, report.rows_quarantined) == (3, 2, 1)
    [(line, column, *_, reason, _)] = landing.quarantine()
    assert (line, column, reason) == (4, "id", "id '3.7E+16' is no Klaviyo id.")


@pytest.mark.parametrize(
    ("cell", "told"),
    [("canary@example.org", "campaign_id holds an e-mail address."), ("canary c", "campaign_id holds several words.")],
)
def test_a_person_that_slipped_into_a_column_that_is_taken_is_refused(landing, cell, told):
    landing.put("klaviyo/event/a.csv", HEADER + PROPERTIES + ROWS.replace(",LyZ7,", f",{cell},", 1))
    report = landing.land("klaviyo", "event")
    assert (report.rows_read, report.rows_merged, report.rows_quarantined) == (4, 3, 1)
    assert told in {reason for *_, reason, _ in landing.quarantine()}
