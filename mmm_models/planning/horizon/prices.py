"""What money buys of a channel where its price rises with the money that a market spends in a week.

Volume is counted in money at the usual price: x buys x there. The price rises by e per cent with each per cent of spend
above now, p(x) = (x / now)^e, and all of a week's money pays it, so that x buys x / p(x) = now · (x / now)^(1 − e); it
never falls below the usual price, so that less than now buys itself. (e is the inverse of the supply's price
elasticity, taken as constant.) Beyond a tier, what more money would buy is divided by the tier's factor.
"""

from dataclasses import dataclass

import numpy as np

from mmm_models.spec import PlanningSpec


@dataclass(frozen=True)
class Price:
    """The price of one channel in each market.

    Attributes:
        now: money a week (market) above which the price rises; where it is 0 the elasticity has nothing to start from,
            and the usual price holds.
        elasticity: e of the module's text.
        above: money a week beyond which the tier's `factor` holds; infinite: no tier.
        times: a multiple of the usual price that all money pays.
    """

    now: np.ndarray
    elasticity: float = 0.0
    above: float = np.inf
    factor: float = 1.0
    times: float = 1.0

    @classmethod
    def of(cls, planning: PlanningSpec, channel: str, now: np.ndarray, times: float = 1.0) -> "Price":
        """The price of a channel by `planning.prices`, at the level `now` (market)."""
        said = planning.prices.get(channel)
        if said is None:
            return cls(now, times=times)
        above = np.inf if said.above is None else said.above
        return cls(now, said.elasticity, above, said.factor, times)

    @property
    def rises(self) -> bool:
        """Does more money pay a higher price?"""
        return self.elasticity > 0 or np.isfinite(self.above)

    def volume(self, money: np.ndarray) -> np.ndarray:
        """What a week's money (…, market) buys, in money at the usual price; `times` is not counted."""
        within = np.minimum(money, self.above)
        bought = self._risen(within)
        return bought + (self._risen(money) - bought) / self.factor

    def slope(self, money: np.ndarray) -> np.ndarray:
        """What a little more money (…, market) buys, to the right of kinks; `times` is not counted."""
        ratio = np.where((money >= self.now) & (self.now > 0), money / np.where(self.now > 0, self.now, 1.0), 1.0)
        risen = np.where(ratio > 1, 1.0 - self.elasticity, 1.0) * ratio**-self.elasticity
        at_now = (money == self.now) & (self.now > 0)
        return np.where(at_now, 1.0 - self.elasticity, risen) / np.where(money >= self.above, self.factor, 1.0)

    def _risen(self, money: np.ndarray) -> np.ndarray:
        dearer = (money > self.now) & (self.now > 0)
        ratio = np.where(dearer, money / np.where(self.now > 0, self.now, 1.0), 1.0)
        return np.where(dearer, self.now * ratio ** (1.0 - self.elasticity), money)
