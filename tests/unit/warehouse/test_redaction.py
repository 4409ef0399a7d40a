"""No secret survives, in whatever spelling a library writes it; and the rest of a message does."""

import pytest

from warehouse.redaction import redacted

PASSWORD = "p@ss/w:rd%41 'x"  # every sign that a URL or a key=value string spells otherwise
ENCODED = "p%40ss%2Fw%3Ard%2541%20%27x"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


@pytest.mark.parametrize(
    "message",
    [
        f'Unable to connect to Postgres at "postgresql://shop:{ENCODED}@db:5432/shop": refused',
        "Unable to connect at postgresql://shop:p@ss/w:rd@db:5432/shop",
        "IO Error: \"host=db user=shop password='p@ss/w:rd%41 \\'x' dbname=shop\"",
        "host=db password=hunter2hunter2 dbname=shop",
        'connection string "user=shop PASSWORD = hunter2hunter2"',
        '{"password": "hunter2hunter2", "user": "shop"}',
        "{'aws_secret_access_key': 'hunter2hunter2'}",
        "md:shop?motherduck_token=hunter2hunter2",
        "https://b.s3.amazonaws.com/k?X-Amz-Credential=hunter2hunter2%2F2024&X-Amz-Signature=hunter2hunter2&a=1",
        "Authorization: Bearer hunter2hunter2.abc-def",
        "Authorization: Basic aHVudGVyMmh1bnRlcjI=hunter2hunter2",
        "AWS4-HMAC-SHA256 Credential=hunter2hunter2/20240101/us-east-1/s3/aws4_request, Signature=hunter2hunter2",
        "https://storage.googleapis.com/?access_token=hunter2hunter2",
        "-----BEGIN PRIVATE KEY-----\nhunter2hunter2\nhunter2hunter2\n-----END PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2hunter2 (cut off",
        '"private_key": "hunter2hunter2"',
        "mysql://root:hunter2hunter2@127.0.0.1/shop and again mysql://root:hunter2hunter2@127.0.0.1/shop",
    ],
)
def test_text_of_the_form_of_a_secret_is_hidden_whoever_holds_it(message):
    shown = redacted(message, {})
    assert "***" in shown
    assert not any(secret in shown for secret in ("hunter2", "p@ss", "p%40ss", "w:rd", "w%3Ard"))


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"AWS_SECRET_ACCESS_KEY": SECRET}, f"The request signature we calculated does not match: {SECRET} (string)"),
        ({"AWS_SECRET_ACCESS_KEY": SECRET}, "calculated wJalrXUtnFEMI%2FK7MDENG%2BbPxRfiCYEXAMPLEKEY"),
        ({"AWS_SESSION_TOKEN": "FwoGZXIvYXdzEBY"}, "<Token-0>FwoGZXIvYXdzEBY</Token-0>"),
        ({"SHOP_DATABASE_URL": f"postgresql://shop:{ENCODED}@db/shop"}, f"tried {PASSWORD!s} and failed"),
        ({"SHOP_DATABASE_URL": f"postgresql://shop:{ENCODED}@db/shop"}, f"tried {ENCODED} and failed"),
        ({"SHOP": "host=db password='p@ss/w:rd%41 \\'x' user=shop"}, f"tried {PASSWORD} and failed"),
        ({"SHOP": "host=db password='p@ss/w:rd%41 \\'x' user=shop"}, "tried p@ss/w:rd%41 \\'x and failed"),
        ({"WAREHOUSE": "mysql://root:p%40ssw0rd@db/shop"}, "tried p@ssw0rd and p%40ssw0rd"),
        ({"MIXHOUSE_ALERT_WEBHOOK": "https://hooks.example.com/T0/B0/XXXXXX"}, "POST https://hooks.example.com/T0/B0/XXXXXX"),
        ({"motherduck_token": "eyJhbGciOi"}, "token eyJhbGciOi is no token"),
        ({"MIXHOUSE_PG_PASSWORD": "geheim!?"}, "FATAL: geheim!? rejected"),
    ],
)  # fmt: skip
def test_secret_of_the_environment_is_hidden_wherever_it_stands(environ, message):
    shown = redacted(message, environ)
    assert "***" in shown
    for secret in (*environ.values(), PASSWORD, ENCODED, "p@ssw0rd", "p%40ssw0rd", "p@ss/w", "FEMI%2FK7"):
        assert secret not in shown


@pytest.mark.parametrize(
    "message",
    [
        "s3://exports/landing cannot be reached: FileNotFoundError: The specified bucket does not exist.",
        'connection to server at "127.0.0.1", port 5432 failed: FATAL: password authentication failed for user "shop"',
        "fx/rates/a.csv line 3 column 'rate': 'oops' is not a number.",
        "Check user and password in SHOP_DATABASE_URL.",
        "No file /etc/google/key.json: set GOOGLE_APPLICATION_CREDENTIALS.",
        "https://docs.example.com/page: 404",
        "team@example.org wrote",
    ],
)
def test_message_without_a_secret_stays_as_it_is(message):
    environ = {"GOOGLE_APPLICATION_CREDENTIALS": "/etc/google/key.json", "AWS_SECRET_ACCESS_KEY": SECRET, "API_KEY": ""}
    assert redacted(message, environ) == message


def test_a_short_value_does_not_take_words_out_of_every_message():
    assert redacted("no rows on day 1", {"SECRET_MODE": "on"}) == "no rows on day 1"


def test_an_error_is_taken_as_its_message():
    assert redacted(ValueError("password=hunter2hunter2"), {}) == "password=***"
