"""What goes wrong in the science, and how a message points at the nearest right name."""

from collections.abc import Iterable
from difflib import get_close_matches


class MixhouseModelError(ValueError):
    """Base of every error that a user of `mmm_models` can put right; the message says what, where and how."""


class PanelError(MixhouseModelError):
    """Rows that do not make a panel: names the week, market or series, the value and the remedy."""


class SpecError(MixhouseModelError):
    """A model's YAML that cannot be read: names the file, the key, the value and the remedy."""


class FitError(MixhouseModelError):
    """A question that a fit cannot answer, or a fit whose parts do not belong together."""


class EvidenceError(MixhouseModelError):
    """A lift test that cannot be used: names the test, the field, the value and the remedy."""


class EngineError(MixhouseModelError):
    """A model that an engine cannot fit."""


def did_you_mean(name: object, known: Iterable[object]) -> str:
    """Return " (did you mean 'x'?)" for the nearest of `known`, or "" when none is near. Case does not matter."""
    candidates = {str(candidate).lower(): str(candidate) for candidate in known}
    nearest = get_close_matches(str(name).lower(), candidates, n=1, cutoff=0.6)
    return f" (did you mean {candidates[nearest[0]]!r}?)" if nearest else ""
