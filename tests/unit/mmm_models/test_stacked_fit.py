"""A stacked fit against its members, weighted by hand: answers, plans, gates, files."""

from dataclasses import replace

import numpy as np
import pytest

from mmm_models.fit import Fit, FitError, StackedFit, load_fit, members_of, spread, structure_returns
from mmm_models.planning import plan_budget
from mmm_models.planning.draws import split_draws
from mmm_models.planning.objective import HorizonObjective
from mmm_models.reporting import tables
from mmm_models.reporting.structures import structure_tables, structures_summary
from mmm_models.tournament.run import stacked
from mmm_models.validation import Gate, evaluate_gates
from tests.known_stacked import WEIGHTS, make_stacked

CHANNEL = {"market": "US", "channel": "tv"}


@pytest.fixture(scope="module")
def fit() -> StackedFit:
    return make_stacked()


def test_draws_are_shared_by_weight(fit):
    assert fit.samples == 100
    assert [len(own) for _, own in fit.split(np.arange(100))] == [30, 50, 20]
    assert sum(len(own) for _, own in fit.split(np.arange(0, 100, 7))) == 15


def test_the_heaviest_structure_gives_all_its_draws_where_the_mixture_could_hold_more():
    whole = make_stacked()
    assert stacked(whole.spec, whole.members, kept=1000).samples == 200  # 100 draws of a structure with weight 0.5
    with pytest.raises(FitError, match="300 stacked draws need 150 of structure hill-linear, which has 100"):
        replace(whole, samples=300)
    with pytest.raises(FitError, match="add up to 1"):
        make_stacked(**{"hill-none": 0.4})


def test_mean_and_variance_are_those_of_the_members_by_weight(fit):
    returns = structure_returns(fit)
    own = fit.returns()["roas"].sel(CHANNEL)
    by_member = {name: found["roas"].sel(CHANNEL) for name, found in returns.items()}
    mean = sum(WEIGHTS[name] * float(draws.mean()) for name, draws in by_member.items())
    second = sum(WEIGHTS[name] * float((draws**2).mean()) for name, draws in by_member.items())
    # Of a structure with 50 of 100 draws an even half is kept.
    assert float(own.mean()) == pytest.approx(mean, rel=0.01)
    assert float(own.std()) == pytest.approx(np.sqrt(second - mean**2), rel=0.05)
    found = spread(fit, returns).sel(CHANNEL)
    assert float(found["mean"]) == pytest.approx(mean)
    assert float(found["within"] ** 2 + found["between"] ** 2) == pytest.approx(second - mean**2)
    assert float(found["between"]) > 2 * float(found["within"])


def test_every_answer_is_the_members_answers_one_after_the_other(fit):
    first = fit.members[0].fit
    own = np.linspace(0, 99, 30).round().astype(int)
    spend = fit.panel.dataset["spend"].isel(week=slice(20, 30))
    pairs = [
        (fit.returns("last_13_weeks")["mroas"], first.returns("last_13_weeks")["mroas"]),
        (fit.media_response(spend), first.media_response(spend)),
        (fit.predict(), first.predict()),
        (fit.predict(noise=True).mean("week"), first.predict().mean("week")),
        (fit.response_curves()["response"], first.response_curves()["response"]),
        (fit.contributions(), first.contributions()),
    ]
    for position, (whole, part) in enumerate(pairs):
        assert whole.sizes["sample"] == 100
        assert whole["sample"].values.tolist() == list(range(100))
        close = {"rtol": 0.01} if position == 3 else {"rtol": 1e-12}
        part = part.isel(sample=own)
        if "component" in part.dims:
            whole = whole.sel(component=part["component"])
        np.testing.assert_allclose(whole.isel(sample=slice(0, 30)).transpose(*part.dims), part, **close)


