"""Lift tests in PyMC-Marketing's model: the library's own term where that applies, the fast engine elsewhere."""

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mmm_models.engines.marginal import measurements
from mmm_models.engines.marginal.problem import build
from mmm_models.engines.pymc_marketing.model import build_model
from mmm_models.engines.scales import scales_of
from mmm_models.evidence import EvidenceSet, Term, read_lift_tests
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec, SpecError
from mmm_models.transforms import ADSTOCKS, SATURATIONS

SPEC = """
model: m
outcome: revenue
markets: [US, DE]
seasonality: {yearly_fourier: 1}
channels: [search, tv, social]
evidence:
  designs:
    conversion_lift: {factor: 1.2, factor_sd: 0.2, offset: 0.01, offset_sd: 0.02, scatter_sd: 0.1}
"""
WEEKS = 60
BASE = {
    "market": "US", "start_date": "2023-06-05", "end_date": "2023-07-02", "followup_end": "2023-07-23",
    "outcome": "revenue", "spend_baseline": 400.0, "spend_delta": 200.0, "lift": 3000.0, "lift_se": 500.0,
    "status": "approved", "owner": "a", "reviewer": "b",
}  # fmt: skip
MONDAYS = [str(monday.date()) for monday in pd.date_range("2023-06-05", periods=5, freq="7D")]
SUNDAYS = [str(sunday.date()) for sunday in pd.date_range("2023-06-11", periods=4, freq="7D")]
BLOCKS = [
    {"start_date": monday, "end_date": sunday, "baseline": 100.0, "actual": 150.0 if number % 2 else 100.0}
    for number, (monday, sunday) in enumerate(zip(MONDAYS, SUNDAYS, strict=False))
]
READ = [
    {"start_date": MONDAYS[0], "end_date": SUNDAYS[1], "lift": 900.0},
    {"start_date": MONDAYS[2], "end_date": SUNDAYS[3], "lift": 1900.0},
]
DESIGNS = {
    "geo": {"channel": "search", "design": "geo lift", "unit_share": 0.3, "start_date": "2023-06-08"},
    "own": {"channel": "search", "design": "geo lift", "market": "DE", "randomised": True},
    "dark": {"channel": "tv", "design": "go-dark", "spend_delta": -400.0, "lift": -3000.0},
    "both": {"channel": "search+social", "design": "heavy-up", "market": "DE"},
    "users": {"channel": "social", "design": "conversion lift", "spend_baseline": 0.0, "unit_share": 0.5},
    "blocks": {"channel": "social", "design": "switchback", "spend_path": BLOCKS, "spend_delta": 100.0},
    "weekly": {"channel": "tv", "design": "geo", "readouts": READ, "covariance": [[9e4, 2e4], [2e4, 16e4]],
               "lift": None, "lift_se": None},
}  # fmt: skip


def spec_with(adstock: dict, saturation: str, **channels: dict) -> ModelSpec:
    data = ModelSpec.from_yaml(SPEC).to_dict()
    media = {"adstock": adstock, "saturation": {"kind": saturation}}
    return ModelSpec.from_dict({**data, "channels": {"search": {}, "tv": {}, "social": {}, **channels}, "media": media})


def evidence_of(*names: str) -> EvidenceSet:
    tests = read_lift_tests([{**BASE, "test_id": name, **DESIGNS[name]} for name in names])
    return EvidenceSet(used=tests, terms={name: Term(quality=0.5, drift_variance=0.02) for name in names[::2]})


@pytest.fixture(scope="module")
def panel() -> Panel:
    rng = np.random.default_rng(4)
    weeks = pd.date_range("2023-01-02", periods=WEEKS, freq="7D")
    dataset = xr.Dataset(
        {
            "outcome": (("week", "market"), rng.uniform(4000, 6000, (WEEKS, 2))),
            "spend": (("week", "market", "channel"), rng.uniform(50, 150, (WEEKS, 2, 3))),
            "controls": (("week", "market", "control"), np.zeros((WEEKS, 2, 0))),
        },
        coords={"week": weeks, "market": ["US", "DE"], "channel": ["search", "tv", "social"], "control": []},
        attrs={"outcome_name": "revenue", "currency": "USD"},
    )
    return Panel(dataset)


