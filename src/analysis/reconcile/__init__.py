"""Stage 2: which citizen each dose record belongs to, and why."""

from analysis.reconcile.drawn.calibration import count_calibration, draw_calibration
from analysis.reconcile.drawn.clusters import draw_cluster, find_cluster
from analysis.reconcile.drawn.waterfall import draw_waterfall
from analysis.reconcile.explain import describe_model, explain_rows, sample_rows
from analysis.reconcile.shown import (
    count_differing_fields,
    count_expected_errors,
    count_findings,
    count_four_field_results,
    count_left,
    count_methods,
    count_methods_by,
    count_roster_checks,
    count_statuses,
    draw_statuses,
)
from analysis.reconcile.stage import LinkSummary, link_doses

__all__ = [
    "LinkSummary",
    "count_calibration",
    "count_differing_fields",
    "count_expected_errors",
    "count_findings",
    "count_four_field_results",
    "count_left",
    "count_methods",
    "count_methods_by",
    "count_roster_checks",
    "count_statuses",
    "describe_model",
    "draw_calibration",
    "draw_cluster",
    "draw_statuses",
    "draw_waterfall",
    "explain_rows",
    "find_cluster",
    "link_doses",
    "sample_rows",
]
