"""Truths from the priors, outcomes from the truths, posteriors of the outcomes: where do truths rank in posteriors?

Were the engine's posterior that of its model, the rank of a truth among independent draws would be uniform (Talts et
al. 2018, arXiv:1804.06788), of parameters and of any figure of parameters and data, such as the likelihood, which sees
what single parameters hide (Modrák et al. 2023, Simulation-based calibration checking for Bayesian computation).

An engine's scales are the largest weeks of its data. Priors stand on these scales, so that a scale that came from a
simulated outcome would change the prior that the truth was drawn from; here scales are fixed beforehand (outcome: 1,
spend: largest week of the fixed history) and given to the engine's own functions. For the same reason a prior on the
share of the outcome cannot be put to this test; one on the ROAS can, and is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from benchmarks.calibration.ranks import chi_square, ecdf_p_value
from benchmarks.calibration.truths import draw_truth
from mmm_models.engines.scales import scales_of
from mmm_models.evidence import EvidenceSet
from mmm_models.fit import Fit, FitInfo
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec
from mmm_models.validation.chains import r_hat

# Fits of the first case, and of each other.
FITS, OTHER_FITS = 200, 100
CHAINS, TUNE, DRAWS = 3, 400, 600
# 33 draws of each chain, 18 steps apart: a truth has one of 100 ranks, five to a bin.
THINNED, BINS = 99, 20
WEEKS = 104
_MIXED = {
    "search": {},
    "social": {"effect": {"quantity": "roas", "prior": {"distribution": "LogNormal", "mu": -1.0, "sigma": 0.7}}},
    "tv": {"adstock": {"kind": "delayed", "max_lag": 8}, "saturation": {"kind": "hill"}},
}
_CASES = {
    "one market, linear trend": {"markets": ["US"], "channels": _MIXED},
    "one market, level that wanders": {"markets": ["US"], "channels": {"search": {}, "social": {}}, "trend": "local"},
    "four markets, partly pooled": {
        "markets": ["US", "DE", "FR", "UK"], "channels": {"search": {}, "social": {}}, "pooling": "partial",
    },
}  # fmt: skip


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a case, quantity and seed: statistic and p-value of the histogram, p-value of the ECDF.

    The last row of each table holds the smallest p-values times the number of quantities (Bonferroni): of many
    quantities some stray by chance.
    """
    sizes = dict.fromkeys(_CASES, OTHER_FITS) | {next(iter(_CASES)): FITS}
    tables = [calibration(name, seed, sizes[name]) for seed in seeds for name in _CASES]
    return pd.concat(tables, ignore_index=True)


def calibration(case: str, seed: int, fits: int) -> pd.DataFrame:
    """The table of one case: `fits` truths, each fitted once."""
    spec = ModelSpec.from_dict(
        {
            "model": "calibration",
            "outcome": "revenue",
            "controls": ["price"],
            "seasonality": {"yearly_fourier": 1},
            "sampler": {"chains": CHAINS, "tune": TUNE, "draws": DRAWS, "target_accept": 0.9},
            **_CASES[case],
        }
    )
    history = spend_history(spec)
    scales = scales_of(history, spec).assign(outcome_scale=("market", np.ones(len(spec.markets))))
    ranks: dict[str, list[int]] = {}
    divergences, apart = 0.0, 0
    for number in range(fits):
        rng = np.random.default_rng([seed, number])
        truth = draw_truth(history, spec, scales, rng)
        outcome = truth.predict(noise=True, seed=int(rng.integers(2**31))).isel(sample=0, drop=True)
        panel = Panel(history.dataset.assign(outcome=outcome))
        # A seed of its own for each: posteriors that shared their random numbers would share their accidents.
        sampler = spec.sampler.model_copy(update={"seed": int(rng.integers(2**31))})
        posterior, diverging, worst = drawn(panel, spec.model_copy(update={"sampler": sampler}), scales)
        divergences, apart = divergences + diverging, apart + (worst > 1.05)
        known, sampled = quantities(truth, panel), quantities(posterior, panel)
        for name, values in sampled.items():
            ranks.setdefault(name, []).append(int((values < known[name][0]).sum()))
    table = uniformity(ranks, case=case, seed=seed, fits=fits)
    return table.assign(divergences=divergences, fits_r_hat_above_1_05=apart)


