"""Cells as an export writes them, from what was typed: dates, places, names, numbers in the file's format."""

from functools import cache

import numpy as np
import pandas as pd

from analysis.simulate.country.country import Country
from analysis.simulate.draws import Bools, Draws, Ids, Ints, Texts
from analysis.simulate.files.legacy_letters import to_tcvn3, to_vni
from analysis.simulate.typing import mistakes
from analysis.simulate.typing.spelling import (
    rewrite,
    tone_on_first_vowel,
    tone_on_second_vowel,
    without_diacritics,
)
from analysis.simulate.typing.typed_doses import DATE_MISSING

EXCEL_EPOCH = -25_569  # 1899-12-30 in days since 1970-01-01: serial 1 of the 1900 system is 1900-01-01
MILLISECONDS = 86_400_000


@cache
def _write_day(day: int, style: str) -> str:
    date = np.datetime64(day, "D").item()
    if style == "serial":
        return str(day - EXCEL_EPOCH)
    if style == "epoch":
        return str(day * MILLISECONDS)
    if style == "dmy_short":
        return f"{date.day}/{date.month}/{date.year}"
    patterns = {"dash": "{d:02d}-{m:02d}-{y}", "mdy": "{m:02d}/{d:02d}/{y}", "iso": "{y}-{m:02d}-{d:02d}"}
    pattern = patterns.get(style, "{d:02d}/{m:02d}/{y}")
    return pattern.format(d=date.day, m=date.month, y=date.year)


def write_births(day: Ints, precision: Ints, two_digit: Ints, style: str) -> Texts:
    """Write birth dates; a month alone is MM/YYYY, a year alone YYYY, a missing date nothing."""
    keys, place = np.unique(day * 8 + precision * 2 + two_digit, return_inverse=True)
    return np.array([_write_birth(key, style) for key in keys.tolist()] or [""], dtype=object)[place]


@cache
def _write_birth(key: int, style: str) -> str:
    days, known, short = key // 8, key % 8 // 2, key % 2
    date = np.datetime64(days, "D").item()
    if known == 3:
        return ""
    if known == 2:
        return str(date.year)
    if known == 1:
        return f"{date.month:02d}/{date.year}"
    return f"{date.day}-{date.month}-{date.year % 100:02d}" if short else _write_day(days, style)


def write_days(day: Ints, hours: Ints, style: str) -> Texts:
    """Write days, with a time of day (a quarter-hour of the working day) where the format has one."""
    timed = style in ("dmy_time", "iso_time")
    keys, place = np.unique(day * 64 + (hours % 40 if timed else 0), return_inverse=True)
    written = []
    for key in keys.tolist():
        days, quarter = key // 64, key % 64
        if days == DATE_MISSING:
            written.append("")
            continue
        text = _write_day(days, "iso" if style == "iso_time" else "dmy" if style == "dmy_time" else style)
        clock = f" {7 + quarter // 4:02d}:{quarter % 4 * 15:02d}"
        written.append(text + (clock if timed else "") + (":00" if style == "iso_time" else ""))
    return np.array(written or [""], dtype=object)[place]


_PREFIXES = (
    ("Thành phố ", "TP. "), ("Tỉnh ", "T. "), ("Quận ", "Q. "), ("Huyện ", "H. "), ("Thị xã ", "TX. "),
    ("Phường ", "P. "), ("Thị trấn ", "TT. "), ("Thị Trấn ", "TT. "), ("Xã ", "X. "),
)  # fmt: skip


def _bare_unit(name: str) -> str:
    for prefix, _ in _PREFIXES:
        if name.startswith(prefix):
            rest = name[len(prefix) :]
            return name if rest.isdigit() else rest
    return name


def _short_unit(name: str) -> str:
    for prefix, short in _PREFIXES:
        if name.startswith(prefix):
            rest = name[len(prefix) :]
            return short.strip(" .") + rest if rest.isdigit() else short + rest
    return name


def _bare_code(code: str) -> str:
    return code.lstrip("0")


