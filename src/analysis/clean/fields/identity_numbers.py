"""Identity numbers: what a typed number is, and when lost leading zeros may be put back (sources id-1 to id-5).

A citizen number has twelve digits `PPP G YY RRRRRR`: place of birth registration, century and sex,
last two digits of the birth year, six of chance; no check digit. Nine digits are an old CMND. Who was
registered abroad has the code of a country in place of the province's (137/2015/NĐ-CP, article 13).
"""

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from analysis.clean.quality.reason_codes import bit_of
from analysis.intake.syllables import unaccented
from analysis.reference import read_units

_LABEL = re.compile(
    r"^(?:(?:S[OỐ](?=[\s:.])|(?:SO)?(?:CCCD|CMND|CMTND|CMT|CC|HC|[ĐD]DCN|S[ĐD]D|GKS"
    r"|C[AĂ]N C[UƯ][OỚ]C(?: C[OÔ]NG D[AÂ]N)?))[:\s.\-/]*)+"
)
# Words that may stand around numbers in one cell. Others may say whose number it is: a mother's for her child.
_WORDS_AROUND = frozenset(
    (
        "so",
        "cccd",
        "cmnd",
        "cmtnd",
        "cmt",
        "cc",
        "ddcn",
        "sdd",
        "can",
        "cuoc",
        "cong",
        "dan",
        "cu",
        "moi",
        "va",
        "hoac",
    )
)
_SCIENTIFIC = re.compile(r"^\d+(?:[.,]\d+)?E\+?\d+$", re.I)
_FLOAT_TAIL = re.compile(r"^(\d+)[.,]0+$")
_INSURANCE = re.compile(r"^[A-Z]{2}[1-5]\d{12}$")  # sources id-6
_PASSPORT = re.compile(r"^(?=.*\d{4})(?=.*[A-Z])[A-Z0-9]{6,10}$")
# Old numbers begin with 01 to 38 (sources id-3).
_OLD_NUMBER = re.compile(r"(?:0[1-9]|[12]\d|3[0-8])\d{7}", re.A)
# Letters typed for figures, and no passport of one letter and seven or eight figures.
_LETTERED = re.compile(r"^(?![A-Z]\d{7,8}$)(?=(?:\D*\d){4})[\dOILSBZ]+$", re.A)
# A letter and eight figures: no passport of Viet Nam (sources link-11), a foreigner's or a citizen's old number.
_LETTER_FIRST = re.compile(r"^[OIL]\d{8}$", re.A)
_FIGURES = str.maketrans("OILSBZ", "011582")
_FIGURES_OIL = str.maketrans("OIL", "011")
# Who issued a number, and when, behind it: "… cấp 2015", "… - CA Hà Giang", "… (cũ)".
_ISSUED = re.compile(
    r"(?<=\d)[\s\-–,;(]+(?:C[ẤA]P\b[^\d]{0,12}(?:\d{1,2}[/.\-]){0,2}(?:19|20)\d\d"
    r"|(?:DO |N[ƠO]I C[ẤA]P:? |C[ẤA]P T[ẠA]I )?(?:CA|C[OÔ]NG AN|C[UỤ]C)\b[^\d]*|C[UŨ]|M[OỚ]I)\s*\)?$"
)
_RUNS = "01234567890123456789", "98765432109876543210"
# Six figures "of chance" that whoever makes up a number types.
_EXAMPLES = [*(6 * figure for figure in "0123456789"), "000001", "123456", "654321"]
SHORTEST_NUMBER, LONGEST_NUMBER = 9, 12  # digits of an old number and of a citizen number


class TypedIdentity(NamedTuple):
    """A typed number taken apart: its digits (if it is digits), and what it looks like by itself.

    `shape`: digits, scientific, passport, lettered, insurance, placeholder, missing or other; lettered is a
    passport of a foreigner, an old number of anybody else. `bits` are the reasons of what was changed to read it.
    """

    digits: str | None
    shape: str
    bits: int = 0


