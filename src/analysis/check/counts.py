"""Cells of the opened heads, field by field: how many are filled, and how many of those a run can read."""

from analysis.check.findings import FieldCount
from analysis.check.opened import Opened
from analysis.clean.report_kinds import ReportKind
from analysis.engine import sql_path
from analysis.intake.sources import StagedFile

Counts = dict[str, FieldCount]
_UNLESS = "NOT list_contains(d.reason_codes, '{}')"
# When a filled cell of a dose record was read, as its cleaned value and its reasons say.
READ_DOSES = {
    **{f: _UNLESS.format(f"{f}_unreadable") for f in ("birth_date", "vaccination_date", "entry_date")},
    **{f: _UNLESS.format(f"{f}_unreadable") for f in ("sex", "dose_number")},
    "full_name": "d.full_name IS NOT NULL",
    "vaccine": _UNLESS.format("vaccine_unknown"),
    "nationality": _UNLESS.format("nationality_unknown"),
    "id_number": _UNLESS.format("id_malformed"),
    "phone": "d.phone IS NOT NULL",
    **{f: "d.{}_code IS NOT NULL".format(f.split("_")[0]) for f in ("province", "district", "commune")},
    **{f: f"d.{f.split('_')[0]}_code IS NOT NULL" for f in ("province_typed_code", "district_typed_code")},
    "commune_typed_code": "d.commune_code IS NOT NULL",
}


def _count_sql(field: str, cell: str, read: str) -> str:
    bad = f"FILTER ({cell} IS NOT NULL AND NOT ({read}))"
    return (
        f"count({cell}), count({cell}) FILTER ({read}), min(s.source_row) {bad}, count(DISTINCT {cell}) {bad}"
    )


def _by_file(opened: Opened, fields: list[str], sql: str) -> dict[str, tuple[int, Counts]]:
    """Return rows and counts of each file from a query of name, rows and four numbers a field."""
    found = {}
    for name, rows, *numbers in opened.engine.fetch(sql):
        given = [FieldCount(*numbers[i : i + 4]) for i in range(0, len(numbers), 4)]
        found[str(name)] = (int(rows), dict(zip(fields, given, strict=True)))
    return found


def dose_counts(opened: Opened) -> dict[str, tuple[int, Counts]]:
    """Return the rows of each platform file that count as records, and the counts of its fields."""
    fields = list(READ_DOSES)
    listed = ", ".join(_count_sql(f, f"s.{f}", READ_DOSES[f]) for f in fields)
    return _by_file(
        opened,
        fields,
        f"SELECT files.source_file, count(*), {listed} FROM dose_cells AS s JOIN files USING (source_id) "
        "JOIN doses AS d ON d.source_file = files.source_file AND d.source_row = s.source_row "
        "WHERE NOT d.is_rejected GROUP BY ALL",
    )


def report_counts(opened: Opened, kind: ReportKind) -> dict[str, tuple[int, Counts]]:
    """Return the rows of each file of a kind of report, and the counts of its columns."""
    fields = list(kind.typed)
    listed = ", ".join(_count_sql(f, f"s.{f}", f"d.{f} IS NOT NULL") for f in fields)
    cells, files, staged = (f"{kind.name}_{table}" for table in ("cells", "files", "staged_files"))
    rows = f"SELECT * REPLACE (coalesce(source_row, file_row_number + 1) AS source_row) FROM {staged}"
    return _by_file(
        opened,
        fields,
        f"SELECT files.source_file, count(*), {listed} FROM ({rows}) AS s JOIN {files} AS files USING (source_id) "
        f"JOIN {cells} AS d USING (source_id, source_row) WHERE s.has_content GROUP BY ALL",
    )


def staged_counts(opened: Opened, staged: StagedFile) -> tuple[int, Counts]:
    """Return the rows of any opened file, and for each field of its header the cells that are filled."""
    fields = sorted(staged.header.columns) if staged.header else []
    listed = "".join(f", count({field})" for field in fields)
    rows, *filled = opened.engine.fetch(
        f"SELECT count(*){listed} FROM read_parquet({sql_path(staged.path)}) WHERE has_content"
    )[0]
    return int(rows), {f: FieldCount(n, n) for f, n in zip(fields, filled, strict=True)}