def at_a_point(graph, outputs: list) -> list[np.ndarray]:
    """Variables of a model in their own units, or its log densities, at a point drawn around its start."""
    rng = np.random.default_rng(1)
    point = {name: value + 0.3 * rng.normal(size=value.shape) for name, value in graph.initial_point().items()}
    compiled = graph.compile_fn(
        graph.replace_rvs_by_values(outputs), inputs=graph.value_vars, mode="FAST_COMPILE", on_unused_input="ignore"
    )
    return [np.asarray(value) for value in compiled(point)]


def log_densities(graph, names: list[str]) -> list[np.ndarray]:
    return at_a_point(graph, graph.logp(vars=[graph[name] for name in names], sum=False))


def test_without_carryover_whole_weeks_are_the_library_s_own_lift_term(panel):
    """Weekly f(x + dx) - f(x), and with nothing unknown of the design its Student-t as well."""
    from pymc_extras.prior import Prior

    plain = spec_with({"kind": "geometric", "max_lag": 1}, "logistic").to_dict()
    spec = ModelSpec.from_dict({**plain, "evidence": {"designs": {"geo_lift": {"scatter_sd": 0.0}}}})
    scales = scales_of(panel, spec)
    levels = np.array([[80.0, 40.0], [120.0, -120.0], [60.0, 10.0], [0.0, 70.0]])
    lifts, errors = np.array([300.0, -900.0, -50.0, 800.0]), np.array([90.0, 150.0, 60.0, 200.0])
    cells = [("US", "search"), ("DE", "tv"), ("US", "social"), ("DE", "search")]
    rows = [
        {**BASE, "test_id": f"t{n}", "market": market, "channel": channel, "start_date": MONDAYS[n],
         "end_date": SUNDAYS[n], "followup_end": SUNDAYS[n], "spend_baseline": x, "spend_delta": dx, "lift": lift,
         "lift_se": error}
        for n, ((market, channel), (x, dx), lift, error) in enumerate(zip(cells, levels, lifts, errors, strict=True))
    ]  # fmt: skip
    ours = build_model(panel, spec, scales, EvidenceSet(used=read_lift_tests(rows))).model
    library = build_model(panel, spec, scales)
    frame = pd.DataFrame(cells, columns=["market", "channel"])
    frame[["x", "delta_x"]], frame["delta_y"], frame["sigma"] = levels, lifts, errors
    library.add_lift_test_measurements(frame, Prior("StudentT", nu=spec.evidence.degrees_of_freedom))
    theirs = library.model
    (our_lift,) = at_a_point(ours, [ours["predicted_lift"]])
    (their_lift,) = at_a_point(theirs, [theirs["lift_measurements_model_estimated_lift"]])
    np.testing.assert_allclose(our_lift, their_lift, rtol=1e-10)
    assert np.abs(our_lift).min() > 1e-4
    densities = [log_densities(graph, ["lift_measurements"])[0] for graph in (ours, theirs)]
    np.testing.assert_allclose(*densities, atol=2e-5)


def test_weekly_readouts_of_one_test_are_the_library_s_lift_of_each_week(panel):
    spec = spec_with({"kind": "geometric", "max_lag": 1}, "logistic")
    scales = scales_of(panel, spec)
    x, after = np.array([100.0, 40.0, 120.0, 60.0]), np.array([150.0, 0.0, 130.0, 90.0])
    weeks = [{"start_date": monday, "end_date": sunday} for monday, sunday in zip(MONDAYS[:4], SUNDAYS, strict=True)]
    path = [{**week, "baseline": b, "actual": a} for week, b, a in zip(weeks, x, after, strict=True)]
    row = {**BASE, "test_id": "t", "channel": "tv", "spend_path": path, "spend_baseline": x.sum(), "lift": None,
           "spend_delta": (after - x).sum(), "lift_se": None, "followup_end": None,
           "readouts": [{**week, "lift": 100.0, "lift_se": 50.0} for week in weeks]}  # fmt: skip
    ours = build_model(panel, spec, scales, EvidenceSet(used=read_lift_tests([row]))).model
    library = build_model(panel, spec, scales)
    frame = pd.DataFrame(
        {"market": "US", "channel": "tv", "x": x, "delta_x": after - x, "delta_y": 100.0, "sigma": 50.0}
    )
    library.add_lift_test_measurements(frame)
    (our_lift,) = at_a_point(ours, [ours["predicted_lift"]])
    (their_lift,) = at_a_point(library.model, [library.model["lift_measurements_model_estimated_lift"]])
    np.testing.assert_allclose(our_lift, their_lift, rtol=1e-10)


