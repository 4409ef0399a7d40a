"""S3 and GCS as local servers that speak the real protocols over HTTP."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from tests.servers.ports import free_port, listens, wait_for


@dataclass
class ObjectStore:
    """A running server and where it listens."""

    process: subprocess.Popen
    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """End the server; its objects were in memory."""
        self.process.kill()
        self.process.wait(10)

    def post(self, path: str, body: bytes = b"") -> None:
        """Tell the server something that is no part of the protocol, such as to forget everything."""
        request = urllib.request.Request(self.url + path, body, {"Content-Type": "text/plain"}, method="POST")
        urllib.request.urlopen(request, timeout=10).close()


def start_s3(folder: Path) -> ObjectStore:
    """moto's server."""
    return _start(folder / "s3.log", "moto.server", "-H", "127.0.0.1", "-p")


def start_gcs(folder: Path) -> ObjectStore:
    """The GCS emulator, with the bucket `exports`."""
    return _start(
        folder / "gcs.log",
        *(
            "gcp_storage_emulator",
            "start",
            "--in-memory",
            "--default-bucket",
            "exports",
            "--host",
            "127.0.0.1",
            "--port",
        ),
    )


def _start(log: Path, module: str, *arguments: str) -> ObjectStore:
    port = free_port()
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments, str(port)], stdout=output, stderr=output, cwd=log.parent
        )
    wait_for(lambda: listens(port), process, log)
    return ObjectStore(process, port)
