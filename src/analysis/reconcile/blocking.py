"""Candidate pairs of the rows that no rule linked: named blocking rules with counted, capped blocks.

A blocking rule is named by what a row and a citizen share. A block is all pairs with one value; blocks
grow faster than the country, so each is counted before it is joined and dropped above the cap.
"""

from dataclasses import dataclass

import duckdb

BLOCK_CAP = 120  # citizens that share one value; larger blocks cost much and single out nobody


# Texts whose hash stands beside them in `people`: every rule would read and hash the country's names again.
HASHED = ("name_key", "family_name", "given_name")


@dataclass(frozen=True)
class BlockingRule:
    """One rule: the relation of citizens it searches, and the key as (citizen column, row expression)."""

    name: str
    relation: str
    key: tuple[tuple[str, str], ...]

    def sql_parts(self) -> dict[str, str]:
        """Return what the statements of a rule are filled with."""
        return {
            "rule": self.name,
            "relation": self.relation,
            "columns": ", ".join(f"{c}_hash" if c in HASHED else c for c, _ in self.key),
            "expressions": ", ".join(f"hash({e})" if c in HASHED else e for c, e in self.key),
            "present": " AND ".join(f"({expression}) IS NOT NULL" for _, expression in self.key),
        }


def _rule(name: str, relation: str, columns: str, **expressions: str) -> BlockingRule:
    """Return a rule whose row side has the same column names, but where an expression is given."""
    return BlockingRule(name, relation, tuple((c, expressions.get(c, c)) for c in columns.split()))


SWAPPED_BIRTH = (
    "CASE WHEN birth_day <= 12 THEN make_date(birth_year::INT, birth_day::INT, birth_month::INT) END"
)

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
    _rule("same_birth_date_and_given_name", "people", "birth_on given_name"),
    _rule("same_birth_date_family_name_and_district", "placed_people", "birth_on family_name district_code"),
    _rule(
        "same_family_and_given_name_birth_year_and_district",
        "placed_people",
        "family_name given_name birth_year district_code",
    ),
    # A wrong year and a slip in one end of the name.
    _rule(
        "same_family_name_day_month_and_district",
        "placed_people",
        "family_name birth_month birth_day district_code",
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
    _rule(
        "same_number_head_given_name_and_district",
        "placed_people",
        "number_head given_name district_code",
        number_head=NUMBER_PART.format("left(id_number, 6)"),
    ),
)

# A key is compared by its hash: one number instead of several texts. Should two keys ever have one hash, a pair
# too many is compared, no more.
SOUGHT = """
CREATE OR REPLACE TEMP TABLE sought AS
SELECT row_no, hash({expressions}) AS block FROM open_people WHERE {present}"""

BLOCK_CITIZENS = """
CREATE OR REPLACE TEMP TABLE block_citizens AS
SELECT hash({columns}) AS block, citizen_id FROM {relation} SEMI JOIN sought ON block = hash({columns})"""

BLOCKS = """
CREATE OR REPLACE TEMP TABLE blocks AS
SELECT block, citizens, rows
FROM (SELECT block, count(*) AS citizens FROM block_citizens GROUP BY block)
JOIN (SELECT block, count(*) AS rows FROM sought GROUP BY block) USING (block)"""

PAIRS = """
INSERT INTO candidates
SELECT row_no, citizen_id
FROM sought JOIN block_citizens USING (block)
SEMI JOIN (SELECT block FROM blocks WHERE citizens <= {cap}) USING (block)"""

COUNTS = """
INSERT INTO block_counts
SELECT '{rule}', count(*), coalesce(sum(rows * citizens), 0), count(*) FILTER (citizens > {cap}),
    coalesce(sum(rows * citizens) FILTER (citizens > {cap}), 0)
FROM blocks"""

BLOCK_COUNTS = """
CREATE OR REPLACE TEMP TABLE block_counts
(rule VARCHAR, blocks BIGINT, pairs BIGINT, blocks_dropped BIGINT, pairs_dropped BIGINT)"""

# What is compared of them; blanks are no evidence: "Nguyễnvăn An" is a slip of the keyboard, not another name.
# Found by their place in the table first, so that only their columns are read.
CANDIDATE_PEOPLE = """
CREATE OR REPLACE TEMP TABLE candidate_people AS
SELECT *, replace(name_key, ' ', '') AS compact_name FROM people
WHERE rowid IN (SELECT people.rowid FROM people SEMI JOIN candidates USING (citizen_id))"""

CANDIDATES = "CREATE OR REPLACE TEMP TABLE candidates (row_no BIGINT, citizen_id VARCHAR)"


def make_candidates(con: duckdb.DuckDBPyConnection) -> None:
    """Make the empty tables `candidates` (row_no, citizen_id; a pair may stand there twice) and `block_counts`.

    `block_counts` has per rule its blocks and pairs, and those dropped.
    """
    con.execute(CANDIDATES)
    con.execute(BLOCK_COUNTS)


def find_candidates(con: duckdb.DuckDBPyConnection, rules: tuple[BlockingRule, ...]) -> None:
    """Add to `candidates` what the rules find for `open_people`, and make `candidate_people` of all of them.

    The blocks of each rule are counted. All rows are searched for at once: a rule reads the registry once,
    however many rows there are.
    """
    for rule in rules:
        for statement in (SOUGHT, BLOCK_CITIZENS, BLOCKS, COUNTS, PAIRS):
            con.execute(statement.format(cap=BLOCK_CAP, **rule.sql_parts()))
    con.execute(CANDIDATE_PEOPLE)
