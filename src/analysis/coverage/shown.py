"""Tables and pictures of the coverage notebook, drawn from the counts alone."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.pictures import Picture, as_picture
from analysis.readers import read_bridge, read_coverage, read_entry_progress
from analysis.settings import RunParameters

BASES = {"reported": "báo cáo", "recorded": "trên nền tảng", "reconciled": "đã đối chiếu"}
COLOURS = {"reported": "#1b6ca8", "recorded": "#8a8d91", "reconciled": "#b3541e"}
STATUSES = {"at_least_one": "ít nhất 1 mũi", "primary_complete": "đủ 2 mũi / đủ liều cơ bản"}
STEPS = {
    "reported": "báo cáo",
    "not_entered": "chưa nhập",
    "duplicates": "trùng",
    "foreigners": "người nước ngoài",
    "not_linked": "chưa đối chiếu được",
    "resident_elsewhere": "cư trú nơi khác",
    "remainder": "còn lại",
    "reconciled": "đã đối chiếu",
}


def show_headlines(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Return people and percent of adults at as_of: a row a unit and status, columns by basis.

    With a province its own row and its districts, without one the country and the provinces.
    """
    frame = read_coverage(run, province_code, age_group="18+")
    now = frame[(frame["reference_date"] == pd.Timestamp(run.as_of)) & (frame["unit_level"] != "commune")]
    now = now[now["series_status"].isin(STATUSES)]
    keys = ["unit_code", "unit_name", "series_status"]
    wide = now.pivot(index=keys, columns="basis", values=["people", "coverage_pct"])
    order = [(value, basis) for value in ("people", "coverage_pct") for basis in BASES]
    return wide.reindex(columns=[column for column in order if column in wide.columns])


def draw_bridge(
    run: RunParameters, province_code: str | None = None, series_status: str = "at_least_one"
) -> Picture:
    """Draw the steps from the reported to the reconciled count of one province (or the country).

    Without both ends the picture says so.
    """
    frame = read_bridge(run, province_code, series_status)
    frame = frame[frame["unit_level"] == ("country" if province_code is None else "province")]
    figure = Figure(figsize=(8, 3.6), layout="constrained")
    axes = figure.subplots()
    if frame.empty:
        _say(axes, "Không có cầu nối: thiếu báo cáo ngày hoặc cơ sở dữ liệu dân cư")
        return as_picture(figure)
    people = frame["people"].astype("int64")
    ends = frame["step"].isin(["reported", "reconciled"])
    start = people.cumsum().shift(fill_value=0).mask(ends, 0)
    colours = people.lt(0).map({True: "#b3541e", False: "#4a8f4a"}).mask(ends, "#1b6ca8")
    axes.barh(frame["step"].map(STEPS), people, left=start, color=colours)
    for row, count in enumerate(people):
        axes.annotate(
            _grouped(count), (0.99, row), xycoords=("axes fraction", "data"), ha="right", va="center"
        )
    axes.invert_yaxis()
    axes.set_xlim(right=1.2 * float((start + people).max()))  # room for the counts on the right
    axes.set_xlabel(f"người · {STATUSES[series_status]}")
    _grouped_axis(axes)
    return as_picture(figure)


def draw_entry(run: RunParameters, province_code: str | None = None) -> Picture:
    """Draw doses administered and doses entered of one province (or the country) over the weeks."""
    frame = read_entry_progress(run, province_code)
    frame = frame[frame["unit_level"] == ("country" if province_code is None else "province")]
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    axes = figure.subplots()
    for column, word in (("doses_administered", "đã tiêm (báo cáo)"), ("doses_recorded", "đã nhập")):
        axes.plot(frame["reference_date"], frame[column].astype("float64"), label=word)
    axes.set_ylabel("mũi, cộng dồn")
    axes.legend(frameon=False)
    axes.yaxis.set_major_formatter(lambda value, _: _grouped(int(value)))
    return as_picture(figure)


def draw_districts(
    run: RunParameters, province_code: str | None = None, series_status: str = "at_least_one"
) -> Picture:
    """Draw adults' coverage at as_of of a province's districts (or of the provinces) on the three bases.

    Rates above 100 % are drawn where they are; a unit without denominator has no mark.
    """
    level = "province" if province_code is None else "district"
    frame = read_coverage(run, province_code, age_group="18+", series_status=series_status, unit_level=level)
    now = frame[frame["reference_date"] == pd.Timestamp(run.as_of)]
    wide = now.pivot(index="unit_name", columns="basis", values="coverage_pct").astype("float64")
    wide = wide.sort_values([b for b in BASES if b in wide], na_position="first")
    figure = Figure(figsize=(8, 1.2 + 0.26 * max(4, len(wide))), layout="constrained")
    axes = figure.subplots()
    for basis in (b for b in BASES if b in wide):
        axes.plot(wide[basis], wide.index, "o", color=COLOURS[basis], label=BASES[basis])
    axes.axvline(100, color="0.6", linewidth=0.8)
    axes.set_xlabel(f"% người từ 18 tuổi · {STATUSES[series_status]}")
    axes.legend(frameon=False, loc="lower right")
    axes.grid(axis="y", color="0.92")
    axes.margins(y=0.02)
    return as_picture(figure)


def _say(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, ha="center", va="center")
    axes.set_axis_off()


def _grouped(number: int) -> str:
    """Return a whole number with points between the thousands, as Vietnamese pages have it."""
    return f"{int(number):,}".replace(",", ".").replace("-", "−")


def _grouped_axis(axes: Axes) -> None:
    axes.xaxis.set_major_formatter(lambda value, _: _grouped(int(value)))
