"""What people decided: read, carried from earlier weeks, and bound to this week's rows.

A decision finds its row by `dose_record_id`; without one, or when that id is gone, by the content of the
row it named in the run of its `as_of`. One that finds no row is kept as unbound, never dropped.
"""

from dataclasses import dataclass
from pathlib import Path

from analysis.clean.cells import Cells, files_step, staged_step
from analysis.clean.decision_values import NO_PAPER, RIGHT_ON_PLATFORM, correctable_fields, judged_steps
from analysis.earlier_runs import DAY
from analysis.intake.headers.finding import Schema
from analysis.intake.sources import StagedFile
from analysis.settings import RunParameters
from analysis.steps import Plan, Step, written
from analysis.tables import TABLES, empty_table

# The row a decision names; called so because a staged file has a `source_row` of its own.
_NAMED = {"named_file": ("source_file",), "named_row": ("source_row",)}
_PLAIN = "decision_id dose_record_id as_of decision citizen_id field value ground decided_by decided_on"
COLUMNS = (*_PLAIN.split(), *_NAMED)
DECISIONS = Schema(
    "decisions", {c: _NAMED.get(c, ()) for c in COLUMNS}, ("decision_id", "decision", "decided_on")
)
KINDS = [
    "same_person",
    "different_person",
    "not_in_registry",
    "correct_value",
    "delete_dose",
    "add_dose",
    "do_not_invite",
    "withdrawn",
]
# These are about a citizen, not about a row.
WITHOUT_ROW = ("add_dose", "do_not_invite")
# What a row says of a person and a dose: not its id, nor what changes from week to week.
CONTENT_FIELDS = [
    "full_name",
    "birth_date",
    "sex",
    "phone",
    "id_number",
    "health_insurance_number",
    "nationality",
    "province_code",
    "district_code",
    "commune_code",
    "address",
    "dose_number",
    "vaccine",
    "lot_number",
    "vaccination_date",
    "facility_name",
    "facility_code",
    "entry_date",
]


def content_key_sql() -> str:
    """Return SQL for the hash of a row's cleaned fields (the same in every week and on every machine)."""
    cells = ", ".join(f"coalesce(CAST({c} AS VARCHAR), '')" for c in CONTENT_FIELDS)
    return f"md5(concat_ws('|', {cells}))"


def contents_query(doses: str) -> str:
    """Return the SELECT of what binds decisions to dose records, and tells whether a dose has arrived."""
    columns = "source_file, source_row, dose_record_id, id_number, vaccination_date"
    return f"SELECT {columns}, {content_key_sql()} AS content_key FROM {doses}"


@dataclass(frozen=True)
class Decisions:
    """Where decisions stand: this intake's staged files, and the table of the run before (None: it has none).

    `former_doses` are the clean dose records of earlier runs by their day: what a decision's row number meant.
    """

    staged: tuple[StagedFile, ...] = ()
    carried: Path | None = None
    former_doses: tuple[tuple[str, Path], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.staged or self.carried)


def find_decisions(run: RunParameters, staged: list[StagedFile]) -> Decisions:
    """Return the decisions of a run: those of its intake, and those that were in force in the run before."""
    if run.previous is None:
        return Decisions(tuple(staged))
    carried = run.previous / "restricted" / TABLES["decisions"].path(run).name
    beside = sorted(run.previous.parent.iterdir()) if run.previous.parent.is_dir() else []
    doses = {folder.name: folder / "restricted" / "doses.parquet" for folder in (*beside, run.previous)}
    days = [day for day in doses if DAY.fullmatch(day) and day != run.as_of.isoformat()]
    former = [(day, doses[day]) for day in days if doses[day].is_file()]
    return Decisions(tuple(staged), carried if carried.is_file() else None, tuple(former))


