"""Stage 2 from end to end: decisions, rules, duplicates, verdicts, and what is told beside them."""

from dataclasses import dataclass

import duckdb

from analysis.engine import connect, drop_tables, sql_path
from analysis.intake import view_registry
from analysis.reconcile.decisions import apply_decisions
from analysis.reconcile.duplicates import find_duplicates
from analysis.reconcile.findings import findings_query
from analysis.reconcile.rosters import roster_checks_query
from analysis.reconcile.rules import link_by_rules, make_linked
from analysis.reconcile.scoring import score_open_rows
from analysis.reconcile.search_tables import make_people, make_searched
from analysis.reconcile.verdicts import candidates_query, links_query
from analysis.settings import RunParameters
from analysis.tables import TABLES, view_table, write_table


@dataclass(frozen=True)
class LinkSummary:
    """Counts of one linkage, fit for a log: rows by verdict and by method, and what stands beside."""

    has_registry: bool
    rows: int
    by_status: dict[str, int]
    by_method: dict[str, int]
    duplicates: int
    clerical_candidates: int
    roster_rows: int
    findings: int


def link_doses(run: RunParameters) -> LinkSummary:
    """Link every cleaned dose and roster row to its citizen and write the verdicts.

    Reads doses, roster_rows and decisions of the run and the intake's registry; writes links,
    clerical_candidates, roster_checks and registry_findings. Raises IntakeError when a registry is given
    but unreadable.
    """
    with connect(run) as con:
        has_registry = view_registry(con, run)
        return link_against(con, run, has_registry)


def link_against(con: duckdb.DuckDBPyConnection, run: RunParameters, has_registry: bool) -> LinkSummary:
    """Link against the relation `registry` of an open engine (see `link_doses`)."""
    doses = sql_path(TABLES["doses"].path(run))
    for name in ("doses", "roster_rows", "decisions"):
        view_table(con, name, run)
    make_people(con, has_registry)
    make_searched(con, run)
    make_linked(con)
    apply_decisions(con, doses)
    link_by_rules(con)
    score_open_rows(con)
    drop_tables(con, "numberless unique_rows unique_people")
    find_duplicates(con, doses, run)
    return _write_results(con, run, has_registry)


def _write_results(con: duckdb.DuckDBPyConnection, run: RunParameters, has_registry: bool) -> LinkSummary:
    doses, rosters = (sql_path(TABLES[name].path(run)) for name in ("doses", "roster_rows"))
    findings_sql = findings_query(doses) if has_registry else f"{findings_query(doses)} LIMIT 0"
    findings = write_table(con, "registry_findings", findings_sql, run)
    drop_tables(con, "people old_numbers")
    rows = write_table(con, "links", links_query(doses, has_registry), run)
    view_table(con, "links", run)
    candidates = write_table(con, "clerical_candidates", candidates_query(doses), run)
    roster_rows = write_table(con, "roster_checks", roster_checks_query(doses, rosters), run)
    return LinkSummary(
        has_registry,
        rows,
        _counts(con, "link_status"),
        _counts(con, "link_method"),
        int(con.execute("SELECT count(duplicate_of) FROM links").fetchall()[0][0]),
        candidates,
        roster_rows,
        findings,
    )


def _counts(con: duckdb.DuckDBPyConnection, column: str) -> dict[str, int]:
    query = f'SELECT "{column}", count(*) FROM links WHERE "{column}" IS NOT NULL GROUP BY 1 ORDER BY 1'
    return {str(value): int(count) for value, count in con.execute(query).fetchall()}
