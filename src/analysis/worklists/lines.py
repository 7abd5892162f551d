"""The lines of one unit's lists: what is printed of each open row, and what the register keeps of it."""

import re
import unicodedata
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb

from analysis.intake.syllables import unaccented
from analysis.steps import Step
from analysis.worklists.differences import FIELD_WORDS
from analysis.worklists.hamlets import find_hamlet, find_house, hamlet_order

MAX_TEXT_CHARACTERS = 80
# Control characters, and marks that turn the direction of text, in what a record says.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

_RECORD = """d.dose_record_id, d.full_name_typed, d.id_number_typed, d.vaccination_date, d.dose_number,
    d.vaccine, d.facility_name"""
_KEY = """o.source_file, o.source_row, i.dose_record_id IS NOT NULL AS has_sole_id,
    CASE WHEN d.commune_code = o.unit_code THEN d.address END AS address"""
_OPEN = """FROM listed_rows AS o JOIN doses AS d USING (source_file, source_row)
    LEFT JOIN sole_ids AS i ON i.dose_record_id = d.dose_record_id"""

_OTHER = """k.source_file AS other_file, k.source_row AS other_row, k.dose_record_id AS other_id,
    j.dose_record_id IS NOT NULL AS other_has_sole_id, k.full_name_typed AS other_name,
    k.id_number_typed AS other_number, k.vaccination_date AS other_date, k.dose_number AS other_dose,
    k.vaccine AS other_vaccine, k.facility_name AS other_facility"""

# One table a section, each in the order of the units: a unit's lines then lie together.
LINES = {
    "correct": f"""
        SELECT o.unit_code, {_KEY}, {_RECORD}, o.citizen_id, x.field, x.difference
        {_OPEN} JOIN doubts AS x USING (source_file, source_row)
        WHERE o.section = 'correct' ORDER BY o.unit_code, o.source_file, o.source_row, x.field""",
    "review": f"""
        SELECT o.unit_code, {_KEY}, {_RECORD}, CASE WHEN o.link_status IN ('not_in_registry', 'insufficient')
            AND list_contains(d.reason_codes, 'nationality_unknown') THEN 'nationality_open' ELSE o.link_status END AS link_status,
            coalesce(g.gain, 0) AS gain, g.candidate, d.id_kind,
            coalesce(d.id_number, d.name_key || ' ' || coalesce(d.birth_date, '')) AS person
        {_OPEN} LEFT JOIN review_gains AS g USING (source_file, source_row)
        WHERE o.section = 'review' ORDER BY o.unit_code, o.source_file, o.source_row""",
    "duplicate": f"""
        SELECT o.unit_code, {_KEY}, {_RECORD}, {_OTHER}
        {_OPEN} LEFT JOIN doses AS k ON k.source_file || ':' || k.source_row = o.duplicate_of
            LEFT JOIN sole_ids AS j ON j.dose_record_id = k.dose_record_id
        WHERE o.section = 'duplicate' ORDER BY o.unit_code, o.source_file, o.source_row""",
} | {
    section: f"""
        SELECT u.unit_code, u.citizen_id, u.full_name, u.birth_year, u.next_dose, u.previous_product,
            u.due_from, u.due_until, coalesce(u.due_until < DATE '{{as_of}}', false) AS is_overdue, a.address
        FROM listed_people AS u LEFT JOIN due_addresses AS a USING (citizen_id)
        WHERE u.section = '{section}' ORDER BY u.unit_code, u.full_name, u.citizen_id"""
    for section in ("invite", "check_first")
}

REASONS = {
    "clerical_review": "có người gần giống, máy không được tự chọn",
    "not_in_registry": "chưa tìm thấy trong CSDLQG về dân cư",
    "insufficient": "thiếu thông tin để tìm",
    "nationality_open": "không rõ quốc tịch: hỏi quốc tịch, hộ chiếu trước khi tìm",
    "out_of_scope": "người nước ngoài",
}


# Verdict and whether a citizen's number is written: where a look-up is likelier to find somebody stands first.
_HOPES = [
    (status, has_number)
    for status in ("clerical_review", "not_in_registry", "insufficient", "nationality_open", "out_of_scope")
    for has_number in (True, False)
]


