"""Figures are drawn without pyplot, say their takeaway, and name what they show."""

import subprocess
import sys
from dataclasses import replace

import pytest

from mmm_models.planning import PlanRequest, plan_budget
from mmm_models.reporting import plots
from mmm_models.reporting.plots.returns import MeasuredReturn, measured_returns
from mmm_models.reporting.style import channel_colours, display_name, to_png
from mmm_models.spec import PlanningSpec
from mmm_models.validation.data_checks import CHECKS, DataCheck


def texts(figure):
    found = [text.get_text() for text in figure.texts]
    for axes in figure.axes:
        found += [axes.get_title(loc="left"), *(t.get_text() for t in axes.texts)]
        found += [label.get_text() for label in axes.get_yticklabels()]
        legend = axes.get_legend()
        found += [t.get_text() for t in legend.get_texts()] if legend else []
    return " | ".join(found)


@pytest.fixture(scope="module")
def plan(known_fit):
    return plan_budget(known_fit)


def test_the_fit_figure_shows_each_market_and_its_error(known_fit):
    figure = plots.fit_against_actual(known_fit)
    assert "in a typical week" in texts(figure)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["US", "DE"]
    assert to_png(figure).startswith(b"\x89PNG")


def test_the_contributions_figure_names_baseline_and_channels_with_their_share(known_fit):
    figure = plots.contributions(known_fit)
    words = texts(figure)
    assert "Paid media bring" in words
    for name in ("Baseline", "Search", "Paid social", "TV"):
        assert name in words
    assert to_png(figure)


def test_the_curves_figure_has_a_panel_a_channel(known_fit):
    figure = plots.response_curves(known_fit)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles[:3] == ["Search", "Paid social", "TV"]
    assert "saturation" in texts(figure)
    assert to_png(figure)


def test_the_returns_figure_shows_measurements_beside_the_model(known_fit):
    figure = plots.returns(known_fit, tests=[MeasuredReturn("tv", "US", 1.1, 0.2)])
    assert "lift test" in texts(figure)
    assert "revenue" in figure.texts[0].get_text()
    assert to_png(figure)


def test_a_measured_return_is_lift_per_money_moved():
    class Test:
        channel, market, lift, lift_se, spend_delta = "tv", "US", -30.0, 5.0, -10.0

    assert measured_returns([Test()]) == [MeasuredReturn("tv", "US", 3.0, 0.5)]


def test_the_allocation_figure_has_two_bars_a_line_and_says_who_gains(plan):
    figure = plots.allocation(plan)
    (axes,) = figure.axes
    widths = sorted(bar.get_width() for bar in axes.patches)
    assert widths == pytest.approx(sorted([*plan.lines.level.values.ravel(), *plan.lines.status_quo.values.ravel()]))
    assert "Search · DE" in texts(figure)
    assert figure.texts[0].get_text().startswith(("More for", "Less for"))
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["now", "plan", "plans within 1 % of the best"]
    ends = sorted(float(line.get_xdata()[1]) for line in axes.lines if line.get_ydata()[0] == line.get_ydata()[1])
    assert ends == pytest.approx(sorted(plan.honesty.lines["highest"].values.ravel()))
    assert to_png(figure)


def test_the_frontier_figure_marks_now_and_plan_on_the_curve_of_budgets(plan):
    figure = plots.frontier(plan)
    (axes,) = figure.axes
    drawn = axes.lines[0]
    assert drawn.get_xdata() == pytest.approx(plan.honesty.frontier["budget"].values)
    assert drawn.get_ydata() == pytest.approx(plan.honesty.frontier["value_mean"].values)
    marked = {text.get_text(): text.xy for text in axes.texts}
    assert marked["plan"] == pytest.approx((plan.budget, plan.value.mean))
    assert marked["now"] == pytest.approx((float(plan.status_quo.sum()), plan.status_quo_value.mean))
    assert "more would bring $" in figure.texts[0].get_text()
    assert "less would cost $" in figure.texts[0].get_text()
    assert to_png(figure)


def test_a_plan_that_limits_take_below_now_is_named_below_it(plan):
    def sides(made):
        (axes,) = plots.frontier(made).axes
        return {text.get_text(): text.get_va() for text in axes.texts}

    lower = replace(plan, lines=plan.lines.assign(response=0.9 * plan.lines.response_status_quo))
    assert sides(plan) == {"plan": "bottom", "now": "top"}
    assert sides(lower) == {"plan": "top", "now": "bottom"}


def test_the_plan_figure_says_what_moving_money_adds(plan):
    figure = plots.plan(plan)
    assert figure.texts[0].get_text().startswith("Moving $")
    assert "chance of a gain" in figure.texts[1].get_text()
    assert to_png(figure)


def test_another_budget_is_told_as_a_change(known_fit, plan):
    larger = plan_budget(known_fit, PlanRequest(PlanningSpec(horizon_weeks=8, budget=1.2 * plan.budget, scenarios=[])))
    assert "(+20 %)" in plots.plan(larger).texts[0].get_text()


def looked_at(check="vif", market="US", series="tv", value=1.2, verdict="pass", other=None):
    return DataCheck(check, market, series, other, value, 10.0, verdict, "")


def test_the_data_figure_counts_findings_and_shows_each_figure_with_its_partner():
    pair = looked_at("correlation", series="tv", other="control:promotion", value=-0.97, verdict="severe")
    weaker = looked_at("correlation", series="tv", other="search", value=0.4)
    figure = plots.data_checks([pair, weaker, looked_at(value=443.2, verdict="warn")], "retail")
    assert figure.texts[0].get_text() == "retail: 2 findings to look at before a fit is believed, 1 severe"
    words = texts(figure)
    for text in ("US", "TV", "Promotion (control)", "443", "-0.97 Promotion", "-0.97 TV"):
        assert text in words
    assert "0.40" in words  # the strongest of search
    assert to_png(figure)


def test_the_data_figure_has_room_for_every_check_and_for_what_cannot_be_told():
    every = [looked_at(check, series=None if check == "weeks_per_series" else "tv") for check in CHECKS]
    words = texts(plots.data_checks([*every, looked_at("outliers", series="search", value=float("nan"))], "retail"))
    assert "nothing in the data stands in the way of a fit" in words
    assert "1.2 weeks a series" in words
    assert "–" in words


def test_of_many_markets_the_data_figure_shows_the_worst():
    calm = [looked_at(market=f"M{i}") for i in range(6)]
    figure = plots.data_checks([*calm, looked_at(market="M5", value=12, verdict="warn")], "retail")
    shown = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert [name for name in shown if name.startswith("M")] == ["M0", "M1", "M2", "M5"]
    assert "4 of 6 markets" in figure.texts[1].get_text()


def test_a_channel_keeps_its_colour_in_every_figure():
    assert channel_colours(["a", "b"])["b"] == channel_colours(["a", "b", "c"])["b"]


def test_short_names_are_abbreviations():
    assert [display_name(name) for name in ("tv", "short_video")] == ["TV", "Short video"]


def test_plots_never_import_pyplot():
    code = "import sys, mmm_models.reporting.plots; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
