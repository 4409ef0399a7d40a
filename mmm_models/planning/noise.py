"""How exactly a regional test will read: the error of its lift from the noise that the model finds in the outcome."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from mmm_models.fit import Fit, StackedFit
from mmm_models.fit.stacked import members_of

# Two-sided test at 5 %.
CRITICAL = 1.96
# Weeks before a test that its comparison is fitted to; more say less, as regions drift apart.
_WEEKS_BEFORE = 52
_DRAWS = 200


@dataclass(frozen=True)
class WeeklyNoise:
    """What one market's outcome does that the model does not explain.

    `sigma`: standard deviation of a week, in outcome units; `correlation`: of a week with the next, from 0 to below 1;
    `weeks`: weeks of data.
    """

    sigma: float
    correlation: float
    weeks: int

    @classmethod
    def of(cls, fit: Fit | StackedFit, market: str) -> "WeeklyNoise":
        """The noise of a fit: its own sigma, and the lag-one correlation of what its mean leaves over."""
        weights = [member.weight for member in fit.weighted] if isinstance(fit, StackedFit) else [1.0]
        variances = [float((own.draws()["sigma"].sel(market=market) ** 2).mean()) for _, own in members_of(fit)]
        mean = fit.predict(max_samples=_DRAWS).sel(market=market).mean("sample").values
        left = fit.panel.dataset["outcome"].sel(market=market).values - mean
        left = left - left.mean()
        power = float(left @ left)
        lag_one = float(left[1:] @ left[:-1]) / power if power > 0 else 0.0
        return cls(float(np.sqrt(np.dot(weights, variances))), float(np.clip(lag_one, 0.0, 0.95)), len(left))

    def error(self, share: float, weeks: int) -> float:
        """Standard error of the lift of treated units with `share` of the market, counted over `weeks`.

        The rest of the market is the comparison: difference in differences of totals. Were all noise that of single
        regions, a week's treated total T and the control total C scaled by share / (1 − share) would differ with
        variance σ² share / (1 − share); what the regions share cancels, so this is on the safe side. Summed over n
        weeks against the mean of N weeks before, the variance is n (1 + n / N) times that (variance of a difference of
        means; Vaver & Koehler, "Measuring ad effectiveness using geo experiments", Google 2011, compare the same two
        periods), and positive correlation ρ of successive weeks multiplies it by 1 + 2 Σ_k (1 − k/n) ρᵏ (variance of a
        sum of a first-order autoregression; Box & Jenkins, "Time Series Analysis", section 2.1).
        """
        before = min(self.weeks, _WEEKS_BEFORE)
        lags = np.arange(1, weeks)
        inflation = 1.0 + 2.0 * float(((1 - lags / weeks) * self.correlation**lags).sum())
        variance = self.sigma**2 * share / (1.0 - share) * weeks * (1 + weeks / before) * inflation
        return float(np.sqrt(variance))


def power_of(lift: np.ndarray, standard_error: float) -> float:
    """Chance that a test reads |lift| / error > 1.96, whichever of the draws `lift` (sample) is the truth.

    For one truth it is Φ(Δ/σ − 1.96) + Φ(−Δ/σ − 1.96), the power of a two-sided z-test; its mean over the posterior is
    called assurance (O'Hagan, Stevens & Campbell, Pharmaceutical Statistics 4, 2005, 187-201).
    """
    ratio = np.asarray(lift, dtype=float) / standard_error
    return float((ndtr(ratio - CRITICAL) + ndtr(-ratio - CRITICAL)).mean())
