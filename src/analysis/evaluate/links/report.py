"""The printed report of `baophu evaluate`."""

from pathlib import Path

from analysis.evaluate.links.compared_rows import open_comparison
from analysis.evaluate.links.coverage_scores import coverage_lines
from analysis.evaluate.links.field_scores import field_lines, number_lines, row_lines
from analysis.evaluate.links.link_scores import (
    duplicate_lines,
    four_field_lines,
    likeness_lines,
    review_lines,
    score_links,
    score_people,
    worst_errors,
    worst_groups,
)


def evaluate_run(processed: Path, truth: Path) -> str:
    """Score a run (`data/processed/<as-of>`) against the truth of its intake; returns the report.

    Only counts and shares are printed. Raises RequestError when a folder lacks what is compared.
    """
    con = open_comparison(processed, truth)
    try:
        automatic = score_links(con, where="link_status IN ('verified', 'matched') OR citizen_id IS NULL")
        sections = {
            "Rows": row_lines(con),
            "Fields: cleaned value is what the cell says": field_lines(con),
            "Possible citizen numbers of twelve digits": number_lines(con),
            "Links": [
                *(score.line("per dose record") for score in automatic.values()),
                score_people(con).line("per person"),
            ],
            "Links by status": [s.line(n) for n, s in score_links(con, "link_status").items()],
            "Links by method": [s.line(n) for n, s in score_links(con, "link_method").items()],
            "Rows that the plain four-field comparison fails": four_field_lines(con),
            "Twins and rows without a number": likeness_lines(con),
            "Duplicates": duplicate_lines(con),
            "Clerical review": review_lines(con),
            "Groups of lowest recall": worst_groups(con),
            "Errors of lowest recall": worst_errors(con),
            "Coverage error in percentage points": coverage_lines(con, processed),
        }
    finally:
        con.close()
    return "\n".join(line for title, lines in sections.items() for line in (title, *lines, "")).rstrip()
