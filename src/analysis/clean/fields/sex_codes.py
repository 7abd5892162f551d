"""What 0 and 1 mean in a file's column of sexes: decided by the file's own people.

The platform writes 1 for Nam and 2 for Nữ; other programs write 0 beside 1, some for Nữ, some for Nam, and where 2
stands as well a 0 often says that nothing was filled in (sources in-15). A citizen's number tells the sex of its
owner, and so do the middle names Văn and Thị.
"""

from enum import IntEnum

from analysis.clean.quality.reason_codes import bit_of

FEWEST_PROOFS, PROOFS_TO_ONE = 3, 10
# What is counted of a file: men and women under 0 and under 1, and cells with 2.
EVIDENCE = ("zero_men", "zero_women", "one_men", "one_women", "twos")
_CODE = "regexp_full_match({sex}, '[01]([.,]0+)?')"
_ZERO = "regexp_full_match({sex}, '0([.,]0+)?')"


class SexCodes(IntEnum):
    """How a file codes sex: 1 for Nam and 0 for Nữ; the other way round; 0 for nothing said; not to be told."""

    PLAIN = 0
    EXCHANGED = 1
    ZERO_SAYS_NOTHING = 2
    OPEN = 3


def evidence_query(cells: str) -> str:
    """Return SQL counting `EVIDENCE` of each file with a 0 for a sex."""
    name = "' ' || lower(full_name) || ' '"
    return f"""
      WITH coded AS (
        SELECT source_id, left(sex, 1) AS code,
          CASE WHEN regexp_full_match(id_number, '0[0-9]{{11}}') THEN substr(id_number, 4, 1) IN ('0', '2')
               WHEN regexp_matches({name}, ' (văn|van) ') THEN true
               WHEN regexp_matches({name}, ' (thị|thi) ') THEN false END AS is_man
        FROM {cells} WHERE regexp_full_match(sex, '[012]([.,]0+)?'))
      SELECT source_id, count(*) FILTER (code = '0' AND is_man) AS zero_men,
        count(*) FILTER (code = '0' AND NOT is_man) AS zero_women, count(*) FILTER (code = '1' AND is_man) AS one_men,
        count(*) FILTER (code = '1' AND NOT is_man) AS one_women, count(*) FILTER (code = '2') AS twos
      FROM coded GROUP BY source_id HAVING count(*) FILTER (code = '0') > 0"""


def decide_codes(zero_men: int, zero_women: int, one_men: int, one_women: int, twos: int) -> SexCodes:
    """Decide what 0 and 1 mean in a file that has a 0; where nothing speaks against it, 1 is Nam.

    >>> decide_codes(9, 0, 0, 8, 0), decide_codes(0, 9, 8, 0, 0), decide_codes(5, 5, 90, 0, 88)
    (<SexCodes.EXCHANGED: 1>, <SexCodes.PLAIN: 0>, <SexCodes.ZERO_SAYS_NOTHING: 2>)
    """
    if twos:
        means_women = zero_women >= max(FEWEST_PROOFS, PROOFS_TO_ONE * zero_men)
        return SexCodes.PLAIN if means_women else SexCodes.ZERO_SAYS_NOTHING
    plain, exchanged = zero_women + one_men, zero_men + one_women
    if exchanged >= max(FEWEST_PROOFS, PROOFS_TO_ONE * plain):
        return SexCodes.EXCHANGED
    return SexCodes.PLAIN if plain >= exchanged else SexCodes.OPEN


def sex_sql(read: str, typed: str, codes: str) -> str:
    """Return SQL for a row's sex: `read` as the cell `typed` says on the platform, but for its file's own codes."""
    return (
        f"CASE WHEN {codes} = {SexCodes.PLAIN} OR NOT {_CODE.format(sex=typed)} THEN {read} "
        f"WHEN {codes} = {SexCodes.EXCHANGED} THEN CASE {read} WHEN 'Nam' THEN 'Nữ' ELSE 'Nam' END "
        f"WHEN {codes} = {SexCodes.ZERO_SAYS_NOTHING} AND NOT {_ZERO.format(sex=typed)} THEN {read} END"
    )


def sex_bits_sql(typed: str, codes: str) -> str:
    """Return SQL for the reason bits that a file's codes add to a row."""
    return (
        f"CASE WHEN {codes} = {SexCodes.EXCHANGED} AND {_CODE.format(sex=typed)} THEN {bit_of('sex_codes_exchanged')} "
        f"WHEN {codes} = {SexCodes.OPEN} AND {_CODE.format(sex=typed)} THEN {bit_of('sex_unreadable')} "
        f"WHEN {codes} = {SexCodes.ZERO_SAYS_NOTHING} AND {_ZERO.format(sex=typed)} THEN {bit_of('sex_missing')} "
        "ELSE 0 END"
    )
