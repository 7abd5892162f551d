"""What 0 and 1, or a blank cell, mean in a file's column of sexes: decided by the file's own people.

The platform writes 1 for Nam and 2 for Nữ; other programs write 0 beside 1, some for Nữ, some for Nam, and where 2
stands as well a 0 often says that nothing was filled in (sources in-15). Where one column alone stands for one sex
("Nữ"), a blank cell may mean the other (sources in-17). A citizen's number tells the sex of its owner, and so do the
middle names Văn and Thị.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum

from analysis.clean.cells import Cells
from analysis.clean.quality.reason_codes import bit_of
from analysis.intake.sources import StagedFile
from analysis.steps import Step

FEWEST_PROOFS, PROOFS_TO_ONE = 3, 10
# What is counted of a file: men and women under 0 and under 1, and cells with 2.
_CODED = ("zero_men", "zero_women", "one_men", "one_women", "twos")
# And of a file with a column of one sex: what a blank cell would mean, and who is marked and who is not.
_BLANK = ("blanks_mean", "marked_so", "marked_other", "blank_so", "blank_other")
EVIDENCE = (*_CODED, *_BLANK)
_NAME = "' ' || lower({row}full_name) || ' '"
_IS_MAN = f"""CASE WHEN regexp_full_match(id_number, '0[0-9]{{11}}') THEN substr(id_number, 4, 1) IN ('0', '2')
               WHEN regexp_matches({_NAME.format(row="")}, ' (văn|van) ') THEN true
               WHEN regexp_matches({_NAME.format(row="")}, ' (thị|thi) ') THEN false END"""
_CODE = "regexp_full_match({sex}, '[01]([.,]0+)?')"
_ZERO = "regexp_full_match({sex}, '0([.,]0+)?')"


class SexCodes(IntEnum):
    """How a file codes sex: 1 for Nam and 0 for Nữ; the other way round; 0 for nothing said; not to be told.

    And what a blank cell means in a file with a column of one sex, or that its marks are not of that sex.
    """

    PLAIN = 0
    EXCHANGED = 1
    ZERO_SAYS_NOTHING = 2
    OPEN = 3
    BLANK_IS_MALE = 4
    BLANK_IS_FEMALE = 5
    MARKS_OPEN = 6


_BLANKS = {SexCodes.BLANK_IS_MALE: "Nam", SexCodes.BLANK_IS_FEMALE: "Nữ"}


def evidence_step(cells: Cells, files: Sequence[StagedFile]) -> Step:
    """Return the step that counts `EVIDENCE` of each file with a 0 for a sex, or with a column of one sex."""
    one_sex = {f.source_id: f.header.one_sex[0] for f in files if f.header and f.header.one_sex}
    no_codes, no_blanks = (", ".join(f"0 AS {name}" for name in names) for names in (_CODED, _BLANK))
    query = f"SELECT source_id, {', '.join(_CODED)}, {no_blanks} FROM ({_coded_query(cells.table)})"
    if one_sex:
        blanks = _blanks_query(cells.table, one_sex)
        query += f" UNION ALL SELECT source_id, {no_codes}, {', '.join(_BLANK)} FROM ({blanks})"
    row = "one file with a 0 for a sex, or a column of one sex: whom 0, 1 or a blank cell stand for"
    return Step(cells.name("evidence_of_sexes"), row, cells.table, query)


def _coded_query(cells: str) -> str:
    return f"""
      WITH coded AS (
        SELECT source_id, left(sex, 1) AS code, {_IS_MAN} AS is_man
        FROM {cells} WHERE regexp_full_match(sex, '[012]([.,]0+)?'))
      SELECT source_id, count(*) FILTER (code = '0' AND is_man) AS zero_men,
        count(*) FILTER (code = '0' AND NOT is_man) AS zero_women, count(*) FILTER (code = '1' AND is_man) AS one_men,
        count(*) FILTER (code = '1' AND NOT is_man) AS one_women, count(*) FILTER (code = '2') AS twos
      FROM coded GROUP BY source_id HAVING count(*) FILTER (code = '0') > 0"""


def _blanks_query(cells: str, one_sex: Mapping[int, str]) -> str:
    women = ", ".join(str(number) for number, sex in one_sex.items() if sex == "Nữ") or "NULL"
    marked = "sex = CASE WHEN is_of_women THEN 'Nữ' ELSE 'Nam' END"
    counts = (
        f"count(*) FILTER ({cell} AND is_man {so} is_of_women) AS {name}"
        for name, cell, so in (
            ("marked_so", marked, "<>"),
            ("marked_other", marked, "="),
            ("blank_so", "sex IS NULL", "="),
            ("blank_other", "sex IS NULL", "<>"),
        )
    )
    return f"""
      WITH people AS (
        SELECT source_id, sex, coalesce(source_id IN ({women}), false) AS is_of_women, {_IS_MAN} AS is_man
        FROM {cells} WHERE source_id IN ({", ".join(map(str, one_sex))}))
      SELECT source_id, CASE WHEN is_of_women THEN {SexCodes.BLANK_IS_MALE} ELSE {SexCodes.BLANK_IS_FEMALE} END AS blanks_mean,
        {", ".join(counts)}
      FROM people GROUP BY source_id, is_of_women"""


def decide_blanks(
    blanks_mean: int, marked_so: int, marked_other: int, blank_so: int, blank_other: int
) -> SexCodes:
    """Decide what a blank cell means in a file with a column of one sex.

    Marks that stand for the other sex by the file's people say nothing at all.

    >>> decide_blanks(4, 40, 1, 30, 2), decide_blanks(4, 40, 1, 30, 5), decide_blanks(4, 1, 40, 0, 3)
    (<SexCodes.BLANK_IS_MALE: 4>, <SexCodes.PLAIN: 0>, <SexCodes.MARKS_OPEN: 6>)
    """
    if marked_other > marked_so:
        return SexCodes.MARKS_OPEN
    means_other = blank_so >= max(FEWEST_PROOFS, PROOFS_TO_ONE * blank_other)
    return SexCodes(blanks_mean) if means_other else SexCodes.PLAIN


def decide_codes(
    zero_men: int, zero_women: int, one_men: int, one_women: int, twos: int, *blanks: int
) -> SexCodes:
    """Decide what 0 and 1 mean in a file that has a 0; where nothing speaks against it, 1 is Nam.

    `blanks`: what was counted of a file with a column of one sex, for `decide_blanks`.

    >>> decide_codes(9, 0, 0, 8, 0), decide_codes(0, 9, 8, 0, 0), decide_codes(5, 5, 90, 0, 88)
    (<SexCodes.EXCHANGED: 1>, <SexCodes.PLAIN: 0>, <SexCodes.ZERO_SAYS_NOTHING: 2>)
    """
    if any(blanks):
        return decide_blanks(*blanks)
    if twos:
        means_women = zero_women >= max(FEWEST_PROOFS, PROOFS_TO_ONE * zero_men)
        return SexCodes.PLAIN if means_women else SexCodes.ZERO_SAYS_NOTHING
    plain, exchanged = zero_women + one_men, zero_men + one_women
    if exchanged >= max(FEWEST_PROOFS, PROOFS_TO_ONE * plain):
        return SexCodes.EXCHANGED
    return SexCodes.PLAIN if plain >= exchanged else SexCodes.OPEN


def sex_sql(read: str, row: str, codes: str) -> str:
    """Return SQL for a row's sex: `read` as the cell of `row` says on the platform, but for its file's own codes.

    A blank cell whose own number or name says the sex that is marked stays blank: it was left out.
    """
    typed = f"{row}.sex"
    coded = f"coalesce({_CODE.format(sex=typed)}, false)"
    blanks = " ".join(
        f"WHEN {codes} = {code} THEN CASE WHEN {_is_blank(row, code)} THEN '{sex}' ELSE {read} END"
        for code, sex in _BLANKS.items()
    )
    return (
        f"CASE WHEN {codes} = {SexCodes.PLAIN} THEN {read} {blanks} "
        f"WHEN {codes} = {SexCodes.MARKS_OPEN} THEN NULL WHEN NOT {coded} THEN {read} "
        f"WHEN {codes} = {SexCodes.EXCHANGED} THEN CASE {read} WHEN 'Nam' THEN 'Nữ' ELSE 'Nam' END "
        f"WHEN {codes} = {SexCodes.ZERO_SAYS_NOTHING} AND NOT {_ZERO.format(sex=typed)} THEN {read} END"
    )


def _is_blank(row: str, code: SexCodes) -> str:
    """Return SQL: a row's cell is blank, and neither number nor name says the sex that is marked in the file."""
    figures, name = ("'1', '3'", "thị|thi") if code == SexCodes.BLANK_IS_MALE else ("'0', '2'", "văn|van")
    number = (
        f"regexp_full_match({row}.id_number, '0[0-9]{{11}}') AND substr({row}.id_number, 4, 1) IN ({figures})"
    )
    named = f"regexp_matches({_NAME.format(row=f'{row}.')}, ' ({name}) ')"
    return f"{row}.sex IS NULL AND NOT coalesce({number}, false) AND NOT coalesce({named}, false)"


