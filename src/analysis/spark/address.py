"""Which engine a run asks for: DuckDB in this process, or a Spark cluster by its address."""

import re

from analysis.errors import RequestError

DUCKDB = "duckdb"
# What Spark itself asks of an executor's memory, in MB: less is refused by it only after seconds, in a stack trace.
LEAST_MEMORY_MB = 512
_HOST = r"(?:[\w.-]+|\[[0-9a-fA-F:]+\])"
_MASTERS = re.compile(rf"spark://{_HOST}:\d{{1,5}}(?:,{_HOST}:\d{{1,5}})*")
_CONNECT = re.compile(rf"sc://{_HOST}(?::\d{{1,5}})?/?")
_LOCAL_CLUSTER = re.compile(r"local-cluster\[([1-9]\d{0,3}),([1-9]\d{0,3}),([1-9]\d{0,6})\]")


def parse_engine(text: str) -> str:
    """Check which engine is asked for; empty text means DuckDB. Raises RequestError with the forms there are.

    >>> parse_engine(""), parse_engine("local-cluster[2, 1, 1024]")
    ('duckdb', 'local-cluster[2,1,1024]')
    """
    engine = text.replace(" ", "") or DUCKDB
    local = _LOCAL_CLUSTER.fullmatch(engine)
    if local and int(local[3]) < LEAST_MEMORY_MB:
        raise RequestError(f"--engine: a worker of a local cluster needs {LEAST_MEMORY_MB} MB or more")
    if engine != DUCKDB and not (local or _MASTERS.fullmatch(engine) or _CONNECT.fullmatch(engine)):
        raise RequestError(
            "--engine: write duckdb, spark://host:port, local-cluster[workers,cores,MB] or sc://host:port; "
            "see docs/cluster.md"
        )
    return engine


def is_local(engine: str) -> bool:
    """Say whether an engine is a cluster of this machine's own, whose settings are ours to make."""
    return engine.startswith("local-cluster")


def local_cluster(engine: str) -> tuple[int, int, int]:
    """Return the workers of a local cluster, the cores of each, and its memory in MB."""
    found = _LOCAL_CLUSTER.fullmatch(engine)
    assert found is not None
    return int(found[1]), int(found[2]), int(found[3])


def is_remote(engine: str) -> bool:
    """Say whether an engine is reached through Spark Connect: no Java of ours, and nothing but DataFrames."""
    return engine.startswith("sc://")
