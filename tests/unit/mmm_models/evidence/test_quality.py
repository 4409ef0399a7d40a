"""Quality of a design: what lowers it, by how much, and what can have no part in it."""

import inspect

import pytest
from scipy.stats import norm

from mmm_models.evidence import quality as module
from mmm_models.evidence import read_lift_tests
from mmm_models.evidence.quality import LEAST_QUALITY, DesignFacts, design_quality

SOUND = DesignFacts(
    randomised=True, pre_fit_error=0.02, power=0.9, contamination=0.0, delivered=1.0, comparisons=1, pre_registered=True
)


def q(**changes) -> float:
    return design_quality(SOUND.model_copy(update=changes)).value


def test_nothing_counts_against_a_sound_design():
    found = design_quality(SOUND)
    assert found.value == 1.0
    assert found.in_words() == "nothing counts against the design"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"randomised": False}, 0.6),
        ({"randomised": None}, 0.85),
        ({"pre_fit_error": 0.125}, 0.75),
        ({"pre_fit_error": 2.0}, 0.5),
        ({"pre_fit_error": None}, 1.0),
        ({"pre_fit_error": None, "randomised": False}, 0.6 * 0.9),
        ({"power": 0.5}, 0.75),
        ({"power": 0.0}, 0.5),
        ({"contamination": 0.2}, 0.64),
        ({"contamination": 1.0}, LEAST_QUALITY),
        ({"delivered": 0.5}, 0.5),
        ({"delivered": 2.0}, 0.5),
        ({"delivered": 1.09}, 1.0),
        ({"delivered": -1.0}, 0.25),
        ({"delivered": None}, 1.0),
        ({"pre_registered": False}, 0.9),
    ],
)
def test_each_fact_has_its_factor(changes, expected):
    assert q(**changes) == pytest.approx(expected)


@pytest.mark.parametrize("looks", [1, 2, 7, 40])
def test_the_factor_of_many_looks_is_the_square_of_two_interval_lengths(looks):
    alone = norm.interval(0.95)[1]
    together = norm.interval(1 - 0.05 / looks)[1]
    assert q(comparisons=looks) == pytest.approx((alone / together) ** 2)


def test_worse_facts_never_raise_the_quality_and_it_stays_above_zero():
    for name, values in {
        "pre_fit_error": [0.0, 0.05, 0.1, 0.5],
        "power": [0.95, 0.8, 0.4, 0.1],
        "contamination": [0.0, 0.3, 0.9, 1.0],
        "delivered": [1.0, 0.7, 0.3, 0.01],
        "comparisons": [1, 2, 30, 1000],
    }.items():
        found = [q(**{name: value}) for value in values]
        assert found == sorted(found, reverse=True), name
    nothing = {"randomised": False, "pre_fit_error": 1.0, "power": 0.0, "contamination": 1.0, "delivered": 0.01}
    assert q(**nothing, comparisons=1000, pre_registered=False) == LEAST_QUALITY


def test_what_nobody_said_is_named_and_costs_less_than_the_worst():
    found = design_quality(DesignFacts())
    assert 0.5 < found.value < 0.75
    for fact in ("randomised", "pre_fit_error", "power", "contamination", "comparisons"):
        assert f"{fact} 0." in found.in_words()
    assert "not known" in found.in_words()


ROW = {
    "test_id": "lt-9", "channel": "search", "market": "US", "design": "geo lift", "start_date": "2023-06-05",
    "end_date": "2023-06-18", "outcome": "revenue", "spend_baseline": 1000.0, "spend_delta": 450.0,
    "spend_delta_planned": 500.0, "lift": 1500.0, "lift_se": 300.0, "randomised": True, "pre_registration": "wiki/9",
}  # fmt: skip


def test_the_facts_come_from_the_record():
    [test] = read_lift_tests([ROW])
    facts = DesignFacts.of(test)
    assert (facts.randomised, facts.delivered, facts.pre_registered, facts.power) == (True, 0.9, True, None)


def test_the_planned_change_may_come_from_the_spend_path():
    periods = [
        {"start_date": "2023-06-05", "end_date": "2023-06-11", "baseline": 400, "actual": 600, "planned": 700},
        {"start_date": "2023-06-12", "end_date": "2023-06-18", "baseline": 600, "actual": 850, "planned": 800},
    ]
    [test] = read_lift_tests([{**ROW, "spend_delta_planned": None, "spend_path": periods}])
    assert DesignFacts.of(test).delivered == pytest.approx(450 / 500)


def test_neither_the_lift_nor_a_model_can_have_a_part_in_it():
    of_quality = set(DesignFacts.model_fields)
    assert not {name for name in of_quality if "lift" in name or "se" in name.split("_")}
    assert list(inspect.signature(design_quality).parameters) == ["facts"]
    imported = {name for name, value in vars(module).items() if inspect.isclass(value) and not name.startswith("_")}
    assert imported == {"BaseModel", "ConfigDict", "DesignFacts", "Factor", "LiftTest", "Quality"}
    for lift, error in ((1500.0, 300.0), (-9e9, 1e-3), (0.0, 1e9)):
        [test] = read_lift_tests([{**ROW, "lift": lift, "lift_se": error}])
        assert DesignFacts.of(test) == DesignFacts.of(read_lift_tests([ROW])[0])
