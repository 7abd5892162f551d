"""Readers for analysts: a run's counts as DataFrames, ready to slice and plot; ten questions: docs/questions.md.

    from analysis.readers import open_counts, read_coverage
    run = open_counts("2021-11-07")
    frame = read_coverage(run, unit_level="district", basis="reported", newest=True)

Every reader takes the run and which units: `province_code` ("02": its own row, its districts and, where the table
has them, its communes), `unit_code` (that unit alone: "VN", "02", "024", "00688"), `unit_level` (all units of a
level: "district"); with none of them the country and the 63 provinces come. `newest=True` leaves the last day, where
a table has days. Words for a table's columns (`basis`, `age_group` …) are arguments of their own; a word or unit that
is not known is refused with the known ones. Frames begin with `unit_level, unit_code, unit_name, district_name,
province_name` and are sorted by unit; counts are whole numbers (Int64), percentages floats with two decimals, days
timestamps, ages in order; a figure that is not known is missing. Answers are kept until a table is another one.

Only `aggregate/` is opened: no reader can show a person. `open_counts(…, public=True)` shows what may be published
alone. `help(read_coverage)` lists its columns, from the descriptions that docs/interfaces.md shows too.
"""

from analysis.readers.ahead import (
    read_confidence,
    read_first_dose_deadlines,
    read_forecast,
    read_nowcast,
    read_past_forecasts,
    read_targets,
    read_tasks,
)
from analysis.readers.asking import AGE_GROUPS, UNIT_COLUMNS, list_others
from analysis.readers.doses import (
    read_doses_by_product,
    read_entry_delays,
    read_entry_plan,
    read_entry_progress,
    read_first_doses_by_product,
    read_reporting_triangle,
    read_supply,
    read_suspicious_days,
)
from analysis.readers.facilities import (
    read_facility_corrections,
    read_facility_delays,
    read_facility_scores,
)
from analysis.readers.hub import hub_forecasts
from analysis.readers.opening import PublicCounts, name_units, open_counts
from analysis.readers.people import (
    read_bridge,
    read_coverage,
    read_coverage_by_sex,
    read_coverage_estimate,
    read_due_counts,
    read_flows,
    read_rankings,
    read_rates_above_100,
    read_series_notes,
)
from analysis.readers.records import (
    read_feedback,
    read_place_counts,
    read_quality,
    read_quality_scores,
    read_records_by,
    read_registry_findings,
    read_review_by_age,
    read_rosters,
    read_verification,
)
from analysis.readers.tiles import district_tiles, draw_districts
from analysis.readers.weeks import (
    compare_weeks,
    read_figures_history,
    read_published_and_now,
    read_table,
)

__all__ = [
    "AGE_GROUPS",
    "UNIT_COLUMNS",
    "PublicCounts",
    "compare_weeks",
    "district_tiles",
    "draw_districts",
    "hub_forecasts",
    "name_units",
    "open_counts",
    "read_bridge",
    "read_confidence",
    "read_coverage",
    "read_coverage_by_sex",
    "read_coverage_estimate",
    "read_doses_by_product",
    "read_due_counts",
    "read_entry_delays",
    "read_entry_plan",
    "read_entry_progress",
    "read_facility_corrections",
    "read_facility_delays",
    "read_facility_scores",
    "read_feedback",
    "read_figures_history",
    "read_first_dose_deadlines",
    "read_first_doses_by_product",
    "read_flows",
    "read_forecast",
    "read_nowcast",
    "read_past_forecasts",
    "read_place_counts",
    "read_published_and_now",
    "read_quality",
    "read_quality_scores",
    "read_rankings",
    "read_rates_above_100",
    "read_records_by",
    "read_registry_findings",
    "read_reporting_triangle",
    "read_review_by_age",
    "read_rosters",
    "read_series_notes",
    "read_supply",
    "read_suspicious_days",
    "read_table",
    "read_targets",
    "read_tasks",
    "read_verification",
]

list_others(read_table)
