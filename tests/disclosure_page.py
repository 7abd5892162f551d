"""Writes docs/disclosure.md: what becomes of every count that is published, made from the rules themselves.

python tests/disclosure_page.py
"""

from pathlib import Path

from analysis.disclosure import policy
from analysis.disclosure.public_tables import LEVELS, PUBLIC_TABLES
from interface_pages import markdown_table

PAGE = Path(__file__).resolve().parents[1] / "docs" / "disclosure.md"
TEXT = Path(__file__).resolve().parent / "interface" / "disclosure.txt"
WORDS = {
    policy.Treatment.EXACT: "exact",
    policy.Treatment.HEADLINE: "exact from 10",
    policy.Treatment.COUNTED: "withheld below 10",
    policy.Treatment.ROUNDED: "rounded to 10",
}


def page_text() -> str:
    """Return the page: the text beside the table of tables, columns, levels and rules."""
    rows = [["table", "counts", "rows", *LEVELS]]
    for name, table in PUBLIC_TABLES.items():
        counts = ", ".join(f"`{count}`" for count in table.counts) or "none of people"
        if not table.rules:
            rows.append([f"`{name}`", counts, "all", *["exact"] * len(LEVELS)])
        for rule in table.rules:
            told = [WORDS[rule.treatments[level]] for level in LEVELS]
            rows.append(
                [f"`{name}`", counts, "all others" if rule.where == "true" else f"`{rule.where}`", *told]
            )
    return TEXT.read_text("utf-8").format(**_thresholds(), tables=markdown_table(rows))


def _thresholds() -> dict[str, str]:
    return {
        "smallest": str(policy.SMALLEST_SHOWN),
        "below": str(policy.SMALLEST_SHOWN - 1),
        "range": str(policy.NARROWEST_RANGE),
        "rounded": str(policy.ROUNDED_TO),
        "base": str(policy.SMALLEST_BASE),
        "share": f"{policy.MOST_WITHHELD:.0%}",
    }


def main() -> None:
    """Write the page."""
    PAGE.write_text(page_text(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
