"""What stands around the index page's table: map, cautions, the description for search engines, archive, weeks."""

import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from analysis.briefing.documents.portal.archive import ARCHIVE
from analysis.briefing.documents.portal.index import Beside, write_everything, write_index
from analysis.briefing.documents.portal.tiles import map_links
from analysis.briefing.documents.portal.weeks import write_week_list
from analysis.briefing.figures.page_one.caution import caution_line
from analysis.briefing.figures.reading import read_unit_tables
from analysis.briefing.figures.units import provinces, unit_file_stem
from analysis.briefing.figures.wording import read_words
from analysis.settings import RunParameters
from conftest import PublishedRun

Sample = Callable[..., RunParameters]
UNITS = ["VN", *provinces()]


def page_of(run: RunParameters, units: list[str], folder: Path) -> str:
    return write_index(run, units, folder, Beside(folder / "tables")).read_text(encoding="utf-8")


def svg_of(page: str) -> ElementTree.Element:
    (svg,) = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    return ElementTree.fromstring(svg)


def test_every_tile_of_the_map_opens_its_province_and_is_named(
    whole_run: RunParameters, tmp_path: Path
) -> None:
    svg = svg_of(page_of(whole_run, UNITS, tmp_path))
    links = svg.findall("a")
    assert {link.get("href") for link in links} == {f"{unit_file_stem(code)}.html" for code in provinces()}
    names = {link.get("aria-label"): link.findtext("title") for link in links}
    assert names["Hà Giang: 65,85%"] == "Hà Giang: 65,85%" and len(names) == 63
    assert all(name == title for name, title in names.items())
    others = [text for g in svg.findall("g") if (text := g.findtext("title"))]
    assert others == ["Hoàng Sa (Đà Nẵng)", "Trường Sa (Khánh Hòa)"]


def test_the_map_links_no_page_that_is_not_there(whole_run: RunParameters, tmp_path: Path) -> None:
    svg = svg_of(page_of(whole_run, ["VN", "02"], tmp_path))
    assert [link.get("href") for link in svg.findall("a")] == ["02-ha-giang.html"]
    assert "<svg" not in page_of(whole_run, ["01", "02"], tmp_path)


def test_the_texts_of_a_tile_fit_it(whole_run: RunParameters) -> None:
    drawn = map_links(UNITS, read_unit_tables(whole_run, "VN"), read_words("vi"))
    assert drawn is not None
    for tile in drawn["tiles"]:
        box = {name: float(value) for name, value in tile["box"].items()}
        for line in tile["lines"]:
            assert float(line["width"]) <= box["width"], line["text"]
            assert box["y"] < float(line["y"]) < box["y"] + box["height"]


def odd_week(frames: dict[str, pd.DataFrame]) -> None:
    """Plant every kind of caution."""
    coverage, entry = frames["coverage"], frames["entry_progress"]
    one = (coverage["series_status"] == "at_least_one") & (coverage["basis"] == "reported")
    coverage.loc[one & (coverage["unit_code"] == "01"), "coverage_pct"] = 102.5
    coverage.loc[one & (coverage["unit_code"] == "04"), "coverage_registry_pct"] = 40.0
    coverage.loc[one & (coverage["unit_code"] == "024"), "coverage_pct"] = 130.0
    entry.loc[entry["unit_code"].isin(["06", "026", "027"]), "doses_entered_last_7_days"] = 0
    frames["coverage"] = coverage[~((coverage["unit_code"] == "08") & (coverage["basis"] == "reported"))]


def test_every_unit_with_a_caution_line_is_listed_and_files_once(sample: Sample, tmp_path: Path) -> None:
    run = sample(edit=odd_week)
    listed = dict(
        re.findall(r'<li><a href="([\w-]+)\.html">[^<]*</a>: ([^<]*)</li>', page_of(run, UNITS, tmp_path))
    )
    words = read_words("vi")
    unread = words("caution.unread", files="1")
    for code in UNITS:
        said = caution_line(read_unit_tables(run, code), words).removeprefix("Lưu ý: ").replace(unread, "")
        assert not said or unit_file_stem(code) in listed, code
    assert "1 tệp bị lỗi" in listed["national"] and sum("tệp bị lỗi" in text for text in listed.values()) == 1
    ha_giang = listed["02-ha-giang"]
    assert "ít nhất 1 mũi vượt 100% ở TP Hà Giang" in ha_giang
    assert re.search(r"không nhập mũi nào ở [^;]+ và [^;]+", ha_giang)
    assert "7 ngày qua không nhập mũi nào lên Nền tảng" in listed["06-bac-kan"]
    assert "mới có 62 tỉnh" in listed["national"] and "chưa có báo cáo ngày" in listed["08-tuyen-quang"]


