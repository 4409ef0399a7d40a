"""Result tables of a tournament: structures of one model beside each other. Models without one have no rows."""

from __future__ import annotations

from warehouse.results.schema import CHANNEL, MARKET_OR_ALL, RUN_ID, WINDOW_NAME, Column, ResultTable, draws

STRUCTURE = Column("structure", "varchar", "Structure of the model, named by its kinds, such as delayed-hill-local.")
STRUCTURES = ResultTable(
    name="structures",
    comment="The structures that a model was tried in: how well each forecast weeks it had not seen, and its weight.",
    key=("run_id", "structure"),
    columns=(
        RUN_ID,
        STRUCTURE,
        Column("adstock", "varchar", "Kind of carryover; several, where channels differ, stand with ' + '."),
        Column("saturation", "varchar", "Kind of saturation; several, where channels differ, stand with ' + '."),
        Column("trend", "varchar", "Kind of trend: none, linear or local."),
        Column("weight", "double", "Share of the run's draws that are of this structure; 0 is left out."),
        Column(
            "elpd",
            "double",
            "Log score of its forecasts: the sum of log predictive densities of the weeks forecast; more is better.",
        ),
        Column("elpd_se", "double", "Standard error of elpd."),
        Column("elpd_behind", "double", "elpd of the structure that forecast best, less its own."),
        Column("elpd_behind_se", "double", "Standard error of elpd_behind: below two of it, nothing is told apart."),
        Column("points", "integer", "Weeks and markets that were forecast."),
        Column("r_hat_max", "double", "Largest R-hat of its fit to all data."),
        Column("ess_bulk_min", "double", "Smallest bulk effective sample size of that fit."),
        Column("divergences", "double", "Divergent transitions of that fit."),
        Column("fold_r_hat_max", "double", "Largest R-hat of the fits that forecast."),
        Column("wall_seconds", "double", "Time of its fit to all data, in seconds."),
    ),
)

STRUCTURE_RETURNS = ResultTable(
    name="structure_returns",
    comment="What each structure alone says that a channel returned; definitions as in results.channel_returns.",
    key=("run_id", "structure", "market", "channel", "window_name"),
    columns=(
        RUN_ID,
        STRUCTURE,
        MARKET_OR_ALL,
        CHANNEL,
        WINDOW_NAME,
        *draws("contribution", "Outcome lost if the channel had spent nothing in the window, in units of the outcome"),
        *draws("roas", "Contribution / spend; NULL without spend"),
        *draws("mroas", "Extra outcome per extra unit of money at 10 % more spend; NULL without spend"),
    ),
)

STRUCTURE_SPREAD = ResultTable(
    name="structure_spread",
    comment="How far a model's structures lie apart about each channel, beside how unsure each of them is; "
    "structures with weight only.",
    key=("run_id", "market", "channel", "window_name"),
    columns=(
        RUN_ID,
        MARKET_OR_ALL,
        CHANNEL,
        WINDOW_NAME,
        Column("roas_mean", "double", "Mean ROAS over structures, by their weights; NULL without spend."),
        Column("roas_sd_within", "double", "Standard deviation of ROAS inside a structure, on average of squares."),
        Column(
            "roas_sd_between",
            "double",
            "Standard deviation of the structures' mean ROAS; its square and that of roas_sd_within add up to the "
            "variance of the run's ROAS.",
        ),
        Column("roas_lowest", "double", "Lowest mean ROAS of any structure."),
        Column("roas_highest", "double", "Highest mean ROAS of any structure."),
        Column("factor", "double", "roas_highest / roas_lowest."),
        Column(
            "prob_better_least",
            "double",
            "Chance that the channel's next unit of money brings more than the market's average one, in the structure "
            "that thinks least of it.",
        ),
        Column("prob_better_most", "double", "The same chance in the structure that thinks most of it."),
        Column(
            "agreement",
            "varchar",
            "'agree'; 'factor': returns further apart than tournament.disagreement_factor; 'direction': one structure "
            "would move money in, another out, each sure by 90 %.",
            allowed=("agree", "factor", "direction"),
        ),
    ),
)

STRUCTURE_TABLES = (STRUCTURES, STRUCTURE_RETURNS, STRUCTURE_SPREAD)
