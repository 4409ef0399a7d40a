"""Random streams that are named, so that adding a channel does not change what the others draw."""

import hashlib
import uuid

import numpy as np


def stream(seed: int, *names: str) -> np.random.Generator:
    """A generator for one named part of a world, e.g. `stream(7, "spend", "US", "search")`."""
    return np.random.default_rng([seed, _digest(names)])


def stable_id(*names: str, digits: int) -> int:
    """An identifier with that many digits that depends on the names alone, as a platform would issue it."""
    low = 10 ** (digits - 1)
    return low + _digest(names) % (9 * low)


def stable_uuid(*names: str) -> str:
    """The same for platforms that issue UUIDs."""
    return str(uuid.UUID(bytes=_hash(names, 16), version=4))


def _digest(names: tuple[str, ...]) -> int:
    return int.from_bytes(_hash(names, 8), "big")


def _hash(names: tuple[str, ...], size: int) -> bytes:
    return hashlib.blake2b("\x1f".join(names).encode(), digest_size=size).digest()
