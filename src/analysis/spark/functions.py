"""What the steps ask of DuckDB and Spark does not have: functions registered under DuckDB's names.

They take and give columns of Arrow, so that no value passes through Python, and rest on nothing of this package: a
worker needs pyarrow alone.
"""

from typing import Any


def register_functions(session: Any) -> None:
    """Give a Spark session `nfc_normalize(text)` and `strip_accents(text)`, as DuckDB has them."""
    import pyarrow
    import pyarrow.compute as arrow
    from pyspark.sql.functions import arrow_udf

    # Defined here, they travel to the workers by value; Spark reads their annotations, which are therefore no texts.
    def nfc_normalize(text: pyarrow.Array) -> pyarrow.Array:
        return arrow.utf8_normalize(text, form="NFC")

    def strip_accents(text: pyarrow.Array) -> pyarrow.Array:
        return arrow.replace_substring_regex(
            arrow.utf8_normalize(text, form="NFD"), pattern=r"\p{Mn}", replacement=""
        )

    for function in (nfc_normalize, strip_accents):
        session.udf.register(function.__name__, arrow_udf(function, "string"))
