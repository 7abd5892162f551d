"""The SQL of the steps as Spark has it: one text, carried over by SQLGlot, with what it does not know added here.

The steps are written once, as SELECTs for DuckDB. SQLGlot carries most of a SELECT to Spark as it is; where the two
engines mean different things by one word, or Spark lacks the word, the difference stands in `DIFFERENCES` with its
reason. A construct that is in neither is not to be used in a step of reconcile or coverage: a test that needs no Java
(tests/unit/house/test_portable_sql.py) names file and line of each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.spark import Spark


class StepSql(DuckDB):  # type: ignore[misc]
    """DuckDB's SQL as the steps use it: `len` is of a list, `length` of a text."""

    INDEX_OFFSET = (
        0  # an index stays as written: SQLGlot would count from 0 where it can tell that it is a number
    )

    class Parser(DuckDB.Parser):  # type: ignore[misc]
        """Reads `len` as the size of a list, which Spark calls by another name than the length of a text."""

        FUNCTIONS: ClassVar[dict[str, Any]] = {**DuckDB.Parser.FUNCTIONS, "LEN": exp.ArraySize.from_arg_list}


def _call(name: str) -> Callable[[Any, Any], str]:
    """Return the writer of a function of the same arguments under another name."""

    def write(writer: Any, node: exp.Expression) -> str:
        arguments = node.expressions or [node.this, node.args.get("expression")]
        return f"{name}({', '.join(writer.sql(argument) for argument in arguments if argument is not None)})"

    return write


def _hash(writer: Any, node: exp.Expression) -> str:
    # Spark skips what is null, so that (null, a) would hash as (a, null) does.
    parts = [writer.sql(argument) for argument in node.expressions]
    return f"XXHASH64({', '.join(f'ISNULL({part}), {part}' for part in parts)})"


def _where_flagged(writer: Any, node: exp.Expression) -> str:
    names, flags = (writer.sql(argument) for argument in node.expressions)
    return f"FILTER({names}, (flagged, place) -> GET({flags}, place))"


def _has_all(writer: Any, node: exp.Expression) -> str:
    found, wanted = (writer.sql(argument) for argument in node.expressions)
    return f"SIZE(ARRAY_EXCEPT({wanted}, {found})) = 0"


def _reduced(writer: Any, node: exp.Expression) -> str:
    values, merge = (writer.sql(argument) for argument in node.expressions)
    return f"AGGREGATE(SLICE({values}, 2, GREATEST(SIZE({values}) - 1, 0)), GET({values}, 0), {merge})"


def _product(writer: Any, node: exp.Expression) -> str:
    factors = writer.sql(exp.ArrayAgg(this=node.expressions[0]))
    known = f"FILTER({factors}, factor -> factor IS NOT NULL)"
    return f"AGGREGATE({known}, CAST(1 AS DOUBLE), (made, factor) -> made * factor)"


def _list(writer: Any, node: exp.Expression) -> str:
    # A list keeps nulls and its order, which `collect_list` does not: both travel in a struct around the value.
    order = node.this if isinstance(node.this, exp.Order) else None
    value = order.this if order else node.this
    keys = order.expressions if order else []
    is_descending = {bool(key.args.get("desc")) for key in keys}
    if len(is_descending) > 1:
        raise NotImplementedError("a list ordered up and down at once")
    fields = [f"{writer.sql(value)} AS v"]
    for i, key in reversed([*enumerate(keys)]):
        fields = [f"{writer.sql(key.this)} AS k{i}", *fields]
        if True not in is_descending:  # what is null comes last, as it does going down
            fields = [f"ISNULL({writer.sql(key.this)}) AS n{i}", *fields]
    gathered = f"COLLECT_LIST(STRUCT({', '.join(fields)}))"
    if keys:
        gathered = f"SORT_ARRAY({gathered}, {'false' if True in is_descending else 'true'})"
    return f"TRANSFORM({gathered}, gathered -> gathered.v)"


