"""The section on records checked against the population registry: verdicts, fields, answers of the police side."""

from collections.abc import Sequence
from decimal import Decimal

from analysis.briefing.figures.front import ratio_pct
from analysis.briefing.figures.layout import Section, TableSpec, section, table
from analysis.briefing.figures.reading import UnitTables
from analysis.briefing.figures.sections.agreement import agreement_table
from analysis.briefing.figures.sums import rest_of, told_sum
from analysis.briefing.figures.tasks import rows_by_status, was_searched
from analysis.briefing.figures.units import COUNTRY, provinces
from analysis.briefing.figures.wording import Words
from analysis.disclosure.policy import Status

# Order of the verdicts on the page: settled ones first, then what waits, then what is out of question.
STATUS_ORDER = (
    "verified",
    "matched",
    "clerical_review",
    "not_in_registry",
    "insufficient",
    "out_of_scope",
)
POLICE_ORDER = ("đúng", "sai", "chưa xác thực", "không tìm thấy", "không xác minh được")
FIELDS = ("id_number", "full_name", "birth_date", "sex", "several")


def verification_section(tables: UnitTables, words: Words) -> Section:
    """Return the dose records by verdict, the fields to correct, and what the police side answered."""
    title = words("verification.title")
    rows = rows_by_status(tables)
    if not rows:
        gap = "missing" if tables.has_platform_files else "no_platform"
        return section("verification", "method", title, [words(f"verification.{gap}")])
    if not was_searched(tables):
        return section("verification", "method", title, [words("verification.no_registry")], notes=[])
    listings = [
        _status_table(tables, rows, words),
        _field_table(tables, words),
        _police_table(tables, words),
        agreement_table(tables, words),
    ]
    notes = [_provinces_note(tables, words), words("verification.words_note")]
    lead = [_four_field_sentence(tables, words)]
    return section("verification", "method", title, lead, listings, notes=notes)


def _provinces_note(tables: UnitTables, words: Words) -> str:
    """Say whose records the country's are, where not all provinces sent exports."""
    if tables.unit.code != COUNTRY:
        return ""
    sent = [code for code in provinces() if tables.entered(code).get("doses_recorded") is not None]
    if len(sent) == len(provinces()):
        return ""
    return words("verification.some_provinces", count=words.whole(len(sent)))


def _status_table(tables: UnitTables, rows: dict[str, int | Status], words: Words) -> TableSpec:
    total = _searched_rows(tables, rows)
    counted = [s for s in STATUS_ORDER if s in rows and total]
    shown = [
        [_verdict(s, rows, words), words.whole(rows[s]), words.percent(_share(rows[s], total))]
        for s in counted
    ]
    searched = len(shown)
    sums: list[tuple[int, Sequence[int]]] = [(searched, range(searched))]
    shown.append([words("verification.total"), words.whole(total), ""])
    if rows.get("rejected"):
        shown.append([words("verdict.rejected"), words.whole(rows["rejected"]), ""])
        shown.append([words("verification.every"), words.whole(_every_row(tables)), ""])
        sums.append((searched + 2, (searched, searched + 1)))
    titles = [words("verification.verdict"), words("verification.rows"), words("verification.share")]
    strong = [i for i in (searched, searched + 2) if i < len(shown)]
    return table(words("verification.caption"), titles, shown, (0,), strong, (3.4, 1, 1), sums)


def _verdict(status: str, rows: dict[str, int | Status], words: Words) -> str:
    """Return a verdict in words; where few lack what to search by, they are told with those not found."""
    is_folded = status == "not_in_registry" and "insufficient" not in rows
    return words("verdict.not_found" if is_folded else f"verdict.{status}")


def _every_row(tables: UnitTables) -> int | Status:
    """Return all records of the unit, the rejected ones among them."""
    every: int | Status = next(
        (r["rows"] for r in tables.lists["verification"] if r["link_status"] is None), 0
    )
    return every


def _searched_rows(tables: UnitTables, rows: dict[str, int | Status]) -> int | Status:
    """Return the records that were not rejected: all of them less the rejected, where both are told."""
    every = _every_row(tables)
    rejected = rows.get("rejected", 0)
    if isinstance(every, Status) or isinstance(rejected, Status):
        return told_sum(count for status, count in rows.items() if status != "rejected")
    return int(every) - rejected


def _share(part: int | Status, whole: int | Status) -> Decimal | None:
    """Return a percentage where both its counts are told."""
    if isinstance(part, Status) or isinstance(whole, Status) or not whole:
        return None
    return ratio_pct(part, whole)


def _field_table(tables: UnitTables, words: Words) -> TableSpec:
    found = {
        r["differing_field"]: r["rows"] for r in tables.lists["differing"] if r["differing_field"] != "none"
    }
    order = [*FIELDS, *sorted(set(found) - set(FIELDS))]
    counts = [(words.either(f"field.{name}", "field.other"), found[name]) for name in order if name in found]
    total = rows_by_status(tables).get("matched", 0)
    titles = [words("field.field"), words("verification.rows")]
    return _adding_up("field", titles, counts, total, words)


def _police_table(tables: UnitTables, words: Words) -> TableSpec:
    found = {r["police_result"]: r["rows"] for r in tables.lists["police"]}
    if not any(found.get(answer) for answer in POLICE_ORDER):
        return table("", [], [])
    counts = [(words(f"answer.{answer}"), found[answer]) for answer in POLICE_ORDER if answer in found]
    if found.get("none"):
        counts.append((words("police.none"), found["none"]))
    titles = [words("police.answer"), words("verification.rows")]
    return _adding_up("police", titles, counts, _every_row(tables), words)


def _adding_up(
    name: str, titles: list[str], counts: list[tuple[str, int | Status]], total: int | Status, words: Words
) -> TableSpec:
    """Return a table of parts and their total; what the parts leave of it has a row of its own."""
    if not counts:
        return table("", [], [])
    rest = rest_of(total, [count for _, count in counts])
    if rest and not isinstance(rest, Status):
        counts = [*counts, (words(f"{name}.rest"), rest)]
    rows = [[label, words.whole(count)] for label, count in counts]
    rows.append([words(f"{name}.total"), words.whole(total)])
    last = len(rows) - 1
    sums = [(last, range(last))]
    return table(words(f"{name}.caption"), titles, rows, strong_rows=[last], weights=(4, 1), sums=sums)


def _four_field_sentence(tables: UnitTables, words: Words) -> str:
    rows = rows_by_status(tables)
    total = _searched_rows(tables, rows)
    plain = _share(next((r["four_field_rows"] for r in tables.lists["plain"]), 0), total)
    found = _share(told_sum(rows.get(status, 0) for status in ("verified", "matched")), total)
    if plain is None or found is None:
        return ""
    return words(
        "verification.lead",
        total=words.whole(total),
        plain=words.percent(plain),
        found=words.percent(found),
    )
