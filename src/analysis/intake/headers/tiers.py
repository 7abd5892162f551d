"""Headers of two rows: a group's cell above ("Địa chỉ nơi ở"), the columns' names below it ("Tỉnh", "Huyện", "Xã").

A spreadsheet merges the group's cell over its columns and a column without a group over both rows; as text, the
merged cells are blank. A name below an unknown group is no field, whatever it says: "Họ và tên" under "Người giám
hộ" is the guardian's.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from analysis.intake.headers.lists import DATE_FIELDS
from analysis.intake.headers.notes import plain_words, word_set
from analysis.intake.headers.schemas import Schema
from analysis.intake.headers.words import Match, header_key, is_living_place, is_registered_place

SEXES = {"nam": "Nam", "nữ": "Nữ", "nử": "Nữ", "nu": "Nữ"}
_ABOUT = re.compile(r"^(?:phan )?(?:[a-z]|[ivx]+|\d+)? ?(?:thong tin|ket qua|noi dung|chi tiet)\b")
_ABOUT_WORDS = word_set(
    "phan a b c i ii iii iv thong tin ket qua noi dung chi tiet ca nhan chung ve nguoi duoc da tiem doi tuong mui vac xin "
    "vaccine covid 19 phong hanh chinh cong dan hoc sinh tre em cua va lan lien he 1 2 3 4"
)
_DOSE_GROUP = re.compile(
    r"(?:tiem )?(?:mui|lan|lieu)(?: tiem| vac xin)?(?: thu| so)? (\d|nhat|hai|ba|tu)(?: .*)?"
)
_NUMBERED_DOSE = re.compile(
    r"\b(?:mui|lan|lieu)(?: tiem| vac xin)?(?: thu| so)? (\d|nhat|hai|ba|tu)\b|\bm([1-4])\b"
)
_SEX_NAMED = re.compile(rf"(?:giới tính|giới|phái|gt|là)\s*[:\-–(]?\s*({'|'.join(SEXES)})\s*\)?")
_IN_BRACKETS = re.compile(r"\([^)]*\)?")
_SURNAMES = (
    "ho",
    "hodem",
    "hovadem",
    "hovatendem",
    "holot",
    "hovachulot",
    "hochulot",
    "hotendem",
    "hovatenlot",
)
_PARTS_OF_DATE = ("ngay", "thang", "nam")
_LONG_NUMBER = re.compile(r"\d{4}|\d[./-]\d")
_ABOUT_A_DOSE = re.compile(r"\b(?:ngay|thoi gian|vac ?xin|vaccine?|vx|lo|noi|co so|diem|don vi)\b")


class Label(NamedTuple):
    """The name of one column, and the group it stands in (its text and the column where its cell begins)."""

    text: str
    group: str = ""
    group_column: int = -1

    @property
    def whole(self) -> str:
        """Return the label as it may be named: group and column."""
        return f"{self.group}: {self.text}" if self.group else self.text


def plain_labels(cells: Sequence[str]) -> list[Label]:
    """Return the labels of a header of one row."""
    return [Label((cell or "").strip()) for cell in cells]


def paired_labels(top: Sequence[str], below: Sequence[str]) -> list[Label]:
    """Return the labels of a header of two rows, each group's cell reaching over the blank ones beside it."""
    labels = []
    group, start = "", -1
    for column in range(max(len(top), len(below))):
        above, name = _cell(top, column), _cell(below, column)
        if above or not name:
            group, start = above, column
        labels.append(Label(name, group, start) if name and group else Label(name or above))
    return labels


def _cell(cells: Sequence[str], column: int) -> str:
    return (cells[column] or "").strip() if column < len(cells) else ""


