"""What of the run's figures is to be read with care: every caution of every page, unit by unit, in one list.

The same rules as on the first pages (page_one/caution.py), and beside them what a page says further on: no daily
reports, no population, districts above 100%, reports of a day that cannot be right.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from analysis.briefing.figures.front import COMPLETE, ONE, REPORTED
from analysis.briefing.figures.page_one.caution import GAP_POINTS, registry_gap, unread_files
from analysis.briefing.figures.queries import ADULTS
from analysis.briefing.figures.reading import UnitTables
from analysis.briefing.figures.units import COUNTRY, Unit, districts, named_in, provinces
from analysis.briefing.figures.wording import Words
from analysis.disclosure.opening import open_protected
from analysis.engine import connect, sql_text
from analysis.settings import RunParameters

WHOLE = Decimal(100)
NAMED = 3  # of the places of one unit; the others are counted

# Each gives the codes of the units concerned.
QUERIES = {
    "idle": "SELECT unit_code FROM entry_progress WHERE reference_date = {day} AND doses_entered_last_7_days = 0",
    "entering": "SELECT unit_code FROM entry_progress WHERE reference_date = {day} "
    "AND doses_entered_last_7_days IS NOT NULL",
    "above": "SELECT unit_code FROM coverage WHERE reference_date = {day} AND basis = 'reported' "
    f"AND age_group = {sql_text(ADULTS)} AND series_status = 'at_least_one' AND coverage_pct > 100 "
    "AND unit_level IN ('province', 'district')",
    "odd": "SELECT DISTINCT unit_code FROM suspicious_days WHERE reason_code <> 'taken_back' "
    "AND report_date <= {day} AND unit_level IN ('province', 'district')",
}


@dataclass(frozen=True)
class Heeded:
    """The units of the country concerned by each of QUERIES, provinces and districts alike."""

    idle: frozenset[str]
    entering: frozenset[str]
    above: frozenset[str]
    odd: frozenset[str]


def read_heeded(run: RunParameters) -> Heeded:
    """Read which provinces and districts of a run are concerned."""
    with connect(run) as con:
        protected = open_protected(run)
        for name in ("entry_progress", "coverage", "suspicious_days"):
            protected[name].view(con)
        day = f"DATE {sql_text(run.as_of.isoformat())}"
        return Heeded(**{name: _codes(con, query.format(day=day)) for name, query in QUERIES.items()})


def _codes(con: duckdb.DuckDBPyConnection, query: str) -> frozenset[str]:
    return frozenset(str(code) for (code,) in con.execute(query).fetchall())


def cautions(
    rows: Sequence[Mapping[str, Any]], tables: UnitTables, heeded: Heeded, words: Words
) -> list[dict[str, str]]:
    """Return the units of the page's rows whose figures need care, each with what is to be known of them."""
    listed = []
    for row in rows:
        said = [*_of_rates(row["code"], tables, words), *_of_places(row["code"], heeded, words)]
        # A file that was not read may be anybody's: it is said once, of the first unit.
        if row is rows[0] and unread_files(tables):
            said.append(words("heed.unread", files=words.whole(unread_files(tables))))
        if said:
            listed.append({"name": row["name"], "stem": row["stem"], "text": "; ".join(said)})
    return listed


def _of_rates(code: str, tables: UnitTables, words: Words) -> Iterator[str]:
    one = tables.covered(code, REPORTED, ONE)
    rate = one.get("coverage_pct")
    if one.get("people") is None:
        yield words("heed.no_reports")
    elif rate is None and code != COUNTRY:
        yield words("heed.no_population")
    elif rate is None:
        yield words("heed.some_reports", count=words.whole(tables.reporting_provinces))
    for name, status in (("one", ONE), ("complete", COMPLETE)):
        pct = tables.covered(code, REPORTED, status).get("coverage_pct")
        if pct is not None and pct > WHOLE:
            yield words("heed.above_100", what=words(f"portal.{name}").lower(), pct=words.percent(pct))
    if registry_gap(one) >= GAP_POINTS:
        of_residents = words.percent(one["coverage_registry_pct"])
        yield words("heed.registry_gap", pct=words.percent(rate), registry=of_residents)


def _of_places(code: str, heeded: Heeded, words: Words) -> Iterator[str]:
    """Say where nothing is entered, where a rate is above 100%, and whether a day's report cannot be right."""
    parts = provinces() if code == COUNTRY else districts(code)
    idle = [unit for c, unit in parts.items() if c in heeded.idle]
    if code in heeded.idle and (len(idle) == len(parts) or not heeded.entering & parts.keys()):
        yield words("heed.no_entry")
    elif idle:
        yield words("heed.idle_parts", names=_named(idle, code, words))
    above = [unit for c, unit in parts.items() if c in heeded.above]
    if above:
        yield words("heed.above_parts", names=_named(above, code, words))
    if heeded.odd & {code, *parts} and code != COUNTRY:
        yield words("heed.odd_days")


def _named(units: Sequence[Unit], code: str, words: Words) -> str:
    names = [named_in(unit, words.language).short_name for unit in units[:NAMED]]
    if len(units) > NAMED:
        level = words(f"level.below_{'country' if code == COUNTRY else 'province'}")
        names.append(words("list.more", count=words.whole(len(units) - NAMED), level=level))
    return words.listed(names)
