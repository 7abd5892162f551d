"""Fields with few values: sex, nationality, ethnicity, and what the platform says of a record."""

from analysis.clean.reason_codes import bit_of
from analysis.clean.typing_residue import read_residue
from analysis.clean.unit_names import edit_distance
from analysis.intake.legacy_text import repair_text
from analysis.intake.syllables import unaccented

_MALE = {"nam", "m", "male", "1", "1 nam", "nam 1", "trai", "ong", "nan", "b", "boy", "n am"}
_FEMALE = {"nu", "f", "female", "2", "0", "2 nu", "nu 2", "gai", "ba", "nuu", "nux", "nu4", "g", "girl"}
_VIETNAMESE = {"", "viet nam", "vietnam", "vn", "vnm", "kinh", "viet nam vn", "vie", "84", "vietnamese"}
# Peoples of Viet Nam, when they stand in the wrong column (domain facts I); Lào is a nationality as well.
_PEOPLES = {
    *("tay", "thai", "muong", "kho me", "khmer", "hoa", "nung", "mong", "h mong", "hmong", "dao", "giay"),
    *("co lao", "lo lo", "la chi", "ngai", "san diu", "san chay", "bo y", "pa then", "pu peo"),
}
_UNKNOWN = {"khong ro", "khong", "khong co", "chua ro", "0", "khac"}
# How an answer begins, in this order (words of 9438/BYT-CNTT and of the reports on it).
_POLICE = (
    ("chưa xác thực", ("chua",)),
    ("không tìm thấy", ("khong tim thay", "khong co trong", "so dinh danh khong co trong")),
    ("không xác minh được", ("khong xac minh", "khong xac thuc")),
    ("sai", ("sai", "khong khop", "khong trung khop", "khong dung")),
    ("đúng", ("dung", "khop", "trung khop")),
)
_SIGNED = {"da ky", "da ky so", "ky", "co", "1", "true", "x", "da"}
_UNSIGNED = {"chua ky", "chua ky so", "khong", "0", "false", "chua"}


def _plain(text: str | None) -> str:
    letters = unaccented((text or "").strip().lower())
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split()).removesuffix(" 0")


def _readable(text: str) -> str:
    """Return a text with a wrong encoding and keys of an input method turned back."""
    words = repair_text(text).lower().split()
    return " ".join(read_residue(word) or word for word in words)


def parse_sex(text: str | None) -> tuple[str | None, int]:
    """Return Nam or Nữ (1 is Nam and 2 is Nữ on the platform) and reason bits."""
    if not _plain(text):
        return None, bit_of("sex_missing")
    for plain in (_plain(text), _plain(_readable(text or ""))):
        if plain in _MALE:
            return "Nam", 0
        if plain in _FEMALE:
            return "Nữ", 0
    return None, bit_of("sex_unreadable")


def parse_nationality(text: str | None) -> tuple[str, bool]:
    """Return the nationality (empty means Việt Nam) and whether the person is a foreigner.

    A slip in "Việt Nam" makes nobody a foreigner: no other country is within one letter of it.
    """
    plain = _plain(text)
    known = _VIETNAMESE | _PEOPLES | _UNKNOWN
    if plain in known or "viet nam" in plain or "vietnam" in plain:
        return "Việt Nam", False
    if edit_distance(_plain(_readable(text or "")).replace(" ", ""), "vietnam", 1) <= 1:
        return "Việt Nam", False
    return " ".join((text or "").split()), True


def parse_police_result(text: str | None) -> tuple[str | None]:
    """Return the registry side's last answer in the contract's words, or None."""
    plain = _plain(text)
    return (next((answer for answer, begins in _POLICE if plain.startswith(begins)), None),)


def parse_signature(text: str | None) -> tuple[str | None]:
    """Return `đã ký` or `chưa ký`, or None when the cell does not say."""
    plain = _plain(text)
    return ("đã ký" if plain in _SIGNED else "chưa ký" if plain in _UNSIGNED else None,)
