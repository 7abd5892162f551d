"""How often a cleaned field says what the cell said: wrong values that were typed stay wrong values."""

import duckdb

from analysis.clean.names import canonical_name

FIELDS = (
    *("full_name", "birth_date", "sex", "id_number", "vaccine", "dose_number", "vaccination_date"),
    *("entry_date", "province_code", "district_code", "commune_code"),
    *("place_given_province_code", "place_given_district_code"),
)
# Numbers of other kinds are set aside by rule, so that only these have a right value.
USABLE = "t.id_kind IN ('cccd', 'cmnd', 'passport')"

COMPARED = {
    "full_name": "d.full_name IS NOT DISTINCT FROM n.canonical",
    "id_number": f"CASE WHEN {USABLE} THEN d.id_number IS NOT DISTINCT FROM t.id_number "
    "ELSE d.id_kind NOT IN ('citizen_number', 'old_number') END",
}

ACCURACY = """
SELECT {counts} FROM truth_doses AS t JOIN doses AS d USING (source_file, source_row)
LEFT JOIN truth_names AS n ON n.full_name = t.full_name
WHERE t.person_kind != 'none'"""


def _make_truth_names(con: duckdb.DuckDBPyConnection) -> None:
    """Make `truth_names`: each name a cell says, in the one spelling that cleaning chooses."""
    names = con.execute("SELECT DISTINCT full_name FROM truth_doses WHERE full_name IS NOT NULL").df()
    names["canonical"] = [canonical_name(name) for name in names["full_name"]]
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
