"""Files that lie elsewhere: S3, GCS and whatever else fsspec knows. Opened afresh, written whole, failures in words."""

from __future__ import annotations

import contextlib
import logging
import os
import uuid
from collections.abc import Iterator

import fsspec
from fsspec import AbstractFileSystem

from warehouse.errors import WarehouseError
from warehouse.redaction import redacted

# They show an object only when it is whole, and know no folders: to "make" one may make a bucket.
OBJECT_STORES = {"s3", "s3a", "gs", "gcs"}
# What each file system takes from the environment, any one of a row; the provider's own files and roles serve as well.
CREDENTIALS: dict[str, tuple[str, ...]] = {
    "s3": ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    "gs": ("GOOGLE_APPLICATION_CREDENTIALS",),
}


class UnreachableError(WarehouseError):
    """A place cannot be listed, read or written; names its address, the cause and the remedy, and no secret."""


def open_place(url: str) -> tuple[AbstractFileSystem, str]:
    """The file system of a path or URL, and the path in it; what fsspec remembers of earlier listings is forgotten.

    Raises:
        UnreachableError: no such kind of file system.
    """
    with reaching(url):
        files, path = fsspec.core.url_to_fs(url)
        files.invalidate_cache()
    if protocol_of(url) in ("gs", "gcs"):
        # It logs each retry with a traceback of its own, secrets and all; the last failure is raised anyway.
        logging.getLogger("gcsfs").setLevel(logging.CRITICAL)
    return files, path.rstrip("/")


def require_place(files: AbstractFileSystem, path: str, url: str) -> None:
    """Tell an unreachable object store from an empty folder, which fsspec answers alike.

    Raises:
        UnreachableError: no such bucket, no access, no connection.
    """
    if not is_object_store(files):
        return
    with reaching(url):
        try:
            files.ls(path)
        except FileNotFoundError:
            # A right that ends at the folder may forbid to list the bucket, which then exists.
            with contextlib.suppress(PermissionError):
                files.ls(path.split("/")[0])


@contextlib.contextmanager
def reaching(url: str) -> Iterator[None]:
    """Turn whatever a remote file system raises into one message; a local path keeps Python's own error.

    Raises:
        UnreachableError: the body failed at a URL.
    """
    try:
        yield
    except WarehouseError:
        raise
    except Exception as error:  # every file system of fsspec fails in a way of its own
        if "://" not in url:
            raise
        cause = redacted(str(error).strip().partition("\n")[0]).rstrip(".")
        # Not chained: the original message may hold a secret, and Dagster keeps every link of a chain.
        raise UnreachableError(
            f"{redacted(url)} cannot be reached: {type(error).__name__}: {cause}. {_remedy(protocol_of(url), error)}"
        ) from None


def put_whole(files: AbstractFileSystem, path: str, content: bytes) -> None:
    """Write a file so that no reader meets half of it: object stores do that, elsewhere a rename does."""
    if is_object_store(files):
        files.pipe_file(path, content)
        return
    folder, _, name = path.rpartition("/")
    # A hidden name is passed over by landing; the rename is the moment of delivery.
    beside = f"{folder}/.{name}.{os.getpid()}-{uuid.uuid4().hex[:8]}.part"
    try:
        files.pipe_file(beside, content)
        files.mv(beside, path)
    except BaseException:
        if files.exists(beside):
            files.rm_file(beside)
        raise


def make_folder(files: AbstractFileSystem, path: str) -> None:
    """Make a folder where there are folders; never a bucket, whose name may be mistyped."""
    if not is_object_store(files):
        files.makedirs(path, exist_ok=True)


def is_object_store(files: AbstractFileSystem) -> bool:
    """Whether the file system is S3 or GCS."""
    protocols = {files.protocol} if isinstance(files.protocol, str) else set(files.protocol)
    return bool(protocols & OBJECT_STORES)


def protocol_of(url: str) -> str:
    """`s3` of `s3://bucket/exports`; empty for a local path."""
    return url.split("://")[0] if "://" in url else ""


def _remedy(protocol: str, error: Exception) -> str:
    kind, text = type(error).__name__.lower(), str(error).lower()
    variables = " or ".join(CREDENTIALS.get(protocol, ()))
    if "credential" in kind or "anonymous caller" in text:
        return f"Give Mixhouse and its daemon credentials: set {variables}, or give the machine a role."
    if isinstance(error, PermissionError) or any(sign in text for sign in ("401", "403", "forbidden", "denied")):
        return "The credentials in the environment are wrong, or lack the right to list, read and write there."
    if isinstance(error, FileNotFoundError):
        return "Check the bucket's name; Mixhouse makes none."
    if isinstance(error, ImportError | ValueError):
        return "Use a local path, s3:// or gs://; other addresses need their fsspec package."
    return (
        "Check the network and, where the store is not the provider's own, AWS_ENDPOINT_URL or STORAGE_EMULATOR_HOST."
    )
