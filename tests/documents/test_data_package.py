"""The description of the public tables: a valid package, and every cell of every table as it says."""

import csv
import gzip
import io
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest

from analysis.briefing.documents.data_package import PACKAGE, table_title, write_data_package
from analysis.briefing.documents.public_tables import PUBLIC_TABLES, write_public_tables
from analysis.briefing.figures.wording import read_words
from analysis.disclosure.public_tables import PUBLIC_TABLES as CONTROLLED
from analysis.settings import RunParameters

Sample = Callable[..., RunParameters]
# What we use of Data Package and Table Schema (specs.frictionlessdata.io), written down again to be checked against.
TEXT = {"type": "string", "minLength": 1}
BOTH = {"title": TEXT, "title_en": TEXT}
FIELD = {
    "type": "object",
    "required": ["name", "type", *BOTH, "description", "description_en", "unit", "unit_en"],
    "properties": BOTH | {
        "name": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}, "description": TEXT, "description_en": TEXT,
        "type": {"enum": ["string", "number", "integer", "boolean", "date"]}, "unit": TEXT, "unit_en": TEXT,
        "constraints": {"type": "object", "properties": {"enum": {"type": "array", "minItems": 1, "uniqueItems": True}}},
    },
}  # fmt: skip
RESOURCE = {
    "type": "object",
    "required": ["name", "path", "profile", "schema", "encoding", *BOTH],
    "properties": BOTH | {
        "name": {"type": "string", "pattern": "^[-a-z0-9._/]+$"},
        "path": {"type": "string", "pattern": r"^(?!/)(?!.*\.\.)[^:]+\.csv(\.gz)?$"},
        "profile": {"const": "tabular-data-resource"}, "encoding": {"const": "utf-8"}, "compression": {"const": "gz"},
        "schema": {
            "type": "object", "required": ["fields", "missingValues"],
            "properties": {"fields": {"type": "array", "minItems": 1, "items": FIELD},
                           "missingValues": {"type": "array", "items": {"type": "string"}}},
        },
    },
}  # fmt: skip
PACKAGE_SCHEMA = {
    "type": "object",
    "required": ["name", "profile", "resources", *BOTH],
    "properties": BOTH | {
        "name": {"type": "string", "pattern": "^[-a-z0-9._/]+$"}, "profile": {"const": "tabular-data-package"},
        "resources": {"type": "array", "minItems": 1, "items": RESOURCE},
    },
}  # fmt: skip
READ: dict[str, Callable[[str], Any]] = {
    "string": str,
    "number": float,
    "integer": int,
    "boolean": {"true": True, "false": False}.__getitem__,
    "date": date.fromisoformat,
}


def with_small_counts(frames: dict[str, pd.DataFrame]) -> None:
    """Plant counts that are not told, and a commune."""
    due = frames["due_counts"]
    due.loc[due["state"] == "overdue", "people"] = 3
    coverage = frames["coverage"]
    own = (coverage["unit_code"] == "034") & (coverage["basis"] == "reconciled")
    rows = [coverage, coverage[own].assign(unit_level="commune", unit_code="01153")]
    frames["coverage"] = pd.concat(rows, ignore_index=True)


@pytest.fixture
def tables(sample: Sample, tmp_path: Path) -> Path:
    run = sample(edit=with_small_counts)
    write_public_tables(run, tmp_path / "tables")
    write_data_package(run, tmp_path / "tables")
    return tmp_path / "tables"


def package_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / PACKAGE).read_text(encoding="utf-8")))


def rows_of(path: Path) -> list[dict[str, str]]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def faults(resource: dict[str, Any], rows: list[dict[str, str]]) -> list[str]:
    """Return the cells that are not as the schema says."""
    fields = {field["name"]: field for field in resource["schema"]["fields"]}
    missing = resource["schema"]["missingValues"]
    found = []
    for row in rows:
        if list(row) != list(fields):
            return ["columns"]
        for name, cell in row.items():
            allowed = fields[name].get("constraints", {}).get("enum", [cell])
            try:
                if cell not in missing and (READ[fields[name]["type"]](cell) is None or cell not in allowed):
                    found.append(f"{name}: {cell}")
            except (ValueError, KeyError):
                found.append(f"{name}: {cell}")
    return found


def test_the_package_is_valid_and_describes_every_file(tables: Path) -> None:
    package = package_of(tables)
    jsonschema.validate(package, PACKAGE_SCHEMA)
    files = {p.relative_to(tables).as_posix() for p in tables.rglob("*.csv*")}
    assert {r["path"] for r in package["resources"]} == files and len(files) > 12
    assert "communes/02.csv" in files and "history/supply.csv.gz" in files
    names = [r["name"] for r in package["resources"]]
    assert len(set(names)) == len(names)


def test_every_cell_is_what_the_schema_says_and_markers_are_missing_values(tables: Path) -> None:
    markers = 0
    for resource in package_of(tables)["resources"]:
        rows = rows_of(tables / resource["path"])
        assert faults(resource, rows) == [], resource["path"]
        assert resource["schema"]["missingValues"] == ["", "[dưới 10]", "[không công bố]"]
        markers += sum(bool(re.fullmatch(r"\[.+\]", cell)) for row in rows for cell in row.values())
    assert markers > 0


def test_a_cell_of_another_kind_is_found(tables: Path) -> None:
    resource = next(r for r in package_of(tables)["resources"] if r["name"] == "supply")
    row = rows_of(tables / "supply.csv")[0]
    for name, cell in (("doses_received", "[ẩn]"), ("unit_level", "thôn"), ("reference_date", "07/11/2021")):
        assert faults(resource, [row | {name: cell}]) == [f"{name}: {cell}"]


def test_units_and_both_languages_come_from_the_descriptions(tables: Path) -> None:
    resources = {r["name"]: r for r in package_of(tables)["resources"]}
    fields = {f["name"]: f for f in resources["coverage"]["schema"]["fields"]}
    assert (fields["people"]["type"], fields["people"]["unit"], fields["people"]["unit_en"]) == (
        "integer", "người", "people",
    )  # fmt: skip
    assert fields["coverage_pct"]["type"] == "number" and fields["unit_name"]["type"] == "string"
    assert resources["communes/02"]["title"].endswith("Tỉnh Hà Giang")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_published_table_has_a_title(language: str) -> None:
    for names in (
        PUBLIC_TABLES,
        CONTROLLED,
    ):  # those written as files, and all that the checker's sheet lists
        titles = [table_title(name, read_words(language)) for name in names]
        assert len(set(titles)) == len(names)


def test_the_same_tables_give_the_same_bytes(whole_run: RunParameters, tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        write_public_tables(whole_run, tmp_path / name)
        made.append(write_data_package(whole_run, tmp_path / name).read_bytes())
    assert made[0] == made[1]
