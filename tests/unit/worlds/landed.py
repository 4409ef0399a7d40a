"""Delivered files as their rules say they are to be read, and nothing of the writer's."""

from pathlib import Path

import pandas as pd

from mmm_models.worlds.simulate import World

type Delivered = tuple[World, Path]
type Cents = dict[tuple[str, str], int]  # (market, day) -> cents


def read(landing: Path, source: str, table: str) -> pd.DataFrame:
    """All files of a table, in the order of their names, with lower-case columns."""
    files = sorted((landing / source / table).iterdir())
    frames = [pd.read_parquet(f) if f.suffix == ".parquet" else pd.read_csv(f, encoding="utf-8-sig") for f in files]
    return pd.concat([f.rename(columns=str.lower) for f in frames], ignore_index=True)


def newest(frame: pd.DataFrame, key: list[str], version: str = "_fivetran_synced") -> pd.DataFrame:
    return frame.sort_values(version, kind="stable").drop_duplicates(key, keep="last")
