"""Sources fault-15 and fault-27: what against last week stops a run, and where each threshold lies."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.earlier_runs import FORMER_MARK, MARK
from analysis.engine import connect
from analysis.errors import CheckError, RequestError
from analysis.reference.printed_text import parse_reason
from analysis.safeguards import run_record, week_change
from analysis.safeguards.week_change import (
    WeekChange,
    accept_or_refuse,
    changes_mark,
    changes_of_counts,
    changes_of_intake,
)
from analysis.settings import RunParameters, open_run
from analysis.tables import TABLES, write_table

WEEKS = ("2021-10-31", "2021-11-07")
Rows = Sequence[Mapping[str, Any]]


def two_weeks(base: Path) -> tuple[RunParameters, RunParameters]:
    """Return last week's run and this week's, which is compared with it."""
    before, now = (open_run(day, raw=str(base / "raw"), processed=str(base / day)) for day in WEEKS)
    return before, replace(now, previous=before.processed)


def put(run: RunParameters, name: str, rows: Rows) -> None:
    """Write a table of a run from rows that name some of its columns."""
    frame = pd.DataFrame(list(rows), columns=list(TABLES[name].columns)).astype(object)
    with connect(run) as con:
        con.register("given", frame.where(frame.notna(), None))
        write_table(con, name, "SELECT * FROM given", run)


def received(
    run: RunParameters,
    rows: int,
    missing: int = 0,
    unresolved: Mapping[str, int] | None = None,
    outside: int = 0,
) -> None:
    """Write what cleaning says of its rows: how many, and how many have no known province."""
    texts = unresolved or {}
    files = [{"source_file": "file:2", "folder": "platform", "rows_in": rows - outside, "status": "ok"}]
    files.append({"source_file": "file:1", "folder": "daily_reports", "rows_in": 10 * rows, "status": "ok"})
    if outside:
        files.append(files[0] | {"reason_code": "outside_provinces", "rows_in": outside})
    put(run, "quality", files)
    counts = {"found": rows - missing - sum(texts.values()), "missing": missing}
    counts["unresolved"] = sum(texts.values())
    put(
        run,
        "place_counts",
        [
            {"province_code": "02" if state == "found" else None, "place_state": state, "rows": n}
            for state, n in counts.items()
            if n
        ],
    )
    put(run, "unmapped_places", [{"unit_level": "province", "typed": t, "rows": n} for t, n in texts.items()])


def kinds(changes: list[WeekChange]) -> list[str]:
    return [c.kind for c in changes]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (1400, ["rows_received"]),
        (1401, []),
        (2000, []),
        (2599, []),
        (2600, ["rows_received"]),
        (0, ["rows_received"]),
    ],
)
def test_15_the_number_of_rows_received(tmp_path: Path, rows: int, expected: list[str]) -> None:
    before, now = two_weeks(tmp_path)
    received(before, 2000)
    received(now, rows)
    changes = changes_of_intake(now)
    assert kinds(changes) == expected
    if expected:
        assert changes[0].message() == f"rows received from the platform (VN): 2000 last week, {rows} now"


def test_15_a_small_intake_and_a_first_week_are_not_compared(tmp_path: Path) -> None:
    before, now = two_weeks(tmp_path)
    received(now, 5)
    assert changes_of_intake(now) == []
    received(before, week_change.LEAST_ROWS_COMPARED - 1)
    assert changes_of_intake(now) == []
    assert changes_of_intake(replace(now, previous=None)) == []


def test_15_a_week_whose_accounts_had_no_folder_still_compares(tmp_path: Path) -> None:
    before, now = two_weeks(tmp_path)
    received(before, 2000)
    received(now, 1400)
    path = TABLES["quality"].path(before).as_posix()
    with connect(before) as con:
        con.execute(
            "CREATE TABLE former AS SELECT * EXCLUDE (folder) REPLACE (folder || '/a.csv' AS source_file) "
            f"FROM read_parquet('{path}')"
        )
        con.execute(f"COPY former TO '{path}' (FORMAT parquet)")
    assert kinds(changes_of_intake(now)) == ["rows_received"]


def test_15_rows_of_other_provinces_in_a_limited_run_count_as_received(tmp_path: Path) -> None:
    before, now = two_weeks(tmp_path)
    received(before, 2000)
    received(replace(now, provinces=("02",)), 2000, outside=1900)
    assert changes_of_intake(now) == []


def counted(run: RunParameters, recorded: Mapping[str, int | None], **reported: Mapping[str, int]) -> None:
    """Write a week's counts: recorded doses by unit, and reported doses, first and second ones."""
    level = {1: "country", 2: "province", 3: "district"}
    units = sorted({*recorded, *(u for counts in reported.values() for u in counts)})
    base = {u: {"unit_level": "country" if u == "VN" else level[len(u)], "unit_code": u} for u in units}
    administered = reported.get("administered", {})
    put(
        run,
        "entry_progress",
        [
            row
            | {
                "reference_date": run.as_of,
                "doses_recorded": recorded.get(u),
                "doses_administered": administered.get(u),
            }
            for u, row in base.items()
        ],
    )
    people = {"at_least_one": reported.get("dose_1", {}), "primary_complete": reported.get("dose_2", {})}
    put(
        run,
        "coverage",
        [
            row
            | {"reference_date": run.as_of, "age_group": "18+", "series_status": status, "basis": "reported"}
            | {"people": counts[u]}
            for status, counts in people.items()
            for u, row in base.items()
            if u in counts
        ],
    )
    places = [
        {"province_code": u, "place_state": "found", "rows": n}
        for u, n in recorded.items()
        if n is not None and u.isdigit() and len(u) == 2
    ]
    put(run, "place_counts", places)


