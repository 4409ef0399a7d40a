import pytest

from mmm_models.spec import ModelSpec, PriorSpec, SpecError

RETAIL = """
model: retail
outcome: revenue
markets: [US, DE]
media:
  adstock: {max_lag: 8, alpha: {distribution: Beta, alpha: 2, beta: 3}}
channels:
  search: {}
  display:
  tv: {plannable: false, adstock: {max_lag: 26}, saturation: {kind: hill, kappa: {distribution: HalfNormal, sigma: 2}}}
controls: [promotion, price_index]
"""


def refusal(text: str) -> str:
    with pytest.raises(SpecError) as caught:
        ModelSpec.from_yaml(text)
    return str(caught.value)


def test_defaults_fill_what_the_file_leaves_out():
    spec = ModelSpec.from_yaml(RETAIL)
    assert (spec.currency, spec.engine, spec.trend) == ("USD", "marginal", "linear")
    assert (spec.planning.horizon_weeks, spec.planning.budget, spec.planning.solver) == (13, None, "auto")
    assert (spec.planning.bounds.default.min_change, spec.planning.bounds.default.max_change) == (-0.5, 0.5)
    assert (spec.gates.r_hat_max, spec.gates.divergences_max, spec.gates.ess_bulk_min) == (1.01, 0, 400)
    assert (spec.data_checks.vif_max, spec.data_checks.active_weeks_min) == (10, 8)
    assert (spec.evidence.use, spec.evidence.max_age_weeks) == ("approved", 104)
    assert (spec.sampler.draws, spec.sampler.chains, spec.sampler.seed) == (1000, 4, 20240101)


def test_channel_lays_its_own_settings_over_the_media_defaults():
    tv = ModelSpec.from_yaml(RETAIL).channel("tv")
    assert tv.adstock.max_lag == 26
    assert tv.adstock.alpha == PriorSpec.model_validate({"distribution": "Beta", "alpha": 2, "beta": 3})
    assert tv.plannable is False


def test_another_saturation_kind_starts_from_its_own_priors():
    saturation = ModelSpec.from_yaml(RETAIL).channel("tv").saturation
    assert list(saturation.priors) == ["slope", "kappa", "beta"]
    assert saturation.priors["kappa"].parameters == {"sigma": 2}
    assert saturation.lam is None


def test_a_prior_replaces_a_prior_as_a_whole():
    text = RETAIL.replace("search: {}", "search: {adstock: {alpha: {distribution: Uniform, lower: 0, upper: 0.5}}}")
    alpha = ModelSpec.from_yaml(text).channel("search").adstock.alpha
    assert (alpha.distribution, alpha.parameters) == ("Uniform", {"lower": 0, "upper": 0.5})


def test_channels_may_be_a_list_of_names():
    spec = ModelSpec.from_dict({"model": "m", "outcome": "revenue", "markets": ["US"], "channels": ["search", "tv"]})
    assert spec.channel_names == ["search", "tv"]
    assert spec.channel("tv").adstock.max_lag == 8


def test_every_field_says_what_it_means():
    def undescribed(model):
        for name, field in model.model_fields.items():
            if not field.description:
                yield f"{model.__name__}.{name}"
            if hasattr(field.annotation, "model_fields"):
                yield from undescribed(field.annotation)

    assert list(undescribed(ModelSpec)) == []


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("controls:", "control:", "unknown key 'control' (did you mean 'controls'?)"),
        ("saturation:", "satration:", "unknown key 'satration' in channels.tv (did you mean 'saturation'?)"),
        ("max_lag: 26", "maxlag: 26", "unknown key 'maxlag' in channels.tv.adstock (did you mean 'max_lag'?)"),
        ("max_lag: 8", "max_lags: 8", "unknown key 'max_lags' in media.adstock (did you mean 'max_lag'?)"),
        ("kappa:", "kapa:", "unknown key 'kapa' in channels.tv.saturation (did you mean 'kappa'?)"),
        ("beta: 3", "beat: 3", "media.adstock.alpha: unknown argument 'beat' of Beta (did you mean 'beta'?)"),
        ("Beta", "Betta", "media.adstock.alpha: unknown distribution 'Betta' (did you mean 'Beta'?)"),
        ("{distribution: Beta", "{distribtion: Beta", "unknown key 'distribtion' (did you mean 'distribution'?)"),
        ("kind: hill", "kind: hil", "channels.tv.saturation.kind: 'hil' should be 'logistic', 'hill'"),
        ("kappa:", "lam:", "'lam' is not a parameter of hill saturation"),
        ("outcome: revenue", "", "missing key 'outcome'"),
        ("outcome: revenue", "outcome: 7", "outcome: 7 should be a valid string"),
        ("[US, DE]", "[US, NO]", "markets[1]: YAML reads this as False; put the text in quotes"),
        ("[US, DE]", "[US, US]", "markets: US stands more than once"),
        ("[US, DE]", "[]", "markets is empty; name at least one"),
        ("model: retail", "model: Retail US", "model: 'Retail US' does not match ^[a-z]"),
        ("model: retail", "model: retail\nmodel: other", "line 3: key 'model' stands twice"),
        ("[US, DE]", "[US, all]", "markets: 'all' is the name of the total over markets"),
        ("search: {}", "trend: {}", "channels: 'trend' is the name of a baseline component"),
        ("search: {}", "search: 3", "channels.search: 3 should be a valid dictionary"),
    ],
)
def test_a_slip_is_named_with_its_place_and_the_right_word(right, wrong, message):
    assert right in RETAIL
    assert message in refusal(RETAIL.replace(right, wrong))