@dataclass(frozen=True)
class RecordKey:
    """What a line is about; for our eyes only. A due line has a citizen and no record.

    `dose_record_id` is null where it names no record or two. `other_*`: the record that is repeated.
    """

    source_file: str | None = None
    source_row: int | None = None
    dose_record_id: str | None = None
    field: str | None = None
    citizen_id: str | None = None
    next_dose: int | None = None
    other_file: str | None = None
    other_row: int | None = None
    other_record_id: str | None = None

    def kept(self) -> dict[str, Any]:
        """Return what is known, as JSON."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Line:
    """One line: its printed cells by column name (number, reference and answer cells excepted) and its key."""

    cells: dict[str, str]
    key: RecordKey


def line_steps(as_of: date) -> tuple[Step, ...]:
    """Return the steps of the tables `<section>_lines`: what the lists of all units are written from."""
    records, people = "listed_rows doses sole_ids", "listed_people due_addresses"
    reads = {"correct": f"{records} doubts", "review": f"{records} review_gains", "duplicate": records}
    return tuple(
        Step(f"{name}_lines", "one line of a list", reads.get(name, people), query.format(as_of=as_of))
        for name, query in LINES.items()
    )


def units_with_work(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the units that some open row or due person is routed to."""
    rows = con.execute(
        "SELECT unit_code FROM listed_rows UNION SELECT unit_code FROM listed_people ORDER BY unit_code"
    ).fetchall()
    return [str(row[0]) for row in rows]


