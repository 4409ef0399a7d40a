"""A failed step in the words of its cause, for terminals and alerts."""

from __future__ import annotations

import dagster as dg

from warehouse.redaction import redacted


def failure_in_words(event: dg.DagsterEvent) -> str:
    """The message of what a step raised, without secrets; Dagster's own error around it only names the step."""
    error = event.step_failure_data.error
    cause = error.cause if error and error.cause else error
    return redacted(cause.message.strip() if cause else event.message or "")
