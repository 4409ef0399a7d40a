"""What a person hears of when a run fails."""

import json
import os
import urllib.request
from datetime import UTC, datetime

import dagster as dg

from dagster_project.failures import failure_in_words
from warehouse.home import Home
from warehouse.redaction import redacted


@dg.run_failure_sensor(
    default_status=dg.DefaultSensorStatus.RUNNING,
    description=(
        "Appends each failed run to <home>/alerts.jsonl, and posts it to MIXHOUSE_ALERT_WEBHOOK where that is set."
    ),
)
def run_failure_alert(context: dg.RunFailureSensorContext) -> None:
    """Write the alert, then send it."""
    alert = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "run_id": context.dagster_run.run_id,
        "job": context.dagster_run.job_name,
        "message": context.failure_event.message,
        "steps": [
            {"step": event.step_key, "error": failure_in_words(event)} for event in context.get_step_failure_events()
        ],
    }
    with (Home.from_env().root / "alerts.jsonl").open("a") as alerts:
        alerts.write(json.dumps(alert) + "\n")
    webhook = os.environ.get("MIXHOUSE_ALERT_WEBHOOK")
    if webhook:
        body = json.dumps({"text": f"Mixhouse run failed: {alert['message']}", **alert}).encode()
        try:
            request = urllib.request.Request(webhook, body, {"Content-Type": "application/json"})
            urllib.request.urlopen(request, timeout=10).close()
        except (OSError, ValueError) as error:
            # Not chained: whoever knows the address can post there.
            raise dg.Failure(f"The alert is in alerts.jsonl and could not be posted: {redacted(error)}") from None
