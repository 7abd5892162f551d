"""Columns of the truth: missing values, dates, tables."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.simulate.draws import Bools, Ints, Texts

Moments = NDArray[np.datetime64]
KINDS = np.array(["citizen", "unregistered", "foreigner", "none"], dtype=object)


def text_where(values: Texts, known: Bools) -> Texts:
    """Return the texts, None where not known."""
    column = values.astype(object)
    column[~known] = None
    return column


def dates_where(days: Ints, known: Bools) -> Moments:
    """Return days as timestamps, NaT where not known."""
    return np.where(known, days, np.iinfo(np.int64).min).astype("datetime64[D]").astype("datetime64[s]")


def table_of(columns: Mapping[str, object]) -> pd.DataFrame:
    """Return columns as a table, texts as they are (pandas' own text type is slow without Arrow)."""
    return pd.DataFrame({n: pd.Series(v, dtype=getattr(v, "dtype", None)) for n, v in columns.items()})
