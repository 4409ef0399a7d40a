"""Who takes part. One more line joins one more."""

from benchmarks.truth import linear, peer
from benchmarks.truth.ours import by_engine, tournament
from benchmarks.truth.participant import MODELS, Participant

_PEER = (*MODELS, "mmm_models/engines/pymc_marketing", "benchmarks/truth/peer.py", "benchmarks/truth/ours.py")
_LINEAR = ("benchmarks/truth/linear.py",)

# The structures of the tournament one by one: is it as good as the best of them, which nobody knows beforehand?
_HILL = {"saturation": {"kind": "hill"}}
_DELAYED = {"adstock": {"kind": "delayed"}}

WHO: dict[str, Participant] = {
    "marginal": by_engine("marginal"),
    "marginal_hill": by_engine("marginal", media=_HILL),
    "marginal_delayed": by_engine("marginal", media=_DELAYED),
    "marginal_delayed_hill": by_engine("marginal", media={**_HILL, **_DELAYED}),
    "tournament": tournament(adstock=["geometric", "delayed"], saturation=["logistic", "hill"], folds=2),
    "pymc_marketing_defaults": Participant(peer.estimate, _PEER),
    "ridge": by_engine("ridge"),
    "ols": Participant(linear.ols, _LINEAR),
    "spend_share": Participant(linear.spend_share, _LINEAR),
}
