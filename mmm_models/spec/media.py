"""How a channel's money turns into outcome: carryover (adstock) and diminishing returns (saturation)."""

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mmm_models.errors import did_you_mean
from mmm_models.spec.priors import PriorSpec, prior

AdstockKind = Literal["geometric", "delayed", "weibull_pdf", "weibull_cdf"]
SaturationKind = Literal["logistic", "hill", "michaelis_menten", "tanh", "root"]

# kind -> parameter -> default prior. Parameter names are those of PyMC-Marketing's components, so that a prior means
# the same in both. Lags are weeks; saturation works on spend / spend_scale and outcome / outcome_scale.
ADSTOCK_PRIORS: dict[str, dict[str, PriorSpec]] = {
    "geometric": {"alpha": prior("Beta", alpha=2, beta=3)},
    "delayed": {"alpha": prior("Beta", alpha=2, beta=3), "theta": prior("HalfNormal", sigma=2)},
    "weibull_pdf": {"lam": prior("Gamma", mu=2, sigma=1), "k": prior("Gamma", mu=2, sigma=1)},
    "weibull_cdf": {"lam": prior("Gamma", mu=2, sigma=1), "k": prior("Gamma", mu=2, sigma=1)},
}
SATURATION_PRIORS: dict[str, dict[str, PriorSpec]] = {
    "logistic": {"lam": prior("Gamma", alpha=3, beta=1), "beta": prior("HalfNormal", sigma=0.5)},
    "hill": {
        "slope": prior("Gamma", mu=1.5, sigma=0.5),
        "kappa": prior("Gamma", mu=0.5, sigma=0.25),
        "beta": prior("HalfNormal", sigma=0.5),
    },
    "michaelis_menten": {"lam": prior("HalfNormal", sigma=1), "alpha": prior("HalfNormal", sigma=0.5)},
    "tanh": {"b": prior("HalfNormal", sigma=0.5), "c": prior("HalfNormal", sigma=1)},
    "root": {"alpha": prior("Beta", alpha=2, beta=2), "beta": prior("HalfNormal", sigma=0.5)},
}


class _CurveSpec(BaseModel):
    """A kind and the priors of that kind's parameters; those left out take the kind's defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: ClassVar[str]
    defaults_by_kind: ClassVar[dict[str, dict[str, PriorSpec]]]
    plain_keys: ClassVar[frozenset[str]] = frozenset({"kind"})
    kind: str

    @model_validator(mode="before")
    @classmethod
    def _fill_defaults(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        kind = data.get("kind", cls.model_fields["kind"].default)
        defaults = cls.defaults_by_kind.get(kind) if isinstance(kind, str) else None
        if defaults is None:
            return data
        parameters = set(cls.model_fields) - cls.plain_keys
        foreign = [key for key in data if key in parameters and key not in defaults and data[key] is not None]
        if foreign:
            raise ValueError(
                f"{foreign[0]!r} is not a parameter of {kind} {cls.what}{did_you_mean(foreign[0], defaults)}; "
                f"its parameters are {', '.join(defaults)}"
            )
        given = {key: value for key, value in data.items() if value is not None}
        return {**{name: default for name, default in defaults.items() if name not in given}, **given}

    @property
    def priors(self) -> dict[str, PriorSpec]:
        """Prior of each parameter of this kind."""
        return {name: getattr(self, name) for name in self.defaults_by_kind[self.kind]}


class AdstockSpec(_CurveSpec):
    """Carryover: which share of a week's pressure acts in the weeks after.

    Only the parameters of the chosen `kind` may be given; those left out take that kind's default prior.
    """

    what = "adstock"
    defaults_by_kind = ADSTOCK_PRIORS
    plain_keys = frozenset({"kind", "max_lag"})

    kind: AdstockKind = Field("geometric", description="Shape of the carryover; weights sum to 1.")
    max_lag: int = Field(8, ge=1, le=260, description="Number of weights: the week itself and max_lag - 1 after it.")
    alpha: PriorSpec | None = Field(
        None,
        description="geometric, delayed: retention from week to week, between 0 (acts at once) and 1.",
    )
    theta: PriorSpec | None = Field(None, description="delayed: weeks until the effect is strongest.")
    lam: PriorSpec | None = Field(None, description="weibull: scale, in weeks.")
    k: PriorSpec | None = Field(None, description="weibull: shape; above 1 the effect rises first (pdf).")

    @model_validator(mode="after")
    def _check_support(self) -> "AdstockSpec":
        for name, chosen in self.priors.items():
            if name == "alpha" and chosen.support != "unit":
                raise ValueError(f"alpha lies between 0 and 1, but {chosen.distribution} reaches beyond; use a Beta")
            if chosen.support == "real":
                raise ValueError(f"{name} is positive, but {chosen.distribution} reaches below 0; use a Gamma")
        return self


class SaturationSpec(_CurveSpec):
    """Diminishing returns: outcome as a function of adstocked spend / spend_scale.

    Only the parameters of the chosen `kind` may be given; those left out take that kind's default prior.
    """

    what = "saturation"
    defaults_by_kind = SATURATION_PRIORS

    kind: SaturationKind = Field("logistic", description="Shape of the curve.")
    lam: PriorSpec | None = Field(None, description="logistic: steepness; michaelis_menten: spend of half effect.")
    beta: PriorSpec | None = Field(
        None, description="logistic, hill: outcome at full saturation; root: outcome at the spend scale."
    )
    slope: PriorSpec | None = Field(None, description="hill: steepness; above 1 the curve is S-shaped.")
    kappa: PriorSpec | None = Field(None, description="hill: spend of half effect.")
    alpha: PriorSpec | None = Field(
        None, description="michaelis_menten: outcome at full saturation; root: exponent, between 0 and 1."
    )
    b: PriorSpec | None = Field(None, description="tanh: outcome at full saturation.")
    c: PriorSpec | None = Field(None, description="tanh: spend per outcome of the first unit; 1 / c is the slope at 0.")

    @model_validator(mode="after")
    def _check_support(self) -> "SaturationSpec":
        for name, chosen in self.priors.items():
            if chosen.support == "real":
                raise ValueError(
                    f"{name} is positive, but {chosen.distribution} reaches below 0; use HalfNormal, Gamma or LogNormal"
                )
            if self.kind == "root" and name == "alpha" and chosen.support != "unit":
                raise ValueError(f"alpha lies between 0 and 1, but {chosen.distribution} reaches beyond; use a Beta")
        return self


class EffectSpec(BaseModel):
    """A prior on what a channel brings instead of on its coefficient, in each market; engine `marginal` only."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quantity: Literal["contribution", "roas", "mroas"] = Field(
        description="contribution: its share in the outcome of the data's weeks; roas: outcome of these weeks by "
        "money; mroas: outcome of the last unit of money, when spend moves in proportion."
    )
    prior: PriorSpec = Field(description="The prior; its quantity is positive.")

    @model_validator(mode="after")
    def _check_support(self) -> "EffectSpec":
        if self.prior.support == "real":
            raise ValueError(
                f"{self.quantity} is positive, but {self.prior.distribution} reaches below 0; use HalfNormal, Gamma or "
                "LogNormal"
            )
        if "lower" in self.prior.parameters:
            raise ValueError(f"{self.quantity} has no limits above 0; use HalfNormal, Gamma or LogNormal")
        return self


