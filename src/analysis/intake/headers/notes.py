"""What stands in a header beside its meaning: a column's number, a format, a unit, what to write.

A note in brackets may be left out only where it fits the field that the rest names: "(dd/mm/yyyy)" beside a day,
"(liều)" beside a count. "Mũi tiêm (ngày)" is no dose number, "Dân số (12-17)" not the whole population.
"""

import re
import unicodedata
from collections.abc import Iterator

from analysis.intake.headers.lists import COUNT_FIELDS, DATE_FIELDS, FOLDER_HEADERS
from analysis.intake.syllables import unaccented

Fields = frozenset[str]
_NUMBERING = re.compile(
    r"\A\s*(?:\((?:\d{1,2}|[a-z]|[ivx]{1,4})\)|(?:cột\s+)?(?:\d{1,2}|[a-z]|[ivx]{1,4})\s*[.):/]|(?:\d{1,2})\s*[-–])\s*(?=\D)",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_DOSE_COUNT = re.compile(r"\b(?:mui|lan|lieu|dot)$")
_NUMBERS = frozenset({"id_number", "phone", "health_insurance_number", "citizen_id"})
_CODED = frozenset({"dose_number", "sex", "priority_group", "police_result", "signature_status", "age_group"})

_NO_COUNTS = frozenset(field for headers in FOLDER_HEADERS.values() for field in headers) - COUNT_FIELDS


def word_set(words: str) -> frozenset[str]:
    """Return the words of a text, told apart by blanks."""
    return frozenset(words.split())


# Notes on how to fill a cell, beside any field. Whole phrases: "(cũ)" is no part of "(ghi cụ thể)", nor "(đủ)" of
# "(đầy đủ)", and either makes a column another one.
_HOW_TO_FILL = re.compile(
    r"(?:(?:bat buoc|khong bat buoc|neu co|neu khong co|(?:phai )?ghi|ghi ro|ro rang|day du|ghi dung|theo dung"
    r"|(?:theo )?dinh dang|dang|co dau|khong dau|(?:viet |chu )?in hoa|viet hoa|chu hoa|(?:viet |chu )thuong|viet chu"
    r"|required|optional|vi du|van ban|text|la|cu the|chi tiet)(?: |$))+"
)
# Notes by their words, and the fields beside which they say nothing new.
_NOTES: tuple[tuple[frozenset[str], Fields], ...] = (
    (
        word_set("ngay thang nam gio phut giay dd mm yyyy yy hh ss d m y day month year duong lich hoac"),
        DATE_FIELDS,
    ),
    (word_set("nam nu hoac nu m f male female"), frozenset({"sex"})),
    (word_set("lieu nguoi mui so luong"), COUNT_FIELDS),
    (word_set("tuoi nhom"), frozenset({"age_group"})),
    (word_set("neu la nguoi nuoc ngoai doi voi"), frozenset({"id_number", "nationality"})),
    (
        word_set("so nha ten duong pho thon xom ap to khom ban khu theo ho khau ghi ro"),
        frozenset({"address"}),
    ),
    (word_set("dung sai chua da xac thuc ky"), frozenset({"police_result", "signature_status"})),
    (word_set("so chu ky tu hoac va du gom co"), _NUMBERS),
    (word_set("len vao tren he thong nen tang phan mem"), frozenset({"entry_date"})),
    (word_set("lot batch no number ten loai"), frozenset({"lot_number", "vaccine", "facility_name"})),
)


def plain_words(text: str) -> str:
    """Return a header's words in plain lower-case letters, one blank between them.

    >>> plain_words("Ngày tiêm (dự kiến)")
    'ngay tiem du kien'
    """
    plain = unaccented(unicodedata.normalize("NFKC", text).lower().replace("ð", "đ"))
    return " ".join(re.findall(r"[a-z0-9]+|[<>=%≥≤+]", plain))


def unnumbered(text: str) -> str:
    """Return a header without the number of its column.

    >>> unnumbered("1. Họ và tên"), unnumbered("(2) Ngày sinh")
    ('Họ và tên', 'Ngày sinh')
    """
    return _NUMBERING.sub("", text)


def forms_of(text: str) -> Iterator[tuple[str, Fields | None]]:
    """Give a header as it stands, without its number, and without its notes.

    Each with the fields that it may then name; None: any.
    """
    yield text, None
    bare = unnumbered(text)
    yield bare, None
    allowed: Fields | None = None
    kept = bare
    for found in _BRACKETS.finditer(bare):
        inside = found[1] if found[1] is not None else found[2]
        fields = note_fields(inside, plain_words(bare[: found.start()]))
        kept = kept.replace(found[0], f" {inside} " if fields == frozenset() else " ")
        if fields:
            allowed = fields if allowed is None else allowed & fields
    yield kept, allowed


def note_fields(inside: str, before: str) -> Fields | None:
    """Return the fields beside which a bracket is a mere note: None for any, none for a bracket that means more."""
    words = plain_words(inside).split()
    figures = [int(word) for word in words if word.isdigit()]
    others = [word for word in words if not word.isdigit()]
    if not words:
        return None
    if figures and not others:
        return _figure_fields(figures, before)
    tells_how = _HOW_TO_FILL.fullmatch(" ".join(others)) is not None
    fitting = [fields for known, fields in _NOTES if known.issuperset(others)]
    if figures and (fitting or tells_how):
        return _NUMBERS if "so" in others or "tu" in others else _CODED
    return None if tells_how else frozenset().union(*fitting)


def _figure_fields(figures: list[int], before: str) -> Fields | None:
    """Return the fields beside which mere figures are a note: "(3)" numbers a column, "(1, 2, 3)" lists codes."""
    if len(figures) > 1:
        return _CODED if figures[0] in (0, 1) else frozenset()
    # "Mũi (1)" is the first dose, "Dân số (18)" may be those of an age.
    if _DOSE_COUNT.search(before):
        return frozenset()
    return None if figures[0] < 10 else _NO_COUNTS
