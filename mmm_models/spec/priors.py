"""Priors as data: a distribution's name and its numbers, checked without loading any sampler."""

import math
from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_serializer, model_validator

from mmm_models.errors import did_you_mean

Support = Literal["unit", "positive", "real"]

# Mean of each distribution by its arguments; the formulas are those of scipy.stats, to which tests hold them.
_MEANS: dict[str, Callable[..., float]] = {
    "Beta": lambda alpha, beta: alpha / (alpha + beta),
    "Gamma": lambda alpha, beta: alpha / beta,
    "InverseGamma": lambda alpha, beta: beta / (alpha - 1) if alpha > 1 else math.inf,
    "HalfNormal": lambda sigma: sigma * math.sqrt(2 / math.pi),
    "HalfStudentT": lambda nu, sigma: (
        2 * sigma * math.sqrt(nu / math.pi) * math.exp(math.lgamma((nu + 1) / 2) - math.lgamma(nu / 2)) / (nu - 1)
        if nu > 1
        else math.inf
    ),
    "Exponential": lambda scale: scale,
    "LogNormal": lambda mu, sigma: math.exp(mu + sigma**2 / 2),
    "Normal": lambda mu, sigma: mu,
    "StudentT": lambda nu, mu, sigma: mu,
    "Laplace": lambda mu, b: mu,
    "Uniform": lambda lower, upper: (lower + upper) / 2,
    "TruncatedNormal": lambda mu, sigma, lower, upper: (
        mu + sigma * _truncation_shift((lower - mu) / sigma, (upper - mu) / sigma)
    ),
}

# Name -> (support, alternative sets of arguments). Names and arguments are PyMC's.
DISTRIBUTIONS: dict[str, tuple[Support, tuple[tuple[str, ...], ...]]] = {
    "Beta": ("unit", (("alpha", "beta"), ("mu", "sigma"))),
    "Gamma": ("positive", (("alpha", "beta"), ("mu", "sigma"))),
    "InverseGamma": ("positive", (("alpha", "beta"), ("mu", "sigma"))),
    "HalfNormal": ("positive", (("sigma",),)),
    "HalfStudentT": ("positive", (("nu", "sigma"),)),
    "Exponential": ("positive", (("lam",), ("scale",))),
    "LogNormal": ("positive", (("mu", "sigma"),)),
    "Normal": ("real", (("mu", "sigma"),)),
    "StudentT": ("real", (("nu", "mu", "sigma"),)),
    "Laplace": ("real", (("mu", "b"),)),
    "Uniform": ("real", (("lower", "upper"),)),
    "TruncatedNormal": ("real", (("mu", "sigma", "lower", "upper"),)),
}
_POSITIVE = {"alpha", "beta", "sigma", "nu", "lam", "scale", "b"}
# A distribution's `mu` is its mean, and so must lie in its support, except where it is the mean of the logarithm.
_POSITIVE_MEAN = {"Beta", "Gamma", "InverseGamma"}


