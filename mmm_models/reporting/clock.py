"""Moments as the result tables store them: UTC, without a zone, to the second."""

import pandas as pd


def utc_now() -> pd.Timestamp:
    """Now."""
    return as_utc(pd.Timestamp.now(tz="UTC"))


def as_utc(moment: pd.Timestamp | str) -> pd.Timestamp:
    """A moment or its ISO text; one without a zone is taken as UTC."""
    moment = pd.Timestamp(moment)
    return (moment if moment.tz is None else moment.tz_convert("UTC").tz_localize(None)).floor("s")
