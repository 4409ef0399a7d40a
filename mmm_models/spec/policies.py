"""The rest of a model's YAML: seasonality, sampler, data checks and gates, with defaults."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mmm_models.spec.priors import PriorSpec


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SeasonalitySpec(_Part):
    """The yearly season."""

    yearly_fourier: int = Field(2, ge=0, le=26, description="Pairs of sine and cosine a year; 0 means no season.")


class PriorsSpec(_Part):
    """Priors outside media, on outcome / outcome_scale. Left out, the engine's own default holds."""

    intercept: PriorSpec | None = Field(None, description="Level of the outcome without media and controls.")
    trend: PriorSpec | None = Field(None, description="Change of the level over the whole data.")
    control: PriorSpec | None = Field(None, description="Effect of one standard deviation of a control.")
    fourier: PriorSpec | None = Field(None, description="Weight of each sine and cosine of the season.")
    level_step: PriorSpec | None = Field(
        None, description="Standard deviation of the level's move from week to week; trend: local only."
    )
    sigma: PriorSpec | None = Field(None, description="Standard deviation of the weekly noise.")
    scatter: PriorSpec | None = Field(
        None, description="How the log effects of a channel scatter over markets; pooling: partial only."
    )

    effect_step: PriorSpec | None = Field(
        None, description="Standard deviation of the weekly move of a channel's log effect; time_varying only."
    )

    @model_validator(mode="after")
    def _check_support(self) -> "PriorsSpec":
        for name in ("sigma", "scatter", "level_step", "effect_step"):
            chosen = getattr(self, name)
            if chosen is not None and chosen.support == "real":
                raise ValueError(f"{name} is positive, but {chosen.distribution} reaches below 0; use HalfNormal")
        return self


class SamplerSpec(_Part):
    """How the posterior is drawn."""

    draws: int = Field(1000, ge=1, description="Draws kept in each chain; with `ess_min`, those of one block.")
    ess_min: int | None = Field(
        None, ge=1, description="Go on in blocks until every parameter has this bulk ESS; engine marginal only."
    )
    draws_max: int = Field(8000, ge=1, description="The most draws in each chain that `ess_min` may ask for.")
    tune: int = Field(800, ge=0, description="Steps of adaptation in each chain, thrown away.")
    chains: int = Field(4, ge=1, description="Independent chains; R-hat needs at least 2.")
    target_accept: float = Field(0.9, gt=0, lt=1, description="Acceptance rate that the step size aims at.")
    seed: int = Field(20240101, ge=0, description="Seed of the sampler: the same seed gives the same fit.")


class GatesSpec(_Part):
    """Thresholds that a fit must hold before its figures are published."""

    r_hat_max: float = Field(1.01, gt=1, description="Largest R-hat of any parameter.")
    ess_bulk_min: float = Field(400, ge=0, description="Smallest effective sample size of the bulk.")
    ess_tail_min: float = Field(400, ge=0, description="Smallest effective sample size of the tails.")
    divergences_max: int = Field(0, ge=0, description="Divergent transitions after tuning.")
    e_bfmi_min: float = Field(0.3, ge=0, le=1, description="Smallest energy Bayesian fraction of missing information.")
    mape_max: float = Field(0.25, gt=0, description="Mean absolute percentage error of the mean prediction.")


class DataChecksSpec(_Part):
    """Thresholds of what is looked at before a fit. Beyond them is a warning; none blocks, none changes a fit."""

    vif_max: float = Field(10, gt=1, description="Variance inflation factor of a channel or control.")
    vif_severe: float = Field(30, gt=1, description="Variance inflation factor from which a finding is severe.")
    correlation_max: float = Field(0.8, gt=0, le=1, description="Correlation of two channels, or channel and control.")
    correlation_severe: float = Field(0.95, gt=0, le=1, description="Correlation from which a finding is severe.")
    mirror_max: float = Field(0.8, gt=0, le=1, description="Correlation of the slow movements of spend and outcome.")
    mirror_slow_share_max: float = Field(
        0.5, ge=0, le=1, description="Slow share of a spend's variance, beyond which a mirror of the outcome is severe."
    )
    smooth_weeks: int = Field(13, ge=3, description="Length of the moving average that makes a movement slow.")
    active_weeks_min: int = Field(8, ge=1, description="Weeks with spend, in a market where the channel spends at all.")
    spend_share_min: float = Field(0.01, ge=0, lt=1, description="Share of a channel in its market's media spend.")
    spend_variation_min: float = Field(0.1, ge=0, description="Standard deviation of weekly spend over its mean.")
    control_weeks_min: int = Field(4, ge=1, description="Weeks in which a control is away from its usual value.")
    weeks_per_series_min: float = Field(10, ge=0, description="Weeks for each channel and control of a market.")
    exposure_gap_weeks_max: int = Field(0, ge=0, description="Weeks with spend and no exposure, or the reverse.")
    outlier_z_max: float = Field(4, gt=0, description="Distance of a week from its own past, in robust deviations.")

    @model_validator(mode="after")
    def _check_order(self) -> "DataChecksSpec":
        for warn, severe in (("vif_max", "vif_severe"), ("correlation_max", "correlation_severe")):
            if getattr(self, severe) < getattr(self, warn):
                raise ValueError(f"{severe} {getattr(self, severe):g} is below {warn} {getattr(self, warn):g}")
        return self
