"""Result tables of a model run: what was fitted, what it says, and how far it may be trusted."""

from __future__ import annotations

from warehouse.results.schema import (
    CHANNEL,
    MARKET,
    MARKET_OR_ALL,
    RUN_ID,
    WEEK_START,
    WINDOW_NAME,
    Column,
    ResultTable,
    draws,
)

_HASH = "two runs with the same value had the same"

MODEL_RUNS = ResultTable(
    name="model_runs",
    comment="One row per model run: what was fitted, on which data, by which code, and which role it has now.",
    key=("run_id",),
    columns=(
        RUN_ID,
        Column("model", "varchar", "Model name, as in its YAML file."),
        Column(
            "kind",
            "varchar",
            "'fit' saw the time series only; 'calibrated_fit' also saw the approved lift tests.",
            allowed=("fit", "calibrated_fit"),
        ),
        Column("outcome", "varchar", "What is explained, as in fct_outcomes_weekly: the unit of the run's figures."),
        Column("engine", "varchar", "Library that fitted the model, for example pymc_marketing."),
        Column("engine_version", "varchar", "Version of that library."),
        Column(
            "role",
            "varchar",
            "'champion': passed all blocking gates and is shown in results.latest_*; 'challenger': kept to compare; "
            "'rejected': failed a gate.",
            allowed=("champion", "challenger", "rejected"),
        ),
        Column("as_of_week", "date", "Monday of the last week the model was trained on."),
        Column("data_hash", "varchar", f"Content hash of the training panel; {_HASH} data."),
        Column("spec_hash", "varchar", f"Content hash of the model spec; {_HASH} spec."),
        Column("evidence_hash", "varchar", f"Content hash of the lift tests used; {_HASH} evidence."),
        Column("code_hash", "varchar", f"Hash of the modelling code and library versions; {_HASH} code."),
        Column("seed", "bigint", "Random seed of the sampler."),
        Column("n_lift_tests", "integer", "Number of lift tests in the likelihood."),
        Column("dagster_run_id", "varchar", "Dagster run that made it; NULL outside Dagster."),
        Column("mlflow_run_id", "varchar", "MLflow run that holds the fit and its plots; NULL when not tracked."),
        Column("wall_seconds", "double", "Time the fit took, in seconds."),
        Column("created_at", "timestamp", "When the run was written (UTC)."),
    ),
)

CONTRIBUTIONS_WEEKLY = ResultTable(
    name="contributions_weekly",
    comment="What each component added to the outcome, week by week; components of a week add up to the "
    "model's mean prediction.",
    key=("run_id", "week_start", "market", "component"),
    columns=(
        RUN_ID,
        WEEK_START,
        MARKET,
        Column(
            "component",
            "varchar",
            "Channel, 'intercept', 'trend', 'level', 'seasonality', 'control:<name>' or 'treatment:<name>'.",
        ),
        *draws("", "Contribution of the component in the week, in units of the outcome (money for revenue)"),
    ),
)

CHANNEL_RETURNS = ResultTable(
    name="channel_returns",
    comment="What each channel returned in a window: contribution, average return (ROAS) and marginal return "
    "(mROAS), carryover after the window included.",
    key=("run_id", "market", "channel", "window_name"),
    columns=(
        RUN_ID,
        MARKET_OR_ALL,
        CHANNEL,
        WINDOW_NAME,
        Column("window_start", "date", "Monday of the first week in the window."),
        Column("window_end", "date", "Sunday that ends the last week of the window."),
        Column("spend", "double", "Spend of the channel in the window, in the model's currency."),
        *draws(
            "contribution",
            "Outcome lost if the channel had spent nothing in the window, the carryover after its end included, "
            "in units of the outcome",
        ),
        *draws("roas", "Contribution / spend: outcome per unit of money spent, on average; NULL without spend"),
        *draws(
            "mroas",
            "Extra outcome per extra unit of money if spend in every week of the window were 10 % higher, "
            "carryover included; NULL without spend",
        ),
    ),
)

