"""The national map of the index page: the tiles of picture 2 as links, readable and reachable without a script.

Letters are text here: each is given the width that its outline has in the picture, so that it fits its tile in
whatever font the reader's machine has.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.briefing.charts.frame import EDGE
from analysis.briefing.charts.lettering import SMALL, WIDTH, text_width
from analysis.briefing.charts.palette import BANDS, MISSING, ink_on
from analysis.briefing.charts.sheet import LOWERED
from analysis.briefing.charts.tile_map import (
    KEY_ROW,
    KEY_STEP,
    LABEL_DOWN,
    TEXT_DOWN,
    TILE,
    tile_box,
    tile_colour,
)
from analysis.briefing.figures.pictures_coverage import map_picture
from analysis.briefing.figures.reading import UnitTables
from analysis.briefing.figures.units import COUNTRY, document_stem, map_tiles, provinces
from analysis.briefing.figures.wording import Words

KEY_BOX = (16.0, 10.8)


def map_links(units: Sequence[str], tables: UnitTables, words: Words) -> dict[str, Any] | None:
    """Return what the map shows and where its tiles lead; None for a run of provinces that has no national page."""
    if COUNTRY not in units:
        return None
    picture = map_picture(tables, words)
    lows = [band["low"] for band in picture["data"]["bands"]]
    pairs = zip(picture["data"]["tiles"], map_tiles(), strict=True)
    pages = {code: f"{document_stem(tables.run, code, words.language)}.html" for code in units}
    tiles = [_tile(drawn, tile.province_code, pages, lows, words) for drawn, tile in pairs]
    rows = 1 + max(tile["row"] for tile in picture["data"]["tiles"])
    return {
        "title": picture["title"],
        "alt": picture["alt"],
        "foot": picture["foot"],
        "width": f"{WIDTH:g}",
        "height": f"{rows * TILE[1]:g}",
        "tiles": tiles,
        "key": _key(picture["data"], any(tile["is_missing"] for tile in tiles)),
    }


def _tile(
    drawn: dict[str, Any], code: str, pages: Mapping[str, str], lows: list[float], words: Words
) -> dict[str, Any]:
    """Return one tile: its box, its two lines of text, its whole name, and the page that it opens."""
    left, top, right, bottom = tile_box(0.0, drawn)
    is_province = drawn["kind"] == "province"
    fill = tile_colour(drawn["value"], lows) if is_province else MISSING
    value = f"{drawn['text']}%" if drawn["value"] is not None else words("heed.no_figure")
    said = {"unit": provinces()[code].short_name if is_province else drawn["label"]}
    middle = (left + right) / 2
    is_known = drawn["value"] is not None
    return {
        "is_missing": is_province and not is_known,
        "box": _box(left, top, right - left, bottom - top),
        "look": _look(fill, is_province and not is_known),
        "ink": ink_on(fill),
        "name": words("portal.tile", **said, value=value) if is_province else f"{drawn['label']} {drawn['text']}",
        "page": pages.get(code, "") if is_province else "",
        "lines": [
            _line(drawn["label"], middle, top + LABEL_DOWN, bold=False),
            _line(drawn["text"], middle, top + TEXT_DOWN, bold=is_known),
        ],
    }  # fmt: skip


def _box(left: float, top: float, width: float, height: float) -> dict[str, str]:
    return {n: f"{v:.1f}" for n, v in {"x": left, "y": top, "width": width, "height": height}.items()}


def _look(fill: str, is_missing: bool) -> str:
    """Return the class of a tile's ground: its band, highest first, or nothing known."""
    if is_missing:
        return "unknown"
    return "sea" if fill == MISSING else f"band-{BANDS.index(fill)}"


def _line(text: str, middle: float, y: float, bold: bool) -> dict[str, Any]:
    width = text_width(text, SMALL, bold)
    return {
        "text": text,
        "x": f"{middle:.1f}",
        "y": f"{y + LOWERED * SMALL:.1f}",
        "width": f"{width:.1f}",
        "bold": bold,
    }


def _key(data: dict[str, Any], has_missing: bool) -> list[dict[str, Any]]:
    """Return the legend, which lies where the country is narrow."""
    entries = [(f"band-{i}", band["label"]) for i, band in enumerate(data["bands"])]
    entries += [("unknown", data["missing"])] if has_missing else []
    top = KEY_ROW * TILE[1]
    return [
        {
            "look": look,
            "text": label,
            "box": _box(EDGE, top + KEY_STEP * i, *KEY_BOX),
            "x": f"{EDGE + 21:g}",
            "y": f"{top + KEY_STEP * i + KEY_BOX[1] / 2 + LOWERED * SMALL:.1f}",
            "width": f"{text_width(label, SMALL):.1f}",
        }
        for i, (look, label) in enumerate(entries)
    ]
