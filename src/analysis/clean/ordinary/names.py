"""The lookups of typed names: those of ordinary words are read by a query, the others one by one in Python.

Every distinct word is read once (`name_words`); a name of two to five ordinary words is these words joined, unless
a word stands where it could be a title, a note or a sign of another order. For those `parse_name` gives the same.
"""

import unicodedata
from collections.abc import Sequence
from typing import Any

from analysis.clean.fields.name_words import AND, KIN, NEVER_GIVEN, PLAIN_TITLES, SURNAME_KEYS, TITLES
from analysis.clean.fields.names import (
    DOUBTFUL_FIRST,
    MAX_NAME_CHARACTERS,
    parse_name,
    read_word,
)
from analysis.clean.quality.reason_codes import bit_of
from analysis.steps import Plan, Step

NAME_COLUMNS = dict.fromkeys(("full_name", "name_key", "name_accented", "nfc"), "VARCHAR") | {
    "bits": "BIGINT"
}
_WORD_COLUMNS = dict.fromkeys(("canonical", "key"), "VARCHAR") | dict.fromkeys(
    ("may_begin", "may_end", "is_plain", "needs_marks"), "BOOLEAN"
)
# Words that begin an alias or a note on kin, or make a name at its end a test, a specimen or one with its surname last.
_ALIAS = KIN | {"Tức", AND}
_DOUBTFUL_END = NEVER_GIVEN | {"Văn", "Thị", "Nghiệm", "A", "B", "C"}
_DOUBTFUL_BEGIN = TITLES | {*PLAIN_TITLES, "Đ"} | {word.capitalize() for word in DOUBTFUL_FIRST}
_MOST_WORDS = 5


def name_row(text: str | None) -> Sequence[Any]:
    """Return canonical name, keys, the typed name in NFC, and reason bits of a typed name."""
    name = parse_name(text)
    nfc = unicodedata.normalize("NFC", text.strip()) if text else None
    return name.full_name, name.name_key, name.name_accented, nfc, name.bits


def word_row(text: str | None) -> Sequence[Any]:
    """Return what an ordinary word, in NFC as it stands, is in a name; nothing for any other."""
    word = read_word(text) if text else None
    if word is None or word.canonical in _ALIAS or unicodedata.normalize("NFC", text or "") != text:
        return (None,) * len(_WORD_COLUMNS)
    may_begin, may_end = word.canonical not in _DOUBTFUL_BEGIN, word.canonical not in _DOUBTFUL_END
    return word.canonical, word.key, may_begin, may_end, word.is_plain, word.needs_marks


def name_steps(table: str, source: str, where: str = "true", besides: str = "") -> Plan:
    """Return the steps to a lookup of typed names: canonical name, keys, the typed name in NFC, and reason bits.

    `besides`: a lookup whose names this one leaves out.
    """
    typed, words = f"typed_{table}", f"words_of_{table}"
    query = f"SELECT DISTINCT full_name FROM {source} WHERE {where}"
    query += f" EXCEPT SELECT t0 FROM {besides}" if besides else ""
    return (
        Step(typed, "one name as it is typed", f"{source} {besides}".strip(), query),
        Step(
            words,
            "one word of typed names, read where it is an ordinary one",
            typed,
            f"SELECT DISTINCT unnest(string_split(full_name, ' ')) FROM {typed}",
            columns=_WORD_COLUMNS,
            clean=word_row,
        ),
        Step(
            table,
            "one typed name",
            f"{typed} {words}",
            f"SELECT full_name FROM {typed}",
            columns=NAME_COLUMNS,
            clean=name_row,
            ordinary=_ordinary_names(words),
        ),
    )


def _ordinary_names(words: str) -> str:
    """Return SQL of the names of two to five ordinary words, from {values} and the lookup of their words."""
    places = range(1, _MOST_WORDS + 1)
    joins = " ".join(
        f"{'LEFT ' if n > 2 else ''}JOIN {words} AS w{n} ON w{n}.t0 = typed[{n}] AND w{n}.canonical IS NOT NULL"
        for n in places
    )
    joined = {c: f"concat_ws(' ', {', '.join(f'w{n}.{c}' for n in places)})" for c in ("canonical", "key")}
    is_plain = " AND ".join(f"coalesce(w{n}.is_plain, true)" for n in places)
    needs_marks = " OR ".join(f"coalesce(w{n}.needs_marks, false)" for n in places)
    surnames = ", ".join(f"'{key}'" for key in sorted(SURNAME_KEYS))
    return f"""
      SELECT t0, full_name, name_key, lower(full_name) AS name_accented, t0 AS nfc, bits
      FROM (
        SELECT v.t0, {joined["canonical"]} AS full_name, {joined["key"]} AS name_key,
          CASE WHEN ({is_plain}) AND ({needs_marks} OR w1.key IN ({surnames})
                 OR len(typed) > 2 AND w2.key IN ('thi', 'van'))
               THEN {bit_of("name_without_accents")} ELSE 0 END AS bits
        FROM (SELECT t0, string_split(t0, ' ') AS typed FROM {{values}} WHERE length(t0) <= {MAX_NAME_CHARACTERS}) AS v
        {joins} JOIN {words} AS last ON last.t0 = typed[-1] AND last.may_end
        WHERE w1.may_begin AND len(typed) <= {_MOST_WORDS}
          AND (w3.t0 IS NOT NULL OR len(typed) < 3) AND (w4.t0 IS NOT NULL OR len(typed) < 4)
          AND (w5.t0 IS NOT NULL OR len(typed) < 5))"""
