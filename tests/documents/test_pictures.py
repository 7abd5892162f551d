"""The pictures of all 64 units: no label over anything, letters large enough, colours of one palette, the same bytes."""

import io
import json
import re
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
import pytest
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path as Outline
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from analysis.briefing.charts import palette
from analysis.briefing.charts.charts import STYLE, draw_charts, draw_picture
from analysis.briefing.charts.lettering import WIDTH
from analysis.briefing.charts.svg_letters import svg_bytes
from analysis.briefing.figures.context import build_context
from analysis.briefing.figures.units import COUNTRY, districts, provinces
from analysis.settings import RunParameters

Sample = Callable[..., RunParameters]
UNITS = (COUNTRY, *provinces())
PHONE_PIXELS, PHONE_PADDING = 390, 12  # page.css: 12 pixels at either side
MM_PER_INCH, POINTS_PER_INCH = 25.4, 72
SECONDS_A_UNIT = 0.6
PALETTE = {v for v in vars(palette).values() if isinstance(v, str) and re.fullmatch("#[0-9a-f]{6}", v)} | set(
    palette.BANDS
)


def fill_the_country(tables: dict[str, pd.DataFrame]) -> None:
    """Give every district figures, one of each province no entry in the week, and every unit a bridge."""
    coverage, entry, bridge = tables["coverage"], tables["entry_progress"], tables["coverage_bridge"]
    like, entered = coverage[coverage["unit_code"] == "024"], entry[entry["unit_code"] == "024"]
    rows, more = [coverage[coverage["unit_level"] != "district"]], [entry[entry["unit_level"] != "district"]]
    for province in provinces():
        for i, code in enumerate(districts(province)):
            pct = 45 + (int(province) * 7 + i * 11) % 61
            rows.append(like.assign(unit_code=code, coverage_pct=float(pct), people=40_000))
            week = 0 if i == 3 else 900 + 50 * i
            more.append(
                entered.assign(unit_code=code, doses_entered_last_7_days=week, backlog=7_000 - 300 * i)
            )
    tables["coverage"], tables["entry_progress"] = pd.concat(rows), pd.concat(more)
    levels = [("country", COUNTRY), *(("province", code) for code in provinces())]
    tables["coverage_bridge"] = pd.concat(
        [bridge.assign(unit_level=level, unit_code=code) for level, code in levels], ignore_index=True
    )
    for name in ("forecast", "targets"):
        own = tables[name][tables[name]["unit_code"] == "02"]
        others = [own.assign(unit_code=code) for code in provinces() if code != "02"]
        tables[name] = pd.concat([tables[name], *others], ignore_index=True)


@pytest.fixture(scope="module")
def contexts(edited_run: Sample) -> dict[str, dict[str, Any]]:
    run = edited_run(fill_the_country)
    return {unit: build_context(run, unit) for unit in UNITS}


def charts_of(context: dict[str, Any]) -> list[dict[str, Any]]:
    return [chart for part in context["sections"] for chart in part["charts"]]


def drawn(chart: dict[str, Any]) -> Figure:
    with matplotlib.rc_context(STYLE):
        return draw_picture(chart, "Dữ liệu mô phỏng")


def texts_of(figure: Figure) -> list[tuple[Text, Bbox]]:
    """Return the texts with where they lie by matplotlib's own measures, not by those they were placed with."""
    renderer = RendererSVG(*figure.bbox.size, io.StringIO())
    return [(t, t.get_window_extent(renderer).padded(-0.4)) for t in figure.artists if isinstance(t, Text)]


