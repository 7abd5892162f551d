"""The methods that `benchmarks/linkage.py` compares, each a function of one prepared run.

A method gets the cleaned rows and the registry as the project reads them, and makes the table `answers`:
row_no, citizen_id (null: none), probability, in_review. Splink is imported by its own methods only.
"""

from collections.abc import Callable
from importlib import import_module

import duckdb

from analysis.settings import RunParameters

Method = Callable[[duckdb.DuckDBPyConnection, RunParameters], None]

# Name on the command line → module and function.
METHODS = {
    "ours": ("staged", "link_staged"),
    "four_field": ("plain", "link_four_fields"),
    "exact_id": ("plain", "link_exact_id"),
    "splink": ("splink_models", "link_good_user"),
    "splink_vietnamese": ("splink_models", "link_vietnamese"),
}


def find_method(name: str) -> Method:
    """Return a method; raises ImportError when its package is not installed."""
    module, function = METHODS[name]
    found: Method = getattr(import_module(f"{__name__}.{module}"), function)
    return found
