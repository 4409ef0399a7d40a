"""Families of designs: what a word in the sheet means."""

from typing import Literal, get_args

Family = Literal["geo_lift", "go_dark", "heavy_up", "conversion_lift", "switchback"]
FAMILIES: tuple[Family, ...] = get_args(Family)

# The first that a design's text contains decides.
_WORDS: tuple[tuple[str, Family], ...] = (
    ("switch", "switchback"),
    ("conversion", "conversion_lift"),
    ("user", "conversion_lift"),
    ("dark", "go_dark"),
    ("holdout", "go_dark"),
    ("holdback", "go_dark"),
    ("heavy", "heavy_up"),
)


def family_of(design: str) -> Family:
    """The family of a design's free text; a geo lift where it says nothing else."""
    text = design.lower().replace("-", "").replace("_", "").replace(" ", "")
    return next((family for word, family in _WORDS if word in text), "geo_lift")
