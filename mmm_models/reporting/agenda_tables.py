"""The test agenda as rows, one a proposed test, each with its reason in a sentence."""

import numpy as np
import pandas as pd

from mmm_models.planning.agenda import Agenda, AgendaItem
from mmm_models.reporting.money import format_money, format_percent, outcome_currency

AGENDA_COLUMNS = (
    "run_id",
    "rank",
    "channel",
    "market",
    "design",
    "spend_change",
    "start_date",
    "end_date",
    "followup_end",
    "unit_share",
    "spend_baseline",
    "spend_delta",
    "outcome",
    "expected_lift_mean",
    "expected_lift_p05",
    "expected_lift_p95",
    "expected_se",
    "power",
    "evsi",
    "evsi_error",
    "evppi",
    "evpi",
    "cost",
    "net_value",
    "horizon_weeks",
    "role",
    "draft_test_id",
    "reason",
)


def agenda_table(agenda: Agenda, run_id: str) -> pd.DataFrame:
    """`test_agenda`: one row a proposed test, the most valuable first."""
    rows = [{"run_id": run_id, **_row(agenda, item)} for item in agenda.items]
    return pd.DataFrame(rows, columns=list(AGENDA_COLUMNS))


def reason(agenda: Agenda, item: AgendaItem) -> str:
    """Why this test stands where it stands, for the person who has to decide on it."""
    unit = outcome_currency(agenda.outcome, agenda.currency)
    what = f"{agenda.outcome} a plan of {agenda.horizon_weeks} weeks"
    trial = item.trial
    known = format_money(max(item.evppi.value, 0.0), unit)
    sentences = [f"Knowing the response of {trial.channel} in {trial.market} exactly would add {known} of {what}"]
    if item.evsi.is_positive:
        share = item.evsi.value / item.evppi.value if item.evppi.value > item.evsi.value else 1.0
        sentences[0] += (
            f"; this test is expected to add {format_money(item.evsi.value, unit)}, {format_percent(share)} of it."
        )
        if item.cost > 0:
            plans = item.cost / item.evsi.value
            sentences.append(
                f"It gives up {format_money(item.cost, unit)} of {agenda.outcome} while it runs"
                + (f", as much as it adds to {plans:{'.1f' if plans < 10 else ',.0f'}} plans." if plans > 1 else ".")
            )
        else:
            sentences.append(
                "It costs nothing: it moves spend the way that pays, further than the plan's limits let it."
            )
    else:
        sentences[0] += "; no test of the sizes considered would read it well enough to change the plan."
    if item.draft.role == "validate":
        sentences.append("Kept to validate, as one test in five is: it checks the model and does not move the plan.")
    if item.open_tests:
        sentences.append(f"Planned or running already: {', '.join(item.open_tests)}.")
    return " ".join(sentences)


def _row(agenda: Agenda, item: AgendaItem) -> dict[str, object]:
    trial, draft = item.trial, item.draft
    low, high = np.quantile(trial.lift, [0.05, 0.95])
    return {
        "rank": item.rank,
        "channel": trial.channel,
        "market": trial.market,
        "design": trial.design,
        "spend_change": trial.change,
        "start_date": draft.start_date,
        "end_date": draft.end_date,
        "followup_end": draft.followup_end,
        "unit_share": trial.unit_share,
        "spend_baseline": draft.spend_baseline,
        "spend_delta": draft.spend_delta,
        "outcome": agenda.outcome,
        "expected_lift_mean": float(trial.lift.mean()),
        "expected_lift_p05": float(low),
        "expected_lift_p95": float(high),
        "expected_se": trial.standard_error,
        "power": trial.power,
        "evsi": item.evsi.value,
        "evsi_error": item.evsi.error,
        "evppi": item.evppi.value,
        "evpi": agenda.evpi.value,
        "cost": item.cost,
        "net_value": item.net_value,
        "horizon_weeks": agenda.horizon_weeks,
        "role": draft.role,
        "draft_test_id": draft.test_id,
        "reason": reason(agenda, item),
    }
