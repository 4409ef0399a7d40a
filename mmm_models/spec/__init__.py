"""A model as data: one YAML file, checked key by key."""

from mmm_models.errors import SpecError
from mmm_models.spec.evidence import DesignSpec, EvidencePolicy
from mmm_models.spec.limits import Bound, BoundsSpec, CommitmentSpec, GroupSpec, NeedSpec, PriceSpec, RatioSpec
from mmm_models.spec.media import AdstockSpec, ChannelSpec, MediaSpec, OrganicSpec, SaturationSpec, TreatmentSpec
from mmm_models.spec.model import ModelSpec
from mmm_models.spec.planning import FlightingSpec, ObjectiveSpec, PlanningSpec, ScenarioSpec
from mmm_models.spec.policies import (
    DataChecksSpec,
    GatesSpec,
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
    "CommitmentSpec",
    "DataChecksSpec",
    "DesignSpec",
    "EvidencePolicy",
    "FlightingSpec",
    "GatesSpec",
    "GroupSpec",
    "MediaSpec",
    "ModelSpec",
    "NeedSpec",
    "ObjectiveSpec",
    "OrganicSpec",
    "PlanningSpec",
    "PriceSpec",
    "PriorSpec",
    "PriorsSpec",
    "RatioSpec",
    "SamplerSpec",
    "SaturationSpec",
    "ScenarioSpec",
    "SeasonalitySpec",
    "SpecError",
    "TournamentSpec",
    "TreatmentSpec",
]