def as_the_fast_engine_has_them(graph, problem, adstock: str, saturation: str) -> dict:
    """Parameters of the point in the fast engine's names: by group, by cell, and biases in standard deviations."""
    curve, measured, tests = SATURATIONS[saturation], problem.structure.measured, problem.data["tests"]
    names = {f"adstock.0.{name}": f"adstock_{name}" for name in ADSTOCKS[adstock].parameters}
    shape = [name for name in curve.parameters if name != curve.amplitude]
    names |= {f"saturation.0.{name}": f"saturation_{name}" for name in shape}
    names |= {f"design_{name}": f"design_{name}" for name in ("factor", "scatter", "offset")}
    names["height"] = f"saturation_{curve.amplitude}"
    found = dict(zip(names, at_a_point(graph, [graph[name] for name in names.values()]), strict=True))
    found["design_factor"] = np.log(found["design_factor"])
    for name in ("factor", "scatter", "offset"):
        families = getattr(measured, f"{name}s")
        assert list(graph.coords[f"{name}_of"]) == list(families)
        own = [tests[f"{name}_sd"][tests[f"family_of_{name}"] == number] for number in range(len(families))]
        found[f"design_{name}"] /= [deviation.max() for deviation in own]
    height = found.pop("height")[tuple(np.array(problem.structure.cells).T)]
    found["effect"], found["coefficient"] = np.log(height), height
    return {name: jnp.asarray(value) for name, value in found.items()}


@pytest.mark.parametrize(
    ("adstock", "saturation", "channels"),
    [
        ({"kind": "geometric", "max_lag": 4}, "hill", {"tv": {"adstock": {"max_lag": 9}}}),
        ({"kind": "delayed", "max_lag": 6}, "logistic", {}),
        ({"kind": "weibull_cdf", "max_lag": 5}, "tanh", {}),
    ],
)
def test_every_design_has_the_density_that_the_fast_engine_gives_it(panel, adstock, saturation, channels):
    spec, evidence = spec_with(adstock, saturation, **channels), evidence_of(*DESIGNS)
    scales = scales_of(panel, spec)
    graph = build_model(panel, spec, scales, evidence).model
    problem = build(panel, spec, scales, evidence)
    parameters = as_the_fast_engine_has_them(graph, problem, adstock["kind"], saturation)
    data = jax.tree.map(jnp.asarray, problem.data)
    expected = measurements.log_likelihood(problem.structure, data, parameters)
    alone, together = log_densities(graph, ["lift_measurements", "lift_measurements[weekly]"])
    np.testing.assert_allclose([*alone, together], expected, rtol=1e-6, atol=2e-5)


def test_a_channel_that_never_ran_takes_no_part_in_a_joint_test(panel):
    dataset = panel.dataset.copy(deep=True)
    dataset["spend"].loc[{"market": "DE", "channel": "social"}] = 0.0
    dark, spec = Panel(dataset), spec_with({"kind": "geometric", "max_lag": 4}, "logistic")
    scales = scales_of(dark, spec)
    alone = read_lift_tests([{**BASE, "test_id": "alone", **DESIGNS["both"], "channel": "search"}])
    graph = build_model(dark, spec, scales, EvidenceSet(used=[*evidence_of("both").used, *alone])).model
    (lift,) = at_a_point(graph, [graph["predicted_lift"]])
    assert lift[0] == pytest.approx(lift[1], rel=1e-12)
    assert build(dark, spec, scales, evidence_of("both")).structure.measured.tests == 1


def test_weeks_that_cannot_be_left_out_are_refused(panel):
    spec = spec_with({"kind": "geometric", "max_lag": 4}, "logistic")
    masked = EvidenceSet(used=evidence_of("geo", "dark").used, terms={"dark": Term(masked=True)})
    with pytest.raises(SpecError, match=r"lift test dark: its weeks stand in the outcome too.*Use engine: marginal"):
        build_model(panel, spec, scales_of(panel, spec), masked)
