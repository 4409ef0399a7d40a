"""A stacked fit of known members: logistic and Hill curves, with and without a trend; no engine, no sampling."""

from dataclasses import replace

import numpy as np

from mmm_models.fit import Fit, Member, StackedFit
from mmm_models.spec import ModelSpec
from mmm_models.tournament.run import stacked
from mmm_models.tournament.structures import structures_of
from tests.known_fit import SPEC, known_posterior, make_known_fit

GRID = {"tournament": {"saturation": ["logistic", "hill"], "trend": ["linear", "none"]}}
WEIGHTS = {"logistic-linear": 0.3, "logistic-none": 0.0, "hill-linear": 0.5, "hill-none": 0.2}
SCORES = {"logistic-linear": -20.0, "logistic-none": -90.0, "hill-linear": -19.0, "hill-none": -21.0}


def member_fit(spec: ModelSpec, height: float) -> Fit:
    """The known fit in another structure; `height` scales what media bring."""
    posterior = known_posterior()
    posterior["media_coefficient"] = posterior["media_coefficient"] * height
    if "hill" in {channel.saturation.kind for channel in spec.channels.values()}:
        posterior["saturation_slope"] = posterior["saturation_lam"] * 0.5
        posterior["saturation_kappa"] = 1.0 / posterior["saturation_lam"]
        posterior = posterior.drop_vars("saturation_lam")
    return make_known_fit(spec, posterior.drop_vars("trend") if spec.trend == "none" else posterior)


def make_stacked(heights: tuple[float, ...] = (1.0, 1.0, 1.3, 1.6), **changes: float) -> StackedFit:
    spec = ModelSpec.from_dict({**ModelSpec.from_yaml(SPEC).to_dict(), **GRID})
    members = []
    for height, (name, own) in zip(heights, structures_of(spec).items(), strict=True):
        rng = np.random.default_rng(len(members))
        scores = SCORES[name] / 26 + 0.1 * rng.normal(size=26)
        members.append(Member(name, member_fit(own, height), {**WEIGHTS, **changes}[name], scores, 1.0))
    panel = members[0].fit.panel
    return stacked(spec, tuple(replace(m, fit=replace(m.fit, panel=panel)) for m in members), kept=100)
