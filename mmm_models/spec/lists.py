"""Lists of names in which each stands once."""

from collections.abc import Sequence


def repeated(names: Sequence[str]) -> list[str]:
    """Names that stand more than once, in alphabetical order."""
    return sorted({str(name) for name in names if names.count(name) > 1})


def listed_once[T: Sequence[str]](names: T) -> T:
    """The names as they are. Raises ValueError, as pydantic's validators do, for one that stands more than once."""
    if twice := repeated(names):
        raise ValueError(f"{', '.join(twice)} stands more than once")
    return names
