"""The columns of one file: which field each one is, and which known header an unknown one comes near."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from analysis.check.findings import ColumnFinding, FieldCount, Problem, column_letter
from analysis.intake.headers.finding import IGNORED_HEADERS, Header, header_key
from analysis.intake.headers.lists import FOLDER_HEADERS
from analysis.intake.headers.schemas import Schema
from analysis.intake.headers.typed import written_name
from analysis.intake.naming import known_headers

# Fields whose absence costs a figure; an empty cell of theirs is as bad as one that cannot be read.
_OF_PERSON = ("full_name", "birth_date", "sex", "id_number", "commune")
NEEDED = {
    "platform": (*_OF_PERSON, "dose_number", "vaccine", "vaccination_date", "entry_date"),
    "rosters": _OF_PERSON,
}
PLACES = {f"{level}_typed_code": level for level in ("province", "district", "commune")}
_NEAR, _NEARER = 0.6, 0.75


def plain_field(field: str) -> str:
    """Return a field's name where the code of a unit and its name are one thing."""
    return PLACES.get(field, field)


def is_needed(kind: str, field: str, required: Collection[str] = ()) -> bool:
    """Say whether figures need a field of a folder."""
    return plain_field(field) in NEEDED.get(kind, ()) or field in required


def vietnamese_name(kind: str, field: str) -> str:
    """Return how a field is called in Vietnamese: its first known header, else its own name."""
    names = {"province": "Tỉnh/Thành phố", "district": "Quận/Huyện", "commune": "Xã/Phường"}
    level = field.removesuffix("_typed_code").removesuffix("_code")
    texts = FOLDER_HEADERS.get(kind, {}).get(field, ())
    return names.get(level) or (texts[0] if texts else written_name(kind, field))


def nearest_header(kind: str, header: str, taken: Collection[str]) -> str | None:
    """Return the known header that is nearest to an unknown one: of a field without a column, else of any."""
    known = known_headers(kind)
    free = [key for key, (_, field) in known.items() if field not in taken and len(key) > 3]
    key = header_key(header)
    found = get_close_matches(key, free, 1, _NEAR) or get_close_matches(key, list(known), 1, _NEARER)
    return known[found[0]][0] if found else None


def fields_by_column(header: Header) -> dict[int, str]:
    """Return the field of each column of a header, those that are joined or split by sex among them."""
    fields = {index: field for field, index in header.columns.items()}
    fields |= {index: field for field, index in header.joined}
    fields |= {index: "dose_number" for _, index in header.by_dose}
    if header.by_sex:
        fields |= dict.fromkeys(header.by_sex[1:], header.by_sex[0])
    if header.one_sex:
        fields[header.one_sex[1]] = "sex"
    return fields


def find_columns(
    schema: Schema, header: Header, first_column: int, counts: Mapping[str, FieldCount], rows: int
) -> list[ColumnFinding]:
    """Return the findings of a header's columns; blank ones are left out."""
    fields = fields_by_column(header)
    # A field that stands twice is no one's column in a refused file, yet it is known.
    fields |= {i: f for i, text in header.unnamed if (f := schema.field_of(text)) and f in header.doubled}
    found = []
    for index, text in enumerate(header.labels):
        field = fields.get(index)
        if not text and field is None:
            continue
        unknown = field is None and header_key(text) not in IGNORED_HEADERS
        nearest = nearest_header(schema.kind, text.split(": ")[-1], header.fields) if unknown else None
        share = _share(schema, field, counts, rows) if field else None
        is_typed = schema.typed_field(text) is not None
        name = written_name(schema.kind, field) if field else None
        letter = column_letter(first_column + index)
        found.append(ColumnFinding(letter, text, name, nearest, share, is_typed))
    return found


def _share(schema: Schema, field: str, counts: Mapping[str, FieldCount], rows: int) -> float | None:
    count = counts.get(field)
    if count is None or not rows:
        return None
    if not is_needed(schema.kind, field, schema.required):
        return round(count.readable / count.filled, 4) if count.filled else 1.0
    return round(count.readable / rows, 4)


def unknown_columns(kind: str, columns: list[ColumnFinding], header_row: int) -> list[Problem]:
    """Return a problem for each unknown column; a note where no known header is near."""
    return [
        Problem(
            "header_near" if column.nearest else "header_unknown",
            f"{column.letter}{header_row}",
            facts={"header": column.header, "nearest": column.nearest},
            is_note=column.nearest is None,
        )
        for column in columns
        if column.field is None and header_key(column.header) not in IGNORED_HEADERS
    ]
