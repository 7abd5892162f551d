"""The verdict on every row, in the words of the table (interfaces, links; sources link-1 to link-3)."""

from analysis.steps import Step, written

# Too little to search with: no usable number, and not even a two-syllable name with a birth year.
SEARCHABLE = "(has_number OR (name_accented LIKE '% %' AND birth_date IS NOT NULL))"

HELD = "CASE WHEN {number} = r.citizen_id THEN true ELSE coalesce(list_contains(r.old_id_numbers, {number}), false) END"
SAME_ID = f"(s.has_number AND {HELD.format(number='s.id_number')})"
SAME_NAME = "s.name_accented IS NOT DISTINCT FROM r.name_accented"
SAME_BIRTH = "coalesce(left(s.birth_date, length(r.birth_date)) = r.birth_date, false)"
SAME_SEX = "s.sex IS NOT DISTINCT FROM r.sex"
# Most links are equal to the letter; only the others are looked at field by field.
DIFFERING = f"""
    CASE WHEN s.id_number = r.citizen_id AND s.name_accented = r.name_accented AND s.birth_date = r.birth_date
        AND s.sex = r.sex AND s.has_number THEN []::VARCHAR[]
    WHEN r.citizen_id IS NULL THEN []::VARCHAR[]
    ELSE list_where(['id_number', 'full_name', 'birth_date', 'sex'],
        [NOT {SAME_ID}, NOT {SAME_NAME}, NOT {SAME_BIRTH}, NOT {SAME_SEX}]) END"""

# The plain comparison of 9438/BYT-CNTT: no cleaning of the ID or the name but NFC, trim, case.
PLAIN_NAME = "lower(nfc_normalize(trim({name})))"
# To normalise is dear, and most names differ by case alone.
SAME_PLAIN_NAME = f"""CASE WHEN s.full_name_typed = r.full_name THEN true
    WHEN lower(s.full_name_typed) = lower(r.full_name) THEN true
    ELSE {PLAIN_NAME.format(name="s.full_name_typed")} = {PLAIN_NAME.format(name="r.full_name")} END"""
PLAIN = f"""
    CASE WHEN s.typed_number = r.citizen_id AND s.full_name_typed = r.full_name
        AND s.birth_date = r.birth_date AND s.sex = r.sex THEN true
    WHEN s.sex = r.sex AND {SAME_BIRTH} AND {HELD.format(number="s.typed_number")}
        THEN coalesce({SAME_PLAIN_NAME}, false)
    ELSE false END"""

# Rows of `dose_rows` or `roster_lines` with their links beside them.
LINKED_ROWS = f"""
SELECT s.*, l.citizen_id, l.link_method, l.match_probability, {DIFFERING} AS differing_fields,
    {PLAIN} AS four_field_match
FROM (
    SELECT *, trim(id_number_typed) AS typed_number,
        coalesce(id_kind IN ('citizen_number', 'old_number') AND id_number IS NOT NULL, false) AS has_number
    FROM {{rows}}) AS s
LEFT JOIN linked AS l USING (row_no)
LEFT JOIN citizens AS r ON r.citizen_id = l.citizen_id"""

LINKS = f"""
SELECT d.source_file, d.source_row, d.dose_record_id, d.citizen_id,
    CASE
        WHEN d.is_rejected OR x.decision = 'delete_dose' THEN 'rejected'
        WHEN d.is_foreigner AND x.decision IS NULL THEN 'out_of_scope'
        WHEN d.citizen_id IS NOT NULL AND (d.link_method = 'decision' OR len(d.differing_fields) = 0)
            THEN 'verified'
        WHEN d.citizen_id IS NOT NULL THEN 'matched'
        WHEN x.decision = 'not_in_registry' THEN 'not_in_registry'
        WHEN c.row_no IS NOT NULL THEN 'clerical_review'
        WHEN {SEARCHABLE} THEN 'not_in_registry'
        ELSE 'insufficient'
    END AS link_status,
    coalesce(d.link_method,
        CASE WHEN x.decision IS NOT NULL THEN 'decision' {{no_registry}} END) AS link_method,
    coalesce(d.match_probability, c.match_probability) AS match_probability,
    d.differing_fields,
    {{four_field_match}} AS four_field_match, u.duplicate_of
FROM ({LINKED_ROWS.format(rows="dose_rows")}) AS d
LEFT JOIN decided AS x USING (row_no)
LEFT JOIN duplicates AS u USING (row_no)
LEFT JOIN not_entered AS n USING (row_no)
LEFT JOIN (SELECT row_no, max(match_probability) AS match_probability FROM review GROUP BY row_no) AS c
    USING (row_no)"""

CANDIDATES = """
SELECT d.source_file, d.source_row, c.citizen_id, c.match_probability
FROM review AS c JOIN dose_rows AS d USING (row_no)"""


def verdict_steps(has_registry: bool) -> tuple[Step, Step]:
    """Return the steps that write `links` and `clerical_candidates`.

    Without a registry nothing was compared: `four_field_match` is null, a row that could have been
    searched for is `not_in_registry` ("chưa tìm thấy") by the method `no_registry`, and only a row with
    too little in it is `insufficient`.
    """
    no_registry = "WHEN NOT d.is_rejected AND NOT d.is_foreigner THEN 'no_registry'"
    links = LINKS.format(
        four_field_match="d.four_field_match AND n.row_no IS NULL" if has_registry else "NULL",
        no_registry="" if has_registry else no_registry,
    )
    return (
        written("links", "dose_rows linked citizens decided not_entered duplicates review", links),
        written("clerical_candidates", "review dose_rows", CANDIDATES),
    )