@pytest.mark.parametrize(
    ("addition", "message"),
    [
        ("gates: {rhat_max: 1.1}", "unknown key 'rhat_max' in gates (did you mean 'r_hat_max'?)"),
        ("sampler: {chain: 4}", "unknown key 'chain' in sampler (did you mean 'chains'?)"),
        ("planning: {bounds: {channels: {tvv: {min: 1}}}}", "unknown name 'tvv' in planning.bounds.channels"),
        ("planning: {bounds: {channels: {tv: {mim: 1}}}}", "unknown key 'mim' in planning.bounds.channels.tv"),
        ("planning: {bounds: {channels: {tv: {max: 1}}}}", "names 'tv', which is not plannable: its money stays"),
        ("planning: {bounds: {default: {max_change: -1.5}}}", "max_change: -1.5 should be greater than or equal to -1"),
        ("planning: {bounds: {default: {min: 5, max: 2}}}", "planning.bounds.default: min 5 is above max 2"),
        ("priors: {sigma: {distribution: Normal, mu: 0, sigma: 1}}", "sigma is positive, but Normal reaches below 0"),
        ("trend: quadratic", "trend: 'quadratic' does not match"),
        ("data_checks: {vif: 5}", "unknown key 'vif' in data_checks (did you mean 'vif_max'?)"),
        ("data_checks: {vif_max: 40}", "data_checks: vif_severe 30 is below vif_max 40"),
        ("planning: {budget: -5}", "planning.budget: -5 should be greater than 0"),
        ("planning: {budget: .inf}", "planning.budget: inf should be a finite number"),
        ("planning: {bounds: {default: {max_change: .nan}}}", "max_change: nan should be a finite number"),
        ("planning: {market_budgets: {US: -5}}", "planning.market_budgets: US has -5; money is 0 or more"),
        ("planning: {scenarios: [{name: plan}]}", "'plan' stands beside every plan already"),
        ("planning: {scenarios: [{name: same_split}]}", "'same_split' stands beside every plan already"),
        ("planning: {scenarios: [{name: free, prices: {tv: 0}}]}", "media of tv cost 0 times as much"),
        ("organic: [promotion]", "'promotion' stands under organic and controls; a series plays one role"),
        ("treatments: [promotion]", "'promotion' stands under controls and treatments"),
        ("organic: [mails, mails]", "organic lists mails more than once"),
        ("organic: {mails: {plannable: true}}", "unknown key 'plannable' in organic.mails"),
        (
            "organic: {mails: {effect: {quantity: roas, prior: {distribution: HalfNormal, sigma: 1}}}}",
            "nothing is spent on organic media, so it has no roas; use contribution",
        ),
        ("treatments: {price_cut: {base: 0}}", "unknown key 'base' in treatments.price_cut (did you mean 'baseline'?)"),
    ],
)
def test_a_slip_in_a_policy_is_named_too(addition, message):
    assert message in refusal(RETAIL + addition)


@pytest.mark.parametrize(
    ("prior", "message"),
    [
        ({"distribution": "Beta", "alpha": 2}, "Beta takes the arguments (alpha, beta) or (mu, sigma); given: alpha"),
        ({"distribution": "Beta", "alpha": -2, "beta": 1}, "argument alpha of Beta is -2; it must be above 0"),
        ({"distribution": "Beta", "mu": 1.5, "sigma": 0.1}, "mu of Beta is 1.5; it must lie between 0 and 1"),
        ({"distribution": "Beta", "mu": 0.5, "sigma": 0.6}, "with mu 0.5 it must be below 0.5"),
        ({"distribution": "Gamma", "mu": -1, "sigma": 1}, "mu of Gamma is -1; it must lie above 0"),
        ({"distribution": "Uniform", "lower": 1, "upper": 0}, "lower must be below upper"),
        ({"distribution": "Normal", "mu": float("nan"), "sigma": 1}, "argument mu of Normal is nan"),
        ({"alpha": 2, "beta": 3}, "a prior needs a 'distribution'"),
        ({"distribution": "HalfNormal", "sigma": 1}, "alpha lies between 0 and 1, but HalfNormal reaches beyond"),
    ],
)
def test_a_prior_is_checked_before_any_sampler_sees_it(prior, message):
    data = {"model": "m", "outcome": "revenue", "markets": ["US"], "channels": ["tv"]}
    with pytest.raises(SpecError) as caught:
        ModelSpec.from_dict({**data, "media": {"adstock": {"alpha": prior}}})
    assert message in str(caught.value)
    assert "media.adstock" in str(caught.value)


def test_negative_media_effects_are_refused():
    text = RETAIL.replace("{distribution: HalfNormal, sigma: 2}", "{distribution: Normal, mu: 0, sigma: 2}")
    assert "kappa is positive, but Normal reaches below 0" in refusal(text)


