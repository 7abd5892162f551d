"""The documents read back: the same strings in HTML, PDF and DOCX, marked, tagged, safe and repeatable."""

import base64
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
import nbformat
import pandas as pd
import pytest
from pypdf import PdfReader

from analysis.briefing.charts.charts import draw_charts
from analysis.briefing.charts.glyphs import VIETNAMESE
from analysis.briefing.documents.documents import write_pdf
from analysis.briefing.documents.web_page import export_html, without_internal
from analysis.briefing.documents.word_document import write_docx
from analysis.briefing.figures.first_page import WORD_LIMIT, count_words
from analysis.errors import CheckError, MachineError
from analysis.pipeline import NOTEBOOKS
from analysis.settings import RunParameters


def packed(text: str) -> str:
    """Return a text without blanks: line breaks differ between formats, letters must not."""
    return re.sub(r"\s+", "", text).replace("\u00ad", "")


def strings_of_page(context: dict[str, Any]) -> Iterator[str]:
    """Yield every string that all formats must show."""
    front = context["front"]
    yield from [context["title"]["subject"], *front["sentences"], front["confirmed"], *front["tasks"]]
    for figure in front["figures"]:
        yield from figure.values()
    for part in context["sections"]:
        # On paper the one section of a chapter goes by the chapter's name.
        yield part["chapter"] if part["is_alone"] else part["title"]
        yield from [*part["paragraphs"], *part["notes"]]
        for chart in part["charts"]:
            yield chart["caption"]
        for table in part["tables"]:
            yield from [table["caption"], *(column["title"] for column in table["columns"])]
            for row in table["rows"]:
                yield from row["cells"]


class TextOfPage(HTMLParser):
    """Collects text, tags and attributes of an HTML page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    def handle_data(self, data: str) -> None:
        if not self._style:
            self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def text_of_docx(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        parts = [n for n in archive.namelist() if re.fullmatch(r"word/(document|header\d|footer\d)\.xml", n)]
        xml = "".join(archive.read(name).decode("utf-8") for name in parts)
    xml = xml.replace("<w:noBreakHyphen/>", "<w:t>-</w:t>")
    return unescape("".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", xml)))


@cache
def pages_of_pdf(path: Path) -> tuple[str, ...]:
    return tuple(page.extract_text() for page in PdfReader(path).pages)


@pytest.fixture(params=["ha_giang", "national"])
def made(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def test_every_string_stands_in_every_format(made: Any) -> None:
    pdf = packed(" ".join(pages_of_pdf(made.pdf)))
    html, word = packed(" ".join(TextOfPage(made.html).texts)), packed(text_of_docx(made.docx))
    wanted = {packed(text) for text in strings_of_page(made.context)}
    assert len(wanted) > 150
    for name, document in (("html", html), ("pdf", pdf), ("docx", word)):
        assert [text for text in wanted if text not in document] == [], name


def test_the_published_figures_stand_digit_for_digit(ha_giang: Any) -> None:
    pdf = pages_of_pdf(ha_giang.pdf)[0]
    word = text_of_docx(ha_giang.docx)
    for figure in ("387.978", "65,85%", "78.922", "95,56%", "83,99%", "81,63%", "69,85%", "trên 90,8 triệu"):
        assert figure in pdf and figure in word and figure in ha_giang.html, figure


def test_the_first_page_stands_alone_on_one_sheet(made: Any) -> None:
    pages = pages_of_pdf(made.pdf)
    first, second = packed(pages[0]), packed(pages[1])
    assert packed(made.context["front"]["tasks"][-1]) in first
    assert packed(made.context["sections"][0]["title"]) in second and second not in first
    assert count_words(pages[:1]) <= WORD_LIMIT


def test_the_pdf_is_a4_tagged_and_vietnamese(made: Any) -> None:
    reader = PdfReader(made.pdf)
    assert {(round(float(p.mediabox.width)), round(float(p.mediabox.height))) for p in reader.pages} == {
        (595, 842)
    }
    catalogue: Any = reader.trailer["/Root"]
    assert catalogue["/Lang"] == "vi" and catalogue["/MarkInfo"]["/Marked"]
    assert "pdfuaid:part" in reader.xmp_metadata.stream.get_data().decode("utf-8")  # type: ignore[union-attr]
    assert reader.metadata is not None and reader.metadata.title == made.context["page"]["title"]
    assert "/CreationDate" not in reader.metadata


def tags_of(path: Path) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield kind, attributes and parent's kind of every tag of a PDF."""

    def walk(node: Any, parent: str) -> Iterator[tuple[str, dict[str, Any], str]]:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for child in node:
                yield from walk(child, parent)
        elif isinstance(node, dict) and "/S" in node:
            given = node.get("/A", [])
            given = given if isinstance(given, list) else [given]
            yield node["/S"], {k: v for a in given for k, v in a.get_object().items()}, parent
            yield from walk(node.get("/K", []), node["/S"])

    root: Any = PdfReader(path).trailer["/Root"]
    yield from walk(root["/StructTreeRoot"]["/K"], "")


