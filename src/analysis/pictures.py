"""Pictures and tables as the notebooks show them."""

import io
import sys
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

# A table is shown whole up to here, in a frame to scroll in; a longer one is to be narrowed first.
MOST_ROWS = 2_000
AGES = ("all", "5-11", "12-17", "18+", "50+", "65+")
_SCROLLED_ROWS, _SCROLLED_COLUMNS = 12, 10
_FRAME = '<div class="{name}" style="max-height: 26em; max-width: 100%; overflow: auto{border}">{table}</div>{rest}'
# So that a table that goes on below its frame does not look ended.
_BORDER = "; border: 1px solid #cccccc"
_STYLE = """<style scoped>
.dataframe {width: max-content}
.dataframe td {max-width: 32em; overflow-wrap: anywhere}
.dataframe thead th {position: sticky; top: 0; background: var(--jp-layout-color0, white)}
</style>"""


@dataclass(frozen=True)
class Picture:
    """A picture that a notebook shows (PNG bytes, the same for the same data).

    A bare figure is shown as its mere name until a notebook has loaded an interactive backend.
    """

    png: bytes

    def _repr_png_(self) -> bytes:
        return self.png


def as_picture(figure: Figure) -> Picture:
    """Return a figure as PNG, without the metadata that would tell the version of the drawing library."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100, metadata={"Software": None})
    return Picture(buffer.getvalue())


def show_whole_tables() -> None:
    """Have this notebook show every DataFrame whole, to scroll in; outside a notebook nothing happens."""
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)
    if shell := get_ipython():
        shell.display_formatter.formatters["text/html"].for_type(pd.DataFrame, whole_table)


def whole_table(frame: pd.DataFrame) -> str:
    """Return a DataFrame as HTML: all rows and columns in a frame to scroll in, counts whole, ages in order.

    The frame itself stays as it is.
    """
    shown = with_whole_counts(with_ages_in_order(frame)).head(MOST_ROWS)
    with pd.option_context("display.max_colwidth", None):
        table = shown.to_html(notebook=True, max_rows=None, max_cols=None)
    for unknown in ("NaN", "None", "NaT", "&lt;NA&gt;"):
        table = table.replace(f"<td>{unknown}</td>", "<td>–</td>")
    more = len(frame) - len(shown)
    is_long = len(shown) > _SCROLLED_ROWS or frame.shape[1] > _SCROLLED_COLUMNS
    rest = f"<p>{len(frame)} dòng × {frame.shape[1]} cột: cuộn trong khung</p>" if is_long else ""
    rest += f"<p>… còn {more} dòng: hãy lọc bảng trước khi xem</p>" if more else ""
    name = f"t{zlib.crc32(table.encode()):08x}"
    style = _STYLE + _words_to_the_left(shown, name)
    return _FRAME.format(name=name, table=style + table, rest=rest, border=_BORDER if is_long else "")


def _words_to_the_left(frame: pd.DataFrame, name: str) -> str:
    """Return a style that sets columns of words to the left; counted from the right, for labels may span rows."""
    kinds = (pd.api.types.infer_dtype(frame.iloc[:, place], skipna=True) for place in range(frame.shape[1]))
    places = [frame.shape[1] - place for place, kind in enumerate(kinds) if kind == "string"]
    cells = ", ".join(f".{name} .dataframe :is(td, th):nth-last-child({place})" for place in places)
    return f"<style>{cells} {{text-align: left}}</style>" if cells else ""


def with_whole_counts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose counts are whole numbers also where some are missing: pandas makes decimals of them."""
    columns = [_whole(frame.iloc[:, place]) for place in range(frame.shape[1])]
    if all(new is old for new, (_, old) in zip(columns, frame.items(), strict=True)):
        return frame
    whole: pd.DataFrame = pd.concat(columns, axis=1)
    whole.columns = frame.columns
    return whole


def _whole(column: Any) -> Any:
    names = column.name if isinstance(column.name, tuple) else (column.name,)
    is_share = any("pct" in str(name) or "share" in str(name) for name in names)
    if is_share or not pd.api.types.is_float_dtype(column) or column.isna().all():
        return column
    known = column.dropna()
    return column.astype("Int64") if (known % 1 == 0).all() else column


def with_ages_in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose age groups stand by age where they are labels of rows or columns, not by their letters."""
    for axis, labels in enumerate(frame.axes):
        if "age_group" in labels.names:
            ranks = [_ranks(labels.get_level_values(level)) for level in range(labels.nlevels)]
            order = np.lexsort(ranks[::-1])
            frame = frame.iloc[order] if axis == 0 else frame.iloc[:, order]
    return frame


def _ranks(labels: pd.Index) -> list[int]:
    """Return the place of each label: of ages by age, of others as they first come."""
    order = AGES if labels.name == "age_group" else list(labels.unique())
    places = {label: place for place, label in enumerate(order)}
    return [places.get(label, len(places)) for label in labels]
