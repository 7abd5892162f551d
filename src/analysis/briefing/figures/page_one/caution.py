"""The caution line of the first page: what to know before the headline is quoted; empty where nothing is."""

from collections.abc import Sequence
from decimal import Decimal

from analysis.briefing.figures.reading import Row, UnitTables
from analysis.briefing.figures.units import Unit
from analysis.briefing.figures.wording import Words

REPORTED, ONE = "reported", "at_least_one"
HUNDRED = Decimal(100)
# From here on a rate of planned population and one of residents tell different stories (sources page-9).
GAP_POINTS = Decimal(10)
IDLE_NAMED = 2


def caution_line(tables: UnitTables, words: Words) -> str:
    """Return the sentences of caution: above 100%, another rate by residents, nobody enters, files not read."""
    row = tables.covered(tables.unit.code, REPORTED, ONE)
    sentences = [_rate_sentence(row, words), _idle_sentence(tables, words), _unread_sentence(tables, words)]
    said = " ".join(text for text in sentences if text)
    return words("caution.lead", said=said) if said else ""


def registry_gap(row: Row) -> Decimal:
    """Return by how many points a rate of planned population and the rate of residents differ; 0 without one."""
    planned, residents = row.get("coverage_pct"), row.get("coverage_registry_pct")
    return Decimal(0) if planned is None or residents is None else abs(planned - residents)


def idle_parts(tables: UnitTables) -> list[Unit]:
    """Return the parts where nothing was entered in 7 days; the unit itself where it has none known."""
    units = [*tables.parts.values()] if _has_parts(tables) else [tables.unit]
    return [unit for unit in units if tables.entered(unit.code).get("doses_entered_last_7_days") == 0]


def unread_files(tables: UnitTables) -> int:
    """Return the number of files set aside or read only in part, whichever province sent them."""
    return sum(int(r["files"]) for r in tables.lists["unread_files"])


def _has_parts(tables: UnitTables) -> bool:
    return any(tables.entered(c).get("doses_entered_last_7_days") is not None for c in tables.parts)


def _rate_sentence(row: Row, words: Words) -> str:
    """Say what the rate is of, and what it is by residents, where it exceeds 100% or both lie far apart."""
    pct = row.get("coverage_pct")
    if pct is None or (pct <= HUNDRED and registry_gap(row) < GAP_POINTS):
        return ""
    key = "over" if pct > HUNDRED else "gap"
    residents = row.get("coverage_registry_pct")
    return words(
        f"caution.{key}" if residents is not None else "caution.over_alone", pct=words.percent(residents)
    )


def _idle_sentence(tables: UnitTables, words: Words) -> str:
    idle = idle_parts(tables)
    if not idle:
        return ""
    if len(idle) > 1 and len(idle) == len(tables.parts):
        return words("caution.idle_all")
    return words("caution.idle", names=named_and_more(idle, IDLE_NAMED, tables, words))


def _unread_sentence(tables: UnitTables, words: Words) -> str:
    files = unread_files(tables)
    return words("caution.unread", files=words.whole(files)) if files else ""


def named_and_more(units: Sequence[Unit], longest: int, tables: UnitTables, words: Words) -> str:
    """Name the first units and say how many more there are."""
    names = [unit.short_name for unit in units[:longest]]
    more = len(units) - len(names)
    if more:
        names.append(
            words("list.more", count=words.whole(more), level=words(f"level.below_{tables.unit.level}"))
        )
    return words.listed(names)
