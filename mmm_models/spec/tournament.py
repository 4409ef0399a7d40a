"""Which structures a model is tried in, and how they are compared."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from mmm_models.spec.lists import listed_once
from mmm_models.spec.media import AdstockKind, SaturationKind

TrendKind = Literal["none", "linear", "local"]


class TournamentSpec(BaseModel):
    """A grid of structures: every combination of the kinds named; an axis left out stays as the model has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    adstock: list[AdstockKind] = Field(default_factory=list, description="Kinds of carryover, of all channels.")
    saturation: list[SaturationKind] = Field(default_factory=list, description="Kinds of saturation, of all channels.")
    trend: list[TrendKind] = Field(default_factory=list, description="Kinds of trend.")
    folds: int = Field(4, ge=1, description="Stretches at the end of the data that are forecast, one after another.")
    horizon_weeks: int = Field(13, ge=1, description="Length of each stretch.")
    disagreement_factor: float = Field(
        2.0, gt=1, description="Structures disagree when one gives a channel this many times the return of another."
    )

    @field_validator("adstock", "saturation", "trend")
    @classmethod
    def _check_listed_once(cls, kinds: list[str]) -> list[str]:
        return listed_once(kinds)

    @model_validator(mode="after")
    def _check_size(self) -> "TournamentSpec":
        if max(len(self.adstock), len(self.saturation), len(self.trend)) < 2:
            raise ValueError(
                "there is one structure only; name two kinds or more of adstock, saturation or trend, such as "
                "adstock: [geometric, delayed], or leave the tournament out"
            )
        return self
