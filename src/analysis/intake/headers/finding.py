"""Which column is which: headers as exports write them, recognised in any dialect."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from analysis.intake.formats.legacy_text import CONVERSIONS
from analysis.intake.headers.notes import plain_words
from analysis.intake.headers.schemas import PLATFORM, ROSTER, Schema
from analysis.intake.headers.tiers import (
    Label,
    dose_number_of,
    find_by_sex,
    find_dose_marks,
    find_one_sex,
    find_split_dates,
    find_split_name,
    is_second_tier,
    match_label,
    paired_labels,
    plain_labels,
)
from analysis.intake.headers.words import header_key, match_header, names_person_and_birth

__all__ = [
    "PLATFORM",
    "ROSTER",
    "Header",
    "Schema",
    "find_header",
    "find_legacy_header",
    "header_key",
    "read_header",
]

# Columns an export may carry that say nothing about the dose: a running number.
IGNORED_HEADERS = frozenset({"stt", "tt", "sott", "no", "sothutu"})
# Several columns of these fields hold one thing each: a card's number beside an old one.
JOINED_FIELDS = ("id_number",)
# Of which a header may have the temporary residence beside the permanent one.
RESIDENCE = (
    *("province", "district", "commune", "address"),
    *("province_typed_code", "district_typed_code", "commune_typed_code"),
)

# Columns that together give away what kind of file it is, whichever folder it lies in.
KIND_MARKS = {
    "registry": ("citizen_id", "permanent_commune_code", "life_status"),
    "daily_reports": ("report_date", "doses_administered"),
    "population": ("unit_code", "age_group", "population"),
    "decisions": ("decision_id", "decision"),
    "feedback": ("feedback_id", "received_at"),
}


@dataclass(frozen=True)
class Header:
    """A header understood: its last row, the column of each field, and what stays unknown.

    `joined` gives further columns of a field whose cells belong together. `by_sex` are a field and its columns for
    men and for women (birth years under "Nam" and "Nữ"). `doses` are the numbers of doses that stand side by side
    where no column holds the day of one. `typed_twice` is a field that the settings give two of the columns,
    `blank` are the columns without a header, `unnamed` those whose header names no field; `labels` are all headers.
    `by_dose` are the columns of single doses, where a mark says which one was given, by their headers. `one_sex` is a
    sex and the column in which a mark says it, where no column says the other. `letterhead` are the cells above it.
    `names_birth`: the column of the name has the birth behind it, and no other column has it.
    `permanent` are the columns of the permanent residence where `columns` has the temporary one.
    `code` is the older code, or the damage, that the header itself was turned back from.
    """

    row: int
    columns: dict[str, int]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    doubled: tuple[str, ...]
    width: int
    joined: tuple[tuple[str, int], ...] = ()
    by_sex: tuple[str, int, int] | None = None
    doses: tuple[str, ...] = ()
    typed_twice: str = ""
    blank: frozenset[int] = frozenset()
    unnamed: tuple[tuple[int, str], ...] = ()
    labels: tuple[str, ...] = ()
    other_kind: str = ""
    code: str = ""
    by_dose: tuple[tuple[str, int], ...] = ()
    one_sex: tuple[str, int] | None = None
    letterhead: tuple[str, ...] = ()
    permanent: tuple[tuple[str, int], ...] = ()
    names_birth: bool = False

    @property
    def fields(self) -> frozenset[str]:
        """Return the fields that have a column."""
        by_sex = {self.by_sex[0], "sex"} if self.by_sex else set()
        by_mark = {"sex"} if self.one_sex else set()
        return frozenset(self.columns) | by_sex | by_mark | ({"birth_date"} if self.names_birth else set())


@dataclass
class _Columns:
    """The columns that name each field: as the settings say, surely, or in the absence of another."""

    typed: dict[str, list[int]]
    strong: dict[str, list[int]]
    weak: dict[str, list[int]]

    @classmethod
    def of(cls, labels: Sequence[Label], schema: Schema) -> "_Columns":
        """Sort the labels' columns by field and by how surely they name it."""
        columns = cls(defaultdict(list), defaultdict(list), defaultdict(list))
        for index, label in enumerate(labels):
            match = match_label(label, schema)
            if match:
                kind = columns.typed if match.is_typed else columns.weak if match.is_weak else columns.strong
                kind[match.field].append(index)
        return columns

    def candidates(self) -> dict[str, list[int]]:
        """Return each field's columns: those of the settings, else the sure ones, else the only weak one."""
        only = {field: found for field, found in self.weak.items() if len(found) == 1}
        return only | self.strong | self.typed


