"""Do the structures of a tournament tell one story?"""

import numpy as np

from mmm_models.fit import StackedFit, spread, structure_returns
from mmm_models.fit.spread import SURE
from mmm_models.validation.gate import Gate

NAME = "structure_agreement"


def structure_gate(fit: StackedFit) -> Gate:
    """Warn of channels to which structures give returns further apart than `tournament.disagreement_factor`, or
    opposite moves of money; over all weeks, market by market. It never blocks: the spread is in every interval."""
    limit = fit.spec.tournament.disagreement_factor
    found = spread(fit, structure_returns(fit)).sel(market=fit.panel.markets)
    factor = found["factor"].fillna(1.0)
    said = []
    for market in fit.panel.markets:
        for channel in fit.panel.channels:
            one = found.sel(market=market, channel=channel)
            where = channel if len(fit.panel.markets) == 1 else f"{channel} in {market}"
            if bool(one["opposed"]):
                said.append(f"{where}: one structure would move money in, another out (each sure by {SURE:.0%})")
            elif float(one["factor"]) > limit:
                said.append(f"{where}: ROAS {float(one['lowest']):.2f} to {float(one['highest']):.2f} by structure")
    value = float(np.max(factor))
    advice = (
        f"{'; '.join(said)}. Their forecasts do not tell these structures apart, so the figures of such a channel hang "
        "on which of them is right. Run a lift test on it before its budget moves far."
        if said
        else f"Structures give each channel returns within a factor of {value:.3g} (at most {limit:g}). Nothing to do."
    )
    return Gate(
        NAME, "largest ratio of two structures' ROAS of a channel", limit, value, "warn" if said else "pass", advice
    )
