"""How a spec becomes PyMC-Marketing's model; nothing is sampled."""

import numpy as np
import pytest
import xarray as xr
import yaml

from mmm_models.engines import engine_names, get_engine
from mmm_models.engines.pymc_marketing.coordinates import reference_pressure
from mmm_models.engines.pymc_marketing.model import TREND, build_model
from mmm_models.engines.pymc_marketing.priors import array_prior
from mmm_models.engines.scales import scales_of
from mmm_models.errors import EngineError
from mmm_models.evidence import EvidenceSet, read_lift_tests
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec, SpecError
from mmm_models.spec.priors import prior
from mmm_models.transforms import SATURATIONS, adstock_weights, carry_over
from tests.known_fit import SPEC


def spec_with(spec: ModelSpec, **changes) -> ModelSpec:
    return ModelSpec.from_dict({**spec.to_dict(), **changes})


def channels_with(spec: ModelSpec, channel: str, part: str, **changes) -> ModelSpec:
    channels = spec.to_dict()["channels"]
    channels[channel][part] = {**channels[channel][part], **changes} if "kind" not in changes else changes
    return spec_with(spec, channels=channels)


GO_DARK = {
    "test_id": "lt-1",
    "channel": "search",
    "market": "US",
    "start_date": "2023-06-05",
    "end_date": "2023-07-02",
    "outcome": "revenue",
    "spend_baseline": 160_000.0,
    "spend_delta": -160_000.0,
    "lift": -400_000.0,
    "lift_se": 60_000.0,
    "status": "approved",
}


def built(known_fit, spec=None, evidence=None):
    spec = spec or known_fit.spec
    return build_model(known_fit.panel, spec, scales_of(known_fit.panel, spec), evidence)


def test_engines_are_found_by_name():
    assert {"marginal", "ridge", "quick_look", "pymc_marketing"} == set(engine_names())
    assert [get_engine(name).name for name in engine_names()] == engine_names()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trend": "local"}, "trend: local: engine pymc_marketing has no level that wanders"),
        ({"pooling": "partial"}, "pooling: partial: engine pymc_marketing fits each market's effects on their own"),
        ({"sampler": {"ess_min": 500}}, "sampler.ess_min: engine pymc_marketing draws a fixed number"),
        (
            {"media": {"effect": {"quantity": "roas", "prior": {"distribution": "HalfNormal", "sigma": 2}}}},
            "channels.search.effect: engine pymc_marketing has no prior on what a channel brings",
        ),
        (
            {"channels": ["search", "tv"], "media": {"time_varying": True}},
            "channels.search.time_varying: engine pymc_marketing",
        ),
        (
            {"channels": {"search": {}, "paid_social": {}, "tv": {"reach": "a", "frequency": "b"}}},
            "channels.tv.frequency: engine pymc_marketing knows",
        ),
    ],
)
def test_what_only_the_fast_engine_can_do_is_refused(known_fit, change, message):
    spec = ModelSpec.from_dict({**yaml.safe_load(SPEC), **change})
    with pytest.raises(SpecError, match=message):
        get_engine("pymc_marketing").fit(known_fit.panel, spec)
    with pytest.raises(EngineError, match="did you mean 'pymc_marketing'"):
        get_engine("pymc-marketing")


def test_mixed_saturation_names_the_engine_and_both_channels(known_fit):
    mixed = channels_with(known_fit.spec, "tv", "saturation", kind="hill")
    with pytest.raises(SpecError, match=r"search is logistic and tv is hill; engine pymc_marketing fits one kind"):
        built(known_fit, mixed)


def test_mixed_prior_distributions_name_the_parameter(known_fit):
    mixed = channels_with(known_fit.spec, "tv", "saturation", beta={"distribution": "LogNormal", "mu": -2, "sigma": 1})
    with pytest.raises(SpecError, match=r"saturation.beta: search has a HalfNormal\(sigma\) prior and tv a LogNormal"):
        built(known_fit, mixed)


def test_trend_and_controls_need_one_distribution(known_fit):
    mixed = spec_with(known_fit.spec, priors={"trend": {"distribution": "Laplace", "mu": 0, "b": 0.1}})
    with pytest.raises(SpecError, match=r"priors.trend and priors.control"):
        built(known_fit, mixed)


