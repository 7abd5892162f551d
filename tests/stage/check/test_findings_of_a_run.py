"""What a run found to be mended is what a look before it would have said, of all rows."""

from pathlib import Path

import pytest

from analysis.check.finished import MOST_LINES, find_in_run, finding_lines, show_findings
from analysis.check.look import look_at
from analysis.clean import clean_intake
from analysis.settings import RunParameters
from clean_samples import make_run, many, table
from golden.tiny_intake import REPORT_HEADER, write_tiny_intake

REPORT = "2021-11-07,02,,0,0,12,6,6,0,0\n"


def messy(base: Path) -> RunParameters:
    """Return the cleaned run of a tiny intake with a fault of every kind that a look names."""
    rows = many(30)
    run = make_run(base, {"platform/01.csv": table(*(row | {"vaccine": "Thuốc Lạ Kỳ"} for row in rows))})
    write_tiny_intake(run.raw)
    files = {
        "platform/Nguyễn Văn An.csv": table(*rows).replace("Số lô", "Họ tên mẹ", 1),
        "platform/03.csv": table(*(row | {"sex": ""} for row in rows)),
        "platform/04.csv": "",
        "platform/05.csv": table(*rows).replace("Ngày tiêm", "Ngày hẹn", 1),
        "platform/06.csv": (run.raw / "platform/01.csv").read_text("utf-8"),
        "daily_reports/02.csv": REPORT_HEADER + "\n" + REPORT + REPORT.replace("12", "mười hai"),
        "daily_reports/03.csv": REPORT_HEADER + "\n" + REPORT.replace(",02,", ",08,"),
    }
    for name, content in files.items():
        (run.raw / name).write_text(content, "utf-8")
    clean_intake(run)
    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunParameters:
    return messy(tmp_path_factory.mktemp("messy"))


# One finding under two codes: `quality` says a value or a column's emptiness by the reason of its rows.
SAME = {"field_absent": "cells_empty", "value_unreadable": "cells_unread"}


def test_files_have_the_findings_of_a_look(run: RunParameters) -> None:
    files, problems = find_in_run(run)
    looked = look_at(run)

    def told(found: list, is_report: bool) -> dict[str, set[str]]:
        return {
            file.file: {SAME.get(p.code, p.code) for p in file.problems if not p.is_note}
            for file in found
            if (file.kind == "daily_reports") is is_report and any(not p.is_note for p in file.problems)
        }

    theirs = told(looked.files, False)
    # A quarantined file has one account: which of its headers comes near the missing one is a look's to say.
    theirs["platform/05.csv"].remove("header_near")
    assert told(files, False) == theirs
    assert told(files, True).keys() == told(looked.files, True).keys()
    assert {(p.code, p.where, p.is_note) for p in problems} == {
        (p.code, p.where, p.is_note) for p in looked.problems if p.code != "room_needed"
    }


def test_rows_are_counted_as_a_look_counts_them(run: RunParameters) -> None:
    ours = {(f.file, p.code): p.rows for f in find_in_run(run)[0] for p in f.problems}
    theirs = {(f.file, p.code): p.rows for f in look_at(run).files for p in f.problems}
    for key in (("platform/01.csv", "cells_unread"), ("platform/03.csv", "cells_empty")):
        assert ours[key] == theirs[key] == 30


def test_lines_say_where_and_what_and_show_names_by_the_rule(run: RunParameters) -> None:
    lines = finding_lines(run, as_typed=False)
    assert lines[0] == f"{len(lines) - 2} điều cần sửa trong dữ liệu nhận được:"
    assert any(
        "platform/01.csv: 30 trên 30 ô “Tên vắc xin” không đọc được [cells_unread]" in line for line in lines
    )
    assert not any("Nguyễn Văn An" in line or "Họ tên mẹ" in line for line in lines)
    assert any("Nguyễn Văn An" in line for line in finding_lines(run, as_typed=True))
    frame = show_findings(run)
    assert len(frame) == len(lines) - 2 and "Nguyễn" not in frame.to_csv()


def test_long_lists_are_cut_with_a_count(tmp_path: Path) -> None:
    files = {f"platform/{n:02d}.csv": "" for n in range(2, MOST_LINES + 5)}
    run = make_run(tmp_path, {"platform/01.csv": table(*many(12))} | files)
    clean_intake(run)
    lines = finding_lines(run, as_typed=True)
    found = sum(not p.is_note for f in find_in_run(run)[0] for p in f.problems)
    found += sum(not p.is_note for p in find_in_run(run)[1])
    assert len(lines) == MOST_LINES + 2 and f"… và {found - MOST_LINES} điều nữa" in lines[-1]
    assert len(show_findings(run)) == MOST_LINES + 1


def test_a_whole_intake_has_none(tmp_path: Path) -> None:
    run = make_run(tmp_path, {})
    write_tiny_intake(run.raw)
    clean_intake(run)
    assert finding_lines(run, as_typed=True) == [] and show_findings(run).empty
