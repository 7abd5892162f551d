"""What the rules need of `vaccines.csv`: each fact of a product under the name of the rule that asks for it.

The table alone says which products there are, how they are typed, how many doses they take and when. A rule that
needs one of these facts takes it from here, so that a new product or a corrected interval is one changed row
(sources vaccine-1 to vaccine-3, due-2).
"""

from datetime import date

from analysis.reference import reference_rows

_ROWS = reference_rows("vaccines.csv")


def _words(row: dict[str, str], column: str) -> tuple[str, ...]:
    return tuple(filter(None, row[column].split(";")))


PRODUCTS: tuple[str, ...] = tuple(row["product"] for row in _ROWS)
APPROVED_ON: dict[str, date] = {row["product"]: date.fromisoformat(row["approved_on"]) for row in _ROWS}
# A product that nobody recognised is taken for one of the usual two doses.
USUAL_SERIES_DOSES = 2
SERIES_DOSES: dict[str, int] = {row["product"]: int(row["series_doses"]) for row in _ROWS}
# Days after a dose between which the next one is planned; a product without both ends has no window.
DUE_WINDOWS: dict[str, tuple[int, int]] = {
    row["product"]: (int(row["interval_from_days"]), int(row["interval_until_days"]))
    for row in _ROWS
    if row["interval_from_days"] and row["interval_until_days"]
}
# Days after a dose of the product before which a next one is too early.
LEAST_INTERVAL_DAYS: dict[str, int] = {
    row["product"]: int(row["least_interval_days"]) for row in _ROWS if row["least_interval_days"]
}
# How products are typed (read_vaccines says what each column is): reduced to letters and digits.
SIGNS: dict[str, tuple[str, ...]] = {row["product"]: _words(row, "signs") for row in _ROWS}
LONG_NAMES: dict[str, tuple[str, ...]] = {row["product"]: _words(row, "long_names") for row in _ROWS}
SHORT_FORMS: dict[str, str] = {short: row["product"] for row in _ROWS for short in _words(row, "short_forms")}
FILLED_FROM: dict[str, str] = {row["product"]: row["filled_from"] for row in _ROWS if row["filled_from"]}


def products_of_series(doses: int) -> tuple[str, ...]:
    """Return the products whose primary series has this many doses."""
    return tuple(name for name in PRODUCTS if SERIES_DOSES[name] == doses)


def series_doses_sql(product: str) -> str:
    """Return SQL for the doses of the primary series of a product, given as an SQL expression."""
    unusual = " ".join(
        f"WHEN '{name}' THEN {doses}" for name, doses in SERIES_DOSES.items() if doses != USUAL_SERIES_DOSES
    )
    return f"CASE {product} {unusual} ELSE {USUAL_SERIES_DOSES} END"


def is_of_series_sql(product: str, doses: int) -> str:
    """Return SQL that tells whether a product's primary series has this many doses."""
    names = ", ".join(f"'{name}'" for name in products_of_series(doses))
    return f"{product} IN ({names})"
