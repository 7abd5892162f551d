"""The index page and the public tables of a run."""

import base64
import csv
import hashlib
import html as html_module
import io
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis.briefing.documents.documents import FORMATS
from analysis.briefing.documents.portal.index import Beside
from analysis.briefing.documents.portal.index import write_index as write_index_beside
from analysis.briefing.documents.portal.rows import COLUMNS
from analysis.briefing.documents.public_tables import PUBLIC_TABLES, write_public_tables
from analysis.briefing.figures.units import provinces, unit_file_stem
from analysis.settings import RunParameters

Sample = Callable[..., RunParameters]


def write_index(run: RunParameters, units: list[str], folder: Path, is_internal: bool = True) -> Path:
    return write_index_beside(run, units, folder, Beside(folder / "tables"), is_internal)


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def test_the_index_links_every_document(whole_run: RunParameters, tmp_path: Path) -> None:
    units = ["VN", *provinces()]
    html = write_index(whole_run, units, tmp_path).read_text(encoding="utf-8")
    wanted = {f"{unit_file_stem(u)}.{kind}" for u in units for kind in FORMATS}
    wanted |= {f"tables/{name}.csv" for name in PUBLIC_TABLES}
    wanted |= {f"tables/history/{name}.csv.gz" for name, table in PUBLIC_TABLES.items() if table.dated}
    wanted |= {
        "tables/datapackage.json",
        "cong-khai.html",
        "cong-khai.png",
        "loa-truyen-thanh.txt",
        "thong-cao.txt",
    }
    assert {
        link for link in re.findall(r'<a [^>]*href="([^"]+)"', html) if not link.startswith("#")
    } == wanted
    assert "SỐ LIỆU MÔ PHỎNG" in html
    assert '<p class="mark" role="note">LƯU HÀNH NỘI BỘ · SỐ LIỆU MÔ PHỎNG' in html
    released = write_index(whole_run, units, tmp_path, is_internal=False).read_text(encoding="utf-8")
    assert released == html.replace("LƯU HÀNH NỘI BỘ · ", "")
    assert "http" not in html.replace("http-equiv", "").replace('"@context":"https://schema.org"', "")


def test_the_policy_allows_the_pages_own_script_and_style_alone(
    whole_run: RunParameters, tmp_path: Path
) -> None:
    page = write_index(whole_run, ["VN", "02"], tmp_path).read_text(encoding="utf-8")
    policy = html_module.unescape(re.findall(r'Content-Security-Policy" content="([^"]+)"', page)[0])
    for tag, count in (("script", 2), ("style", 1)):
        texts = re.findall(rf"<{tag}(?: type=[^>]+)?>(.*?)</{tag}>", page, re.DOTALL)
        digests = {
            base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii") for text in texts
        }
        (allowed,) = re.findall(rf"{tag}-src ([^;]+);", policy)
        assert set(allowed.split()) == {f"'sha256-{digest}'" for digest in digests} and len(digests) == count
    assert "default-src 'none'" in policy and not re.search(r" on\w+=|style=", page)


def test_the_table_has_the_figures_of_every_unit_without_script(
    whole_run: RunParameters, tmp_path: Path
) -> None:
    page = write_index(whole_run, ["02", "VN", "01"], tmp_path).read_text(encoding="utf-8")
    rows = re.findall(r"<tr data-key.*?</tr>", page)
    assert [re.findall(r'data-key="([^"]+)"', row)[0] for row in rows] == [
        "ca nuoc vn", "ha noi dong bang song hong 01", "ha giang trung du va mien nui phia bac 02",
    ]  # fmt: skip
    figures = re.findall(r'data-v="([^"]*)">([^<]*)</td>', rows[2])
    assert figures[:2] == [("65.85", "65,85%"), ("13.40", "13,40%")] and len(figures) == len(COLUMNS)
    assert figures[5] == ("2647", "+2.647"), "this week's backlog less last week's"
    assert '<div id="tools" hidden>' in page


def test_what_needs_care_is_listed(sample: Sample, tmp_path: Path) -> None:
    def odd(frames: dict[str, pd.DataFrame]) -> None:
        coverage, entry = frames["coverage"], frames["entry_progress"]
        one = (coverage["series_status"] == "at_least_one") & (coverage["basis"] == "reported")
        coverage.loc[one & (coverage["unit_code"] == "01"), "coverage_pct"] = 102.5
        coverage.loc[one & (coverage["unit_code"] == "02"), "coverage_registry_pct"] = 55.85
        coverage.loc[one & (coverage["unit_code"] == "04"), "coverage_registry_pct"] = 59.0
        entry.loc[entry["unit_code"] == "06", "doses_entered_last_7_days"] = 0
        frames["coverage"] = coverage[~((coverage["unit_code"] == "08") & (coverage["basis"] == "reported"))]

    units = ["VN", "01", "02", "06", "08", "10"]
    page = write_index(sample(edit=odd), units, tmp_path).read_text(encoding="utf-8")
    listed = dict(re.findall(r'<li><a href="([\w-]+)\.html">[^<]*</a>: ([^<]*)</li>', page))
    assert "vượt 100%" in listed["01-ha-noi"] and "102,50%" in listed["01-ha-noi"]
    assert listed["02-ha-giang"] == "ít nhất 1 mũi 65,85%, theo dân cư là 55,85%."
    assert listed["06-bac-kan"] == "7 ngày qua không nhập mũi nào lên Nền tảng."
    assert listed["08-tuyen-quang"] == "chưa có báo cáo ngày."
    assert "10-lao-cai" not in listed


def test_the_index_lists_only_what_was_briefed(whole_run: RunParameters, tmp_path: Path) -> None:
    html = write_index(whole_run, ["02"], tmp_path).read_text(encoding="utf-8")
    assert "02-ha-giang.html" in html and "national.html" not in html and "01-ha-noi" not in html