def test_a_screen_reader_finds_title_headings_and_headers_of_rows(made: Any) -> None:
    tags = list(tags_of(made.pdf))
    kinds = [kind for kind, *_ in tags]
    chapters = [part["chapter"] for part in made.context["sections"] if part["chapter"]]
    tables = [table for part in made.context["sections"] for table in part["tables"]]
    assert kinds.count("/H1") == 1 + len(chapters) and kinds.index("/H1") < kinds.index("/H2")
    scopes = [about.get("/Scope") for kind, about, _ in tags if kind == "/TH"]
    assert scopes.count("/Row") == sum(len(table["rows"]) for table in tables)
    assert scopes.count("/Column") == sum(len(table["columns"]) for table in tables)
    assert kinds.count("/Figure") == sum(len(part["charts"]) for part in made.context["sections"])


def test_the_fonts_are_in_the_pdf(made: Any) -> None:
    fonts = {
        str(font.get_object()["/BaseFont"]): font.get_object()
        for page in PdfReader(made.pdf).pages
        for font in page["/Resources"].get_object()["/Font"].get_object().values()  # type: ignore[union-attr]
    }
    assert fonts
    for name, font in fonts.items():
        for descendant in font.get("/DescendantFonts", [font]):
            about = descendant.get_object()["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & about.keys(), name


def test_every_vietnamese_letter_is_printed_and_read_back(ha_giang: Any, tmp_path: Path) -> None:
    """What is copied out of the PDF is what is printed: correct letters, blanks between the words."""
    letters = " ".join(VIETNAMESE[i : i + 7] for i in range(0, len(VIETNAMESE), 7))
    context = ha_giang.context | {"title": ha_giang.context["title"] | {"cut_off": letters}}
    pdf = write_pdf(context, draw_charts(ha_giang.context, tmp_path), tmp_path)
    read = " ".join(PdfReader(pdf).pages[0].extract_text().split())
    assert all(word in read for word in letters.split())
    assert " ".join(context["front"]["sentences"][0].split()) in read.replace("- ", "-")


@pytest.mark.parametrize(("kind", "words"), [("internal", "LƯU HÀNH NỘI BỘ"), ("simulated", "MÔ PHỎNG")])
def test_every_page_says_for_whom_and_of_what_it_is(made: Any, kind: str, words: str) -> None:
    mark = made.context["mark"][kind]
    assert words in mark
    assert all(packed(mark) in packed(page) for page in pages_of_pdf(made.pdf))
    part = docx.Document(str(made.docx)).sections[0]
    assert mark in "".join(p.text for p in part.header.paragraphs)
    assert mark in "".join(p.text for p in part.first_page_header.paragraphs)
    assert made.html.count(mark) >= 2


def test_real_data_carry_no_mark(sample: Callable[..., RunParameters], brief: Any, tmp_path: Path) -> None:
    made = brief(sample(simulated=False), "02", tmp_path / "real")
    assert "MÔ PHỎNG" not in made.html and "mô phỏng" not in text_of_docx(made.docx)


def test_a_released_copy_says_the_same_without_the_internal_mark(ha_giang: Any, tmp_path: Path) -> None:
    released = ha_giang.context | {"mark": without_internal(ha_giang.context["mark"])}
    charts = draw_charts(released, tmp_path)
    write_pdf(released, charts, tmp_path)
    write_docx(released, charts, tmp_path)
    stem = ha_giang.context["file_stem"]
    pairs = [(pages_of_pdf(ha_giang.pdf), pages_of_pdf(tmp_path / f"{stem}.pdf"))]
    pairs.append(((text_of_docx(ha_giang.docx),), (text_of_docx(tmp_path / f"{stem}.docx"),)))
    for internal, public in pairs:
        assert "NỘI BỘ" not in "".join(public)
        assert [packed(page.replace("DỰ THẢO · LƯU HÀNH NỘI BỘ · ", "")) for page in internal] == [
            packed(page) for page in public
        ]


def test_page_numbers_start_on_page_two(made: Any) -> None:
    pages = [page.split() for page in pages_of_pdf(made.pdf)]
    assert pages[1][0] == "2" and pages[0][0] != "1"


def test_word_tables_have_the_cells_of_the_context(made: Any) -> None:
    tables = [t for part in made.context["sections"] for t in part["tables"]]
    body = sum(len(part["tables"]) for part in made.context["sections"] if part["group"] != "method")
    found = docx.Document(str(made.docx)).tables[2:]
    shown = found[:body] + found[body + 1 :]  # between body and annexes stands the signature
    for table, spec in zip(shown, tables, strict=True):
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        assert rows[0] == [c["title"] for c in spec["columns"]]
        assert rows[1:] == [row["cells"] for row in spec["rows"]]


def test_pictures_have_their_words(made: Any) -> None:
    alts = [c["alt"] for part in made.context["sections"] for c in part["charts"]]
    assert alts and [i["alt"] for i in TextOfPage(made.html).all("img")] == alts
    xml = zipfile.ZipFile(made.docx).read("word/document.xml").decode("utf-8")
    assert re.findall(r'<wp:docPr [^>]*descr="([^"]+)"', xml) == alts


def test_the_page_runs_nothing_and_loads_nothing(made: Any) -> None:
    page = TextOfPage(made.html)
    assert page.all("html") == [{"lang": "vi"}]
    assert not page.all("script") and not page.all("link") and not page.all("iframe")
    assert "http://" not in re.sub(r"data:[^\"]+", "", made.html) and "https://" not in made.html
    assert all((image["src"] or "").startswith("data:image/svg+xml,%3C") for image in page.all("img"))
    assert not [a for _, a in page.tags if "style" in a or any(name.startswith("on") for name in a)]
    assert {a["href"] for a in page.all("a")} == {"index.html"}


def test_the_security_policy_allows_exactly_our_style(made: Any) -> None:
    style = re.search(r"<style>(.*?)</style>", made.html, re.S)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode("utf-8")).digest()).decode("ascii")
    policy = next(m for m in TextOfPage(made.html).all("meta") if "http-equiv" in m)["content"] or ""
    assert f"style-src 'sha256-{digest}'" in policy and policy.startswith("default-src 'none'")
    assert "unsafe" not in policy and "script-src" not in policy
    viewport = [m for m in TextOfPage(made.html).all("meta") if m.get("name") == "viewport"]
    assert viewport[0]["content"] == "width=device-width, initial-scale=1"