def test_a_distribution_that_the_library_cannot_build_is_refused(known_fit):
    beta = {"distribution": "HalfStudentT", "nu": 4, "sigma": 0.4}
    spec = spec_with(known_fit.spec, media={"saturation": {"beta": beta}}, channels=["search", "paid_social", "tv"])
    with pytest.raises(SpecError, match="cannot use a HalfStudentT prior; use HalfNormal"):
        built(known_fit, spec)


def test_gamma_priors_may_be_written_in_two_ways():
    both = {"a": prior("Gamma", mu=3, sigma=1.5), "b": prior("Gamma", alpha=4, beta=2)}
    numbers = array_prior(both, "lam", "channel", ("channel",)).parameters
    np.testing.assert_allclose(numbers["alpha"], [4.0, 4.0])
    np.testing.assert_allclose(numbers["beta"], [4 / 3, 2.0])


def test_each_channel_keeps_its_own_prior_numbers(known_fit):
    alpha = built(known_fit).adstock.function_priors["alpha"]
    np.testing.assert_array_equal(alpha.parameters["alpha"], [2, 2, 8])
    np.testing.assert_array_equal(alpha.parameters["beta"], [3, 3, 2])


def test_each_channel_keeps_its_own_memory(known_fit):
    from pytensor.xtensor import as_xtensor

    model = built(known_fit)
    spend = np.random.default_rng(1).random((60, 3))
    alpha = np.array([0.2, 0.5, 0.8])
    carried = model.adstock.function(
        as_xtensor(spend, dims=("date", "channel")), as_xtensor(alpha, dims=("channel",)), dim="date"
    )
    theirs = carried.transpose("date", "channel").eval()
    for c, max_lag in enumerate([4, 4, 10]):
        weights = adstock_weights("geometric", {"alpha": alpha[None, [c]]}, max_lag)
        expected = carry_over(spend[:, [c]], weights)[0, :, 0]
        np.testing.assert_allclose(theirs[:, c], expected, rtol=1e-12)


def test_the_trend_is_a_column_beside_the_controls(known_fit):
    model = built(known_fit)
    columns = model.xarray_dataset["_control"]
    assert columns["control"].values.tolist() == ["promotion", "price_index", TREND]
    trend = columns.sel(control=TREND, market="US").values
    assert (trend[0], trend[-1]) == (-0.5, 0.5)
    without = built(known_fit, spec_with(known_fit.spec, trend="none"))
    assert without.xarray_dataset["_control"]["control"].values.tolist() == ["promotion", "price_index"]


def test_a_model_without_controls_trend_and_season_is_built(known_fit):
    bare = known_fit.panel.dataset.sel(control=[])
    spec = spec_with(known_fit.spec, controls=[], trend="none", seasonality={"yearly_fourier": 0})
    model = build_model(Panel(bare), spec, scales_of(Panel(bare), spec))
    assert {variable.name for variable in model.model.free_RVs} == {
        "intercept_contribution",
        "adstock_alpha",
        "saturation_lam",
        "saturation_beta_at_reference",
        "y_sigma",
    }


def test_controls_are_standardised_in_each_market(known_fit):
    columns = built(known_fit).xarray_dataset["_control"].sel(control="price_index")
    np.testing.assert_allclose(columns.mean("date"), 0, atol=1e-9)
    np.testing.assert_allclose(columns.std("date"), 1)


@pytest.mark.parametrize("kind", list(SATURATIONS))
def test_the_gradient_is_finite_where_nothing_is_spent(known_fit, kind):
    spec = spec_with(known_fit.spec, media={"saturation": {"kind": kind}}, channels=["search", "paid_social", "tv"])
    dataset = known_fit.panel.dataset.copy(deep=True)
    dataset["spend"].loc[{"market": "DE", "channel": "tv"}] = 0.0
    panel = Panel(dataset)
    dark = EvidenceSet(used=read_lift_tests([GO_DARK]))
    model = build_model(panel, spec, scales_of(panel, spec), dark).model
    gradient = model.compile_dlogp(mode="FAST_COMPILE")(model.initial_point())
    assert np.isfinite(gradient).all()


