"""Readers of who is vaccinated: coverage on three bases, what explains it, who is due."""

import pandas as pd

from analysis.columns import lists_columns
from analysis.readers.asking import Units, gives, read_rows
from analysis.readers.opening import name_units, query_frame, table_path
from analysis.settings import RunParameters, parse_provinces

FLOW_COLUMNS = (
    *("given_province_code", "given_province_name", "residence_province_code", "residence_province_name"),
    "doses",
)


@gives("coverage")
def read_coverage(
    run: RunParameters,
    province_code: str | None = None,
    basis: str | None = None,
    age_group: str | None = None,
    series_status: str | None = None,
    unit_level: str | None = None,
    *,
    unit_code: str | None = None,
    newest: bool = False,
) -> pd.DataFrame:
    """Read coverage, one row a unit, reference date, age group, series status and basis.

    Weekly down to districts, at as_of for communes.
    """
    chosen = {"basis": basis, "age_group": age_group, "series_status": series_status}
    return read_rows(run, "coverage", Units(province_code, unit_code, unit_level), chosen, newest)


@gives("coverage_by_sex")
def read_coverage_by_sex(
    run: RunParameters,
    province_code: str | None = None,
    series_status: str | None = None,
    *,
    sex: str | None = None,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read reconciled adults by sex at as_of, one row a unit, sex (missing: all) and status."""
    chosen = {"series_status": series_status, "sex": sex}
    return read_rows(run, "coverage_by_sex", Units(province_code, unit_code, unit_level), chosen)


@gives("coverage_estimate")
def read_coverage_estimate(
    run: RunParameters,
    province_code: str | None = None,
    series_status: str | None = None,
    *,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read reconciled adults at as_of, with what the count leaves out allowed for, one row a unit and status.

    An estimate beside the count of `read_coverage`, with its range; never in its place.
    """
    chosen = {"series_status": series_status}
    return read_rows(run, "coverage_estimate", Units(province_code, unit_code, unit_level), chosen)


@gives("coverage_bridge")
def read_bridge(
    run: RunParameters,
    province_code: str | None = None,
    series_status: str | None = None,
    *,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read the bridge from reported to reconciled adults at as_of, one row a unit, status and step.

    A unit without one of the two ends has no bridge.
    """
    chosen = {"series_status": series_status}
    return read_rows(run, "coverage_bridge", Units(province_code, unit_code, unit_level), chosen)


@gives("rates_above_100")
def read_rates_above_100(
    run: RunParameters,
    province_code: str | None = None,
    basis: str | None = None,
    *,
    series_status: str | None = None,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read units with more people than their denominator, one row a unit, status and basis (adults)."""
    chosen = {"basis": basis, "series_status": series_status}
    return read_rows(run, "rates_above_100", Units(province_code, unit_code, unit_level), chosen)


@gives("rankings")
def read_rankings(
    run: RunParameters,
    province_code: str | None = None,
    ranking: str | None = None,
    *,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read places among provinces, or among a province's districts, one row a unit and ranking."""
    return read_rows(run, "rankings", Units(province_code, unit_code, unit_level), {"ranking": ranking})


@gives("series_notes")
def read_series_notes(
    run: RunParameters,
    province_code: str | None = None,
    basis: str | None = None,
    *,
    note: str | None = None,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read what the figures rest on, one row a unit, basis and note."""
    chosen = {"basis": basis, "note": note}
    return read_rows(run, "series_notes", Units(province_code, unit_code, unit_level), chosen)


@gives("due_counts")
def read_due_counts(
    run: RunParameters,
    province_code: str | None = None,
    state: str | None = None,
    *,
    next_dose: int | None = None,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read people whose series is not complete, one row a unit, previous product, state and next dose."""
    chosen = {"state": state, "next_dose": next_dose}
    return read_rows(run, "due_counts", Units(province_code, unit_code, unit_level), chosen)


@lists_columns("dose_flows", FLOW_COLUMNS)
def read_flows(run: RunParameters, province_code: str | None = None) -> pd.DataFrame:
    """Read doses by province given and province of residence (as typed), one row a pair.

    With a province: the pairs in which it is either.
    """
    flows = query_frame([table_path(run, "dose_flows")], "SELECT * FROM {path} ORDER BY ALL")
    if province_code is not None:
        code = parse_provinces((province_code,))[0]
        flows = flows[(flows["given_province_code"] == code) | (flows["residence_province_code"] == code)]
    names = name_units().query("unit_level == 'province'").set_index("unit_code")["unit_name"]
    for place in ("given", "residence"):
        flows[f"{place}_province_name"] = flows[f"{place}_province_code"].map(names)
    return flows[[*FLOW_COLUMNS]].reset_index(drop=True)
