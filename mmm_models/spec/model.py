"""`ModelSpec`: everything that a model's YAML says."""

import hashlib
import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from mmm_models.errors import SpecError, did_you_mean
from mmm_models.spec.evidence import EvidencePolicy
from mmm_models.spec.lists import listed_once, repeated
from mmm_models.spec.media import ChannelSpec, MediaSpec, OrganicSpec, TreatmentSpec, resolve_channel
from mmm_models.spec.messages import spec_error
from mmm_models.spec.planning import PlanningSpec, planned_names
from mmm_models.spec.policies import (
    DataChecksSpec,
    GatesSpec,
    PriorsSpec,
    SamplerSpec,
    SeasonalitySpec,
)
from mmm_models.spec.tournament import TournamentSpec
from mmm_models.spec.yaml_text import is_path, parse_yaml

# Keys that describe, judge or use a fit, but cannot change its draws.
_NOT_IN_TRAINING = {"description", "owner", "evidence", "planning", "data_checks", "gates"}
# Components of a `Fit`'s contributions beside the channels.
_COMPONENTS = {"intercept", "trend", "level", "seasonality"}


class ModelSpec(BaseModel):
    """A marketing mix model as data. Frozen; equal content has an equal hash, whatever the order of its keys.

    Read with `from_yaml` or `from_dict`: they raise `SpecError` with the key, the value and the nearest right key.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(pattern="^[a-z][a-z0-9_]*$", description="Name: small letters, digits, underscores.")
    description: str = Field("", description="What the model is for, in a sentence.")
    owner: str = Field("team:marketing-science", description="Who answers for it: `team:<name>` or an e-mail address.")
    outcome: str = Field(description="Outcome series of mmm_input_weekly, such as revenue.")
    currency: str = Field("USD", pattern="^[A-Z]{3}$", description="Reporting currency of spend and money outcomes.")
    markets: list[str] = Field(min_length=1, description="Markets to model, as in dim_market.")
    engine: str = Field("marginal", description="Who fits it.")
    media: MediaSpec = Field(default_factory=MediaSpec, description="Defaults of every channel.")
    channels: dict[str, ChannelSpec] = Field(
        min_length=1, description="Paid channels: a list of names, or names with settings laid over `media`."
    )
    pooling: Literal["none", "partial", "complete"] = Field(
        "none",
        description="What a channel's effect in one market tells of it in others: 'none' nothing, 'complete' all, "
        "'partial' as much as the data say.",
    )
    organic: dict[str, OrganicSpec] = Field(
        default_factory=dict, description="Media without money: series names, or names with settings laid over `media`."
    )
    treatments: dict[str, TreatmentSpec] = Field(
        default_factory=dict, description="Doings that are no media: control series whose contribution is reported."
    )
    population: str | None = Field(
        None, description="Series of each market's population; scales outcome and media by head."
    )
    controls: list[str] = Field(default_factory=list, description="Control series of mmm_input_weekly.")
    seasonality: SeasonalitySpec = Field(default_factory=SeasonalitySpec, description="The yearly season.")
    trend: str = Field(
        "linear",
        pattern="^(none|linear|local)$",
        description="'none', 'linear' over the whole data, or 'local': a level that wanders from week to week.",
    )
    priors: PriorsSpec = Field(default_factory=PriorsSpec, description="Priors outside media.")
    sampler: SamplerSpec = Field(default_factory=SamplerSpec, description="How the posterior is drawn.")
    tournament: TournamentSpec | None = Field(None, description="Structures to try beside each other.")
    evidence: EvidencePolicy = Field(default_factory=EvidencePolicy, description="Which lift tests are used.")
    planning: PlanningSpec = Field(default_factory=PlanningSpec, description="What a plan is asked for.")
    data_checks: DataChecksSpec = Field(
        default_factory=DataChecksSpec, description="What the data should hold before a fit; warnings only."
    )
    gates: GatesSpec = Field(default_factory=GatesSpec, description="What a fit must hold.")

    @model_validator(mode="before")
    @classmethod
    def _lay_channels_over_media(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "channels" not in data:
            return data
        named = {key: _named(data[key], key) for key in ("channels", "organic", "treatments") if key in data}
        media = data.get("media") or {}
        try:
            MediaSpec.model_validate(media)
        except ValidationError:
            # Said once, at `media`, and not again at each channel.
            return {**data, **named}
        plain = MediaSpec.model_validate(media).model_dump(exclude_none=True)
        for key in ("channels", "organic"):
            # A prior on returns is no prior for what costs nothing.
            defaults = {k: v for k, v in plain.items() if key == "channels" or k != "effect"}
            if isinstance(named.get(key), dict):
                named[key] = {
                    name: resolve_channel(defaults, own) if isinstance(own, dict) else own
                    for name, own in named[key].items()
                }
        return {**data, **named}

    @field_validator("markets", "controls")
    @classmethod
    def _check_listed_once(cls, names: list[str]) -> list[str]:
        return listed_once(names)

    @model_validator(mode="after")
    def _check_reserved_names(self) -> "ModelSpec":
        for name in self.markets:
            if name == "all":
                raise ValueError("markets: 'all' is the name of the total over markets; name this market otherwise")
        for name in self.media_names:
            if name in _COMPONENTS or name.startswith(("control:", "treatment:")):
                raise ValueError(f"channels: {name!r} is the name of a baseline component; name this channel otherwise")
        return self

    @model_validator(mode="after")
    def _check_one_role_each(self) -> "ModelSpec":
        for one, other in (("channels", "organic"), ("controls", "treatments"), ("organic", "controls")):
            both = sorted(set(getattr(self, one)) & set(getattr(self, other)))
            if both:
                raise ValueError(f"{both[0]!r} stands under {one} and {other}; a series plays one role")
        return self

    @model_validator(mode="after")
    def _check_planning_names(self) -> "ModelSpec":
        for where, name, known in planned_names(self.planning, self.channel_names, self.markets, self.control_names):
            if name not in known:
                raise ValueError(f"unknown name {name!r} in planning.{where}{did_you_mean(name, known)}")
        for where in ("bounds", "flighting"):
            for name in getattr(self.planning, where).channels:
                if not self.channels[name if name in self.channels else name.partition("/")[2]].plannable:
                    raise ValueError(
                        f"planning.{where}.channels names {name!r}, which is not plannable: its money stays as it is. "
                        "Leave it out there, or set plannable: true"
                    )
        return self

    @classmethod
    def from_yaml(cls, source: Path | str) -> "ModelSpec":
        """Read a spec from a YAML file (a path) or from YAML text.

        Raises:
            SpecError: not YAML, a key given twice, an unknown key, or a value that does not fit; with the file name.
            OSError: the file cannot be read.
        """
        name = Path(source).name if is_path(source) else "model spec"
        text = Path(source).read_text(encoding="utf-8") if is_path(source) else str(source)
        return cls.from_dict(parse_yaml(text, name), source=name)

    @classmethod
    def from_dict(cls, data: Any, *, source: str = "model spec") -> "ModelSpec":
        """Check a mapping. Raises `SpecError`; `source` is named in its message."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise spec_error(cls, error, source) from None

    def to_dict(self) -> dict[str, Any]:
        """Plain data, complete with every default; `from_dict` gives the same spec back."""
        return self.model_dump(mode="json", exclude_none=True)

    @property
    def channel_names(self) -> list[str]:
        """Paid channels in the order of the file."""
        return list(self.channels)

    @property
    def media_names(self) -> list[str]:
        """Paid channels, then organic media, in the order of the file."""
        return [*self.channels, *self.organic]

    @property
    def control_names(self) -> list[str]:
        """Controls, then treatments, in the order of the file."""
        return [*self.controls, *self.treatments]

    @property
    def driver_names(self) -> list[str]:
        """Series that act in place of money or tell how many people there are, of role exposure or control."""
        paid = [name for own in self.channels.values() for name in (own.volume, own.frequency) if name]
        return list(dict.fromkeys([*self.organic, *paid, *([self.population] if self.population else [])]))

    def channel(self, name: str) -> ChannelSpec | OrganicSpec:
        """Return the complete settings of a channel or organic medium. Raises `SpecError` for an unknown one."""
        known = {**self.channels, **self.organic}
        if name not in known:
            raise SpecError(f"model {self.model} has no channel {name!r}{did_you_mean(name, known)}")
        return known[name]

    def content_hash(self) -> str:
        """sha256 of everything the spec says, independent of key order, comments and defaults left out."""
        return _digest(self.to_dict())

    def training_hash(self) -> str:
        """sha256 of what can change the posterior's draws, apart from the evidence (which has a hash of its own)."""
        data = {key: value for key, value in self.to_dict().items() if key not in _NOT_IN_TRAINING}
        data["channels"] = {name: channel.model_dump(exclude={"plannable"}) for name, channel in self.channels.items()}
        # `media` has done its work once the channels are resolved: a default that every channel overrides is no change.
        del data["media"]
        if self.tournament is not None:
            data["tournament"] = self.tournament.model_dump(mode="json", exclude={"disagreement_factor"})
        return _digest(data)

    def evidence_hash(self) -> str:
        """sha256 of what decides which lift tests are used: the policy, the outcome, channels and markets."""
        data = self.to_dict()
        return _digest(
            {
                "evidence": data["evidence"],
                "outcome": self.outcome,
                "channels": sorted(self.channels),
                "markets": sorted(self.markets),
            }
        )

    def data_checks_hash(self) -> str:
        """sha256 of the thresholds of the data checks."""
        return _digest(self.to_dict()["data_checks"])

    def planning_hash(self) -> str:
        """sha256 of what can change a plan of a given fit: planning, and which channels are plannable."""
        plannable = {name: channel.plannable for name, channel in self.channels.items()}
        return _digest({"planning": self.to_dict()["planning"], "plannable": plannable})


def _named(given: Any, key: str) -> Any:
    """A list of names as names without settings; what is neither list nor mapping is left for its field to refuse."""
    if isinstance(given, list):
        if twice := repeated(given):
            raise ValueError(f"{key} lists {', '.join(twice)} more than once")
        given = {name: {} for name in given}
    if not isinstance(given, dict):
        return given
    return {name: {} if own is None else own for name, own in given.items()}


def _digest(data: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
