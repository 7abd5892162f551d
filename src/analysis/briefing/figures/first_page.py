"""The rules of the first page: it stands alone, is short, and is Vietnamese without terms of the trade."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from analysis.briefing.figures.units import Unit
from analysis.errors import CheckError

WORD_LIMIT = 540  # what stands on an A4 page at 13 pt below the head
READ_OUT_LIMIT = 120  # a minute of reading aloud
# A Vietnamese syllable without its marks: onset, vowels, final consonant.
SYLLABLE = re.compile(
    r"(?:b|ch|c|d|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|qu|r|s|th|tr|t|v|x)?"
    r"(?:uyeu|uye|uya|uyu|ieu|yeu|oai|oao|oay|oeo|uay|uoi|uou|uai|"
    r"ai|ao|au|ay|eo|eu|ia|ie|iu|oa|oe|oi|oo|ua|ue|ui|uo|uu|uy|ya|ye|a|e|i|o|u|y)"
    r"(?:ch|c|m|ng|nh|n|p|t)?"
)
# English words that could pass as unmarked syllables.
ENGLISH = frozenset(["the", "that", "then", "than", "not", "in", "on", "to", "at", "can", "may", "but"])
# Abbreviations and names that an official's page may carry.
ALLOWED = frozenset(["covid", "csdlqg", "tp", "tx", "bc", "ubnd", "byt"])
TERMS = ("phân vị", "trung vị", "xác suất", "mô hình", "hồi quy", "tin cậy", "kỳ vọng", "thuật toán")


def first_page_texts(context: dict[str, Any]) -> list[str]:
    """Return every text of the first A4 page, in reading order."""
    front, fixed = context["front"], context["fixed"]
    texts = [
        context["mark"]["internal"],
        context["mark"]["simulated"],
        *context["letterhead"].values(),
        *context["title"].values(),
    ]
    texts += [*front["sentences"], front["caution"], front["confirmed"], fixed["figures"]]
    texts += [text for figure in front["figures"] for text in figure.values()]
    texts += [front["tasks_title"], *front["tasks"], front["requests_title"], *front["requests"]]
    texts += [context["page"]["footer"]]
    return [text for text in texts if text]


def count_words(texts: Iterable[str]) -> int:
    """Count words as a reader does: what stands between blanks and holds a letter or a digit."""
    return sum(any(c.isalnum() for c in word) for text in texts for word in text.split())


def check_first_page(context: dict[str, Any], units: Iterable[Unit]) -> None:
    """Raise CheckError when the first page is too long, not Vietnamese, or speaks of models."""
    texts = first_page_texts(context)
    words = count_words(texts)
    if words > WORD_LIMIT:
        raise CheckError(
            f"first page of {context['unit_code']}: {words} words, the limit is {WORD_LIMIT}; "
            "shorten the phrases in briefing/templates"
        )
    if context["language"] == "vi":
        _check_language(context, texts, units)


def _check_language(context: dict[str, Any], texts: list[str], units: Iterable[Unit]) -> None:
    names = {word for unit in units for word in _letters(unit.name)}
    head = context["letterhead"]
    names |= {word for text in (head["organisation"], head["superior"]) for word in _letters(text)}
    names |= set(_letters(context["mark"]["run"]))
    for text in texts:
        found = foreign_words(text, names) + trade_terms(text)
        if found:
            raise CheckError(
                f"first page of {context['unit_code']}: '{found[0]}' is not a word for this page; "
                "write it in plain Vietnamese in briefing/templates"
            )


def foreign_words(text: str, names: Iterable[str] = ()) -> list[str]:
    """Return the words that are neither Vietnamese syllables nor known names."""
    known = ALLOWED | set(names)
    return [
        word
        for word in _letters(text)
        if word not in known and (word in ENGLISH or not SYLLABLE.fullmatch(_unmarked(word)))
    ]


def trade_terms(text: str) -> list[str]:
    """Return the terms of statistics in a text."""
    return [term for term in TERMS if term in text.lower()]


def _letters(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", text.lower()))


def _unmarked(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(c for c in plain if not unicodedata.combining(c))