def test_15_cumulative_doses_that_fall(tmp_path: Path) -> None:
    before, now = two_weeks(tmp_path)
    reported = {"02": 500, "024": 90, "VN": 9000}
    counted(
        before, {"02": 400, "VN": 8000, "024": 80}, administered=reported, dose_1=reported, dose_2=reported
    )
    counted(
        now,
        {"02": 399, "VN": 8000, "024": 70},
        administered=reported | {"024": 89},
        dose_1=reported | {"VN": 8999},
        dose_2=reported | {"02": 499},
    )
    changes = changes_of_counts(now)
    assert {(c.kind, c.unit_code, c.before, c.now) for c in changes} == {
        ("fell_recorded", "02", "400", "399"),
        ("fell_administered", "024", "90", "89"),
        ("fell_dose_1", "VN", "9000", "8999"),
        ("fell_dose_2", "02", "500", "499"),
    }
    assert changes[0].unit_code == "VN"


def test_15_cumulative_doses_that_rise_or_stand(tmp_path: Path) -> None:
    before, now = two_weeks(tmp_path)
    for run, more in ((before, 0), (now, 1)):
        counted(run, {"02": 400 + more, "04": 400}, administered={"02": 500, "VN": 900 + more})
    assert changes_of_counts(now) == []


def test_15_a_province_that_doubles_but_not_one_without_files(tmp_path: Path) -> None:
    before, now = two_weeks(tmp_path)
    counted(before, {"02": 1000, "04": 5000, "06": 999, "08": 1000})
    counted(now, {"02": 1300, "04": None, "06": 2000, "08": 1299})
    assert changes_of_counts(now) == [WeekChange("rows_of_province", "02", "1000", "1300")]


@pytest.mark.parametrize(("limited", "name"), [("now", MARK), ("before", MARK), ("before", FORMER_MARK)])
def test_15_a_limited_run_compares_its_own_provinces_only(tmp_path: Path, limited: str, name: str) -> None:
    before, now = two_weeks(tmp_path)
    counted(before, {"02": 5, "04": 5, "VN": 10, "024": 5}, administered={"024": 5})
    counted(now, {"02": 4, "04": 4, "VN": 8, "024": 4}, administered={"024": 4})
    if limited == "now":
        now = replace(now, provinces=("02",))
    else:
        mark = changes_mark(replace(before, provinces=("02",)), [])
        run_record.write_json(before.aggregate / name, mark)
    assert [(c.kind, c.unit_code) for c in changes_of_counts(now)] == [("fell_recorded", "02")]


def test_15_without_the_counts_of_last_week_nothing_is_compared(tmp_path: Path) -> None:
    _, now = two_weeks(tmp_path)
    counted(now, {"02": 1, "VN": 1})
    assert changes_of_counts(now) == []