def marks_of(figure: Figure) -> Iterator[tuple[Outline, bool]]:
    """Yield the outline of everything that is drawn beside letters, and whether it is filled."""
    for artist in (*figure.artists, *figure.lines, *figure.patches):
        if isinstance(artist, Line2D) and artist.get_marker() == "o":
            radius = (artist.get_markersize() + artist.get_markeredgewidth()) / 2
            for x, y in artist.get_transform().transform(artist.get_xydata()):
                yield Outline.circle((x, y), radius), True
        elif isinstance(artist, Line2D):
            yield artist.get_transform().transform_path(artist.get_path()), False
        elif isinstance(artist, Patch):
            yield artist.get_transform().transform_path(artist.get_path()), True


def is_ground_of(mark: Outline, box: Bbox) -> bool:
    """Tell whether a text lies wholly inside a rectangle: the tile it names."""
    ground = mark.get_extents()
    return (
        len(mark.vertices) == 5
        and ground.containsx(box.x0)
        and ground.containsx(box.x1)
        and (ground.containsy(box.y0) and ground.containsy(box.y1))
    )


def overlaps(figure: Figure) -> list[str]:
    texts, marks = texts_of(figure), list(marks_of(figure))
    found = [
        f"{one.get_text()} × {other.get_text()}"
        for i, (one, box) in enumerate(texts)
        for other, second in texts[i + 1 :]
        if box.overlaps(second)
    ]
    found += [
        f"{text.get_text()} × a mark"
        for text, box in texts
        for mark, is_filled in marks
        if mark.intersects_bbox(box, is_filled) and not is_ground_of(mark, box)
    ]
    page = figure.bbox
    return found + [
        t.get_text() for t, b in texts if b.x0 < page.x0 or b.x1 > page.x1 or b.y0 < 0 or b.y1 > page.y1
    ]


def texts_in(value: Any) -> Iterator[str]:
    """Yield every text of a picture's data that is to be read on it."""
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str) and key not in ("day", "kind"):
                yield item
            else:
                yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from [item] if isinstance(item, str) else texts_in(item)


@pytest.mark.parametrize("unit", UNITS)
def test_no_label_lies_over_a_line_a_mark_or_another_label(contexts: Any, unit: str) -> None:
    for chart in charts_of(contexts[unit]):
        assert overlaps(drawn(chart)) == [], (unit, chart["name"])


@pytest.mark.parametrize("unit", UNITS)
def test_every_text_is_there_and_large_enough(contexts: Any, unit: str) -> None:
    phone = (PHONE_PIXELS - 2 * PHONE_PADDING) / WIDTH
    for chart in charts_of(contexts[unit]):
        figure = drawn(chart)
        sizes = [text.get_fontsize() for text, _ in texts_of(figure)]
        paper = chart["width_mm"] / MM_PER_INCH * POINTS_PER_INCH / WIDTH
        assert min(sizes) * paper >= 7 and min(sizes) * phone >= 10, (unit, chart["name"])
        read = " ".join(text.get_text() for text, _ in texts_of(figure))
        wanted = [chart["title"], f"{chart['number']}. {chart['foot']}", *texts_in(without_rest(chart))]
        packed = re.sub(r"\s", "", read)
        assert [t for t in wanted if re.sub(r"\s", "", t) not in packed] == [], (unit, chart["name"])


