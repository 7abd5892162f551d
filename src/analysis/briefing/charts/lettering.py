"""Letters of the pictures: their sizes, outlines and widths, and where a line breaks."""

import unicodedata
from functools import cache

from matplotlib.ft2font import FT2Font, Kerning, LoadFlags
from matplotlib.path import Path

from analysis.briefing.charts.glyphs import CHART_FONTS

# A picture is 288 points wide. On a phone of 390 pixels it is shown 366 pixels wide, on A4 at least 92 mm:
# eight points are then 10.2 pixels and 7.2 points.
WIDTH = 288.0
SMALL, TITLE = 8.0, 9.5
LINE, TITLE_LINE = 10.8, 12.8
# Outlines and widths are whole units, so many to the size of the letters: a twentieth of a point.
UNITS = 160
VERBS = {int(Path.MOVETO): "m", int(Path.LINETO): "l", int(Path.CURVE3): "q"}


@cache
def _font(bold: bool) -> FT2Font:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    font = FT2Font(str(CHART_FONTS / name))
    font.set_size(UNITS, 72)
    return font


@cache
def _advance(letter: str, bold: bool) -> int:
    font = _font(bold)
    glyph = font.load_char(ord(letter), flags=LoadFlags.NO_HINTING)
    return round(glyph.linearHoriAdvance / 65536)


@cache
def _kerning(one: str, other: str, bold: bool) -> int:
    font = _font(bold)
    pair = font.get_char_index(ord(one)), font.get_char_index(ord(other))
    return round(font.get_kerning(*pair, Kerning.UNFITTED) / 64)


def letter_places(text: str, bold: bool = False) -> tuple[list[int], int]:
    """Return where each letter of a text begins and where the last one ends, in units."""
    places, x, before = [], 0, ""
    for letter in text:
        x += _kerning(before, letter, bold) if before else 0
        places.append(x)
        x += _advance(letter, bold)
        before = letter
    return places, x


Contour = tuple[tuple[int, tuple[int, int]], ...]  # (code of matplotlib's Path, point) of one closed line


@cache
def _contours(letter: str, bold: bool) -> tuple[Contour, ...]:
    font = _font(bold)
    font.load_char(ord(letter), flags=LoadFlags.NO_HINTING)
    found: list[list[tuple[int, tuple[int, int]]]] = []
    for (x, y), code in zip(*font.get_path(), strict=True):
        if code == Path.MOVETO:
            found.append([])
        found[-1].append((int(code), (round(x), round(y))))
    return tuple(map(tuple, found))


@cache
def letter_parts(letter: str, bold: bool = False) -> tuple[str, str]:
    """Return the letter that stands inside a letter, or nothing, and the outline of the rest as data of an SVG path.

    Units, y upwards. Of "ế" these are "ê" or "e" and what is above it: few outlines make a page of Vietnamese.
    """
    own = _contours(letter, bold)
    plain = unicodedata.normalize("NFD", letter)
    for base in (unicodedata.normalize("NFC", plain[:-1]), plain[0], "\u0131"):
        inside = _contours(base, bold) if base and base != letter and len(plain) > 1 else ()
        if inside and set(inside) < set(own):
            return base, _path_data(tuple(line for line in own if line not in inside))
    return "", _path_data(own)


def _path_data(contours: tuple[Contour, ...]) -> str:
    """Write closed lines in few bytes: relative, without what a reader adds."""
    written: list[str] = []
    at = (0, 0)
    for contour in contours:
        start = contour[0][1]
        verb, i = "", 0
        while i < len(contour):
            code = contour[i][0]
            points = [point for _, point in contour[i : i + (2 if code == Path.CURVE3 else 1)]]
            i += len(points)
            if code == Path.CLOSEPOLY or (points[-1] == at and code == Path.LINETO):
                continue
            before, verb = verb, VERBS[code]
            moves = [f"{x - at[0]} {y - at[1]}" for x, y in points]
            # A verb that is the same as the one before need not be said again, nor a blank before a minus.
            written.append((" " if verb == before else verb) + " ".join(moves))
            at = points[-1]
        written.append("z")
        at = start
    return "".join(written).replace(" -", "-")


@cache
def text_width(text: str, size: float = SMALL, bold: bool = False) -> float:
    """Return how wide a text is, in points."""
    return letter_places(text, bold)[1] * size / UNITS


def widest(texts: list[str], size: float = SMALL, bold: bool = False) -> float:
    """Return the width of the widest text; 0 without any."""
    return max((text_width(text, size, bold) for text in texts), default=0.0)


def wrapped(text: str, room: float, size: float = SMALL, bold: bool = False) -> list[str]:
    """Break a text into lines no wider than `room`; a word that is wider is broken where it must be."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if text_width(longer, size, bold) <= room:
            line = longer
            continue
        lines += [line] if line else []
        *whole, line = _broken(word, room, size, bold)
        lines += whole
    return [*lines, line]


def balanced(text: str, room: float, size: float, bold: bool = False) -> list[str]:
    """Break a text into as few lines as fit, of about the same length: no word stands alone."""
    lines = wrapped(text, room, size, bold)
    while len(lines) > 1 and len(wrapped(text, room - 4, size, bold)) == len(lines):
        room -= 4
        lines = wrapped(text, room, size, bold)
    return lines


def _broken(word: str, room: float, size: float, bold: bool) -> list[str]:
    pieces, piece = [], ""
    for letter in word:
        if piece and text_width(piece + letter, size, bold) > room:
            pieces.append(piece)
            piece = ""
        piece += letter
    return [*pieces, piece]
