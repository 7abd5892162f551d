"""Units that no page was written for: markup and long names, zeros, nothing at all, 130 %: safe and legible.

Units are those of the reference table; here another table stands in its place.
"""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from analysis.briefing.documents.portal.index import Beside, write_index
from analysis.briefing.documents.public_notice import PAGE, write_public_notice
from analysis.briefing.figures import units
from analysis.settings import RunParameters

Sample = Callable[..., RunParameters]
MARKUP = '<b onclick=alert(1)>Đ & "B"</b></td></script>'
LONG = "Thượng Hạ Trung Đông Tây Nam Bắc Khánh Hoà Bình"  # above 40 letters
NAMES = {"04": f"Tỉnh {MARKUP}", "06": f"Tỉnh {LONG}"}
ZERO, ABSENT, ABOVE = "10", "08", "11"
BRIEFED = ["VN", "04", "06", ABSENT, ZERO, ABOVE]


def plant(frames: dict[str, pd.DataFrame]) -> None:
    """Make one province all zeros, one absent, one above 130 %."""
    coverage = frames["coverage"]
    counts = ["people", "people_low", "people_high", "coverage_pct", "coverage_registry_pct"]
    coverage.loc[coverage["unit_code"] == ZERO, counts] = 0
    rates = (coverage["unit_code"] == ABOVE) & (coverage["basis"] == "reported")
    coverage.loc[rates, "coverage_pct"] = 130.0
    for name in ("coverage", "entry_progress", "supply"):
        frames[name] = frames[name][frames[name]["unit_code"] != ABSENT]
    for name in ("entry_progress", "supply"):
        rows = frames[name]["unit_code"] == ZERO
        numbers = [c for c in frames[name].select_dtypes("number").columns if c != "median_entry_days"]
        frames[name].loc[rows, numbers] = 0


@pytest.fixture
def hostile_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put two hostile names into the table of units."""
    named = units._unit_table().copy()
    for code, name in NAMES.items():
        named.loc[named["province_code"] == code, "province_name"] = name
    named.loc[named["district_code"] == "024", "district_name"] = f"Huyện {MARKUP}"
    monkeypatch.setattr(units, "_unit_table", lambda: named)
    for cached in (units.provinces, units.districts):
        cached.cache_clear()
    yield
    monkeypatch.undo()
    for cached in (units.provinces, units.districts):
        cached.cache_clear()


class Elements(HTMLParser):
    """The tags of a page, and the attributes of each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


@pytest.fixture
def hostile_index(hostile_names: None, sample: Sample, tmp_path: Path) -> str:
    """Return the index page of the hostile units."""
    run = sample(edit=plant, note=MARKUP, settings=f"organisation = '{MARKUP}'")
    return write_index(run, BRIEFED, tmp_path, Beside(tmp_path / "tables")).read_text(encoding="utf-8")


def test_names_are_text_wherever_they_stand(hostile_index: str) -> None:
    page = Elements(hostile_index)
    assert page.handlers == [] and "b" not in page.tags
    assert page.tags.count("script") == 2 and hostile_index.count("&lt;b onclick=alert(1)&gt;") >= 4
    assert LONG in hostile_index


def test_zeros_nothing_and_more_than_all_are_told_apart(hostile_index: str) -> None:
    rows = re.findall(r"<tr data-key.*?</tr>", hostile_index)
    told = {row.split('href="')[1][:2]: re.findall(r'data-v="([^"]*)">([^<]*)</td>', row) for row in rows}
    assert told[ZERO][0] == ("0.00", "0,00%") and told[ZERO][4] == ("0", "0")
    assert told[ABSENT][:2] == [("", "—"), ("", "—")]
    assert told[ABOVE][0] == ("130.00", "130,00%")
    listed = dict(re.findall(r'<li><a href="(\d\d)[\w-]*\.html">.*?</a>: ([^<]*)</li>', hostile_index))
    assert "130,00%, vượt 100%" in listed[ABOVE] and listed[ABSENT].startswith("chưa có báo cáo ngày")
    assert "không nhập mũi nào" in listed[ZERO]
    titles = re.findall(r"<title>([^<]*)</title>", hostile_index)
    assert "Tuyên Quang: chưa có số liệu" in titles and "Điện Biên: 130,00%" in titles


def test_a_week_without_population_gives_no_rate_and_says_so(sample: Sample, tmp_path: Path) -> None:
    def without(frames: dict[str, pd.DataFrame]) -> None:
        rates = ["population", "coverage_pct", "registry_population", "coverage_registry_pct"]
        frames["coverage"][rates] = None

    page = write_index(sample(edit=without), ["VN", "01", "02"], tmp_path, Beside(tmp_path / "tables"))
    text = page.read_text(encoding="utf-8")
    assert text.count("thiếu dân số để tính tỷ lệ") == 2
    assert re.findall(r'class="number one"[^>]*>([^<]*)<', text) == ["—", "—", "—"]
    assert "chưa có số liệu: 63 tỉnh" in text


def test_a_province_without_any_file_has_honest_pages(sample: Sample, tmp_path: Path) -> None:
    def without(frames: dict[str, pd.DataFrame]) -> None:
        for name, frame in frames.items():
            if "unit_code" in frame and name != "forecast":
                frames[name] = frame[frame["unit_code"] != "04"]

    run = sample(edit=without)
    text = write_index(run, ["04"], tmp_path, Beside(tmp_path / "tables")).read_text(encoding="utf-8")
    assert "chưa có báo cáo ngày" in text and "<svg" not in text
    assert set(re.findall(r'<td class="number [^>]*>([^<]*)<', text)) == {"—"}
    page, *_, note = write_public_notice(run, ["04"], tmp_path)
    assert page.name == PAGE and "tỉnh Cao Bằng</h1>" in page.read_text(encoding="utf-8")
    assert "%" not in note.read_text(encoding="utf-8").split("Cao Bằng", 2)[-1].split("Kiểm tra")[0]
