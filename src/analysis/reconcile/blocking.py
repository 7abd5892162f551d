"""Candidate pairs of the rows that no rule linked: named blocking rules with counted, capped blocks.

A blocking rule is named by what a row and a citizen share. A block is all pairs with one value; blocks
grow faster than the country, so each is counted before it is joined and dropped above the cap.
"""

from dataclasses import dataclass, replace
from functools import partial

from analysis.engine import Engine
from analysis.errors import CheckError
from analysis.reconcile.comparisons import one_slip
from analysis.steps import Step

# What one rule may give to be compared: in the simulated country it is 1.2 pairs a row at most. Ten million pairs
# take some minutes, a cross join of the country would take years (sources fault-36).
PAIRS_PER_ROW, LEAST_PAIRS = 40, 1_000_000
BLOCK_CAP = 120  # citizens that share one value; larger blocks cost much and single out nobody


# Texts whose hash stands beside them in `people`: every rule would read and hash the country's names again.
HASHED = ("name_key", "family_name", "given_name")


@dataclass(frozen=True)
class BlockingRule:
    """One rule: the relation of citizens it searches, and the key as (citizen column, row expression).

    `also` is the SQL of what a row `s` and a citizen `p` of one block must show besides, and `beside` what it reads of
    the two: blocks that grow with the country hold mostly pairs that no weight can make probable. Blocks are counted and
    capped without it.
    """

    name: str
    relation: str
    key: tuple[tuple[str, str], ...]
    also: str = "true"
    beside: tuple[str, str] = ("", "")  # columns of the row, of the citizen

    def sql_parts(self) -> dict[str, str]:
        """Return what the statements of a rule are filled with."""
        of_row, of_citizen = ("".join(f", {column}" for column in side.split()) for side in self.beside)
        return {
            "rule": self.name,
            "relation": self.relation,
            "also": self.also,
            "of_row": of_row,
            "of_citizen": of_citizen,
            "columns": ", ".join(f"{c}_hash" if c in HASHED else c for c, _ in self.key),
            "expressions": ", ".join(f"hash({e})" if c in HASHED else e for c, e in self.key),
            "present": " AND ".join(f"({expression}) IS NOT NULL" for _, expression in self.key),
        }


def _rule(name: str, relation: str, columns: str, **expressions: str) -> BlockingRule:
    """Return a rule whose row side has the same column names, but where an expression is given."""
    return BlockingRule(name, relation, tuple((c, expressions.get(c, c)) for c in columns.split()))


def _nearly(rule: BlockingRule, part: str) -> BlockingRule:
    """Return a rule whose pairs also agree on a part of the name.

    It may have two edits, a region's other form (sources name-2), or stand elsewhere in the other name, where words
    changed places, were left out or cut short.
    """
    row, citizen, forms = f"s.{part}", f"p.{part}", "('hoang', 'huynh')"
    near = (
        f"(levenshtein({row}, {citizen}) <= 2 OR ({row} IN {forms} AND {citizen} IN {forms}) "
        f"OR contains(' ' || p.name_key, ' ' || {row}) OR contains(' ' || s.name_key, ' ' || {citizen}))"
    )
    return replace(rule, also=near, beside=(f"name_key {part}", f"name_key {part}"))


SWAPPED_BIRTH = (
    "CASE WHEN birth_day <= 12 THEN make_date(birth_year::INT, birth_day::INT, birth_month::INT) END"
)

# Given name first: "Bảy Lê Thị" is Lê Thị Bảy.
FIRST_WORD_LAST = """CASE WHEN contains(name_key, ' ')
    THEN substr(name_key, length(split_part(name_key, ' ', 1)) + 2) || ' ' || split_part(name_key, ' ', 1) END"""

# One wrong digit leaves one half of a citizen number whole.
NUMBER_PART = "CASE WHEN id_kind = 'citizen_number' THEN {} END"

# What an honest entry with one or two slips still shares with its citizen.
NARROW_RULES = (
    _rule("same_citizen_number", "people", "citizen_id", citizen_id="id_number"),
    _rule("same_old_number", "old_numbers", "old_number", old_number="id_number"),
    _rule("same_name_and_birth_date", "people", "name_key birth_on"),
    _rule("same_name_and_commune", "placed_people", "name_key commune_code"),
    _rule("same_birth_date_and_commune", "placed_people", "birth_on commune_code"),
    _rule("same_birth_date_given_name_and_province", "placed_people", "birth_on given_name province_code"),
    _rule("same_phone", "phone_holders", "phone"),
)

