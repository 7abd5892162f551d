"""How often a cleaned field says what the cell said: wrong values that were typed stay wrong values."""

import duckdb

from analysis.clean.fields.names import parse_name
from analysis.reference import read_units

FIELDS = (
    *("full_name", "birth_date", "sex", "id_number", "vaccine", "dose_number", "vaccination_date"),
    *("entry_date", "province_code", "district_code", "commune_code"),
    *("place_given_province_code", "place_given_district_code"),
)
# What a citizen number can be (decree 137/2015/NĐ-CP): written here again, so that cleaning is not its own judge.
_PLACES = ", ".join(f"'0{code}'" for code in sorted(set(read_units()["province_code"])))
POSSIBLE = (
    f"regexp_full_match(t.id_number, '[0-9]{{12}}') AND left(t.id_number, 3) IN ({_PLACES}) "
    "AND (t.id_number[4] <= '1' OR (t.id_number[4] <= '3' AND 2000 + substr(t.id_number, 5, 2)::INT "
    "<= (SELECT max(year(entry_date)) FROM truth_doses)))"
)
# Numbers of other kinds and impossible ones are set aside by rule: only these have a right value.
USABLE = f"(t.id_kind IN ('cmnd', 'passport') OR (t.id_kind = 'cccd' AND {POSSIBLE}))"
# A decision's value is not the cell's.
AS_TYPED = (
    "t.person_kind != 'none' "
    "AND NOT list_has_any(d.reason_codes, ['corrected_by_decision', 'deleted_by_decision'])"
)

COMPARED = {
    "full_name": "d.full_name IS NOT DISTINCT FROM n.canonical",
    "id_number": f"CASE WHEN {USABLE} THEN d.id_number IS NOT DISTINCT FROM t.id_number "
    "ELSE d.id_kind NOT IN ('citizen_number', 'old_number') OR d.id_number IS NOT DISTINCT FROM t.id_number "
    "END",
}

ACCURACY = f"""
SELECT {{counts}} FROM truth_doses AS t JOIN doses AS d USING (source_file, source_row)
LEFT JOIN truth_names AS n ON n.full_name = t.full_name
WHERE {AS_TYPED}"""

CITIZEN_NUMBERS = f"""
SELECT regexp_replace(d.id_number_typed, '[.,]0$|[^0-9]', '', 'g') = t.id_number AS is_whole,
    count(*), count(*) FILTER (d.id_kind = 'citizen_number' AND d.id_number = t.id_number),
    count(*) FILTER (d.id_kind NOT IN ('citizen_number', 'old_number')),
    count(*) FILTER (d.id_kind IN ('citizen_number', 'old_number') AND d.id_number <> t.id_number)
FROM truth_doses AS t JOIN doses AS d USING (source_file, source_row)
WHERE {AS_TYPED} AND t.id_kind = 'cccd' AND {POSSIBLE}
GROUP BY ALL ORDER BY is_whole DESC"""


def _make_truth_names(con: duckdb.DuckDBPyConnection) -> None:
    """Make `truth_names`: each name a cell says, in the one spelling that cleaning chooses."""
    names = con.execute("SELECT DISTINCT full_name FROM truth_doses WHERE full_name IS NOT NULL").df()
    names["canonical"] = [parse_name(name).full_name for name in names["full_name"]]
    con.register("truth_names", names)


def field_lines(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return one line per field: the share of kept rows whose cleaned value is what the cell says."""
    _make_truth_names(con)
    equal = (COMPARED.get(f, f"d.{f} IS NOT DISTINCT FROM t.{f}") for f in FIELDS)
    counts = ", ".join(f"count(*) FILTER ({condition})" for condition in equal)
    rows, *right = con.execute(ACCURACY.format(counts=f"count(*), {counts}")).fetchall()[0]
    if not rows:
        return ["  no rows to compare"]
    return [f"  {f:<34} {100 * n / rows:8.4f} %" for f, n in zip(FIELDS, right, strict=True)]


def number_lines(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return lines on cells that say a possible citizen number: kept, set aside, and altered (never allowed)."""
    return [
        f"  {'typed whole' if is_whole else 'typed otherwise (zeros lost)':<34} {rows:>9,}  right {right:,}  "
        f"set aside {aside:,}  altered {altered:,}"
        for is_whole, rows, right, aside, altered in con.execute(CITIZEN_NUMBERS).fetchall()
    ]


def row_lines(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return lines on rows: in the files, accounted in the run, unknown to truth, rejected rightly."""
    truth, both, extra, noise, rejected, wrongly = con.execute(
        "SELECT count(*) FILTER (in_truth), count(*) FILTER (in_truth AND in_run), "
        "count(*) FILTER (NOT in_truth), count(*) FILTER (in_truth AND person_kind = 'none'), "
        "count(*) FILTER (in_truth AND is_rejected AND person_kind = 'none'), "
        "count(*) FILTER (in_truth AND is_rejected AND person_kind != 'none') FROM scored"
    ).fetchall()[0]
    accounted = 100 * both / truth if truth else 100
    return [
        f"  in the files {truth:,}  accounted {both:,} = {accounted:.3f} %  unknown to truth {extra:,}",
        f"  test, header and total rows {noise:,}, rejected {rejected:,}; real rows rejected {wrongly:,}",
    ]
