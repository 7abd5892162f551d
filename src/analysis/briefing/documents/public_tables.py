"""The public tables: aggregate tables as CSV for spreadsheets, cut to what may be published.

Only country, provinces and districts, adults, no subgroup; whatever holds a finer split is folded to totals
or left out. UTF-8 with BOM, so that Excel reads the letters; numbers with a point, as in the parquet files.
"""

import codecs
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from analysis.briefing.figures.reading import ADULTS, read_run_mark, read_unit_tables
from analysis.briefing.figures.units import COUNTRY, districts, provinces
from analysis.briefing.figures.wording import read_words
from analysis.engine import connect, sql_path, sql_text
from analysis.settings import RunParameters
from analysis.tables import TABLES, view_empty, view_table

TO_DISTRICTS = "unit_level IN ('country', 'province', 'district')"
TO_PROVINCES = "unit_level IN ('country', 'province')"
# What a spreadsheet would run as a formula, also behind blanks (OWASP, CSV injection), becomes text.
CELL_TEXT = r"""
CREATE OR REPLACE TEMP MACRO cell_text(typed) AS
    CASE WHEN regexp_matches(typed, '^[\s\p{Z}\p{C}]*[=+\-@]') OR regexp_matches(typed, '^[\t\r\n]')
         THEN '''' ELSE '' END || regexp_replace(typed, '\p{C}', ' ', 'g')"""


@dataclass(frozen=True)
class PublicTable:
    """What of an aggregate table is published: columns (sums where a split is folded), rows, order."""

    where: str
    order: str
    select: str = "*"
    is_folded: bool = False

    def query(self, name: str) -> str:
        """Return the query that cuts the table of that name."""
        group = " GROUP BY ALL" if self.is_folded else ""
        return f"SELECT {self.select} FROM {name} WHERE {self.where}{group} ORDER BY {self.order}"


# A province without exports of its own has a few records of others, too few to publish.
HAS_FILES = (
    "(unit_level = 'country' OR unit_code IN "
    "(SELECT unit_code FROM entry_progress WHERE doses_recorded IS NOT NULL))"
)
UNIT_ORDER = "unit_level, unit_code"
# What some provinces report is no rate of the country: as on the pages (reading.py), none is published.
OF_THE_WHOLE = "(unit_level <> 'country' OR basis <> 'reported' OR (SELECT is_whole FROM reported_country))"
# Verification and due counts are folded over kind of number, field, product: those cells are subgroups.
PUBLIC_TABLES = {
    "coverage": PublicTable(
        f"{TO_DISTRICTS} AND age_group = {sql_text(ADULTS)} AND people IS NOT NULL",
        f"{UNIT_ORDER}, reference_date, series_status, basis",
        f"* REPLACE (CASE WHEN {OF_THE_WHOLE} THEN coverage_pct END AS coverage_pct)",
    ),
    "coverage_bridge": PublicTable(
        TO_PROVINCES,
        f"{UNIT_ORDER}, series_status, step_order",
        "unit_level, unit_code, series_status, step, people",
    ),
    "entry_progress": PublicTable(
        f"{TO_DISTRICTS} AND doses_recorded IS NOT NULL", f"{UNIT_ORDER}, reference_date"
    ),
    "supply": PublicTable(TO_DISTRICTS, f"{UNIT_ORDER}, reference_date"),
    "verification": PublicTable(
        f"{TO_PROVINCES} AND {HAS_FILES}",
        f"{UNIT_ORDER}, link_status",
        "unit_level, unit_code, link_status, sum(rows)::BIGINT AS rows",
        is_folded=True,
    ),
    "feedback": PublicTable(TO_PROVINCES, UNIT_ORDER),
    "due_counts": PublicTable(
        TO_PROVINCES,
        f"{UNIT_ORDER}, next_dose, state",
        "unit_level, unit_code, next_dose, state, sum(people)::BIGINT AS people",
        is_folded=True,
    ),
    "forecast": PublicTable(
        # The middle and the 50 % and 95 % ranges; the districts' forecasts stay in the parquet file.
        f"{TO_PROVINCES} AND age_group = {sql_text(ADULTS)} AND quantile IN (0.025, 0.25, 0.5, 0.75, 0.975) "
        f"AND {OF_THE_WHOLE}",
        f"{UNIT_ORDER}, basis, series_status, target_date, quantile",
    ),
    "targets": PublicTable(f"{TO_PROVINCES} AND {OF_THE_WHOLE}", f"{UNIT_ORDER}, target_code, basis"),
}


def write_public_tables(run: RunParameters, folder: Path) -> list[Path]:
    """Write the public tables of a run into `folder`; returns the files written.

    Every row carries its unit's name and, for simulated data, the mark. A table the run did not make is
    left out, not written empty.
    """
    folder.mkdir(parents=True, exist_ok=True)
    words, mark = read_words(run.settings.language), read_run_mark(run)
    note = words("head.simulated") if mark.is_simulated else ""
    made = [name for name in PUBLIC_TABLES if TABLES[name].path(run).is_file()]
    with connect(run, extra_folders=(folder,)) as con:
        con.execute(CELL_TEXT)
        names = pd.DataFrame(unit_names(words("portal.national")).items(), columns=["code", "unit_name"])
        con.register("unit_names", names)
        for name in PUBLIC_TABLES:
            view_table(con, name, run) if name in made else view_empty(con, name)
        whole = read_unit_tables(run, COUNTRY).all_provinces_report
        con.execute(f"CREATE OR REPLACE TEMP VIEW reported_country AS SELECT {whole} AS is_whole")
        return [_write_csv(con, name, note, folder / f"{name}.csv") for name in made]


def unit_names(country: str) -> dict[str, str]:
    """Return the name of every country, province and district code."""
    names = {COUNTRY: country}
    for code, unit in provinces().items():
        names[code] = unit.name
        names |= {district: part.name for district, part in districts(code).items()}
    return names


def _write_csv(con: duckdb.DuckDBPyConnection, name: str, note: str, path: Path) -> Path:
    """Write one public table with the unit's name after its code and, when there is one, the mark."""
    query = PUBLIC_TABLES[name].query(name)
    con.execute(f"CREATE OR REPLACE TEMP TABLE published AS {query}")
    described = con.execute("DESCRIBE published").fetchall()
    cells = [_cell_sql(str(column), str(kind)) for column, kind, *_ in described]
    place = [column for column, *_ in described].index("unit_code") + 1
    extra = [f"{sql_text(note)} AS note"] if note else []
    columns = ", ".join([*cells[:place], "unit_name", *cells[place:], *extra])
    rows = f"SELECT {columns} FROM published LEFT JOIN unit_names ON code = unit_code"
    con.execute(f"COPY ({rows} ORDER BY published.rowid) TO {sql_path(path)} (FORMAT csv, HEADER)")
    path.write_bytes(codecs.BOM_UTF8 + path.read_bytes())
    return path


def _cell_sql(column: str, kind: str) -> str:
    return f'cell_text("{column}") AS "{column}"' if kind == "VARCHAR" else f'"{column}"'
