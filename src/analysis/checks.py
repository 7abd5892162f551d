"""What a stage notebook shows at its end: which checks its tables hold, for who ran it by hand or reads it later.

Every one of them also stops the weekly job; here they are looked at once more, on the tables as they stand.
"""

import os

import pandas as pd

from analysis.engine import Engine, connect, sql_files
from analysis.pipeline import BRIEFING, CLEAN, COVERAGE, RECONCILE, TABLE_STAGES, TRENDS, Stage
from analysis.safeguards.locks import STARTED_BY
from analysis.safeguards.run_record import changed_outputs, read_record, record_path
from analysis.safeguards.week_change import WeekChange, changes_of_counts, changes_of_intake
from analysis.settings import RunParameters
from analysis.tables import TABLES, Zone

COLUMNS = ["phép kiểm", "kết quả", "chi tiết"]
HELD, BROKEN, OPEN = "đạt", "KHÔNG ĐẠT", "chưa xét"
CHANGES_OF = {CLEAN.name: changes_of_intake, COVERAGE.name: changes_of_counts}

# What has to add up after each stage: the words, and a query of what was looked at and what does not add up.
ACCOUNTS = {
    CLEAN.name: (
        "tệp: dòng nhận = giữ + loại",
        """
        SELECT count(*), count(*) FILTER (rows_in <> rows_kept + rows_rejected)
        FROM {quality} WHERE reason_code IS NULL""",
    ),
    RECONCILE.name: (
        "dòng mũi tiêm: mỗi dòng một kết luận",
        """
        SELECT d.rows, abs(d.rows - l.rows)
        FROM (SELECT count(*) AS rows FROM {doses}) AS d, (SELECT count(*) AS rows FROM {links}) AS l""",
    ),
    COVERAGE.name: (
        "cầu nối: các bước cộng lại bằng số đã đối chiếu",
        """
        SELECT count(*), count(*) FILTER (reconciled <> steps) FROM (
            SELECT sum(people) FILTER (step = 'reconciled') AS reconciled,
                   sum(people) FILTER (step <> 'reconciled') AS steps
            FROM {coverage_bridge} GROUP BY unit_level, unit_code, series_status)""",
    ),
    TRENDS.name: (
        "dự báo: phân vị cao không dưới phân vị thấp",
        """
        SELECT count(*), count(*) FILTER (value < before) FROM (
            SELECT value, lag(value) OVER (PARTITION BY unit_level, unit_code, basis, age_group, series_status,
                target_date ORDER BY quantile) AS before FROM {forecast})""",
    ),
    BRIEFING.name: (
        "độ bao phủ: số người không âm",
        "SELECT count(*), count(*) FILTER (people < 0) FROM {coverage}",
    ),
}


def show_checks(run: RunParameters, stage: Stage) -> pd.DataFrame:
    """Return which checks hold after a stage, one row a check.

    Columns: the check, its result (HELD, BROKEN, or OPEN where there is nothing yet to look at), what was
    looked at. Checks: accounts add up, no table repeats its key, nothing changed beyond belief against the
    earlier week, the tables read and written are those that the weekly job recorded.
    """
    rows = [_accounts(run, stage), _grain(run, stage), _week_change(run, stage), _records(run, stage)]
    return pd.DataFrame(rows, columns=COLUMNS)


Row = tuple[str, str, str]


def _accounts(run: RunParameters, stage: Stage) -> Row:
    words, query = ACCOUNTS[stage.name]
    files = {name: sql_files([table.path(run)]) for name, table in TABLES.items()}
    with connect(run) as con:
        looked_at, wrong = Engine(con).fetch(query.format(**files))[0]
    return words, BROKEN if wrong else HELD, f"{looked_at} mục, {wrong} không khớp"


def _first(found: list[str]) -> str:
    """Return the first of what was found and the number of others: a cell shows fifty letters."""
    return found[0] + (f" (+{len(found) - 1})" if len(found) > 1 else "")


def _grain(run: RunParameters, stage: Stage) -> Row:
    """Look for repeated keys in the counts; rows of persons, a hundred million, were looked at when written.

    So was every table of a run that goes on: to look again for each unit's page would be dear.
    """
    if STARTED_BY in os.environ:
        return "khóa không lặp", HELD, "đã kiểm khi ghi từng bảng"
    tables = [TABLES[name] for name in (stage.writes or stage.reads)]
    counts = [table for table in tables if table.zone is Zone.AGGREGATE]
    with connect(run) as con:
        repeated = [
            table.name
            for table in counts
            if Engine(con).fetch(
                f"SELECT 1 FROM {sql_files([table.path(run)])} GROUP BY {', '.join(table.grain)} "
                "HAVING count(*) > 1 LIMIT 1"
            )
        ]
    written = (
        f"; {len(tables) - len(counts)} bảng hạn chế đã kiểm khi ghi" if len(tables) > len(counts) else ""
    )
    detail = _first(repeated) if repeated else f"{len(counts)} bảng số đếm{written}"
    return "khóa không lặp", BROKEN if repeated else HELD, detail


def _week_change(run: RunParameters, stage: Stage) -> Row:
    name = "so với tuần trước"
    compare = CHANGES_OF.get(stage.name)
    if compare is None:
        return name, OPEN, "không so ở bước này"
    changes = compare(run)
    if changes:
        return name, BROKEN, _first([*map(_change_words, changes)])
    before = f"so với {run.compared.name}" if run.compared else "không có tuần trước"
    return name, HELD if run.compared else OPEN, before


def _change_words(change: WeekChange) -> str:
    return f"{change.kind} ({change.unit_code}): {change.before or '–'} → {change.now}"


def _records(run: RunParameters, stage: Stage) -> Row:
    """Compare the tables that a stage reads and writes with what the weekly job recorded of them."""
    name = "đúng hồ sơ của `baophu run`"
    if STARTED_BY in os.environ:
        return name, OPEN, "do `baophu run` so và ghi trước, sau bước này"
    tables = [TABLES[table].path(run) for table in (*stage.reads, *stage.writes)]
    names = [path.relative_to(run.processed).as_posix() for path in tables]
    records = [record_path(run, s.name) for s in TABLE_STAGES if s.number <= stage.number]
    if not all(read_record(record) for record in records):
        return name, OPEN, "chưa có hồ sơ đầy đủ: hãy chạy `baophu run`"
    changed = [n for record in records for n in changed_outputs(record, run.processed, names)]
    if changed:
        return name, BROKEN, f"{_first(changed)}: sẽ được làm lại"
    return name, HELD, f"{len(names)} bảng đọc và ghi"
