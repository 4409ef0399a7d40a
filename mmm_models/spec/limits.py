"""How far a plan may move, as people say it: limits of channels and groups, commitments, prices, what needs what."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Bound(_Part):
    """How far one channel's weekly spend may move in each market; the tighter limit holds, null means no limit."""

    min_change: float | None = Field(None, ge=-1, description="Least change against now; -0.5 is half the spend.")
    max_change: float | None = Field(None, ge=-1, description="Greatest change against now; 0.5 is half as much again.")
    min: float | None = Field(None, ge=0, description="Least money a week in each market.")
    max: float | None = Field(None, ge=0, description="Greatest money a week in each market.")
    fixed: float | None = Field(None, ge=0, description="Exactly this much money a week in each market.")
    may_rest: bool = Field(False, description="May also spend nothing at all: its least spend counts only if it is on.")
    lot: float | None = Field(None, gt=0, description="Spend comes in whole lots of this much money a week.")
    week_max: float | None = Field(None, ge=0, description="Greatest money in any single week in each market.")

    @model_validator(mode="after")
    def _check_order(self) -> "Bound":
        for low, high in (("min_change", "max_change"), ("min", "max")):
            least, most = getattr(self, low), getattr(self, high)
            if least is not None and most is not None and least > most:
                raise ValueError(f"{low} {least:g} is above {high} {most:g}")
        others = ("min_change", "max_change", "min", "max", "lot")
        if self.fixed is not None and (also := [name for name in others if getattr(self, name) is not None]):
            raise ValueError(f"fixed {self.fixed:g} and {also[0]} cannot both hold; give one of them")
        return self


class BoundsSpec(_Part):
    """Limits of a plan. A channel named here has its own limits only; `default` holds for all others."""

    default: Bound = Field(
        default_factory=lambda: Bound(min_change=-0.5, max_change=0.5), description="Limits of channels not named."
    )
    channels: dict[str, Bound] = Field(
        default_factory=dict, description="Limits by channel, or of one market's channel: `DE/tv`."
    )


class GroupSpec(_Part):
    """Money of several lines together, over the whole horizon."""

    name: str = Field(min_length=1, description="What people call it; named in messages and tables.")
    channels: list[str] = Field(default_factory=list, description="Its channels; none: all.")
    markets: list[str] = Field(default_factory=list, description="Its markets; none: all.")
    min: float | None = Field(None, ge=0, description="Least money over the horizon.")
    max: float | None = Field(None, ge=0, description="Greatest money over the horizon.")
    share_min: float | None = Field(None, ge=0, le=1, description="Least share of all money spent.")
    share_max: float | None = Field(None, ge=0, le=1, description="Greatest share of all money spent.")
    return_min: float | None = Field(None, ge=0, description="Least outcome for a unit of the group's money.")

    @model_validator(mode="after")
    def _check_order(self) -> "GroupSpec":
        for low, high in (("min", "max"), ("share_min", "share_max")):
            least, most = getattr(self, low), getattr(self, high)
            if least is not None and most is not None and least > most:
                raise ValueError(f"{low} {least:g} is above {high} {most:g}")
        limits = ("min", "max", "share_min", "share_max", "return_min")
        if all(getattr(self, name) is None for name in limits):
            raise ValueError(f"the group {self.name!r} limits nothing; give one of {', '.join(limits)}")
        return self


class RatioSpec(_Part):
    """Spend of one channel held against another's, in each market."""

    channel: str = Field(description="The channel that is limited.")
    of: str = Field(description="The channel that it is held against.")
    min: float | None = Field(None, ge=0, description="At least so many times the other's spend.")
    max: float | None = Field(None, ge=0, description="At most so many times the other's spend.")

    @model_validator(mode="after")
    def _check_limits(self) -> "RatioSpec":
        if self.min is None and self.max is None:
            raise ValueError(f"the ratio of {self.channel} to {self.of} limits nothing; give min or max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}")
        return self


class NeedSpec(_Part):
    """A channel that runs only where another one does."""

    channel: str = Field(description="The channel that may run only beside the other.")
    needs: str = Field(description="The channel that must spend in the same market.")


class CommitmentSpec(_Part):
    """Media that are bought already and will run, whatever is planned."""

    channel: str = Field(description="Channel.")
    market: str = Field(description="Market.")
    week_start: date = Field(description="Monday of the week in which it runs.")
    spend: float = Field(gt=0, description="Money that is committed.")


class PriceSpec(_Part):
    """How the price of media rises with the money that a market spends on a channel in a week."""

    elasticity: float = Field(
        0.0, ge=0, lt=1, description="Per cent that the price rises with one per cent more spend than now."
    )
    above: float | None = Field(None, ge=0, description="Money a week from which more of it buys dearer.")
    factor: float = Field(1.0, ge=1, description="How many times as dear money beyond `above` buys.")

    @model_validator(mode="after")
    def _check_pair(self) -> "PriceSpec":
        if (self.above is None) != (self.factor == 1.0):
            raise ValueError("above and factor belong together: money beyond `above` buys `factor` times as dear")
        return self
