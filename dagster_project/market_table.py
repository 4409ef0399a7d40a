"""`main.dim_market` of a file that no warehouse made: what the terminal needs to name the currency."""

import duckdb
import pandas as pd


def write_markets(connection: duckdb.DuckDBPyConnection, markets: list[str], currency: str) -> None:
    """Make the table of a model's markets."""
    connection.register("markets", pd.DataFrame({"market": markets, "reporting_currency": currency}))
    connection.execute("create table main.dim_market as select * from markets")
    connection.execute("comment on table main.dim_market is 'Markets of the model and the currency of spend.'")
    connection.unregister("markets")
