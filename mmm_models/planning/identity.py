"""The name of a plan: the same fit and the same question have the same one."""

import hashlib

from mmm_models.spec import ModelSpec


def plan_id(spec: ModelSpec, run_id: str) -> str:
    """`<model>-plan-<12 hex>` of the run that plans and the planning section of the spec."""
    digest = hashlib.sha256(f"{run_id}|{spec.planning_hash()}".encode()).hexdigest()
    return f"{spec.model}-plan-{digest[:12]}"
