"""The rows of the public tables before anything is withheld, each with the treatment of its counts."""

import duckdb
import numpy as np
import pandas as pd

from analysis.disclosure.policy import MOST_WITHHELD, Treatment
from analysis.disclosure.public_tables import PUBLIC_TABLES, PublicTable, Rule
from analysis.disclosure.suppression import is_small
from analysis.engine import sql_text
from analysis.settings import RunParameters
from analysis.tables import TABLES, Zone, view_empty, view_table

Frames = dict[str, pd.DataFrame]


def view_counts(con: duckdb.DuckDBPyConnection, run: RunParameters) -> set[str]:
    """Make all counts of a run readable, empty where it made none; returns the names of those it made."""
    counts = {name: table.path(run) for name, table in TABLES.items() if table.zone is Zone.AGGREGATE}
    made = {name for name, path in counts.items() if path.is_file()}
    for name in counts:
        view_table(con, name, run) if name in made else view_empty(con, name)
    return made


def read_frames(con: duckdb.DuckDBPyConnection) -> Frames:
    """Return the rows of every public table that holds counts to protect, each with its treatment."""
    return {
        name: _without_sparse(con.execute(_query(public)).df(), public)
        for name, public in PUBLIC_TABLES.items()
        if public.counts
    }


def _without_sparse(frame: pd.DataFrame, table: PublicTable) -> pd.DataFrame:
    """Leave out what would be withheld for too large a part: such counts are told of larger units alone."""
    finest = frame["treatment"].eq(Treatment.ROUNDED.value)
    for count in table.counts if finest.any() else ():
        values = frame[count].fillna(0).to_numpy(dtype=np.int64)
        among = frame["among"].fillna(-1).to_numpy(dtype=np.int64)
        withheld = is_small(values) | ((among >= 0) & is_small(among - values))
        groups = [frame[key].astype(str) for key in ("unit_level", *table.keys)]
        share = pd.Series(withheld & finest, frame.index).groupby(groups).transform("mean")
        is_sparse = finest & (share > MOST_WITHHELD)
        frame[count] = frame[count].where(~is_sparse)
        if table.is_of_counts:
            frame = frame[~is_sparse].reset_index(drop=True)
            finest = frame["treatment"].eq(Treatment.ROUNDED.value)
    return frame


def _query(table: PublicTable) -> str:
    """Return a public table's rows in order, each with the treatment of its counts."""
    cases = " ".join(f"WHEN {rule.where} THEN {_by_level(rule)}" for rule in table.rules)
    among = f", ({table.among})::BIGINT AS among" if table.among != "among" else ""
    return f"SELECT *, CASE {cases} END AS treatment{among} FROM ({table.query}) ORDER BY ALL"


def _by_level(rule: Rule) -> str:
    whens = " ".join(f"WHEN {sql_text(lv)} THEN {sql_text(t.value)}" for lv, t in rule.treatments.items())
    return f"CASE unit_level {whens} END"