def test_several_slips_are_all_listed():
    message = refusal(RETAIL.replace("controls:", "control:").replace("outcome:", "outcom:"))
    assert "3 problems" in message
    assert "unknown key 'control'" in message
    assert "unknown key 'outcom' (did you mean 'outcome'?)" in message


def test_message_names_the_file(tmp_path):
    file = tmp_path / "retail.yaml"
    file.write_text(RETAIL.replace("satur", "stur"))
    with pytest.raises(SpecError, match=r"^retail\.yaml: unknown key 'sturation'"):
        ModelSpec.from_yaml(file)


@pytest.mark.parametrize(("text", "message"), [("a: [", "line"), ("- 1\n- 2", "found list"), ("", "found nothing")])
def test_text_that_is_no_spec_is_refused(text, message):
    assert message in refusal(text)


def test_hash_ignores_key_order_comments_and_spelled_out_defaults():
    spec = ModelSpec.from_yaml(RETAIL)
    turned = "# a comment\n" + "\n".join(
        ["controls: [promotion, price_index]", "currency: USD", *RETAIL.strip().splitlines()[:-1]]
    )
    assert ModelSpec.from_yaml(turned).content_hash() == spec.content_hash()
    assert ModelSpec.from_dict(spec.to_dict()) == spec


def test_hash_changes_with_any_setting():
    spec = ModelSpec.from_yaml(RETAIL)
    assert ModelSpec.from_yaml(RETAIL.replace("max_lag: 26", "max_lag: 25")).content_hash() != spec.content_hash()


def test_only_what_can_change_the_posterior_changes_the_training_hash():
    spec = ModelSpec.from_yaml(RETAIL)
    retuned = ModelSpec.from_yaml(RETAIL.replace("plannable: false", "plannable: true") + "gates: {mape_max: 0.1}\n")
    assert retuned.training_hash() == spec.training_hash()
    assert retuned.content_hash() != spec.content_hash()
    assert retuned.planning_hash() != spec.planning_hash()
    assert ModelSpec.from_yaml(RETAIL + "sampler: {seed: 5}\n").training_hash() != spec.training_hash()
    stricter = ModelSpec.from_yaml(RETAIL + "data_checks: {vif_max: 5}\n")
    assert stricter.training_hash() == spec.training_hash()
    assert stricter.data_checks_hash() != spec.data_checks_hash()
    older = ModelSpec.from_yaml(RETAIL + "evidence: {max_age_weeks: 9}\n")
    assert older.training_hash() == spec.training_hash()
    assert older.evidence_hash() != spec.evidence_hash()


def test_asking_for_an_unknown_channel_suggests_the_nearest():
    with pytest.raises(SpecError, match=r"no channel 'serch'.*'search'"):
        ModelSpec.from_yaml(RETAIL).channel("serch")


def test_every_allowed_prior_exists_in_pymc_with_these_arguments():
    import pymc as pm
    from pymc_extras.prior import Prior

    from mmm_models.spec.priors import DISTRIBUTIONS

    value = {"mu": 0.4, "sigma": 0.2, "lower": 0.1, "upper": 0.9}
    with pm.Model() as model:
        for name, (_, alternatives) in DISTRIBUTIONS.items():
            for k, arguments in enumerate(alternatives):
                prior = Prior(name, **{argument: value.get(argument, 2.0) for argument in arguments})
                prior.create_variable(f"{name}_{k}")
    assert len(model.free_RVs) == sum(len(alternatives) for _, alternatives in DISTRIBUTIONS.values())


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ("{reach: r}", "reach and frequency belong together"),
        ("{reach: r, frequency: f, exposure: e}", "exposure and reach cannot both act"),
        (
            "{reach: r, frequency: f, effect: {quantity: mroas, prior: {distribution: HalfNormal, sigma: 1}}}",
            "with reach and frequency the response is linear in reach: write quantity: roas",
        ),
    ],
)
def test_what_acts_is_said_once(own, message):
    text = f"model: m\noutcome: revenue\nmarkets: [US]\nchannels: {{tv: {own}}}\n"
    assert message in refusal(text)


def test_organic_media_take_the_defaults_of_media_but_no_prior_on_returns():
    spec = ModelSpec.from_yaml(
        "model: m\noutcome: revenue\nmarkets: [US]\nchannels: [tv]\norganic: [mails]\n"
        "treatments: {cut: {baseline: 0.5}}\ncontrols: [price]\npopulation: people\n"
        "media: {adstock: {max_lag: 5}, effect: {quantity: roas, prior: {distribution: HalfNormal, sigma: 2}}}\n"
    )
    assert spec.channel("mails").adstock.max_lag == 5
    assert spec.channel("mails").effect is None
    assert spec.channel("tv").effect.quantity == "roas"
    assert not spec.channel("mails").plannable
    assert (spec.media_names, spec.control_names) == (["tv", "mails"], ["price", "cut"])
    assert spec.driver_names == ["mails", "people"]
    assert ModelSpec.from_dict(spec.to_dict()) == spec
