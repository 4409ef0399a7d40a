"""Plan against actual as rows of `plan_vs_actual`, their scores, and what they say in words."""

import pandas as pd
import xarray as xr

from mmm_models.panel import Panel
from mmm_models.planning.actuals import CHANCE, LEAST_WEEKS, AsSpent, Drift, crps_of_normal
from mmm_models.planning.forecast import ALL_MARKETS, with_total
from mmm_models.reporting.forecast_tables import outcome_rows

_FIGURES = ("mean", "p05", "p50", "p95", "sd")
_KEYS = ["week_start", "market"]
_SCORES = ("inside_interval", "error", "error_in_sd", "crps")


def plan_vs_actual(forecast: pd.DataFrame, panel: Panel, told: AsSpent | None, note: str = "") -> pd.DataFrame:
    """One row a week that has come and market: money and outcome as planned and as they were.

    Args:
        forecast: of one plan, its scenario `plan`: rows of `results.plan_forecasts`, and its `model`.
        panel: the data as they are now.
        told: what the plan's fit says of these weeks for what was spent; None where it cannot be asked.
        note: why it cannot.

    A market that the data do not have any more has no rows, and neither has the total then.
    """
    planned = [str(name) for name in forecast["market"].unique() if name != ALL_MARKETS]
    markets = [name for name in panel.markets if name in planned]
    actual = _actual(panel, markets, is_whole=len(markets) == len(planned))
    renamed = {f"outcome_{name}": f"outcome_forecast_{name}" for name in _FIGURES} | {"spend": "spend_planned"}
    keys = forecast.assign(week_start=pd.to_datetime(forecast["week_start"]).dt.date).rename(columns=renamed)
    rows = keys.merge(actual, on=_KEYS, validate="one_to_one")
    if told is None:
        rows = rows.assign(**{f"outcome_as_spent_{name}": float("nan") for name in _FIGURES})
    else:
        rows = rows.merge(outcome_rows(told.expected, told.noise, "outcome_as_spent"), on=_KEYS, how="left")
    rows = rows.assign(as_spent_note=note, as_of_week=panel.weeks[-1].date())
    for prefix, suffix in (("outcome_forecast", ""), ("outcome_as_spent", "_as_spent")):
        rows = rows.assign(**{f"{name}{suffix}": values for name, values in _scored(rows, prefix).items()})
    names = ["plan_id", *_KEYS, "model", "as_of_week", "spend_planned", "spend_actual"]
    names += [f"outcome_forecast_{name}" for name in _FIGURES] + ["outcome_actual", *_SCORES]
    names += [f"outcome_as_spent_{name}" for name in _FIGURES] + [f"{name}_as_spent" for name in _SCORES]
    return rows.sort_values(_KEYS, kind="stable", ignore_index=True)[[*names, "as_spent_note"]]


def scores(rows: pd.DataFrame) -> pd.DataFrame:
    """By market: weeks, share inside the 90 % interval, mean error in standard deviations, mean CRPS.

    Each for the plan's forecast and, with `_as_spent`, for the one of what was spent.
    """
    by_market = rows.groupby("market", sort=False)
    found = {"weeks": by_market.size()}
    for suffix in ("", "_as_spent"):
        found[f"coverage{suffix}"] = by_market[f"inside_interval{suffix}"].mean()
        found[f"bias_in_sd{suffix}"] = by_market[f"error_in_sd{suffix}"].mean()
        found[f"crps{suffix}"] = by_market[f"crps{suffix}"].mean()
    return pd.DataFrame(found).reset_index()


def drift_in_words(drift: Drift, plan_id: str, outcome: str) -> str:
    """What the weeks since a plan say of its fit, and what to do."""
    where = f"{drift.weeks} weeks since {plan_id}"
    if drift.weeks < LEAST_WEEKS:
        return f"{where}: too few to judge, at least {LEAST_WEEKS} are needed."
    direction = "above" if drift.bias > 0 else "below"
    found = (
        f"{where}, held against what its fit expected for what was spent: in {drift.misses_market} {drift.misses} lie "
        f"outside the 90 % interval (as many by chance: {_percent(drift.misses_chance)}), {outcome} of "
        f"{drift.bias_market} lies {abs(drift.bias):.1f} standard deviations {direction} in total (as far by chance: "
        f"{_percent(drift.bias_chance)}), and weeks of {drift.scatter_market} scatter {drift.scatter:.1f} times as "
        f"widely as usual (by chance: {_percent(drift.scatter_chance)})."
    )
    if not drift.is_drifting:
        return found
    return (
        f"{found} Less than {_percent(CHANCE / 3)} is hardly chance: something has changed that the model does "
        "not know. Look at tracking, prices and competitors in these weeks, and plan anew with a fit to them."
    )


def _percent(chance: float) -> str:
    return f"{100 * chance:.1f} %"


def _actual(panel: Panel, markets: list[str], *, is_whole: bool) -> pd.DataFrame:
    data = panel.dataset.sel(market=markets)
    figures = xr.Dataset({"spend_actual": data["spend"].sum("channel"), "outcome_actual": data["outcome"]})
    if is_whole:
        figures = figures.map(with_total)
    rows = figures.to_dataframe().reset_index().rename(columns={"week": "week_start"})
    return rows.assign(week_start=rows["week_start"].dt.date)


def _scored(rows: pd.DataFrame, prefix: str) -> dict[str, pd.Series]:
    actual, mean, sd = rows["outcome_actual"], rows[f"{prefix}_mean"], rows[f"{prefix}_sd"]
    inside = actual.between(rows[f"{prefix}_p05"], rows[f"{prefix}_p95"])
    return {
        "inside_interval": inside.astype("boolean").where(mean.notna()),
        "error": actual - mean,
        "error_in_sd": (actual - mean) / sd.where(sd > 0),
        "crps": pd.Series(crps_of_normal(mean, sd, actual), index=rows.index).where(mean.notna()),
    }
