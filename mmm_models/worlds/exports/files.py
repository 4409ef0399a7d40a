"""One file of an export, and how it reaches the landing folder."""

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pandas as pd


@dataclass(frozen=True)
class ExportFile:
    """A table, or a part of one, as a connector delivers it: landing/<source>/<table>/<name>.<file_format>.

    Of a CSV, `stamp` is the strftime format of days and moments (None: as short as the column allows), and
    `byte_order_mark` puts the three bytes at its start with which some tools say that it is UTF-8.
    """

    source: str
    table: str
    name: str
    frame: pd.DataFrame
    file_format: Literal["csv", "parquet"] = "csv"
    stamp: str | None = None
    byte_order_mark: bool = False

    @property
    def path(self) -> Path:
        """Path below the landing folder."""
        return Path(self.source) / self.table / f"{self.name}.{self.file_format}"

    def renamed(self, name: str) -> "ExportFile":
        """The same content under another name."""
        return replace(self, name=name)


def write_file(landing: Path, file: ExportFile, delivered_at: pd.Timestamp) -> Path:
    """Write one file, complete before it appears under its name; its modification time is `delivered_at` (UTC).

    The stamp belongs to the world, not to the wall clock: the same world gives the same files, and a landing
    step that leaves young files alone sees a delivery that has settled.
    """
    target = landing / file.path
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".part")
    if file.file_format == "parquet":
        file.frame.to_parquet(partial, index=False)
    else:
        encoding = "utf-8-sig" if file.byte_order_mark else "utf-8"
        file.frame.to_csv(partial, index=False, lineterminator="\n", date_format=file.stamp, encoding=encoding)
    seconds = delivered_at.timestamp()
    os.utime(partial, (seconds, seconds))
    shutil.move(partial, target)
    return target
