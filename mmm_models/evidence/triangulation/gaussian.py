"""The model of biases given its standard deviations: linear and Gaussian, so that conditioning is exact.

With theta_c the true log ROAS of channel c (on the natural scale: the ROAS, in units of a typical one):

    experiment    e_ck ~ Normal(theta_c,         v_ck + tau_experiment^2)
    model         m    ~ Normal(theta + b_m,     S_m)          b_m,c ~ Normal(mu_m,               tau_mmm^2)
    attribution   a_c  ~ Normal(theta_c + b_a,c, s_c^2)        b_a,c ~ Normal(mu_a + eta_kind(c), tau_attribution^2)
    truth         theta_c ~ Normal(theta_0, omega^2)

with S_m the model's whole posterior covariance. Everything is a linear map of independent normals z (mean a, variances
v): what is asked for is x = A z, what was read is y = B z + noise of covariance R. Then (Bishop 2006, Pattern
Recognition and Machine Learning, 2.3.3) with V = diag(v), Sigma = B V B' + R and K = A V B' Sigma^-1

    E[x | y] = A a + K (y - B a)        Cov[x | y] = A V A' - K B V A'        y ~ Normal(B a, Sigma)

The bias terms are those of a random-effects meta-analysis (Higgins, Thompson & Spiegelhalter 2009, JRSS A 172) with one
shared bias a source, as Turner et al. 2009 (JRSS A 172) have it for internal biases. All of it is batched over points,
which are values of the four standard deviations.
"""

from dataclasses import dataclass, replace

import numpy as np

from mmm_models.evidence.triangulation.priors import BiasPriors
from mmm_models.evidence.triangulation.sources import Sources


@dataclass(frozen=True, eq=False)
class Problem:
    """The arrays of one triangulation, in units of `Sources.unit` and less `centre`.

    Attributes:
        y: readings (n): studies, then the model, then attribution.
        noise: R without the between-test variance (n, n).
        is_study: which readings are of experiments (n).
        z_mean: a (z).
        z_fixed: variances of z that no point changes (z); 0 where a point's own stands.
        z_spread: which of `SPREADS` each other z has (z); -1 where `z_fixed` holds.
        read: B (n, z).
        asked: A (x, z): theta (channel), b_m (channel), b_a (channel), mu_m, mu_a.
        centre: where the prior of theta_0 stands.
        names: of the readings: `experiment:<study>`, `mmm:<channel>` or `attribution:<channel>` (n).
    """

    y: np.ndarray
    noise: np.ndarray
    is_study: np.ndarray
    z_mean: np.ndarray
    z_fixed: np.ndarray
    z_spread: np.ndarray
    read: np.ndarray
    asked: np.ndarray
    centre: float
    names: tuple[str, ...]

    def variances(self, points: np.ndarray) -> np.ndarray:
        """v at each point: (point, 4) to (point, z)."""
        own = points[:, np.maximum(self.z_spread, 0)] ** 2
        return np.where(self.z_spread >= 0, own, self.z_fixed)

    def covariance(self, points: np.ndarray) -> np.ndarray:
        """Sigma at each point (point, n, n)."""
        spread = np.einsum("nz,pz,mz->pnm", self.read, self.variances(points), self.read, optimize=True)
        between = points[:, 0, None] ** 2 * self.is_study
        return spread + self.noise + between[:, :, None] * np.eye(len(self.y))

    def residual(self) -> np.ndarray:
        """The readings less what is expected of them (n)."""
        return self.y - self.read @ self.z_mean

    def keep(self, kept: np.ndarray) -> "Problem":
        """The same problem with some of its readings alone: a mask (n)."""
        return replace(
            self,
            y=self.y[kept],
            noise=self.noise[np.ix_(kept, kept)],
            is_study=self.is_study[kept],
            read=self.read[kept],
            names=tuple(np.array(self.names, dtype=object)[kept]),
        )


@dataclass(frozen=True, eq=False)
class Conditioned:
    """x given y at each point: `mean` and `sd` (point, x), and the log density of the readings (point)."""

    mean: np.ndarray
    sd: np.ndarray
    log_likelihood: np.ndarray


