"""What a plan is made of beside the fit: the planning section, and how many draws choose it and report on it."""

from dataclasses import dataclass, field

from mmm_models.planning.errors import PlanError
from mmm_models.spec import ModelSpec, PlanningSpec


@dataclass(frozen=True)
class PlanRequest:
    """One planning question: `planning`, chosen on up to `choosing_draws` and reported on up to `reporting_draws`."""

    planning: PlanningSpec = field(default_factory=PlanningSpec)
    choosing_draws: int = 500
    reporting_draws: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.choosing_draws, self.reporting_draws) < 2:
            raise PlanError("A plan needs at least 2 draws to choose it and 2 to report on it.")

    @classmethod
    def from_spec(cls, spec: ModelSpec) -> "PlanRequest":
        """Return the request that `planning:` of a model's YAML describes."""
        return cls(planning=spec.planning, seed=spec.sampler.seed)

    @property
    def weeks(self) -> int:
        """Length of the plan."""
        return self.planning.horizon_weeks
