"""What each channel of a stress world really brought: counterfactuals on the noiseless mean."""

import numpy as np
import xarray as xr

from mmm_models.worlds.stress.world import StressWorld


def true_returns(world: StressWorld, window: str = "all", lift: float = 0.10) -> xr.Dataset:
    """Contribution, ROAS and marginal ROAS of each channel in a window of `world.panel`, as `Fit.returns` defines them.

    The channel's spend inside the window is set to zero (contribution) or raised by `lift` (marginal); the outcome of
    *all* channels is compared, so that what one channel does for another is its own. Carryover after the data counts,
    where nothing is spent in either case. Demand, promotions and other channels' spend stay as they were, also where
    spend had reacted to them.

    Returns:
        Dataset with `contribution`, `roas`, `mroas` and `spend`, dims market (with 'all', the total) and channel.
    """
    spend = world.panel.dataset["spend"]
    inside = world.panel.window(window)
    tail = np.zeros((world.recipe.max_lag, *spend.shape[1:]))
    path = np.concatenate([spend.values, tail])
    actual = world.media.respond(path).sum(axis=(0, 2))
    lost, gained = np.empty(spend.shape[1:]), np.empty(spend.shape[1:])
    for channel in range(spend.sizes["channel"]):
        for change, answer in ((0.0, lost), (1.0 + lift, gained)):
            changed = path.copy()
            changed[inside, :, channel] *= change
            answer[:, channel] = world.media.respond(changed).sum(axis=(0, 2)) - actual
    dims = ("market", "channel")
    sums = xr.Dataset(
        {"contribution": (dims, -lost), "gain": (dims, gained), "spend": spend.isel(week=inside).sum("week")}
    )
    sums = xr.concat([sums, sums.sum("market").expand_dims(market=["all"])], dim="market").transpose(*dims)
    roas, mroas = sums["contribution"] / sums["spend"], sums["gain"] / (lift * sums["spend"])
    return sums.drop_vars("gain").assign(roas=roas, mroas=mroas)
