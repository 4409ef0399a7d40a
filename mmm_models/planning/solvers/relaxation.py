"""How good could any plan be, and where: every curve replaced by its concave hull."""

from dataclasses import replace

import numpy as np

from mmm_models.planning.certificate import allowed_table
from mmm_models.planning.clash import clash_error
from mmm_models.planning.dual import lagrangian_bound
from mmm_models.planning.solvers.base import Problem
from mmm_models.planning.solvers.domain import Domain
from mmm_models.planning.solvers.pieces import outcome_size, pieces_of
from mmm_models.planning.solvers.programme import Programme

# How far pieces lie above a curve, as shares of what a plan brings; the hull joins them, so that many cost little.
_ERROR = 1e-5


def relaxed(problem: Problem) -> tuple[float, np.ndarray, dict[str, float]]:
    """Upper bound on the objective, levels (line) that reach it, and prices by row name (see `Solution.prices`).

    With a budget alone it is the Lagrangian's bound, otherwise the linear relaxation of `programme`. The levels are
    those of the hulls: they may miss the budget a little, and rest in part. No measure of risk is read.

    Raises:
        PlanError: not even mixtures of levels keep all rows.
    """
    plain = replace(problem, utility=None, guards=())
    if not plain.is_separable:
        size = outcome_size(plain)
        domain = Domain.of(plain)
        answer = Programme.of(plain, domain, pieces_of(plain, domain, _ERROR * size, _ERROR * size)).relax()
        if answer is None:
            raise clash_error(plain)
        return answer.bound, answer.levels, answer.prices
    dual = lagrangian_bound(allowed_table(plain), plain.money, in_full=plain.in_full)
    prices = {} if plain.budget is None else {plain.budget.name: float(dual.price)}
    return float(dual.bound), dual.levels, prices
