"""Why a row was linked, or was not: its candidates, field by field, with the weights that the run gave them.

For analysts in the restricted zone (notebooks/explore_links.ipynb): the frames name persons. Nothing here
decides; rows and citizens are compared by the very levels of the weekly run, and weighed by its model.
"""

from collections.abc import Sequence
from dataclasses import replace

import duckdb
import pandas as pd

from analysis.engine import connect, sql_path
from analysis.errors import RequestError
from analysis.intake import view_registry
from analysis.reconcile.blocking import NARROW_RULES, WIDE_RULES, find_candidates, make_candidates
from analysis.reconcile.comparisons import COMPARISONS
from analysis.reconcile.decisions import apply_decisions
from analysis.reconcile.habits import count_found_doses, count_habits, share_in_registry
from analysis.reconcile.linkage_model import LinkageModel, read_model
from analysis.reconcile.open_people import make_open_people
from analysis.reconcile.rules import link_by_rules, make_linked
from analysis.reconcile.scoring import WITH_SHARES, weigh_candidates
from analysis.reconcile.search_tables import make_people, make_searched
from analysis.settings import RunParameters
from analysis.tables import TABLES, view_table

MOST_ROWS = 1000  # an explanation is for reading; a country of them would fill the memory

SAMPLE = """
SELECT source_file, source_row FROM links JOIN doses USING (source_file, source_row)
WHERE link_status = ? AND (? IS NULL OR province_code = ?)
ORDER BY hash(source_file, source_row, ?) LIMIT ?"""

# Only the chosen rows are open, so that only they are compared.
CHOSEN = """
CREATE OR REPLACE TEMP VIEW open_rows AS
SELECT s.* FROM searched AS s
JOIN read_parquet({doses}, file_row_number = true) AS d ON d.file_row_number + 1 = s.row_no
SEMI JOIN chosen ON chosen.source_file = d.source_file AND chosen.source_row = d.source_row"""

# Nearly what the run knew of the others when it weighed the last rows.
SURELY_LINKED = """
INSERT INTO linked
SELECT d.file_row_number + 1, l.citizen_id, l.link_method, l.match_probability
FROM links AS l JOIN read_parquet({doses}, file_row_number = true) AS d USING (source_file, source_row)
ANTI JOIN chosen USING (source_file, source_row)
WHERE l.link_method = 'probabilistic' AND l.match_probability >= {sure_from}"""

# What stands in the row and in the registry, beside the level that the two give.
VALUES = {
    "full_name": ("s.name_accented", "p.name_accented"),
    "birth_date": ("s.birth_date", "p.birth_date"),
    "sex": ("s.sex", "p.sex"),
    "place": ("s.commune_code", "concat_ws(' / ', p.home_commune, nullif(p.stay_commune, p.home_commune))"),
    "id_number": (
        "coalesce(s.id_number, s.damaged_number)",
        "concat_ws(' / ', p.citizen_id, array_to_string(p.old_id_numbers, ' / '))",
    ),
    "dose": ("concat_ws(' ', s.dose_number, s.vaccination_date)", "NULL"),
}

EXPLAINED = """
SELECT d.source_file, d.source_row, l.link_status, c.citizen_id, c.match_probability, c.left_to_people, {fields}
FROM (SELECT * FROM {shares} JOIN posteriors USING (row_no, citizen_id)) AS c
JOIN searched AS s ON s.row_no = c.row_no JOIN people AS p ON p.citizen_id = c.citizen_id
JOIN read_parquet({doses}, file_row_number = true) AS d ON d.file_row_number + 1 = c.row_no
JOIN links AS l ON l.source_file = d.source_file AND l.source_row = d.source_row
WHERE c.match_probability >= {show_from}
ORDER BY d.source_file, d.source_row, c.match_probability DESC, c.citizen_id"""

PAIR = ["source_file", "source_row", "link_status", "citizen_id", "match_probability", "left_to_people"]


def sample_rows(
    run: RunParameters,
    link_status: str = "clerical_review",
    count: int = 5,
    province_code: str | None = None,
    seed: int = 0,
) -> list[tuple[str, int]]:
    """Return up to `count` rows of a verdict as (source_file, source_row); the same seed gives the same rows."""
    with connect(run) as con:
        for name in ("doses", "links"):
            view_table(con, name, run)
        values = [link_status, province_code, province_code, seed, count]
        return [(str(file), int(row)) for file, row in con.execute(SAMPLE, values).fetchall()]


