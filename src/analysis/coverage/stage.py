"""The coverage stage in the order of its steps: clean rows, links and reports in; counts out."""

from dataclasses import dataclass

import duckdb
import pandas as pd

from analysis import intake
from analysis.coverage.bridge import build_bridge
from analysis.coverage.denominators import choose_denominators
from analysis.coverage.dose_series import build_series
from analysis.coverage.due import list_due
from analysis.coverage.entry_delays import measure_delays
from analysis.coverage.entry_triangle import count_entries
from analysis.coverage.explained import explain_rates, rank_units
from analysis.coverage.feedback import count_feedback
from analysis.coverage.inputs import Inputs, open_inputs
from analysis.coverage.membership import count_members
from analysis.coverage.notes import count_notes
from analysis.coverage.plan import plan_entry
from analysis.coverage.products import count_products
from analysis.coverage.rates import measure_coverage
from analysis.coverage.reported import sum_reports
from analysis.coverage.residents import build_residents
from analysis.coverage.supply import count_flows, measure_supply
from analysis.coverage.timeliness import measure_entry
from analysis.coverage.verification import count_findings, count_rosters, count_verification
from analysis.engine import connect
from analysis.settings import RunParameters


@dataclass(frozen=True)
class CoverageSummary:
    """What the stage wrote: rows by table, and what the figures rest on."""

    rows: dict[str, int]
    reference_dates: int
    has_registry: bool
    provinces_with_files: tuple[str, ...]

    def as_table(self) -> pd.DataFrame:
        """Return the rows written by table, for showing."""
        return pd.DataFrame({"table": list(self.rows), "rows": list(self.rows.values())})


def count_coverage(run: RunParameters) -> CoverageSummary:
    """Count everything the contract's section 3.2 names and write it; returns what was written.

    Reads the tables of clean and reconcile and the registry extract; a table that no stage wrote is taken
    as empty. Raises CheckError when a table would repeat its key, IntakeError for an unreadable registry.
    """
    with connect(run) as con:
        return count_tables(con, run, has_registry=intake.view_registry(con, run))


def count_tables(
    con: duckdb.DuckDBPyConnection, run: RunParameters, *, has_registry: bool
) -> CoverageSummary:
    """Count and write as `count_coverage` does, with the view `registry` open when there is one."""
    inputs = prepare_counts(con, run, has_registry=has_registry)
    rows = _write_tables(con, run, inputs)
    provinces = con.execute("SELECT province_code FROM file_provinces ORDER BY 1").fetchall()
    return CoverageSummary(
        rows=rows,
        reference_dates=inputs.weeks.count,
        has_registry=has_registry,
        provinces_with_files=tuple(str(p[0]) for p in provinces),
    )


def prepare_counts(con: duckdb.DuckDBPyConnection, run: RunParameters, *, has_registry: bool) -> Inputs:
    """Make the temporary tables that every table of the stage is written from."""
    inputs = open_inputs(con, run, has_registry)
    build_series(con, run)
    build_residents(con, run, inputs)
    sum_reports(con, run, inputs)
    choose_denominators(con, run)
    count_members(con, inputs)
    return inputs


def _write_tables(con: duckdb.DuckDBPyConnection, run: RunParameters, inputs: Inputs) -> dict[str, int]:
    return {
        "coverage": measure_coverage(con, run, inputs),
        "series_notes": count_notes(con, run, inputs),
        "coverage_bridge": build_bridge(con, run, inputs),
        "rates_above_100": explain_rates(con, run, inputs),
        "rankings": rank_units(con, run, inputs),
        "entry_progress": measure_entry(con, run, inputs),
        "supply": measure_supply(con, run),
        "dose_flows": count_flows(con, run),
        "verification": count_verification(con, run),
        "entry_plan": plan_entry(con, run),
        **measure_delays(con, run),
        "reporting_triangle": count_entries(con, run, inputs),
        "first_doses_by_product": count_products(con, run, inputs),
        "feedback": count_feedback(con, run),
        "due": list_due(con, run, inputs.has_registry),
        "rosters": count_rosters(con, run),
        "registry_findings_counts": count_findings(con, run),
    }
