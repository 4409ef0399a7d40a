"""A fit travels in a result table: what plans read of it comes back, smaller than its file."""

import duckdb
import numpy as np
import pytest
import xarray as xr

from mmm_models.errors import FitError
from mmm_models.fit import StackedFit
from mmm_models.reporting.kept_fit import FORMAT, fit_of, kept_fit
from tests.known_stacked import make_stacked
from warehouse.results import write_tables


def back(fit, **options):
    row = kept_fit(fit, "r", **options).iloc[0]
    return fit_of(row.content, row.format, "r")


def test_a_kept_fit_gives_the_same_returns_panel_and_spec(known_fit, tmp_path):
    found = back(known_fit)
    assert found.spec == known_fit.spec
    assert found.panel.content_hash() == known_fit.panel.content_hash()
    assert found.posterior["media_coefficient"].dtype == np.float64
    xr.testing.assert_allclose(found.returns(), known_fit.returns(), rtol=1e-5)
    known_fit.save(tmp_path / "whole.nc")
    assert kept_fit(known_fit, "r")["size_bytes"].item() < 0.6 * (tmp_path / "whole.nc").stat().st_size


def test_a_mixture_keeps_what_has_weight_and_says_the_same():
    fit = make_stacked()
    found = back(fit)
    assert isinstance(found, StackedFit)
    assert [member.name for member in found.members] == ["logistic-linear", "hill-linear", "hill-none"]
    xr.testing.assert_allclose(found.returns(), fit.returns(), rtol=1e-5)


def test_a_huge_posterior_is_thinned_until_it_fits(known_fit):
    whole = 4 * sum(part.size for part in known_fit.posterior.data_vars.values())
    found = back(known_fit, most_bytes=whole // 3)
    assert dict(found.posterior.sizes)["chain"] == 2
    assert found.samples == 24
    mixture = back(make_stacked(), most_bytes=3 * whole // 3)
    assert 20 <= mixture.samples <= 50
    assert sum(own.size for _, own in mixture.split(np.arange(mixture.samples))) == mixture.samples


def test_a_row_of_the_result_table_is_read_back(known_fit):
    with duckdb.connect() as connection:
        write_tables(connection, {"fits": kept_fit(known_fit, "r")}, key="run_id", value="r")
        content, stored_as, draws = connection.execute("select content, format, draws from results.fits").fetchone()
    assert draws == known_fit.samples
    assert fit_of(content, stored_as, "r").samples == known_fit.samples


@pytest.mark.parametrize(
    ("content", "stored_as", "message"),
    [(b"", "pickle/1", "format 'pickle/1'"), (b"junk", FORMAT, "the fit of run r is damaged")],
)
def test_what_cannot_be_read_is_said_with_the_run(content, stored_as, message):
    with pytest.raises(FitError, match=message):
        fit_of(content, stored_as, "r")
