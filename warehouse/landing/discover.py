"""Finds landed files through fsspec, leaves alone those still being written, and copies one here while hashing it."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec

from warehouse.errors import FileRejectedError

UNFINISHED_SUFFIXES = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".inprogress", ".filepart")
FORMATS = (".csv", ".csv.gz", ".parquet")
_CHUNK_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class LandedFile:
    """One file below the landing folder; `name` is its path relative to that folder."""

    name: str
    path: str
    size: int
    modified: dt.datetime | None
    is_settled: bool

    @property
    def format(self) -> str | None:
        """`csv`, `parquet`, or None for anything else."""
        lowered = self.name.lower()
        if lowered.endswith((".csv", ".csv.gz")):
            return "csv"
        return "parquet" if lowered.endswith(".parquet") else None

    def readable_format(self) -> str:
        """`csv` or `parquet`.

        Raises:
            FileRejectedError: Anything else.
        """
        if self.format is None:
            raise FileRejectedError(
                "the format is not one that can be read.",
                remedy=f"Deliver one of: {', '.join(FORMATS)}.",
                file=self.name,
            )
        return self.format


@dataclass(frozen=True)
class LocalCopy:
    """A file as it was at one moment: decompressed, hashed, its line ends counted."""

    path: Path
    sha256: str
    size: int
    line_count: int


@dataclass(frozen=True)
class LandingFolder:
    """The landing folder behind a URL of any fsspec file system."""

    files: Any
    root: str

    @classmethod
    def at(cls, landing_url: str) -> LandingFolder:
        """Open the folder; it need not exist yet."""
        files, root = fsspec.core.url_to_fs(landing_url)
        # Listings of object stores are cached by fsspec; a sensor must see what arrived since.
        files.invalidate_cache()
        return cls(files, root.rstrip("/"))

    def folders(self, *parts: str) -> list[str]:
        """Names of the folders directly below, sorted."""
        return self._names("directory", *parts)

    def loose_files(self, *parts: str) -> list[str]:
        """Names of the files directly below, sorted: where only folders are expected, nobody would read them."""
        return self._names("file", *parts)

    def _names(self, kind: str, *parts: str) -> list[str]:
        path = "/".join([self.root, *parts])
        if not self.files.isdir(path):
            return []
        entries = self.files.ls(path, detail=True)
        names = (PurePosixPath(entry["name"]).name for entry in entries if entry["type"] == kind)
        return sorted(name for name in names if not name.startswith((".", "_")))

    def list(self, *parts: str, settle_seconds: float, now: dt.datetime) -> list[LandedFile]:
        """Files at any depth below a folder, in order of arrival: by time of change, then by name.

        Hidden files and markers such as `_SUCCESS` are passed over.
        """
        path = "/".join([self.root, *parts])
        if not self.files.isdir(path):
            return []
        found = self.files.find(path, detail=True)
        landed = [self._describe(full, info, settle_seconds, now) for full, info in found.items()]
        wanted = [file for file in landed if not PurePosixPath(file.name).name.startswith((".", "_", "~$"))]
        earliest = dt.datetime.min.replace(tzinfo=dt.UTC)
        return sorted(wanted, key=lambda file: (file.modified or earliest, file.name))

    def copy(self, file: LandedFile, folder: Path) -> LocalCopy:
        """Copy a file into a local folder, decompressed, in bounded memory.

        Raises:
            FileRejectedError: The bytes cannot be read or decompressed.
        """
        target = folder / "landed"
        digest, size, lines, last = hashlib.sha256(), 0, 0, b"\n"
        try:
            with self.files.open(file.path, "rb", compression="infer") as source, target.open("wb") as sink:
                while chunk := source.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    sink.write(chunk)
                    size += len(chunk)
                    lines += chunk.count(b"\n")
                    last = chunk[-1:]
        except (OSError, EOFError) as error:
            raise FileRejectedError(
                f"cannot be read: {type(error).__name__}: {error}.", remedy="Deliver the file again.", file=file.name
            ) from error
        return LocalCopy(target, digest.hexdigest(), size, lines + (last != b"\n"))

    def is_unchanged(self, file: LandedFile) -> bool:
        """Whether the file still is what was listed: a writer may have come back to it while it was copied."""
        info = self.files.info(file.path)
        return info["size"] == file.size and _modified(info) == file.modified

    def _describe(self, path: str, info: dict[str, Any], settle_seconds: float, now: dt.datetime) -> LandedFile:
        modified = _modified(info)
        is_old_enough = modified is None or (now - modified).total_seconds() >= settle_seconds
        return LandedFile(
            name=path.removeprefix(self.root).lstrip("/"),
            path=path,
            size=int(info.get("size") or 0),
            modified=modified,
            is_settled=is_old_enough and not path.lower().endswith(UNFINISHED_SUFFIXES),
        )


def _modified(info: dict[str, Any]) -> dt.datetime | None:
    """Time of the last change; every file system of fsspec names it otherwise, some do not know it."""
    for key in ("mtime", "LastModified", "last_modified", "updated", "modified", "created"):
        value = info.get(key)
        if isinstance(value, int | float):
            return dt.datetime.fromtimestamp(value, dt.UTC)
        if isinstance(value, str):
            value = dt.datetime.fromisoformat(value)
        if isinstance(value, dt.datetime):
            return value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    return None