# Wider blocks for the rest: two slips in the fields that the narrow rules rely on.
WIDE_RULES = (
    _rule("same_name_and_swapped_birth_date", "people", "name_key birth_on", birth_on=SWAPPED_BIRTH),
    _rule("same_name_birth_year_and_province", "placed_people", "name_key birth_year province_code"),
    _rule("same_name_and_district", "placed_people", "name_key district_code"),
    _rule(
        "given_name_first_and_district", "placed_people", "name_key district_code", name_key=FIRST_WORD_LAST
    ),
    _rule(
        "given_name_first_birth_year_and_province",
        "placed_people",
        "name_key birth_year province_code",
        name_key=FIRST_WORD_LAST,
    ),
    _nearly(_rule("same_birth_date_and_given_name", "people", "birth_on given_name"), "family_name"),
    _rule("same_birth_date_family_name_and_district", "placed_people", "birth_on family_name district_code"),
    _rule(
        "same_family_and_given_name_birth_year_and_district",
        "placed_people",
        "family_name given_name birth_year district_code",
    ),
    # A wrong year and a slip in one end of the name.
    _nearly(
        _rule(
            "same_family_name_day_month_and_district",
            "placed_people",
            "family_name birth_month birth_day district_code",
        ),
        "given_name",
    ),
    _rule(
        "same_given_name_day_month_and_district",
        "placed_people",
        "given_name birth_month birth_day district_code",
    ),
    _rule("same_family_and_given_name_and_commune", "placed_people", "family_name given_name commune_code"),
    _rule("same_given_name_birth_year_and_commune", "placed_people", "given_name birth_year commune_code"),
    _rule("same_family_name_birth_year_and_commune", "placed_people", "family_name birth_year commune_code"),
    _rule(
        "same_number_tail_and_district",
        "placed_people",
        "number_tail district_code",
        number_tail=NUMBER_PART.format("right(id_number, 6)"),
    ),
    # The head says province, century and year of birth, and sex: it alone is no slip.
    replace(
        _rule(
            "same_number_head_given_name_and_district",
            "placed_people",
            "number_head given_name district_code",
            number_head=NUMBER_PART.format("left(id_number, 6)"),
        ),
        also=one_slip("s.id_number", "p.citizen_id"),
        beside=("id_number", ""),
    ),
)

# A key is compared by its hash: one number instead of several texts. Should two keys ever have one hash, a pair
# too many is compared, no more.
SOUGHT = "SELECT row_no, hash({expressions}) AS block{of_row} FROM {rows} WHERE {present}"

BLOCK_CITIZENS = """
SELECT hash({columns}) AS block, citizen_id{of_citizen}
FROM {relation} SEMI JOIN sought_{rule} ON block = hash({columns})"""

BLOCKS = """
SELECT block, citizens, rows
FROM (SELECT block, count(*) AS citizens FROM block_citizens_{rule} GROUP BY block)
JOIN (SELECT block, count(*) AS rows FROM sought_{rule} GROUP BY block) USING (block)"""

PAIRS = """
SELECT row_no, citizen_id
FROM sought_{rule} AS s JOIN block_citizens_{rule} AS p USING (block)
SEMI JOIN (SELECT block FROM blocks_{rule} WHERE citizens <= {cap}) USING (block)
WHERE {also}"""

BLOCK_COUNTS = """
SELECT '{rule}' AS rule, count(*) AS blocks, coalesce(sum(rows * citizens), 0)::BIGINT AS pairs,
    count(*) FILTER (citizens > {cap}) AS blocks_dropped,
    coalesce(sum(rows * citizens) FILTER (citizens > {cap}), 0)::BIGINT AS pairs_dropped
FROM blocks_{rule}"""

# What is compared of them; blanks are no evidence: "Nguyễnvăn An" is a slip of the keyboard, not another name.
CANDIDATE_PEOPLE = """
SELECT *, replace(name_key, ' ', '') AS compact_name FROM people SEMI JOIN {candidates} USING (citizen_id)"""