def test_scales_come_from_the_data_once(known_fit):
    dataset = known_fit.panel.dataset.copy(deep=True)
    dataset["spend"].loc[{"market": "DE", "channel": "tv"}] = 0.0
    scales = scales_of(Panel(dataset), known_fit.spec)
    xr.testing.assert_allclose(scales["outcome_scale"], dataset["outcome"].max("week"))
    elsewhere = dataset["spend"].sel(market="US", channel="tv").max()
    assert float(scales["spend_scale"].sel(market="DE", channel="tv")) == float(elsewhere)
    assert scales.attrs["trend_span_weeks"] == 59


def test_an_outcome_of_zeros_is_refused(known_fit):
    dataset = known_fit.panel.dataset.copy(deep=True)
    dataset["outcome"].loc[{"market": "DE"}] = 0.0
    with pytest.raises(EngineError, match="revenue of market DE is zero in every week"):
        scales_of(Panel(dataset), known_fit.spec)


def test_a_lift_test_is_a_term_of_the_likelihood(known_fit):
    with_test = built(known_fit, evidence=EvidenceSet(used=read_lift_tests([GO_DARK]))).model
    names = {variable.name for variable in with_test.observed_RVs}
    assert names == {"y", "lift_measurements"}
    for without in (built(known_fit), built(known_fit, evidence=EvidenceSet())):
        assert {variable.name for variable in without.model.observed_RVs} == {"y"}


@pytest.mark.parametrize(
    ("distribution", "numbers"),
    [
        ("HalfNormal", {"sigma": 0.4}),
        ("Exponential", {"lam": 3}),
        ("Gamma", {"alpha": 2, "beta": 6}),
        ("InverseGamma", {"alpha": 5, "beta": 2}),
        ("LogNormal", {"mu": -1, "sigma": 0.5}),
    ],
)
def test_better_coordinates_leave_the_prior_of_the_coefficient_as_it_is(known_fit, distribution, numbers):
    """Density of u given the shape, times |du / dm|, is the prior density of m."""
    import pymc as pm

    beta = {"distribution": distribution, **numbers}
    spec = spec_with(known_fit.spec, media={"saturation": {"beta": beta}}, channels=["search", "paid_social", "tv"])
    model = built(known_fit, spec).model
    free = model["saturation_beta_at_reference"]
    lam = np.array([0.7, 2.0, 5.0])
    m = np.linspace(0.05, 0.9, 6).reshape(2, 3)
    reference = reference_pressure(known_fit.panel, spec, scales_of(known_fit.panel, spec)).values
    level = SATURATIONS["logistic"].shape(reference, lam=lam)
    point = model.initial_point() | {
        "saturation_lam_log__": np.log(lam),
        "saturation_beta_at_reference_log__": np.log(m * level),
    }
    (theirs,) = model.compile_logp(vars=[free], jacobian=False, sum=False, mode="FAST_COMPILE")(point)
    expected = pm.logp(getattr(pm, distribution).dist(**numbers), m).eval()
    np.testing.assert_allclose(theirs + np.log(level), expected, rtol=1e-5)


def test_a_prior_that_is_no_scale_family_is_taken_as_it_is(known_fit):
    beta = {"distribution": "TruncatedNormal", "mu": 0.3, "sigma": 0.2, "lower": 0, "upper": 2}
    spec = spec_with(known_fit.spec, media={"saturation": {"beta": beta}}, channels=["search", "paid_social", "tv"])
    assert "saturation_beta" in {variable.name for variable in built(known_fit, spec).model.free_RVs}


def test_the_reference_is_usual_pressure_and_never_zero(known_fit):
    dataset = known_fit.panel.dataset.copy(deep=True)
    dataset["spend"].loc[{"market": "DE", "channel": "tv"}] = 0.0
    dataset["spend"].loc[{"market": "US", "channel": "search"}][5:] = 0.0
    panel = Panel(dataset)
    reference = reference_pressure(panel, known_fit.spec, scales_of(panel, known_fit.spec))
    assert float(reference.sel(market="DE", channel="tv")) == 0.5
    assert 0 < float(reference.sel(market="US", channel="search")) < 0.1