def test_components_add_up_to_the_prediction_though_one_structure_has_no_trend(fit):
    contributions = fit.contributions()
    assert "trend" in contributions["component"].values
    np.testing.assert_allclose(contributions.sum("component"), fit.predict(), rtol=1e-10)
    assert (contributions.sel(component="trend").isel(sample=slice(80, 100)) == 0).all()


def test_a_thinned_answer_keeps_its_draws_numbers_and_shares(fit):
    few = fit.returns(max_samples=10)["roas"]
    np.testing.assert_array_equal(few, fit.returns()["roas"].sel(sample=few["sample"]))
    assert [len(own) for _, own in fit.split(few["sample"].values)] == [3, 5, 2]
    assert fit.thin(20).samples == 20
    with pytest.raises(FitError, match="max_samples is 0"):
        fit.predict(max_samples=0)


def test_both_halves_of_a_plan_s_draws_hold_the_structures_in_their_shares(fit):
    for half in split_draws(fit, choosing=250, reporting=1000):
        assert [len(own) for _, own in fit.split(half)] == [15, 25, 10]


def test_a_plan_s_objective_is_that_of_each_structure_s_own_draws(fit):
    samples = np.arange(1, 100, 2)
    levels = fit.panel.dataset["spend"].mean("week")
    whole = HorizonObjective.from_fit(fit, 8, samples)
    split = fit.split(samples)
    parts = [HorizonObjective.from_fit(member, 8, own, chooser=whole) for member, own in split]
    for name in ("responses", "marginal_returns"):
        by_part = np.concatenate([getattr(part, name)(levels).values for part in parts])
        np.testing.assert_allclose(getattr(whole, name)(levels).values, by_part)
    flat = levels.transpose("market", "channel").values.ravel()
    values, gradient = whole.mean_by_line(flat)
    assert values.sum() == pytest.approx(float(whole.values(levels).mean()))
    step = np.eye(6)[2] * flat[2] * 1e-4
    rise = (whole.mean_by_line(flat + step)[0] - whole.mean_by_line(flat - step)[0]).sum()
    slope = rise / (2 * step[2])
    assert gradient[2] == pytest.approx(slope, rel=1e-5)
    table = whole.draw_table(0.5 * flat, 1.5 * flat, points=3)
    np.testing.assert_allclose(table.values[:, :, 1].sum(axis=1), whole.values(levels), rtol=2e-6)
    few = whole.thinned(12)
    np.testing.assert_allclose(few.values(levels), whole.values(levels).sel(sample=few.samples))


def test_a_plan_carries_the_spread_between_structures(fit):
    plan = plan_budget(fit)
    alone = plan_budget(fit.members[0].fit)
    assert plan.value_draws.std() > 2 * alone.value_draws.std()
    assert plan.gap == pytest.approx(0.0, abs=1e-3)
    assert float(plan.lines.level.sum() * 8) == pytest.approx(plan.budget)


def test_a_saved_fit_answers_the_same(fit, tmp_path, known_fit):
    fit.save(tmp_path / "stacked.nc")
    loaded = load_fit(tmp_path / "stacked.nc")
    assert isinstance(loaded, StackedFit)
    assert loaded.returns().identical(fit.returns())
    assert loaded.spec == fit.spec
    assert loaded.info == fit.info
    assert [(m.name, m.weight) for m in loaded.members] == [(m.name, m.weight) for m in fit.members]
    np.testing.assert_array_equal(loaded.members[2].scores, fit.members[2].scores)
    known_fit.save(tmp_path / "plain.nc")
    assert load_fit(tmp_path / "plain.nc").returns().identical(known_fit.returns())
    with pytest.raises(FitError, match=r"stacked\.nc has the format 'mixhouse-stacked-fit/1'"):
        Fit.load(tmp_path / "stacked.nc")