DECISION_CELLS = Cells("decision_cells", "decision_")
_IS_KNOWN = f"row_fault IS NULL AND coalesce(trim(decision) IN ({', '.join(map(repr, KINDS))}) AND trim(decision_id) <> '', false)"
# Later files stand after earlier ones, this intake's after what is carried on (position 0).
_CELLS = f"""
SELECT source_id, {_IS_KNOWN} AS is_known, (source_id + 1)::BIGINT * 1000000000 + file_row_number AS position,
    {", ".join(f"nullif(trim({c}), '') AS {c}" for c in COLUMNS)}, CAST(NULL AS VARCHAR) AS content_key,
    CAST(NULL AS BOOLEAN) AS was_open, CAST(NULL AS VARCHAR) AS former_district
FROM decision_staged_files"""
_OF_FILES = "SELECT * EXCLUDE (source_id, is_known) FROM decision_cells WHERE is_known"
_CARRIED = f"""
SELECT 0::BIGINT AS position, decision_id, dose_record_id, CAST(NULL AS VARCHAR) AS as_of, decision, citizen_id,
    field, value, ground, decided_by, CAST(decided_on AS VARCHAR) AS decided_on,
    {", ".join(f"CAST(NULL AS VARCHAR) AS {c}" for c in _NAMED)}, content_key,
    bound AND arrived IS FALSE AS was_open, place_given_district_code AS former_district
FROM (FROM carried_decisions UNION ALL BY NAME  -- weeks that were run before these columns were have none
    SELECT CAST(NULL AS BOOLEAN) AS arrived, CAST(NULL AS VARCHAR) AS place_given_district_code WHERE false)"""
# The latest row of a decision stands.
_LATEST = """
SELECT * REPLACE (coalesce(content_key, max(content_key) OVER (PARTITION BY decision_id)) AS content_key,
    bool_or(was_open) OVER (PARTITION BY decision_id) AS was_open,
    max(former_district) OVER (PARTITION BY decision_id) AS former_district)
FROM ({rows})
QUALIFY row_number() OVER (PARTITION BY decision_id
    ORDER BY coalesce(decided_on, as_of, '9999') DESC, position DESC) = 1"""
# A row of an unknown kind is rejected.
_ACCOUNTS = """
SELECT source_file, NULL AS reason_code, rows_in, rows_kept, rows_in - rows_kept AS rows_rejected, 'ok' AS status
FROM ({counts})
UNION ALL
SELECT source_file, 'value_unreadable', rows_in - rows_kept, 0, rows_in - rows_kept, 'ok' FROM ({counts})
WHERE rows_in > rows_kept"""
_COUNTS = """
SELECT source_file, count(c.source_id) AS rows_in, count(*) FILTER (is_known) AS rows_kept
FROM decision_files LEFT JOIN decision_cells AS c USING (source_id) GROUP BY source_file"""


def read_steps(run: RunParameters, decisions: Decisions) -> Plan:
    """Return the steps from files to `decisions_in_force`: one row a `decision_id`, of this intake or carried.

    A decision that says nothing usable (`decision_values`) is in force and never bound. `decision_accounts`
    counts the rows of each file of this intake.
    """
    sources: list[Step] = []
    rows = {}
    if decisions.staged:
        files = list(decisions.staged)
        row = "one row of a decision file, as typed"
        sources += [staged_step(DECISION_CELLS, files), files_step(DECISION_CELLS, files)]
        sources.append(Step("decision_cells", row, "decision_staged_files", _CELLS))
        rows["decision_cells"] = _OF_FILES
    if decisions.carried:
        row = "one decision that was in force in the run before"
        sources.append(Step("carried_decisions", row, files=(decisions.carried,), is_view=True))
        rows["carried_decisions"] = _CARRIED
    latest = _LATEST.format(rows=" UNION ALL BY NAME ".join(rows.values()))
    return (
        *sources,
        Step("latest_decisions", "one decision, as its latest row has it", " ".join(rows), latest),
        *judged_steps(run),
    )


