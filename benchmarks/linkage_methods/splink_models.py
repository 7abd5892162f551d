"""Two Splink 5 models: what a good user would write, and one with Vietnamese features.

Both follow Splink's own guides: u by random sampling, m by expectation maximisation in two sessions that block
on different fields, term frequencies on names, the best candidate of a row from probability LINK_FROM on.
"""

from typing import Any

import duckdb
import splink.comparison_level_library as levels
import splink.comparison_library as comparisons
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from analysis.settings import RunParameters

from .inputs import make_inputs

LINK_FROM = 0.95
REVIEW_FROM = 0.5
SEED = 1
SAMPLED_PAIRS = 5e6

# A citizen tied with another goes to a person; so does a best candidate between the two limits.
BEST = """
INSERT INTO answers
SELECT row_no, CASE WHEN sure THEN citizen_id END, probability, NOT sure
FROM (SELECT *, probability >= {link_from} AND gap > 0 AS sure FROM (
    SELECT row_no, citizen_id, probability,
        weight - coalesce(lead(weight) OVER best, weight - 1) AS gap, row_number() OVER best AS place
    FROM predicted WINDOW best AS (PARTITION BY row_no ORDER BY weight DESC, citizen_id))
    WHERE place = 1 AND probability >= {review_from})"""


def number_comparison(number: str) -> Any:
    """Return the comparison of numbers: the citizen number, any old number, one slip."""
    left, right = f"{number}_l", f"{number}_r"
    return comparisons.CustomComparison(
        output_column_name="numbers",
        comparison_levels=[
            # The registry always has a number: nothing to compare is a row without one.
            levels.CustomLevel(
                f"(({left} IS NULL AND len(old_numbers_l) = 0) OR ({right} IS NULL AND len(old_numbers_r) = 0))",
                "no number",
            ).configure(is_null_level=True),
            levels.CustomLevel(f"{left} = {right}", "same citizen number"),
            levels.CustomLevel("list_has_any(old_numbers_l, old_numbers_r)", "same old number"),
            levels.CustomLevel(f"damerau_levenshtein({left}, {right}) <= 1", "one slip"),
            levels.ElseLevel(),
        ],
    )


def good_user_settings() -> Any:
    """Return the model of a good user who does not know Vietnamese: names as typed, lower case, NFC."""
    return SettingsCreator(
        link_type="link_only",
        retain_matching_columns=False,
        comparisons=[
            comparisons.JaroWinklerAtThresholds("full_name", [0.95, 0.88]).configure(
                term_frequency_adjustments=True
            ),
            comparisons.DateOfBirthComparison("birth_date", input_is_string=True),
            comparisons.ExactMatch("sex"),
            comparisons.ExactMatch("province_code").configure(term_frequency_adjustments=True),
            number_comparison("typed_number"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("typed_number"),
            block_on("old_number"),
            block_on("full_name", "birth_date"),
            block_on("birth_date", "sex", "province_code"),
            block_on("full_name", "birth_year", "province_code"),
        ],
    )


def vietnamese_name() -> Any:
    """Return the comparison of names: accents as a level of their own, unaccented keys, family and given name."""
    return comparisons.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            levels.NullLevel("name_key"),
            levels.ExactMatchLevel("name_accented", term_frequency_adjustments=True),
            levels.ExactMatchLevel("name_key", term_frequency_adjustments=True),
            levels.JaroWinklerLevel("name_key", 0.95),
            levels.And(levels.ExactMatchLevel("family_name"), levels.ExactMatchLevel("given_name")),
            levels.JaroWinklerLevel("name_key", 0.88),
            levels.ElseLevel(),
        ],
    )


