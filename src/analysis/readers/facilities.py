"""Readers of facilities (ten records or more): how late they enter, what they must correct, how good their records are.

A backlog ends at the district, because reports do; of a facility only what it entered is known. None is published.
"""

from collections.abc import Callable, Mapping

import pandas as pd

from analysis.columns import Reader, lists_columns
from analysis.errors import RequestError
from analysis.readers.asking import check_word
from analysis.readers.opening import name_units, query_frame, table_path
from analysis.readers.records import score_pct
from analysis.settings import RunParameters, parse_provinces
from analysis.tables import TABLES

FACILITY_COLUMNS = (
    *("province_code", "province_name", "district_code", "district_name", "facility_code", "facility_name"),
)

ROWS = """
SELECT p.unit_name AS province_name, d.unit_name AS district_name, t.*
FROM {path} AS t LEFT JOIN unit_names AS p ON p.unit_code = t.province_code
LEFT JOIN unit_names AS d ON d.unit_code = t.district_code
WHERE {where} ORDER BY COLUMNS(t.*)"""


def _gives(table: str, *added: str) -> Callable[[Reader], Reader]:
    own = [column for column in TABLES[table].columns if column not in FACILITY_COLUMNS]
    return lists_columns(table, (*FACILITY_COLUMNS, *own, *added))


@_gives("facility_delays")
def read_facility_delays(
    run: RunParameters, province_code: str | None = None, *, district_code: str | None = None
) -> pd.DataFrame:
    """Read how late each facility enters its doses, one row a facility of the country, a province or a district."""
    return _read(run, "facility_delays", province_code, district_code)


@_gives("facility_corrections")
def read_facility_corrections(
    run: RunParameters, province_code: str | None = None, *, district_code: str | None = None
) -> pd.DataFrame:
    """Read how many records each facility must correct, one row a facility of the country, a province or a district."""
    return _read(run, "facility_corrections", province_code, district_code)


@_gives("facility_scores", "score_pct")
def read_facility_scores(
    run: RunParameters,
    province_code: str | None = None,
    dimension: str | None = None,
    *,
    measure: str | None = None,
    district_code: str | None = None,
) -> pd.DataFrame:
    """Read the quality of each facility's records, one row a facility, dimension and measure."""
    chosen = {"dimension": dimension, "measure": measure}
    frame = _read(run, "facility_scores", province_code, district_code, chosen)
    return frame.assign(score_pct=score_pct(frame))


def _read(
    run: RunParameters,
    name: str,
    province_code: str | None,
    district_code: str | None,
    chosen: Mapping[str, str | None] | None = None,
) -> pd.DataFrame:
    """Read a table of facilities; raises RequestError for a word or unit that is not known."""
    path = table_path(run, name)
    given: dict[str, str] = {}
    if province_code is not None:
        given["province_code"] = parse_provinces((province_code,))[0]
    if district_code is not None:
        given["district_code"] = _checked_district(district_code)
    for column, word in (chosen or {}).items():
        if word is not None:
            known = query_frame([path], f"SELECT DISTINCT {column} AS word FROM {{path}} ORDER BY ALL")[
                "word"
            ]
            check_word(column, word, known)
            given[column] = word
    where = " AND ".join(f"t.{column} = ?" for column in given) or "true"
    frame = query_frame([path], ROWS.replace("{where}", where), given.values())
    return frame[[*FACILITY_COLUMNS, *(c for c in frame.columns if c not in FACILITY_COLUMNS)]]


def _checked_district(code: str) -> str:
    if code not in set(name_units().query("unit_level == 'district'")["unit_code"]):
        shown = str(code)[:40]
        raise RequestError(
            f"district_code: '{shown}' is no district of November 2021; readers.name_units() lists them all"
        )
    return code
