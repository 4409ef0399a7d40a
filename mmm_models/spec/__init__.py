"""A model as data: one YAML file, checked key by key."""

from mmm_models.errors import SpecError
from mmm_models.spec.evidence import DesignSpec, EvidencePolicy
from mmm_models.spec.media import AdstockSpec, ChannelSpec, MediaSpec, OrganicSpec, SaturationSpec, TreatmentSpec
from mmm_models.spec.model import ModelSpec
from mmm_models.spec.policies import (
    Bound,
    BoundsSpec,
    DataChecksSpec,
    GatesSpec,
    PlanningSpec,
    PriorsSpec,
    SamplerSpec,
    SeasonalitySpec,
)
from mmm_models.spec.priors import PriorSpec
from mmm_models.spec.tournament import TournamentSpec

__all__ = [
    "AdstockSpec",
    "Bound",
    "BoundsSpec",
    "ChannelSpec",
    "DataChecksSpec",
    "DesignSpec",
    "EvidencePolicy",
    "GatesSpec",
    "MediaSpec",
    "ModelSpec",
    "OrganicSpec",
    "PlanningSpec",
    "PriorSpec",
    "PriorsSpec",
    "SamplerSpec",
    "SaturationSpec",
    "SeasonalitySpec",
    "SpecError",
    "TournamentSpec",
    "TreatmentSpec",
]