def uniformity(ranks: Mapping[str, Sequence[int]], **labels: object) -> pd.DataFrame:
    """One row a quantity: how uniform its ranks 0 .. THINNED are; and the row of the smallest p-values (Bonferroni)."""
    rows = []
    for name, found in ranks.items():
        statistic, p = chi_square(np.array(found), THINNED + 1, BINS)
        row = {**labels, "quantity": name, "mean_rank": np.mean(found) / THINNED}
        row |= {"chi_square": statistic, "p_histogram": p, "p_ecdf": ecdf_p_value(np.array(found), THINNED + 1)}
        rows.append(row)
    smallest = {name: min(1.0, len(rows) * min(row[name] for row in rows)) for name in ("p_histogram", "p_ecdf")}
    rows.append({**labels, "quantity": f"smallest of {len(rows)}", **smallest})
    return pd.DataFrame(rows)


def spend_history(spec: ModelSpec) -> Panel:
    """Two years of spend and a control, the same in every simulation; the outcome is not looked at."""
    rng = np.random.default_rng(0)
    size = (WEEKS, len(spec.markets), len(spec.channels))
    spend = rng.lognormal(0, 0.6, size) * (rng.random(size) < 0.8)
    return Panel(
        xr.Dataset(
            {
                "outcome": (("week", "market"), np.ones(size[:2])),
                "spend": (("week", "market", "channel"), spend),
                "controls": (("week", "market", "control"), rng.normal(size=(*size[:2], 1))),
            },
            coords={
                "week": pd.date_range("2023-01-02", periods=WEEKS, freq="7D"),
                "market": list(spec.markets),
                "channel": list(spec.channels),
                "control": ["price"],
            },
            attrs={"outcome_name": "revenue", "currency": "USD"},
        )
    )


def drawn(
    panel: Panel, spec: ModelSpec, scales: xr.Dataset, evidence: EvidenceSet | None = None
) -> tuple[Fit, float, float]:
    """The fast engine on given scales: thinned draws, divergences, and the largest R-hat of a total contribution."""
    from mmm_models.engines.cores import available_cores
    from mmm_models.engines.marginal.posterior import to_canonical, total_contributions
    from mmm_models.engines.marginal.problem import build
    from mmm_models.engines.marginal.sampler import sample

    problem = build(panel, spec, scales, evidence)
    own = spec.sampler
    settings = {"tune": own.tune, "draws": own.draws, "chains": own.chains, "target_accept": own.target_accept}
    draws = next(
        sample(problem.structure, problem.data, problem.start, **settings, seed=own.seed, cores=available_cores())
    )
    posterior = to_canonical(draws.kept, problem, panel, spec, scales)
    totals = total_contributions(draws.kept, problem, scales).values.reshape(own.chains, own.draws, -1)
    apart = float(r_hat(totals.transpose(2, 0, 1)).max())
    fit = Fit(spec, panel, posterior, scales, FitInfo("marginal"))
    return fit.thin(THINNED), float(draws.diverging.sum()), apart


def quantities(fit: Fit, panel: Panel) -> dict[str, np.ndarray]:
    """Figures (sample) of each draw: parameters, contributions, and the likelihood of the panel's outcome.

    Money is fixed, so that the rank of a channel's ROAS is that of its contribution.
    """
    found = {}
    for name, values in fit.draws().data_vars.items():
        if name in ("level", "media_coefficient"):
            continue
        shared = values.isel(market=0) if name.startswith(("adstock_", "saturation_")) else values
        for where in np.ndindex(*shared.shape[1:]):
            series = shared.values[(slice(None), *where)]
            if np.isfinite(series).all():
                labels = [str(shared[dim].values[at]) for dim, at in zip(shared.dims[1:], where, strict=True)]
                found[" ".join([str(name), *labels])] = series
    total = fit.media_response(panel.dataset["spend"]).sum("week")
    for market in panel.markets:
        for channel in panel.channels:
            found[f"contribution, roas {market} {channel}"] = total.sel(market=market, channel=channel).values
    mean, sigma = fit.predict(), fit.draws()["sigma"]
    miss = (panel.dataset["outcome"] - mean) / sigma
    found["log likelihood"] = (-0.5 * miss**2 - np.log(sigma)).sum(("week", "market")).values
    return found