def build(sources: Sources, priors: BiasPriors) -> Problem:
    """The arrays of the model for these sources."""
    channels, studies = sources.channels, sources.studies
    n_channels, place = len(channels), {name: i for i, name in enumerate(channels)}
    kinds = [] if sources.attribution is None else sorted(set(map(str, sources.attribution["kind"].values)))
    # One kind is the whole source: its own term could not be told from mu_a.
    kinds = kinds if len(kinds) > 1 else []
    # z: theta_0, theta's deviations, mu_m, the model's deviations, mu_a, kinds, attribution's deviations.
    theta, mmm = 1, 2 + n_channels
    kind, attribution = 3 + 2 * n_channels, 3 + 2 * n_channels + len(kinds)
    size = attribution + n_channels
    z_mean, z_fixed, z_spread = np.zeros(size), np.zeros(size), np.full(size, -1)
    z_fixed[0] = priors.theta_sd**2
    z_mean[mmm - 1], z_fixed[mmm - 1] = priors.mu_mmm[0], priors.mu_mmm[1] ** 2
    z_mean[kind - 1], z_fixed[kind - 1] = priors.mu_attribution[0], priors.mu_attribution[1] ** 2
    z_fixed[kind:attribution] = priors.kind_sd**2
    for spread, first in ((3, theta), (1, mmm), (2, attribution)):
        z_spread[first : first + n_channels] = spread

    each = np.arange(n_channels)
    truth, bias_mmm, bias_attribution = (np.zeros((n_channels, size)) for _ in range(3))
    truth[:, 0], truth[each, theta + each] = 1.0, 1.0
    bias_mmm[:, mmm - 1], bias_mmm[each, mmm + each] = 1.0, 1.0
    bias_attribution[:, kind - 1], bias_attribution[each, attribution + each] = 1.0, 1.0
    shared = np.zeros((2, size))
    shared[0, mmm - 1], shared[1, kind - 1] = 1.0, 1.0

    rows, values, blocks, names = [], [], [], [f"experiment:{name}" for name in studies.index]
    rows += [truth[place[name]] for name in studies["channel"]]
    values += list(studies["estimate"])
    blocks.append(np.diag(studies["variance"].to_numpy(dtype=float)))
    if sources.mmm is not None:
        own = sources.mmm["channel"].values
        rows += [truth[place[name]] + bias_mmm[place[name]] for name in own]
        names += [f"mmm:{name}" for name in own]
        values += list(sources.mmm["estimate"].values)
        blocks.append(sources.mmm["covariance"].sel(channel=own, other=own).transpose("channel", "other").values)
    if sources.attribution is not None:
        for name, label in zip(sources.attribution["channel"].values, sources.attribution["kind"].values, strict=True):
            if kinds:
                bias_attribution[place[name], kind + kinds.index(str(label))] = 1.0
            rows.append(truth[place[name]] + bias_attribution[place[name]])
            names.append(f"attribution:{name}")
        values += list(sources.attribution["estimate"].values)
        blocks.append(np.diag(sources.attribution["standard_error"].values ** 2))
    y = np.array(values, dtype=float) / sources.unit
    centre = float(y.mean()) if priors.theta_mean is None else priors.theta_mean / sources.unit
    return Problem(
        y=y - centre,
        noise=_block_diagonal(blocks) / sources.unit**2,
        is_study=np.arange(len(y)) < len(studies),
        z_mean=z_mean,
        z_fixed=z_fixed,
        z_spread=z_spread,
        read=np.array(rows),
        asked=np.concatenate([truth, bias_mmm, bias_attribution, shared]),
        centre=centre,
        names=tuple(names),
    )


def log_likelihood(problem: Problem, points: np.ndarray) -> np.ndarray:
    """Log density of the readings at each point of standard deviations: (point, 4) to (point)."""
    return _whitened(problem, points)[1]


def condition(problem: Problem, points: np.ndarray) -> Conditioned:
    """Mean and standard deviation of x given the readings at each point (point, 4)."""
    factor, density = _whitened(problem, points)
    cross = np.einsum("nz,pz,xz->pnx", problem.read, problem.variances(points), problem.asked, optimize=True)
    white = np.linalg.solve(factor, cross)
    residual = np.linalg.solve(factor, np.broadcast_to(problem.residual()[:, None], (len(points), len(problem.y), 1)))
    mean = problem.asked @ problem.z_mean + np.einsum("pnx,pn->px", white, residual[..., 0])
    before = np.einsum("xz,pz,xz->px", problem.asked, problem.variances(points), problem.asked, optimize=True)
    # Rounding may leave a variance of exactly known figures just below 0.
    return Conditioned(mean, np.sqrt(np.maximum(before - (white**2).sum(axis=1), 0.0)), density)


def _whitened(problem: Problem, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cholesky factors of Sigma (point, n, n) and the log density of the readings (point)."""
    factor = np.linalg.cholesky(problem.covariance(points))
    residual = np.broadcast_to(problem.residual()[:, None], (len(points), len(problem.y), 1))
    white = np.linalg.solve(factor, residual)[..., 0]
    log_det = np.log(np.einsum("pnn->pn", factor)).sum(axis=1)
    return factor, -0.5 * (white**2).sum(axis=1) - log_det - 0.5 * len(problem.y) * np.log(2 * np.pi)


def _block_diagonal(blocks: list[np.ndarray]) -> np.ndarray:
    size = sum(len(block) for block in blocks)
    whole, at = np.zeros((size, size)), 0
    for block in blocks:
        whole[at : at + len(block), at : at + len(block)] = block
        at += len(block)
    return whole
