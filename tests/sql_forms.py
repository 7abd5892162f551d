"""Forms of a SELECT that Spark refuses or takes otherwise although SQLGlot carries them over without a word.

Each was tried on both engines with a query of a few rows (Spark 4.3, SQLGlot 30). A form of the parser's that no step
holds is told too: it is tried there before it is listed here.
"""

import re
from collections.abc import Iterator
from typing import Any

from step_reads import nodes_of

# As DuckDB's parser calls them.
_PLAIN = """
ARRAY_EXTRACT ASCENDING BASE_TABLE CASE_EXPR COLUMN_REF COMPARE_BETWEEN COMPARE_DISTINCT_FROM COMPARE_EQUAL
COMPARE_GREATERTHAN COMPARE_GREATERTHANOREQUALTO COMPARE_IN COMPARE_LESSTHAN COMPARE_LESSTHANOREQUALTO COMPARE_NOTEQUAL
COMPARE_NOT_DISTINCT_FROM COMPARE_NOT_IN CONJUNCTION_AND CONJUNCTION_OR DESCENDING DISTINCT_MODIFIER EMPTY
EXPRESSION_LIST FUNCTION GROUPING_FUNCTION JOIN LAMBDA LIMIT_MODIFIER OPERATOR_CAST OPERATOR_COALESCE
OPERATOR_IS_NOT_NULL OPERATOR_IS_NULL OPERATOR_NOT ORDER_DEFAULT ORDER_MODIFIER SELECT_NODE SET_OPERATION_NODE STAR
STRUCT_EXTRACT SUBQUERY TYPE VALUE_CONSTANT WINDOW_AGGREGATE WINDOW_FIRST_VALUE WINDOW_LAG WINDOW_RANK
WINDOW_ROW_NUMBER
"""
_TYPES = "BIGINT BOOLEAN DATE DECIMAL DOUBLE INTEGER SMALLINT TIMESTAMP TINYINT VARCHAR list"
_FILTERED = "arg_max bool_and bool_or count count_if count_star max min sum"
_OVER = f"{_FILTERED} any_value first_value lag rank row_number"
PLAIN, TYPES, FILTERED, OVER = (set(words.split()) for words in (_PLAIN, _TYPES, _FILTERED, _OVER))
_ORDERED = {"list", "product"}
_DISTINCT = {"count", "max", "min", "sum"}
# Of functions that Spark has with fewer arguments.
_MOST = {"arg_max": 2, "list_reduce": 2, "max": 1, "min": 1, "regexp_matches": 2, "trunc": 1, "unnest": 1}
_FROM_ONE = {"left", "right", "substr"}
_DAYS = {"DATE", "TIMESTAMP"}


def forms(node: dict[str, Any]) -> Iterator[str]:
    """Yield what a node holds that is not the same on both engines, or was never tried."""
    kind, form = node.get("class", ""), node.get("type")
    if isinstance(form, str) and form not in PLAIN:
        yield form
    look = _LOOKS.get(kind or str(form))
    if look:
        yield from look(node)
    if node.get("sample"):
        yield "SAMPLE"


def _of_select(node: dict[str, Any]) -> Iterator[str]:
    chosen = node["select_list"]
    used = [node["where_clause"], node["having"], node["qualify"], *_conditions(node["from_table"])]
    asked = {id(part) for clause in used for part in _parts(clause)}
    inner = [part for clause in (chosen, node["group_expressions"], *used) for part in _own_nodes(clause)]
    if any(_is_in(part) and id(part) not in asked for part in inner):
        yield "IN (SELECT …) as a value"  # false there, null here, where the list holds a null
    if any(_is_predicate(part) for part in _own_nodes(_orders(node))):
        yield "a subquery in ORDER BY"
    names = [part["function_name"] for part in _own_nodes(chosen) if part.get("class") == "FUNCTION"]
    if names.count("unnest") > 1:
        yield "unnest() beside unnest()"  # rows of both side by side here, each with each there
    is_grouped = node["group_expressions"] or node["aggregate_handling"] != "STANDARD_HANDLING"
    if not is_grouped and (gathered := _ORDERED & {*names}):
        yield f"{min(gathered)}() without GROUP BY"  # of no rows null here
    yield from _aliases(chosen, node["where_clause"])


