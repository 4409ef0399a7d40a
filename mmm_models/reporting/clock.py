"""The one place where reporting reads the clock."""

import pandas as pd


def utc_now() -> pd.Timestamp:
    """Now in UTC, without a zone and to the second, as the result tables store it."""
    return pd.Timestamp.now(tz="UTC").tz_localize(None).floor("s")
