"""The `mixhouse` command with bad input: status 2 and one clear message, never a traceback."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dagster_project.cli import app
from warehouse.contracts import CONTRACTS

SPEC = "model: mine\noutcome: revenue\nmarkets: [US]\nchannels: [search, tv]\n"
CSV = "week,revenue,search_spend\n2024-01-01,100,10\n2024-01-08,110,12\n"
MAPPING = "date: week\nmarket: US\ncurrency: USD\noutcome: {revenue: revenue}\nspend: {search: search_spend}\n"


def mixhouse(*arguments: object):
    # A width that no sentence reaches, so that messages are not broken into lines.
    return CliRunner(env={"COLUMNS": "400"}).invoke(app, [str(argument) for argument in arguments])


def refused(done) -> str:
    """The message of a command that refused its input."""
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    assert done.stderr.count("✗") == 1
    return done.stderr


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_running_an_unknown_model_names_those_that_exist(home):
    message = refused(mixhouse("run", "--model", "retial"))
    assert "No model retial. This installation has: retail, retail_de." in message


def test_a_good_spec_is_confirmed(home, tmp_path):
    done = mixhouse("model", "check", write(tmp_path, "mine.yaml", SPEC))
    assert done.exit_code == 0
    assert "mine: 2 channels, markets US" in done.stdout


def test_a_typo_in_a_spec_names_file_key_and_the_right_key(home, tmp_path):
    message = refused(mixhouse("model", "check", write(tmp_path, "mine.yaml", SPEC + "controlls: [holidays]\n")))
    assert "mine.yaml: unknown key 'controlls' (did you mean 'controls'?)" in message


def test_a_spec_that_is_not_there_is_named(home, tmp_path):
    assert "absent.yaml" in refused(mixhouse("model", "check", tmp_path / "absent.yaml"))


def test_a_bad_spec_is_not_added(home, tmp_path):
    refused(mixhouse("model", "add", write(tmp_path, "mine.yaml", SPEC + "trend: cubic\n")))
    assert not list(home.models.iterdir())


def test_an_added_model_stands_in_the_list(home, tmp_path):
    assert mixhouse("model", "add", write(tmp_path, "any_name.yaml", SPEC)).exit_code == 0
    listed = mixhouse("model", "list").stdout
    assert [line.split()[0] for line in listed.splitlines()] == ["retail", "retail_de", "mine"]
    assert str(home.models / "mine.yaml") in listed


def test_a_weekly_csv_without_a_mapped_column_names_column_and_nearest(home, tmp_path):
    file = write(tmp_path, "weeks.csv", CSV.replace("search_spend", "search_spent"))
    mapping = write(tmp_path, "mapping.yaml", MAPPING)
    message = refused(mixhouse("csv", "add", file, "--mapping", mapping, "--name", "mine"))
    assert "weeks.csv" in message
    assert "'search_spend'" in message
    assert "'search_spent'" in message
    assert not list(Path(home.landing).rglob("*.csv"))


def test_a_weekly_csv_with_text_in_a_number_names_line_and_value(home, tmp_path):
    file = write(tmp_path, "weeks.csv", CSV.replace("110", "lots"))
    mapping = write(tmp_path, "mapping.yaml", MAPPING)
    message = refused(mixhouse("csv", "add", file, "--mapping", mapping, "--name", "mine"))
    assert "line 3" in message
    assert "'lots' is not a number" in message


def test_a_good_weekly_csv_lies_under_landing_with_its_mapping(home, tmp_path):
    file, mapping = write(tmp_path, "weeks.csv", CSV), write(tmp_path, "mapping.yaml", MAPPING)
    assert mixhouse("csv", "add", file, "--mapping", mapping, "--name", "mine").exit_code == 0
    folder = Path(home.landing) / "weekly_csv" / "mine"
    assert sorted(path.name for path in folder.iterdir()) == ["mapping.yaml", "weeks.csv"]


@pytest.mark.parametrize("verb", ["returns", "plan", "agenda"])
def test_asking_before_anything_is_published_says_what_to_run(home, verb):
    message = refused(mixhouse(verb, "retail"))
    assert f"{home.published} does not exist yet. Run `make demo` or `mixhouse run` first." in message


@pytest.mark.parametrize("verb", ["returns", "plan", "agenda"])
def test_asking_for_a_model_that_published_nothing_says_which_did(home, verb):
    import duckdb

    from warehouse.results import ensure_results

    with duckdb.connect(str(home.published)) as connection:
        ensure_results(connection)
        connection.execute("create table main.dim_market as select 'USD' as reporting_currency")
        connection.execute("insert into results.model_runs (run_id, model) values ('r', 'retail_de')")
    assert "of model 'retail'. It has: retail_de." in refused(mixhouse(verb, "retail"))


@pytest.mark.parametrize(
    ("outcome", "head", "contribution"), [("leads", "leads per USD", "1.20k"), ("pipeline", "ROAS", "$1.20k")]
)
def test_returns_are_in_money_only_where_the_outcome_is(home, outcome, head, contribution):
    import duckdb

    from warehouse.results import ensure_results

    with duckdb.connect(str(home.published)) as connection:
        ensure_results(connection)
        connection.execute("create table main.dim_market as select 'USD' as reporting_currency")
        connection.execute(
            "insert into results.model_runs (run_id, model, kind, role, outcome, created_at) "
            "values ('r', 'b2b', 'calibrated_fit', 'champion', ?, now())",
            [outcome],
        )
        connection.execute(
            "insert into results.channel_returns (run_id, market, channel, window_name, spend, contribution_mean, "
            "roas_mean, roas_p05, roas_p95, mroas_mean, mroas_p05, mroas_p95) "
            "values ('r', 'US', 'search', 'all', 60000, 1200, 0.02, 0.01, 0.03, 0.02, 0.01, 0.03)"
        )
    shown = mixhouse("returns", "b2b").stdout
    assert f" {head} " in shown
    assert f" {contribution} " in shown
    assert " $60.0k " in shown


RATES = "date,currency,reporting_currency,rate\n2024-01-01,EUR,USD,1.1\n"


def test_every_table_that_can_be_landed_is_listed(home):
    done = mixhouse("connector", "list")
    assert done.exit_code == 0
    assert all(f"{contract.full_name} " in done.stdout for contract in CONTRACTS.values())


def test_a_template_can_be_filled_and_checked(home, tmp_path):
    assert mixhouse("connector", "template", "fx", "--out", tmp_path).exit_code == 0
    path = tmp_path / "fx" / "rates" / "rates.csv"
    assert path.read_text() == RATES.splitlines()[0] + "\n"
    path.write_text(RATES)
    done = mixhouse("connector", "check", path)
    assert done.exit_code == 0
    assert "fx.rates: 1 rows read, 1 would be loaded, 0 would go to quarantine." in done.stdout


def test_a_template_is_never_written_over_a_file(home, tmp_path):
    mixhouse("connector", "template", "fx.rates", "--out", tmp_path)
    assert "rates.csv is there already" in refused(mixhouse("connector", "template", "fx.rates", "--out", tmp_path))


@pytest.mark.parametrize(
    ("name", "said"),
    [("fxx", "Did you mean 'fx'?"), ("fx.rate", "Did you mean 'fx.rates'?"), ("weekly_csv", "mixhouse csv add")],
)
def test_a_template_of_what_has_none_says_so(home, tmp_path, name, said):
    assert said in refused(mixhouse("connector", "template", name, "--out", tmp_path))


def test_a_bad_export_ends_with_status_1_and_every_problem(home, tmp_path):
    done = mixhouse("connector", "check", write(tmp_path, "rates.csv", RATES + "2024-01-02,EURO,USD,1\n" * 25))
    assert done.exit_code == 1
    assert "rates.csv line 3 column 'currency': currency 'EURO'" in done.stdout
    assert "and 5 more problems." in done.stdout
    assert "26 rows read, 1 would be loaded, 25 would go to quarantine." in done.stdout


@pytest.mark.parametrize(("name", "text"), [("rate.csv", None), ("any.csv", "a,b\n1,2\n"), ("fx.rates.txt", "x")])
def test_an_export_that_cannot_be_checked_is_refused(home, tmp_path, name, text):
    path = write(tmp_path, name, text) if text else tmp_path / name
    assert name in refused(mixhouse("connector", "check", path))


def test_generating_again_writes_nothing(home):
    assert mixhouse("connector", "generate").stdout == ""


def test_databases_are_listed_and_one_is_checked_without_reading_a_row(home, postgres, monkeypatch):
    monkeypatch.setenv("SHOP_DATABASE_URL", postgres.url)
    postgres.run(
        "create table shops (id bigint, currency text, iana_timezone text, owner_email text, updated_at timestamptz)"
    )
    tables = "{from: public.shops, into: shopify.shop, changed: updated_at}"
    (home.databases / "shop.yaml").write_text(f"attach: postgres\naddress: SHOP_DATABASE_URL\ntables: [{tables}]\n")
    assert "shop  public.shops -> shopify.shop: rows by updated_at" in mixhouse("database", "list").stdout
    before = postgres.copies()
    said = mixhouse("database", "check", "shop").stdout
    assert 'asks: select "id" as "id", "currency" as "currency"' in said
    assert "stays there: owner_email" in said
    assert "not there, so null: country_code, domain" in said
    assert postgres.copies() == before


def test_an_unknown_database_is_named_with_the_nearest_and_a_broken_one_with_its_mistake(home):
    assert "docs/data.md shows" in refused(mixhouse("database", "check", "shop"))
    (home.databases / "shop.yaml").write_text(
        "attach: sqlite\naddress: SHOP_FILE\ntables: [{from: shops, into: shopify.shop}]\n"
    )
    (home.databases / "crm.yaml").write_text("attach: oracle\n")
    assert "Did you mean 'shop'?" in refused(mixhouse("database", "check", "shoop"))
    assert "key 'attach': Mixhouse reads" in refused(mixhouse("database", "check", "crm"))
    assert "SHOP_FILE is not set" in refused(mixhouse("database", "check", "shop"))
    assert "crm.yaml" in refused(mixhouse("database", "list"))


def test_a_weekly_csv_is_added_to_s3(home, tmp_path, s3, monkeypatch):
    monkeypatch.setenv("MIXHOUSE_LANDING", "s3://exports/landing")
    file, mapping = write(tmp_path, "weeks.csv", CSV), write(tmp_path, "mapping.yaml", MAPPING)
    said = mixhouse("csv", "add", file, "--mapping", mapping, "--name", "mine").stdout
    assert "s3://exports/landing/weekly_csv/mine/weeks.csv" in said
    assert s3.cat_file("exports/landing/weekly_csv/mine/weeks.csv") == CSV.encode()
    monkeypatch.setenv("MIXHOUSE_LANDING", "s3://exprots/landing")
    message = refused(mixhouse("csv", "add", file, "--mapping", mapping, "--name", "mine"))
    assert "s3://exprots/landing cannot be reached" in message


def test_a_sample_is_not_written_to_a_url(home, monkeypatch):
    monkeypatch.setenv("MIXHOUSE_LANDING", "s3://exports/landing")
    assert "MIXHOUSE_LANDING is a URL. Unset it" in refused(mixhouse("sample", "write"))


def test_holidays_of_the_markets_are_written_into_the_landing_folder(home):
    done = mixhouse("holidays", "write", "--from", 2024, "--to", 2024)
    assert done.exit_code == 0, done.output
    written = Path(home.landing) / "holidays" / "public_holiday" / "public_holiday.csv"
    assert "DE,2024-10-03,German Unity Day," in written.read_text()
    assert "US, DE, 2024 to 2024" in done.stdout


def test_years_of_holidays_in_the_wrong_order_are_refused(home):
    assert "--from 2025 is after --to 2024. Swap them." in refused(
        mixhouse("holidays", "write", "--from", 2025, "--to", 2024)
    )