def sex_bits_sql(bits: str, row: str, codes: str) -> str:
    """Return SQL for the reason bits of a row's sex: `bits` as the cell is read, and what its file's codes add."""
    typed = f"{row}.sex"
    meant, missing, unread = (bit_of(c) for c in ("sex_codes_exchanged", "sex_missing", "sex_unreadable"))
    blanks = " ".join(
        f"WHEN {codes} = {code} AND {_is_blank(row, code)} THEN ({bits} & ~{missing}::BIGINT) | {bit_of('sex_by_blank')}"
        for code in _BLANKS
    )
    return (
        f"(CASE WHEN {codes} = {SexCodes.PLAIN} THEN {bits} "
        f"WHEN {codes} = {SexCodes.EXCHANGED} AND {_CODE.format(sex=typed)} THEN {bits} | {meant} "
        f"WHEN {codes} = {SexCodes.OPEN} AND {_CODE.format(sex=typed)} THEN {bits} | {unread} "
        f"WHEN {codes} = {SexCodes.MARKS_OPEN} AND {typed} IS NOT NULL THEN {bits} | {unread} "
        f"WHEN {codes} = {SexCodes.ZERO_SAYS_NOTHING} AND {_ZERO.format(sex=typed)} THEN {bits} | {missing} "
        f"{blanks} ELSE {bits} END)"
    )
