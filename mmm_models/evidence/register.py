"""The register: every test that is known, what was decided about it, and the role that it was read out in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from mmm_models.errors import EvidenceError
from mmm_models.evidence.record import LiftTest
from mmm_models.evidence.states import Decision, Role, Standing, accepted, standings


@dataclass(frozen=True)
class Register:
    """All that states follow from."""

    tests: list[LiftTest] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    first_roles: dict[str, Role] = field(default_factory=dict)

    def standings(self, on: date) -> dict[str, Standing]:
        """How each test stands on a day, by test_id."""
        return standings(self.tests, self.decisions, on=on, first_roles=self.first_roles)

    @property
    def accepted(self) -> frozenset[str]:
        """Tests that a person takes in spite of their tension with a model."""
        return accepted(self.tests, self.decisions)

    def with_decisions(self, decisions: list[Decision]) -> "Register":
        """The same tests, with other decisions."""
        return replace(self, decisions=decisions)

    @property
    def of_nothing(self) -> list[Decision]:
        """Decisions about tests that nobody knows."""
        known = {test.test_id for test in self.tests}
        return [decision for decision in self.decisions if decision.test_id not in known]


def read_decisions(rows: Iterable[Mapping[str, Any]]) -> list[Decision]:
    """Read landed decisions; the keys are the columns of `Decision`.

    Raises:
        EvidenceError: a row that is no decision; names the test, the column and the value.
    """
    decisions = []
    for row in rows:
        try:
            decisions.append(Decision.model_validate(dict(row)))
        except ValidationError as error:
            said = "; ".join(f"{'.'.join(map(str, e['loc']))} is {e['input']!r}; {e['msg']}" for e in error.errors())
            raise EvidenceError(f"decision on lift test {row.get('test_id')}: {said}") from None
    return decisions