class PlaceWriter:
    """Writes province, district and commune cells in a file's format, with single rows spelt otherwise."""

    def __init__(self, country: Country) -> None:
        """Keep the names and codes of all communes, one row a commune."""
        self.styled: dict[str, tuple[Texts, ...]] = {}
        communes = country.communes
        of_district = communes["district"].to_numpy()
        of_province = communes["province"].to_numpy()
        self.names = (
            country.provinces["province_name"].to_numpy(dtype=object)[of_province],
            country.districts["district_name"].to_numpy(dtype=object)[of_district],
            communes["commune_name"].to_numpy(dtype=object),
        )
        self.codes = (
            country.provinces["province_code"].to_numpy(dtype=object)[of_province],
            country.districts["district_code"].to_numpy(dtype=object)[of_district],
            communes["commune_code"].to_numpy(dtype=object),
        )

    def _in_style(self, commune: Ints, style: str) -> tuple[Texts, ...]:
        if style not in self.styled:
            changes = {"bare": _bare_unit, "short": _short_unit, "capitals": str.upper}
            units, change = self.names, changes.get(style, str)
            if style in ("codes", "stripped_codes"):
                units, change = self.codes, _bare_code if style == "stripped_codes" else str
            self.styled[style] = tuple(rewrite(unit, change) for unit in units)
        return tuple(unit[commune] for unit in self.styled[style])

    def write(self, commune: Ints, shown: Bools, style: str, other: Ints, bits: Ids) -> list[Texts]:
        """Return the three place columns; `other` is TypedPeople.place_style, without effect on codes."""
        columns = list(self._in_style(commune, style))
        columns[2][~shown] = ""
        if style in ("codes", "stripped_codes"):
            return columns
        for column in columns:
            plain = other == 2
            column[plain] = rewrite(column[plain], without_diacritics)
            tone = other == 4
            column[tone] = rewrite(column[tone], _other_tone)
        short = np.flatnonzero(other == 3)
        for column, text in zip(columns, self._in_style(commune[short], "short"), strict=True):
            column[short] = np.where(column[short] == "", "", text)
        slips = np.flatnonzero(other == 1)
        for row, bit in zip(slips.tolist(), (bits[slips] >> np.uint64(1)).tolist(), strict=True):
            column = columns[2 if bit % 3 else 1]
            column[row] = mistakes.slip_in_name(str(column[row]), bit >> 3) if column[row] else ""
        return columns


def _other_tone(text: str) -> str:
    moved = tone_on_second_vowel(text)
    return moved if moved != text else tone_on_first_vowel(text)


_SEXES = {
    "words": ("Nam", "Nữ"), "capitals": ("NAM", "NỮ"), "letters": ("M", "F"), "digits": ("1", "2"),
    "plain": ("nam", "nu"),
}  # fmt: skip


def write_sexes(sex: Ints, style: str) -> Texts:
    """Write sexes; a missing one is nothing."""
    return np.array([*_SEXES[style], ""], dtype=object)[sex]


_DOSES = {
    "digit": ("", "1", "2", "3"),
    "mui": ("", "Mũi 1", "Mũi 2", "Mũi 3"),
    "words": ("", "Mũi tiêm thứ nhất", "Mũi tiêm thứ hai", "Mũi tiêm thứ ba"),
}


def write_dose_numbers(number: Ints, style: str, word: Ints) -> Texts:
    """Write dose numbers; 0 is missing, 9 a booster named by a word."""
    names = np.array([*_DOSES[style], "", "", "", "", "", ""], dtype=object)
    booster = np.array(["nhắc lại", "Mũi nhắc lại", "bổ sung"], dtype=object)[word % 3]
    return np.where(number == 9, booster, names[number]).astype(object)


def write_numbers(texts: Texts, style: str, draws: Draws, ids: Ids) -> Texts:
    """Write ID and phone cells as a file's number format leaves them."""
    if style == "text":
        return texts
    digits = np.array([str(t).isdigit() and len(str(t)) > 5 for t in texts], dtype=np.bool_)
    written = texts.copy()
    written[digits] = [str(t).lstrip("0") or "0" for t in texts[digits]]
    if style == "floats":
        power = digits & draws.chance("power of ten", ids, 0.06)
        written[digits & ~power] = [f"{t}.0" for t in written[digits & ~power]]
        written[power] = [f"{float(t):.2E}".replace("E+0", "E+0") for t in written[power]]
    return written


def in_letters(texts: Texts, letters: str) -> Texts:
    """Write text in the letters of an older font."""
    if letters == "unicode":
        return texts
    return rewrite(texts, to_tcvn3 if letters == "tcvn3" else to_vni)


def bare_place_names(names: pd.Series) -> pd.Series:
    """Return unit names without their kind, numbers apart."""
    return names.map(_bare_unit)