def read_header(labels: Sequence[Label], schema: Schema, row: int) -> Header:
    """Match the labels of a header, whose last row is `row`, with a schema's fields."""
    sorted_columns = _Columns.of(labels, schema)
    temporary, permanent = _two_residences(labels, sorted_columns)
    found = sorted_columns.candidates() | temporary
    joined = {f: found[f] for f in JOINED_FIELDS if _differ(labels, found.get(f, ()))}
    if "full_name" not in found and (split := find_split_name(labels)):
        joined["full_name"] = found["full_name"] = list(split)
    with_birth = [i for i, label in enumerate(labels) if names_person_and_birth(schema.kind, label.text)]
    if "full_name" not in found and len(with_birth) == 1:
        found["full_name"] = with_birth
    dates, doses = find_split_dates(labels, schema), find_dose_marks(labels, schema)
    found, joined = found | dates, joined | dates
    if doses:
        found["dose_number"] = [next(iter(doses.values()))]
    twice = [f for f, columns in found.items() if len(columns) > 1 and f not in joined]
    by_sex = find_by_sex(labels, schema)
    by_sex = None if by_sex and by_sex[0] in found else by_sex
    one_sex = None if by_sex or "sex" in found else find_one_sex(labels, schema)
    fields = {*found, *((by_sex[0], "sex") if by_sex else ())}
    missing = tuple(f for f in schema.required if f not in fields)
    used = {i for columns in (*found.values(), *permanent.values()) for i in columns}
    used |= {*(by_sex or ())[1:], *(one_sex or ())[1:], *doses.values()}
    return Header(
        row,
        {field: columns[0] for field, columns in found.items()},
        _unknown(labels, used),
        missing,
        tuple(f for f in twice if f not in sorted_columns.typed),
        len(labels),
        tuple((f, index) for f, columns in joined.items() for index in columns[1:]),
        by_sex,
        _doses_side_by_side(labels) if "vaccination_date" in missing else (),
        next((f for f in twice if f in sorted_columns.typed), ""),
        frozenset(index for index, label in enumerate(labels) if not label.text),
        tuple((i, label.text) for i, label in enumerate(labels) if label.text and i not in used),
        tuple(label.whole for label in labels),
        by_dose=tuple(doses.items()),
        one_sex=one_sex,
        names_birth=found.get("full_name") == with_birth and "birth_date" not in fields,
        permanent=tuple((f, index) for f, columns in permanent.items() for index in columns),
    )


def _two_residences(
    labels: Sequence[Label], columns: _Columns
) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """Return the columns of the temporary and of the permanent residence where a header has both and no surer one."""
    temporary: dict[str, list[int]] = {}
    permanent: dict[str, list[int]] = {}
    for field in RESIDENCE:
        words = {plain_words(labels[index].whole): index for index in columns.weak.get(field, ())}
        of_temporary = [index for text, index in words.items() if "tam tru" in text and "thuong" not in text]
        of_permanent = [index for text, index in words.items() if "thuong tru" in text and "tam" not in text]
        if (len(of_temporary), len(of_permanent), len(columns.weak.get(field, ()))) == (1, 1, 2) and not (
            columns.strong.get(field) or columns.typed.get(field)
        ):
            temporary[field], permanent[field] = of_temporary, of_permanent
    return temporary, permanent


def _differ(labels: Sequence[Label], columns: Iterable[int]) -> bool:
    """Say whether several columns have different headers: one header twice is a mistake."""
    keys = [header_key(labels[index].whole) for index in columns]
    return len(keys) > 1 and len(set(keys)) == len(keys)


def _unknown(labels: Sequence[Label], used: set[int]) -> tuple[str, ...]:
    return tuple(
        label.whole
        for index, label in enumerate(labels)
        if index not in used and label.text and header_key(label.text) not in IGNORED_HEADERS
    )


def _doses_side_by_side(labels: Sequence[Label]) -> tuple[str, ...]:
    """Return the numbers of doses whose day or vaccine have columns of their own, when they are several."""
    numbers = sorted({number for label in labels if (number := dose_number_of(label))})
    return tuple(numbers) if len(numbers) > 1 else ()


def _with_other_kind(header: Header, labels: Sequence[Label], schema: Schema) -> Header:
    """Name the other kind of file whose own columns all stand in a header that misses some of this kind's."""
    texts = [label.text for label in labels]
    keys = {header_key(text) for text in texts}
    for kind, marks in KIND_MARKS.items() if header.missing else ():
        named = {match.field for text in texts if (match := match_header(kind, text))}
        if kind != schema.kind and all(mark in named or header_key(mark) in keys for mark in marks):
            return replace(header, other_kind=kind)
    return header


def _labels_at(rows: Sequence[Sequence[str]], schema: Schema, row: int) -> tuple[list[Label], int]:
    """Return the labels of the header that begins in a row, and its last row: the next where it names columns of groups."""
    if row + 1 < len(rows) and is_second_tier(rows[row], rows[row + 1], schema):
        return paired_labels(rows[row], rows[row + 1]), row + 1
    return plain_labels(rows[row]), row


def find_header(rows: Sequence[Sequence[str]], schema: Schema) -> Header | None:
    """Find the header among the first rows: the first with all required fields, else the best of two or more.

    Rows above it are letterhead. None when no row names at least two fields.
    """
    best: tuple[Header, list[Label], tuple[str, ...]] | None = None
    # A row of one cell names no two fields: most rows are that when split at a mark the file does not use.
    widths = [sum(1 for cell in cells if cell and not cell.isspace()) for cells in rows]
    for row in range(len(rows)):
        if max(widths[row : row + 2]) < 2:
            continue
        labels, last = _labels_at(rows, schema, row)
        header = read_header(labels, schema, last)
        if len(header.fields) < 2 - bool(header.doses):
            continue
        is_settled = not header.missing or bool(header.doses)
        if is_settled or best is None or len(header.fields) > len(best[0].fields):
            best = (
                header,
                labels,
                tuple(cell for above in rows[:row] for cell in above if cell and cell.strip()),
            )
        if is_settled:
            break
    return best and _with_other_kind(replace(best[0], letterhead=best[2]), best[1], schema)


def find_legacy_header(rows: Sequence[Sequence[str]], schema: Schema) -> Header | None:
    """Find a header typed in TCVN3 or VNI, or read in a wrong encoding, by converting it."""
    rows = [cells for cells in rows if not all(map(str.isascii, cells))] and rows
    found = [
        replace(header, code=code)
        for code, convert in CONVERSIONS.items()
        if (header := find_header([[convert(c) for c in cells] for cells in rows], schema))
    ]
    return max(found, key=lambda header: len(header.fields), default=None)
