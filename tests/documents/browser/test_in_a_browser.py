"""What readers do with the pages, done in a real browser: search, sort, map, weeks, links, phone, keyboard, print."""

import json
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from pypdf import PdfReader

from analysis.briefing.charts.charts import draw_charts
from analysis.briefing.documents.data_package import write_data_package
from analysis.briefing.documents.portal.index import Beside, write_everything, write_index
from analysis.briefing.documents.portal.weeks import write_week_list
from analysis.briefing.documents.public_notice import PAGE, write_public_notice
from analysis.briefing.documents.public_tables import write_public_tables
from analysis.briefing.documents.web_page import show_front, show_sections, write_page
from analysis.briefing.figures.context import build_context
from analysis.briefing.figures.languages import languages_of, named_for
from analysis.briefing.figures.units import provinces
from analysis.settings import RunParameters, open_run
from documents.cells import GROUPS

UNITS = ("VN", "01", "02", "79")
NEWER, OLDER = "2021-11-07", "2021-10-31"
PHONE, DESK = (390, 844), (1280, 900)
VIETNAMESE = (
    "index.html",
    PAGE,
    "national.html",
    "01-ha-noi.html",
    "02-ha-giang.html",
    "79-ho-chi-minh.html",
)
PAGES = (*VIETNAMESE, *(named_for(name, "en") for name in VIETNAMESE))
OF_ALL = ("index.html", PAGE, "index.en.html", named_for(PAGE, "en"))  # not of one unit
KINDS = (".html", ".pdf", ".docx", ".pptx", ".xlsx")
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
A4_POINTS = (595, 842)
Opener = Callable[..., Any]


