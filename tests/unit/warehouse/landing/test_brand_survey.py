"""The sheet of brand surveys: what is no figure of a survey is refused with its reason, and a later sheet restates."""

import pytest

HEADER = "panel_provider,market,metric,wave_start,wave_end,share,percent,sample_size,updated_at\n"
WAVES = (
    "select panel_provider, metric, wave_end::varchar, share, percent, sample_size "
    "from raw_brand_survey.waves order by all"
)


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        # Its error cannot be known.
        ("Pulse,US,awareness,2024-03-04,2024-03-10,0.42,,,", "sample_size", "sample_size is missing."),
        ("Pulse,US,awareness,2024-03-04,2024-03-10,0.42,,0,", "sample_size", "sample_size is 0, must be above 0."),
        ("Pulse,US,awareness,2024-03-04,2024-03-10,42,,900,", "share", "share is 42, must be at most 1."),
        ("Pulse,US,awareness,2024-03-04,2024-03-10,,142,900,", "percent", "percent is 142, must be at most 100."),
        ("Pulse,US,awareness,2024-03-04,2024-03-10,,,900,", "share", "neither share nor percent is filled."),
        ("Pulse,US,awarenes,2024-03-04,2024-03-10,0.42,,900,", "metric", "metric 'awarenes' is not a known metric."),
        (
            "Pulse,US,awareness,2024-03-10,2024-03-04,0.42,,900,",
            "wave_start",
            "wave_start is after wave_end 2024-03-04.",
        ),
    ],
)
def test_a_row_that_is_no_figure_of_a_survey_is_refused(landing, row, column, reason):
    landing.put("brand_survey/waves/a.csv", HEADER + row + "\nPulse,DE,awareness,2024-03-04,2024-03-10,0.3,,700,\n")
    report = landing.land("brand_survey")
    assert (report.rows_read, report.rows_merged, report.rows_quarantined) == (2, 1, 1)
    [(line, told, _, why, remedy)] = landing.quarantine()
    assert (line, told, why) == (2, column, reason)
    assert remedy


def test_share_or_percent_each_alone_is_a_sheet(landing):
    landing.put(
        "brand_survey/waves/a.csv",
        "panel_provider,market,metric,wave_start,wave_end,percent,sample_size\n"
        ",US,awareness,2024-03-04,2024-03-10,42,900\n",
    )
    assert landing.land("brand_survey").is_clean
    assert landing.rows(WAVES) == [("unnamed", "awareness", "2024-03-10", None, 42, 900)]


def test_a_restated_wave_replaces_what_it_said_and_another_panel_stays_beside_it(landing):
    landing.put(
        "brand_survey/waves/a.csv",
        HEADER
        + "Pulse,US,awareness,2024-03-04,2024-03-10,0.42,,900,2024-03-12\n"
        + "Omni,US,awareness,2024-03-04,2024-03-10,0.50,,300,2024-03-12\n",
    )
    landing.land("brand_survey")
    # The field time was longer, and weighting brought the sample down.
    landing.put("brand_survey/waves/b.csv", HEADER + "Pulse,US,awareness,2024-03-04,2024-03-17,0.44,,840,2024-03-20\n")
    # An older sheet that comes late undoes nothing.
    landing.put("brand_survey/waves/c.csv", HEADER + "Pulse,US,awareness,2024-03-04,2024-03-10,0.41,,900,2024-03-11\n")
    landing.land("brand_survey")
    assert landing.rows(WAVES) == [
        ("Omni", "awareness", "2024-03-10", 0.5, None, 300),
        ("Pulse", "awareness", "2024-03-17", 0.44, None, 840),
    ]