def parse_identity(text: str | None) -> TypedIdentity:
    """Take a typed identity number apart; never raises."""
    typed = unicodedata.normalize("NFKC", text or "").strip().strip("'\"").strip().upper()
    # Words without a digit (không có, quên, đang làm) give no number.
    if not re.search(r"\d", typed):
        return TypedIdentity(None, "missing")
    typed = _ISSUED.sub("", _LABEL.sub("", typed)).rstrip(" .;,/")
    if _SCIENTIFIC.match(typed):
        return TypedIdentity(None, "scientific")
    if tail := _FLOAT_TAIL.match(typed):
        typed = tail[1]
    compact = re.sub(r"[\s.\-_,/']", "", typed)
    if re.fullmatch("0{0,3}", compact):  # a zero or two stand for nothing
        return TypedIdentity(None, "missing")
    if _SCIENTIFIC.match(compact):
        return TypedIdentity(None, "scientific")
    if len(compact) > LONGEST_NUMBER and (chosen := _one_of_several(typed)):
        return TypedIdentity(chosen, "digits", bit_of("id_one_of_several"))
    if compact.isascii() and compact.isdigit():
        return TypedIdentity(compact, "placeholder" if is_placeholder(compact) else "digits")
    if read := _with_figures(compact):
        if len(read) == SHORTEST_NUMBER and re.search("[SBZ]", compact):
            return TypedIdentity(compact, "lettered")
        return TypedIdentity(read, "digits", bit_of("id_letters_replaced"))
    if _INSURANCE.match(compact):
        return TypedIdentity(compact, "insurance")
    if _LETTER_FIRST.match(compact) and _OLD_NUMBER.fullmatch(compact.translate(_FIGURES)):
        return TypedIdentity(compact, "lettered")
    if _PASSPORT.match(compact):
        return TypedIdentity(compact, "passport")
    return TypedIdentity(None, "other")


def _one_of_several(typed: str) -> str | None:
    """Return the one citizen number of a cell with several numbers, else its one old number.

    A new card and the old one it replaced are often given together; two of a kind say nothing.
    """
    words = re.findall(r"[^\W\d_]+", unaccented(typed.lower()))
    if not _WORDS_AROUND.issuperset(words):
        return None
    for separator in (r"[^\d\s.\-']+", r"\D+"):  # blanks, full stops and hyphens may stand inside a number
        numbers = {re.sub(r"\D", "", part) for part in re.split(separator, typed)} - {""}
        if all(len(n) >= SHORTEST_NUMBER for n in numbers):  # else one number with a digit too many
            numbers = {n for n in numbers if not is_placeholder(n)}
            citizens = {n for n in numbers if _citizen_pattern().fullmatch(n)}
            found = citizens or {n for n in numbers if _OLD_NUMBER.fullmatch(n)}
            if found:
                return found.pop() if len(found) == 1 else None
    return None


def _with_figures(compact: str) -> str | None:
    """Return a number in which O was typed for 0, l or I for 1, S for 5, B for 8, Z for 2; None unless that makes a possible one.

    Of S, B and Z at most two are slips, and none at the ends: a passport may be made of them.
    """
    figures = compact.translate(_FIGURES)
    if not _LETTERED.match(compact) or is_placeholder(figures):
        return None
    others = re.findall("[SBZ]", compact)
    if others and (len(others) > 2 or not (compact[0] + compact[-1]).translate(_FIGURES_OIL).isdigit()):
        return None
    return figures if _citizen_pattern().fullmatch(figures) or _OLD_NUMBER.fullmatch(figures) else None


@cache
def _citizen_pattern() -> "re.Pattern[str]":
    """Return what twelve digits look like that can be a citizen number of a province, born before 2100."""
    return re.compile(rf"(?:{'|'.join(citizen_prefixes())})[0-3]\d{{8}}", re.A)


def is_placeholder(digits: str) -> bool:
    """Say whether a number is a filler: one digit repeated, or a run such as 123456789."""
    return len(set(digits[-8:])) == 1 or (len(digits) >= 8 and any(digits in run for run in _RUNS))


def unusual_identity_sql(column: str) -> str:
    """Return SQL: a cell is empty, or not nine or twelve digits, or digits that may be a filler."""
    return (
        f"({column} IS NULL OR NOT regexp_full_match({column}, '[0-9]{{12}}|[0-9]{{9}}') "
        f"OR {column}[-1] = {column}[-2] AND {column}[-2] = {column}[-3] "
        f"OR regexp_matches({column}, '^(0?1234|98765|0987)'))"
    )


