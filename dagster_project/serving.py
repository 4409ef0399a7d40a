"""`mixhouse ui`: Dagster's web server and daemon, and MLflow's pages, in one terminal."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console

from dagster_project.environment import PROJECT
from dagster_project.resources.mlflow import MlflowRegistry
from warehouse.home import Home


def commands(home: Home, *, host: str, port: int, mlflow_port: int) -> dict[str, list[str]]:
    """The processes to start, by name."""
    binaries = Path(sys.executable).parent
    workspace = str(PROJECT / "workspace.yaml")
    return {
        "Dagster": [str(binaries / "dagster-webserver"), "-w", workspace, "-h", host, "-p", str(port)],
        "Dagster daemon": [str(binaries / "dagster-daemon"), "run", "-w", workspace],
        "MLflow": [
            str(binaries / "mlflow"), "server", "--backend-store-uri", MlflowRegistry().uri,
            "--default-artifact-root", (home.mlflow / "artifacts").as_uri(),
            "--host", host, "--port", str(mlflow_port), "--workers", "1",
        ],
    }  # fmt: skip


def serve(home: Home, console: Console, *, host: str, port: int, mlflow_port: int) -> int:
    """Run until Ctrl-C or until one of the processes ends; return its exit status."""
    MlflowRegistry().client()  # makes the store's tables before two processes want to
    running = {
        name: subprocess.Popen(command, cwd=PROJECT)
        for name, command in commands(home, host=host, port=port, mlflow_port=mlflow_port).items()
    }
    console.print(
        f"Dagster  http://{host}:{port}\nMLflow   http://{host}:{mlflow_port}\nState    {home.root}\nCtrl-C ends both."
    )
    try:
        while all(process.poll() is None for process in running.values()):
            time.sleep(1)
        ended = next(name for name, process in running.items() if process.poll() is not None)
        console.print(f"[red]✗[/] {ended} ended with status {running[ended].returncode}; see its output above.")
        return running[ended].returncode or 1
    except KeyboardInterrupt:
        return 0
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.wait(timeout=20)
