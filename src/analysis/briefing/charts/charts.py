"""The pictures of a briefing, drawn from its context: the same bytes every time, legible on a phone and in grey.

Each says by itself what was found, of how many, when and by whose reports: it may travel without its page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import typst
from matplotlib.figure import Figure

from analysis.briefing.charts.bridge_chart import draw_bridge
from analysis.briefing.charts.district_chart import draw_districts
from analysis.briefing.charts.entry_chart import draw_entry
from analysis.briefing.charts.frame import draw_foot, draw_title
from analysis.briefing.charts.glyphs import CHART_FONT
from analysis.briefing.charts.place_chart import draw_place
from analysis.briefing.charts.sheet import Sheet
from analysis.briefing.charts.supply_chart import draw_supply
from analysis.briefing.charts.svg_letters import TextRenderer, svg_bytes
from analysis.briefing.charts.tile_map import draw_map
from analysis.briefing.charts.week_chart import draw_weeks

PNG_DOTS_PER_INCH = 240
STYLE: Any = {
    "font.family": CHART_FONT,
    "svg.hashsalt": "baophu",
    # Names are data: a dollar sign in one is no formula.
    "text.parse_math": False,
}
# Each draws below a height and returns the height it came to.
DRAWERS: dict[str, Callable[[Sheet, float, dict[str, Any]], float]] = {
    "districts": draw_districts,
    "tiles": draw_map,
    "place": draw_place,
    "weeks": draw_weeks,
    "bridge": draw_bridge,
    "entry": draw_entry,
    "supply": draw_supply,
}


@dataclass(frozen=True)
class ChartFiles:
    """One drawn picture in its three forms, in the folder `charts` of a unit.

    `svg` has its letters as outlines (HTML: no font is needed), `print_svg` as text (PDF: the document has the
    font, the text can be searched), `png` is for programs that take no vectors.
    """

    name: str
    folder: Path

    @property
    def svg(self) -> Path:
        """The picture with outlines."""
        return self.folder / f"{self.name}.svg"

    @property
    def print_svg(self) -> Path:
        """The picture with text."""
        return self.folder / f"{self.name}.print.svg"

    @property
    def png(self) -> Path:
        """The picture as points."""
        return self.folder / f"{self.name}.png"


def draw_charts(context: dict[str, Any], folder: Path) -> dict[str, ChartFiles]:
    """Draw every chart of the context into `folder/charts`; returns the files by chart name."""
    target = folder / "charts"
    target.mkdir(parents=True, exist_ok=True)
    charts = [chart for section in context["sections"] for chart in section["charts"]]
    files = {chart["name"]: ChartFiles(chart["name"], target) for chart in charts}
    pictures = {}
    with matplotlib.rc_context(STYLE):
        for chart in charts:
            figure = draw_picture(chart, context["mark"]["chart"])
            pictures[chart["name"]] = svg_bytes(figure, chart["caption"])
            files[chart["name"]].print_svg.write_bytes(svg_bytes(figure, chart["caption"], TextRenderer))
    for name, png in _png_bytes(pictures).items():
        files[name].svg.write_bytes(pictures[name])
        files[name].png.write_bytes(png)
    return files


def draw_picture(chart: dict[str, Any], mark: str) -> Figure:
    """Draw one picture; `mark` is what a simulated run writes into each."""
    sheet = Sheet()
    top = draw_title(sheet, chart["title"])
    bottom = DRAWERS[chart["kind"]](sheet, top, chart["data"])
    return sheet.close(draw_foot(sheet, bottom, chart, mark))


def _png_bytes(pictures: Mapping[str, bytes]) -> dict[str, bytes]:
    """Turn SVG pictures into PNG, one page of a Typst document each: quicker than drawing them again."""
    if not pictures:
        return {}
    pages = "\n#pagebreak()\n".join(f'#image("{name}.svg")' for name in pictures)
    source = f"#set page(width: auto, height: auto, margin: 0pt, fill: white)\n{pages}"
    files: Any = {"main": source.encode(), **{f"{name}.svg": svg for name, svg in pictures.items()}}
    made: Any = typst.compile(files, format="png", ppi=PNG_DOTS_PER_INCH)
    return dict(zip(pictures, made if isinstance(made, list) else [made], strict=True))
