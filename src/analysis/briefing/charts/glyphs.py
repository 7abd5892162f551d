"""Letters that can be drawn: a run whose pages would show boxes is refused, not published."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
import typst
from matplotlib.ft2font import FT2Font

from analysis.errors import MachineError

CHART_FONT = "DejaVu Sans"
CHART_FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"  # matplotlib brings it
# 30/2020/NĐ-CP asks for Times New Roman; Tinos has its measures; Libertinus Serif comes with Typst.
DOCUMENT_FONTS = ("Times New Roman", "Tinos", "Libertinus Serif")
VIETNAMESE = "ăâđêôơưĂÂĐÊÔƠƯ" + "".join(map(chr, range(0x1EA0, 0x1EFA)))


@cache
def _chart_letters() -> frozenset[int]:
    return frozenset(FT2Font(str(CHART_FONTS / "DejaVuSans.ttf")).get_charmap())


def check_glyphs(context: dict[str, Any]) -> None:
    """Raise MachineError when a letter of the page is in no font of the charts (the PDF checks its own)."""
    missing = sorted({c for text in _texts(context) for c in text if not _is_drawn(c)})
    if missing:
        raise MachineError(
            f"page of {context['unit_code']}: the letter U+{ord(missing[0]):04X} is in no font at hand "
            "and would print as a box; correct the text or install a font that has it"
        )


def _is_drawn(letter: str) -> bool:
    return letter in "\n\t" or ord(letter) in _chart_letters()


def _texts(value: Any) -> Iterator[str]:
    """Yield every text inside plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


@cache
def document_font() -> str:
    """Return the first font of the decree's list that is at hand and has every Vietnamese letter."""
    fonts = typst.Fonts().fonts()
    for family in DOCUMENT_FONTS[:-1]:
        paths = [f.path for f in fonts if f.family == family and f.path]
        if paths and all(_has_vietnamese(path) for path in paths):
            return family
    return DOCUMENT_FONTS[-1]


def _has_vietnamese(path: str) -> bool:
    letters = FT2Font(path).get_charmap()
    return all(ord(letter) in letters for letter in VIETNAMESE)
