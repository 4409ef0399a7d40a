"""How far a test's design is to be trusted: q in (0, 1], by which the likelihood divides the variance of its lift.

A power prior (Ibrahim and Chen 2000, Statistical Science 15): a normal measurement of variance v, to the power q,
is one of variance v / q. q is the product of a factor a fact. It is fixed before any model sees the test, from what is
known of the design alone: neither the lift nor its agreement with a model can be part of it, and `DesignFacts` holds
neither. What the literature says of each fact is named beside its factor; where it gives a direction and no number, the
number is a judgement, and the docstring says so.
"""

import math

from pydantic import BaseModel, ConfigDict, Field
from scipy.special import ndtri

from mmm_models.evidence.record import LiftTest

LEAST_QUALITY = 0.05


class DesignFacts(BaseModel):
    """What is known of a design; None where nobody has said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    randomised: bool | None = Field(None, description="Chance decided who was treated.")
    pre_fit_error: float | None = Field(None, description="Error of the comparison before the test, as a share.")
    power: float | None = Field(None, description="Power at the effect that was expected.")
    contamination: float | None = Field(None, description="Share of the controls that saw the change, too.")
    delivered: float | None = Field(None, description="Change of spend over the change that was planned.")
    comparisons: int | None = Field(None, description="Outcomes and cuts that were looked at.")
    pre_registered: bool = Field(False, description="Design and analysis were written down before the test.")

    @classmethod
    def of(cls, test: LiftTest) -> "DesignFacts":
        """The facts of a record."""
        planned = test.spend_delta_planned
        if planned is None and test.spend_path and all(period.planned is not None for period in test.spend_path):
            planned = sum((period.planned or 0.0) - period.baseline for period in test.spend_path)
        return cls(
            randomised=test.randomised,
            pre_fit_error=test.pre_fit_error,
            power=test.power,
            contamination=test.contamination,
            delivered=test.spend_delta / planned if planned else None,
            comparisons=test.comparisons,
            pre_registered=bool(test.pre_registration),
        )


class Factor(BaseModel):
    """What one fact does to q, and why."""

    model_config = ConfigDict(frozen=True)

    fact: str
    factor: float = Field(gt=0, le=1)
    reason: str


class Quality(BaseModel):
    """q with its factors."""

    model_config = ConfigDict(frozen=True)

    value: float = Field(gt=0, le=1)
    factors: list[Factor]

    def in_words(self) -> str:
        """The factors below 1, as a sentence; 'nothing counts against the design' where there are none."""
        lowered = [
            f"{factor.fact} {factor.factor:.2f} ({factor.reason})" for factor in self.factors if factor.factor < 1
        ]
        return "; ".join(lowered) or "nothing counts against the design"


def design_quality(facts: DesignFacts) -> Quality:
    """q of a design: the product of its factors, not below `LEAST_QUALITY`."""
    factors = [
        _randomised(facts),
        _pre_fit(facts),
        _power(facts),
        _contamination(facts),
        _delivered(facts),
        _comparisons(facts),
        _pre_registered(facts),
    ]
    value = math.prod(factor.factor for factor in factors)
    return Quality(value=max(LEAST_QUALITY, value), factors=factors)


def _randomised(facts: DesignFacts) -> Factor:
    """Chance alone makes the groups alike in what nobody measured (Gordon, Zettelmeyer, Bhargava and Chapsky 2019,
    Marketing Science 38: without it, estimates of ad effects miss those of the same experiments, often by a multiple).
    0.6 and 0.85 are judgements: a standard error wider by 29 % and 8 %.
    """
    match facts.randomised:
        case True:
            return Factor(fact="randomised", factor=1.0, reason="chance decided who was treated")
        case False:
            return Factor(fact="randomised", factor=0.6, reason="who was treated was chosen")
        case None:
            return Factor(
                fact="randomised", factor=0.85, reason="not known whether chance decided; say it in `randomised`"
            )


def _pre_fit(facts: DesignFacts) -> Factor:
    """A synthetic control is credible where it followed the treated units before (Abadie, Diamond and Hainmueller 2010,
    JASA 105). In full up to an error of 5 %, down to 0.5 at 20 %: judgements.
    """
    error = facts.pre_fit_error
    if error is not None:
        factor = _line(error, (0.05, 1.0), (0.20, 0.5))
        return Factor(fact="pre_fit_error", factor=factor, reason=f"the comparison was {error:.1%} off before the test")
    if facts.randomised:
        return Factor(fact="pre_fit_error", factor=1.0, reason="not given; chance makes the groups alike")
    return Factor(fact="pre_fit_error", factor=0.9, reason="not known how well the comparison fitted before the test")


def _power(facts: DesignFacts) -> Factor:
    """What a test of little power finds is exaggerated (Gelman and Carlin 2014, Perspectives on Psychological Science
    9). In full from 0.8 on, down to 0.5 at 0.2: judgements.
    """
    if facts.power is None:
        return Factor(fact="power", factor=0.95, reason="not known")
    return Factor(
        fact="power", factor=_line(facts.power, (0.8, 1.0), (0.2, 0.5)), reason=f"power was {facts.power:.0%}"
    )


def _contamination(facts: DesignFacts) -> Factor:
    """Where a share c of the controls saw the change, the contrast is (1 - c) of the effect; undone, its variance is
    1 / (1 - c)^2 (Gerber and Green 2012, Field Experiments, chapter 8 on interference).
    """
    share = facts.contamination
    if share is None:
        return Factor(fact="contamination", factor=0.95, reason="not known whether controls saw the change")
    factor = max(LEAST_QUALITY, (1 - share) ** 2)
    return Factor(fact="contamination", factor=factor, reason=f"{share:.0%} of the controls saw the change")


def _delivered(facts: DesignFacts) -> Factor:
    """Money that did not move as the design had it was moved by something else, such as a platform's bidding (Gerber
    and Green 2012, chapter 5 on noncompliance). In full within 10 %, then the smaller over the greater: a judgement.
    Nothing is taken off where no plan is on record.
    """
    share = facts.delivered
    if share is None:
        return Factor(fact="spend delivered", factor=1.0, reason="no planned change on record")
    if abs(share - 1) <= 0.1:
        return Factor(fact="spend delivered", factor=1.0, reason=f"{share:.0%} of the planned change was delivered")
    factor = max(0.25, min(share, 1 / share)) if share > 0 else 0.25
    return Factor(fact="spend delivered", factor=factor, reason=f"{share:.0%} of the planned change was delivered")


def _comparisons(facts: DesignFacts) -> Factor:
    """Of k looks at chance the best looks like a finding. An interval that covers all k at once (Dunn 1961, JASA 56) is
    wider by z(1 - 0.025 / k) / z(0.975); its square is the factor.
    """
    looks = facts.comparisons
    if looks is None:
        return Factor(fact="comparisons", factor=0.95, reason="not known how many outcomes and cuts were looked at")
    factor = float((ndtri(0.975) / ndtri(1 - 0.025 / looks)) ** 2)
    return Factor(fact="comparisons", factor=min(1.0, factor), reason=f"{looks} looked at")


def _pre_registered(facts: DesignFacts) -> Factor:
    """An analysis that is chosen after the data were seen finds too much (Simmons, Nelson and Simonsohn 2011,
    Psychological Science 22). 0.9 is a judgement.
    """
    if facts.pre_registered:
        return Factor(fact="pre_registration", factor=1.0, reason="written down before the test")
    return Factor(fact="pre_registration", factor=0.9, reason="the analysis was not written down before the test")


def _line(value: float, full: tuple[float, float], poor: tuple[float, float]) -> float:
    """Straight between two points, constant beyond them."""
    (x_full, y_full), (x_poor, y_poor) = full, poor
    share = (value - x_full) / (x_poor - x_full)
    return y_full + min(1.0, max(0.0, share)) * (y_poor - y_full)
