"""What the index page tells of each unit: one row of figures, and what of them is to be read with care."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from analysis.briefing.figures.front import COMPLETE, ONE, REPORTED
from analysis.briefing.figures.page_one.caution import GAP_POINTS, registry_gap
from analysis.briefing.figures.reading import UnitTables, is_told
from analysis.briefing.figures.units import COUNTRY, province_region, provinces, unit_file_stem
from analysis.briefing.figures.wording import Words

WHOLE = Decimal(100)
COLUMNS = ("one", "complete", "registry", "entry", "backlog", "used")


def unit_rows(units: Sequence[str], tables: UnitTables, words: Words) -> list[dict[str, Any]]:
    """Return a row a unit, the country first: name, region, file stem, and its figures in the order of COLUMNS.

    A figure is what is printed, and, where it is told, the number by which the page's script sorts.
    """
    ordered = sorted(units, key=lambda code: (code != COUNTRY, code))
    return [_row(code, tables, words) for code in ordered]


def _row(code: str, tables: UnitTables, words: Words) -> dict[str, Any]:
    is_country = code == COUNTRY
    one, complete = (tables.covered(code, REPORTED, status) for status in (ONE, COMPLETE))
    entry, supply = tables.entered(code), tables.supplied(code)
    rates = (
        one.get("coverage_pct"),
        complete.get("coverage_pct"),
        one.get("coverage_registry_pct"),
        entry.get("entry_pct"),
    )
    backlog, used = entry.get("backlog"), supply.get("used_pct")
    figures = [
        *((words.percent(r), r) for r in rates),
        (words.whole(backlog), backlog),
        (words.percent(used), used),
    ]
    return {
        "code": code,
        "name": words("portal.national") if is_country else provinces()[code].short_name,
        "region": "" if is_country else words(f"region.{province_region(code)}"),
        "stem": unit_file_stem(code),
        "is_country": is_country,
        "figures": [
            {"column": column, "text": text, "value": str(value) if is_told(value) else ""}
            for column, (text, value) in zip(COLUMNS, figures, strict=True)
        ],
    }  # fmt: skip


def cautions(rows: Sequence[dict[str, Any]], tables: UnitTables, words: Words) -> list[dict[str, str]]:
    """Return the units whose figures need care, each with what is to be known of them."""
    found = [(row, "; ".join(_cautions_of(row["code"], tables, words))) for row in rows]
    return [{"name": row["name"], "stem": row["stem"], "text": text} for row, text in found if text]


def _cautions_of(code: str, tables: UnitTables, words: Words) -> Iterator[str]:
    if code == COUNTRY and tables.unread_report_files:
        yield words("heed.unread", files=words.whole(tables.unread_report_files))
    one = tables.covered(code, REPORTED, ONE)
    rate = one.get("coverage_pct")
    if one.get("people") is None:
        yield words("heed.no_reports")
    elif rate is None and code != COUNTRY:
        yield words("heed.no_population")
    for name, status in (("one", ONE), ("complete", COMPLETE)):
        pct = tables.covered(code, REPORTED, status).get("coverage_pct")
        if pct is not None and pct > WHOLE:
            yield words("heed.above_100", what=words(f"portal.{name}").lower(), pct=words.percent(pct))
    if registry_gap(one) >= GAP_POINTS:
        of_residents = words.percent(one["coverage_registry_pct"])
        yield words("heed.registry_gap", pct=words.percent(rate), registry=of_residents)
    if tables.entered(code).get("doses_entered_last_7_days") == 0:
        yield words("heed.no_entry")
