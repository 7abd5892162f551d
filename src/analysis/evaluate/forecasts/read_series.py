"""Open a file of past weekly coverage for the backtest; refuse what cannot be scored, naming the line."""

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import RequestError
from analysis.trends.forecast.series import SERIES, Panel, make_panel

KEYS = ("country", "unit_code", "week_ending")
FIRST_LINE = 2  # the line under the header, as an editor counts


def read_series(path: Path) -> list[Panel]:
    """Return one panel per country of a series file, countries in order of their names.

    The CSV (or .csv.gz) has `country, unit_code, week_ending` (YYYY-MM-DD) and `at_least_one_pct`,
    `primary_complete_pct` (cumulative percent; empty where unknown; one of the two columns may be
    absent). Further columns are ignored. Raises RequestError for anything else.
    """
    text = _read_text(path)
    frame = pd.DataFrame({name: text[name] for name in KEYS[:2]})
    frame["week_ending"] = _parse_days(text["week_ending"])
    for status in SERIES:
        frame[status] = _parse_percents(text, f"{status}_pct")
    _refuse_first(text["country"].eq("") | text["unit_code"].eq(""), "the country or the unit_code is empty")
    _refuse_first(frame.duplicated(list(KEYS)), "the same unit and week stand there twice")
    return [make_panel(str(country), rows) for country, rows in frame.groupby("country", sort=True)]


def _read_text(path: Path) -> pd.DataFrame:
    """Read the file with every cell as text; raises RequestError when it is no table of this kind."""
    text = read_text_table(path, "--series", KEYS)
    if not any(f"{status}_pct" in text.columns for status in SERIES):
        raise RequestError("--series: a column 'at_least_one_pct' or 'primary_complete_pct' is needed")
    return text


def read_text_table(path: Path, option: str, needed: tuple[str, ...]) -> pd.DataFrame:
    """Read a CSV file with every cell as text and the needed columns; raises RequestError, naming the option."""
    try:
        text = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise RequestError(f"{option}: the file does not exist; check the path") from error
    except (OSError, EOFError, UnicodeError, ValueError) as error:
        raise RequestError(f"{option}: the file is not a CSV table in UTF-8; export it again") from error
    missing = [name for name in needed if name not in text.columns]
    if missing:
        raise RequestError(f"{option}: the column '{missing[0]}' is missing; needed: {', '.join(needed)}")
    if text.empty:
        raise RequestError(f"{option}: the file has a header and no rows; give a longer file")
    return text.fillna("")


def _refuse_first(wrong: pd.Series, what: str) -> None:
    """Raise RequestError naming the first line for which `wrong` holds."""
    lines = np.flatnonzero(wrong.to_numpy(dtype=bool))
    if lines.size:
        raise RequestError(f"--series: line {lines[0] + FIRST_LINE}: {what}; correct the file")


def _parse_days(text: pd.Series) -> pd.Series:
    days = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    _refuse_first(days.isna(), "week_ending is not a day written YYYY-MM-DD")
    return days


def _parse_percents(text: pd.DataFrame, column: str) -> pd.Series:
    """Return a column of percents, NaN where empty or where the file lacks the column."""
    if column not in text.columns:
        return pd.Series(np.nan, index=text.index)
    cells = text[column].str.strip()
    numbers = pd.to_numeric(cells.mask(cells == ""), errors="coerce")
    wrong = (numbers.isna() & (cells != "")) | (numbers < 0) | np.isinf(numbers)
    _refuse_first(wrong, f"{column} is not a percent of 0 or more")
    return numbers.astype(float)
