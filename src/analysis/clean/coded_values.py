"""Fields with few values: sex, nationality, ethnicity, and what the platform says of a record."""

from analysis.clean.reason_codes import bit_of
from analysis.intake.syllables import unaccented

_MALE = {"nam", "m", "male", "1", "1 nam", "nam 1", "trai", "ong", "nan", "b", "boy", "n am"}
_FEMALE = {"nu", "f", "female", "2", "0", "2 nu", "nu 2", "gai", "ba", "nuu", "nux", "nu4", "g", "girl"}
_VIETNAMESE = {"", "viet nam", "vietnam", "vn", "vnm", "kinh", "viet nam vn", "vie", "84", "vietnamese"}
_POLICE = {
    "dung": "đúng",
    "khop": "đúng",
    "sai": "sai",
    "khong khop": "sai",
    "chua xac thuc": "chưa xác thực",
    "khong tim thay": "không tìm thấy",
    "khong xac minh duoc": "không xác minh được",
}
_SIGNED = {"da ky", "da ky so", "ky", "co", "1", "true", "x", "da"}
_UNSIGNED = {"chua ky", "chua ky so", "khong", "0", "false", "chua"}


def _plain(text: str | None) -> str:
    letters = unaccented((text or "").strip().lower())
    return " ".join("".join(c if c.isalnum() else " " for c in letters).split()).removesuffix(" 0")


def parse_sex(text: str | None) -> tuple[str | None, int]:
    """Return Nam or Nữ (1 is Nam and 2 is Nữ on the platform) and reason bits."""
    plain = _plain(text)
    if not plain:
        return None, bit_of("sex_missing")
    if plain in _MALE:
        return "Nam", 0
    if plain in _FEMALE:
        return "Nữ", 0
    return None, bit_of("sex_unreadable")


def parse_nationality(text: str | None) -> tuple[str, bool]:
    """Return the nationality (empty means Việt Nam) and whether the person is a foreigner."""
    plain = _plain(text)
    if plain in _VIETNAMESE or "viet nam" in plain or "vietnam" in plain:
        return "Việt Nam", False
    return " ".join((text or "").split()), True


def parse_police_result(text: str | None) -> tuple[str | None]:
    """Return the registry side's last answer in the contract's words, or None."""
    return (_POLICE.get(_plain(text)),)


def parse_signature(text: str | None) -> tuple[str | None]:
    """Return `đã ký` or `chưa ký`, or None when the cell does not say."""
    plain = _plain(text)
    return ("đã ký" if plain in _SIGNED else "chưa ký" if plain in _UNSIGNED else None,)
