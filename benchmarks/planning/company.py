"""A company of any size, and draws around its parameters as a posterior would scatter them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.planning.made import made_fit
from mmm_models.fit import Fit

WEEKS, MAX_LAG = 104, 8
# Where the draws of each shape lie: lowest and highest true value, uniform over channels.
_SHAPES: dict[str, dict[str, tuple[float, float]]] = {
    "logistic": {"lam": (1.0, 4.0)},
    "hill": {"slope": (0.6, 1.0), "kappa": (0.3, 1.0)},
    "s-shaped hill": {"slope": (1.0, 3.0), "kappa": (0.3, 0.8)},
    "michaelis_menten": {"lam": (0.3, 1.5)},
    "root": {"alpha": (0.3, 0.8)},
}


def random_company(
    channels: int,
    *,
    kind: str,
    seed: int,
    markets: int = 1,
    chains: int = 4,
    draws: int = 500,
    spread: float = 0.2,
    planning: Mapping[str, Any] | None = None,
) -> Fit:
    """A fit of `channels` in `markets`, geometric adstock of 8 weights, 104 weeks of data.

    Args:
        kind: of `_SHAPES`: the saturation, by its name in a model's YAML, or `s-shaped hill`.
        chains, draws: of the posterior.
        spread: standard deviation of the log of each parameter over draws; slopes and exponents scatter by a fifth of
            that, so that a concave curve has hardly any draw that is not.
        planning: keys of `planning:`.
    """
    rng = np.random.default_rng(seed)
    size = rng.lognormal(0.0, 0.7, (markets, 1)) * rng.lognormal(np.log(20_000.0), 0.8, channels)
    spend = size * rng.lognormal(0.0, 0.4, (WEEKS, markets, channels))
    roas = rng.lognormal(np.log(2.0), 0.5, (markets, channels))
    cells = (chains, draws, markets, channels)

    def scattered(truth: np.ndarray, by: float = spread) -> np.ndarray:
        return truth * np.exp(by * rng.standard_normal(cells))

    parameters = {
        "media_coefficient": scattered(size * roas * 1.5),
        "adstock_alpha": np.minimum(scattered(rng.uniform(0.1, 0.7, (markets, channels))), 0.95),
    }
    for name, (low, high) in _SHAPES[kind].items():
        by = 0.2 * spread if name in ("slope", "alpha") else spread
        drawn = scattered(rng.uniform(low, high, (markets, channels)), by)
        parameters[f"saturation_{name}"] = np.minimum(drawn, 1.0) if high == 1.0 and name == "slope" else drawn
    return made_fit(
        spend,
        parameters,
        adstock={"kind": "geometric", "max_lag": MAX_LAG},
        saturation="hill" if kind == "s-shaped hill" else kind,
        planning=planning,
    )
