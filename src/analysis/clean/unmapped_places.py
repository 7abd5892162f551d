"""Residences that lead to no unit: the texts that were typed, and how many rows each of them cost.

A typed place is no personal datum, but a shifted column can put one into its cell. So the list stays in
the restricted zone, short, and without digits other than a unit's code or number. The units each text may mean stand beside
it: a person chooses, and the choice comes back as a decision.
"""

from analysis.clean.fields.place_candidates import candidate_codes
from analysis.clean.person_fields import free_text
from analysis.steps import Plan, Step, written

MAX_TYPED_CHARACTERS = 60
# At most five digits are a GSO code and two the number of a ward; longer runs could be anybody's number.
_CODE, _LONG_NUMBER = r"'?\d{1,5}([.,]0+)?", r"\d{3,}"

PLACE_COUNTS = """
SELECT province_code,
  CASE WHEN province_code IS NOT NULL THEN 'found'
       WHEN list_contains(reason_codes, 'place_missing') THEN 'missing' ELSE 'unresolved' END AS place_state,
  count(*) AS rows
FROM doses WHERE NOT is_rejected GROUP BY ALL"""

# The highest level that stayed open is the one to look at; what was not typed is missing, not unmapped.
UNMAPPED = """
WITH lost AS (
  SELECT d.province_code, d.district_code,
    CASE WHEN d.province_code IS NULL THEN 'province' WHEN d.district_code IS NULL THEN 'district'
         ELSE 'commune' END AS unit_level,
    coalesce(s.province, s.province_typed_code) AS province,
    coalesce(s.district, s.district_typed_code) AS district,
    coalesce(s.commune, s.commune_typed_code) AS commune
  FROM doses AS d JOIN files USING (source_file) JOIN dose_cells AS s USING (source_id, source_row)
  WHERE NOT d.is_rejected AND list_has_any(d.reason_codes, ['place_unresolved', 'place_partly_resolved'])),
typed AS (
  SELECT unit_level, province_code, district_code, {text} AS cell
  FROM (SELECT *, CASE unit_level WHEN 'province' THEN coalesce(province, district, commune)
                       WHEN 'district' THEN coalesce(district, commune) ELSE commune END AS place FROM lost)
  WHERE place IS NOT NULL)
SELECT unit_level, province_code, district_code, {shown} AS typed, count(*) AS rows
FROM typed WHERE cell IS NOT NULL GROUP BY ALL"""


# Codes travel as words: a lookup holds single values.
WITH_CANDIDATES = """
SELECT u.*, coalesce(string_split(nullif(c.codes, ''), ' '), []) AS candidates
FROM open_places AS u JOIN place_candidates AS c ON c.t0 = u.unit_level AND c.t1 IS NOT DISTINCT FROM u.province_code
  AND c.t2 IS NOT DISTINCT FROM u.district_code AND c.t3 = u.typed"""


def place_steps() -> Plan:
    """Return the steps of `place_counts` and `unmapped_places`, from dose records and their typed cells."""
    shown = (
        f"CASE WHEN regexp_full_match(cell, '{_CODE.replace(chr(39), chr(39) * 2)}') THEN cell "
        f"ELSE left(regexp_replace(cell, '{_LONG_NUMBER}', '…', 'g'), {MAX_TYPED_CHARACTERS}) END"
    )
    return (
        written("place_counts", "doses", PLACE_COUNTS),
        Step(
            "open_places",
            "one typed residence that leads to no unit, and its rows",
            "doses files dose_cells",
            UNMAPPED.format(text=free_text("place"), shown=shown),
        ),
        Step(
            "place_candidates",
            "one such residence, and the units it may mean",
            "open_places",
            "SELECT unit_level, province_code, district_code, typed FROM open_places",
            columns={"codes": "VARCHAR"},
            clean=_candidate_row,
        ),
        written("unmapped_places", "open_places place_candidates", WITH_CANDIDATES),
    )


def _candidate_row(level: str, province: str | None, district: str | None, typed: str) -> tuple[str]:
    return (" ".join(candidate_codes(level, province, district, typed)),)
