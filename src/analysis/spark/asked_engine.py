"""The engine that a run asks for."""

import duckdb

from analysis.engine import Engine
from analysis.settings import RunParameters
from analysis.spark.address import DUCKDB


def engine_for(run: RunParameters, connection: duckdb.DuckDBPyConnection) -> Engine:
    """Return the engine that a run asks for; all but DuckDB is imported only then."""
    if run.engine == DUCKDB:
        return Engine(connection)
    from analysis.spark.engine import open_engine

    return open_engine(run, connection)
