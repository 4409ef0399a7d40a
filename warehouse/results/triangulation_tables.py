"""Result tables of triangulation: each channel's ROAS from all sources, and what each source says by itself."""

from __future__ import annotations

from warehouse.results.schema import CHANNEL, RUN_ID, Column, ResultTable, draws

_SHARE = "share of the precision of the channel's own figure, 0 to 1; with prior_share the shares add up to 1"
_BIAS = "overstates the channel's ROAS, as a share of it (0.3: 30 % too high); on the natural scale of a typical ROAS"


def _bias(source: str, words: str) -> tuple[Column, ...]:
    return (
        Column(f"bias_{source}", "double", f"By how much {words} {_BIAS}; posterior median. NULL: says nothing of it."),
        Column(f"bias_{source}_p05", "double", f"The same: lower end of its 90 % interval ({words})."),
        Column(f"bias_{source}_p95", "double", f"The same: upper end of its 90 % interval ({words})."),
    )


TRIANGULATION = ResultTable(
    name="triangulation",
    comment=(
        "Incremental ROAS of each channel, all markets, last 52 weeks, from the model without lift tests, the tests "
        "and the platforms together; three methods, of which 'hierarchical' is meant and two are there to compare."
    ),
    key=("run_id", "method", "channel"),
    columns=(
        RUN_ID,
        Column(
            "method",
            "varchar",
            "'hierarchical': biases of model and platforms are learned from channels that were tested; "
            "'weighted_average': weights by hand (.5, .3, .2); 'inverse_variance': weights by precision, no bias.",
            allowed=("hierarchical", "weighted_average", "inverse_variance"),
        ),
        CHANNEL,
        *draws("roas", "Incremental ROAS, outcome per unit of spend"),
        Column("weight_mmm", "double", f"Model: {_SHARE}."),
        Column("weight_experiments", "double", f"Experiments of this channel: {_SHARE}."),
        Column("weight_attribution", "double", f"Platforms: {_SHARE}."),
        *_bias("mmm", "the model"),
        *_bias("attribution", "the platform"),
        Column(
            "prior_share", "double", "What other channels say of a channel like any: share of the precision, 0 to 1."
        ),
        Column("width_inflation", "double", "Spread of the figure over the spread if no source had a bias; a ratio."),
        Column(
            "scale",
            "varchar",
            "'log', or 'natural' where a reading or the interval of one reaches below 0.",
            allowed=("log", "natural"),
        ),
        Column("channels_overlapping", "integer", "Channels with an experiment beside another source; a count."),
        Column(
            "verdict",
            "varchar",
            "'directional' (fewer than 3 such channels, or none of the channel's kind), 'usable' (3) or 'ready' (4).",
            allowed=("directional", "usable", "ready"),
        ),
        Column("reason", "varchar", "Why, in words."),
    ),
)

TRIANGULATION_SOURCES = ResultTable(
    name="triangulation_sources",
    comment="What each source says of a channel's ROAS by itself, brought to all markets and the last 52 weeks.",
    key=("run_id", "source", "channel", "reading"),
    columns=(
        RUN_ID,
        Column(
            "source",
            "varchar",
            "'mmm' (fitted without lift tests), 'experiment' or 'attribution'.",
            allowed=("mmm", "experiment", "attribution"),
        ),
        Column("channel", "varchar", "Paid channel, as in dim_channel; several joined by '+' where tested together."),
        Column("reading", "varchar", "Lift test, as in results.lift_tests; the channel for other sources."),
        Column("roas", "double", "Outcome per unit of spend; median. NULL where it could not be brought there."),
        Column("low", "double", "Lower end of its 90 % interval, without any bias of the source."),
        Column("high", "double", "Upper end of its 90 % interval, without any bias of the source."),
        Column("note", "varchar", "How it was brought there, or why not."),
    ),
)

TRIANGULATION_TABLES = (TRIANGULATION, TRIANGULATION_SOURCES)