@pytest.fixture(scope="session")
def reports(
    whole_run: RunParameters,
    national: Any,
    ha_giang: Any,
    brief: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Return a folder of reports with two weeks: of the newer one everything, of the older one its index page."""
    reports = tmp_path_factory.mktemp("reports")
    made = [national, ha_giang]
    made += [brief(whole_run, code, tmp_path_factory.mktemp(code)) for code in ("01", "79")]
    for day, units in ((NEWER, UNITS), (OLDER, UNITS[:1])):
        folder = reports / ".runs" / f"{day}-aa"
        folder.mkdir(parents=True)
        if day == NEWER:
            for one in made:
                for path in one.folder.iterdir():
                    if path.suffix in KINDS:
                        shutil.copy(path, folder)
            _write_in_both(whole_run, folder, tmp_path_factory.mktemp("english"))
        else:
            stub = f'<!doctype html><title>{day}</title><link rel="icon" href="data:,">'
            (folder / "index.html").write_text(stub, encoding="utf-8")
        (folder / "manifest.json").write_text(json.dumps({"units": units, "files": {}}), encoding="utf-8")
        (reports / day).symlink_to(f".runs/{day}-aa", target_is_directory=True)
    write_week_list(reports, "vi")
    return reports


def _write_in_both(whole_run: RunParameters, folder: Path, charts: Path) -> None:
    """Write what a run in Vietnamese and English adds to the units' Vietnamese documents.

    Of an English unit the page is made whole; its other documents are not opened here and are stubs.
    """
    place = str(whole_run.processed)
    run = open_run(NEWER, processed=place, previous="-", settings="-", language="both")
    for unit in UNITS:
        context = build_context(run, unit, "en")
        drawn = draw_charts(context, charts / unit)
        parts = [show_front(context), *(show_sections(context, drawn, group) for group in GROUPS)]
        write_page([(part.html, part.about) for part in parts], folder / f"{context['file_stem']}.html")
        for kind in KINDS[1:]:
            (folder / f"{context['file_stem']}{kind}").touch()
    write_public_tables(run, folder / "tables")
    write_data_package(run, folder / "tables")
    for language in languages_of(run):
        write_public_notice(run, UNITS, folder, language=language)
    archive = write_everything(run, UNITS, folder)
    for language in languages_of(run):
        write_index(run, UNITS, folder, Beside(folder / "tables", archive, has_weeks=True), language=language)


@pytest.fixture(scope="session")
def week(reports: Path) -> str:
    """Return the address of the newer week's folder, as one opens it from a disk."""
    return f"{reports.as_uri()}/{NEWER}"


@pytest.fixture(scope="session")
def whole_index(whole_run: RunParameters, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a folder with the index page of all 64 units."""
    folder = tmp_path_factory.mktemp("index")
    write_index(whole_run, ["VN", *provinces()], folder, Beside(folder / "tables"))
    return folder.as_uri()


def shown(page: Any) -> list[str]:
    names: list[str] = page.eval_on_selector_all(
        "#units tbody tr:not([hidden]) th a", "links => links.map(link => link.textContent)"
    )
    return names


def column(page: Any, name: str) -> list[float]:
    values: list[str] = page.eval_on_selector_all(
        f"#units tbody tr:not([data-country]) .{name}", "cells => cells.map(cell => cell.dataset.v)"
    )
    return [float(value) for value in values if value]


def overflow(page: Any) -> int:
    """Return by how many pixels a page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def test_search_finds_by_name_and_region_without_accents(whole_index: str, open_tab: Opener) -> None:
    page = open_tab(whole_index, PHONE).open("index.html")
    assert len(shown(page)) == 64
    for typed, found in (("Ha GIANG", {"Hà Giang"}), ("đắk", {"Đắk Lắk", "Đắk Nông"}), ("xyz", set())):
        page.fill("#search", typed)
        assert set(shown(page)) == found
        assert page.text_content("#shown") == f"{len(found)} đơn vị"
    page.fill("#search", "tay  nguyen")
    assert len(shown(page)) == 5


def test_every_column_sorts_both_ways_with_the_country_on_top(whole_index: str, open_tab: Opener) -> None:
    page = open_tab(whole_index).open("index.html")
    for place, name in enumerate(
        ("one", "complete", "registry", "entry", "backlog", "change", "used"), start=1
    ):
        for is_falling in (True, False):
            page.click(f"#units thead th:nth-child({place + 1}) button")
            values = column(page, name)
            assert values == sorted(values, reverse=is_falling), name
            assert shown(page)[0] == "Cả nước"
    page.click("#units thead th:first-child button")
    assert shown(page)[1:3] == ["An Giang", "Bà Rịa - Vũng Tàu"]


def test_a_tile_of_the_map_opens_its_province_by_mouse_and_by_key(week: str, open_tab: Opener) -> None:
    page = open_tab(week).open("index.html")
    page.click('.map a[href="02-ha-giang.html"]')
    assert page.url.endswith("/02-ha-giang.html")
    page.go_back()
    page.focus('.map a[href="01-ha-noi.html"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/01-ha-noi.html")


def test_the_weeks_lead_to_one_another_with_and_without_script(
    reports: Path, open_tab: Opener, serve: Callable[[Path], str]
) -> None:
    for base in (reports.as_uri(), serve(reports)):
        for has_script in (True, False):
            page = open_tab(base, java_script_enabled=has_script).open(f"{NEWER}/index.html")
            page.click("text=Các kỳ đã công bố")
            assert page.locator(".weeks .week").all_text_contents() == ["07/11/2021", "31/10/2021"]
            page.click("text=31/10/2021")
            assert OLDER in page.url and page.title() == OLDER


def test_without_script_the_whole_table_stands_there(whole_index: str, open_tab: Opener) -> None:
    page = open_tab(whole_index, java_script_enabled=False).open("index.html")
    assert page.locator("#units tbody tr").count() == 64 and page.locator(".map a").count() == 63
    assert not page.is_visible("#search")


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_to_a_file_or_a_place_on_the_page(
    reports: Path, week: str, name: str, open_tab: Opener
) -> None:
    page = open_tab(week).open(name)
    links = page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
    assert links
    folder = reports / NEWER
    for link in links:
        target = urlsplit(link)
        assert not target.scheme and not target.netloc, link
        if target.path:
            assert (folder / unquote(target.path)).is_file(), link
        elif target.fragment:
            assert page.locator(f"#{target.fragment}").count() == 1, link


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("size", [PHONE, DESK, (320, 640)], ids=["phone", "desk", "zoomed"])
def test_no_page_is_wider_than_its_window(
    week: str, name: str, size: tuple[int, int], open_tab: Opener
) -> None:
    assert overflow(open_tab(week, size).open(name)) <= 0


@pytest.mark.parametrize("name", PAGES)
def test_the_first_real_link_is_two_keys_away(week: str, name: str, open_tab: Opener) -> None:
    page = open_tab(week).open(name)
    reached = []
    for _ in range(2):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('href') ?? ''"))
    if name in OF_ALL:
        assert any(link and not link.startswith("#") for link in reached), reached


@pytest.mark.parametrize("name", PAGES)
def test_no_barrier_is_serious(week: str, name: str, open_tab: Opener, axe: str) -> None:
    for size in (PHONE, DESK) if name in VIETNAMESE else (PHONE,):  # English pages have the same layout
        tab = open_tab(week, size, bypass_csp=True)
        page = tab.open(name)
        page.evaluate(axe)
        found = page.evaluate(f"axe.run({{runOnly: {json.dumps(WCAG)}}})")
        bad = [
            (one["id"], one["nodes"][0]["html"][:120])
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]
        assert bad == []
        assert len(found["passes"]) > 5


@pytest.mark.parametrize("name", PAGES)
def test_a_page_prints_on_a4_and_loses_no_text_at_its_edge(week: str, name: str, open_tab: Opener) -> None:
    page = open_tab(week).open(name)
    pdf = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    for sheet in pdf.pages:
        assert (round(sheet.mediabox.width), round(sheet.mediabox.height)) == A4_POINTS
    if name in (PAGE, named_for(PAGE, "en")):
        assert len(pdf.pages) == 1, "the public's page is one sheet"
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 642, "height": 900})  # 170 mm between the margins
    assert overflow(page) <= 0


def test_the_whole_countrys_list_prints_on_three_sheets_with_its_head_on_each(
    whole_index: str, open_tab: Opener
) -> None:
    page = open_tab(whole_index).open("index.html")
    sheets = [sheet.extract_text() for sheet in PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages]
    assert len(sheets) == 3
    assert ["".join(text.split()).count("Đơnvị") for text in sheets] == [0, 1, 1], "the head"
    listed = page.locator(".cautions li").all_text_contents()
    assert listed and all("".join(text.split()) in "".join(sheets[0].split()) for text in listed)
    on_screen_alone = (page.text_content(".lead"), "Tìm tên", "DOCX", "Các kỳ đã công bố", "Bấm tên cột")
    assert not [text for text in on_screen_alone if text in " ".join(" ".join(sheets).split())]


def test_a_long_list_of_cautions_ends_with_a_whole_line_and_is_printed_whole(
    whole_index: str, open_tab: Opener
) -> None:
    for size in (PHONE, DESK):
        page = open_tab(whole_index, size).open("index.html")
        page.eval_on_selector(".cautions", "list => { list.innerHTML = list.innerHTML.repeat(60) }")
        shown, line, whole = page.eval_on_selector(
            ".cautions",
            "list => [list.clientHeight, parseFloat(getComputedStyle(list).lineHeight), list.scrollHeight]",
        )
        assert whole > shown and shown / line == pytest.approx(round(shown / line), abs=0.05)
        page.emulate_media(media="print")
        assert page.eval_on_selector(".cautions", "list => list.scrollHeight - list.clientHeight") <= 0