def test_convergence_is_the_worst_of_the_structures_that_have_weight(fit):
    def with_r_hat(name: str, value: float) -> dict[str, float]:
        members = tuple(
            replace(m, fit=m.fit.with_info(convergence=m.fit.info.convergence | {"r_hat_max": value, "divergences": 3}))
            if m.name == name
            else m
            for m in fit.members
        )
        return stacked(fit.spec, members, 100).info.convergence

    assert with_r_hat("hill-none", 1.2)["r_hat_max"] == 1.2
    assert with_r_hat("hill-none", 1.2)["divergences"] == 3
    assert with_r_hat("hill-none", 1.2)["ess_bulk_min"] == 900
    assert with_r_hat("logistic-none", 1.2)["r_hat_max"] == 1.004


def agreement(fit: StackedFit) -> Gate:
    return {gate.name: gate for gate in evaluate_gates(fit)}["structure_agreement"]


def test_structures_that_agree_pass_and_those_that_do_not_warn_by_name():
    halves = {"logistic-linear": 0.5, "logistic-none": 0.5, "hill-linear": 0.0, "hill-none": 0.0}
    # A structure without weight is not heard.
    alike = agreement(make_stacked((1.0, 1.2, 1.0, 9.0), **halves))
    assert (alike.verdict, alike.threshold) == ("pass", 2.0)
    assert alike.value == pytest.approx(1.2)
    apart = agreement(make_stacked((1.0, 3.0, 1.0, 1.0), **halves))
    assert (apart.verdict, apart.value) == ("warn", pytest.approx(3.0))
    assert "tv in US: ROAS 1.19 to 3.58 by structure" in apart.advice


def test_structures_that_would_move_money_in_opposite_directions_warn_below_the_factor():
    fit = make_stacked((1.0, 1.0, 1.0, 1.0))
    tilted = fit.members[3].fit
    tilt = np.array([[0.75, 1.0, 1.3], [1.0, 1.0, 1.0]])
    posterior = tilted.posterior.assign(media_coefficient=tilted.posterior["media_coefficient"] * tilt)
    other = replace(fit.members[3], fit=replace(tilted, posterior=posterior))
    members = (*fit.members[:2], replace(fit.members[2], weight=0.0), replace(other, weight=0.7))
    found = spread(tilted_fit := stacked(fit.spec, members, 100), structure_returns(tilted_fit)).sel(market="US")
    opposed = found["channel"].values[found["opposed"].values]
    assert len(opposed) >= 1
    gate = agreement(tilted_fit)
    assert gate.verdict == "warn"
    assert f"{opposed[0]} in US: one structure would move money in, another out" in gate.advice


def test_tables_of_structures_hold_what_was_tried_and_how_far_it_lies_apart(fit):
    made = structure_tables(fit, "run-1", disagreement_factor=1.2)
    structures = made["structures"].set_index("structure")
    assert list(structures["weight"]) == [0.5, 0.3, 0.2, 0.0]
    assert structures.loc["hill-linear", "elpd_behind"] == 0.0
    behind = fit.members[2].scores - fit.members[1].scores
    assert structures.loc["logistic-none", "elpd_behind_se"] == pytest.approx(np.sqrt(26) * behind.std(ddof=1))
    assert set(made["structure_returns"]["structure"]) == set(WEIGHTS)
    row = made["structure_spread"].query("market == 'US' and channel == 'tv' and window_name == 'all'").iloc[0]
    assert row.roas_lowest < row.roas_mean < row.roas_highest
    assert row.factor == pytest.approx(row.roas_highest / row.roas_lowest)
    assert row.agreement in ("factor", "direction")
    text = structures_summary(fit, made)
    assert "hill-linear" in text
    assert "sd between" in text


def test_parameters_stand_structure_by_structure(fit):
    frame = tables.parameters(fit, "run-1")
    assert set(frame.query("name == 'saturation_slope'")["structure"]) == {"hill-linear", "hill-none"}
    assert list(dict.fromkeys(frame["structure"])) == ["hill-linear", "logistic-linear", "hill-none"]
    assert [name for name, _ in members_of(fit.members[0].fit)] == [None]
