"""Who takes part. One more line joins one more."""

from benchmarks.truth import linear, peer
from benchmarks.truth.ours import by_engine
from benchmarks.truth.participant import MODELS, Participant

_PEER = (*MODELS, "mmm_models/engines/pymc_marketing", "benchmarks/truth/peer.py", "benchmarks/truth/ours.py")
_LINEAR = ("benchmarks/truth/linear.py",)

WHO: dict[str, Participant] = {
    "marginal": by_engine("marginal"),
    "pymc_marketing_defaults": Participant(peer.estimate, _PEER),
    "ridge": by_engine("ridge"),
    "ols": Participant(linear.ols, _LINEAR),
    "spend_share": Participant(linear.spend_share, _LINEAR),
}
