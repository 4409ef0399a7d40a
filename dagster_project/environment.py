"""What the process environment must say before Dagster, dbt, PyTensor or MLflow start. Decided here, nowhere else."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from warehouse.contracts.switched_off import VARIABLE, switched_off
from warehouse.home import Home

PROJECT = Path(__file__).parent.parent
DBT_PROJECT = PROJECT / "dbt"
DAGSTER_YAML = Path(__file__).parent / "instance" / "dagster.yaml"


def prepare() -> Home:
    """Set what the tools read from the environment, without overriding what a person has set; return the home.

    Compiled functions are kept under `<home>/cache`: a national model samples in about a second and compiles in ten,
    and step processes are short-lived.
    """
    home = Home.from_env().ensure()
    defaults = {
        "MIXHOUSE_HOME": str(home.root),
        "MIXHOUSE_DATABASE": str(home.database),
        "DAGSTER_HOME": str(home.dagster),
        VARIABLE: ",".join(sorted(switched_off(home))),
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
        "DBT_LOG_PATH": str(home.dbt_target / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "JAX_COMPILATION_CACHE_DIR": str(home.cache / "jax"),
        "NUMBA_CACHE_DIR": str(home.cache / "numba"),
        # Fast math lets the compiler reorder sums, differently for a cold, a warm and a half-filled cache: the same
        # inputs then gave three posteriors. Without it they give one, to the last bit, and sampling is as fast.
        "PYTENSOR_FLAGS": f"base_compiledir={home.cache / 'pytensor'},numba__fastmath=False",
        # The compiler's higher levels take a sixth longer to compile a model and sample it no faster.
        "NUMBA_OPT": "1",
        # BLAS threads fight with the chains, which have the cores already.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MPLCONFIGDIR": str(home.cache / "matplotlib"),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        # gcsfs would ask for each bucket's kind over gRPC first, and wait a minute where that is not allowed.
        "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false",
        # git is asked by MLflow for a commit that our own tags already carry.
        "GIT_PYTHON_REFRESH": "quiet",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    install_instance_settings(home)
    return home


def install_instance_settings(home: Home) -> None:
    """Put our dagster.yaml (pools, telemetry, run limits) into DAGSTER_HOME; a person's own file is left alone."""
    target = home.dagster / "dagster.yaml"
    if not target.exists():
        shutil.copyfile(DAGSTER_YAML, target)