class PriorSpec(BaseModel):
    """A prior, written flat: `{distribution: Beta, alpha: 2, beta: 3}`.

    `distribution` is a PyMC name, `parameters` its arguments. Checked here: that the distribution is known, that its
    arguments are complete and finite, and that scales are positive.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    distribution: str = Field(description="Name of the distribution, as in PyMC.")
    parameters: dict[str, float] = Field(description="Arguments of the distribution.")

    @model_validator(mode="before")
    @classmethod
    def _from_flat(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "parameters" in data:
            return data
        if "distribution" not in data:
            nearest = did_you_mean("distribution", [])
            wrong = next((key for key in data if did_you_mean(key, ["distribution"])), None)
            if wrong is not None:
                nearest = f"; unknown key {wrong!r} (did you mean 'distribution'?)"
            raise ValueError(
                f"a prior needs a 'distribution', such as {{distribution: Beta, alpha: 2, beta: 3}}{nearest}"
            )
        arguments = {key: value for key, value in data.items() if key != "distribution"}
        return {"distribution": data["distribution"], "parameters": arguments}

    @model_validator(mode="after")
    def _check_arguments(self) -> "PriorSpec":
        if self.distribution not in DISTRIBUTIONS:
            raise ValueError(
                f"unknown distribution {self.distribution!r}{did_you_mean(self.distribution, DISTRIBUTIONS)}; "
                f"known are {', '.join(DISTRIBUTIONS)}"
            )
        _, alternatives = DISTRIBUTIONS[self.distribution]
        known = sorted({name for names in alternatives for name in names})
        for name, value in self.parameters.items():
            if name not in known:
                raise ValueError(f"unknown argument {name!r} of {self.distribution}{did_you_mean(name, known)}")
            if not math.isfinite(value):
                raise ValueError(f"argument {name} of {self.distribution} is {value}; give a finite number")
            if name in _POSITIVE and value <= 0:
                raise ValueError(f"argument {name} of {self.distribution} is {value:g}; it must be above 0")
        if not any(set(names) == set(self.parameters) for names in alternatives):
            wanted = " or ".join("(" + ", ".join(names) + ")" for names in alternatives)
            given = ", ".join(self.parameters) or "none"
            raise ValueError(f"{self.distribution} takes the arguments {wanted}; given: {given}")
        self._check_mean_and_limits()
        return self

    def _check_mean_and_limits(self) -> None:
        mean = self.parameters.get("mu")
        if mean is not None and self.distribution in _POSITIVE_MEAN:
            if mean <= 0 or (self.distribution == "Beta" and mean >= 1):
                where = "between 0 and 1" if self.distribution == "Beta" else "above 0"
                raise ValueError(f"argument mu of {self.distribution} is {mean:g}; it must lie {where}")
            sigma = self.parameters["sigma"]
            if self.distribution == "Beta" and sigma**2 >= mean * (1 - mean):
                widest = math.sqrt(mean * (1 - mean))
                raise ValueError(f"argument sigma of Beta is {sigma:g}; with mu {mean:g} it must be below {widest:.3g}")
        if "lower" in self.parameters and self.parameters["lower"] >= self.parameters["upper"]:
            raise ValueError(
                f"{self.distribution} has lower {self.parameters['lower']:g} and upper "
                f"{self.parameters['upper']:g}; lower must be below upper"
            )

    @model_serializer
    def _to_flat(self) -> dict[str, Any]:
        return {"distribution": self.distribution, **self.parameters}

    @property
    def support(self) -> Support:
        """Where the prior puts its mass: 'unit' (0 to 1), 'positive' or 'real'."""
        support, _ = DISTRIBUTIONS[self.distribution]
        if "lower" in self.parameters and self.parameters["lower"] >= 0:
            return "unit" if self.parameters["upper"] <= 1 else "positive"
        return support

    def standard(self) -> "PriorSpec":
        """The same prior in one set of arguments: alpha and beta where it may be written with mu and sigma, scale."""
        numbers = self.parameters
        if self.distribution == "Exponential" and "lam" in numbers:
            return prior("Exponential", scale=1 / numbers["lam"])
        if self.distribution not in _POSITIVE_MEAN or "mu" not in numbers:
            return self
        mu, sigma = numbers["mu"], numbers["sigma"]
        if self.distribution == "Gamma":
            return prior("Gamma", alpha=(mu / sigma) ** 2, beta=mu / sigma**2)
        if self.distribution == "InverseGamma":
            alpha = 2 + (mu / sigma) ** 2
            return prior("InverseGamma", alpha=alpha, beta=mu * (alpha - 1))
        concentration = mu * (1 - mu) / sigma**2 - 1
        return prior("Beta", alpha=mu * concentration, beta=(1 - mu) * concentration)

    @property
    def mean(self) -> float:
        """Mean of the prior; infinite where it has none."""
        return _MEANS[self.distribution](**self.standard().parameters)

    @property
    def usual(self) -> float:
        """Mean of the prior; 1 where it has none."""
        return self.mean if math.isfinite(self.mean) else 1.0


def _truncation_shift(low: float, high: float) -> float:
    """Mean of a standard normal between two limits."""
    density = [math.exp(-(limit**2) / 2) / math.sqrt(2 * math.pi) for limit in (low, high)]
    mass = [(1 + math.erf(limit / math.sqrt(2))) / 2 for limit in (low, high)]
    return (density[0] - density[1]) / (mass[1] - mass[0])


def prior(distribution: str, **parameters: float) -> PriorSpec:
    """Return the prior `distribution(**parameters)`, checked as in YAML."""
    return PriorSpec.model_validate({"distribution": distribution, **parameters})