# Digits alone, of any length that a number may have, and no filler: `parse_identity` gives them as they stand.
ORDINARY_IDENTITIES = f"""
SELECT t0, t0 AS id_digits, 'digits' AS id_shape, 0 AS bits FROM {{values}}
WHERE regexp_full_match(t0, '[0-9]{{8,{LONGEST_NUMBER}}}') AND right(t0, 8) <> repeat(t0[-1], 8)
  AND NOT contains('{_RUNS[0]}', t0) AND NOT contains('{_RUNS[1]}', t0)"""


def citizen_prefixes() -> list[str]:
    """Return the three-digit codes of place of birth registration: 0 and the province's code."""
    return sorted({"0" + code for code in read_units()["province_code"]})


# Old CMND numbers: prefixes by province (sources id-3); only to confirm a lost zero.
CMND_ZERO_PREFIXES: dict[str, tuple[str, ...]] = {
    "01": ("01",), "79": ("02",), "31": ("03",), "11": ("04",), "12": ("04",), "14": ("05",), "10": ("06",),
    "15": ("06",), "02": ("07",), "08": ("07",), "20": ("08",), "04": ("08",), "19": ("09",), "06": ("09",),
}  # fmt: skip


# Nine digits beyond those of old numbers that could follow the 0 of a mobile number are one: 39, 5, 7, 8
# and 9 (sources id-7).
_PHONE_WITHOUT_ZERO = "(39|5[2569]|58|7[06-9]|8[1-9]|9)[0-9]*"
_PHONE = "0[35789][0-9]{8}|84[35789][0-9]{8}|01[2689][0-9]{8}"


def with_identity_sql(rows: str, as_of_year: int) -> str:
    """Return SQL adding `restored`, `id_kind`, `id_number` and `id_bits` to rows.

    The rows have id_digits, id_shape, number_is_shared, is_foreigner, sex, birth_year, phone,
    province_code and health_insurance_number. `restored` has lost zeros put back: only when the number
    then has a known place code and agrees with both sex and birth year (citizen numbers), or has the CMND
    prefix of the province of residence (old numbers). One SELECT a step, because the engine writes an
    alias out wherever it is used.
    """
    restored = f"SELECT *, {_restored_sql()} AS restored FROM ({rows})"
    # A long list is joined by the engine: once for all that ask.
    placed = f"SELECT *, left(restored, 3) IN ({_quoted(citizen_prefixes())}) AS has_place FROM ({restored})"
    known = f"SELECT *, {_kind_sql(as_of_year)} AS id_kind FROM ({placed})"
    return (
        f"SELECT *, CASE WHEN id_kind NOT IN ('malformed', 'missing') THEN restored END AS id_number, "
        f"{_bits_sql()} AS id_bits FROM ({known})"
    )


def _restored_sql() -> str:
    other_number = "(id_digits = right(health_insurance_number, 10) OR right(id_digits, 9) = right(phone, 9))"
    return f"""
      CASE WHEN id_shape = 'lettered' AND NOT is_foreigner THEN translate(id_digits, 'OILSBZ', '011582')
           WHEN id_shape <> 'digits' OR strlen(id_digits) NOT IN (8, 10, 11) THEN id_digits
           WHEN coalesce({other_number}, false) THEN id_digits
           WHEN length(id_digits) IN (10, 11) AND id_digits[1] <> '0'
            AND regexp_matches(lpad(id_digits, 12, '0'), '^({"|".join(citizen_prefixes())})')
            AND coalesce({_fits_person_sql("lpad(id_digits, 12, '0')")}, false) THEN lpad(id_digits, 12, '0')
           WHEN length(id_digits) = 8
            AND list_contains({_zero_prefix_sql()}, '0' || id_digits[1]) THEN '0' || id_digits
           ELSE id_digits END"""


def _fits_person_sql(number: str) -> str:
    """Return SQL: century, sex and year of a number (its fourth to sixth digits) are the row's."""
    return (
        f"(substr({number}, 4, 3) = CAST((birth_year // 100 - 19) * 2 + (sex = 'Nữ')::INT AS VARCHAR) || "
        "lpad(CAST(birth_year % 100 AS VARCHAR), 2, '0'))"
    )


