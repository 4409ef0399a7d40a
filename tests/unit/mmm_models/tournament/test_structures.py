"""The grid of a tournament, and what its block in the spec says and refuses."""

import pytest

from mmm_models.spec import ModelSpec, PriorSpec, SpecError
from mmm_models.tournament.structures import kinds_of, structures_of

PLAIN = {
    "model": "grid",
    "outcome": "revenue",
    "markets": ["US"],
    "media": {"saturation": {"beta": {"distribution": "HalfNormal", "sigma": 0.1}}},
    "channels": {
        "search": {},
        "tv": {
            "adstock": {"max_lag": 26, "alpha": {"distribution": "Beta", "alpha": 8, "beta": 2}},
            "saturation": {"kind": "michaelis_menten", "alpha": {"distribution": "HalfNormal", "sigma": 0.3}},
        },
    },
}
GRID = {"adstock": ["geometric", "delayed", "weibull_pdf"], "saturation": ["logistic", "hill"]}


def spec_with(**tournament: object) -> ModelSpec:
    return ModelSpec.from_dict({**PLAIN, "tournament": tournament})


def test_every_combination_is_a_model_of_its_own_without_a_tournament():
    found = structures_of(spec_with(**GRID, trend=["linear", "local"]))
    assert len(found) == 12
    for name, own in found.items():
        adstock, saturation, trend = name.split("-")
        assert own.tournament is None
        assert kinds_of(own) == {"adstock": adstock, "saturation": saturation, "trend": trend}
        assert ModelSpec.from_dict(own.to_dict()) == own


def test_an_axis_left_out_stays_as_the_model_has_it():
    found = structures_of(spec_with(trend=["linear", "local"]))
    assert list(found) == ["linear", "local"]
    assert found["local"].channels == spec_with(trend=["linear", "local"]).channels
    assert kinds_of(found["local"])["saturation"] == "logistic + michaelis_menten"


def test_memory_and_priors_that_mean_the_same_go_along_and_others_take_the_kind_s_defaults():
    found = structures_of(spec_with(**GRID))
    delayed, weibull = found["delayed-hill"].channel("tv"), found["weibull_pdf-hill"].channel("tv")
    assert (delayed.adstock.max_lag, weibull.adstock.max_lag) == (26, 26)
    assert delayed.adstock.alpha == PriorSpec(distribution="Beta", alpha=8, beta=2)
    assert weibull.adstock.alpha is None
    # The height in money goes along under the other kind's name; lam is steepness in one kind and spend in the other.
    logistic = found["geometric-logistic"].channel("tv").saturation
    assert logistic.beta == PriorSpec(distribution="HalfNormal", sigma=0.3)
    assert logistic.lam == PriorSpec(distribution="Gamma", alpha=3, beta=1)
    assert found["geometric-hill"].channel("search").saturation.beta == PriorSpec(distribution="HalfNormal", sigma=0.1)


def test_the_height_of_a_root_curve_is_not_that_of_full_saturation():
    found = structures_of(spec_with(saturation=["logistic", "root"]))
    assert found["root"].channel("tv").saturation.beta == PriorSpec(distribution="HalfNormal", sigma=0.5)


def test_organic_media_take_the_kinds_too():
    found = structures_of(ModelSpec.from_dict({**PLAIN, "organic": ["newsletter"], "tournament": GRID}))["delayed-hill"]
    assert found.channel("newsletter").adstock.kind == "delayed"
    assert kinds_of(found)["saturation"] == "hill"
    assert ModelSpec.from_dict(found.to_dict()).training_hash() == found.training_hash()


def test_a_channel_s_own_priors_stay_where_the_kind_is_its_own():
    spec = spec_with(**GRID)
    assert structures_of(spec)["geometric-logistic"].channel("search") == spec.channel("search")
    assert structures_of(spec)["geometric-hill"].channel("tv").adstock == spec.channel("tv").adstock


def test_without_the_block_hashes_are_what_they_were_and_with_it_only_what_can_change_draws_counts():
    plain = ModelSpec.from_dict(PLAIN)
    # Hashes are of these words, so that a model without a tournament keeps the ids of its runs.
    assert "tournament" not in plain.to_dict()
    assert structures_of(spec_with(trend=["linear", "local"]))["linear"].training_hash() == plain.training_hash()
    grid = spec_with(**GRID)
    assert grid.training_hash() != plain.training_hash()
    assert spec_with(**GRID, folds=3).training_hash() != grid.training_hash()
    stricter = spec_with(**GRID, disagreement_factor=1.5)
    assert stricter.training_hash() == grid.training_hash()
    assert stricter.content_hash() != grid.content_hash()


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ({}, "there is one structure only"),
        ({"adstock": ["geometric"], "trend": ["local"]}, "there is one structure only"),
        ({"adstock": ["geometric", "geometric"]}, "geometric stands more than once"),
        ({"adstock": ["geometric", "delay"]}, "delayed"),
        ({"adstocks": ["geometric", "delayed"]}, "did you mean 'adstock'"),
        ({**GRID, "disagreement_factor": 1}, "disagreement_factor"),
    ],
)
def test_a_block_that_makes_no_sense_is_refused_with_what_is_wrong(block, told):
    with pytest.raises(SpecError, match=told):
        spec_with(**block)
