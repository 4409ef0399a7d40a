"""Fixtures of the servers: one of each for the whole session, started when a test first asks."""

from __future__ import annotations

from collections.abc import Iterator

import fsspec
import pytest

from tests.servers.object_stores import ObjectStore, start_gcs, start_s3
from tests.servers.postgres import Postgres

AWS_SECRET = "canary/AwsSecret+Key0123456789abcdefghij"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A Postgres server; tests that want its database empty take `postgres`."""
    server = Postgres.start()
    yield server
    server.stop()


@pytest.fixture
def postgres(postgres_server: Postgres) -> Postgres:
    """The server with an empty schema `public`."""
    postgres_server.run("drop schema public cascade; create schema public")
    return postgres_server


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """An S3 server; tests take `s3`."""
    server = start_s3(tmp_path_factory.mktemp("s3"))
    yield server
    server.stop()


@pytest.fixture
def s3(s3_server: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[fsspec.AbstractFileSystem]:
    """S3 with the empty bucket `exports`, reached as the environment says."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIACANARY0123456789")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", AWS_SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    s3_server.post("/moto-api/reset")
    # fsspec keeps file systems by their arguments, not by the environment that gave the rest.
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    files = fsspec.filesystem("s3")
    files.mkdir("exports")
    yield files
    fsspec.get_filesystem_class("s3").clear_instance_cache()


@pytest.fixture(scope="session")
def gcs_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """A GCS server; tests take `gcs`."""
    server = start_gcs(tmp_path_factory.mktemp("gcs"))
    yield server
    server.stop()


@pytest.fixture
def gcs(gcs_server: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[fsspec.AbstractFileSystem]:
    """GCS with the bucket `exports`, reached as the environment says."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", gcs_server.url)
    monkeypatch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
    # What FSSPEC_GS_TOKEN=anon says to a new process.
    monkeypatch.setitem(fsspec.config.conf, "gs", {"token": "anon"})
    fsspec.get_filesystem_class("gs").clear_instance_cache()
    yield fsspec.filesystem("gs")
    fsspec.get_filesystem_class("gs").clear_instance_cache()