def _split(writer: Any, node: exp.Expression) -> str:
    # Between every two letters where nothing separates; anything else is a text, not a pattern.
    text, separator = writer.sql(node.this), node.expression
    if separator.is_string and separator.name == "":
        return f"SPLIT({text}, '')"
    return f"SPLIT({text}, CONCAT('\\\\Q', {writer.sql(separator)}, '\\\\E'))"


def _divided(writer: Any, node: exp.Expression) -> str:
    # DuckDB divides as floating point whatever the numbers are; Spark would keep few digits of decimals.
    return f"CAST({writer.sql(node.this)} AS DOUBLE) / CAST({writer.sql(node.expression)} AS DOUBLE)"


def _element(writer: Any, node: exp.Expression) -> str:
    # Counted from 1, and null beyond the end, where Spark's brackets end the query.
    index = node.expressions[0]
    place = writer.sql(index) if index.is_int else f"CAST({writer.sql(index)} AS INT)"
    return f"TRY_ELEMENT_AT({writer.sql(node.this)}, {place})"


def _days_between(writer: Any, node: exp.Expression) -> str:
    if node.text("unit").upper() != "DAY":
        raise NotImplementedError("a difference in other units than days")
    return f"CAST(DATEDIFF({writer.sql(node.this)}, {writer.sql(node.expression)}) AS BIGINT)"


def _greatest_by(writer: Any, node: exp.Expression) -> str:
    # Of the rows that have a value: Spark would give the null of the greatest row.
    value, key = writer.sql(node.this), writer.sql(node.expression)
    return f"MAX_BY({value}, IF(ISNULL({value}), NULL, {key}))"


def _discrete(writer: Any, node: exp.Expression) -> str:
    return f"PERCENTILE_DISC({writer.sql(node.expression)}) WITHIN GROUP (ORDER BY {writer.sql(node.this)})"


# What SQLGlot writes otherwise or not at all, and why it is not the same.
DIFFERENCES: dict[type[exp.Expression], Callable[[Any, Any], str]] = {
    exp.ArgMax: _greatest_by,
    exp.ArrayAgg: _list,
    exp.ArrayOverlaps: _call("ARRAYS_OVERLAP"),
    exp.Bracket: _element,
    # Null, not 0, where nothing is true or false.
    exp.CountIf: lambda writer, node: f"SUM(CAST({writer.sql(node.this)} AS INT))",
    exp.DateDiff: _days_between,
    exp.Div: _divided,
    exp.PercentileDisc: _discrete,
    # Of Spark a floating point number, and whole numbers would become such.
    exp.Sign: lambda writer, node: f"CAST(SIGN({writer.sql(node.this)}) AS INT)",
    exp.Split: _split,
}
# The same of functions that SQLGlot does not know. Those of analysis.spark.functions are not here: they are registered.
UNKNOWN_FUNCTIONS: dict[str, Callable[[Any, Any], str]] = {
    "hash": _hash,
    "list_has_all": _has_all,
    "list_reduce": _reduced,
    "list_where": _where_flagged,
    "product": _product,
}


def _anonymous(writer: Any, node: exp.Expression) -> str:
    other = UNKNOWN_FUNCTIONS.get(node.name.lower())
    return (other or _plain)(writer, node)


def _plain(writer: Any, node: exp.Expression) -> str:
    return f"{node.name}({', '.join(writer.sql(argument) for argument in node.expressions)})"


class StepSpark(Spark):  # type: ignore[misc]
    """Spark's SQL as the steps need it."""

    class Generator(Spark.Generator):  # type: ignore[misc]
        """Writes what differs by `DIFFERENCES`, all else as SQLGlot does."""

        TRANSFORMS: ClassVar[dict[Any, Any]] = {
            **Spark.Generator.TRANSFORMS,
            **DIFFERENCES,
            exp.Anonymous: _anonymous,
        }


def to_spark(query: str, keeps_order: bool = False) -> str:
    """Return a step's SELECT as Spark reads it; the order of its rows only where asked for, since a table has none."""
    tree = sqlglot.parse_one(query, dialect=StepSql)
    if not keeps_order:
        tree.set("order", None)
    text: str = tree.sql(dialect=StepSpark, unsupported_level=sqlglot.ErrorLevel.RAISE)
    return text