def _aliases(chosen: list[dict[str, Any]], where: Any) -> Iterator[str]:
    """Yield what reads a name that the same SELECT gives: in WHERE, or in a window."""
    given = {part["alias"] for part in chosen if part["alias"] and not _reads(part, part["alias"])}
    if any(_reads(where, name) for name in given):
        yield "WHERE on a name that the SELECT gives"
    windows = [part for part in _own_nodes(chosen) if part.get("class") == "WINDOW"]
    if any(_reads(window, name) for window in windows for name in given):
        yield "OVER on a name that the SELECT gives"


def _of_function(node: dict[str, Any]) -> Iterator[str]:
    name, arguments = node["function_name"], [each["expression"] for each in node["arguments"]]
    if node["filter"] and name not in FILTERED:
        yield f"FILTER after {name}()"
    if node["distinct"] and name not in _DISTINCT:
        yield f"DISTINCT in {name}()"
    orders = node["order_bys"]["orders"]
    if orders and name not in _ORDERED:
        yield f"ORDER BY in {name}()"
    if any(order["null_order"] == "NULLS FIRST" for order in orders) or len({o["type"] for o in orders}) > 1:
        yield f"ORDER BY of {name}() with nulls first, or up and down"
    if len(arguments) > _MOST.get(name, len(arguments)):
        yield f"{name}() of so many arguments"
    if name == "regexp_replace":
        yield from _of_replacing(arguments)
    if name in _FROM_ONE and any(re.match("-|0$", _literal(each)) for each in arguments[1:]):
        yield f"{name}() from less than 1"
    if name in ("list_filter", "list_transform") and arguments[1]["lhs"]["class"] == "FUNCTION":
        yield f"{name}() with the place of an element"  # from 1 here, from 0 there


def _of_replacing(arguments: list[dict[str, Any]]) -> Iterator[str]:
    options = _literal(arguments[3]) if len(arguments) > 3 else ""
    pattern, by = _literal(arguments[1]), _literal(arguments[2])
    if options != "g" and (options or not re.search(r"^\^|[$]$", pattern)):
        yield "regexp_replace() but of all"  # the first alone here, all there
    if "\\" in by or "$" in by:
        yield "regexp_replace() by a group"


def _of_window(node: dict[str, Any]) -> Iterator[str]:
    name = node["function_name"]
    if name not in OVER:
        yield f"{name}() before OVER"
    if node["distinct"]:
        yield "DISTINCT before OVER"
    if node["arg_orders"]:
        yield f"ORDER BY in {name}()"
    if "GROUPS" in node["start"] + node["end"] or node["exclude_clause"] != "NO_OTHER":
        yield "a frame of groups, or with EXCLUDE"
    if name in ("lag", "rank", "row_number") and not node["orders"]:
        yield f"{name}() over no order"


def _of_subquery(node: dict[str, Any]) -> Iterator[str]:
    if node.get("subquery_type") == "ANY" and node["comparison_type"] != "COMPARE_EQUAL":
        yield "ANY or ALL (SELECT …)"
    if node.get("subquery_type") == "SCALAR" and _mixes(node["subquery"]["node"]):
        yield "a subquery that reckons with rows of both"


def _mixes(query: dict[str, Any]) -> bool:
    """Say whether what a subquery gives holds a column of the outer query, by its table's name."""
    tables = [node for node in nodes_of(query) if "alias" in node and "class" not in node]
    inside = {node["alias"] or node.get("table_name") for node in tables}
    given = [
        node["column_names"] for node in nodes_of(query.get("select_list", ())) if "column_names" in node
    ]
    return any(len(names) > 1 and names[0] not in inside for names in given)


