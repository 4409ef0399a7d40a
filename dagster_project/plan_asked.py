"""What `mixhouse plan` is asked becomes one planning section, laid over the model's own."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from dagster_project import plan_words as words
from mmm_models.errors import SpecError
from mmm_models.spec import ModelSpec
from mmm_models.spec.yaml_text import parse_yaml

_COMMAND_LINE = "the command line"


@dataclass(frozen=True)
class Asked:
    """Options of the command line, as they were typed; None or empty where nothing was said."""

    budget: str | None = None
    weeks: int | None = None
    start: str | None = None
    objective: str | None = None
    margin: str | None = None
    min_return: float | None = None
    max_cost: float | None = None
    constraints: Path | None = None
    least: tuple[str, ...] = ()
    most: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    max_change: tuple[str, ...] = ()
    solver: str | None = None

    @property
    def is_anything(self) -> bool:
        """Was any option given?"""
        return any(getattr(self, field.name) not in (None, ()) for field in fields(self))


def asked_spec(spec: ModelSpec, asked: Asked) -> ModelSpec:
    """The model with the planning section that is asked for: its own, under the file's, under the command line's.

    Mappings are laid over each other key by key; a list (groups, needs, commitments, scenarios) is replaced whole.

    Raises:
        SpecError: an option, a key or a name that does not fit; names option or file, key, value and remedy.
        OSError: the file of constraints cannot be read.
    """
    if asked.constraints is not None:
        spec = _laid(spec, _constraints(asked.constraints), asked.constraints.name)
    spec = _laid(spec, _top(spec, asked), _COMMAND_LINE)
    spec = _with_planning(spec, {"bounds": _bounds(spec, asked)}, _COMMAND_LINE)
    if asked.margin is not None and spec.planning.objective.goal != "profit":
        raise SpecError("--margin counts where the goal is profit. Add --objective profit, or leave it out.")
    return spec


def _constraints(file: Path) -> dict[str, Any]:
    """Keys of `planning:`, which may stand under that key or alone."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        where = f"{error.reason} at byte {error.start}"
        raise SpecError(f"{file.name} is no UTF-8 text ({where}). Save it as UTF-8.") from error
    given = parse_yaml(text, file.name, "constraints are keys of planning, such as 'bounds'")
    return given["planning"] if set(given) == {"planning"} and isinstance(given["planning"], dict) else given


def _top(spec: ModelSpec, asked: Asked) -> dict[str, Any]:
    """What the command line says outside bounds."""
    said: dict[str, Any] = {}
    if asked.budget is not None:
        said["budget"] = words.money(asked.budget, "--budget", f"{spec.currency} for the whole plan")
    if asked.weeks is not None:
        said["horizon_weeks"] = asked.weeks
    if asked.start is not None:
        said["start"] = asked.start
    if asked.solver is not None:
        said["solver"] = asked.solver
    aim = words.objective(asked.objective, spec.outcome, spec.currency) if asked.objective is not None else {}
    aim |= words.margin(asked.margin) if asked.margin is not None else {}
    for key, value in (("return_min", asked.min_return), ("cost_max", asked.max_cost)):
        if value is not None:
            aim[key] = value
    return {**said, "objective": aim} if aim else said


def _bounds(spec: ModelSpec, asked: Asked) -> dict[str, Any]:
    """The bounds with the command line's limits.

    A limit replaces what stood on its side (a channel that had no limits of its own starts from the default's), so that
    `--max tv=90000` lets TV rise beyond the usual half; `--max-change` then holds beside it, and the tighter counts.
    """
    bounds = spec.planning.model_dump(mode="json", exclude_none=True)["bounds"]
    default, own = bounds["default"], bounds["channels"]
    for option, given, drops in (
        ("min", asked.least, ("min_change", "fixed")),
        ("max", asked.most, ("max_change", "fixed")),
        ("fix", asked.fixed, ("min", "max", "min_change", "max_change", "lot")),
    ):
        for text in given:
            name, value = words.limit(text, f"--{option}", spec.currency)
            for key in _lines(name, own):
                kept = own.get(key, own.get(key.rpartition("/")[2], default))
                limits = {what: limit for what, limit in kept.items() if what not in drops}
                own[key] = {**limits, "fixed" if option == "fix" else option: value}
    for text in asked.max_change:
        name, share = words.change(text)
        changes = {"min_change": max(-share, -1.0), "max_change": share}
        if name:
            targets = {key: own.get(key, default) for key in _lines(name, own)}
            own |= {key: {**limits, **changes} for key, limits in targets.items() if "fixed" not in limits}
        else:
            default |= changes
            own |= {key: {**limits, **changes} for key, limits in own.items() if "fixed" not in limits}
    return {"default": default, "channels": own}


def _lines(name: str, own: dict[str, Any]) -> list[str]:
    """The name, and the lines of single markets of that channel that have limits of their own."""
    return [name, *(key for key in own if key.partition("/")[2] == name)]


def _laid(spec: ModelSpec, more: dict[str, Any], source: str) -> ModelSpec:
    planning = spec.planning.model_dump(mode="json", exclude_none=True)
    aim = more.get("objective")
    if isinstance(aim, dict) and "goal" in aim and "target" not in aim:
        # Another goal has another target, or none.
        more = {**more, "objective": {**aim, "target": None}}
    return _with_planning(spec, _over(planning, more), source)


def _with_planning(spec: ModelSpec, changed: dict[str, Any], source: str) -> ModelSpec:
    planning = {**spec.planning.model_dump(mode="json", exclude_none=True), **changed}
    return ModelSpec.from_dict({**spec.to_dict(), "planning": planning}, source=source)


def _over(under: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Mappings key by key; anything else takes the place of what was there."""
    made = dict(under)
    for key, value in more.items():
        below = made.get(key)
        made[key] = _over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return made
