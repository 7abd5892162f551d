"""Letters of the pictures: their sizes, outlines and widths, and where a line breaks."""

from functools import cache

import matplotlib
from matplotlib.ft2font import FT2Font, Kerning, LoadFlags
from matplotlib.path import Path

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
    font = FT2Font(f"{matplotlib.get_data_path()}/fonts/ttf/{name}")
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


@cache
def letter_outline(letter: str, bold: bool = False) -> str:
    """Return a letter's outline in units as the data of an SVG path, y upwards; empty for a blank."""
    font = _font(bold)
    font.load_char(ord(letter), flags=LoadFlags.NO_HINTING)
    vertices, codes = font.get_path()
    points = [(round(x), round(y)) for x, y in vertices]
    written: list[str] = []
    at = start = (0, 0)
    i, verb = 0, ""
    while i < len(codes):
        count = 2 if codes[i] == Path.CURVE3 else 1
        if codes[i] == Path.CLOSEPOLY:
            written.append("z")
            at, verb = start, "z"
        elif points[i + count - 1] != at or count == 2:
            before, verb = verb, VERBS[int(codes[i])]
            moves = [f"{x - at[0]} {y - at[1]}" for x, y in points[i : i + count]]
            # A verb that is the same as the one before need not be said again, nor a blank before a minus.
            written.append((" " if verb == before else verb) + " ".join(moves))
            at = points[i + count - 1]
            start = at if verb == "m" else start
        i += count
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
