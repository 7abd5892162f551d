"""The web page of a briefing: parts shown in the notebook, and the page nbconvert makes of them."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nbconvert.exporters import HTMLExporter

from analysis.briefing.charts.charts import ChartFiles
from analysis.briefing.figures.wording import HELD_NAMES, TEMPLATES
from analysis.errors import CheckError

# Outputs with this mark are the page; everything else a notebook shows stays out of it.
PART_MARK = "baophu"
_TEXT = re.compile(r">[^<]+")  # between two tags
# What may not stand in such an address; all other letters stay readable, also for the search for people's data.
ESCAPED = {"%": "%25", "#": "%23", "<": "%3C", ">": "%3E", '"': "%22"}
PUBLISHABLE = "publishable"  # the label, in a notebook's own metadata, of the one kind that becomes a page


class PagePart:
    """A part of the page as a notebook shows it: HTML of our own templates, marked for the export."""

    def __init__(self, html: str, about: dict[str, str]) -> None:
        self.html = html
        self.about = about

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        return {"text/html": self.html}, {PART_MARK: self.about}


@cache
def page_templates() -> Environment:
    """Return our HTML templates; every value is escaped, a missing one is an error."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def marks_line(mark: Mapping[str, str]) -> str:
    """Return the marks that head every page as one line; empty when there are none."""
    return " · ".join(text for text in (mark["internal"], mark["simulated"]) if text)


def paper_marks(mark: Mapping[str, str]) -> str:
    """Return the marks of what is signed and filed: a draft until the run is approved."""
    return " · ".join(text for text in (mark["draft"], marks_line(mark)) if text)


def without_internal(mark: Mapping[str, str]) -> dict[str, str]:
    """Return the marks of a released copy: the same, but neither internal nor a draft any longer."""
    return {**mark, "internal": "", "draft": ""}


def show_front(context: dict[str, Any]) -> PagePart:
    """Return the first screen of a briefing."""
    html = page_templates().get_template("front.html.j2").render(context)
    about = {"part": "front", "language": context["language"], "mark": marks_line(context["mark"])}
    return PagePart(html, about | context["page"] | {"back": context["fixed"]["back"]})


def show_sections(context: dict[str, Any], charts: Mapping[str, ChartFiles], group: str) -> PagePart:
    """Return the sections of one group (`coverage`, `data`, `plan`, `method`) with their charts inside."""
    sections = [part for part in context["sections"] if part["group"] == group]
    pictures = {c["name"]: _data_address(charts[c["name"]]) for part in sections for c in part["charts"]}
    template = page_templates().get_template("sections.html.j2")
    html = template.render(sections=sections, pictures=pictures)
    return PagePart(html, {"part": group})


def _data_address(chart: ChartFiles) -> str:
    """Return a picture as an address that holds it: as text, which is a fifth shorter than in base 64."""
    drawn = chart.svg.read_text(encoding="utf-8")
    if "'" not in drawn:
        drawn = drawn.replace('"', "'")  # a quotation mark would have to be written with three characters
    for letter, written in ESCAPED.items():
        drawn = drawn.replace(letter, written)
    return "data:image/svg+xml," + drawn


def page_style() -> str:
    """Return the style sheet of every page."""
    return (TEMPLATES / "page.css").read_text(encoding="utf-8")


def security_policy(style: str, *scripts: str) -> str:
    """Return the content security policy: our own style and scripts by their hashes, pictures inside the page."""
    allowed = f" script-src {' '.join(map(_hash, scripts))};" if scripts else ""
    return f"default-src 'none'; img-src data:; style-src {_hash(style)};{allowed} base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"


@cache
def _exporter() -> HTMLExporter:
    return HTMLExporter(template_name="page", extra_template_basedirs=[str(TEMPLATES)])


def export_html(executed_notebook: Path, html: Path) -> Path:
    """Make the page of an executed briefing notebook: its marked parts in their order, nothing else.

    Raises CheckError for a notebook that its label does not call publishable, and for one that shows no first
    screen, so that no empty page is published.
    """
    notebook = nbformat.read(executed_notebook, as_version=4)
    zone = notebook.metadata.get(PART_MARK, {}).get("zone", "no")
    if zone != PUBLISHABLE:
        raise CheckError(
            f"{executed_notebook.name}: its label says '{zone}', so it is not made a page; only notebooks of the "
            f"briefing, labelled '{PUBLISHABLE}', are"
        )
    parts = _marked_parts(notebook)
    if not parts or parts[0][1].get("part") != "front":
        raise CheckError(
            f"{executed_notebook.name}: the notebook shows no briefing; it did not run to its end"
        )
    return write_page(parts, html)


def write_page(parts: Sequence[tuple[str, dict[str, str]]], html: Path) -> Path:
    """Write the page of marked parts (HTML and what `PagePart.about` says), in their order."""
    style = page_style()
    about = {"style": style, "policy": security_policy(style), "parts": parts, **parts[0][1]}
    page, _ = _exporter().from_notebook_node(nbformat.v4.new_notebook(), resources={PART_MARK: about})
    html.write_bytes(unbroken(page).encode("utf-8"))
    return html


def unbroken(page: str) -> str:
    """Return a page in whose text no line breaks the illness's name or a document's number at its hyphen."""
    head, body, rest = page.partition("<body")
    return (
        head + body + _TEXT.sub(lambda text: HELD_NAMES.sub(r'<span class="nb">\g<0></span>', text[0]), rest)
    )


def _marked_parts(notebook: Any) -> list[tuple[str, dict[str, str]]]:
    """Return HTML and description of every marked output."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [
        (output["data"]["text/html"], dict(output["metadata"][PART_MARK]))
        for output in outputs
        if PART_MARK in output.get("metadata", {}) and "text/html" in output.get("data", {})
    ]
