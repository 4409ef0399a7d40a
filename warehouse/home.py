"""Where one installation of Mixhouse keeps its state."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Views store the catalog's name, which is the file's stem: working and published file must share it.
CATALOG = "mixhouse"


@dataclass(frozen=True)
class Home:
    """The folder that holds all state, and the three places that may lie outside it.

    `landing_url` and `snapshots_url` may be any fsspec URL (`s3://`, `gs://`): files are exchanged there.
    The DuckDB files are always local, because DuckDB locks them.
    """

    root: Path
    landing_url: str | None = None
    snapshots_url: str | None = None
    published_folder: Path | None = None

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Home:
        """The home that MIXHOUSE_HOME, _LANDING, _SNAPSHOTS and _PUBLISHED name; empty means the default."""
        root = environ.get("MIXHOUSE_HOME") or str(Path(__file__).parent / "data")
        published = environ.get("MIXHOUSE_PUBLISHED")
        return cls(
            root=_absolute(root),
            landing_url=environ.get("MIXHOUSE_LANDING") or None,
            snapshots_url=environ.get("MIXHOUSE_SNAPSHOTS") or None,
            published_folder=_absolute(published) if published else None,
        )

    @property
    def landing(self) -> str:
        """Where connector exports appear, as `<landing>/<source>/<table>/<file>`."""
        return _location(self.landing_url, self.root / "landing")

    @property
    def snapshots(self) -> str:
        """Where the Parquet snapshots that models read are kept."""
        return _location(self.snapshots_url, self.root / "snapshots")

    @property
    def database(self) -> Path:
        """The working DuckDB file: one writer, not for analysts."""
        return self.root / f"{CATALOG}.duckdb"

    @property
    def published(self) -> Path:
        """The DuckDB file that analysts open, at any time."""
        return (self.published_folder or self.root / "published") / f"{CATALOG}.duckdb"

    @property
    def mlflow(self) -> Path:
        """MLflow's SQLite store and artifacts."""
        return self.root / "mlflow"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME."""
        return self.root / "dagster"

    @property
    def cache(self) -> Path:
        """Compiled functions of PyTensor and numba."""
        return self.root / "cache"

    @property
    def models(self) -> Path:
        """The user's own model YAML files."""
        return self.root / "models"

    @property
    def databases(self) -> Path:
        """The databases to read, one YAML file each."""
        return self.root / "databases"

    @property
    def fits(self) -> Path:
        """Saved fits, one NetCDF file each."""
        return self.root / "fits"

    @property
    def truth(self) -> Path:
        """A simulated world's truth; no pipeline code reads it."""
        return self.root / "truth"

    @property
    def dbt_target(self) -> Path:
        """dbt's compiled files and logs."""
        return self.root / "dbt"

    def ensure(self) -> Home:
        """Make every local folder that is missing, and return this home.

        What lies at a URL is left alone: whoever writes there makes what is needed, and no command but those that
        read or write there must fail because a bucket cannot be reached.
        """
        local = (
            self.root,
            self.published.parent,
            self.mlflow,
            self.dagster,
            self.cache,
            self.models,
            self.databases,
            self.fits,
            self.truth,
            self.dbt_target,
        )
        places = [Path(place) for place in (self.landing, self.snapshots) if "://" not in place]
        for folder in (*local, *places):
            folder.mkdir(parents=True, exist_ok=True)
        return self


def _absolute(path: str) -> Path:
    """Steps run in other working folders, so a relative path is fixed to where it was given."""
    return Path(path).expanduser().absolute()


def _location(url: str | None, default: Path) -> str:
    if url is None:
        return str(default)
    return url if "://" in url else str(_absolute(url))