def read_lines(con: duckdb.DuckDBPyConnection, section: str, unit_code: str) -> list[Line]:
    """Return a section's lines of one unit, sorted by thôn/tổ dân phố, people then by their given name.

    Rows to decide stand in the order of what a look-up is worth instead. Needs the tables of `line_steps`.
    """
    cursor = con.execute(f"SELECT * FROM {section}_lines WHERE unit_code = ?", [unit_code])
    names = [column[0] for column in cursor.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if section == "review":
        return [_review_line(row) for row in review_order(rows)]
    lines = [_LINE_OF.get(section, _due_line)(row) for row in rows]
    return sorted(lines, key=lambda line: (hamlet_order(line.cells["hamlet"]), _name_order(line)))


def review_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows to decide, what is found most quickly first, one household's together and numbered as `group`.

    A person's rows are found by number, by name and birth date or by their likeliest candidate, a household by its house
    in a thôn; no telephone is read (sources due-6). Groups stand by the mean gain of their look-ups, one a person, in
    steps of a tenth, so that equals still stand by thôn; where nobody is likely, rows with a number come first.
    """
    groups = sorted(_households(rows), key=_group_order)
    numbered = 0
    ordered = []
    for group in groups:
        numbered += len(group) > 1
        number = numbered if len(group) > 1 else 0
        ordered += [row | {"group": number} for row in sorted(group, key=lambda row: -row["gain"])]
    return ordered


def _households(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the rows in groups that hang together by person, candidate or house."""
    leader = list(range(len(rows)))

    def find(place: int) -> int:
        while leader[place] != place:
            place = leader[place]
        return place

    first: dict[tuple[str, str], int] = {}
    for place, row in enumerate(rows):
        for tie in ties_of(row):
            leader[find(place)] = find(first.setdefault(tie, place))
    groups: dict[int, list[dict[str, Any]]] = {}
    for place, row in enumerate(rows):
        groups.setdefault(find(place), []).append(row)
    return list(groups.values())


def ties_of(row: dict[str, Any]) -> set[tuple[str, str]]:
    """Return what a row may share with others of its person or household."""
    ties = {"person": row["person"], "candidate": row["candidate"], "house": find_house(row["address"])}
    return {(kind, value) for kind, value in ties.items() if value}


def _group_order(group: list[dict[str, Any]]) -> tuple[Any, ...]:
    gains: dict[Any, float] = {}
    for place, row in enumerate(group):
        person = row["person"] or place
        gains[person] = max(gains.get(person, 0.0), float(row["gain"]))
    least_hope = min(_HOPES.index((row["link_status"], row["id_kind"] == "citizen_number")) for row in group)
    return (
        -round(sum(gains.values()) / len(gains), 1),
        least_hope,
        hamlet_order(find_hamlet(group[0]["address"])),
        group[0]["source_file"],
        group[0]["source_row"],
    )


def _name_order(line: Line) -> list[str]:
    """Return a name's words from the given name to the family name, as Vietnamese lists are sorted."""
    return unaccented(line.cells.get("full_name", "").lower()).split()[::-1]


def _correct_line(row: dict[str, Any]) -> Line:
    cells = _record_cells(row) | {
        "field": FIELD_WORDS[row["field"]],
        "difference": row["difference"] or "khác",
    }
    key = _record_key(row, field=row["field"], citizen_id=row["citizen_id"])
    return Line(cells, key)


def _review_line(row: dict[str, Any]) -> Line:
    group = f"; nhóm {row['group']}" if row["group"] else ""
    cells = _record_cells(row) | _dose_cells(row) | {"reason": REASONS[row["link_status"]] + group}
    return Line(cells, _record_key(row))


def _duplicate_line(row: dict[str, Any]) -> Line:
    other = {
        "other_record": record_words(row["other_id"], row["other_name"], row["other_number"]),
        "other_date": date_words(row["other_date"]),
        "other_product": product_words(row["other_dose"], row["other_vaccine"]),
        "other_site": plain(row["other_facility"]),
    }
    key = _record_key(
        row,
        other_file=row["other_file"],
        other_row=row["other_row"],
        other_record_id=row["other_id"] if row["other_has_sole_id"] else None,
    )
    return Line(_record_cells(row) | _dose_cells(row) | other, key)


def _due_line(row: dict[str, Any]) -> Line:
    until, late = row["due_until"], ", quá hạn" if row["is_overdue"] else ""
    window = f"{date_words(row['due_from'])} – {date_words(until)}{late}" if until else "chưa tiêm mũi nào"
    cells = {
        "hamlet": find_hamlet(row["address"]),
        "full_name": plain(row["full_name"]),
        "birth_year": row["birth_year"] or "",
        "next_dose": product_words(row["next_dose"], row["previous_product"]),
        "window": window,
    }
    return Line(cells, RecordKey(citizen_id=row["citizen_id"], next_dose=row["next_dose"]))


_LINE_OF = {"correct": _correct_line, "duplicate": _duplicate_line}


def _record_key(row: dict[str, Any], **more: Any) -> RecordKey:
    sole_id = row["dose_record_id"] if row["has_sole_id"] else None
    return RecordKey(row["source_file"], row["source_row"], sole_id, **more)


def _record_cells(row: dict[str, Any]) -> dict[str, str]:
    record = record_words(row["dose_record_id"], row["full_name_typed"], row["id_number_typed"])
    return {"hamlet": find_hamlet(row["address"]), "record": record}


def _dose_cells(row: dict[str, Any]) -> dict[str, str]:
    return {
        "dose_date": date_words(row["vaccination_date"]),
        "dose_product": product_words(row["dose_number"], row["vaccine"]),
        "dose_site": plain(row["facility_name"]),
    }


def record_words(record_id: str | None, name_typed: str | None, number_typed: str | None) -> str:
    """Return a record's code; only where it has none, the name and number as they were typed."""
    return plain(record_id) or ", ".join(t for t in (plain(name_typed), plain(number_typed)) if t)


def product_words(dose_number: int | None, vaccine: str | None) -> str:
    """Return dose number and product in Vietnamese; what is not known is left out."""
    known = [
        f"Mũi {dose_number}" if dose_number else "",
        "" if vaccine in (None, "unknown") else str(vaccine),
    ]
    return ", ".join(word for word in known if word)


def date_words(day: date | None) -> str:
    """Return a day as dd/mm/yyyy; "" when it is not known."""
    return f"{day:%d/%m/%Y}" if day else ""


def plain(text: str | None) -> str:
    """Return text fit for a cell: one line, no control character, bounded."""
    composed = unicodedata.normalize("NFC", text or "")
    return " ".join(_UNPRINTABLE.sub(" ", composed).split())[:MAX_TEXT_CHARACTERS]
