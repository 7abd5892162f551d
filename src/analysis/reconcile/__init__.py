"""Stage 2: which citizen each dose record belongs to, and why."""

from analysis.reconcile.match import LinkSummary, link_doses
from analysis.reconcile.overview import (
    count_differing_fields,
    count_findings,
    count_four_field_results,
    count_methods,
    count_roster_checks,
    count_statuses,
    draw_statuses,
)

__all__ = [
    "LinkSummary",
    "count_differing_fields",
    "count_findings",
    "count_four_field_results",
    "count_methods",
    "count_roster_checks",
    "count_statuses",
    "draw_statuses",
    "link_doses",
]
