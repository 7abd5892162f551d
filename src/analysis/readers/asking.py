"""What a reader is asked for: which units, which words, and whether the newest day alone; wrong words are refused."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.columns import Reader, describe_column, list_columns, lists_columns
from analysis.disclosure.public_tables import PUBLIC_TABLES
from analysis.errors import RequestError
from analysis.readers.opening import columns_of, name_units, query_frame, table_path, words_of
from analysis.settings import RunParameters, parse_provinces
from analysis.tables import TABLES, Zone

UNIT_COLUMNS = ("unit_level", "unit_code", "unit_name", "district_name", "province_name")
UNIT_LEVELS = ("country", "province", "district", "commune")
AGE_GROUPS = ("all", "5-11", "12-17", "18+", "50+", "65+")
# The column of a table's days, of which `newest` leaves the last.
DAYS = ("reference_date", "week", "entered_by", "report_date")
WITH_OWN_READER: set[str] = set()
MOST_SHOWN = 40  # characters of a wrong word, in the refusal of it

# Named units beside the rows of one table.
ROWS = """
SELECT u.unit_level, u.unit_code, u.unit_name, u.district_name, u.province_name, t.* EXCLUDE ({own})
FROM {path} AS t JOIN unit_names AS u USING ({joined})
WHERE {where}
ORDER BY u.level_order, u.unit_code, {order}"""


@dataclass(frozen=True)
class Units:
    """Which units are asked for: one province with all in it, one unit alone, or all of a level."""

    province_code: str | None = None
    unit_code: str | None = None
    unit_level: str | None = None

    def conditions(self) -> dict[str, str]:
        """Return the SQL conditions on `unit_names AS u`, each with its value ("" where it needs none).

        Raises RequestError for an unknown unit or level, and for a province beside a unit of its own.
        """
        if self.unit_code is not None:
            if self.province_code is not None:
                raise RequestError(
                    "give province_code (with all in it) or unit_code (that unit alone), not both"
                )
            _check_unit(self.unit_code)
        found = {} if self.unit_code is None else {"u.unit_code = ?": self.unit_code}
        if self.province_code is not None:
            found["u.province_code = ?"] = parse_provinces((self.province_code,))[0]
        if self.unit_level is not None:
            check_word("unit_level", self.unit_level, UNIT_LEVELS)
            found["u.unit_level = ?"] = self.unit_level
        return found or {"u.unit_level IN ('country', 'province')": ""}


def check_word(argument: str, word: object, known: Iterable[object]) -> None:
    """Raise RequestError for a word that is none of the known ones, naming them."""
    words = [str(one) for one in known]
    if str(word) not in words:
        shown = " ".join(str(word).split())[:MOST_SHOWN]
        raise RequestError(f"{argument}: '{shown}' is unknown; known are: {', '.join(words)}")


def _check_unit(code: str) -> None:
    if code not in set(name_units()["unit_code"]):
        shown = " ".join(str(code).split())[:MOST_SHOWN]
        raise RequestError(
            f"unit_code: '{shown}' is no unit of November 2021; write VN, a province (02), a district (024) or a "
            "commune (00688); readers.name_units() lists them all"
        )


def gives(table: str, *added: str) -> Callable[[Reader], Reader]:
    """Return a decorator that lists in a reader's docstring the columns of its frame: units, table, added."""
    own = [column for column in TABLES[table].columns if column not in UNIT_COLUMNS]
    WITH_OWN_READER.add(table)
    return lists_columns(table, (*UNIT_COLUMNS, *own, *added))


def list_others(read: Reader) -> Reader:
    """End a reader's docstring with the columns of every table of counts by unit that has no reader of its own."""
    others = [
        f"Columns of {name}:\n{list_columns(name, table.columns)}"
        for name, table in TABLES.items()
        if table.zone is Zone.AGGREGATE and "unit_code" in table.columns and name not in WITH_OWN_READER
    ]
    read.__doc__ = "\n\n".join([inspect.cleandoc(read.__doc__ or ""), *others])
    return read


def read_rows(
    run: RunParameters,
    name: str,
    units: Units = Units(),
    chosen: Mapping[str, object] | None = None,
    newest: bool = False,
) -> pd.DataFrame:
    """Read one table of counts for the units asked for, with their names, sorted by unit and then by its key.

    `chosen`: column → the one value that is asked for (None: all). `newest`: the last day that the table has. Raises
    RequestError for a word or unit that is not known, and for `newest` of a table without days.
    """
    path = table_path(run, name)
    columns = columns_of(path)
    conditions = _unit_conditions(units, columns) | _word_conditions(name, path, columns, chosen or {})
    if newest:
        day = newest_day(name, columns)
        conditions[f't."{day}" = (SELECT max("{day}") FROM {{path}})'] = ""
    where, values = " AND ".join(conditions), [v for v in conditions.values() if v != ""]
    own = [c for c in ("unit_level", "unit_code") if c in columns]
    order = ", ".join(_ordered(c) for c in _key(name) if c in columns and c not in UNIT_COLUMNS)
    if "step_order" in columns:
        order = "t.series_status, t.step_order"
    text = ROWS.replace("{own}", ", ".join(own)).replace("{joined}", ", ".join(own))
    return query_frame(
        [path], text.replace("{where}", where).replace("{order}", order or "u.unit_code"), values
    )


def _key(name: str) -> tuple[str, ...]:
    """Return the key columns of a table of counts, or of one that is made for publication alone."""
    return TABLES[name].grain if name in TABLES else PUBLIC_TABLES[name].keys


def newest_day(name: str, columns: Iterable[str]) -> str:
    """Return the column of a table's days; raises RequestError where it has none."""
    if found := next((day for day in DAYS if day in columns), None):
        return found
    raise RequestError(f"newest: the table '{name}' has no days, it is of the run's own day")


def _unit_conditions(units: Units, columns: Iterable[str]) -> dict[str, str]:
    found = units.conditions()
    return found if "unit_code" in columns else {}


def _word_conditions(
    name: str, path: Path, columns: Iterable[str], chosen: Mapping[str, object]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column, word in chosen.items():
        if word is None:
            continue
        if column not in columns:
            raise RequestError(f"{column}: the table '{name}' is published without it; leave it out")
        check_word(column, word, describe_column(name, column).values or words_of(path, column))
        found[f't."{column}" = ?'] = word
    return found


def _ordered(column: str) -> str:
    """Return the SQL order of a key column: ages by age, all else as it is."""
    if column != "age_group":
        return f't."{column}" NULLS FIRST'
    ranks = " ".join(f"WHEN '{group}' THEN {rank}" for rank, group in enumerate(AGE_GROUPS))
    return f"CASE t.age_group {ranks} END"
