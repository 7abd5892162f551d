"""Why a row was linked, or was not: its candidates, field by field, with the weights that the run gave them.

For analysts in the restricted zone (notebooks/explore_links.ipynb): the frames name persons. Nothing here
decides; rows and citizens are compared by the very levels of the weekly run, and weighed by its model.
"""

from collections.abc import Sequence

import pandas as pd

from analysis.engine import Engine, connect
from analysis.errors import RequestError
from analysis.reconcile.comparisons import COMPARISONS
from analysis.reconcile.linkage_model import read_model
from analysis.reconcile.steps import open_plan
from analysis.reconcile.weighing import COUNTED_SHARE, SHARES, WITH_SHARES
from analysis.safeguards.openings import note_opening
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, needed_for, opened, replaced, run_plan, unrolled
from analysis.tables import view_table

MOST_ROWS = 1000  # an explanation is for reading; a country of them would fill the memory

SAMPLE = """
SELECT source_file, source_row FROM links JOIN doses USING (source_file, source_row)
WHERE link_status = ? AND (? IS NULL OR province_code = ?)
ORDER BY hash(source_file, source_row, ?) LIMIT ?"""

# Only the chosen rows are scored, so that only they are compared.
CHOSEN_ROWS = """
SELECT s.* FROM searched AS s JOIN dose_rows AS d USING (row_no)
SEMI JOIN chosen ON chosen.source_file = d.source_file AND chosen.source_row = d.source_row"""

# Nearly what the run knew of the others when it weighed the last rows.
SURELY_LINKED = """
SELECT d.row_no, l.citizen_id, l.link_method, l.match_probability
FROM finished_links AS l JOIN dose_rows AS d USING (source_file, source_row)
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
    "dose": ("concat_ws(' ', s.dose_number, s.vaccination_date)", "NULL::VARCHAR"),
}

EXPLAINED = f"""
SELECT d.source_file, d.source_row, l.link_status, c.citizen_id, c.match_probability, c.left_to_people, {{fields}}
FROM (SELECT * FROM {WITH_SHARES.format(compared="compared", dose_shares="dose_shares", people_shares="people_shares")}
    JOIN posteriors USING (row_no, citizen_id)) AS c
JOIN searched AS s ON s.row_no = c.row_no JOIN people AS p ON p.citizen_id = c.citizen_id
JOIN dose_rows AS d ON d.row_no = c.row_no
JOIN finished_links AS l ON l.source_file = d.source_file AND l.source_row = d.source_row
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
            note_opening(run, name)
            view_table(con, name, run)
        values = [link_status, province_code, province_code, seed, count]
        return [(str(file), int(row)) for file, row in con.execute(SAMPLE, values).fetchall()]


def explain_rows(run: RunParameters, rows: Sequence[tuple[str, int]]) -> pd.DataFrame:
    """Compare rows with every candidate from the model's `show_from` on; one row a pair and field.

    Columns: source_file, source_row, link_status (the run's verdict), citizen_id, match_probability,
    left_to_people (looks like a relative: not linked, however probable), field (`prior`, the compared
    fields, `birth_year` of the citizen, `phone`, `shown_number`: the row's number in another row of the
    citizen), typed and registry (the two values), level, weight (bits, log2 of m / u; they add up to the
    pair's weight before its rivals are weighed), kin_weight (the same for a relative of the citizen whom
    the registry lacks). Rows linked by a rule are compared all the same. What a run teaches (doses already
    found, the share of rows whose person the registry has) is counted from the links as they ended, where the
    run counts between its two passes: its probability is met within .001 in half of the cases, within .025 in
    99 of 100.
    Without a registry there is nobody to compare with and the frame is empty. Raises RequestError for more
    than MOST_ROWS rows.
    """
    if len(rows) > MOST_ROWS:
        raise RequestError(f"explain_rows: {len(rows)} rows are too many; give at most {MOST_ROWS}")
    note_opening(run, "explained")
    with connect(run) as con, open_plan(con, run) as plan:
        engine = Engine(con)
        run_plan(engine, run, explained_plan(run, plan, rows), keep="explained")
        return _unpivoted(engine.frame("SELECT * FROM explained"))


def explained_plan(run: RunParameters, plan: Plan, rows: Sequence[tuple[str, int]]) -> Plan:
    """Return the slice of the stage's plan that compares the chosen rows, with what the run found beside it."""
    chosen = pd.DataFrame(list(rows), columns=["source_file", "source_row"])
    chosen = chosen.astype({"source_file": "object", "source_row": "int64"})
    surely = SURELY_LINKED.format(sure_from=read_model().sure_from)
    given = (
        opened("links", run, name="finished_links"),
        Step("chosen", "one row asked about", frame=lambda: chosen),
    )
    others = (
        Step("scored_rows", "one row asked about", "searched dose_rows chosen", CHOSEN_ROWS, is_view=True),
        Step("sure_links", "one other row linked by scores", "finished_links dose_rows chosen", surely),
    )
    pairs = f"compared posteriors {SHARES} dose_shares people_shares registry_share"
    reads = f"{pairs} searched people dose_rows finished_links"
    explained = Step("explained", "one pair, field by field", reads, _explained_query())
    return needed_for((*given, *unrolled(replaced(plan, *others)), explained), ["explained"])


def _explained_query() -> str:
    """Return the query of one row a pair, with `<field>:<what>` columns."""
    match, kin = (read_model().part_sql(hypothesis, COUNTED_SHARE) for hypothesis in ("m", "kin"))
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
    for field in ("phone", "shown_number"):
        columns.append(f"CASE {field}_level WHEN 1 THEN 'same' END AS \"{field}:level\"")
    return EXPLAINED.format(fields=", ".join(columns))


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
