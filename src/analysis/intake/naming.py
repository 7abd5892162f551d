"""The one rule by which a name from an intake is shown outside the restricted zone (sources disclosure-9).

A file, sheet or archive member is often named after a person, a header may hold one, and so may the name of a private
clinic. A name that is not wholly made of known words is shown as a number: its position among such names, sorted. The
names behind the numbers stand in `restricted/file_names.parquet`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from analysis.errors import BaophuError, readable_name
from analysis.intake.headers.lists import FOLDER_HEADERS
from analysis.intake.headers.notes import word_set
from analysis.intake.headers.schemas import REGISTRY_OPTIONAL, REGISTRY_REQUIRED
from analysis.intake.headers.typed import written_name
from analysis.intake.headers.words import header_key
from analysis.intake.syllables import unaccented
from analysis.reference import read_units

KINDS = ("file", "header", "text")
_TOKENS = re.compile(r"[a-z]+|\d+")
_NUMBERED_NAME = re.compile(rf"(?:{'|'.join(KINDS)}):\d+")
MOST_DIGITS = 8
_MOST_WORDS = 8
# A longer text is no name.
_MOST_WORDS_OF_A_NAME = 40
# No syllable of Vietnamese is as long.
_LONG_WORD = 8
_PRECEDING = word_set("xa phuong tt tran")


def _phrases(*lists: str) -> frozenset[str]:
    return frozenset(phrase for text in lists for phrase in text.split(";"))


@dataclass(frozen=True)
class _Words:
    """What a kind of name may be made of, beside units and short numbers.

    `phrases` are words that count only together: many a syllable is a name as well. `numbered` ones count only in
    front of a number. `before_communes`: behind them a commune's name counts, as behind its own kind.
    """

    single: frozenset[str] = frozenset()
    phrases: frozenset[str] = frozenset()
    numbered: frozenset[str] = frozenset()
    before_communes: frozenset[str] = frozenset()


_UNIT_KINDS = "thanh pho;thi xa;thi tran;xa;phuong"
_FILES = _Words(
    word_set(
        "tinh thanhpho tp quan huyen tx tt platform registry daily reports report population decisions decision facilities "
        "facility feedback rosters roster intake json csv gz xlsx xls xlsb ods parquet zip txt sheet file data export "
        "covid vaccine vacxin thang tuan ngay jan feb mar apr may jun jul aug sep oct nov dec january february march april "
        "june july august september october november december"
    ),
    _phrases(
        "bao cao;dan so;dan cu;co so;phan anh;quyet dinh;danh sach;mui tiem;tiem chung;vac xin;nen tang;tong hop;cap nhat",
        "doi tuong;trang tinh;bang tinh;du lieu;so lieu;ca nuoc;xuat du lieu;bien dong;ket qua;tre em;nguoi lon;ke hoach;tong dieu tra",
        _UNIT_KINDS,
    ),
    word_set("phan nam quy lan dot tu den ban v trang so bang mui q"),
)
# Names of public facilities, and of where populations come from. A private clinic ("phòng khám") is most often called
# after its doctor or owner: of those only the regional ones of the health service are known.
_TEXTS = _Words(
    word_set("tinh tp quan huyen tx tt ubnd tyt ttyt dtld thcs thpt cdc bv covid gso"),
    _phrases(
        "tram y te;trung tam y te;trung tam kiem soat benh tat;trung tam y te du phong;so y te;bo y te;phong y te",
        "benh vien;benh vien da khoa;da khoa;khu vuc;da khoa khu vuc;benh vien nhi;benh vien san nhi;benh vien phoi",
        "benh vien y hoc co truyen;benh vien phuc hoi chuc nang;phong kham da khoa khu vuc;trung uong",
        "diem tiem;diem tiem luu dong;luu dong;hoi truong;uy ban nhan dan;nha van hoa;nha thi dau;san van dong",
        "truong tieu hoc;truong mam non;truong thcs;truong thpt;truong trung hoc co so;truong trung hoc pho thong",
        "tieu hoc;mam non;trung hoc co so;trung hoc pho thong;co so;diem so;khu cong nghiep;tiem chung",
        "tong dieu tra dan so va nha o;tong dieu tra dan so;tong dieu tra;tong cuc thong ke;cuc thong ke",
        "nien giam thong ke;ke hoach;ke hoach tiem chung;dan so;nha o;du bao;uoc tinh;mo phong;suy ra;cong an;dan cu",
        "co so du lieu quoc gia ve dan cu;kh",
        _UNIT_KINDS,
    ),
    word_set("nam quy thang so diem khu to thon ap khom"),
    frozenset(
        {
            "tram y te",
            "tyt",
            "ubnd",
            "uy ban nhan dan",
            "nha van hoa",
            "thcs",
            "thpt",
            "truong thcs",
            "truong thpt",
        }
        | {"truong tieu hoc", "tieu hoc", "truong mam non", "mam non"}
    ),
)


@cache
def _units() -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of provinces and districts, and those of communes, without their kind, as plain words."""
    units = read_units()
    named = {level: set(units[f"{level}_name"]) for level in ("province", "district", "commune")}
    wide = {_without_kind(name) for name in named["province"] | named["district"]}
    return frozenset(wide - {""}), frozenset({_without_kind(name) for name in named["commune"]} - {""})


def _without_kind(name: str) -> str:
    words = _words(name)
    for kind in (
        ["thanh", "pho"],
        ["thi", "xa"],
        ["thi", "tran"],
        ["tinh"],
        ["quan"],
        ["huyen"],
        ["xa"],
        ["phuong"],
    ):
        if words[: len(kind)] == kind:
            return " ".join(words[len(kind) :])
    return " ".join(words)


def _words(text: str) -> list[str]:
    return _TOKENS.findall(unaccented(text.lower()))