def accounts_step(decisions: Decisions) -> Plan:
    """Return the step that counts the rows of this intake's decision files."""
    if not decisions.staged:
        return ()
    row = "one file of decisions (or one reason in it), and its rows"
    return (
        Step("decision_accounts", row, "decision_files decision_cells", _ACCOUNTS.format(counts=_COUNTS)),
    )


_NO_ROW = ", ".join(f"'{kind}'" for kind in ("withdrawn", *WITHOUT_ROW))
_OF_CITIZENS = ", ".join(f"'{kind}'" for kind in WITHOUT_ROW)
_NAMED_CONTENT = """
SELECT x.decision_id, {content} AS named_content
FROM (SELECT decision_id, named_file, TRY_CAST(named_row AS BIGINT) AS named_row FROM decisions_in_force
      WHERE content_key IS NULL AND coalesce(as_of, '{own}') = '{day}') AS x
JOIN {doses} AS d ON source_file = named_file AND source_row = named_row"""


def named_content_steps(run: RunParameters, decisions: Decisions) -> Plan:
    """Return the steps of `rows_to_bind`: decisions about a row, with the content of the row they name.

    A decision names a row of some run; that run's clean dose records tell what stood in it.
    """
    own = run.as_of.isoformat()
    doses = {day: f"doses_of_{day.replace('-', '_')}" for day, _ in decisions.former_doses}
    row = "one dose record of an earlier run"
    opened = [Step(doses[day], row, files=(path,), is_view=True) for day, path in decisions.former_doses]
    named = [_NAMED_CONTENT.format(own=own, day=own, doses="first_contents", content="d.content_key")]
    named += [
        _NAMED_CONTENT.format(own=own, day=day, doses=f'"{table}"', content=content_key_sql())
        for day, table in doses.items()
    ]
    return (
        *opened,
        Step(
            "named_content",
            "one decision that names a row, and the hash of what stood there",
            f"decisions_in_force first_contents {' '.join(doses.values())}",
            " UNION ALL ".join(named),
        ),
        Step(
            "rows_to_bind",
            "one decision in force about a row",
            "decisions_in_force named_content",
            "SELECT x.* REPLACE (coalesce(content_key, named_content) AS content_key) FROM decisions_in_force AS x "
            f"LEFT JOIN named_content USING (decision_id) WHERE is_usable AND decision NOT IN ({_NO_ROW})",
        ),
    )


def binding_step(table: str, wanted: str, contents: str) -> Step:
    """Return the step that binds decisions to the rows they find in `contents`: by record id, else by content.

    Of equal rows the first. A row's content is kept as it is found, which is before any correction in the first
    round.
    """
    return Step(
        table,
        "one decision and the row it binds to",
        f"{wanted} {contents}",
        _binding_query(wanted, contents),
    )


def _binding_query(wanted: str, contents: str) -> str:
    return f"""
      WITH found AS (
        SELECT decision_id, c.source_file, c.source_row, c.content_key, 1 AS rank
        FROM {wanted} JOIN {contents} AS c USING (dose_record_id)
        UNION ALL
        SELECT decision_id, c.source_file, c.source_row, c.content_key, 2
        FROM {wanted} AS w JOIN {contents} AS c ON c.content_key = w.content_key)
      SELECT decision_id, source_file, source_row, content_key FROM found
      QUALIFY row_number() OVER (PARTITION BY decision_id ORDER BY rank, source_file, source_row) = 1"""


def decided_query(doses: str) -> str:
    """Return the SELECT of dose records with those that decisions change as they are then."""
    return f"SELECT * FROM {doses} ANTI JOIN changed_doses USING (source_file, source_row) UNION ALL FROM changed_doses"


def _field_sql(row: str) -> str:
    """Return SQL for the cleaned value that a row has in the field of decision `x`, as text."""
    held = TABLES["doses"].columns
    columns = {name: name if name in held else f"{name}_code" for name in correctable_fields()}
    cases = " ".join(f"WHEN '{f}' THEN CAST({row}.{c} AS VARCHAR)" for f, c in columns.items() if c in held)
    return f"CASE x.field {cases} END"


