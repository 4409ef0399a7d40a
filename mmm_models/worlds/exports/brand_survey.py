"""The sheet of brand surveys: a wave a quarter in each market, two weeks in the field.

The brand moves slowly and by itself. No world has an effect of media on it, and figures that followed a channel would
say that one had. What is told is what a sample of people said: off the brand's own share by its error.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mmm_models.worlds.baseline import ar1
from mmm_models.worlds.exports.files import ExportFile
from mmm_models.worlds.randomness import stream
from mmm_models.worlds.simulate import World
from mmm_models.worlds.spec import MarketSpec

SOURCE = "brand_survey"
LEVELS = {"awareness": 0.38, "consideration": 0.17}
QUESTIONS = {
    "awareness": "Which of these shops do you know?",
    "consideration": "At which of these shops would you buy next?",
}
SWING = 0.12  # standard deviation of the brand's own share, in log-odds
SAMPLE = 800
QUARTER, IN_FIELD = 13, 14  # weeks, days


def waves(world: World) -> ExportFile:
    """One row a wave, market and metric. The German panel tells percent, the others shares."""
    rows = [row for market in world.spec.markets for row in _market_waves(world, market)]
    frame = pd.DataFrame(rows).sort_values(["wave_start", "market", "metric"], kind="stable", ignore_index=True)
    return ExportFile(SOURCE, "waves", "waves", frame)


def _market_waves(world: World, market: MarketSpec) -> Iterator[dict[str, object]]:
    starts = world.week_starts[QUARTER // 2 :: QUARTER]
    for metric, level in LEVELS.items():
        rng = stream(world.seed, SOURCE, market.name, metric)
        log_odds = np.log(level / (1 - level)) + SWING * ar1(rng, len(starts), 0.8)
        asked = rng.poisson(SAMPLE, len(starts))
        said_so = rng.binomial(asked, 1 / (1 + np.exp(-log_odds)))
        for start, sample_size, share in zip(starts, asked, said_so / asked, strict=True):
            end = start + pd.Timedelta(days=IN_FIELD - 1)
            if end <= pd.Timestamp(world.spec.end):
                in_percent = market.country_code == "DE"
                yield {
                    "panel_provider": f"Pulse {market.name}",
                    "market": market.name,
                    "metric": metric,
                    "wave_start": start,
                    "wave_end": end,
                    "share": None if in_percent else round(share, 4),
                    "percent": round(100 * share, 2) if in_percent else None,
                    "sample_size": sample_size,
                    "question": QUESTIONS[metric],
                    "updated_at": end + pd.Timedelta(days=10),
                }