class MediaSpec(BaseModel):
    """What holds for every channel that does not say otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    adstock: AdstockSpec = Field(default_factory=AdstockSpec, description="Carryover.")
    saturation: SaturationSpec = Field(default_factory=SaturationSpec, description="Diminishing returns.")
    effect: EffectSpec | None = Field(
        None, description="Prior on contribution or returns; null: on the saturation's height."
    )
    time_varying: bool = Field(False, description="May the effect wander over the weeks? Engine marginal only.")


class ChannelSpec(MediaSpec):
    """One channel, complete: the model's `media` defaults with the channel's own settings on top.

    Money is what acts, unless the channel names a series that does: `exposure`, or `reach` with `frequency`.
    """

    plannable: bool = Field(True, description="May a budget plan move this channel's money?")
    exposure: str | None = Field(None, description="Series that acts in place of money: impressions, GRPs, clicks.")
    reach: str | None = Field(None, description="Series of people reached; needs frequency. Engine marginal only.")
    frequency: str | None = Field(None, description="Series of contacts for each person reached.")

    @model_validator(mode="after")
    def _check_driver(self) -> "ChannelSpec":
        if (self.reach is None) != (self.frequency is None):
            raise ValueError("reach and frequency belong together; give both, or neither")
        if self.reach is not None and self.exposure is not None:
            raise ValueError("exposure and reach cannot both act; give one of them")
        if self.reach is not None and self.effect is not None and self.effect.quantity == "mroas":
            raise ValueError("with reach and frequency the response is linear in reach: write quantity: roas")
        return self

    @property
    def volume(self) -> str | None:
        """The series that acts in place of money; None for money."""
        return self.exposure or self.reach


class OrganicSpec(MediaSpec):
    """Media without money, such as a newsletter: carryover, saturation and a positive effect; no return, no plan."""

    plannable: ClassVar[bool] = False
    frequency: ClassVar[None] = None

    @model_validator(mode="after")
    def _check_effect(self) -> "OrganicSpec":
        if self.effect is not None and self.effect.quantity != "contribution":
            raise ValueError(
                f"nothing is spent on organic media, so it has no {self.effect.quantity}; use contribution"
            )
        return self


class TreatmentSpec(BaseModel):
    """Something that the company does and that is no media, such as a price cut: an effect of either sign."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    baseline: Literal["min", "max"] | float = Field(
        "min", description="Value at which it contributes nothing: 'min' or 'max' of each market's data, or a number."
    )


def resolve_channel(media: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    """Lay a channel's settings over the media defaults, both as plain mappings.

    Settings are merged key by key; a prior replaces a prior as a whole; and another kind starts from that kind's own
    defaults, because the parameters of two kinds do not mean the same.
    """
    merged = {**media, **overrides}
    for part in ("adstock", "saturation"):
        base, own = media.get(part), overrides.get(part)
        if not isinstance(base, dict) or not isinstance(own, dict):
            continue
        same_kind = own.get("kind", base.get("kind")) == base.get("kind")
        # The memory is no parameter of a kind.
        kept = base if same_kind else {key: base[key] for key in ("max_lag",) if key in base}
        merged[part] = {**kept, **own}
    return merged
