"""What Splink's expectation maximisation makes of our comparison levels, beside the model we ship.

    python benchmarks/train_linkage_model.py [--processed data/processed/2021-11-07] [--rows 200000]

Estimates m by EM in two sessions (rows and citizens of one citizen number; of one name and birth date) and u by
random pairs, with the very levels of `reconcile/comparisons.py`. Prints a table of shipped m against EM m and writes
`--out`: a model in the form of `linkage_model.json` with the EM values and diagnostics. Nothing replaces the shipped
model: a person reads the table and decides. Needs Splink, in a venv of its own (see README.md).
"""

import argparse
import importlib.util
import json
import re
import sys
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb
from linkage import prepare, read_options

from analysis.engine import Engine, connect
from analysis.reconcile.comparisons import COMPARISONS, DOSE, EDITS, Comparison
from analysis.reconcile.steps import open_plan
from analysis.steps import Step, needed_for, replaced, run_plan

SAMPLED_PAIRS = 1e7
SEED = 1
# What doses say is counted in each run, not learned here.
LEARNED = tuple(comparison for comparison in COMPARISONS if comparison is not DOSE)
# The rules' links are learned from as well: every row that is searched for is a row to compare.
ALL_SEARCHED = Step("scored_rows", "one row to compare", "searched", "SELECT * FROM searched", is_view=True)
# Splink wants the same columns on both sides; what a side lacks is null there.
CITIZEN_ONLY = (
    *("citizen_id", "old_id_numbers", "home_commune", "home_district", "home_province"),
    *("stay_commune", "stay_district", "stay_province"),
)
ROW_ONLY = (
    *("id_number", "id_kind", "province_code", "district_code", "commune_code"),
    *("has_odd_syllable", "has_initials", "holder_communes", "holder_families", "damaged_number"),
)
SHARED = (
    *("name_key", "name_accented", "compact_name", "family_name", "given_name"),
    *("birth_year", "birth_month", "birth_day", "birth_on", "sex"),
)


def make_sides(con: duckdb.DuckDBPyConnection, rows: int) -> None:
    """Make `a_citizens` and `b_rows` (Splink takes the tables in the order of their names: left, right)."""
    shared = ", ".join(SHARED)
    citizens = ", ".join([*CITIZEN_ONLY, *(f"NULL AS {c}" for c in ROW_ONLY if not c.startswith("holder"))])
    typed = ", ".join([*ROW_ONLY, *(f"NULL AS {c}" for c in CITIZEN_ONLY if c != "old_id_numbers")])
    lists = "NULL::VARCHAR[] AS"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE a_citizens AS SELECT citizen_id AS unique_id, {shared}, {citizens}, "
        f"{lists} holder_communes, {lists} holder_families "
        "FROM (SELECT *, replace(name_key, ' ', '') AS compact_name FROM people)"
    )
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE b_rows AS SELECT row_no::VARCHAR AS unique_id, {shared}, {typed}, "
        f"{lists} old_id_numbers FROM open_people ORDER BY hash(row_no) LIMIT {rows}"
    )


def splink_sql(condition: str) -> str:
    """Return a level's condition in Splink's words: p is the left side, s the right one."""
    condition = re.sub(r"\bedits\b", f"({EDITS})", condition)
    return re.sub(r"\bs\.(\w+)", r'"\1_r"', re.sub(r"\bp\.(\w+)", r'"\1_l"', condition))


def splink_comparison(comparison: Comparison) -> Any:
    """Return one of our comparisons as Splink's."""
    import splink.comparison_level_library as levels
    import splink.comparison_library as comparisons

    (_, missing), *others, _ = comparison.levels
    return comparisons.CustomComparison(
        output_column_name=comparison.field,
        comparison_levels=[
            levels.CustomLevel(splink_sql(missing), "missing").configure(is_null_level=True),
            *(levels.CustomLevel(splink_sql(condition), name) for name, condition in others),
            levels.ElseLevel(),
        ],
    )


def train(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Train and return Splink's own description of the model."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    same_number = "l.citizen_id = r.id_number"
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[splink_comparison(comparison) for comparison in LEARNED],
        blocking_rules_to_generate_predictions=[same_number],
    )
    api = DuckDBAPI(connection=con)
    linker = Linker(
        [api.register(table, dataset_display_name=table) for table in ("a_citizens", "b_rows")],
        settings,
        log_level=40,
    )
    training = linker.training
    training.estimate_probability_two_random_records_match([same_number], recall=0.7)
    training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=SEED)
    for rule in (same_number, block_on("name_key", "birth_on")):
        training.estimate_parameters_using_expectation_maximisation(rule, record_sample_proportion=1.0)
    described: dict[str, Any] = linker.misc.save_model_to_json(out_path=None, overwrite=True)
    return described


def learned_levels(described: dict[str, Any]) -> dict[str, dict[str, dict[str, float | None]]]:
    """Return EM's m and u by field and level, in our words; None where no pair showed the level."""
    found = {}
    for comparison, learned in zip(LEARNED, described["comparisons"], strict=True):
        names = [name for name, _ in comparison.levels][1:]
        levels = [level for level in learned["comparison_levels"] if not level.get("is_null_level")]
        found[comparison.field] = {
            name: {"m": level.get("m_probability"), "u": level.get("u_probability")}
            for name, level in zip(names, levels, strict=True)
        }
    return found


def table_lines(shipped: dict[str, Any], learned: dict[str, Any]) -> list[str]:
    """Return the table of levels: shipped m, EM m, EM u."""
    lines = [f"{'field':<11} {'level':<26} {'shipped m':>10} {'EM m':>10} {'EM u':>11}"]
    for field, levels in learned.items():
        for level, chances in levels.items():
            m, u = (f"{chances[key]:.2g}" if chances[key] is not None else "-" for key in ("m", "u"))
            lines.append(f"{field:<11} {level:<26} {shipped[field][level]['m']:>10.2g} {m:>10} {u:>11}")
    return lines


def main() -> None:
    """Train, print and write; without Splink say so and do nothing."""
    if importlib.util.find_spec("splink") is None:
        print("train_linkage_model: skipped, Splink is not installed (see benchmarks/README.md)")
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--model-out", type=Path, default=Path("benchmarks/out/linkage_model_em.json"))
    own, rest = parser.parse_known_args()
    sys.argv[1:] = rest
    with tempfile.TemporaryDirectory() as folder:
        run = prepare(read_options(), Path(folder))
        with connect(run) as con, open_plan(con, run) as plan:
            sides = needed_for(replaced(plan, ALL_SEARCHED), ["people", "open_people"])
            run_plan(Engine(con), run, sides, keep="people open_people")
            make_sides(con, own.rows)
            learned = learned_levels(train(con))
    model = json.loads(
        resources.files("analysis.reconcile").joinpath("linkage_model.json").read_text("utf-8")
    )
    print("\n".join(table_lines(model["comparisons"], learned)))
    model["em"] = {"rows": own.rows, "u_pairs": SAMPLED_PAIRS, "seed": SEED, "comparisons": learned}
    own.model_out.parent.mkdir(parents=True, exist_ok=True)
    own.model_out.write_text(json.dumps(model, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
