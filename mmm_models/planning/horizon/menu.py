"""The laydowns that a line may take, and from which level on it takes which."""

from dataclasses import dataclass

import numpy as np

from mmm_models.planning.horizon.patterns import greatest_level


@dataclass(frozen=True, eq=False)
class Menu:
    """Laydowns of one channel: `names` (laydown, market), `weights` of mean 1 (laydown, week, market).

    `limits` (laydown, market): the level a week above which a laydown would break the line's weekly maximum.
    `switches` (switch, market), ascending and infinite where there are no more: below the first of them a line takes
    the laydown with the number `choice[0]`, from switch k on that of `choice[k + 1]` (switch + 1, market).
    """

    names: np.ndarray
    weights: np.ndarray
    limits: np.ndarray
    switches: np.ndarray
    choice: np.ndarray

    @classmethod
    def of_one(cls, names: list[str], weights: np.ndarray, committed: np.ndarray, caps: np.ndarray) -> "Menu":
        """One laydown for each market: `names`, `caps` (market), `weights`, `committed` (week, market)."""
        limits = [greatest_level(weights[:, m], committed[:, m], caps[m]) for m in range(caps.size)]
        return cls(
            names=np.array([names], dtype=object),
            weights=weights[None],
            limits=np.array([limits]),
            switches=np.empty((0, caps.size)),
            choice=np.zeros((1, caps.size), dtype=int),
        )

    @classmethod
    def of_markets(cls, by_market: list["Menu"]) -> "Menu":
        """Menus of one market each, side by side; a market with fewer laydowns has its first one again."""
        most = max(len(menu.names) for menu in by_market)
        most_switches = max(len(menu.switches) for menu in by_market)

        def side_by_side(parts: list[np.ndarray], length: int, fill: object = None) -> np.ndarray:
            filled = []
            for part in parts:
                more = length - len(part)
                padding = np.repeat(part[:1], more, axis=0) if fill is None else np.full((more, *part.shape[1:]), fill)
                filled.append(np.concatenate([part, padding.astype(part.dtype)]))
            return np.concatenate(filled, axis=-1)

        choices = [
            np.concatenate([menu.choice, np.repeat(menu.choice[-1:], most_switches + 1 - len(menu.choice), axis=0)])
            for menu in by_market
        ]
        return cls(
            names=side_by_side([menu.names for menu in by_market], most),
            weights=side_by_side([menu.weights for menu in by_market], most),
            limits=side_by_side([menu.limits for menu in by_market], most),
            switches=side_by_side([menu.switches for menu in by_market], most_switches, np.inf),
            choice=np.concatenate(choices, axis=-1),
        )

    @property
    def flattest(self) -> np.ndarray:
        """The laydown (market) whose greatest week is smallest."""
        return self.weights.max(axis=1).argmin(axis=0)

    def taken(self, levels: np.ndarray) -> np.ndarray:
        """The number of the laydown (…, market) that levels (…, market) take."""
        passed = (levels[..., None, :] >= self.switches).sum(axis=-2)
        return np.take_along_axis(self.choice, passed.reshape(-1, levels.shape[-1]), axis=0).reshape(levels.shape)