# The shares that hang on the citizen alone, looked up once for all of his pairs: one that agrees on a name has his.
PEOPLE_SHARES = """
SELECT citizen_id, name_share, family_given_share, neighbour_share, family_share, renamed_share, birth_year_ratio
FROM (
    SELECT citizen_id, home_province, home_commune, name_key, family_name, given_name, sex, birth_year FROM {people})
LEFT JOIN name_shares USING (home_province, name_key)
LEFT JOIN family_given_shares USING (home_province, family_name, given_name)
LEFT JOIN (SELECT unit_code AS home_commune, unit_share AS neighbour_share FROM unit_shares) USING (home_commune)
LEFT JOIN family_shares USING (home_commune, family_name)
LEFT JOIN renamed_shares USING (home_province, family_name, sex)
LEFT JOIN birth_year_ratios USING (birth_year)"""
SHARES_OF_PEOPLE = (
    """name_shares family_given_shares unit_shares family_shares renamed_shares birth_year_ratios"""
)

UNION = "\nUNION ALL\n"


def check_budget(engine: Engine, rule: str) -> None:
    """Raise CheckError where a rule's blocks give more pairs than the budget: counted before they are compared."""
    rows, pairs = engine.fetch(
        f"SELECT coalesce(sum(rows), 0)::BIGINT, coalesce(sum(rows * citizens), 0)::BIGINT "
        f"FROM blocks_{rule} WHERE citizens <= {BLOCK_CAP}"
    )[0]
    budget = max(LEAST_PAIRS, PAIRS_PER_ROW * rows)
    if pairs > budget:
        raise CheckError(
            f"linkage: the blocking rule {rule} gives {pairs} pairs for {rows} rows, more than {budget}; a value that "
            "many rows share by mistake, such as a filled-in name, is to be looked for in the exports"
        )


def block_steps(rule: BlockingRule, rows: str) -> tuple[Step, ...]:
    """Return the steps that find one rule's pairs for the table `rows`.

    All rows are searched for at once: a rule reads the registry once, however many rows there are.
    """
    name, parts = rule.name, rule.sql_parts() | {"rows": rows, "cap": BLOCK_CAP}
    sought, citizens, blocks = (f"{table}_{name}" for table in ("sought", "block_citizens", "blocks"))
    searched, pairs = f"{rule.relation} {sought}", f"{sought} {citizens} {blocks}"
    return (
        Step(sought, "one row and its block", rows, SOUGHT.format(**parts)),
        Step(citizens, "one citizen of such a block", searched, BLOCK_CITIZENS.format(**parts)),
        Step(
            *(blocks, "one block, rows and citizens counted", f"{citizens} {sought}", BLOCKS.format(**parts)),
            check=partial(check_budget, rule=name),
        ),
        Step(f"pairs_{name}", "one row and one citizen of its block", pairs, PAIRS.format(**parts)),
    )


def candidate_steps(
    rules: tuple[BlockingRule, ...],
    rows: str,
    prefix: str = "",
    earlier_candidates: tuple[str, ...] = (),
    earlier_counts: tuple[str, ...] = (),
) -> tuple[Step, ...]:
    """Return the steps of one search by blocking rules for the table `rows`.

    They end in `block_counts`, `candidates` (a pair may stand there twice) and `candidate_people`, with `prefix`
    before their names; what an earlier search found and counted goes on in them.
    """
    found = [*earlier_candidates, *(f"pairs_{rule.name}" for rule in rules)]
    counted = [*earlier_counts, *(f"blocks_{rule.name}" for rule in rules)]
    counts = [f"SELECT * FROM {table}" for table in earlier_counts]
    counts += [BLOCK_COUNTS.format(rule=rule.name, cap=BLOCK_CAP).strip() for rule in rules]
    candidates = f"{prefix}candidates"
    pairs = UNION.join(f"SELECT * FROM {table}" for table in found)
    people = CANDIDATE_PEOPLE.format(candidates=candidates)
    return (
        *(step for rule in rules for step in block_steps(rule, rows)),
        Step(
            f"{prefix}block_counts", "one rule, its blocks and pairs", " ".join(counted), UNION.join(counts)
        ),
        Step(candidates, "one row and one citizen found", " ".join(found), pairs, is_view=True),
        Step(f"{prefix}candidate_people", "one citizen to compare with", f"people {candidates}", people),
        Step(
            f"{prefix}people_shares",
            "one such citizen's shares",
            f"{prefix}candidate_people {SHARES_OF_PEOPLE}",
            PEOPLE_SHARES.format(people=f"{prefix}candidate_people"),
        ),
    )
