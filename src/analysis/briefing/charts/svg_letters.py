"""SVG of a picture with every letter's outline written once, in a few bytes: pages hold six pictures each.

Matplotlib writes outlines in full and several times the bytes and the time; what it draws beside letters is its own.
"""

import io
from typing import Any

from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from analysis.briefing.charts.glyphs import CHART_FONT
from analysis.briefing.charts.lettering import UNITS, letter_parts, letter_places


class LetterRenderer(RendererSVG):
    """Matplotlib's SVG with our letters, and without the groups that only an editor of drawings needs."""

    def __init__(self, width: float, height: float, out: Any, **options: Any) -> None:
        super().__init__(width, height, out, **options)  # type: ignore[no-untyped-call]
        self.writer: Any  # matplotlib's writer of XML, which has no types
        self._letters: dict[tuple[str, bool], str] = {}

    def open_group(self, s: str, gid: str | None = None) -> None:
        """Leave out the group."""

    def close_group(self, s: str) -> None:
        """Leave out the group."""

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> tuple[float, float, float]:
        """Return the measures of a line of text in points."""
        size = prop.get_size_in_points()
        return letter_places(s, prop.get_weight() == "bold")[1] * size / UNITS, size, 0.24 * size

    def draw_text(
        self,
        gc: Any,
        x: float,
        y: float,
        s: str,
        prop: Any,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        """Draw a line of text from its left end on its base line."""
        bold = prop.get_weight() == "bold"
        names = [self._name(letter, bold) for letter in s]
        scale = prop.get_size_in_points() / UNITS
        place = f"translate({x:.2f} {y:.2f}) scale({scale:g} {-scale:g})"
        self.writer.start("g", attrib={"fill": to_hex(gc.get_rgb()), "transform": place})
        for name, left in zip(names, letter_places(s, bold)[0], strict=True):
            if name:
                self.writer.element("use", attrib={"href": f"#{name}", "x": str(left)})
        self.writer.end("g")

    def _name(self, letter: str, bold: bool) -> str:
        """Return the name of a letter's outline, for it and the letter it begins with; empty for a blank."""
        base, outline = letter_parts(letter, bold)
        if not base and not outline:
            return ""
        if base:
            self._name(base, bold)
        return self._letters.setdefault((letter, bold), f"{'b' if bold else 'a'}{len(self._letters)}")

    def finalize(self) -> None:
        """Write the outlines of all letters that were used, and end the picture."""
        self.writer.start("defs")
        for (letter, bold), name in self._letters.items():
            base, outline = letter_parts(letter, bold)
            if not base:
                self.writer.element("path", attrib={"id": name, "d": outline})
                continue
            self.writer.start("g", id=name)
            self.writer.element("use", attrib={"href": f"#{self._letters[base, bold]}"})
            self.writer.element("path", attrib={"d": outline})
            self.writer.end("g")
        self.writer.end("defs")
        super().finalize()  # type: ignore[no-untyped-call]


class TextRenderer(LetterRenderer):
    """The same picture with its letters as text, for a document that brings the font: small, and text in it."""

    def draw_text(
        self,
        gc: Any,
        x: float,
        y: float,
        s: str,
        prop: Any,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        """Write a line of text from its left end on its base line."""
        look = {"fill": to_hex(gc.get_rgb()), "x": f"{x:.2f}", "y": f"{y:.2f}", "xml:space": "preserve"}
        look |= {"font-family": CHART_FONT, "font-size": f"{prop.get_size_in_points():g}"}
        self.writer.element("text", s, attrib=look | {"font-weight": prop.get_weight()})


def svg_bytes(figure: Figure, title: str, renderer_of: type[LetterRenderer] = LetterRenderer) -> bytes:
    """Return a picture as SVG: the same bytes every time, without a date or the name of a program."""
    buffer = io.StringIO()
    width, height = figure.get_size_inches() * 72
    figure.dpi = 72
    metadata = {"Date": None, "Creator": None, "Format": None, "Type": None, "Title": title}
    renderer = renderer_of(width, height, buffer, image_dpi=72, metadata=metadata)
    figure.draw(renderer)
    renderer.finalize()
    lines = (line.strip() for line in buffer.getvalue().splitlines())
    return "\n".join(line for line in lines if line).encode()
