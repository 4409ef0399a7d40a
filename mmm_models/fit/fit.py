"""`Fit`: a posterior that answers questions about media, whichever engine drew it."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from mmm_models.errors import FitError
from mmm_models.fit.baseline import baseline_components, level_ahead
from mmm_models.fit.canonical import canonical_posterior, canonical_scales, stack_samples
from mmm_models.fit.curves import steady_state_curves
from mmm_models.fit.driver import Driver
from mmm_models.fit.info import FitInfo
from mmm_models.fit.media import ChannelCurve, channel_curve, check_spend, volume_before
from mmm_models.fit.returns import channel_returns
from mmm_models.fit.storage import read_fit, write_fit
from mmm_models.panel import Panel
from mmm_models.spec import ModelSpec


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model.

    The mean of the outcome in week t and market m is

        intercept + trend * index_t + sum_k fourier_k * basis_kt + sum_j control_j * standardised_jt
        + sum_c media_coefficient_c * shape(sum_l w_l * spend_{t-l,c} / spend_scale_c)

    with w the normalised weights of the channel's adstock, and noise of standard deviation `sigma`. Where another
    series acts in place of money, it stands for spend (`spend_scale` is its scale); with reach and frequency the media
    term is media_coefficient_c * sum_l w_l * reach_{t-l,c} / spend_scale_c * shape(frequency_{t-l,c} /
    frequency_scale_c); where a channel's effect wanders, the term is multiplied by exp(effect_path_ct).

    `posterior` has the dims chain, draw and, all in outcome units unless said: intercept (market), trend (market; per
    unit of the trend index; absent without trend), fourier_coefficient (market, fourier), control_coefficient (market,
    control; per standard deviation), media_coefficient (market, channel; outcome at full saturation),
    adstock_<parameter> and saturation_<parameter> (market, channel; on spend / spend_scale; NaN where the channel's
    kind has no such parameter) and sigma (market). Where the level wanders: level (market, week; its way since the
    first week, which adds to the mean) and level_step (market; standard deviation of a week's move). Where markets are
    pooled in part: effect_scatter (channel; of the log of media_coefficient / outcome_scale over markets). Where
    effects wander: effect_path (channel, week; 0 for others) and effect_step (channel; standard deviation of a week's
    move; NaN for others).
    `scales`: see `mmm_models.fit.canonical.canonical_scales`.

    Answers carry the dim `sample`: chain after chain, numbered from 0; `max_samples` asks for an even selection.

    Raises:
        FitError: a variable is absent, has other dims, lacks a market, channel or control, or is not finite.
    """

    spec: ModelSpec
    panel: Panel
    posterior: xr.Dataset
    scales: xr.Dataset
    info: FitInfo

    def __post_init__(self) -> None:
        scales = canonical_scales(self.scales, self.spec, self.panel)
        posterior = canonical_posterior(self.posterior, self.spec, self.panel)
        object.__setattr__(self, "scales", scales)
        object.__setattr__(self, "posterior", posterior)

    @property
    def samples(self) -> int:
        """Number of posterior draws over all chains."""
        return self.posterior.sizes["chain"] * self.posterior.sizes["draw"]

    @property
    def max_lag(self) -> int:
        """The longest memory of any channel, in weeks: a change of spend acts in its own week and max_lag - 1 after."""
        return int(self.scales["adstock_max_lag"].max())

    def draws(self, max_samples: int | None = None) -> xr.Dataset:
        """Return the posterior with chain and draw merged into `sample`."""
        return self._all_draws if max_samples is None else stack_samples(self.posterior, max_samples)

    @cached_property
    def _all_draws(self) -> xr.Dataset:
        return stack_samples(self.posterior, None)

    def thin(self, n: int) -> "Fit":
        """Return a fit with at most `n` draws, evenly spread over each chain; the convergence figures stay."""
        if n < 1:
            raise FitError(f"a fit cannot be thinned to {n} draws; give 1 or more")
        chains, draws = self.posterior.sizes["chain"], self.posterior.sizes["draw"]
        kept_chains = min(chains, n)
        kept_draws = min(draws, n // kept_chains)
        picked = np.linspace(0, draws - 1, kept_draws).round().astype(np.int64)
        return replace(self, posterior=self.posterior.isel(chain=slice(0, kept_chains), draw=picked))

    def with_info(self, **changes: Any) -> "Fit":
        """Return the same fit with some fields of `info` changed."""
        return replace(self, info=replace(self.info, **changes))

    def media_response(
        self, spend: xr.DataArray, *, carry_in: bool = True, max_samples: int | None = None
    ) -> xr.DataArray:
        """Return the outcome that a path of spend brings, week by week.

        Args:
            spend: money (week, market, channel), consecutive Mondays; markets and paid channels may be a selection.
                Where another series acts in place of money, money buys of it what it bought in that week of the data,
                and in other weeks what it bought in the data's last year.
            carry_in: count spend of the panel's weeks before the first week of `spend` (a path that starts within the
                data or right after them is carried in from what was spent); otherwise nothing was spent before.
            max_samples: answer for an even selection of draws.

        Returns:
            Array (sample, week, market, channel) in outcome units, for the weeks of `spend`. Carryover beyond the last
            week is not counted: append weeks of zero spend to see it.

        Raises:
            FitError: an unknown market or channel, missing or negative spend, or a gap between the data and `spend`.
        """
        spend = check_spend(spend, self.panel.paid, self.panel.markets)
        draws = self.draws(max_samples)
        markets = [str(name) for name in spend["market"].values]
        start = self._position(spend)
        paths = {}
        for c, channel in enumerate(map(str, spend["channel"].values)):
            curve = self.curve(draws, channel, markets)
            paths[channel] = curve, curve.driver.volume_of(spend.values[:, :, c], start)
        return self._responses(paths, spend, draws, carry_in=carry_in)

    def media_contributions(self, max_samples: int | None = None) -> xr.DataArray:
        """Return the outcome that all media brought in the weeks of the data, organic media included.

        Returns:
            Array (sample, week, market, channel) in outcome units; a week's figure includes carryover from before.
        """
        draws = self.draws(max_samples)
        paths = {channel: (curve, curve.driver.volume) for channel, curve in self._curves(draws).items()}
        return self._responses(paths, self.panel.dataset["spend"], draws, carry_in=False)

    def _position(self, path: xr.DataArray) -> int:
        """Where the first week of a path lies among those of the data, which start at 0."""
        return (pd.Timestamp(path["week"].values[0]) - self.panel.weeks[0]).days // 7

    def _responses(
        self,
        paths: dict[str, tuple[ChannelCurve, np.ndarray]],
        like: xr.DataArray,
        draws: xr.Dataset,
        *,
        carry_in: bool,
        frequencies: dict[str, np.ndarray] | None = None,
    ) -> xr.DataArray:
        """Responses to paths of volume (week, market), with the weeks and markets of `like`."""
        start = self._position(like)
        shape = (draws.sizes["sample"], like.sizes["week"], like.sizes["market"], len(paths))
        answer = np.empty(shape)
        for c, (channel, (curve, path)) in enumerate(paths.items()):
            before, contacts = 0, (frequencies or {}).get(channel)
            if carry_in:
                past = volume_before(self.panel.volume.sel(channel=channel), like, curve.max_lag)
                path, before = np.concatenate([past, path]), len(past)
                if contacts is not None:
                    contacts = np.concatenate([curve.driver.frequency.over(start - before, before), contacts])
            answer[:, :, :, c] = curve.respond(path, start - before, contacts)[:, before:]
        coords = {
            "sample": draws["sample"].values,
            "week": like["week"].values,
            "market": like["market"].values,
            "channel": np.array(list(paths), dtype=object),
        }
        return xr.DataArray(answer, coords=coords, dims=("sample", "week", "market", "channel"), name="media_response")

    def contributions(self, max_samples: int | None = None) -> xr.DataArray:
        """Return what each component adds to the outcome in each week of the data: (sample, week, market, component).

        Components are the channels, organic media among them, intercept, trend, level and seasonality where the model
        has them, `control:<name>` and `treatment:<name>`. They add up to `predict()`. A week's media include carryover
        from the weeks before it.
        """
        media = self.media_contributions(max_samples)
        base = baseline_components(self.draws(max_samples), self.scales, self.panel, self.spec)
        names = [*self.panel.channels, *base]
        values = np.concatenate([media.values, np.stack([part.values for part in base.values()], axis=-1)], axis=-1)
        coords = {dim: media[dim].values for dim in ("sample", "week", "market")}
        return xr.DataArray(
            values,
            coords={**coords, "component": np.array(names, dtype=object)},
            dims=("sample", "week", "market", "component"),
            name="contribution",
        )

    def returns(self, window: str = "all", lift: float = 0.10, max_samples: int | None = None) -> xr.Dataset:
        """Return contribution, ROAS and marginal ROAS of each channel's spend in a window.

        Contribution: the outcome lost when the channel's spend inside the window is set to zero. Marginal: the outcome
        gained when it is raised by `lift`, per unit of the extra money. Organic media have a contribution and no
        return; reach moves with money, at the frequency of its week. Both differences are counted over the window
        and through the carryover after it, up to max_lag weeks beyond the end of the data, where nothing is spent in
        either case; spend outside the window stays as it was.

        Args:
            window: 'all' or 'last_<n>_weeks', as `Panel.window`.
            lift: the raise of the marginal question, as a share.
            max_samples: answer for an even selection of draws.

        Returns:
            Dataset with `contribution`, `roas`, `mroas` (sample, market, channel) and `spend` (market, channel); market
            'all' is the total over markets, its ratios being ratios of sums. Ratios are NaN where nothing was spent.
        """
        inside = self.panel.window(window)
        draws = self.draws(max_samples)
        spend, volume = self.panel.dataset["spend"], self.panel.volume
        return channel_returns(self._curves(draws), spend, volume, inside, lift, draws["sample"].values)

    def response_curves(
        self, n_points: int = 41, max_multiple: float = 2.0, max_samples: int | None = None
    ) -> xr.Dataset:
        """Return weekly outcome against a weekly spend that is kept up (so that adstock has settled).

        Points run from 0 to `max_multiple` times the mean weekly spend of the data. Paid channels only; an effect that
        wanders stands where it stood last.

        Returns:
            Dataset with `response` (sample, market, channel, point), `spend` (market, channel, point; money a week) and
            `is_observed` (market, channel, point): does the spend lie within the range of adstocked spend in the data?
        """
        draws = self.draws(max_samples)
        curves = {channel: self.curve(draws, channel) for channel in self.panel.paid}
        return steady_state_curves(curves, self.panel.dataset["spend"], n_points, max_multiple, draws["sample"].values)

    def predict(
        self,
        panel: Panel | None = None,
        *,
        noise: bool = False,
        seed: int | None = None,
        max_samples: int | None = None,
    ) -> xr.DataArray:
        """Return the outcome week by week: (sample, week, market).

        Args:
            panel: weeks to predict, with spend and controls (the outcome is not read), and volume where there are
                organic media; None for the data themselves. A panel that starts right after the data carries their
                spend in.
            noise: add the model's noise, and the way that a wandering level may go after the data; without it, draws of
                the mean.
            seed: of the noise; by default the fit's own, so that the same question gives the same answer.
            max_samples: answer for an even selection of draws.

        Raises:
            FitError: the panel lacks a market, channel or control of the model, or leaves a gap after the data.
        """
        panel = panel or self.panel
        for what, needed, given in (
            ("markets", self.panel.markets, panel.markets),
            ("channels", self.panel.channels, panel.channels),
        ):
            absent = [name for name in needed if name not in given]
            if absent:
                raise FitError(f"the panel to predict lacks the {what} {', '.join(absent)}")
        draws = self.draws(max_samples)
        mean = self._media(panel, draws).sum("channel")
        for part in baseline_components(draws, self.scales, panel, self.spec).values():
            mean = mean + part
        mean = mean.transpose("sample", "week", "market").rename("prediction")
        if not noise:
            return mean
        generator = np.random.default_rng(self.info.seed if seed is None else seed)
        standard = generator.standard_normal(mean.shape)
        noisy = mean + draws["sigma"].values[:, None, :] * standard
        return noisy + level_ahead(draws, panel.weeks, self.panel.weeks, generator) if "level" in draws else noisy

    def save(self, path: Path | str) -> None:
        """Write the fit to one NetCDF file; an existing file is replaced in one step."""
        write_fit(Path(path), self.spec, self.info, self.posterior, self.scales, self.panel.dataset)

    @classmethod
    def load(cls, path: Path | str) -> "Fit":
        """Read a saved fit; it answers the same numbers, bit for bit. Raises `FitError` for any other file."""
        return cls(**read_fit(Path(path)))

    def _media(self, panel: Panel, draws: xr.Dataset) -> xr.DataArray:
        """Media of a panel's weeks (sample, week, market, channel): of its volume, or of what its money buys."""
        like = panel.dataset["spend"].sel(market=self.panel.markets)
        start = self._position(like)
        paths, frequencies, paid = {}, {}, self.panel.paid
        for channel, curve in self._curves(draws).items():
            driver = Driver.of(panel, self.scales, channel, self.panel.markets)
            known = "volume" in panel.dataset or "volume" not in self.panel.dataset
            if not known and channel not in paid:
                raise FitError(f"the panel to predict lacks the volume of {channel}, on which nothing is spent")
            paths[channel] = curve, driver.volume if known else curve.driver.volume_of(driver.volume, start)
            if driver.frequency is not None:
                frequencies[channel] = driver.frequency.known
        return self._responses(paths, like, draws, carry_in=True, frequencies=frequencies)

    def curve(self, draws: xr.Dataset, channel: str, markets: list[str] | None = None) -> ChannelCurve:
        """One channel's effect in some markets (all by default), for `draws` as the method of that name gives them."""
        spec = self.spec.channel(channel)
        return channel_curve(draws, self.scales, self.panel, spec, channel, markets or self.panel.markets)

    def _curves(self, draws: xr.Dataset) -> dict[str, ChannelCurve]:
        return {channel: self.curve(draws, channel) for channel in self.panel.channels}

    @property
    def future_weeks(self) -> pd.DatetimeIndex:
        """The max_lag weeks after the data: where the carryover of today's spend arrives."""
        return pd.date_range(self.panel.weeks[-1] + pd.Timedelta(weeks=1), periods=self.max_lag, freq="7D")