def proves_person_sql() -> str:
    """Return SQL: the number is a citizen's own, with the row's sex and birth year, and no form's example."""
    examples = "|".join(_EXAMPLES)
    return (
        "(id_kind = 'citizen_number' AND NOT number_is_shared "
        f"AND coalesce({_fits_person_sql('id_number')}, false) AND NOT regexp_matches(id_number, '({examples})$'))"
    )


def _zero_prefix_sql() -> str:
    pairs = ", ".join(f"'{p}': [{_quoted(list(c))}]" for p, c in CMND_ZERO_PREFIXES.items())
    return f"coalesce(MAP {{{pairs}}}[province_code], [])"


def _quoted(words: list[str]) -> str:
    return ", ".join(f"'{w}'" for w in words)


def _possible_sql(as_of_year: int) -> str:
    """Return SQL: twelve digits can be a citizen number.

    The place code is a province's, or could be a country's and the rest fits the person; nobody is born
    after `as_of_year`.
    """
    abroad = f"(restored[1] <> '0' AND coalesce({_fits_person_sql('restored')}, false))"
    born = (
        f"(restored[4] <= '1' OR (restored[4] <= '3' AND substr(restored, 5, 2) <= '{as_of_year % 100:02d}'))"
    )
    return f"(has_place OR {abroad}) AND {born}"


def _kind_sql(as_of_year: int) -> str:
    return f"""
      CASE WHEN id_shape = 'missing' THEN 'missing'
           WHEN id_shape IN ('passport', 'insurance') THEN id_shape
           WHEN id_shape = 'lettered' THEN CASE WHEN is_foreigner THEN 'passport' ELSE 'old_number' END
           WHEN id_shape <> 'digits' THEN 'malformed'
           WHEN length(restored) = 12 AND {_possible_sql(as_of_year)} THEN 'citizen_number'
           WHEN length(restored) BETWEEN 9 AND 11 AND right(phone, 9) = right(restored, 9) THEN 'phone'
           WHEN is_foreigner AND length(restored) BETWEEN 6 AND 10 THEN 'passport'
           WHEN length(restored) = 9 THEN
             CASE WHEN regexp_full_match(restored, '{_PHONE_WITHOUT_ZERO}') THEN 'phone'
                  WHEN left(restored, 2) = '00' OR coalesce(has_place AND {_fits_person_sql("restored")}, false) THEN 'malformed'
                  ELSE 'old_number' END
           WHEN length(restored) = 10 AND restored = right(health_insurance_number, 10) THEN 'insurance'
           WHEN regexp_full_match(restored, '{_PHONE}') THEN 'phone'
           ELSE 'malformed' END"""


def _bits_sql() -> str:
    """Return SQL for the reason bits of an identity number."""
    zeros, letters = bit_of("id_zeros_restored"), bit_of("id_letters_replaced")
    own = "id_kind IN ('citizen_number', 'old_number')"
    return f"""
      (CASE WHEN id_kind = 'missing' THEN {bit_of("id_missing")}
            WHEN id_kind IN ('malformed', 'phone', 'insurance') THEN {bit_of("id_malformed")} ELSE 0 END)
      | (CASE WHEN id_shape = 'placeholder' THEN {bit_of("id_placeholder")} ELSE 0 END)
      | (CASE WHEN number_is_shared AND {own} THEN {bit_of("id_shared")} ELSE 0 END)
      | (CASE WHEN restored <> id_digits THEN CASE WHEN id_shape = 'lettered' THEN {letters} ELSE {zeros} END ELSE 0 END)
      | (CASE WHEN id_shape = 'digits' AND id_kind IN ('malformed', 'citizen_number') AND length(restored) = 12
              AND NOT has_place OR id_kind = 'old_number' AND left(restored, 2) NOT BETWEEN '01' AND '38'
            THEN {bit_of("id_province_unknown")} ELSE 0 END)
      | (CASE WHEN id_kind = 'citizen_number' AND sex IS NOT NULL AND birth_year IS NOT NULL
              AND NOT {_fits_person_sql("restored")} THEN {bit_of("id_disagrees")} ELSE 0 END)"""
