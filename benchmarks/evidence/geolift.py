"""GeoLift's two public test panels: what each estimator finds beside what was put in.

Forty cities over 105 days to 2021-09-15; the last fifteen are the test. The panels are the same before it. In the test
each city's figure in one is a multiple of that in the other; there are four multiples, each the same on all days but
for a factor that all cities share. So what was put in can be read off the two files alone:

- cities with spend in the negative test (those of the investment file) whose multiple is smallest were treated in
  neither test: they tell the shared factor;
- cities with spend whose multiple is greater were treated in the positive test only: their multiple over the shared
  factor is its effect;
- cities without spend went dark in the negative test; one of them was treated in no other, and tells that effect.

Where the files are absent, the benchmark says so and is empty.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

import pandas as pd

from benchmarks.provenance import PROJECT
from mmm_models.evidence.geo import GeoPanel, GeoTest, read_out
from mmm_models.evidence.geo.treatment import Estimator

FOLDER = PROJECT.parent / "shared" / "data" / "geolift"
POSITIVE, NEGATIVE, INVESTMENT = (
    "data_positiveGLv1.csv", "data_negativeGLv2.csv", "test_investment_by_city_v2.csv",
)  # fmt: skip
START = pd.Timestamp("2021-09-01")
# Multiples of one group differ by roundings.
_SAME = 1.02


@dataclass(frozen=True)
class Panel:
    """One file: outcome (date x city), who was treated, and by what the test multiplied their outcome each day."""

    name: str
    outcome: pd.DataFrame
    treated: list[str]
    factor: pd.Series

    @property
    def truth(self) -> float:
        """Total effect: what was observed less what would have been."""
        counted = self.outcome.loc[self.outcome.index >= START, self.treated].sum(axis=1)
        return float((counted * (1 - 1 / self.factor)).sum())


def run(seeds: Iterable[int]) -> pd.DataFrame:
    """One row a file and estimator. Seeds draw the placebo groups."""
    if not (FOLDER / POSITIVE).exists():
        print(f"skipped: there are no panels under {FOLDER}")
        return pd.DataFrame({"skipped": []})
    rows = []
    for panel in _panels():
        for estimator in get_args(Estimator):
            rows += [_row(panel, estimator, seed) for seed in seeds]
    return pd.DataFrame(rows)


def _row(panel: Panel, estimator: Estimator, seed: int) -> dict[str, object]:
    test = GeoTest(
        test_id=panel.name,
        channel="all",
        market="US",
        outcome="revenue",
        arms={"treated": tuple(panel.treated)},
        start_date=START.date(),
        end_date=panel.outcome.index[-1].date(),
        estimator=estimator,
    )
    rows = panel.outcome.rename_axis("date").reset_index().melt("date", var_name="unit", value_name="value")
    began = time.perf_counter()
    found = read_out(GeoPanel.from_rows(rows), test, seed=seed)
    seconds = time.perf_counter() - began
    low, high = found.interval(0.9)
    return {
        "panel": panel.name,
        "estimator": estimator,
        "seed": seed,
        "treated": len(panel.treated),
        "donors": found.weights.sizes["unit"],
        "truth": panel.truth,
        "point": found.point,
        "se": found.se,
        "p05": low,
        "p95": high,
        "miss_in_se": (found.point - panel.truth) / found.se,
        "relative": found.relative,
        "placebo_p": found.placebo_p,
        "se_in_time": found.se_in_time,
        "pre_fit_error": found.pre_fit_error,
        "seconds": seconds,
    }


def _panels() -> list[Panel]:
    positive, negative = _read(POSITIVE), _read(NEGATIVE)
    paid = set(_rows(INVESTMENT)["location"])
    multiple = (positive / negative)[positive.index >= START]
    mean = multiple.mean()
    with_spend = mean[mean.index.isin(paid)]
    shared = multiple[_alike(with_spend, with_spend.min())].mean(axis=1)
    positive_only = multiple[_alike(with_spend, with_spend.max())].mean(axis=1) / shared
    dark = mean[~mean.index.isin(paid)]
    dark_only = multiple[_alike(dark, dark.min())].mean(axis=1)
    treated = [*_alike(with_spend, with_spend.max()), *_alike(dark, dark.max())]
    return [
        Panel("positive", positive, treated, positive_only),
        Panel("negative", negative, list(dark.index), shared / dark_only),
    ]


def _alike(means: pd.Series, value: float) -> list[str]:
    return list(means.index[(means < value * _SAME) & (means * _SAME > value)])


def _read(file: str) -> pd.DataFrame:
    rows = _rows(file)
    rows["date"] = pd.to_datetime(rows["date"], format="%d/%m/%y")
    return rows.pivot(index="date", columns="location", values="Y")


def _rows(file: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / file, encoding="utf-8-sig")
