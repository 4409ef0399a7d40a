"""The evidence policy of a model: which lift tests it uses, and what it thinks of their designs."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from mmm_models.spec.designs import FAMILIES, Family


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DesignSpec(_Part):
    """How a family of designs may be wrong: lift = factor x (1 + scatter) x what the model says + offset."""

    factor: float = Field(1.0, gt=0, description="Median of the factor by which readings of the design are off.")
    factor_sd: float = Field(0.0, ge=0, description="Standard deviation of its logarithm; 0: known.")
    offset: float = Field(0.0, description="What readings add, as a share of the outcome counted.")
    offset_sd: float = Field(0.0, ge=0, description="Standard deviation of that share; 0: known.")
    scatter_sd: float = Field(0.05, ge=0, description="Scale of how tests scatter beyond their standard errors.")


# A platform counts more as its own than a till does; an experiment on regions counts at the till. Where chance decided
# who is treated, the standard error is honest but for a little.
_PLATFORM = DesignSpec(factor=1.1, factor_sd=0.2)
_REGIONS = DesignSpec(factor_sd=0.05)
_RANDOMISED_REGIONS = DesignSpec(scatter_sd=0.02)


class EvidencePolicy(_Part):
    """Which lift tests reach the likelihood, and how they count there."""

    use: Literal["approved", "none"] = Field("approved", description="'approved' tests, or 'none' to switch off.")
    max_age_weeks: int = Field(104, ge=1, description="Tests that ended longer ago than this count as expired.")
    least_validate: float = Field(
        0.2, ge=0, le=1, description="Share of approved tests to keep for validation; fewer is a warning."
    )
    drift: float = Field(
        0.05, ge=0, description="Doubt that a year adds, as a share of the lift; none where the effect may wander."
    )
    degrees_of_freedom: float = Field(100.0, gt=2, description="Of a reading's Student-t; fewer mean longer tails.")
    designs: dict[Family, DesignSpec] = Field(
        default_factory=dict, description="What is thought of a family of designs; left out, see docs/evidence.md."
    )
    tension_review: float = Field(2.0, gt=0, description="Distance of test and model, from which a person should look.")
    tension_block: float = Field(3.0, gt=0, description="Distance from which a test waits until a person accepts it.")
    small_share_max: float = Field(
        0.05, ge=0, description="Share of a week's noise variance up to which a test may stand in the data as well."
    )

    def design(self, family: Family, *, randomised: bool | None) -> DesignSpec:
        """What the model thinks of a design: what the spec says, or the default of its family."""
        if family not in FAMILIES:
            raise KeyError(family)
        if family in self.designs:
            return self.designs[family]
        if family == "conversion_lift":
            return _PLATFORM
        return _RANDOMISED_REGIONS if randomised else _REGIONS
