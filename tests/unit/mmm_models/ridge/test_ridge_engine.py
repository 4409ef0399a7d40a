"""The ridge engine as a whole: what it recovers, how wide it is, what it refuses."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from mmm_models.engines import get_engine
from mmm_models.engines.ridge.bootstrap import bootstrap
from mmm_models.engines.ridge.estimate import estimate
from mmm_models.engines.ridge.problem import build
from mmm_models.engines.scales import scales_of
from mmm_models.errors import EngineError, SpecError
from mmm_models.fit import Fit
from mmm_models.panel import Panel
from mmm_models.reporting import tables
from mmm_models.spec import ModelSpec
from mmm_models.validation import SAMPLER_GATES, evaluate_gates
from tests.small_company import CHANNELS, COEFFICIENT, SPEC, SPEND, go_dark_test, make_panel, true_response

# So far from its bend that the curve is a line to a thousandth; the memory is the week itself.
LINEAR = """
model: linear
outcome: revenue
markets: [US]
media:
  adstock: {kind: geometric, max_lag: 1}
  saturation: {kind: michaelis_menten, lam: {distribution: Uniform, lower: 1000, upper: 1001}}
channels: [a, b, c]
seasonality: {yearly_fourier: 1}
sampler: {draws: 2000, seed: 4}
"""
WEEKS = pd.date_range("2022-01-03", periods=150, freq="7D")


def with_settings(spec: ModelSpec, **changes: object) -> ModelSpec:
    return ModelSpec.from_dict(spec.to_dict() | changes)


@pytest.fixture(scope="module")
def fit():
    return get_engine("ridge").fit(make_panel(), with_settings(SPEC, engine="ridge", sampler={"draws": 300, "seed": 2}))


def linear_panel(carried: float = 0.0, seed: int = 6) -> Panel:
    """Three lines, level and season; noise that carries on from week to week by the share `carried`."""
    rng = np.random.default_rng(seed)
    spend = rng.lognormal(0, 0.5, (150, 3)) * [100.0, 60.0, 30.0]
    noise = rng.normal(size=150)
    for week in range(1, 150):
        noise[week] = carried * noise[week - 1] + np.sqrt(1 - carried**2) * noise[week]
    season = np.sin(2 * np.pi * WEEKS.dayofyear.to_numpy() / 365.25)
    outcome = 900 + 50 * season + spend @ [2.0, 3.0, 4.0] + 40 * noise
    return Panel(
        xr.Dataset(
            {
                "outcome": (("week", "market"), outcome[:, None]),
                "spend": (("week", "market", "channel"), spend[:, None, :]),
                "controls": (("week", "market", "control"), np.empty((150, 1, 0))),
            },
            coords={"week": WEEKS, "market": ["US"], "channel": ["a", "b", "c"], "control": []},
        )
    )


def classical(panel: Panel) -> tuple[np.ndarray, np.ndarray]:
    """Slopes and standard errors of ordinary least squares with level, trend and season."""
    year = 2 * np.pi * WEEKS.dayofyear.to_numpy()[:, None] / 365.25
    base = np.column_stack([np.ones(150), np.arange(150), np.sin(year), np.cos(year)])
    rows, outcome = np.column_stack([base, panel.dataset["spend"][:, 0]]), panel.dataset["outcome"].values[:, 0]
    slopes, *_ = np.linalg.lstsq(rows, outcome, rcond=None)
    variance = ((outcome - rows @ slopes) ** 2).sum() / (150 - rows.shape[1])
    return slopes[4:], np.sqrt(variance * np.diag(np.linalg.inv(rows.T @ rows)))[4:]


def slopes_of(fit: Fit) -> np.ndarray:
    """Outcome of a unit of money (draw, channel)."""
    return fit.returns().roas.sel(market="US").values


def test_intervals_are_the_classical_ones_where_the_model_is_linear():
    panel, spec = linear_panel(), ModelSpec.from_yaml(LINEAR)
    drawn = slopes_of(get_engine("ridge").fit(panel, spec))
    slopes, errors = classical(panel)
    np.testing.assert_allclose(drawn.std(axis=0), errors, rtol=0.15)
    # The penalty takes a little away from each.
    assert (drawn.mean(axis=0) > slopes - 0.5 * errors).all()
    assert (drawn.mean(axis=0) < slopes).all()


def test_noise_that_carries_on_makes_the_season_less_certain():
    """The classical error does not know it; blocks of weeks do."""
    spec, spread = ModelSpec.from_yaml(LINEAR), []
    for carried in (0.0, 0.7):
        posterior = get_engine("ridge").fit(linear_panel(carried), spec).posterior
        season = posterior["fourier_coefficient"].std(("chain", "draw")).mean()
        spread.append(float(season / posterior["sigma"].mean()))
    assert spread[1] > 1.4 * spread[0]


def test_the_company_is_recovered(fit):
    truth = true_response(SPEND)[:, :, 1:].sum(axis=0)  # not search, which follows a demand that nobody recorded
    found = fit.contributions().sel(component=CHANNELS[1:]).sum("week").median("sample").values
    assert found[0] == pytest.approx(truth[0], rel=0.35)
    assert found[1, 1] == pytest.approx(truth[1, 1], rel=0.35)
    assert COEFFICIENT[1, 1] == 0
    assert found[1, 0] == 0
    error = np.abs(fit.predict().mean("sample") - fit.panel.dataset["outcome"]) / fit.panel.dataset["outcome"]
    assert float(error.mean()) < 0.02


def test_the_same_seed_gives_the_same_draws_and_another_gives_others(fit):
    again = get_engine("ridge").fit(make_panel(), fit.spec)
    assert again.posterior.identical(fit.posterior)
    other = get_engine("ridge").fit(make_panel(), with_settings(fit.spec, sampler={"draws": 300, "seed": 3}))
    assert not np.array_equal(other.posterior["media_coefficient"], fit.posterior["media_coefficient"])
    first, second = (each.returns().roas.sel(market="all").median("sample") for each in (fit, other))
    np.testing.assert_allclose(first, second, rtol=0.1)


def test_curves_of_all_kinds_predict_what_was_found(fit):
    kinds = {
        "search": {"saturation": {"kind": "hill"}, "adstock": {"kind": "delayed"}},
        "social": {"saturation": {"kind": "tanh"}, "adstock": {"kind": "weibull_pdf"}},
        "tv": {"saturation": {"kind": "root"}, "adstock": {"kind": "weibull_cdf", "max_lag": 12}},
    }
    data = SPEC.to_dict() | {"channels": kinds, "sampler": {"draws": 40, "seed": 2}}
    data["media"] = {"adstock": {"max_lag": 4}}
    spec, panel = ModelSpec.from_dict(data), make_panel()
    found = get_engine("ridge").fit(panel, spec)
    # What the regression itself left over, draw by draw, is the noise that it tells.
    generator = np.random.default_rng(2)
    problem = build(panel, spec, scales_of(panel, spec))
    replicates = bootstrap(problem, estimate(problem, generator), 40, generator)
    height = found.posterior["saturation_b"].sel(channel="social", market="US")[0]
    np.testing.assert_allclose(height, replicates.coefficient[:, 0, 1])
    error = (found.predict().mean("sample") - panel.dataset["outcome"]).std("week") / found.posterior["sigma"].mean(
        ("chain", "draw")
    )
    assert (error < 1.1).all()


def test_gates_warn_that_there_is_no_sampler_and_tables_leave_its_figures_out(fit, tmp_path):
    gates = {gate.name: gate for gate in evaluate_gates(fit)}
    assert {gates[name].verdict for name in SAMPLER_GATES} == {"warn"}
    assert "challenger" in gates["r_hat"].advice
    assert np.isnan(gates["r_hat"].value)
    assert gates["mape"].verdict == "pass"
    rows = tables.parameters(fit, "run")
    assert rows["r_hat"].isna().all()
    assert rows["ess_bulk"].isna().all()
    assert not rows["mean"].isna().any()
    assert "r_hat_max" not in set(tables.diagnostics(fit, "run")["name"])
    fit.save(tmp_path / "fit.nc")
    assert Fit.load(tmp_path / "fit.nc").info.draws == "bootstrap"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"trend": "local"}, "trend: local"),
        ({"pooling": "partial"}, "pooling: partial"),
        (
            {"media": {"effect": {"quantity": "roas", "prior": {"distribution": "LogNormal", "mu": 0, "sigma": 1}}}},
            r"channels\.search\.effect",
        ),
    ],
)
def test_what_it_cannot_do_is_refused_with_the_engine_that_can(changes, said):
    spec = with_settings(SPEC, **changes)
    if "media" in changes:
        spec = with_settings(SPEC, channels=CHANNELS, **changes)
    with pytest.raises(SpecError, match=said) as refused:
        get_engine("ridge").fit(make_panel(), spec)
    assert "engine: marginal" in str(refused.value)


def test_lift_tests_are_refused_with_the_way_to_leave_them_out():
    panel = make_panel()
    with pytest.raises(SpecError, match=r"lift tests \(lt-search\).*evidence\.use: none"):
        get_engine("ridge").fit(panel, SPEC, go_dark_test(panel))


def test_fewer_weeks_than_coefficients_are_refused():
    panel = make_panel()
    short = Panel(panel.dataset.isel(week=slice(0, 8)))
    with pytest.raises(EngineError, match="8 weeks, and the model 8 coefficients"):
        get_engine("ridge").fit(short, SPEC)
