"""The picture of one pair: how its weight adds up field by field."""

import pandas as pd
from matplotlib.figure import Figure

from analysis.pictures import Picture, as_picture

FIELD_LABELS = {
    "prior": "trước khi so sánh",
    "full_name": "họ và tên",
    "birth_date": "ngày sinh",
    "sex": "giới tính",
    "place": "nơi cư trú",
    "id_number": "số giấy tờ",
    "dose": "mũi tiêm",
    "birth_year": "năm sinh của công dân",
    "phone": "số điện thoại",
    "shown_number": "số CMND ở bản ghi khác",
}
FOR, AGAINST, TOTAL = "#1b5e20", "#c62828", "#37474f"


def draw_waterfall(explained: pd.DataFrame, pair: int = 0) -> Picture:
    """Draw one pair of `explain_rows` as `waterfall_figure` does, as the picture that a notebook shows."""
    return as_picture(waterfall_figure(explained, pair))


def waterfall_figure(explained: pd.DataFrame, pair: int = 0) -> Figure:
    """Draw one pair of `explain_rows` (the first of the frame is 0) as a waterfall of match weights in bits.

    The picture holds fields and levels, no value of a person. A frame without that pair gives an empty one.
    """
    figure = Figure(figsize=(9, 4), layout="constrained")
    axes = figure.add_subplot()
    keys = ["source_file", "source_row", "citizen_id"]
    number = explained.groupby(keys, sort=False).ngroup() if len(explained) else pd.Series(dtype=int)
    fields = explained[number == pair]
    if fields.empty:
        axes.set(title="Không có cặp nào để giải thích", xticks=[], yticks=[])
        return figure
    _draw_bars(figure, fields)
    axes.set_title(
        f"Xác suất là cùng một người: {100 * fields['match_probability'].iloc[0]:.2f}%".replace(".", ",")
    )
    return figure


def _draw_bars(figure: Figure, fields: pd.DataFrame) -> None:
    """Draw one bar a field from where the last one ended, then the sum."""
    axes = figure.axes[0]
    ends = fields["weight"].cumsum()
    starts = ends - fields["weight"]
    colours = [FOR if weight > 0 else AGAINST for weight in fields["weight"]]
    places = range(len(fields))
    axes.bar(places, fields["weight"], bottom=starts, color=colours)
    axes.bar(len(fields), ends.iloc[-1], color=TOTAL)
    for place, (end, weight) in enumerate(zip(ends, fields["weight"], strict=True)):
        axes.annotate(
            f"{weight:+.1f}".replace(".", ","), (place, max(end, end - weight)), ha="center", va="bottom"
        )
    labels = [
        FIELD_LABELS[field] + (f"\n{level}" if isinstance(level, str) else "")
        for field, level in zip(fields["field"], fields["level"], strict=True)
    ]
    axes.set_xticks([*places, len(fields)], [*labels, "tổng"], rotation=30, ha="right", fontsize="small")
    axes.axhline(0, color=TOTAL, linewidth=0.8)
    axes.set_ylabel("trọng số (bit)")
    axes.use_sticky_edges = False  # bars would leave no room for the numbers above them
    axes.margins(y=0.15)