def test_the_description_names_every_file_and_ends_no_element(sample: Sample, tmp_path: Path) -> None:
    run = sample(settings='organisation = "</script><b>Bộ & Y tế"')
    page = page_of(run, ["VN", "02"], tmp_path)
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    described = json.loads(text)
    assert (described["@context"], described["@type"]) == ("https://schema.org", "Dataset")
    assert described["creator"]["name"] == "</script><b>Bộ & Y tế"
    assert described["temporalCoverage"].endswith("/2021-11-07") and described["inLanguage"] == "vi"
    urls = {one["contentUrl"] for one in described["distribution"]}
    linked = set(re.findall(r'href="(tables/[^"]+)"', page))
    assert urls == {link for link in linked if not link.startswith("tables/communes/")}


def fill(folder: Path) -> None:
    (folder / "tables").mkdir(parents=True)
    (folder / "02-ha-giang.html").write_text("trang", encoding="utf-8")
    (folder / "tables" / "supply.csv").write_text("a\n1\n", encoding="utf-8")


def test_the_archive_holds_everything_and_stands_alone(whole_run: RunParameters, tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        fill(tmp_path / name)
        archive = write_everything(whole_run, ["02"], tmp_path / name)
        assert archive.name == ARCHIVE
        write_index(whole_run, ["02"], tmp_path / name, Beside(tmp_path / name / "tables", archive, True))
        made.append((archive, (tmp_path / name / "index.html").read_text(encoding="utf-8")))
        assert write_everything(whole_run, ["02"], tmp_path / name).read_bytes() == archive.read_bytes()
    assert made[0][0].read_bytes() == made[1][0].read_bytes() and made[0][1] == made[1][1]
    with zipfile.ZipFile(made[0][0]) as files:
        names = files.namelist()
        inside = files.read("baophu-2021-11-07/index.html").decode("utf-8")
        assert files.read("baophu-2021-11-07/02-ha-giang.html").decode("utf-8") == "trang"
    assert names == [
        f"baophu-2021-11-07/{n}" for n in ("02-ha-giang.html", "index.html", "tables/supply.csv")
    ]
    for link in (f'href="{ARCHIVE}"', 'href="../index.html"'):
        assert link in made[0][1] and link not in inside


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """Return a folder with two published weeks and one whose run is gone."""
    reports = tmp_path / "reports"
    for day, units in (("2021-10-31", ["02"]), ("2021-11-07", ["VN", "02"]), ("2021-11-14", ["VN"])):
        run = reports / ".runs" / f"{day}-aa"
        run.mkdir(parents=True)
        (run / "index.html").write_text(day, encoding="utf-8")
        (run / f"{unit_file_stem(units[0])}.html").write_text(day, encoding="utf-8")
        (run / "manifest.json").write_text(json.dumps({"units": units, "files": {}}), encoding="utf-8")
        (reports / day).symlink_to(f".runs/{day}-aa", target_is_directory=True)
    (reports / "current").symlink_to(".runs/2021-11-14-aa", target_is_directory=True)
    return reports


def links_of(page: Path) -> list[str]:
    return re.findall(r'<a [^>]*href="([^"]+)"', page.read_text(encoding="utf-8"))


def test_the_weeks_are_links_newest_first_from_wherever_the_list_is_read(reports: Path) -> None:
    for page in write_week_list(reports, "vi"):
        links = links_of(page)
        assert all((page.parent / link).is_file() for link in links), links
        days = [(page.parent / link).read_text(encoding="utf-8") for link in links]
        assert days == ["2021-11-14", "2021-11-14", "2021-11-07", "2021-11-07", "2021-10-31", "2021-10-31"]
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text and "LƯU HÀNH NỘI BỘ" in text and text.count("mới nhất") == 1


def test_a_week_that_is_gone_is_not_offered(reports: Path) -> None:
    shutil.rmtree(reports / ".runs" / "2021-11-07-aa")
    (reports / "2021-10-31").unlink()
    for page in write_week_list(reports, "en"):
        text = page.read_text(encoding="utf-8")
        assert "14/11/2021" in text and "07/11/2021" not in text and "31/10/2021" not in text


def test_without_links_of_the_file_system_the_runs_themselves_are_linked(reports: Path) -> None:
    (reports / "2021-11-14").unlink()
    (reports / "2021-11-14.txt").write_text(".runs/2021-11-14-aa\n", encoding="utf-8")
    above, beside = write_week_list(reports, "vi")
    assert links_of(above)[0] == ".runs/2021-11-14-aa/index.html"
    assert links_of(beside)[0] == "2021-11-14-aa/index.html"


def test_the_job_writes_the_list_and_every_link_of_its_index_leads_somewhere(tiny: PublishedRun) -> None:
    reports = tiny.folder.parent
    assert "07/11/2021" in (reports / "index.html").read_text(encoding="utf-8")
    links = [link for link in links_of(tiny.folder / "index.html") if not link.startswith("#")]
    assert "../index.html" in links and ARCHIVE in links
    assert all((tiny.folder / link).is_file() for link in links), links
    files = {p.relative_to(tiny.folder).as_posix() for p in tiny.folder.rglob("*") if p.is_file()}
    with zipfile.ZipFile(tiny.folder / ARCHIVE) as archive:
        inside = {name.partition("/")[2] for name in archive.namelist()}
    assert inside == files - {ARCHIVE, "manifest.json", "disclosure.json"}
