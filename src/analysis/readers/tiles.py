"""Districts as a map of tiles: each province a block at its place in the country, each district a tile in it.

No freely licensed border drawing shows the districts of 2021 with Hoàng Sa and Trường Sa (sources page-3); tiles
draw no border. Within a province, districts stand in the order of their codes, not at their places.
"""

import math
from functools import cache

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from analysis.errors import RequestError
from analysis.pictures import Picture, as_picture
from analysis.readers.opening import name_units
from analysis.reference import read_province_tiles
from analysis.settings import parse_provinces

SHAPE = 1.8  # a block is that much wider than high
COLOURS = "cividis"
MISSING = "#ffffff"
DARK = 1.5  # sum of red, green and blue below which ink is white
ARCHIPELAGOS = {"498": "Hoàng Sa", "576": "Trường Sa"}


def district_tiles(province_code: str | None = None) -> pd.DataFrame:
    """Return where each district's tile lies, one row a district, of the country or of one province.

    Columns: unit_code, unit_name, province_code, block (the label of its province or archipelago), left, bottom, width,
    height (the country: one block is 1 wide and 1 high; rows go down from 0). Raises RequestError for an unknown
    province.
    """
    return _placed_tiles(None if province_code is None else parse_provinces((province_code,))[0]).copy()


@cache
def _placed_tiles(province_code: str | None) -> pd.DataFrame:
    units = name_units().query("unit_level == 'district'").sort_values("unit_code")
    if province_code is not None:
        units = units[units["province_code"] == province_code]
    blocks = {(t.kind, t.label if t.kind == "archipelago" else t.province_code): t for t in _blocks()}
    placed = []
    for code, districts in units.groupby("province_code", sort=True):
        far = [u for u in districts["unit_code"] if u in ARCHIPELAGOS and province_code is None]
        near = districts[~districts["unit_code"].isin(far)]
        block = blocks["province", str(code)]
        at = (0, 0) if province_code is not None else (block.column, block.row)
        placed.append(_tiles_of_block(near, str(block.label), *at))
        for unit in far:
            block = blocks["archipelago", ARCHIPELAGOS[unit]]
            placed.append(
                _tiles_of_block(
                    districts[districts["unit_code"] == unit], str(block.label), block.column, block.row
                )
            )
    return pd.concat(placed, ignore_index=True)


def _blocks() -> list[pd.Series]:
    tiles = read_province_tiles()
    return [row for _, row in tiles.iterrows()]


def _tiles_of_block(districts: pd.DataFrame, label: str, column: int, row: int) -> pd.DataFrame:
    """Return a block's districts in rows of equal tiles, as nearly square as the block allows."""
    across = max(1, math.ceil(math.sqrt(len(districts) * SHAPE / 1.4)))
    down = math.ceil(len(districts) / across)
    place = pd.Series(range(len(districts)), index=districts.index)
    width, height = 0.96 / across, 0.72 / down
    return pd.DataFrame(
        {
            "unit_code": districts["unit_code"],
            "unit_name": districts["unit_name"],
            "province_code": districts["province_code"],
            "block": label,
            "left": column + (place % across) * width,
            "bottom": -row - 0.24 - (place // across + 1) * height,
            "width": width,
            "height": height,
        }
    )


def draw_districts(
    frame: pd.DataFrame, column: str = "coverage_pct", province_code: str | None = None, title: str = ""
) -> Picture:
    """Draw one figure of every district as a map of tiles, of the country or of one province with names.

    `frame` is a reader's, one row a district (`unit_level="district"`, one day, one age group …); other rows are left
    out. A district without a figure is white and crossed. Raises RequestError for a column that the frame lacks and for
    two rows of one district.
    """
    if column not in frame.select_dtypes("number").columns:
        raise RequestError(f"draw_districts: the frame has no column of numbers '{column[:40]}'")
    own = frame[frame["unit_level"] == "district"]
    if own["unit_code"].duplicated().any():
        raise RequestError(
            "draw_districts: two rows of one district; choose one day, basis, age group and status"
        )
    values = own.set_index("unit_code")[column].astype("float64")
    tiles = district_tiles(province_code)
    tiles = tiles.assign(value=tiles["unit_code"].map(values))
    return as_picture(_figure(tiles, title or column, column, has_names=province_code is not None))


def _figure(tiles: pd.DataFrame, title: str, column: str, has_names: bool) -> Figure:
    known = tiles["value"].dropna()
    scale = Normalize(*((known.min(), known.max()) if len(known) else (0, 1)))
    figure = Figure(figsize=(8, 4.6) if has_names else (9, 13))
    axes = figure.add_axes((0.01, 0.01, 0.86, 0.93))
    for is_known, part in tiles.groupby(tiles["value"].notna()):
        drawn = PolyCollection(
            list(_corners(part)), edgecolor="0.55", linewidth=0.4, hatch=None if is_known else "xxx"
        )
        if is_known:
            drawn.set(array=part["value"].to_numpy(), cmap=COLOURS, norm=scale)
            figure.colorbar(drawn, cax=figure.add_axes((0.89, 0.3, 0.025, 0.4)), label=column)
        else:
            drawn.set_facecolor(MISSING)
        axes.add_collection(drawn)
    for label, block in tiles.groupby("block"):
        axes.text(
            block["left"].min(), (block["bottom"] + block["height"]).max() + 0.03, str(label), fontsize=8
        )
    if has_names:
        _write_names(axes, tiles, scale)
    axes.autoscale_view()
    axes.set_axis_off()
    axes.set_title(title)
    return figure


def _corners(tiles: pd.DataFrame) -> NDArray[np.float64]:
    """Return the four corners of each tile, a gap left to its sisters."""
    left, bottom = tiles["left"].to_numpy(), tiles["bottom"].to_numpy()
    right, top = left + 0.94 * tiles["width"].to_numpy(), bottom + 0.92 * tiles["height"].to_numpy()
    corners: NDArray[np.float64] = np.array(
        [[left, left, right, right], [bottom, top, top, bottom]]
    ).transpose(2, 1, 0)
    return corners


def _write_names(axes: Axes, tiles: pd.DataFrame, scale: Normalize) -> None:
    """Write into each tile its district, without the kind of unit, and its figure, in ink that can be read."""
    colours = colormaps[COLOURS]
    for left, bottom, width, height, value, name in tiles[
        ["left", "bottom", "width", "height", "value", "unit_name"]
    ].itertuples(index=False):
        is_known = not pd.isna(value)
        words = str(name).removeprefix("Thành phố ").removeprefix("Thị xã ").removeprefix("Huyện ")
        text = f"{words}\n{value:.1f}".replace(".", ",") if is_known else words
        ink = "white" if is_known and sum(colours(scale(value))[:3]) < DARK else "black"
        axes.text(
            left + 0.47 * width, bottom + 0.46 * height, text, ha="center", va="center", fontsize=7, color=ink
        )
