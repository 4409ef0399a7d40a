"""Turn pydantic's errors into sentences that name the file, the key, the value and the nearest right key."""

from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mmm_models.errors import SpecError, did_you_mean
from mmm_models.spec.media import SATURATION_PRIORS, SaturationSpec


def spec_error(model: type[BaseModel], error: ValidationError, source: str) -> SpecError:
    """Return a `SpecError` that lists each problem of `error`, one a line when there are several."""
    problems = list(dict.fromkeys(_sentence(model, details) for details in error.errors(include_url=False)))
    if len(problems) == 1:
        return SpecError(f"{source}: {problems[0]}")
    return SpecError(f"{source}: {len(problems)} problems\n" + "\n".join(f"  - {problem}" for problem in problems))


def _sentence(model: type[BaseModel], details: ErrorDetails) -> str:
    location = [part for part in details["loc"] if part != "[key]"]
    where = _dotted(location)
    kind = details["type"]
    if kind == "extra_forbidden":
        parent = location[:-1]
        inside = f" in {_dotted(parent)}" if parent else ""
        return f"unknown key {location[-1]!r}{inside}{did_you_mean(location[-1], _known_keys(model, parent))}"
    if kind == "missing":
        inside = f" in {_dotted(location[:-1])}" if len(location) > 1 else ""
        return f"missing key {location[-1]!r}{inside}"
    if kind == "value_error":
        return f"{where}: {details['ctx']['error']}" if where else str(details["ctx"]["error"])
    value = details["input"]
    if kind == "too_short":
        return f"{where} is empty; name at least one"
    if kind == "string_pattern_mismatch":
        return f"{where}: {value!r} does not match {details['ctx']['pattern']}"
    if kind == "string_type" and isinstance(value, bool):
        return f'{where}: YAML reads this as {value}; put the text in quotes (such as "NO")'
    message = details["msg"].removeprefix("Input ")
    return f"{where or 'the file'}: {value!r} {message}"


def _dotted(location: list[Any]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _known_keys(model: type[BaseModel], location: list[Any]) -> list[str]:
    """The keys that may stand at `location`, found by walking the annotations."""
    current: Any = model
    for part in location:
        current = _step(current, part)
        if current is None:
            return []
    current = _without_none(current)
    if isinstance(current, type) and issubclass(current, SaturationSpec):
        return ["kind", *dict.fromkeys(name for kind in SATURATION_PRIORS.values() for name in kind)]
    return list(current.model_fields) if isinstance(current, type) and issubclass(current, BaseModel) else []


def _step(annotation: Any, part: Any) -> Any:
    annotation = _without_none(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(part)
        return field.annotation if field else None
    if get_origin(annotation) is dict:
        return get_args(annotation)[1]
    if get_origin(annotation) is list:
        return get_args(annotation)[0]
    return None


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, UnionType):
        return next(option for option in get_args(annotation) if option is not type(None))
    return annotation
