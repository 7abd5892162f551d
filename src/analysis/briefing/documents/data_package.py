"""What the public tables hold, for programs: `datapackage.json` (Frictionless Data Package, Table Schema).

Made from the descriptions and units of all columns (columns.csv), in Vietnamese and, as `*_en`, in English.
"""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.briefing.documents.public_tables import COMMUNES, PUBLIC_TABLES
from analysis.briefing.figures.reading import read_run_mark
from analysis.briefing.figures.units import provinces
from analysis.briefing.figures.wording import Words, read_words, without_controls
from analysis.columns import ADDED, UNITS, describe_column
from analysis.disclosure.opening import open_protected
from analysis.disclosure.policy import Status
from analysis.engine import connect
from analysis.settings import RunParameters

PACKAGE = "datapackage.json"
# SQL types as Table Schema calls them; what is not listed is a string.
TYPES = {"DATE": "date", "BOOLEAN": "boolean", "DOUBLE": "number", "FLOAT": "number", "DECIMAL": "number"} | dict.fromkeys(
    ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"), "integer"
)  # fmt: skip


def write_data_package(run: RunParameters, folder: Path) -> Path:
    """Describe the tables that stand in `folder`, one resource a file in the order of their names."""
    vietnamese, english = read_words("vi"), read_words("en")
    day, mark = run.as_of, read_run_mark(run)
    titles = [
        words("package.title", cut_off=words("head.cut_off", day=words.day(day)))
        for words in (vietnamese, english)
    ]
    package = {
        "profile": "tabular-data-package",
        "name": f"baophu-{day.isoformat()}",
        "title": titles[0],
        "title_en": titles[1],
        "description": vietnamese("package.description"),
        "description_en": english("package.description"),
        "version": without_controls(mark.run_id, 60),
        "simulated": mark.is_simulated,
        "resources": list(_resources(run, folder)),
    }
    path = folder / PACKAGE
    path.write_bytes((json.dumps(package, ensure_ascii=False, indent=1) + "\n").encode("utf-8"))
    return path


def _resources(run: RunParameters, folder: Path) -> Iterator[dict[str, Any]]:
    types = _types(run)
    files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.csv*") if p.is_file())
    for path in files:
        name = path.removesuffix(".gz").removesuffix(".csv")
        of = "coverage" if name.startswith(f"{COMMUNES}/") else PUBLIC_TABLES[name.rpartition("/")[2]].of
        fields = [_field(of, column, types[of].get(column, "")) for column in _header(folder / path)]
        packed = {"compression": "gz"} if path.endswith(".gz") else {}
        yield {
            "profile": "tabular-data-resource",
            "name": name,
            "path": path,
            "title": table_title(name, read_words("vi")),
            "title_en": table_title(name, read_words("en")),
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            **packed,
            "schema": {"fields": fields, "missingValues": missing_values(run.settings.language)},
        }


def missing_values(language: str) -> list[str]:
    """Return what stands for no value in a column: nothing, and the markers of what is not told."""
    words = read_words(language)
    return ["", *(words(f"withheld.{s.value}") for s in (Status.UNDER_10, Status.NOT_PUBLISHED))]


def table_title(name: str, words: Words) -> str:
    """Return what a table is called, by its file's name without ending: `history/supply`, `communes/02`."""
    folder, _, table = name.rpartition("/")
    if folder == COMMUNES:
        return words("package.communes", unit=provinces()[table].name)
    title = words(f"package.tables.{table}")
    return words("package.history", title=title) if folder else title


def _field(table: str, column: str, kind: str) -> dict[str, Any]:
    """Return one column: its type, title, description and unit; its values where their list is closed."""
    text = describe_column("published" if column in ADDED["published"] else table, column)
    unit, unit_en = UNITS[text.unit]
    return {
        "name": column,
        "type": TYPES.get(kind.partition("(")[0], "string"),
        "title": short_description(text.vietnamese),
        "title_en": short_description(text.english),
        "description": text.vietnamese,
        "description_en": text.english,
        "unit": unit,
        "unit_en": unit_en,
        **({"constraints": {"enum": list(text.values)}} if text.values else {}),
    }


def short_description(description: str) -> str:
    """Return a description up to its first pause: what a column is, without its conditions."""
    return description.partition(";")[0].partition(":")[0].partition(". ")[0]


def _types(run: RunParameters) -> dict[str, dict[str, str]]:
    """Return the SQL types of the columns of the protected tables that are written, by table."""
    protected = open_protected(run)
    with connect(run) as con:
        for name in {table.of for table in PUBLIC_TABLES.values()}:
            protected[name].view(con)
        described = {
            name: con.execute(f"DESCRIBE {name}").fetchall()
            for name in {t.of for t in PUBLIC_TABLES.values()}
        }
    return {name: {str(c): str(kind) for c, kind, *_ in rows} for name, rows in described.items()}


def _header(path: Path) -> list[str]:
    """Return the columns of a written table."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return next(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
