"""Every public export file of `../shared/data/connectors`: rows in = rows kept + quarantined, spend in = spend out.

The files hold a few rows of each table with its real header and real oddities. Rows and money are counted here by the
csv module alone, without contracts, landing or SQL. Where the files are absent, the benchmark says so and is empty.
"""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.provenance import PROJECT
from benchmarks.warehouse import pipeline
from warehouse.connection import Warehouse
from warehouse.contracts import CONTRACTS
from warehouse.landing import land_source

EXPORTS = PROJECT.parent / "shared" / "data" / "connectors"


@dataclass(frozen=True)
class Money:
    """The column of a platform's file that says what was spent, in parts of a unit of currency."""

    file: str
    column: str
    parts: int = 1


SPEND = {
    "amazon_ads": Money("campaign_level_report", "cost"),
    "facebook_ads": Money("basic_ad", "spend"),
    "google_ads": Money("campaign_stats", "cost_micros", 1_000_000),
    "linkedin_ads": Money("ad_analytics_by_campaign", "cost_in_local_currency"),
    "microsoft_ads": Money("campaign_performance_daily_report", "spend"),
    "pinterest_ads": Money("campaign_report", "spend_in_micro_dollar", 1_000_000),
    "snapchat_ads": Money("campaign_hourly_report", "spend", 1_000_000),
    "tiktok_ads": Money("campaign_report_hourly", "spend"),
}


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a file, with the money beside the platform's report; AssertionError where a row or a cent is lost.

    The seeds are ignored: the files are what they are. All currencies are worth the same here, so that money adds up.
    """
    files = sorted(EXPORTS.glob("*/*.csv"))
    if not files:
        print(f"skipped: there are no exports under {EXPORTS}")
        return pd.DataFrame({"skipped": []})
    with tempfile.TemporaryDirectory(prefix="mixhouse-bench-") as folder:
        home = Path(folder)
        rows = list(landed(home, files))
        spend = spend_in_marts(home)
    for row in rows:
        row["spend_in"] = spend_in_file(EXPORTS / str(row["source"]), str(row["table"]))
        row["spend_out"] = None if row["spend_in"] is None else spend[str(row["source"])]
    lost = [
        row
        for row in rows
        if row["rows_in"] != row["rows_kept"] + row["rows_quarantined"] or row["spend_in"] != row["spend_out"]
    ]
    assert not lost, lost
    return pd.DataFrame(rows).astype({"spend_in": float, "spend_out": float})


def landed(home: Path, files: list[Path]) -> Iterator[dict[str, object]]:
    """Land copies of the files; say of each how many rows it holds and what became of them."""
    for file in files:
        target = home / "landing" / file.parent.name / file.stem / file.name
        target.parent.mkdir(parents=True)
        shutil.copy(file, target)
    warehouse = Warehouse(home / "mixhouse.duckdb")
    reports = {
        (report.source, report.table): report
        for source in sorted({file.parent.name for file in files})
        for report in land_source(warehouse, str(home / "landing"), source, settle_seconds=0)
    }
    for file in files:
        source, table = file.parent.name, file.stem
        report = reports[source, table]
        with warehouse.read() as connection:
            [(kept,)] = connection.execute(f"select count(*) from {CONTRACTS[source, table].raw_name}").fetchall()
        yield {
            "source": source,
            "table": table,
            "rows_in": sum(1 for _ in rows_of(file)),
            # Of rows with one key the newest stays: what an export says twice is kept once.
            "rows_kept": kept + report.rows_older + report.rows_unchanged,
            "rows_quarantined": report.rows_quarantined,
        }


def spend_in_marts(home: Path) -> dict[str, Decimal]:
    """What each source spent by `int_media__daily_converted`; the mart by channel must hold the same in all.

    No test of dbt is run: a few rows of each table have no orders in a known market, and much else to warn of.
    """
    project = home / "dbt_project"
    shutil.copytree(pipeline.DBT, project, ignore=shutil.ignore_patterns("target", "logs"))
    database = home / "mixhouse.duckdb"
    with duckdb.connect(str(database)) as con:
        con.execute(
            "insert into raw_fx.rates (date, currency, reporting_currency, rate, _loaded_at) "
            "select day, currency, 'USD', 1, now() from range(date '2015-01-01', date '2027-01-01', interval 1 day) "
            "as days(day), unnest(['AUD', 'CAD', 'EUR', 'GBP']) as currencies(currency)"
        )
    seen = ("int_accounts__unioned", "int_media__daily_unioned")
    select = ("--select", *(f"+{model}" for model in seen))
    pipeline.dbt(home, "build", *select, "--exclude-resource-type", "unit_test", "test", project=project)
    with duckdb.connect(str(database), read_only=True) as con:
        accounts = con.execute(
            " union ".join(f"select source, account_id from intermediate.{model}" for model in seen)
        ).fetchall()
    with (project / "seeds" / "map_accounts.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [
                ("source", "account_id", "market", "active_from", "active_to"),
                *((*a, "US", "", "") for a in sorted(accounts)),
            ]
        )
    pipeline.dbt(
        home, "build", "--select", "+fct_media_weekly", "--exclude-resource-type", "unit_test", "test", project=project
    )
    with duckdb.connect(str(database), read_only=True) as con:
        by_source = con.execute("select source, sum(spend) from intermediate.int_media__daily_converted group by 1")
        spent = dict(by_source.fetchall())
        [(total,)] = con.execute("select sum(spend) from fct_media_weekly").fetchall()
    assert cents(total) == cents(sum(spent.values())), f"the mart holds {total}, its sources {spent}"
    return {source: cents(spend) for source, spend in spent.items()}


def spend_in_file(folder: Path, table: str) -> Decimal | None:
    """Money of a platform's report, to the cent; None for the other tables."""
    money = SPEND.get(folder.name)
    if money is None or money.file != table:
        return None
    amounts = (row[money.column] for row in rows_of(folder / f"{table}.csv"))
    return cents(sum((Decimal(amount) for amount in amounts if amount not in ("", "-")), Decimal(0)) / money.parts)


def rows_of(file: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file, by lower-case header."""
    with file.open(newline="", encoding="utf-8-sig") as opened:
        reader = csv.reader(opened)
        header = [name.strip().lower() for name in next(reader)]
        yield from (dict(zip(header, row, strict=False)) for row in reader if any(row))


def cents(amount: Decimal | float) -> Decimal:
    """Rounded to the cent."""
    return Decimal(str(amount)).quantize(Decimal("0.01"))
