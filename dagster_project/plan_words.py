"""Words of the command line that a plan is asked with: money, goals and risks, margins, limits of channels."""

from __future__ import annotations

import re
from typing import Any

from mmm_models.errors import SpecError, did_you_mean

_MONEY = re.compile(r"(?P<figure>\d[\d_]*(\.\d+)?)\s*(?P<step>[kmb]?)", re.IGNORECASE)
_STEPS = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9}
_MARGIN = re.compile(r"(?P<mean>[\d.]+)\s*((\+-|\+/-|±)\s*(?P<sd>[\d.]+))?")

# Words of --objective: what each sets, and the key of the figure that it may carry after `=`.
_GOALS = {"outcome": None, "profit": None, "marginal_return": "target", "target": "target"}
_RISKS = {
    "mean": None,
    "cvar": "risk_level",
    "mean_variance": "risk_aversion",
    "entropic": "risk_aversion",
    "prob_gain": None,
}


def money(text: str, option: str, meant: str) -> float:
    """Read '1.2M', '850k' or '1200000'; `meant` says in the error what the figure is, with its unit.

    Raises:
        SpecError: anything else, commas among it: 1,200 is a different number in Berlin and in Boston.
    """
    found = _MONEY.fullmatch(text.strip())
    if found is None:
        raise SpecError(f"{option} {text!r} is no amount of money. Write 1.2M, 850k or 1200000: {meant}.")
    return float(found["figure"].replace("_", "")) * _STEPS[found["step"].lower()]


def objective(text: str, outcome: str, currency: str) -> dict[str, Any]:
    """Read 'profit,cvar=0.9' and the like into keys of `planning.objective`.

    Args:
        text: at most one goal and one risk, with commas; the model's outcome by its name is a goal, too.
        outcome, currency: of the model.

    Raises:
        SpecError: an unknown word (another outcome among them), a figure where none belongs, two goals or two risks.
    """
    made: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        word, sign, figure = (piece.strip() for piece in part.partition("="))
        if word == "cvar_min":
            made["cvar_min"] = _signed(figure, part, f"the least CVaR of the gain, in units of {outcome}")
            continue
        key, carries = _meaning(word, outcome, text)
        if key in made:
            raise SpecError(f"--objective {text!r} names two {key}s, {made[key]!r} and {word!r}. Give one.")
        made[key] = "outcome" if word == outcome else word
        if sign and carries is None:
            raise SpecError(f"--objective {part!r}: {word} takes no figure. Write {word} alone.")
        if sign:
            unit = f"units of {outcome} for one {currency}" if word == "marginal_return" else f"units of {outcome}"
            made[carries] = money(figure, f"--objective {word}=", unit) if key == "goal" else _share(figure, part)
    return made


def margin(text: str) -> dict[str, float]:
    """Read '0.4' or '0.4+-0.05' into `margin` and `margin_sd`.

    Raises:
        SpecError: anything else.
    """
    found = _MARGIN.fullmatch(text.strip())
    try:
        return {"margin": float(found["mean"]), "margin_sd": float(found["sd"] or 0.0)}
    except (TypeError, ValueError):
        raise SpecError(
            f"--margin {text!r}: write 0.4, or 0.4+-0.05 where it is not known exactly (mean and standard deviation): "
            "what a unit of outcome is worth in money."
        ) from None


def limit(text: str, option: str, currency: str) -> tuple[str, float]:
    """Read 'tv=20k' or 'DE/tv=20k': the line that is limited, and money a week in each market.

    Raises:
        SpecError: no name, or no amount.
    """
    name, sign, figure = (piece.strip() for piece in text.partition("="))
    if not (name and sign):
        raise SpecError(f"{option} {text!r}: write channel=money, such as tv=20000 or DE/tv=20k ({currency} a week).")
    return name, money(figure, f"{option} {name}=", f"{currency} a week in each market")


def change(text: str) -> tuple[str, float]:
    """Read '0.2', '20%' or 'tv=0.2': the line ('' for all), and the share by which spend may move.

    Raises:
        SpecError: no share.
    """
    name, sign, figure = (piece.strip() for piece in text.rpartition("="))
    try:
        share = float(figure.removesuffix("%")) / (100 if figure.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if share < 0 or (sign and not name):
        raise SpecError(f"--max-change {text!r}: write 0.2 or 20% for all channels, or tv=0.2 for one.")
    return name, share


def _meaning(word: str, outcome: str, text: str) -> tuple[str, str | None]:
    """Whether a word is a goal or a risk, and which key its figure has."""
    if word == outcome:
        return "goal", None
    if word in _GOALS:
        return "goal", _GOALS[word]
    if word in _RISKS:
        return "risk", _RISKS[word]
    known = [outcome, *_GOALS, *_RISKS]
    raise SpecError(
        f"--objective {text!r}: {word!r} is no goal of this model{did_you_mean(word, known)}; it explains {outcome}. "
        f"Goals: {outcome}, profit, marginal_return=1.5, target=5M. "
        "Risk: mean, cvar=0.9, mean_variance=10, entropic=10, prob_gain; cvar_min=-10k limits it. "
        "Write one goal and one risk, such as profit,cvar=0.9."
    )


def _share(figure: str, part: str) -> float:
    try:
        return float(figure)
    except ValueError:
        raise SpecError(f"--objective {part!r}: {figure!r} is no number. Write it as in cvar=0.9.") from None


def _signed(figure: str, part: str, meant: str) -> float:
    sign = -1.0 if figure.startswith("-") else 1.0
    return sign * money(figure.removeprefix("-"), f"--objective {part.partition('=')[0]}=", meant)