@pytest.fixture(scope="module")
def tables(whole_run: RunParameters, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    write_public_tables(whole_run, folder)
    return folder


def test_tables_open_in_spreadsheets_and_are_marked(tables: Path) -> None:
    written = sorted(tables.glob("*.csv"))
    assert {p.stem for p in written} == set(PUBLIC_TABLES)
    for path in written:
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        if not rows_of(path):
            continue
        assert {row["note"] for row in rows_of(path)} == {"SỐ LIỆU MÔ PHỎNG – KHÔNG CÓ THẬT"}


def test_tables_have_the_figures_of_the_page(tables: Path) -> None:
    row = next(
        r
        for r in rows_of(tables / "coverage.csv")
        if (r["unit_code"], r["reference_date"], r["series_status"], r["basis"])
        == ("02", "2021-11-07", "at_least_one", "reported")
    )
    assert (row["people"], row["coverage_pct"], row["unit_name"]) == ("387978", "65.85", "Tỉnh Hà Giang")


def test_communes_and_groups_stand_apart_and_no_file_name_is_published(
    sample: Sample, tmp_path: Path
) -> None:
    def planted(frames: dict[str, pd.DataFrame]) -> None:
        coverage = frames["coverage"]
        commune = coverage.tail(1).assign(unit_level="commune", unit_code="00688", people=31_337)
        aged = coverage.tail(1).assign(age_group="65+", people=27_182)
        frames["coverage"] = pd.concat([coverage, commune, aged], ignore_index=True)

    write_public_tables(sample(edit=planted), tmp_path / "out")
    published = "".join(p.read_text(encoding="utf-8-sig") for p in (tmp_path / "out").glob("*.csv"))
    assert not re.search(r"31337|commune|a\.csv|passport|id_kind", published)
    aged = rows_of(tmp_path / "out" / "coverage_by_age.csv")
    assert {row["age_group"] for row in aged} <= {"65+"}
    assert {row["age_group"] for row in rows_of(tmp_path / "out" / "coverage.csv")} == {"18+"}
    levels = {r["unit_level"] for p in (tmp_path / "out").glob("*.csv") for r in rows_of(p)}
    assert levels == {"country", "province", "district"}


def test_folded_tables_keep_their_totals(tables: Path) -> None:
    rows = [r for r in rows_of(tables / "verification.csv") if r["unit_code"] == "02"]
    assert {r["link_status"]: r["rows"] for r in rows}["matched"] == "92004"
    due = [
        r for r in rows_of(tables / "due_counts.csv") if r["state"] == "overdue" and not r["previous_product"]
    ]
    assert [(r["next_dose"], r["people"]) for r in due] == [("2", "14655"), ("3", "77")]


def test_text_from_outside_is_no_formula(sample: Sample, tmp_path: Path) -> None:
    def hostile(frames: dict[str, pd.DataFrame]) -> None:
        frames["coverage"]["population_source"] = "=HYPERLINK(1)"

    write_public_tables(sample(edit=hostile), tmp_path / "out")
    sources = {r["population_source"] for r in rows_of(tmp_path / "out" / "coverage.csv")}
    assert sources == {"'=HYPERLINK(1)"}


def test_a_table_that_was_not_made_is_left_out(sample: Sample, tmp_path: Path) -> None:
    written = write_public_tables(sample(drop=("forecast",)), tmp_path / "out")
    names = {p.stem for p in written if p.parent == tmp_path / "out"}
    assert names == set(PUBLIC_TABLES) - {"forecast"}


def test_records_of_a_province_without_files_are_not_published(sample: Sample, tmp_path: Path) -> None:
    def stray(frames: dict[str, pd.DataFrame]) -> None:
        verification, entry = frames["verification"], frames["entry_progress"]
        one = verification[verification["unit_code"] == "02"].head(1).assign(unit_code="04", rows=1)
        frames["verification"] = pd.concat([verification, one], ignore_index=True)
        frames["entry_progress"] = entry[entry["unit_code"] != "04"]

    write_public_tables(sample(edit=stray), tmp_path / "out")
    assert {r["unit_code"] for r in rows_of(tmp_path / "out" / "verification.csv")} == {"VN", "02"}


def test_what_some_provinces_report_is_no_rate_of_the_country(sample: Sample, tmp_path: Path) -> None:
    def one_silent(frames: dict[str, pd.DataFrame]) -> None:
        coverage = frames["coverage"]
        frames["coverage"] = coverage[~((coverage["unit_code"] == "04") & (coverage["basis"] == "reported"))]

    def of_the_country(folder: Path, name: str) -> list[dict[str, str]]:
        rows = [r for r in rows_of(folder / f"{name}.csv") if r["unit_level"] == "country"]
        return [r for r in rows if r["basis"] == "reported"]

    write_public_tables(sample(edit=one_silent), tmp_path / "some")
    counted = of_the_country(tmp_path / "some", "coverage")
    assert counted and all(r["people"] and not r["coverage_pct"] for r in counted)
    assert of_the_country(tmp_path / "some", "forecast") == of_the_country(tmp_path / "some", "targets") == []
    write_public_tables(sample(), tmp_path / "all")
    assert all(r["coverage_pct"] for r in of_the_country(tmp_path / "all", "coverage"))
    assert of_the_country(tmp_path / "all", "forecast") and of_the_country(tmp_path / "all", "targets")


def test_the_index_links_no_table_that_was_not_made(sample: Sample, tmp_path: Path) -> None:
    html = write_index(sample(drop=("forecast",)), ["02"], tmp_path).read_text(encoding="utf-8")
    assert "tables/forecast.csv" not in html and "tables/targets.csv" in html
