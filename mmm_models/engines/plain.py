"""What only the fast engine can do, refused in one place for the others."""

from mmm_models.errors import SpecError
from mmm_models.spec import ModelSpec


def check_plain(spec: ModelSpec, engine: str) -> None:
    """Hold a spec to effects that stay, act by one series and are each market's own, on a level that stays.

    Raises:
        SpecError: the spec asks for more; `engine` is named in the message.
    """
    if spec.trend == "local":
        raise SpecError(
            f"trend: local: engine {engine} has no level that wanders. Use engine: marginal, or trend: linear"
        )
    if spec.pooling != "none":
        raise SpecError(
            f"pooling: {spec.pooling}: engine {engine} fits each market's effects on their own. "
            "Use engine: marginal, or pooling: none"
        )
    for name in spec.media_names:
        channel = spec.channel(name)
        if channel.effect is not None:
            raise SpecError(
                f"channels.{name}.effect: engine {engine} has no prior on what a channel brings. "
                "Use engine: marginal, or leave effect out"
            )
        if channel.frequency is not None:
            raise SpecError(
                f"channels.{name}.frequency: engine {engine} knows no reach and frequency. "
                "Use engine: marginal, or let one series act (exposure)"
            )
        if channel.time_varying:
            raise SpecError(
                f"channels.{name}.time_varying: engine {engine} has effects that stay over the weeks. "
                "Use engine: marginal, or leave it out"
            )