def is_second_tier(top: Sequence[str], below: Sequence[str], schema: Schema) -> bool:
    """Say whether a row names the columns of the groups in the row above it.

    A name must stand under a blank cell, half of the names must be known ones and none a date or a number, and the
    row above must show itself as a header: by a group that is known, or by two columns named in it alone.
    """
    labels = paired_labels(top, below)
    named = [label for label in labels if label.group]
    if not any(label.group and not _cell(top, i) for i, label in enumerate(labels)):
        return False
    if any(_LONG_NUMBER.search(label.text) for label in named):
        return False
    if sum(_is_name(label, schema) for label in named) * 2 < len(named):
        return False
    alone = [label for label in labels if not label.group and schema.field_of(label.text)]
    return len(alone) >= 2 or _has_known_group(named, schema)


def _is_name(label: Label, schema: Schema) -> bool:
    known = match_label(label, schema) or schema.match(label.text) or _sex_of(label)
    is_part = _is_part_of_date(label, schema) or _is_one_dose(label, schema)
    return (
        bool(known)
        or is_part
        or dose_number_of(label) is not None
        or header_key(label.text) in (*_SURNAMES, "ten")
    )


def _has_known_group(labels: list[Label], schema: Schema) -> bool:
    groups = {label.group for label in labels}
    doses = {found[1] for group in groups if (found := _DOSE_GROUP.fullmatch(plain_words(group)))}
    if any(match and match.is_typed for label in labels for match in [match_label(label, schema)]):
        return True
    return len(doses) > 1 or any(
        is_about(group) or is_living_place(group) or is_registered_place(group) or schema.match(group)
        for group in groups
    )


def is_about(group: str) -> bool:
    """Say whether a group's cell only says what its columns are about: "Thông tin người được tiêm"."""
    words = plain_words(group)
    return bool(_ABOUT.match(words)) and set(words.split()) <= _ABOUT_WORDS


def match_label(label: Label, schema: Schema) -> Match | None:
    """Return the field of a label: of its own text, or of group and text together."""
    if not label.group:
        typed = schema.typed_field(label.text)
        return Match(typed, is_typed=True) if typed else schema.match(label.text)
    typed = schema.typed_field(label.group + label.text) or schema.typed_field(label.text)
    if typed:
        return Match(typed, is_typed=True)
    joint = f"{label.group} {label.text}"
    if found := schema.match(joint):
        return found
    own = schema.match(label.text)
    if own and (is_living_place(label.group) or is_registered_place(label.group)):
        is_place = own.field.startswith(("province", "district", "commune", "address"))
        return Match(own.field, own.is_weak or is_registered_place(label.group)) if is_place else None
    return own if own and is_about(label.group) and dose_number_of(label) is None else None


def dose_number_of(label: Label) -> str | None:
    """Return the dose that a column is about ("Ngày tiêm mũi 2"), or None."""
    words = plain_words(f"{label.group} {label.text}")
    found = _NUMBERED_DOSE.search(words)
    return (found[1] or found[2]) if found and _ABOUT_A_DOSE.search(words) else None


def _sex_of(label: Label) -> str | None:
    """Return the sex that a column stands for; the year (năm) is not a man (nam)."""
    return SEXES.get(unicodedata.normalize("NFC", label.text).lower()) if label.group else None


def find_by_sex(labels: Sequence[Label], schema: Schema) -> tuple[str, int, int] | None:
    """Return field, men's and women's column where birth or sex is written under the person's sex.

    Two columns without a group say the sex; where no other column has the birth, it stands in them.
    """
    alone = {sex: i for i, label in enumerate(labels) if (sex := _sex_alone(label, labels))}
    if len(alone) == len(set(SEXES.values())):
        has_birth = any(schema.field_of(label.text) == "birth_date" for label in labels)
        return "sex" if has_birth else "birth_date", alone["Nam"], alone["Nữ"]
    places: dict[tuple[int, str], int] = {}
    for column, label in enumerate(labels):
        if sex := _sex_of(label):
            places[label.group_column, sex] = column
    for (start, sex), column in places.items():
        found = schema.match(labels[column].group)
        other = places.get((start, "Nữ"))
        if sex == "Nam" and other is not None and found and found.field in ("birth_date", "sex"):
            return found.field, column, other
    return None


