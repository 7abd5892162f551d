"""Readers of records: how they were verified, how good they are, and what is left to people."""

import pandas as pd

from analysis.columns import lists_columns
from analysis.readers.asking import Units, check_word, gives, read_rows
from analysis.readers.opening import PublicCounts, query_frame, table_path
from analysis.settings import RunParameters
from analysis.tables import TABLES

# What records are told apart by, and the public table of it (internal: all of `verification`).
PARTS = {
    "link_status": "verification",
    "differing_field": "fields_to_correct",
    "police_result": "police_results",
    "signature_status": "signatures",
}


@gives("verification")
def read_verification(
    run: RunParameters,
    province_code: str | None = None,
    link_status: str | None = None,
    *,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read platform rows by state of verification, one row a unit and combination of states.

    What is published tells the link status alone.
    """
    chosen = {"link_status": link_status}
    return read_rows(run, "verification", Units(province_code, unit_code, unit_level), chosen)


@lists_columns(
    "verification", ("unit_level", "unit_code", "unit_name", "district_name", "province_name", "rows")
)
def read_records_by(
    run: RunParameters,
    part: str,
    province_code: str | None = None,
    *,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read platform rows by one property, one row a unit and value of it; `part` is a column too.

    `part` is link_status, differing_field (of the rows that are `matched`; `several`: more than one), police_result or
    signature_status; `none`: without it.
    """
    check_word("part", part, PARTS)
    units = Units(province_code, unit_code, unit_level)
    if isinstance(run, PublicCounts):
        frame = read_rows(run, PARTS[part], units)
        return frame[frame[part].notna()].reset_index(drop=True)
    frame = read_rows(
        run, "verification", units, {"link_status": "matched"} if part == "differing_field" else {}
    )
    own = [*frame.columns[:5], part]
    frame[part] = frame[part].fillna("none")
    return frame.groupby(own, sort=False, dropna=False, as_index=False).agg(rows=("rows", "sum"))


@gives("review_by_age")
def read_review_by_age(
    run: RunParameters,
    province_code: str | None = None,
    age_group: str | None = None,
    *,
    unit_code: str | None = None,
) -> pd.DataFrame:
    """Read records that people must decide, one row a province of residence (or the country) and age group."""
    return read_rows(run, "review_by_age", Units(province_code, unit_code), {"age_group": age_group})


@gives("feedback")
def read_feedback(
    run: RunParameters,
    province_code: str | None = None,
    *,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read citizens' feedback at as_of, one row a unit."""
    return read_rows(run, "feedback", Units(province_code, unit_code, unit_level))


@gives("rosters")
def read_rosters(
    run: RunParameters,
    province_code: str | None = None,
    link_status: str | None = None,
    *,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read people listed before vaccination by verdict, one row a unit and verdict."""
    return read_rows(
        run, "rosters", Units(province_code, unit_code, unit_level), {"link_status": link_status}
    )


@gives("registry_findings_counts")
def read_registry_findings(
    run: RunParameters,
    province_code: str | None = None,
    kind: str | None = None,
    *,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read what the registry side should look at, one row a unit and kind."""
    return read_rows(
        run, "registry_findings_counts", Units(province_code, unit_code, unit_level), {"kind": kind}
    )


@gives("quality_scores", "score_pct")
def read_quality_scores(
    run: RunParameters,
    province_code: str | None = None,
    dimension: str | None = None,
    *,
    measure: str | None = None,
    unit_code: str | None = None,
    unit_level: str | None = None,
) -> pd.DataFrame:
    """Read the quality scorecard by place given, one row a unit, dimension and measure."""
    chosen = {"dimension": dimension, "measure": measure}
    frame = read_rows(run, "quality_scores", Units(province_code, unit_code, unit_level), chosen)
    return frame.assign(score_pct=score_pct(frame))


def score_pct(frame: pd.DataFrame) -> "pd.Series[float]":
    """Return the percentage of good rows of each row; missing where there are none."""
    share = frame["rows_good"].astype("float64") / frame["rows_of"].astype("float64")
    return (100 * share).round(2)


@lists_columns("quality", TABLES["quality"].columns)
def read_quality(
    run: RunParameters,
    *,
    folder: str | None = None,
    reason_code: str | None = None,
    status: str | None = None,
) -> pd.DataFrame:
    """Read what became of each file: one row a file (reason_code missing) and one a reason in it."""
    path = table_path(run, "quality")
    frame = query_frame([path], "SELECT * FROM {path} ORDER BY source_file, reason_code NULLS FIRST")
    for column, word in {"folder": folder, "reason_code": reason_code, "status": status}.items():
        if word is not None:
            check_word(column, word, sorted(frame[column].dropna().unique()))
            frame = frame[frame[column] == word]
    return frame.reset_index(drop=True)


@lists_columns("place_counts", TABLES["place_counts"].columns)
def read_place_counts(run: RunParameters) -> pd.DataFrame:
    """Read records by whether their province of residence was found, one row a province and state."""
    return query_frame([table_path(run, "place_counts")], "SELECT * FROM {path} ORDER BY ALL")
