"""How a channel's money turns into outcome: carryover (adstock) and diminishing returns (saturation)."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mmm_models.errors import did_you_mean
from mmm_models.spec.priors import PriorSpec, prior

SaturationKind = Literal["logistic", "hill", "michaelis_menten", "tanh"]

# kind -> parameter -> default prior, on spend / spend_scale and outcome / outcome_scale. Parameter names are those
# of PyMC-Marketing's components, so that a prior means the same in both.
SATURATION_PRIORS: dict[str, dict[str, PriorSpec]] = {
    "logistic": {"lam": prior("Gamma", alpha=3, beta=1), "beta": prior("HalfNormal", sigma=0.5)},
    "hill": {
        "slope": prior("Gamma", mu=1.5, sigma=0.5),
        "kappa": prior("Gamma", mu=0.5, sigma=0.25),
        "beta": prior("HalfNormal", sigma=0.5),
    },
    "michaelis_menten": {"lam": prior("HalfNormal", sigma=1), "alpha": prior("HalfNormal", sigma=0.5)},
    "tanh": {"b": prior("HalfNormal", sigma=0.5), "c": prior("HalfNormal", sigma=1)},
}


class AdstockSpec(BaseModel):
    """Carryover: which share of a week's pressure acts in the weeks after."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["geometric"] = Field("geometric", description="Shape of the carryover; weights alpha^lag, sum 1.")
    max_lag: int = Field(8, ge=1, le=260, description="Number of weights: the week itself and max_lag - 1 after it.")
    alpha: PriorSpec = Field(
        default_factory=lambda: prior("Beta", alpha=2, beta=3),
        description="Retention from week to week, between 0 (acts at once) and 1.",
    )

    @model_validator(mode="after")
    def _check_support(self) -> "AdstockSpec":
        if self.alpha.support != "unit":
            raise ValueError(f"alpha lies between 0 and 1, but {self.alpha.distribution} reaches beyond; use a Beta")
        return self

    @property
    def priors(self) -> dict[str, PriorSpec]:
        """Prior of each parameter of this kind."""
        return {"alpha": self.alpha}


class SaturationSpec(BaseModel):
    """Diminishing returns: outcome as a function of adstocked spend / spend_scale.

    Only the parameters of the chosen `kind` may be given; those left out take that kind's default prior.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: SaturationKind = Field("logistic", description="Shape of the curve.")
    lam: PriorSpec | None = Field(None, description="logistic: steepness; michaelis_menten: spend of half effect.")
    beta: PriorSpec | None = Field(None, description="logistic, hill: outcome at full saturation.")
    slope: PriorSpec | None = Field(None, description="hill: steepness; above 1 the curve is S-shaped.")
    kappa: PriorSpec | None = Field(None, description="hill: spend of half effect.")
    alpha: PriorSpec | None = Field(None, description="michaelis_menten: outcome at full saturation.")
    b: PriorSpec | None = Field(None, description="tanh: outcome at full saturation.")
    c: PriorSpec | None = Field(None, description="tanh: spend per outcome of the first unit; 1 / c is the slope at 0.")

    @model_validator(mode="before")
    @classmethod
    def _fill_defaults(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        kind = data.get("kind", "logistic")
        defaults = SATURATION_PRIORS.get(kind) if isinstance(kind, str) else None
        if defaults is None:
            return data
        foreign = [key for key in data if key != "kind" and key in cls.model_fields and key not in defaults]
        if foreign and data[foreign[0]] is not None:
            raise ValueError(
                f"{foreign[0]!r} is not a parameter of {kind} saturation{did_you_mean(foreign[0], defaults)}; "
                f"its parameters are {', '.join(defaults)}"
            )
        given = {key: value for key, value in data.items() if value is not None}
        return {**{name: default for name, default in defaults.items() if name not in given}, **given}

    @model_validator(mode="after")
    def _check_support(self) -> "SaturationSpec":
        for name, chosen in self.priors.items():
            if chosen.support == "real":
                raise ValueError(
                    f"{name} is positive, but {chosen.distribution} reaches below 0; use HalfNormal, Gamma or LogNormal"
                )
        return self

    @property
    def priors(self) -> dict[str, PriorSpec]:
        """Prior of each parameter of this kind."""
        return {name: getattr(self, name) for name in SATURATION_PRIORS[self.kind]}


class MediaSpec(BaseModel):
    """What holds for every channel that does not say otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    adstock: AdstockSpec = Field(default_factory=AdstockSpec, description="Carryover.")
    saturation: SaturationSpec = Field(default_factory=SaturationSpec, description="Diminishing returns.")


class ChannelSpec(MediaSpec):
    """One channel, complete: the model's `media` defaults with the channel's own settings on top."""

    plannable: bool = Field(True, description="May a budget plan move this channel's money?")


def resolve_channel(media: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    """Lay a channel's settings over the media defaults, both as plain mappings.

    Settings are merged key by key; a prior replaces a prior as a whole; and another saturation kind starts from that
    kind's own defaults, because the parameters of two kinds do not mean the same.
    """
    merged = {**media, **overrides}
    for part in ("adstock", "saturation"):
        base, own = media.get(part), overrides.get(part)
        if not isinstance(base, dict) or not isinstance(own, dict):
            continue
        same_kind = own.get("kind", base.get("kind")) == base.get("kind")
        merged[part] = {**base, **own} if same_kind else own
    return merged
