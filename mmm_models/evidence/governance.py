"""Which lift tests a model may use, and a sentence on each that says why or why not."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import numpy as np

from mmm_models.errors import EvidenceError, did_you_mean
from mmm_models.evidence.evidence_set import EvidenceDecision, EvidenceSet, Term
from mmm_models.evidence.in_data import stands_in_data
from mmm_models.evidence.record import LiftTest
from mmm_models.evidence.states import Standing, standings
from mmm_models.evidence.terms import policy_hash, term_of
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec


def select_evidence(
    tests: Iterable[LiftTest],
    spec: ModelSpec,
    panel: Panel,
    as_of: date | None = None,
    standing: Mapping[str, Standing] | None = None,
) -> EvidenceSet:
    """Decide on each test: approved, meant to calibrate, about this model, inside its data, and not expired.

    A test that is refused does not stop the others.

    Args:
        tests: all that are known, one record a test.
        spec: the model with its policy.
        panel: its data.
        as_of: day from which `evidence.max_age_weeks` counts back (default: the last day of the panel).
        standing: how each test stands; by default as its record alone says.

    Raises:
        EvidenceError: two tests share a test_id.
    """
    tests = list(tests)
    names = [test.test_id for test in tests]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise EvidenceError(f"lift test {twice[0]} stands {names.count(twice[0])} times; keep its newest row")
    last_day = panel.weeks[-1].date() + timedelta(days=6)
    day = as_of or last_day
    standing = standings(tests, on=day) if standing is None else standing
    used, decisions = [], []
    measured: dict[str, str] = {}
    terms: dict[str, Term] = {}
    for test in sorted(tests, key=lambda test: test.test_id):
        twin = measured.get(_measurement(test))
        refusal = _refusal(test, standing[test.test_id], spec, panel, day) or _counted_twice(twin)
        if refusal is None:
            in_data = stands_in_data(test, spec, panel)
            refusal = in_data.words if in_data.rule == "data" else None
        if refusal is None:
            used.append(test)
            measured[_measurement(test)] = test.test_id
            terms[test.test_id] = term_of(test, spec, panel, in_data, standing[test.test_id].quality)
        reason = refusal or f"used: {_measured(test)}, {test.start_date} to {test.end_date}; {in_data.words}"
        decisions.append(EvidenceDecision(test_id=test.test_id, used=refusal is None, reason=reason))
    return EvidenceSet(used=used, decisions=decisions, terms=terms, policy_hash=policy_hash(used, spec))


def _refusal(test: LiftTest, standing: Standing, spec: ModelSpec, panel: Panel, as_of: date) -> str | None:
    """Say why a test cannot be used, or None. What concerns the test itself comes before what concerns the model."""
    return (
        _not_admitted(standing, spec)
        or _not_of_this_model(test, spec, panel)
        or _outside_data(test, panel)
        or _expired(test, spec, as_of)
        or _at_odds_with_data(test, panel)
    )


def _not_admitted(standing: Standing, spec: ModelSpec) -> str | None:
    if spec.evidence.use == "none":
        return f"model {spec.model} is set to 'evidence: {{use: none}}'"
    if not standing.is_live:
        return f"{standing.state}: {standing.why}"
    if standing.role == "validate":
        note = f" ({standing.role_note})" if standing.role_note else ""
        return f"role is 'validate': kept out of the likelihood, to check the model on{note}"
    return None


def _not_of_this_model(test: LiftTest, spec: ModelSpec, panel: Panel) -> str | None:
    if test.outcome != spec.outcome:
        return f"measures {test.outcome!r}; model {spec.model} explains {spec.outcome!r}"
    named = [("market", test.market, panel.markets), *(("channel", name, panel.paid) for name in test.channels)]
    for what, value, known in named:
        if value not in known:
            return (
                f"unknown {what} {value!r}{did_you_mean(value, known)}; model {spec.model} has {', '.join(known)}. "
                f"Correct the test's {what}, or add it to the model"
            )
    return None


def _outside_data(test: LiftTest, panel: Panel) -> str | None:
    first, last = panel.weeks[0].date(), panel.weeks[-1].date() + timedelta(days=6)
    if test.start_date < first or test.end_date > last:
        return (
            f"window {test.start_date} to {test.end_date} lies outside the data, which run from {first} to {last}. "
            "Correct the dates, or load the missing weeks"
        )
    return None


def _expired(test: LiftTest, spec: ModelSpec, as_of: date) -> str | None:
    age = (as_of - test.end_date).days / 7
    if age > spec.evidence.max_age_weeks:
        return (
            f"ended {test.end_date}, {age:.0f} weeks before {as_of}; the model's evidence expires after "
            f"{spec.evidence.max_age_weeks} weeks (evidence.max_age_weeks). Test again, or raise the limit"
        )
    return None


def _at_odds_with_data(test: LiftTest, panel: Panel) -> str | None:
    """Totals and weekly figures are easily mixed up; a factor of ten against the books is no estimate of spend."""
    by_channel = panel.dataset["spend"].sel(market=test.market, channel=test.channels)
    for name in test.channels:
        if not by_channel.sel(channel=name).values.any():
            return (
                f"the data hold no spend of {name} in {test.market}, so the model has no curve there to calibrate. "
                "Correct channel or market, or load its spend"
            )
    spend = by_channel.sum("channel").values
    weekly = max(test.spend_baseline, test.spend_baseline + test.spend_delta) / test.weeks / test.unit_share
    most = float(np.max(spend))
    if weekly > 10 * most:
        return (
            f"spends {weekly:,.0f} a week, more than ten times the most that the data show for {test.channel} in "
            f"{test.market} ({most:,.0f}). spend_baseline and spend_delta are totals over the window, in "
            f"{panel.currency}; correct them"
        )
    return None


def _measurement(test: LiftTest) -> str:
    """What two records share that tell of one measurement under two names."""
    return test.model_dump_json(
        include={"channel", "market", "outcome", "start_date", "end_date", "unit_share", "units", "spend_delta"}
        | {"lift", "lift_se", "readouts"}
    )


def _counted_twice(twin: str | None) -> str | None:
    if twin is None:
        return None
    return f"the same measurement as {twin}, which is used; revoke one of the two, or correct its figures"


def _measured(test: LiftTest) -> str:
    return f"{test.outcome} {test.lift:+,.0f} ± {test.lift_se:,.0f} for a change of {test.spend_delta:+,.0f} in spend"
