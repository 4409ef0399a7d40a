"""Finds landed files through fsspec, leaves alone those still being written, and copies one here while hashing it."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from warehouse import remote
from warehouse.errors import FileRejectedError

UNFINISHED_SUFFIXES = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".inprogress", ".filepart")
# What the reader of a file is called, by the file's ending.
READERS = {".csv": "csv", ".csv.gz": "csv", ".parquet": "parquet", ".yaml": "yaml", ".yml": "yaml"}
_CHUNK_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class LandedFile:
    """One file below the landing folder; `name` is its path relative to that folder.

    `etag` is what an object store calls the content: its times are whole seconds, too coarse to show a change.
    """

    name: str
    path: str
    size: int
    modified: dt.datetime | None
    is_settled: bool
    etag: str | None = None

    @property
    def stamp(self) -> str:
        """Name, size, time and etag: another one is another content."""
        return f"{self.name}|{self.size}|{self.modified}|{self.etag or ''}"

    @property
    def format(self) -> str | None:
        """`csv`, `parquet`, `yaml`, or None for anything else."""
        lowered = self.name.lower()
        return next((reader for ending, reader in READERS.items() if lowered.endswith(ending)), None)

    def readable_format(self) -> str:
        """`csv`, `parquet` or `yaml`.

        Raises:
            FileRejectedError: Anything else.
        """
        if self.format is None:
            raise FileRejectedError(
                "the format is not one that can be read.",
                remedy=f"Deliver one of: {', '.join(READERS)}.",
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
    """The landing folder behind a URL of any fsspec file system.

    Every method raises UnreachableError where a URL cannot be reached.
    """

    files: Any
    root: str
    url: str

    @classmethod
    def at(cls, landing_url: str) -> LandingFolder:
        """Open the folder; it need not exist yet, its bucket must."""
        files, root = remote.open_place(landing_url)
        remote.require_place(files, root, landing_url)
        return cls(files, root, landing_url)

    def folders(self, *parts: str) -> list[str]:
        """Names of the folders directly below, sorted."""
        return self._names("directory", *parts)

    def loose_files(self, *parts: str) -> list[str]:
        """Names of the files directly below, sorted: where only folders are expected, nobody would read them."""
        return self._names("file", *parts)

    def _names(self, kind: str, *parts: str) -> list[str]:
        path = "/".join([self.root, *parts])
        with remote.reaching(self.url):
            entries = self.files.ls(path, detail=True) if self.files.isdir(path) else []
        names = (PurePosixPath(entry["name"]).name for entry in entries if entry["type"] == kind)
        return sorted(name for name in names if not name.startswith((".", "_")))

    def list(self, *parts: str, settle_seconds: float, now: dt.datetime) -> list[LandedFile]:
        """Files at any depth below a folder, in order of arrival: by time of change, then by name.

        Hidden files and markers such as `_SUCCESS` are passed over.
        """
        path = "/".join([self.root, *parts])
        with remote.reaching(self.url):
            found = self.files.find(path, detail=True) if self.files.isdir(path) else {}
        landed = [self._describe(full, info, settle_seconds, now) for full, info in found.items()]
        wanted = [file for file in landed if not PurePosixPath(file.name).name.startswith((".", "_", "~$"))]
        earliest = dt.datetime.min.replace(tzinfo=dt.UTC)
        return sorted(wanted, key=lambda file: (file.modified or earliest, file.name))

    def copy(self, file: LandedFile, folder: Path) -> LocalCopy:
        """Copy a file into a local folder, decompressed, in bounded memory.

        Raises:
            FileRejectedError: The bytes cannot be read or decompressed.
        """
        with remote.reaching(self.url):
            try:
                return self._copy(file, folder / "landed")
            except (OSError, EOFError, zlib.error) as error:
                if remote.protocol_of(self.url) and not isinstance(error, gzip.BadGzipFile | EOFError | zlib.error):
                    raise  # the way to the file is broken, not the file
                raise FileRejectedError(
                    f"cannot be read: {type(error).__name__}: {error}.",
                    remedy="Deliver the file again.",
                    file=file.name,
                ) from error

    def copy_unless_changed(self, file: LandedFile, folder: Path) -> LocalCopy | None:
        """Copy a file; None if a writer came back to it meanwhile, so that it must wait.

        Raises:
            FileRejectedError: The bytes cannot be read or decompressed.
        """
        try:
            copy = self.copy(file, folder)
        except (FileRejectedError, remote.UnreachableError):
            # Object stores break off a read when the object is replaced.
            if self.is_unchanged(file):
                raise
            return None
        return copy if self.is_unchanged(file) else None

    def is_unchanged(self, file: LandedFile) -> bool:
        """Whether the file still is what was listed: a writer may have come back to it while it was copied."""
        with remote.reaching(self.url):
            # Otherwise fsspec answers from the listing of an object store that it remembers.
            self.files.invalidate_cache(file.path)
            try:
                info = self.files.info(file.path)
            except FileNotFoundError:
                return False
        return (info["size"], _modified(info), _etag(info)) == (file.size, file.modified, file.etag)

    def _copy(self, file: LandedFile, target: Path) -> LocalCopy:
        digest, size, lines, last = hashlib.sha256(), 0, 0, b"\n"
        with self.files.open(file.path, "rb", compression="infer") as source, target.open("wb") as sink:
            while chunk := source.read(_CHUNK_BYTES):
                digest.update(chunk)
                sink.write(chunk)
                size += len(chunk)
                lines += chunk.count(b"\n")
                last = chunk[-1:]
        return LocalCopy(target, digest.hexdigest(), size, lines + (last != b"\n"))

    def _describe(self, path: str, info: dict[str, Any], settle_seconds: float, now: dt.datetime) -> LandedFile:
        modified = _modified(info)
        is_old_enough = modified is None or (now - modified).total_seconds() >= settle_seconds
        return LandedFile(
            name=path.removeprefix(self.root).lstrip("/"),
            path=path,
            size=int(info.get("size") or 0),
            modified=modified,
            is_settled=is_old_enough and not path.lower().endswith(UNFINISHED_SUFFIXES),
            etag=_etag(info),
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


def _etag(info: dict[str, Any]) -> str | None:
    return info.get("ETag") or info.get("etag")