def vietnamese_birth() -> Any:
    """Return the comparison of birth dates: years alone and 1 January apart, day and month exchanged."""
    swapped = (
        "left(birth_date_l, 5) || right(birth_date_l, 2) || '-' || substr(birth_date_l, 6, 2) = birth_date_r"
    )
    january = "(birth_date_l IS NULL OR birth_date_r IS NULL OR right(birth_date_l, 5) = '01-01' "
    return comparisons.CustomComparison(
        output_column_name="birth",
        comparison_levels=[
            levels.NullLevel("birth_year"),
            levels.CustomLevel(
                "birth_date_l = birth_date_r AND right(birth_date_l, 5) != '01-01'", "same day"
            ),
            levels.CustomLevel(
                f"birth_year_l = birth_year_r AND {january} OR right(birth_date_r, 5) = '01-01')",
                "same year, no day",
            ),
            levels.CustomLevel(swapped, "day and month exchanged"),
            levels.CustomLevel("levenshtein(birth_date_l, birth_date_r) <= 1", "one digit"),
            levels.CustomLevel("birth_year_l = birth_year_r", "same year"),
            levels.ElseLevel(),
        ],
    )


def vietnamese_place() -> Any:
    """Return the comparison of unit codes, from commune to province."""
    return comparisons.CustomComparison(
        output_column_name="place",
        comparison_levels=[
            levels.NullLevel("province_code"),
            levels.ExactMatchLevel("commune_code", term_frequency_adjustments=True),
            levels.ExactMatchLevel("district_code"),
            levels.ExactMatchLevel("province_code"),
            levels.ElseLevel(),
        ],
    )


def vietnamese_settings() -> Any:
    """Return the model with Vietnamese features."""
    return SettingsCreator(
        link_type="link_only",
        retain_matching_columns=False,
        comparisons=[
            vietnamese_name(),
            vietnamese_birth(),
            comparisons.ExactMatch("sex"),
            vietnamese_place(),
            number_comparison("id_number"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("id_number"),
            block_on("old_number"),
            block_on("name_key", "birth_date"),
            block_on("name_key", "commune_code"),
            block_on("birth_date", "commune_code"),
            block_on("birth_date", "given_name", "province_code"),
            block_on("name_key", "birth_year", "province_code"),
        ],
    )


def train(con: duckdb.DuckDBPyConnection, settings: Any, name: str, number: str) -> Any:
    """Return a trained linker over `peer_rows` and `peer_citizens`; `name` and `number` are the columns to block on."""
    api = DuckDBAPI(connection=con)
    tables = [api.register(table, dataset_display_name=table) for table in ("peer_rows", "peer_citizens")]
    linker = Linker(tables, settings, log_level=40)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on(number), block_on(name, "birth_date", "province_code")], recall=0.9
    )
    training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=SEED)
    for rule in (block_on(name, "birth_date"), block_on(number)):
        training.estimate_parameters_using_expectation_maximisation(rule, record_sample_proportion=1.0)
    return linker


def link(con: duckdb.DuckDBPyConnection, run: RunParameters, settings: Any, name: str, number: str) -> None:
    """Train, predict, and keep each row's best candidate."""
    make_inputs(con, run)
    linker = train(con, settings, name, number)
    found = linker.inference.predict(threshold_match_probability=0.2).physical_name
    con.execute(
        f"""CREATE OR REPLACE TEMP VIEW predicted AS
        SELECT CASE WHEN source_dataset_l = 'peer_rows' THEN unique_id_l ELSE unique_id_r END::BIGINT AS row_no,
            CASE WHEN source_dataset_l = 'peer_rows' THEN unique_id_r ELSE unique_id_l END::VARCHAR AS citizen_id,
            match_weight AS weight, match_probability AS probability FROM {found}"""
    )
    con.execute(BEST.format(link_from=LINK_FROM, review_from=REVIEW_FROM))


def link_good_user(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Splink as a good user would set it up."""
    link(con, run, good_user_settings(), "full_name", "typed_number")


def link_vietnamese(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Splink with Vietnamese features."""
    link(con, run, vietnamese_settings(), "name_key", "id_number")