def find_one_sex(labels: Sequence[Label], schema: Schema) -> tuple[str, int] | None:
    """Return the sex that one column stands for ("Nữ", "Giới tính nữ"), and the column; none where two do.

    In it a mark says that sex; what a blank cell says is decided by the file's people (sources in-17).
    """
    found = []
    for column, label in enumerate(labels):
        is_sex = bool(label.group) and schema.field_of(label.group) == "sex"
        sex = _sex_of(label) if is_sex else _sex_alone(label, labels) or _sex_named(label)
        if sex:
            found.append((sex, column))
    return found[0] if len(found) == 1 else None


def _sex_alone(label: Label, labels: Sequence[Label]) -> str | None:
    """Return the sex that is all of a label outside a group; beside headers without accents "Nam" may be a year."""
    if label.group and not is_about(label.group):
        return None
    words = re.findall(r"[^\W\d_]+", _IN_BRACKETS.sub(" ", unicodedata.normalize("NFC", label.text).lower()))
    sex = SEXES.get(words[0]) if len(words) == 1 else None
    return sex if sex == "Nữ" or not all(other.text.isascii() for other in labels) else None


def _sex_named(label: Label) -> str | None:
    """Return the sex at the end of a label that speaks of sex: "Giới tính nữ", "Giới tính (Nữ)"."""
    named = _SEX_NAMED.fullmatch(unicodedata.normalize("NFC", label.text).lower().strip())
    return SEXES[named[1]] if named and not label.group else None


def find_split_name(labels: Sequence[Label]) -> tuple[int, int] | None:
    """Return the columns of surname with middle names and of the own name, where they stand side by side."""
    for column in range(len(labels) - 1):
        surname, own = labels[column], labels[column + 1]
        about = header_key(surname.group) in ("", "hovaten", "hoten") or is_about(surname.group)
        together = surname.group_column == own.group_column and header_key(own.text) == "ten"
        if about and together and header_key(surname.text) in _SURNAMES:
            return column, column + 1
    return None


def _is_part_of_date(label: Label, schema: Schema) -> bool:
    return header_key(label.text) in _PARTS_OF_DATE and schema.field_of(label.group) in DATE_FIELDS


def _is_one_dose(label: Label, schema: Schema) -> bool:
    is_dose = _DOSE_GROUP.fullmatch(plain_words(label.text))
    return bool(is_dose) and schema.field_of(label.group) == "dose_number"


def find_split_dates(labels: Sequence[Label], schema: Schema) -> dict[str, list[int]]:
    """Return the columns of day, month and year of each date whose group has one for each of them (sources in-16).

    Three such columns side by side without a group are the birth, where no other column is and one is the dose's day.
    """
    found: dict[str, dict[str, int]] = {}
    for column, label in enumerate(labels):
        if label.group and _is_part_of_date(label, schema):
            parts = found.setdefault(schema.field_of(label.group) or "", {})
            parts[header_key(label.text)] = column
    dates = {
        f: [p[part] for part in _PARTS_OF_DATE] for f, p in found.items() if len(p) == len(_PARTS_OF_DATE)
    }
    fields = {match.field for label in labels if (match := match_label(label, schema))}
    if "birth_date" not in fields | dates.keys() and "vaccination_date" in fields:
        keys = ["" if label.group else header_key(label.text) for label in labels]
        alone = [i for i in range(len(keys)) if tuple(keys[i : i + 3]) == _PARTS_OF_DATE]
        if len(alone) == 1:
            dates["birth_date"] = [alone[0], alone[0] + 1, alone[0] + 2]
    return dates


def find_dose_marks(labels: Sequence[Label], schema: Schema) -> dict[str, int]:
    """Return the columns of single doses ("Mũi 1", "Mũi 2") under the dose's number, by header (sources in-16)."""
    doses = {label.text: i for i, label in enumerate(labels) if label.group and _is_one_dose(label, schema)}
    return doses if len(doses) > 1 else {}
