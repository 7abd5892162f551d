"""The simulator's lists (simulation_*.csv), read once: apart, because every room of the simulator shares them."""

from functools import cache

import pandas as pd

from analysis.reference import read_reference


@cache
def read_list(file_name: str) -> pd.DataFrame:
    """Return a reference table, all columns text; shared by its readers, who must not change it."""
    return read_reference(file_name)
