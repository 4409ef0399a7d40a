"""What a plan is asked for: horizon, budget, solver and the number of draws; by default what the spec says."""

from dataclasses import dataclass

from mmm_models.planning.errors import PlanError
from mmm_models.spec import ModelSpec


@dataclass(frozen=True)
class PlanRequest:
    """One planning question.

    `budget` is money over the whole horizon and all plan lines; None means as much as the last `horizon_weeks`
    weeks spent. The plan is chosen on up to `choosing_draws` even posterior samples and reported on up to
    `reporting_draws` odd ones. Each of `scenario_changes` (−0.2 = 20 % less money) is planned again beside it.
    """

    horizon_weeks: int = 13
    budget: float | None = None
    solver: str = "slsqp"
    choosing_draws: int = 250
    reporting_draws: int = 1000
    seed: int = 0
    scenario_changes: tuple[float, ...] = (-0.2, 0.2)

    def __post_init__(self) -> None:
        if self.horizon_weeks < 1:
            raise PlanError(f"planning.horizon_weeks is {self.horizon_weeks}; a plan needs at least 1 week.")
        if self.budget is not None and not self.budget > 0:
            raise PlanError(
                f"planning.budget is {self.budget}; give a positive amount of money for the whole horizon, "
                "or null for as much as the last weeks spent."
            )
        if min(self.choosing_draws, self.reporting_draws) < 2:
            raise PlanError("A plan needs at least 2 draws to choose it and 2 to report on it.")

    @classmethod
    def from_spec(cls, spec: ModelSpec) -> "PlanRequest":
        """Return the request that `planning:` of a model's YAML describes."""
        planning = spec.planning
        return cls(
            horizon_weeks=planning.horizon_weeks,
            budget=planning.budget,
            solver=planning.solver,
            seed=spec.sampler.seed,
        )
