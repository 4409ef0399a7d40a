"""What is believed of the biases of sources before any channel was measured twice."""

from dataclasses import asdict, dataclass

import numpy as np

# Standard deviations that are integrated over, in this order.
SPREADS = ("tau_experiment", "tau_mmm", "tau_attribution", "omega")


@dataclass(frozen=True)
class BiasPriors:
    """Priors on the scale of log ROAS; on the natural scale they are shares of the unit.

    Attributes:
        tau_experiment: scale (HalfNormal) of the variation between tests of one channel beyond their errors.
        tau_mmm, tau_attribution: scales (HalfNormal) of how a source's bias scatters over channels.
        omega: scale (HalfNormal) of how true log ROAS scatters over channels.
        mu_mmm, mu_attribution: mean and standard deviation (Normal) of a source's bias that all channels share;
            platforms are expected to claim too much.
        kind_sd: standard deviation of what a kind of attribution adds to that, where there are several kinds.
        theta_sd: standard deviation of the mean true log ROAS around `theta_mean`: all but flat.
        theta_mean: None for the mean of all readings, which is all that a wide prior needs to know.
    """

    tau_experiment: float = 0.15
    tau_mmm: float = 0.5
    tau_attribution: float = 0.5
    omega: float = 0.75
    mu_mmm: tuple[float, float] = (0.0, 0.5)
    mu_attribution: tuple[float, float] = (0.5, 0.5)
    kind_sd: float = 0.35
    theta_sd: float = 2.0
    theta_mean: float | None = None

    @property
    def scales(self) -> np.ndarray:
        """HalfNormal scales of `SPREADS` (4,)."""
        return np.array([getattr(self, name) for name in SPREADS])


@dataclass(frozen=True)
class Spreads:
    """One value of each standard deviation that is otherwise integrated over; see `BiasPriors`."""

    tau_experiment: float
    tau_mmm: float
    tau_attribution: float
    omega: float

    def row(self) -> np.ndarray:
        """As an array (1, 4) in the order of `SPREADS`."""
        values = asdict(self)
        return np.array([[values[name] for name in SPREADS]])
