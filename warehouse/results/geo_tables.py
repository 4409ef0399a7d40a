"""Result tables of geo experiments: what the regions showed, before any model."""

from __future__ import annotations

from warehouse.results.schema import CHANNEL, MARKET, Column, ResultTable

GEO_READOUTS = ResultTable(
    name="geo_readouts",
    comment="Effect of each geo test, estimated from the regions that were not treated; no model takes part.",
    key=("test_id",),
    columns=(
        Column("test_id", "varchar", "Experiment; its record is in results.lift_tests once it has landed."),
        CHANNEL,
        MARKET,
        Column("outcome", "varchar", "Outcome that was counted, as in fct_outcomes_weekly."),
        Column(
            "estimator",
            "varchar",
            "'synthetic_control': untreated regions weighted so that they follow the treated ones before the test; "
            "'difference_in_differences': all weighted alike.",
            allowed=("synthetic_control", "difference_in_differences"),
        ),
        Column("estimator_version", "varchar", "Library and version that estimated it."),
        Column("start_date", "date", "First day of changed spend."),
        Column("end_date", "date", "Last day of changed spend."),
        Column("counted_to", "date", "Last day on which the outcome was counted."),
        Column("treated", "varchar", "Treated regions."),
        Column("donors", "varchar", "Regions that count most in the comparison with their weights, and of how many."),
        Column("periods_before", "bigint", "Days or weeks before the test that were compared."),
        Column("point", "double", "Change of the outcome from start_date to counted_to, in units of the outcome."),
        Column("point_during", "double", "Change of the outcome from start_date to end_date, in the same units."),
        Column("se", "double", "Standard error of point, root mean square of the placebos' effects; same units."),
        Column("p05", "double", "Lower end of the 90 % interval of point."),
        Column("p95", "double", "Upper end of the 90 % interval of point."),
        Column("relative", "double", "point as a share of the outcome that was expected."),
        Column("placebo_p", "double", "Share of the placebos, the test among them, with an effect at least as large."),
        Column("placebos", "bigint", "Number of placebos behind se and placebo_p."),
        Column(
            "error_from",
            "varchar",
            "'placebos in space': untreated regions taken for treated; 'placebos in time': earlier windows.",
            allowed=("placebos in space", "placebos in time"),
        ),
        Column("se_in_time", "double", "The standard error that earlier windows alone would give; a check."),
        Column("pre_fit_error", "double", "Root mean square error before the test as a share of the outcome's mean."),
        Column("unit_share", "double", "Share of the market's outcome before the test that the treated regions had."),
        Column("data_hash", "varchar", "sha256 of the outcomes by region that were used."),
    ),
)

GEO_READOUTS_WEEKLY = ResultTable(
    name="geo_readouts_weekly",
    comment="Course of each geo test by arm and week, from its first day to the last that was counted.",
    key=("test_id", "arm", "first_day"),
    columns=(
        Column("test_id", "varchar", "Experiment; see results.geo_readouts."),
        Column("arm", "varchar", "Group of treated regions; 'treated' where there is one."),
        Column("first_day", "date", "First day; weeks are counted from the test's start."),
        Column("last_day", "date", "Last day, included."),
        Column("observed", "double", "Outcome of the treated regions, in units of the outcome."),
        Column("expected", "double", "What they would have had without the test, in the same units."),
        Column("effect", "double", "observed less expected."),
        Column("se", "double", "Standard error of effect; null where only earlier windows tell the total's error."),
    ),
)

GEO_TABLES = (GEO_READOUTS, GEO_READOUTS_WEEKLY)
