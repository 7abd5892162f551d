"""The national map as a grid of tiles: one for each of the 63 provinces and the two archipelagos.

No freely licensed border drawing of the 63 provinces shows Hoàng Sa (Đà Nẵng) and Trường Sa
(Khánh Hòa), which every official national map must show; a tile grid draws no border at all
(sources page-3).
"""

from typing import Any

from analysis.briefing.charts.frame import EDGE
from analysis.briefing.charts.lettering import LINE, SMALL, WIDTH
from analysis.briefing.charts.palette import BANDS, INK, MISSING, OUTLINE, QUIET, ink_on
from analysis.briefing.charts.sheet import Box, Sheet

TILE = (40.6, 21.8)
GAP = 1.0
KEY_ROW = 9.0  # the legend lies in the empty west of the narrow centre of the country
KEY_STEP = 15.0
LABEL_DOWN, TEXT_DOWN = 5.7, 15.1  # from a tile's top to the middles of its two lines


def draw_map(sheet: Sheet, top: float, data: dict[str, Any]) -> float:
    """Draw the tiles with name and percentage, filled by band, and the legend of the bands."""
    lows = [band["low"] for band in data["bands"]]
    for tile in data["tiles"]:
        _draw_tile(sheet, top, tile, lows)
    _draw_key(sheet, top + KEY_ROW * TILE[1], data)
    rows: int = 1 + max(tile["row"] for tile in data["tiles"])
    return top + rows * TILE[1]


def tile_box(top: float, tile: dict[str, Any]) -> Box:
    """Return where a tile lies; an archipelago's, with its province below, is wider and ends at the edge."""
    left, upper = EDGE + tile["column"] * TILE[0], top + tile["row"] * TILE[1]
    right = left + TILE[0] - GAP
    if tile["kind"] == "archipelago":
        left, right = left - 0.55 * TILE[0], WIDTH - EDGE
    return (left, upper, right, upper + TILE[1] - GAP)


def _draw_tile(sheet: Sheet, top: float, tile: dict[str, Any], lows: list[float]) -> None:
    box = tile_box(top, tile)
    fill = MISSING if tile["kind"] == "archipelago" else tile_colour(tile["value"], lows)
    draw_ground(sheet, box, fill, is_missing=tile["kind"] == "province" and tile["value"] is None)
    ink, middle = ink_on(fill), (box[0] + box[2]) / 2
    sheet.write(middle, box[1] + LABEL_DOWN, tile["label"], SMALL, ink, "center")
    sheet.write(
        middle, box[1] + TEXT_DOWN, tile["text"], SMALL, ink, "center", bold=tile["value"] is not None
    )


def draw_ground(sheet: Sheet, box: Box, fill: str, is_missing: bool = False) -> None:
    """Draw a fill; one too pale to stand on paper by itself has an outline, a dashed one where nothing is known."""
    if is_missing:
        sheet.block(box, fill, QUIET, 0.9, (2, 1.5))
    elif fill in (BANDS[-1], MISSING):
        sheet.block(box, fill, OUTLINE, 0.8)
    else:
        sheet.block(box, fill)


def tile_colour(value: float | None, lows: list[float]) -> str:
    """Return the colour of a percentage: that of the first band whose lower bound it reaches."""
    if value is None:
        return MISSING
    return BANDS[next(i for i, low in enumerate(lows) if value >= low)]


def _draw_key(sheet: Sheet, top: float, data: dict[str, Any]) -> None:
    entries = [(fill, band["label"], False) for fill, band in zip(BANDS, data["bands"], strict=True)]
    if any(tile["kind"] == "province" and tile["value"] is None for tile in data["tiles"]):
        entries.append((MISSING, data["missing"], True))
    for place, (fill, label, is_missing) in enumerate(entries):
        y = top + KEY_STEP * place
        draw_ground(sheet, (EDGE, y, EDGE + 16, y + LINE), fill, is_missing)
        sheet.write(EDGE + 21, y + LINE / 2, label, SMALL, INK)
