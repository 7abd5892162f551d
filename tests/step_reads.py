"""What a query reads, as the engine's own parser sees it: declared reads are held against it."""

import json
from collections.abc import Iterator
from typing import Any

import duckdb

from analysis.steps import Plan, Step, unrolled


def read_tables(query: str) -> set[str]:
    """Return the tables that a SELECT reads: no names of its own WITH, of VALUES or of table functions."""
    return {node["table_name"] for node in nodes_of(parsed(query)) if node.get("type") == "BASE_TABLE"} - (
        named_inside(query)
    )


def named_inside(query: str) -> set[str]:
    """Return the names that a SELECT gives to queries of its own WITH."""
    return {
        entry["key"] for node in nodes_of(parsed(query)) for entry in node.get("cte_map", {}).get("map", ())
    }


def wrong_reads(plan: Plan) -> dict[str, set[str]]:
    """Return step → tables that are declared and not read, or read and not declared."""
    steps = [step for step in unrolled(plan) if step.query]
    found = {step.table: _reads(step) ^ set(step.read_tables) for step in steps}
    return {table: names for table, names in found.items() if names}


def _reads(step: Step) -> set[str]:
    ordinary = read_tables(step.ordinary.replace("{values}", "own_values")) if step.ordinary else set()
    return read_tables(step.query) | ordinary - {"own_values"}


def parsed(query: str) -> Any:
    """Return a SELECT as the engine's parser has it."""
    read = json.loads(duckdb.execute("SELECT json_serialize_sql(?)", [query]).fetchall()[0][0])
    assert not read["error"], read["error_message"]
    assert len(read["statements"]) == 1
    return read


def nodes_of(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every node of what was parsed."""
    if isinstance(tree, dict):
        yield tree
    for branch in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from nodes_of(branch)