def _of_cast(node: dict[str, Any]) -> Iterator[str]:
    child = node["child"]
    if child["class"] == "CAST" and child["child"]["class"] == "CONSTANT" and _type(child) in _DAYS:
        yield "a cast of a day written out"  # DATE '…'::… is read as DATE ('…'::…)


def _of_operator(node: dict[str, Any]) -> Iterator[str]:
    children = node["children"]
    if node["type"] == "ARRAY_EXTRACT" and children[1].get("literal", {}).get("kind") == "STRING":
        yield "['name'] of a struct"
    if node["type"] == "GROUPING_FUNCTION" and len(children) > 1:
        yield "grouping() of several"


def _of_star(node: dict[str, Any]) -> Iterator[str]:
    if node["rename_list"]:
        yield "* RENAME"
    if node["columns"] and (node["expr"] or node["relation_name"]):
        yield "COLUMNS()"


def _of_join(node: dict[str, Any]) -> Iterator[str]:
    if node["ref_type"] not in ("REGULAR", "CROSS"):
        yield f"{node['ref_type']} JOIN"


def _of_limit(node: dict[str, Any]) -> Iterator[str]:
    if node["limit_type"] != "ROW_COUNT" or (node["limit"] or {}).get("class", "CONSTANT") != "CONSTANT":
        yield "LIMIT by other than a number"


def _of_set(node: dict[str, Any]) -> Iterator[str]:
    if node["setop_type"] not in ("UNION", "EXCEPT", "INTERSECT"):
        yield node["setop_type"].replace("_", " ")


def _of_type(node: dict[str, Any]) -> Iterator[str]:
    if node["type_name"] not in TYPES:
        yield node["type_name"]


_LOOKS = {
    "CAST": _of_cast,
    "FUNCTION": _of_function,
    "JOIN": _of_join,
    "LIMIT_MODIFIER": _of_limit,
    "OPERATOR": _of_operator,
    "SELECT_NODE": _of_select,
    "SET_OPERATION_NODE": _of_set,
    "STAR": _of_star,
    "SUBQUERY": _of_subquery,
    "TYPE": _of_type,
    "WINDOW": _of_window,
}


def _own_nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield the nodes of a clause but not those of queries inside it."""
    if isinstance(tree, dict):
        yield tree
        tree = [branch for name, branch in tree.items() if name != "subquery"]
    for branch in tree if isinstance(tree, list) else ():
        yield from _own_nodes(branch)


def _parts(clause: Any) -> Iterator[dict[str, Any]]:
    """Yield what a condition asks by AND, OR and NOT: there Spark tells null from false, or need not."""
    if clause:
        yield clause
        if clause["class"] == "CONJUNCTION" or clause["type"] == "OPERATOR_NOT":
            for child in clause["children"]:
                yield from _parts(child)


def _conditions(table: Any) -> list[Any]:
    """Return the conditions of joins in a FROM clause."""
    if not table or table["type"] != "JOIN":
        return []
    return [table["condition"], *_conditions(table["left"]), *_conditions(table["right"])]


def _orders(node: dict[str, Any]) -> list[Any]:
    return [modifier["orders"] for modifier in node["modifiers"] if modifier["type"] == "ORDER_MODIFIER"]


def _is_in(node: dict[str, Any]) -> bool:
    return node.get("subquery_type") == "ANY"


def _is_predicate(node: dict[str, Any]) -> bool:
    return "subquery_type" in node


def _reads(tree: Any, name: str) -> bool:
    return any(node.get("column_names") == [name] for node in _own_nodes(tree))


def _literal(node: dict[str, Any]) -> str:
    return str(node.get("literal", {}).get("text", ""))


def _type(cast: dict[str, Any]) -> str:
    return str(cast["type_expr"].get("type_name"))
