"""The charts of a briefing, drawn from its context: the same bytes every time, legible on a phone.

Every picture is a little wider than 4 inches with letters of about 8 points: at the width of a phone
(360 pixels) they keep their size, and a printed page shows them enlarged. Labels are placed by hand, since
matplotlib's ticks and automatic layout take most of a chart's time and a run draws hundreds.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import typst
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from analysis.briefing.charts.bar_charts import draw_bars, draw_bridge, draw_entry
from analysis.briefing.charts.glyphs import CHART_FONT
from analysis.briefing.charts.tile_map import draw_map
from analysis.briefing.charts.week_chart import draw_weeks

PNG_DOTS_PER_INCH = 170
STYLE: Any = {
    "font.family": CHART_FONT,
    "font.size": 8.5,
    "svg.hashsalt": "baophu",
    "svg.fonttype": "path",
    # Names are data: a dollar sign in one is no formula.
    "text.parse_math": False,
}
DRAWERS: dict[str, Callable[[dict[str, Any]], Figure]] = {
    "bars": draw_bars,
    "entry": draw_entry,
    "weeks": draw_weeks,
    "bridge": draw_bridge,
    "tiles": draw_map,
}


@dataclass(frozen=True)
class ChartFiles:
    """One drawn chart: the same picture as SVG (for HTML and PDF) and as PNG (for DOCX)."""

    name: str
    svg: Path
    png: Path


def draw_charts(context: dict[str, Any], folder: Path) -> dict[str, ChartFiles]:
    """Draw every chart of the context into `folder/charts`; returns the files by chart name."""
    target = folder / "charts"
    target.mkdir(parents=True, exist_ok=True)
    charts = [chart for section in context["sections"] for chart in section["charts"]]
    with matplotlib.rc_context(STYLE):
        pictures = {c["name"]: _svg_bytes(c, context["mark"]["chart"]) for c in charts}
    files = {name: ChartFiles(name, target / f"{name}.svg", target / f"{name}.png") for name in pictures}
    for name, png in _png_bytes(pictures).items():
        files[name].svg.write_bytes(pictures[name])
        files[name].png.write_bytes(png)
    return files


def _svg_bytes(chart: dict[str, Any], mark: str) -> bytes:
    """Draw one chart as SVG; a simulated run is marked inside the picture, which may travel alone."""
    figure = DRAWERS[chart["kind"]](chart["data"])
    if mark:
        figure.text(0.99, 0.006, mark, ha="right", va="bottom", fontsize=6.5, color="#8a1c1c")
    buffer = io.BytesIO()
    metadata = {"Date": None, "Creator": None, "Title": chart["caption"]}
    FigureCanvasSVG(figure).print_svg(buffer, metadata=metadata)  # type: ignore[no-untyped-call]
    return buffer.getvalue()


def _png_bytes(pictures: Mapping[str, bytes]) -> dict[str, bytes]:
    """Turn SVG pictures into PNG, one page of a Typst document each: quicker than drawing them again."""
    if not pictures:
        return {}
    pages = "\n#pagebreak()\n".join(f'#image("{name}.svg")' for name in pictures)
    source = f"#set page(width: auto, height: auto, margin: 0pt, fill: white)\n{pages}"
    files: Any = {"main": source.encode(), **{f"{name}.svg": svg for name, svg in pictures.items()}}
    made: Any = typst.compile(files, format="png", ppi=PNG_DOTS_PER_INCH)
    return dict(zip(pictures, made if isinstance(made, list) else [made], strict=True))
