"""What ten tests add to a fit: one market, 208 weeks, four channels, the panel of `benchmarks.engines.national`.

Fits with and without tests take turns in one process, compiled beforehand. Seconds of the processor stand beside those
of the clock, since they do not count what others do on the machine; and one value of the density with its gradient
beside a fit, since tests change how many of them a fit needs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import date, timedelta

import numpy as np
import pandas as pd

from benchmarks.engines.national import CHAINS, DRAWS, TUNE, simulated
from benchmarks.evidence.fits import evidence_of
from mmm_models.engines import get_engine
from mmm_models.evidence import EvidenceSet, LiftTest
from mmm_models.evidence.operator import predicted_lift
from mmm_models.fit import Fit
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec

REPEATS = 7
TURNS, STEPS = 60, 200
_DESIGNS = ("geo lift", "go-dark", "heavy-up", "conversion lift", "geo lift")


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a way and seed: seconds to compile (first fit less a usual one), seconds of a fit by clock and processor,
    microseconds of a gradient, all medians over turns; and each over that without tests."""
    rows = []
    for seed in seeds:
        panel, spec = simulated(seed), _spec(seed)
        engine = get_engine("marginal")
        started = time.perf_counter()
        plain = engine.fit(panel, spec)
        first = {"no test": time.perf_counter() - started}
        evidence = {"no test": None, "ten tests": evidence_of(ten_tests(plain, seed), spec, panel)}
        started = time.perf_counter()
        engine.fit(panel, spec, evidence["ten tests"])
        first["ten tests"] = time.perf_counter() - started
        turns = []
        for _ in range(REPEATS):
            for who, own in evidence.items():
                clock, processor = time.perf_counter(), time.process_time()
                engine.fit(panel, spec, own)
                spent = {"fit_seconds": time.perf_counter() - clock, "cpu_seconds": time.process_time() - processor}
                turns.append({"who": who, **spent})
        usual = pd.DataFrame(turns).groupby("who").median()
        usual["gradient_microseconds"] = gradient_seconds(panel, spec, evidence).median() * 1e6
        usual.insert(0, "compile_seconds", pd.Series(first) - usual["fit_seconds"])
        ratios = (usual / usual.loc["no test"]).drop(columns="compile_seconds").add_suffix("_ratio")
        rows.append(usual.join(ratios).loc[list(evidence)].rename_axis("who").reset_index().assign(seed=seed))
    return pd.concat(rows, ignore_index=True)


def gradient_seconds(panel: Panel, spec: ModelSpec, evidence: dict[str, EvidenceSet | None]) -> pd.DataFrame:
    """Seconds of a value and gradient of the density, in turns: (turn, way)."""
    calls = {who: _gradients(panel, spec, own) for who, own in evidence.items()}
    found: dict[str, list[float]] = {who: [] for who in calls}
    for _ in range(TURNS):
        for who, call in calls.items():
            started = time.perf_counter()
            call()
            found[who].append((time.perf_counter() - started) / STEPS)
    return pd.DataFrame(found)


def _gradients(panel: Panel, spec: ModelSpec, evidence: EvidenceSet | None) -> Callable[[], object]:
    """Many small steps along the gradient in one compiled call, as the sampler makes them."""
    import jax
    import jax.numpy as jnp

    from mmm_models.engines.marginal.density import log_posterior
    from mmm_models.engines.marginal.problem import build
    from mmm_models.engines.scales import scales_of

    problem = build(panel, spec, scales_of(panel, spec), evidence)
    data, start = (jax.tree.map(jnp.asarray, each) for each in (problem.data, problem.start))
    flat, position = jax.flatten_util.ravel_pytree(start)
    slope = jax.value_and_grad(lambda at, data: log_posterior(problem.structure, data, position(at)))

    def steps(at: jax.Array, data: dict) -> jax.Array:
        return jax.lax.fori_loop(0, STEPS, lambda _, at: at + 1e-9 * slope(at, data)[1], at)

    compiled = jax.jit(steps)
    jax.block_until_ready(compiled(flat, data))
    return lambda: jax.block_until_ready(compiled(flat, data))


def ten_tests(fit: Fit, seed: int) -> list[LiftTest]:
    """Ten tests of several designs and all channels that read what the fit expects, with noise of 10 %."""
    rng, tests = np.random.default_rng(seed), []
    weeks = fit.panel.weeks[-98::7]
    for number in range(10):
        channel = fit.panel.channels[number % len(fit.panel.channels)]
        design = _DESIGNS[number % len(_DESIGNS)]
        start = weeks[number].date() + timedelta(days=number % 7)
        share = (0.2, 0.4)[number % 2]
        usual = float(fit.panel.dataset["spend"].sel(channel=channel).mean()) * 4 * share
        money = {
            "go-dark": (usual, -usual),
            "conversion lift": (0.0, usual),
        }.get(design, (usual, 0.5 * usual))
        blank = _record(f"test-{number}", channel, design, share, start, money, lift=1.0, error=1.0)
        expected = float(predicted_lift(fit, blank).mean("sample").sum())
        error = 0.1 * abs(expected)
        lift = expected + error * rng.normal()
        tests.append(_record(f"test-{number}", channel, design, share, start, money, lift=lift, error=error))
    return tests


def _record(
    name: str,
    channel: str,
    design: str,
    share: float,
    start: date,
    money: tuple[float, float],
    *,
    lift: float,
    error: float,
) -> LiftTest:
    end = start + timedelta(days=27)
    return LiftTest(
        test_id=name,
        channel=channel,
        market="US",
        design=design,
        unit_share=share,
        start_date=start,
        end_date=end,
        followup_end=end + timedelta(weeks=4),
        outcome="revenue",
        spend_baseline=money[0],
        spend_delta=money[1],
        lift=lift,
        lift_se=error,
        in_outcome=False,
        randomised=True,
        status="approved",
        owner="a",
        reviewer="b",
    )


def _spec(seed: int) -> ModelSpec:
    return ModelSpec.from_dict(
        {
            "model": "bench",
            "outcome": "revenue",
            "markets": ["US"],
            "channels": ["search", "social", "tv", "display"],
            "controls": ["price", "weather"],
            "media": {"adstock": {"kind": "geometric", "max_lag": 13}},
            "sampler": {"draws": DRAWS, "tune": TUNE, "chains": CHAINS, "target_accept": 0.8, "seed": seed},
        }
    )
