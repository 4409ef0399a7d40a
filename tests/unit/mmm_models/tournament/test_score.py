"""Folds and scores of forecasts against computations by hand."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.stats import multivariate_normal, norm

from mmm_models.errors import EngineError
from mmm_models.evidence import EvidenceSet
from mmm_models.fit import Fit
from mmm_models.panel import Panel
from mmm_models.spec import TournamentSpec
from mmm_models.tournament.score import folds_of, log_scores
from tests.known_fit import WEEKS, known_dataset, known_posterior, make_known_fit
from tests.small_company import go_dark_test, make_panel

ADSTOCKS = ["geometric", "delayed"]


def ahead(fit: Fit, weeks: int = 3) -> Panel:
    """Weeks after the data, with spend and controls of weeks long past and an outcome somewhere near."""
    past = fit.panel.dataset.isel(week=slice(10, 10 + weeks))
    return Panel(past.assign_coords(week=pd.date_range(WEEKS[-1] + pd.Timedelta(weeks=1), periods=weeks, freq="7D")))


def test_score_of_a_week_is_the_log_of_the_mean_density_over_draws(known_fit):
    future = ahead(known_fit)
    mean, sigma = known_fit.predict(future), known_fit.draws()["sigma"]
    scores = log_scores(known_fit, future)
    assert scores.shape == (3, 2)
    for week in range(3):
        for market, name in enumerate(known_fit.panel.markets):
            actual = float(future.dataset["outcome"].isel(week=week).sel(market=name))
            drawn = norm.logpdf(actual, mean.isel(week=week).sel(market=name), sigma.sel(market=name))
            by_hand = np.log(np.mean(np.exp(drawn - drawn.max()))) + drawn.max()
            assert scores[week, market] == pytest.approx(by_hand)


def test_a_wandering_level_makes_forecasts_wider_week_by_week():
    posterior = known_posterior().drop_vars("trend")
    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    level = xr.DataArray(
        np.zeros((*shape, 2, 60)),
        dims=("chain", "draw", "market", "week"),
        coords={"week": WEEKS, "market": ["US", "DE"]},
    )
    step = xr.DataArray(np.full((*shape, 2), 700.0), dims=("chain", "draw", "market"), coords={"market": ["US", "DE"]})
    fit = make_known_fit(posterior=posterior.assign(level=level, level_step=step))
    future = ahead(fit)
    mean, sigma = fit.predict(future).sel(market="US"), fit.draws()["sigma"].sel(market="US").values
    # The walk and the noise as one normal vector, as the model has them: its third week alone is what is scored.
    walk = 700.0**2 * np.minimum.outer(np.arange(1, 4), np.arange(1, 4))
    actual = float(future.dataset["outcome"].isel(week=2).sel(market="US"))
    drawn = [
        multivariate_normal.logpdf(actual, mean[s, 2], (walk + sigma[s] ** 2 * np.eye(3))[2, 2])
        for s in range(len(sigma))
    ]
    by_hand = np.log(np.mean(np.exp(np.array(drawn) - max(drawn)))) + max(drawn)
    assert log_scores(fit, future)[2, 0] == pytest.approx(by_hand)


def test_folds_are_the_last_stretches_each_behind_all_weeks_before_it():
    panel = make_panel()
    folds = folds_of(panel, TournamentSpec(adstock=ADSTOCKS, folds=3, horizon_weeks=10))
    assert [(len(fold.known.weeks), len(fold.ahead.weeks)) for fold in folds] == [(74, 10), (84, 10), (94, 10)]
    assert all(fold.ahead.weeks[0] - fold.known.weeks[-1] == pd.Timedelta(weeks=1) for fold in folds)
    assert folds[-1].ahead.weeks[-1] == panel.weeks[-1]


def test_a_fold_sees_only_the_lift_tests_that_were_over():
    panel = make_panel()
    evidence = go_dark_test(panel)
    early, _, late = folds_of(panel, TournamentSpec(adstock=ADSTOCKS, folds=3, horizon_weeks=16))
    assert (early.evidence(evidence).used, late.evidence(evidence).used) == ([], evidence.used)
    assert early.evidence(None) is None
    assert late.evidence(EvidenceSet()).used == []


def test_too_few_weeks_for_the_folds_are_refused_with_the_remedy(known_fit):
    with pytest.raises(EngineError, match=r"4 folds of 13 weeks leave 8 of 60 weeks.*Lower tournament\.folds"):
        folds_of(known_fit.panel, TournamentSpec(adstock=ADSTOCKS))


def test_a_channel_that_starts_inside_the_folds_is_named():
    dataset = known_dataset()
    dataset["outcome"] = dataset["outcome"] + 1.0
    dataset["spend"][:56, :, 2] = 0.0
    with pytest.raises(EngineError, match=r"tv is not active before 2024-01-15, where the first fold starts"):
        folds_of(Panel(dataset), TournamentSpec(adstock=ADSTOCKS, folds=2, horizon_weeks=3))