def explain_rows(run: RunParameters, rows: Sequence[tuple[str, int]]) -> pd.DataFrame:
    """Compare rows with every candidate from the model's `show_from` on; one row a pair and field.

    Columns: source_file, source_row, link_status (the run's verdict), citizen_id, match_probability,
    left_to_people (looks like a relative: not linked, however probable), field (`prior`, the compared
    fields, `birth_year` of the citizen, `phone`), typed and registry (the two values), level, weight (bits, log2 of m / u; they add up to
    the pair's weight before its rivals are weighed), kin_weight (the same for a relative of the citizen whom
    the registry lacks). Rows linked by a rule are compared all the same. What a run teaches (doses already
    found, the share of rows whose person the registry has) is counted from the links as they ended, where the
    run counts between its two passes: its probability is met within .001 in half of the cases, within .025 in
    99 of 100.
    Without a registry there is nobody to compare with and the frame is empty. Raises RequestError for more
    than MOST_ROWS rows.
    """
    if len(rows) > MOST_ROWS:
        raise RequestError(f"explain_rows: {len(rows)} rows are too many; give at most {MOST_ROWS}")
    with connect(run) as con:
        _weigh_chosen(con, run, rows)
        return _unpivoted(con.execute(_explained_sql(run, read_model())).df())


def _weigh_chosen(
    con: duckdb.DuckDBPyConnection, run: RunParameters, rows: Sequence[tuple[str, int]]
) -> None:
    """Make `compared` and `posteriors` of the chosen rows, with the telephones that the rules taught."""
    doses = sql_path(TABLES["doses"].path(run))
    for name in ("doses", "roster_rows", "decisions", "links"):
        view_table(con, name, run)
    make_people(con, view_registry(con, run))
    make_searched(con, run)
    make_linked(con)
    apply_decisions(con, doses)
    link_by_rules(con)
    model = read_model()
    count_habits(con, model.renamed_share)
    chosen = pd.DataFrame(list(rows), columns=["source_file", "source_row"])
    con.register("chosen", chosen.astype({"source_file": "object", "source_row": "int64"}))
    con.execute(CHOSEN.format(doses=doses))
    make_candidates(con)
    make_open_people(con)
    find_candidates(con, NARROW_RULES + WIDE_RULES)
    con.execute(SURELY_LINKED.format(doses=doses, sure_from=model.sure_from))
    count_found_doses(con)
    weigh_candidates(con, replace(model, share_in_registry=share_in_registry(con, model.share_in_registry)))


def _explained_sql(run: RunParameters, model: LinkageModel) -> str:
    """Return the query of one row a pair, with `<field>:<what>` columns."""
    match, kin = model.part_sql("m"), model.part_sql("kin")
    columns = []
    for field in match:
        columns += [f'{match[field]} AS "{field}:weight"', f'{kin[field]} AS "{field}:kin_weight"']
    for comparison in COMPARISONS:
        typed, registry = VALUES[comparison.field]
        names = ", ".join(f"'{name}'" for name, _ in comparison.levels)
        columns += [
            f'list_extract([{names}], {comparison.column} + 1) AS "{comparison.field}:level"',
            f'{typed} AS "{comparison.field}:typed"',
            f'{registry} AS "{comparison.field}:registry"',
        ]
    columns.append("CASE phone_level WHEN 1 THEN 'same' END AS \"phone:level\"")
    return EXPLAINED.format(
        fields=", ".join(columns),
        shares=WITH_SHARES,
        doses=sql_path(TABLES["doses"].path(run)),
        show_from=model.show_from,
    )


def _unpivoted(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return one row a pair and field from one row a pair."""
    fields = dict.fromkeys(c.split(":")[0] for c in pairs.columns if ":" in c)
    what = ("typed", "registry", "level", "weight", "kin_weight")
    parts = [
        pairs[PAIR].assign(
            field=field, pair=range(len(pairs)), **{w: pairs.get(f"{field}:{w}") for w in what}
        )
        for field in fields
    ]
    frame = pd.concat(parts, ignore_index=True).sort_values("pair", kind="stable", ignore_index=True)
    return frame[[*PAIR, "field", *what]]


def describe_model() -> pd.DataFrame:
    """Return what the model knows, one row a field and level.

    Columns: field, level, m (share among rows of the same person), u (of two people at random), kin (of two
    members of one household), weight and kin_weight in bits. The weight of a name, a place or a number that
    somebody holds is counted anew in each run; the file's u stands for it here.
    """
    model = read_model()
    rows = [
        {"field": field, "level": level, **chances}
        | {"weight": model.weight(field, level), "kin_weight": model.weight(field, level, "kin")}
        for field, levels in model.levels.items()
        for level, chances in levels.items()
    ]
    return pd.DataFrame(rows)