RESPONSE_CURVES = ResultTable(
    name="response_curves",
    comment="Weekly outcome a channel brings at a steady weekly spend: the curve of diminishing returns.",
    key=("run_id", "market", "channel", "spend"),
    # The curve of a channel that a market never used is the point (0, 0), once a grid point.
    unique=False,
    columns=(
        RUN_ID,
        MARKET,
        CHANNEL,
        Column("spend", "double", "Steady spend per week, in the model's currency."),
        *draws("response", "Outcome per week in the long run at that spend, in units of the outcome"),
        Column(
            "is_observed",
            "boolean",
            "True inside the range of weekly spend seen in training; false means extrapolation.",
        ),
    ),
)

PARAMETERS = ResultTable(
    name="parameters",
    comment="Posterior of each model parameter, in the engine-free form (outcome units unless the name says else).",
    key=("run_id", "name", "market", "channel", "structure"),
    nullable_key=("market", "channel", "structure"),
    columns=(
        RUN_ID,
        Column("name", "varchar", "Parameter, for example adstock_alpha or control_coefficient[promotion]."),
        Column("market", "varchar", "Market the parameter belongs to; NULL if shared by all."),
        Column("channel", "varchar", "Channel the parameter belongs to; NULL if it has none."),
        Column("mean", "double", "Posterior mean."),
        Column("sd", "double", "Posterior standard deviation."),
        *draws("", "Value of the parameter", which=("p05", "p50", "p95")),
        Column("r_hat", "double", "Rank-normalised split R-hat; above 1.01 the chains disagree."),
        Column("ess_bulk", "double", "Bulk effective sample size; below 400 quantiles are noisy."),
        Column(
            "structure",
            "varchar",
            "Structure of a tournament that the parameter belongs to, as in results.structures; NULL without one.",
        ),
    ),
)

DIAGNOSTICS = ResultTable(
    name="diagnostics",
    comment="Figures on sampling and fit of a run (R-hat, effective sample sizes, divergences, errors of fit).",
    key=("run_id", "name"),
    columns=(
        RUN_ID,
        Column("name", "varchar", "Figure, for example r_hat_max, ess_bulk_min, divergences or mape."),
        Column("value", "double", "Its value; shares are fractions (0.05 is 5 %)."),
    ),
)

GATES = ResultTable(
    name="gates",
    comment="The tests a run had to pass before it was allowed to plan budgets.",
    key=("run_id", "name"),
    columns=(
        RUN_ID,
        Column("name", "varchar", "Gate."),
        Column("metric", "varchar", "Figure that the gate looks at."),
        Column("value", "double", "Value of the figure in this run."),
        Column("threshold", "double", "Limit from the model spec."),
        Column(
            "verdict",
            "varchar",
            "'pass', 'warn' (shown, blocks nothing) or 'fail' (blocks plan and publication).",
            allowed=("pass", "warn", "fail"),
        ),
        Column("advice", "varchar", "What to do about it; empty for a pass."),
    ),
)

PREDICTIONS_WEEKLY = ResultTable(
    name="predictions_weekly",
    comment="Fitted against actual outcome for each training week; about 90 % of actuals should lie in the interval.",
    key=("run_id", "week_start", "market"),
    columns=(
        RUN_ID,
        WEEK_START,
        MARKET,
        Column("actual", "double", "Observed outcome of the week, in units of the outcome."),
        *draws("", "Outcome that the model predicts for the week, noise included, in units of the outcome"),
    ),
)

FITS = ResultTable(
    name="fits",
    comment="The fit itself, so that this file can be planned with anywhere (mixhouse plan FILE). In a warehouse only "
    "each model's newest champion is kept; earlier ones stand in MLflow.",
    key=("run_id",),
    columns=(
        RUN_ID,
        Column("format", "varchar", "How content is written: 'netcdf-zlib/1' is a NetCDF file, compressed by zlib."),
        Column("draws", "integer", "Posterior draws in it."),
        Column("size_bytes", "bigint", "Size of content, in bytes."),
        Column("content", "blob", "Posterior (single precision), scales, data of the panel, model spec, provenance."),
    ),
)

FIT_TABLES = (
    MODEL_RUNS,
    FITS,
    CONTRIBUTIONS_WEEKLY,
    CHANNEL_RETURNS,
    RESPONSE_CURVES,
    PARAMETERS,
    DIAGNOSTICS,
    GATES,
    PREDICTIONS_WEEKLY,
)
