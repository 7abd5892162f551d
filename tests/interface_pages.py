"""The page of interfaces in docs/, made from the code, the descriptions of columns and the texts in `interface/`.

    python tests/interface_pages.py

`interface/page.txt` is the page (Markdown, with links as from docs/) and has places for what is made: `{{platform}}`
and the other folders of an intake (fields and headers from the code, what stands in them from
`interface/intake.csv`), `{{units}}`, the tables of each zone (`analysis.tables`, `analysis.columns`), and the
published ones (columns from their queries, rows from `interface/published.csv`).
"""

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

from analysis.briefing.documents.public_tables import PUBLIC_TABLES
from analysis.clean.decisions import DECISIONS
from analysis.clean.fields.sites import FACILITIES
from analysis.clean.report_kinds import report_kinds
from analysis.columns import ADDED, UNITS, ColumnText, describe_column
from analysis.disclosure.public_tables import PUBLIC_TABLES as PROTECTED
from analysis.intake.headers.finding import PLATFORM, Schema
from analysis.intake.headers.schemas import REGISTRY_OPTIONAL, REGISTRY_REQUIRED
from analysis.tables import TABLES, Table, Zone, view_empty

ROOT = Path(__file__).resolve().parents[1]
TEXTS = ROOT / "tests" / "interface"
PAGE = ROOT / "docs" / "interfaces.md"
REGISTRY = Schema("registry", dict.fromkeys((*REGISTRY_REQUIRED, *REGISTRY_OPTIONAL), ()), REGISTRY_REQUIRED)
PLACE = re.compile(r"\{\{(\w+)\}\}")


def intake_schemas() -> dict[str, Schema]:
    """Return the folders of an intake that have columns of their own, each with its schema."""
    schemas = (PLATFORM, REGISTRY, DECISIONS, FACILITIES, *(kind.schema for kind in report_kinds()))
    return {schema.kind: schema for schema in schemas}


def intake_texts() -> dict[tuple[str, str], str]:
    """Return what stands in each field of each folder."""
    return {(row["folder"], row["field"]): row["holds"] for row in _rows("intake.csv")}


def published_rows() -> dict[str, str]:
    """Return which rows of its table each published table holds."""
    return {row["table"]: row["rows"] for row in _rows("published.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    with (TEXTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def page_text() -> str:
    """Return the page."""
    made = {
        **{folder: folder_table(schema) for folder, schema in intake_schemas().items()},
        "units": units_table(),
        "restricted": zone_section(Zone.RESTRICTED),
        "aggregate": zone_section(Zone.AGGREGATE),
        "published": published_section(),
    }
    return fill_places((TEXTS / "page.txt").read_text("utf-8"), made)


def fill_places(page: str, made: Mapping[str, str]) -> str:
    """Return the page with every place filled; raises KeyError for a place or a text without the other."""
    if lost := set(made) ^ set(PLACE.findall(page)):
        raise KeyError(", ".join(sorted(lost)))
    return PLACE.sub(lambda place: made[place[1]], page)


def field_name(schema: Schema, field: str) -> str:
    """Return a field by the name that files of its kind may use: its only header where that is a name itself."""
    headers = schema.headers[field]
    return headers[0] if len(headers) == 1 and re.fullmatch("[a-z_]+", headers[0]) else field


def folder_table(schema: Schema) -> str:
    """Return the fields of one folder: required or not, recognised headers where there are, what stands in them."""
    texts, names = intake_texts(), {field: field_name(schema, field) for field in schema.headers}
    headers = {field: [h for h in schema.headers[field] if h != name] for field, name in names.items()}
    lines = [["field", "required", "headers", "holds"]]
    for field, name in names.items():
        needed = "yes" if field in schema.required else ""
        lines.append([f"`{name}`", needed, " · ".join(headers[field]), texts[schema.kind, name]])
    shown = [0, 1, 2, 3] if any(headers.values()) else [0, 1, 3]
    return markdown_table([[line[place] for place in shown] for line in lines])


def units_table() -> str:
    """Return the units of columns in both languages."""
    return markdown_table(
        [["unit", "tiếng Việt", "English"], *([f"`{u}`", *words] for u, words in UNITS.items())]
    )


def zone_section(zone: Zone) -> str:
    """Return every table of a zone, in the order of the stages."""
    return "\n\n".join(_table_section(table) for table in TABLES.values() if table.zone is zone)


def _table_section(table: Table) -> str:
    head = f"### `{table.name}`\n\nA row: {table.row}. Key: {_codes(table.grain)}."
    return f"{head}\n\n{columns_table(table.name, table.columns)}"


def columns_table(name: str, columns: Mapping[str, str]) -> str:
    """Return the columns of a table with type, unit, both descriptions and closed values."""
    lines = [["column", "type", "unit", "tiếng Việt", "English", "values"]]
    for column, kind in columns.items():
        text = describe_column(name, column)
        lines.append([f"`{column}`", kind, text.unit, text.vietnamese, text.english, _codes(text.values)])
    return markdown_table(lines)


def published_section() -> str:
    """Return every published table: which rows, and the columns it keeps."""
    rows = published_rows()
    parts = [
        f"### `tables/{name}.csv`\n\nRows: {rows[name]}. Columns: {_codes(columns)}."
        for name, columns in published_columns().items()
    ]
    added = markdown_table(
        [["added column", "tiếng Việt", "English"]]
        + [[f"`{text.column}`", text.vietnamese, text.english] for text in _added()]
    )
    return "\n\n".join([added, *parts])


def _added() -> list[ColumnText]:
    return [describe_column("published", column) for column in ADDED["published"]]


def published_columns() -> dict[str, list[str]]:
    """Return the columns of each published table as its query gives them, the unit's name behind its code."""
    with duckdb.connect() as con:
        for name in TABLES:
            view_empty(con, name)
        con.execute("CREATE TEMP VIEW told_coverage AS SELECT *, 'shown' AS people_status FROM coverage")
        for name, public in PROTECTED.items():
            counts = "".join(f", 'shown' AS {count}_status" for count in public.counts)
            rows = f"SELECT COLUMNS(lambda c: c <> 'among'){counts} FROM ({public.query})"
            con.execute(f"CREATE TEMP TABLE public_{name} AS {rows}")
        for name in PROTECTED:
            con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS FROM public_{name}")
        con.execute("CREATE TEMP VIEW reported_country AS SELECT true AS is_whole")
        return {name: _with_name(con, table.query()) for name, table in PUBLIC_TABLES.items()}


def _with_name(con: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    columns = [str(row[0]) for row in con.execute(f"DESCRIBE {query}").fetchall()]
    columns = [c for c in columns if not (c.endswith("_status") and c.removesuffix("_status") in columns)]
    place = columns.index("unit_code") + 1
    return [*columns[:place], "unit_name", *columns[place:]]


def _codes(words: Iterable[str]) -> str:
    return " ".join(f"`{word}`" for word in words)


def markdown_table(lines: list[list[str]]) -> str:
    """Return a Markdown table; the first line is its head."""
    head, *rows = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *rows))


def main() -> None:
    """Write the page."""
    PAGE.write_text(page_text(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
