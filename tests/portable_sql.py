"""What a step's SELECT may not hold, because the second engine (docs/architecture.md, "Two engines") has no like of it.

Read with DuckDB's own parser, so that neither Java nor a package of Spark's is needed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from analysis.steps import Plan, unrolled
from sql_forms import forms
from step_reads import nodes_of, parsed

# Each is in a statement that tests/spark compares on both engines: a new one is tried there before it is listed here.
_WORDS = """
abs any_value arg_max bool_and bool_or concat_ws contains count count_if count_star date_diff day dayofyear
first_value flatten greatest hash if lag least left len length levenshtein list list_concat list_contains list_filter
list_has_all list_has_any list_reduce list_sort list_transform list_value list_where log2 lower lpad make_date max
min month nfc_normalize nullif pow product quantile_disc range rank regexp_matches regexp_replace replace right
round row row_number sign split split_part sqrt starts_with strip_accents struct_pack substr sum to_hours to_months
to_years trim trunc unnest year % * + - / // || ~~
"""
CARRIED = set(_WORDS.split())
# Columns and functions whose values are days.
_DAY = re.compile(r"(^|_)(date|day|on)$|^due_(from|until)$")
_OF_DAYS = {"min", "max", "coalesce", "greatest", "least", "any_value", "lag"}


@dataclass(frozen=True)
class Finding:
    """A construct that the other engine lacks: in which step, what, and the text of its query from there on."""

    table: str
    construct: str
    text: str


def unportable(plan: Plan) -> list[Finding]:
    """Return what the steps of a plan hold that the second engine lacks."""
    return [
        Finding(step.table, construct, _from(step.query, node))
        for step in unrolled(plan)
        if step.query
        for node in nodes_of(parsed(step.query))
        for construct in (*_constructs(node), *forms(node))
    ]


def _constructs(node: dict[str, Any]) -> Iterator[str]:
    kind, name = node.get("class"), node.get("function_name", "")
    if kind in ("FUNCTION", "WINDOW") and name not in CARRIED:
        yield f"{name}()"
    if kind == "WINDOW" and node["filter_expr"]:
        yield "FILTER before OVER"
    if kind == "STAR" and node["replace_list"]:
        yield "* REPLACE"
    if kind == "COLUMN_REF" and node["column_names"][-1] == "rowid":
        yield "rowid"
    if kind == "FUNCTION" and name in ("-", "+") and _is_day(node["arguments"][-1]["expression"]):
        yield f"{name} a day"
    if any(
        entry["value"]["materialized"] != "CTE_MATERIALIZE_DEFAULT"
        for entry in node.get("cte_map", {}).get("map", ())
    ):
        yield "MATERIALIZED"
    if len(node.get("group_sets") or ()) > 1:
        selected = [column.get("column_names", [""])[-1:] for column in node["select_list"]]
        asked = [inner["column_names"] for inner in nodes_of(node["having"]) if "column_names" in inner]
        if any(names not in selected for names in asked):
            yield "HAVING of grouping sets on what is not selected"
    if kind == "FUNCTION" and name == "date_diff":
        unit = node["arguments"][0]["expression"].get("literal", {}).get("text")
        if unit != "day":
            yield "date_diff of other units than 'day'"


def _is_day(node: dict[str, Any]) -> bool:
    if node["class"] == "CAST":
        return node["type_expr"].get("type_name") == "DATE"
    if node["class"] == "COLUMN_REF":
        return bool(_DAY.search(node["column_names"][-1]))
    inner = [argument["expression"] for argument in node.get("arguments", ())] or node.get("children", [])
    return (node.get("function_name") in _OF_DAYS or node["type"] == "OPERATOR_COALESCE") and any(
        map(_is_day, inner)
    )


def _from(query: str, node: dict[str, Any]) -> str:
    """Return the line of a query in which a node stands; its place is counted in bytes."""
    places = [n["query_location"] for n in nodes_of(node) if n.get("query_location", 2**63) < 2**63]
    before = query.encode()[: min(places, default=0)].decode()
    return query[before.rfind("\n") + 1 :].split("\n")[0]


def place_of(text: str, folders: list[Path]) -> str:
    """Return file and line of the source text that a line of a query comes from: of all lines the most alike."""
    lines = [
        (path, number, line)
        for folder in folders
        for path in sorted(folder.rglob("*.py"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
    ]

    def alike(candidate: tuple[Path, int, str]) -> int:
        match = SequenceMatcher(None, text.strip(), candidate[2].strip(), autojunk=False).find_longest_match()
        return match.size

    path, number, _ = max(lines, key=alike)
    return f"{path.name}:{number}"
