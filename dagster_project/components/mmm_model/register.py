"""The register of experiments as landed: tests, decisions, and the role that each test was read out in."""

from dagster_project.components.mmm_model.inputs import landed_lift_tests
from dagster_project.resources.warehouse import WarehouseResource
from mmm_models.evidence import Decision, Register, read_decisions

# What a row said before it was replaced is kept, so that nobody can choose a test's role by its result.
_FIRST_ROLES = """
with versions as (
    select test_id, role, _loaded_at, lift, lift_low, readouts from raw_experiments.lift_tests
    union all by name
    select test_id, role, _loaded_at, lift, lift_low, readouts from raw_superseded.experiments__lift_tests
)
select test_id, arg_min(role, _loaded_at) from versions
where coalesce(lift, lift_low) is not null or coalesce(readouts, '[]') <> '[]'
group by test_id
"""


def landed_register(store: WarehouseResource) -> Register:
    """Everything that states follow from.

    Raises:
        EvidenceError: a record contradicts itself; the message names test, column, value and remedy.
    """
    columns = ", ".join(Decision.model_fields)
    with store.warehouse.read() as connection:
        decisions = connection.execute(f"select {columns} from raw_experiments.decisions order by decided_at").df()
        roles = dict(connection.execute(_FIRST_ROLES).fetchall())
    rows = decisions.astype(object).where(decisions.notna(), None).to_dict("records")
    return Register(landed_lift_tests(store), read_decisions(rows), roles)