def is_known_name(name: str) -> bool:
    """Say whether a file's or sheet's name is wholly made of units, kinds of file, months, formats and short numbers.

    A commune's name counts only behind its kind: many are those of persons.

    >>> is_known_name("platform/tinh_ha_giang_2021-11.csv"), is_known_name("platform/bs_an.xlsx")
    (True, False)
    """
    return _is_known(_words(name), _FILES) and not _NUMBERED_NAME.fullmatch(name)


def is_known_text(text: str) -> bool:
    """Say whether a facility's name or code, or a population's source, is wholly made of known words.

    >>> is_known_text("Trạm Y tế xã Phố Cáo"), is_known_text("Phòng khám bác sĩ Trần Thị Bích")
    (True, False)
    """
    return _is_known(_words(text), _TEXTS)


@cache
def known_headers(kind: str) -> Mapping[str, tuple[str, str]]:
    """Return the known headers of a folder by their keys, each with its field; the field's own name last."""
    listed: dict[str, tuple[str, str]] = {}
    for field, texts in FOLDER_HEADERS.get(kind, {}).items():
        for text in (*texts, written_name(kind, field)):
            listed.setdefault(header_key(text), (text, field))
    for field in (*REGISTRY_REQUIRED, *REGISTRY_OPTIONAL) if kind == "registry" else ():
        listed.setdefault(header_key(field), (field, field))
    return listed


def is_known_header(kind: str, header: str) -> bool:
    """Say whether a header is wholly made of known headers of its folder, whole ones, and short numbers.

    Their single words would not do: "Lan", "Minh" and "Mai" are names.
    """
    return _is_known(_words(header), _header_words(kind))


@cache
def _header_words(kind: str) -> _Words:
    phrases = frozenset(" ".join(_words(text)) for text, _ in known_headers(kind).values())
    return _Words(
        phrases=frozenset(phrase for phrase in phrases if " " in phrase or len(phrase) >= _LONG_WORD)
    )


def _is_known(words: list[str], known: _Words, before: str = "") -> bool:
    """Say whether words are wholly covered by short numbers, known words and phrases, and names of units.

    `before` is what was covered last: behind the kind of a unit a commune's name counts.
    """
    if not words or len(words) > _MOST_WORDS_OF_A_NAME:
        return bool(before) and not words
    wide, communes = _units()
    behind_kind = before in known.before_communes or before.rpartition(" ")[2] in _PRECEDING
    for count in range(min(_MOST_WORDS, len(words)), 0, -1):
        span = " ".join(words[:count])
        is_known = span in known.phrases or span in wide or (behind_kind and span in communes)
        if (is_known or (count == 1 and _is_single(words, known))) and _is_known(words[count:], known, span):
            return True
    return False


def _is_single(words: list[str], known: _Words) -> bool:
    """Say whether the first of the words is known by itself: a short number, or a word of the list."""
    if words[0].isdigit():
        return len(words[0]) <= MOST_DIGITS
    return words[0] in known.single or (
        words[0] in known.numbered and words[1:2] != [] and words[1].isdigit()
    )


def listed_names(raw: Path) -> list[str]:
    """Return the paths of all files and folders of an intake, read or not: they are numbered together."""
    return [readable_name(path.relative_to(raw).as_posix()) for path in raw.rglob("*")]


class ShownNames:
    """How names are shown: those of known words as they stand, the others by number.

    `files` are files, sheets and archive members by their whole paths in the intake, `headers` pairs of a folder and
    a header, `texts` free texts that `is_listed` does not vouch for.
    """

    def __init__(
        self,
        files: Iterable[str] = (),
        headers: Iterable[tuple[str, str]] = (),
        texts: Iterable[str] = (),
        is_listed: Callable[[str], bool] = lambda text: False,
    ) -> None:
        hidden = {
            "file": {name for name in files if not is_known_name(name)},
            "header": {text for kind, text in headers if not is_known_header(kind, text)},
            "text": {text for text in texts if not (is_listed(text) or is_known_text(text))},
        }
        self._shown = {
            (kind, name): f"{kind}:{number}"
            for kind in KINDS
            for number, name in enumerate(sorted(hidden[kind]), start=1)
        }

    @classmethod
    def numbered(cls, rows: Iterable[tuple[str, int, str]]) -> "ShownNames":
        """Return how names are shown from rows of `file_names`: kind, number, name."""
        names = cls()
        names._shown = {(kind, name): f"{kind}:{number}" for kind, number, name in rows}
        return names

    def show(self, kind: str, name: str) -> str:
        """Return the form in which a `file`, `header` or `text` may be shown."""
        return self._shown.get((kind, name), name)

    def within(self, sentence: str) -> str:
        """Return a sentence of ours in which files stand in quotes, as it may be shown."""
        for (_, name), shown in self._shown.items():
            sentence = sentence.replace(f"'{name}'", f"'{shown}'")
        return sentence

    def rows(self) -> list[tuple[str, int, str]]:
        """Return what is hidden, as rows of `file_names`: kind, number, name."""
        return [(kind, int(shown.rpartition(":")[2]), name) for (kind, name), shown in self._shown.items()]


class TypedNames(ShownNames):
    """Names as they were typed, for the operator's own terminal."""

    def __init__(self) -> None:
        super().__init__()


def hidden_names(error: BaophuError, raw: Path) -> BaophuError:
    """Return a refusal whose names from the intake are shown by the rule; `baophu check` shows them as typed."""
    shown, message = ShownNames([*listed_names(raw), *error.names]), str(error)
    for name in sorted(error.names, key=len, reverse=True):
        message = message.replace(name, shown.show("file", name))
    if message == str(error):
        return error
    return type(error)(f"{message}; `baophu check` shows the names")