def test_the_name_of_the_illness_never_breaks_on_a_page(made: Any) -> None:
    texts = re.findall(r"<(\w+)[^>]*>([^<]*COVID-19[^<]*)", made.html.partition("<body")[2])
    assert texts and {(tag, text) for tag, text in texts} == {("span", "COVID-19")}
    assert ".nb { white-space: nowrap; }" in made.html


def test_code_and_stray_outputs_stay_out_of_the_page(made: Any) -> None:
    assert "secret_source" not in made.html and "stray output" not in made.html and "show()" not in made.html


def test_a_notebook_that_shows_no_briefing_gives_no_page(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(metadata={"baophu": {"zone": "publishable"}})
    notebook.cells = [nbformat.v4.new_code_cell("1")]
    nbformat.write(notebook, tmp_path / "n.ipynb")
    with pytest.raises(CheckError, match="shows no briefing"):
        export_html(tmp_path / "n.ipynb", tmp_path / "n.html")
    assert not (tmp_path / "n.html").exists()


@pytest.mark.parametrize("name", ["1_clean", "4_trends", "explore_links", "unlabelled"])
def test_a_notebook_of_another_zone_is_refused_by_its_label(ha_giang: Any, name: str, tmp_path: Path) -> None:
    notebook = nbformat.read(ha_giang.folder / "executed.ipynb", as_version=4)
    source = NOTEBOOKS / f"{name}.ipynb"
    notebook.metadata = nbformat.read(source, as_version=4).metadata if source.is_file() else {}
    nbformat.write(notebook, tmp_path / "n.ipynb")
    with pytest.raises(CheckError, match="its label says"):
        export_html(tmp_path / "n.ipynb", tmp_path / "n.html")
    assert not (tmp_path / "n.html").exists()


def test_the_same_run_gives_the_same_bytes(
    whole_run: RunParameters, ha_giang: Any, brief: Any, tmp_path: Path
) -> None:
    again = brief(whole_run, "02", tmp_path)
    for name in (
        "context.json",
        "02-ha-giang.pdf",
        "02-ha-giang.docx",
        "02-ha-giang.html",
        "02-ha-giang.xlsx",
    ):
        assert (tmp_path / name).read_bytes() == (ha_giang.folder / name).read_bytes(), name
    for chart in sorted((tmp_path / "charts").iterdir()):
        assert chart.read_bytes() == (ha_giang.folder / "charts" / chart.name).read_bytes(), chart.name
    assert again.context == ha_giang.context


HOSTILE = '<script>alert(1)</script> {{ 7*7 }} #panic("x") $x$ *a* =1 "&amp;'


def test_hostile_text_is_only_text(sample: Callable[..., RunParameters], brief: Any, tmp_path: Path) -> None:
    """A denominator's source comes from an outside file; it is printed as it is and does nothing."""

    def hostile(tables: dict[str, pd.DataFrame]) -> None:
        tables["coverage"]["population_source"] = HOSTILE

    made = brief(sample(edit=hostile, note=HOSTILE), "02", tmp_path / "h")
    page = TextOfPage(made.html)
    assert not page.all("script") and packed(HOSTILE) in packed("".join(page.texts))
    pdf = " ".join(pages_of_pdf(made.pdf))
    assert packed('{{ 7*7 }} #panic("x") $x$ *a*') in packed(pdf)
    word = text_of_docx(made.docx)
    assert packed("<script>alert(1)</script> {{ 7*7 }}") in packed(word)


def test_a_letter_the_printed_font_lacks_is_refused(ha_giang: Any, tmp_path: Path) -> None:
    context = ha_giang.context | {"title": ha_giang.context["title"] | {"subject": "Tiến độ 好"}}
    charts = draw_charts(ha_giang.context, tmp_path)
    with pytest.raises(MachineError, match="would print as a box"):
        write_pdf(context, charts, tmp_path)
    assert not list(tmp_path.glob("*.pdf"))


def test_word_archives_have_no_times_of_their_making(ha_giang: Any, tmp_path: Path) -> None:
    charts = draw_charts(ha_giang.context, tmp_path)
    archive = zipfile.ZipFile(io.BytesIO(write_docx(ha_giang.context, charts, tmp_path).read_bytes()))
    assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert "2021-11-07T00:00:00Z" in archive.read("docProps/core.xml").decode("utf-8")


def test_the_map_shows_the_archipelagos(national: Any) -> None:
    chart = next(c for s in national.context["sections"] for c in s["charts"] if c["kind"] == "tiles")
    islands = {t["label"]: t["text"] for t in chart["data"]["tiles"] if t["kind"] == "archipelago"}
    assert islands == {"Hoàng Sa": "(Đà Nẵng)", "Trường Sa": "(Khánh Hòa)"}