# Whether the platform's record says it already. Of two decisions on one matter of one row the later counts, none on a
# row that is to be deleted; a dose that is told has arrived once a row has the citizen's number and the day.
_ARRIVED = f"""
CASE WHEN NOT x.is_usable THEN NULL
  WHEN x.decision = 'add_dose' OR (x.decision = 'do_not_invite' AND x.ground = '{NO_PAPER}'
    AND split_part(x.value, '|', 3) <> '') THEN x.citizen_id || split_part(x.value, '|', 3) IN (
    SELECT id_number || CAST(vaccination_date AS VARCHAR) FROM first_contents
    WHERE id_number IS NOT NULL AND vaccination_date IS NOT NULL)
  WHEN d.source_file IS NULL THEN NULL
  WHEN x.decision = 'delete_dose' THEN false
  WHEN list_contains(d.reason_codes, 'deleted_by_decision') OR row_number() OVER (
    PARTITION BY b.source_file, b.source_row, CASE x.decision WHEN 'not_in_registry' THEN 'same_person'
      ELSE x.decision END, x.field ORDER BY x.decided_on DESC NULLS LAST, x.decision_id DESC) > 1 THEN NULL
  WHEN x.decision = 'correct_value' THEN {_field_sql("f")} IS NOT DISTINCT FROM {_field_sql("d")}
  WHEN x.decision = 'same_person' AND length(x.citizen_id) = 12
    AND x.ground IS DISTINCT FROM '{RIGHT_ON_PLATFORM}' THEN coalesce(f.id_number = x.citizen_id, false) END"""
# What the cell said, for the fields whose typed form is kept; else how it was read.
_VALUE_NOW = f"""
CASE WHEN x.decision = 'same_person' THEN f.id_number_typed WHEN x.decision = 'correct_value' THEN
  CASE x.field WHEN 'full_name' THEN f.full_name_typed WHEN 'id_number' THEN f.id_number_typed
    WHEN 'birth_date' THEN f.birth_date_typed WHEN 'sex' THEN f.sex_typed ELSE {_field_sql("f")} END END"""


def decisions_step(decisions: Decisions) -> Step:
    """Return the step of the table `decisions`: what is in force, bound or not, and whether it has arrived.

    What was withdrawn stays, never bound: a later folder may hold the decision's own row again. Needs the rows that
    decisions bind to, before them (`bound_doses`) and after (`changed_doses`, where any changes them).
    """
    if not decisions:
        return written("decisions", "", empty_table("decisions"))
    query = f"""
      SELECT x.decision_id,
        b.decision_id IS NOT NULL
          OR (x.is_usable AND x.decision IN ({_OF_CITIZENS}) AND x.citizen_id IS NOT NULL) AS bound,
        b.source_file, b.source_row, x.decision, x.citizen_id, x.field, x.value, x.ground, x.decided_by,
        TRY_CAST(x.decided_on AS DATE) AS decided_on, x.dose_record_id,
        coalesce(b.content_key, n.named_content, x.content_key) AS content_key,
        coalesce(d.place_given_district_code, x.former_district) AS place_given_district_code,
        {_VALUE_NOW} AS value_now, {_ARRIVED} AS arrived, coalesce(x.was_open, false) AS was_open
      FROM decisions_in_force AS x LEFT JOIN bindings AS b USING (decision_id)
      LEFT JOIN named_content AS n USING (decision_id)
      LEFT JOIN bound_doses AS f ON f.source_file = b.source_file AND f.source_row = b.source_row
      LEFT JOIN ({decided_query("bound_doses")}) AS d ON d.source_file = b.source_file AND d.source_row = b.source_row"""
    reads = "decisions_in_force bindings named_content first_contents bound_doses changed_doses"
    return written("decisions", reads, query)
