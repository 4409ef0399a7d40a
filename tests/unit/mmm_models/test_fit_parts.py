"""What a fit is made of, and the file that keeps it."""

import json

import numpy as np
import pytest
import xarray as xr

from mmm_models.fit import Fit, FitError, FitInfo
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec


def test_a_loaded_fit_answers_the_same_numbers_bit_for_bit(known_fit, tmp_path):
    path = tmp_path / "known.nc"
    known_fit.save(path)
    loaded = Fit.load(path)
    xr.testing.assert_identical(loaded.contributions(), known_fit.contributions())
    xr.testing.assert_identical(loaded.returns("last_52_weeks"), known_fit.returns("last_52_weeks"))
    xr.testing.assert_identical(loaded.response_curves(), known_fit.response_curves())
    xr.testing.assert_identical(loaded.predict(noise=True), known_fit.predict(noise=True))
    assert loaded.spec == known_fit.spec
    assert loaded.info == known_fit.info
    assert loaded.panel.content_hash() == known_fit.panel.content_hash() == known_fit.info.data_hash
    assert [file.name for file in tmp_path.iterdir()] == ["known.nc"]


def test_a_loaded_fit_can_be_saved_again_over_itself(known_fit, tmp_path):
    path = tmp_path / "known.nc"
    known_fit.save(path)
    Fit.load(path).with_info(code_hash="abc").save(path)
    assert Fit.load(path).info.code_hash == "abc"


def test_evidence_longer_than_an_hdf5_attribute_survives(known_fit, tmp_path):
    evidence = [
        {"test_id": f"geo-{k}", "used": True, "reason": "x" * 100, "lift": np.float64(1.5)} for k in range(2000)
    ]
    known_fit.with_info(evidence=evidence).save(tmp_path / "fit.nc")
    assert Fit.load(tmp_path / "fit.nc").info.evidence == evidence


def test_a_model_of_media_only_needs_no_controls_trend_or_season(known_fit, known_spec, tmp_path):
    spec = ModelSpec.from_dict({**known_spec.to_dict(), "controls": [], "trend": "none"})
    panel = Panel(known_fit.panel.dataset.isel(control=slice(0, 0)))
    posterior = known_fit.posterior.drop_vars(["trend", "fourier_coefficient", "control_coefficient"])
    fit = Fit(spec, panel, posterior, known_fit.scales.drop_vars(["control_center", "control_scale"]), known_fit.info)
    assert list(fit.contributions().component.values) == ["search", "paid_social", "tv", "intercept"]
    fit.save(tmp_path / "bare.nc")
    loaded = Fit.load(tmp_path / "bare.nc")
    xr.testing.assert_identical(loaded.predict(), fit.predict())
    assert loaded.panel.content_hash() == panel.content_hash()


def test_posterior_is_read_by_name_not_by_position(known_fit, known_draws):
    turned = known_draws.sel(channel=["tv", "search", "paid_social"], market=["DE", "US"]).transpose("channel", ...)
    fit = Fit(known_fit.spec, known_fit.panel, turned, known_fit.scales, known_fit.info)
    xr.testing.assert_identical(fit.returns(), known_fit.returns())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p.drop_vars("sigma"), "posterior lacks 'sigma'"),
        (lambda p: p.drop_vars("saturation_lam"), "posterior lacks 'saturation_lam'"),
        (lambda p: p.drop_vars("control_coefficient"), "posterior lacks 'control_coefficient'"),
        (lambda p: p.assign(intercept=p.intercept.isel(market=0)), r"\['intercept'\] has the dims"),
        (lambda p: p.isel(channel=[0, 1]), "lacks the channel tv"),
        (lambda p: p.assign(sigma=p.sigma * np.nan), r"posterior\['sigma'\] holds values that are not finite"),
    ],
)
def test_an_incomplete_posterior_is_refused(known_fit, known_draws, change, message):
    with pytest.raises(FitError, match=message):
        Fit(known_fit.spec, known_fit.panel, change(known_draws), known_fit.scales, known_fit.info)


def test_scales_must_be_positive(known_fit):
    scales = known_fit.scales.assign(spend_scale=known_fit.scales.spend_scale * 0)
    with pytest.raises(FitError, match=r"scales\['spend_scale'\] must be above 0"):
        Fit(known_fit.spec, known_fit.panel, known_fit.posterior, scales, known_fit.info)


def test_unknown_season_functions_are_refused(known_fit, known_draws):
    posterior = known_draws.assign_coords(fourier=["sin_1", "sin_2", "cos_1", "cos_9"])
    fit = Fit(known_fit.spec, known_fit.panel, posterior, known_fit.scales, known_fit.info)
    with pytest.raises(FitError, match="fourier_coefficient names the functions"):
        fit.predict()


def test_a_file_that_is_no_fit_is_refused(tmp_path):
    with pytest.raises(FitError, match="there is no fit at"):
        Fit.load(tmp_path / "absent.nc")
    (tmp_path / "text.nc").write_text("not a fit")
    with pytest.raises(FitError, match=r"text\.nc is not a saved fit"):
        Fit.load(tmp_path / "text.nc")
    xr.Dataset({"format": 1}).to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    with pytest.raises(FitError, match=r"other\.nc is not a saved fit"):
        Fit.load(tmp_path / "other.nc")


def test_info_of_an_older_file_is_of_a_sampler():
    written = json.loads(FitInfo(engine="x", draws="bootstrap").to_json())
    del written["draws"]
    assert FitInfo.from_json(json.dumps(written)).draws == "posterior"


def test_info_refuses_what_json_cannot_hold():
    with pytest.raises(TypeError, match="which JSON cannot"):
        FitInfo(engine="x", evidence=[{"test": object()}]).to_json()
