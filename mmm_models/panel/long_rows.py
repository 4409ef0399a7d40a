"""Rows of `mmm_input_weekly`, checked one by one before they become arrays."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from mmm_models.errors import PanelError, did_you_mean

COLUMNS = ("week_start", "market", "role", "name", "value")


def read_rows(frame: pd.DataFrame, markets: list[str], wanted: Mapping[str, list[str]]) -> pd.DataFrame:
    """Return the wanted rows with a datetime week_start and a float value, or raise `PanelError` for the first fault.

    `wanted` maps a role to the names asked for; each must be there for each market.
    """
    for column in COLUMNS:
        if column not in frame.columns:
            raise PanelError(
                f"mmm_input_weekly lacks the column {column!r}; it has {', '.join(map(str, frame.columns))}"
                f"{did_you_mean(column, frame.columns)}."
            )
    if frame.empty:
        raise PanelError("mmm_input_weekly has no rows: land exports and build the marts first.")
    rows = frame.loc[:, list(COLUMNS)]
    _check_present(rows, markets, wanted)
    keep = rows["market"].isin(markets) & _in_wanted(rows, wanted)
    rows = rows.loc[keep].copy()
    rows["week_start"] = _weeks(rows)
    rows["value"] = _numbers(rows)
    _check_keys(rows)
    _check_values(rows)
    return rows.sort_values(["role", "name", "market", "week_start"], kind="stable").reset_index(drop=True)


def _in_wanted(rows: pd.DataFrame, wanted: Mapping[str, list[str]]) -> pd.Series:
    keep = pd.Series(False, index=rows.index)
    for role, names in wanted.items():
        keep |= (rows["role"] == role) & rows["name"].isin(names)
    return keep


def _check_present(rows: pd.DataFrame, markets: list[str], wanted: Mapping[str, list[str]]) -> None:
    known_markets = sorted(map(str, rows["market"].dropna().unique()))
    for market in markets:
        if market not in known_markets:
            raise PanelError(
                f"market {market!r} has no rows in mmm_input_weekly{did_you_mean(market, known_markets)}; "
                f"it has {', '.join(known_markets)}. Put one of these under `markets`, or map the accounts of {market}."
            )
    title = {"outcome": "outcome", "spend": "channel", "control": "control", "exposure": "exposure"}
    key = {"outcome": "outcome", "spend": "channels", "control": "controls", "exposure": "exposures"}
    for role, names in wanted.items():
        of_role = rows.loc[rows["role"] == role]
        known = sorted(map(str, of_role["name"].dropna().unique()))
        for name in names:
            of_name = of_role.loc[of_role["name"] == name]
            if of_name.empty:
                raise PanelError(
                    f"{title[role]} {name!r} has no {role} rows in mmm_input_weekly{did_you_mean(name, known)}; it has "
                    f"{', '.join(known) or 'none'}. Correct the name under `{key[role]}`, or deliver the series."
                )
            for market in markets:
                if not (of_name["market"] == market).any():
                    raise PanelError(
                        f"{title[role]} {name!r} has no rows for market {market!r} in mmm_input_weekly. Deliver it "
                        f"(with zeros where there was none), or leave out the market or the {title[role]}."
                    )


def _weeks(rows: pd.DataFrame) -> pd.Series:
    weeks = pd.to_datetime(rows["week_start"], errors="coerce")
    if weeks.isna().any():
        bad = rows.loc[weeks.isna()].iloc[0]
        raise PanelError(f"week_start {bad['week_start']!r} of {_series(bad)} is not a date; write it as 2024-01-01.")
    if getattr(weeks.dt, "tz", None) is not None:
        weeks = weeks.dt.tz_localize(None)
    weeks = weeks.dt.as_unit("ns")
    off = weeks.dt.dayofweek != 0
    if off.any():
        bad, day = rows.loc[off].iloc[0], weeks.loc[off].iloc[0]
        monday = (day - pd.Timedelta(days=day.dayofweek)).date()
        raise PanelError(
            f"week_start {day.date()} of {_series(bad)} is a {day.day_name()}; weeks start on Monday: {monday}."
        )
    return weeks


def _numbers(rows: pd.DataFrame) -> pd.Series:
    values = pd.to_numeric(rows["value"], errors="coerce").astype(np.float64)
    text = values.isna() & rows["value"].notna()
    if text.any():
        bad = rows.loc[text].iloc[0]
        raise PanelError(f"value {bad['value']!r} of {_at(bad)} is not a number.")
    return values


def _check_keys(rows: pd.DataFrame) -> None:
    key = ["week_start", "market", "role", "name"]
    twice = rows.duplicated(key, keep=False)
    if twice.any():
        first = rows.loc[twice].sort_values(key, kind="stable").iloc[0]
        same = rows.loc[(rows[key] == first[key]).all(axis=1), "value"]
        values = " and ".join(f"{value:,.6g}" for value in same)
        raise PanelError(f"{_at(first)} stands {len(same)} times in mmm_input_weekly, with {values}; keep one row.")


def _check_values(rows: pd.DataFrame) -> None:
    missing = ~np.isfinite(rows["value"])
    if missing.any():
        bad = rows.loc[missing].sort_values("week_start", kind="stable").iloc[0]
        value = "missing" if np.isnan(bad["value"]) else str(bad["value"])
        raise PanelError(
            f"{_at(bad)} is {value} ({int(missing.sum())} such rows). Deliver the value; a missing row is not a zero."
        )
    negative = rows["role"].isin(["spend", "exposure"]) & (rows["value"] < 0)
    if negative.any():
        bad = rows.loc[negative].sort_values("week_start", kind="stable").iloc[0]
        raise PanelError(
            f"{_at(bad)} is {bad['value']:,.2f} ({int(negative.sum())} such rows). {bad['role'].capitalize()} cannot "
            "be negative: book credits on the days that they correct."
        )


def _series(row: pd.Series) -> str:
    return f"{row['role']} {row['name']!r} in market {row['market']!r}"


def _at(row: pd.Series) -> str:
    return f"{_series(row)}, week {pd.Timestamp(row['week_start']).date()},"