def without_rest(chart: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is drawn only where it is needed: the note of a cut axis, the legend of a missing figure."""
    data = dict(chart["data"])
    if chart["kind"] == "bridge" and not data["is_cut"]:
        data.pop("cut")
    if chart["kind"] == "tiles" and all(
        t["value"] is not None for t in data["tiles"] if t["kind"] == "province"
    ):
        data.pop("missing")
    if chart["kind"] == "weeks":
        data = {key: value for key, value in data.items() if key not in ("past", "ahead")}
    return data


@pytest.mark.parametrize("unit", UNITS)
def test_only_colours_of_the_palette_are_used(contexts: Any, unit: str) -> None:
    for chart in charts_of(contexts[unit]):
        used = set(re.findall("#[0-9a-f]{6}", svg_bytes(drawn(chart), "").decode()))
        assert used <= PALETTE, (unit, chart["name"], used - PALETTE)


def test_a_label_over_a_line_is_found(contexts: Any) -> None:
    """The test fires: a line through a title, and a label moved onto another."""
    figure = drawn(charts_of(contexts["02"])[0])
    text, box = texts_of(figure)[0]
    figure.add_artist(Line2D([box.x0, box.x1], [box.y0 + 3, box.y0 + 3], transform=None))
    assert overlaps(figure) == [f"{text.get_text()} × a mark"]
    figure = drawn(charts_of(contexts["02"])[0])
    (one, _), (other, _) = texts_of(figure)[:2]
    other.set_position(one.get_position())
    assert f"{one.get_text()} × {other.get_text()}" in overlaps(figure)


def test_pictures_are_numbered_and_said_in_words(contexts: Any) -> None:
    names = {"VN": ["map", "supply", "weeks", "entry", "bridge"]}
    for unit, context in contexts.items():
        charts = charts_of(context)
        assert [c["number"] for c in charts] == [f"Hình {i}" for i in range(1, len(charts) + 1)]
        expected = names.get(unit, ["parts", "supply", "weeks", "entry", "bridge", "place"])
        assert [c["name"] for c in charts][: len(expected)] == expected
        for chart in charts:
            assert chart["caption"].startswith(f"{chart['number']}. ") and len(chart["alt"]) > 60
            assert "07/11/2021" in chart["foot"] and "Nguồn:" in chart["foot"]


def test_what_the_alternative_text_says_is_what_is_drawn(contexts: Any) -> None:
    """Every percentage and every count of a thousand or more stands in the picture or in its data."""
    for unit, context in contexts.items():
        for chart in charts_of(context):
            shown = json.dumps(
                [chart["data"], chart["title"], chart["foot"], context["sections"]], ensure_ascii=False
            )
            numbers = re.findall(r"\d+,\d\d%|\d{1,3}(?:\.\d{3})+", chart["alt"])
            assert [n for n in numbers if n not in shown.replace(json.dumps(chart["alt"]), "")] == [], unit


def test_the_waterfall_begins_each_step_where_the_last_one_ended(contexts: Any) -> None:
    bars = next(c for c in charts_of(contexts["02"]) if c["name"] == "bridge")["data"]["bars"]
    assert all(one["end"] == other["start"] for one, other in pairwise(bars[:-1]))
    assert bars[-2]["end"] == bars[-1]["people"] == 349_180


def test_a_step_folded_into_the_rest_has_no_bar(sample: Sample) -> None:
    def few(tables: dict[str, pd.DataFrame]) -> None:
        bridge = tables["coverage_bridge"]
        one = bridge["series_status"] == "at_least_one"
        bridge.loc[one & (bridge["step"] == "foreigners"), "people"] = -4
        bridge.loc[one & (bridge["step"] == "remainder"), "people"] = -990

    chart = next(c for c in charts_of(build_context(sample(edit=few), "02")) if c["name"] == "bridge")
    folded = next(bar for bar in chart["data"]["bars"] if bar["people"] is None)
    assert folded["text"] == "gộp vào phần còn lại" and folded["start"] == folded["end"]
    assert chart["data"]["bars"][-2]["end"] == chart["data"]["bars"][-1]["people"]
    assert overlaps(drawn(chart)) == []


def test_places_that_entered_nothing_are_always_among_those_drawn(contexts: Any) -> None:
    chart = next(c for c in charts_of(contexts["01"]) if c["name"] == "entry")
    flags = [row["flag"] for row in chart["data"]["rows"]]
    assert len(flags) == 12 and flags.count("không nhập") == 1 and "12/30 nơi" in chart["foot"]
    assert "1 địa bàn không nhập mũi nào" in chart["title"].replace("\u00a0", " ")


def test_need_and_supply_are_the_sums_of_the_page(contexts: Any) -> None:
    """On hand: received less used and discarded; to come: what of the allocation is left beside it."""
    data = next(c for c in charts_of(contexts["02"]) if c["name"] == "supply")["data"]
    there, needed = data["bars"]
    left = 505_400 - (387_978 + 78_922) - 120
    assert (
        there["doses"] == left
        and there["parts"][0]["doses"] == int(505_400 * 0.97) - (387_978 + 78_922) - 120
    )
    assert needed["parts"][0]["doses"] == 21_040 + 12_345 + 2_310
    assert sum(part["doses"] for part in needed["parts"]) == needed["doses"]
    gap = data["gap"]
    assert gap["is_short"] == (needed["doses"] > left) and gap["high"] - gap["low"] == abs(
        needed["doses"] - left
    )


def test_hostile_names_and_rates_stay_on_the_sheet(contexts: Any) -> None:
    charts = {c["name"]: c for c in json.loads(json.dumps(charts_of(contexts["02"])))}
    name = "Xã <b>Trung tâm & Phố $x^2$ Mười Tám Chữ</b> Wwwwwwwwwwwwwwwwwwwwwww"
    for row in (*charts["parts"]["data"]["rows"], *charts["entry"]["data"]["rows"]):
        row["name"] = name
    charts["parts"]["data"]["rows"][0]["at_least_one"] = 130.0
    for kind in ("parts", "entry"):
        figure = drawn(charts[kind])
        assert overlaps(figure) == [] and b"<b>" not in svg_bytes(figure, name)


def test_pictures_in_english_keep_their_ground_too(sample: Sample) -> None:
    run = sample(settings='language = "en"')
    for unit in ("02", "01", COUNTRY):
        for chart in charts_of(build_context(run, unit)):
            assert overlaps(drawn(chart)) == [], (unit, chart["name"])
            assert chart["number"].startswith("Figure ") and "Source:" in chart["foot"]


def test_vaccine_is_not_called_enough_for_a_need_that_nobody_knows(sample: Sample) -> None:
    without = charts_of(build_context(sample(("due_counts",)), "02"))
    chart = next(c for c in without if c["name"] == "supply")
    title = chart["title"].replace("\u00a0", " ")
    assert "chưa rõ nhu cầu mũi 2" in title and "Đủ vắc xin" not in title
    assert overlaps(drawn(chart)) == []


def test_nothing_at_all_draws_nothing(sample: Sample) -> None:
    run = sample(
        ("coverage", "coverage_bridge", "entry_progress", "supply", "forecast", "targets", "due_counts")
    )
    assert charts_of(build_context(run, "02")) == [] == charts_of(build_context(run, COUNTRY))


def test_a_unit_of_zeros_is_drawn(sample: Sample) -> None:
    def zeros(tables: dict[str, pd.DataFrame]) -> None:
        for name, columns in (
            ("coverage", ["people", "coverage_pct"]),
            (
                "entry_progress",
                ["doses_recorded", "doses_administered", "backlog", "doses_entered_last_7_days"],
            ),
            ("supply", ["doses_allocated", "doses_received", "doses_administered", "doses_discarded"]),
        ):
            tables[name][columns] = 0

    for unit in ("02", COUNTRY):
        for chart in charts_of(build_context(sample(edit=zeros), unit)):
            assert overlaps(drawn(chart)) == [], (unit, chart["name"])


def test_pictures_are_drawn_fast_and_the_same_again(contexts: Any, tmp_path: Path) -> None:
    draw_charts(contexts["01"], tmp_path / "warm")
    started = time.process_time()
    first = draw_charts(contexts["01"], tmp_path / "a")
    assert time.process_time() - started < SECONDS_A_UNIT
    again = draw_charts(contexts["01"], tmp_path / "b")
    for name, files in first.items():
        assert files.svg.read_bytes() == again[name].svg.read_bytes()
        assert files.png.read_bytes() == again[name].png.read_bytes()
        assert b"dc:date" not in files.svg.read_bytes()