@pytest.mark.parametrize(
    ("unresolved", "expected"),
    [
        ({"Tỉnh Lạ": 1}, []),
        ({"Tỉnh Lạ": 9}, []),
        ({"Tỉnh Lạ": 11}, ["unmapped_province"]),
        # Many different typing errors are no province; together more than 1 % they are a broken column.
        ({f"Tỉnh {i}": 9 for i in range(5)}, []),
        ({f"Tỉnh {i}": 9 for i in range(12)}, ["unmapped_share"]),
    ],
)
def test_27_a_province_that_nobody_knows(
    tmp_path: Path, unresolved: dict[str, int], expected: list[str]
) -> None:
    _, now = two_weeks(tmp_path)
    received(now, 10_000, unresolved=unresolved)
    assert kinds(changes_of_intake(replace(now, previous=None))) == expected


def test_27_a_few_errors_of_a_small_intake_stop_nothing(tmp_path: Path) -> None:
    _, now = two_weeks(tmp_path)
    received(now, 40, missing=5, unresolved={"Tỉnh Lạ": 1, "Tỉnh Khác": 1})
    assert changes_of_intake(replace(now, previous=None)) == []


@pytest.mark.parametrize(("missing", "expected"), [(150, []), (151, ["unmapped_share"])])
def test_27_the_unmapped_share_jumps(tmp_path: Path, missing: int, expected: list[str]) -> None:
    before, now = two_weeks(tmp_path)
    received(before, 10_000, missing=100)
    received(now, 10_000, missing=missing)
    changes = changes_of_intake(now)
    assert kinds(changes) == expected
    if expected:
        assert (changes[0].before, changes[0].now) == ("1.0", "1.51")


def test_27_a_former_run_that_did_not_count_places_is_no_comparison(tmp_path: Path) -> None:
    before, now = two_weeks(tmp_path)
    received(before, 10_000)
    TABLES["place_counts"].path(before).unlink()
    received(now, 10_000, missing=500)
    assert changes_of_intake(now) == []


CHANGE = WeekChange("rows_received", "VN", "2000", "1000")


def test_a_change_is_refused_in_one_line_that_names_it(tmp_path: Path) -> None:
    _, now = two_weeks(tmp_path)
    with pytest.raises(CheckError, match=r"2000 last week, 1000 now; 1 more: .*--accept-change") as refusal:
        accept_or_refuse(now, [CHANGE, CHANGE])
    assert refusal.value.exit_code == 4
    assert "\n" not in str(refusal.value)
    assert accept_or_refuse(now, []) == []


def test_an_accepted_change_is_logged_and_marked_with_its_reason(tmp_path: Path) -> None:
    _, now = two_weeks(tmp_path)
    now = replace(now, accept_change="Sở Y tế đã xóa bản ghi trùng")
    (line,) = accept_or_refuse(now, [CHANGE])
    assert "1000 now" in line and "Sở Y tế đã xóa bản ghi trùng" in line
    assert changes_mark(now, [CHANGE])["accepted"]["reason"] == now.accept_change
    assert changes_mark(now, [])["accepted"] is None


def test_the_reason_changes_the_run_but_makes_no_stage_stale(tmp_path: Path) -> None:
    from analysis.pipeline import CLEAN

    _, now = two_weeks(tmp_path)
    accepted = replace(now, accept_change="đã kiểm tra")
    assert run_record.run_identity(now, {}) != run_record.run_identity(accepted, {})
    assert run_record.stage_key(CLEAN, now, {}) == run_record.stage_key(CLEAN, accepted, {})


def test_what_is_compared_belongs_to_the_run_identity(tmp_path: Path) -> None:
    before, now = two_weeks(tmp_path)
    first = run_record.run_identity(now, {})
    received(before, 2000)
    assert run_record.run_identity(now, {}) != first
    assert set(run_record.compared_record(now)) == {"compared/quality", "compared/place_counts"}
    assert run_record.compared_record(before) == {}


@pytest.mark.parametrize(
    "text", ["", "   ", "\n", "...", "x" * 301, "đã\u202ekiểm tra", "xem \x1b[31m", "tốt 🙂", "好的 ok"]
)
def test_a_reason_that_no_page_can_carry_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="--accept-change"):
        parse_reason(text)


def test_a_reason_is_kept_on_one_line() -> None:
    assert parse_reason(None) == ""
    assert (
        parse_reason("  Đã kiểm tra:\n <b>tỉnh</b> xóa 12 bản ghi  ")
        == "Đã kiểm tra: <b>tỉnh</b> xóa 12 bản ghi"
    )
