"""What lines cause draw by draw, flat, against the labelled form."""

import numpy as np
import xarray as xr

from mmm_models.planning.objective import HorizonObjective
from tests.known_fit import CHANNELS, MARKETS


def test_the_flat_draws_are_the_labelled_ones_market_by_market(known_fit):
    objective = HorizonObjective.from_fit(known_fit, 8, np.arange(20))
    levels = xr.DataArray(
        np.array([[40e3, 20e3, 60e3], [15e3, 8e3, 20e3]]), coords={"market": MARKETS, "channel": CHANNELS}
    )
    values, slopes = objective.draws_by_line(levels.values.ravel())
    np.testing.assert_allclose(values, objective.responses(levels).values.reshape(20, -1))
    np.testing.assert_allclose(slopes, 8 * objective.marginal_returns(levels).values.reshape(20, -1))
    means = objective.mean_by_line(levels.values.ravel())
    np.testing.assert_allclose(means, [values.mean(axis=0), slopes.mean(axis=0)])
