"""Answers that go on: what to enter on the platform and what the registry office looks at, and nothing of anybody else."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from analysis.__main__ import main
from analysis.safeguards.audit_log import audit_log_of, read_entries
from analysis.safeguards.envelopes import open_envelope
from analysis.settings import RunParameters, open_run
from analysis.tables import TABLES
from analysis.worklists.answered_decisions import Answer, decide
from analysis.worklists.kinds import FINDING, INVITE, REFERENCE, ROW_CODE, UPDATE
from analysis.worklists.lines import RecordKey
from analysis.worklists.register import IssuedLine, IssuedList
from analysis.worklists.typed_answers import read_typed
from golden.tiny_intake import CITIZENS, DOSES
from worklist_samples import EXTRA, IDENTITY, TODAY, WEEK_1, WEEK_2, lines_of, make_week, sheets_of

HEADER = "decision_id,dose_record_id,decision,citizen_id,field,value,ground,decided_by,decided_on"
NUMBER, OTHER = "002066011112", "002066022223"
DECISIONS = f"""{HEADER}
D1,B01,same_person,{NUMBER},,,sổ hộ khẩu,Công an xã,2021-11-05
D2,B02,correct_value,,full_name,Nông Thị Thúy,thẻ CCCD,Công an xã,2021-11-05
D3,B02,correct_value,,vaccination_date,2021-10-27,giấy,Trạm Y tế,2021-11-05
D4,B03,delete_dose,,,,không có mũi tiêm,Trạm Y tế,2021-11-05
D5,B04,not_in_registry,,,,danh sách,Công an xã,2021-11-05
D6,,do_not_invite,{OTHER},,,moved,Trạm Y tế,2021-11-05
D7,,do_not_invite,{OTHER},,,deceased,Trạm Y tế,2021-11-05
D8,,do_not_invite,{OTHER},,AstraZeneca|1|2021-09-01,no_paper,Trạm Y tế,2021-11-05
D9,,add_dose,{OTHER},,Pfizer|2|2021-10-20,giấy,Trạm Y tế,2021-11-05
"""
# How the platform has them a week later: the number, the date and the deletion were entered.
ENTERED = [
    replace(d, id_number=NUMBER) if d.record_id == "B01" else
    replace(d, given="27/10/2021") if d.record_id == "B02" else d
    for d in EXTRA if d.record_id != "B03"
]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a finished week whose intake holds decisions."""
    base = tmp_path_factory.mktemp("onward")
    folder = base / "data/raw" / WEEK_1 / "decisions"
    folder.mkdir(parents=True)
    (folder / "d.csv").write_text(DECISIONS, encoding="utf-8")
    make_week(base / "data")
    return base


@pytest.fixture
def base(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the week, as the current folder."""
    shutil.copytree(made / "data", tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def go_on(base: Path, option: str, recipient: str = str(IDENTITY.to_public())) -> int:
    return main(["worklist", option, "--as-of", WEEK_1, "--recipient", recipient])


def printed_lines(base: Path) -> list[dict[str, str]]:
    folder = base / "data/processed" / WEEK_1 / "restricted/worklists"
    books = [open_envelope(path.read_bytes(), IDENTITY, None) for path in sorted(folder.glob("*.age"))]
    return [line for book in books for line in lines_of(book)]


def heading(name: str) -> str:
    return next(c.heading for c in (*UPDATE.columns, *FINDING.columns) if c.name == name)


def test_the_facility_gets_what_people_decided_and_nothing_else(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert go_on(base, "--updates") == 0
    assert "02946 updates: 1 lines" in capsys.readouterr().out
    told = {
        (line[heading("field")], line[heading("value_now")], line[heading("value_right")])
        for line in printed_lines(base)
    }
    assert told == {
        ("Số CCCD/CMND", "", NUMBER),
        ("Họ và tên", "Nông Thị Thuỷ", "Nông Thị Thúy"),
        ("Ngày tiêm", "28/10/2021", "27/10/2021"),
        ("Xóa bản ghi", "", ""),
        ("Nhập mũi tiêm còn thiếu", "", "Mũi 2, Comirnaty, 20/10/2021"),
        ("Tra sổ của cơ sở tiêm: đúng thì nhập", "", "Mũi 1, AstraZeneca, 01/09/2021"),
    }
    entries = read_entries(audit_log_of(base / "data/processed" / WEEK_1))
    assert {e["unit_code"] for e in entries if e["event"] == "list_made"} >= {"02946"}


def test_no_value_of_another_person_is_on_a_list_of_updates(base: Path) -> None:
    assert go_on(base, "--updates") == 0
    text = "\n".join(cell for line in printed_lines(base) for cell in line.values())
    for citizen in CITIZENS.values():
        assert citizen.name not in text and citizen.citizen_id not in text
    assert "Hoàng Văn Sinh" not in text  # the registry's name of those whose numbers people wrote down


def test_the_registry_office_gets_its_findings(base: Path) -> None:
    assert go_on(base, "--findings") == 0
    told = {(line[heading("citizen")], line[heading("finding")]) for line in printed_lines(base)}
    assert {
        (OTHER, "Gia đình, thôn báo đã chuyển đi"),
        (OTHER, "Gia đình, thôn báo đã mất"),
    } <= told
    made = [
        e for e in read_entries(audit_log_of(base / "data/processed" / WEEK_1)) if e["event"] == "list_made"
    ]
    assert {e["unit_code"] for e in made} == {"02"} and {e["kind"] for e in made} == {"findings"}


def test_every_row_has_a_hidden_code_and_a_list_comes_back(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert go_on(base, "--updates") == 0
    folder = base / "data/processed" / WEEK_1 / "restricted/worklists"
    path = next(iter(sorted(folder.glob("*.age"))))
    book = open_envelope(path.read_bytes(), IDENTITY, None)
    assert all(line[ROW_CODE.heading] for line in lines_of(book))
    (base / "secret.txt").write_text(f"{IDENTITY}\n", encoding="utf-8")
    (base / "secret.txt").chmod(0o600)
    assert main(["worklist", "--import", str(path), "--identity", "secret.txt"]) == 0
    assert "0 answers taken" in capsys.readouterr().out
    assert REFERENCE.heading in {cell for rows in sheets_of(book).values() for row in rows for cell in row}


@pytest.mark.parametrize(
    "options", ["--updates --findings", "--updates --commune 00688", "--updates --import x"]
)
def test_lists_are_made_one_kind_at_a_time(
    base: Path, capsys: pytest.CaptureFixture[str], options: str
) -> None:
    assert main(["worklist", "--as-of", WEEK_1, "--recipient", "keys", *options.split()]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_missing_key_stops_its_facility_alone(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (base / "keys").mkdir()
    (base / "keys/02946.txt").write_text(str(IDENTITY.to_public()), encoding="utf-8")
    assert go_on(base, "--updates", "keys") == 5
    told = capsys.readouterr()
    assert "02946 updates" in told.out and "no list for" in told.err


def asked(run: RunParameters) -> dict[str, tuple[bool, bool | None, bool]]:
    path = TABLES["decisions"].path(run)
    query = f"SELECT decision_id, bound, arrived, was_open FROM '{path}'"
    with duckdb.connect() as con:
        return {name: tuple(cells) for name, *cells in con.execute(query).fetchall()}


def test_the_next_week_tells_what_arrived(base: Path) -> None:
    week_1 = open_run(WEEK_1, raw=f"data/raw/{WEEK_1}", processed=f"data/processed/{WEEK_1}", previous="")
    assert asked(week_1)["D1"] == (True, False, False)
    week_2 = make_week(base / "data", WEEK_2, doses=[*DOSES, *ENTERED], previous=week_1)
    told = asked(week_2)
    assert told["D1"] == told["D3"] == (True, True, True)
    assert told["D2"] == (True, False, True)
    assert told["D4"] == (False, None, True)  # the record is gone, as was asked
    assert told["D5"] == (True, None, False)  # nothing to enter
    assert told["D8"] == told["D9"] == (True, False, True)
    with duckdb.connect() as con:
        arrived = con.execute(
            "SELECT update_state, updates FROM "
            f"'{TABLES['updates_arrived'].path(week_2)}' WHERE unit_level = 'country' ORDER BY 1"
        ).fetchall()
    assert arrived == [("arrived", 3), ("open", 3)]


@pytest.mark.parametrize(
    ("number", "typed", "value"),
    [("7", "", ""), ("8", "", ""), ("9", "AstraZeneca 01/09/2021", "AstraZeneca|1|2021-09-01")],
)
def test_a_due_list_takes_who_moved_who_died_and_a_dose_without_paper(
    number: str, typed: str, value: str
) -> None:
    choice = INVITE.find_choice(number)
    assert choice and choice.decision == "do_not_invite" and bool(choice.typed) == bool(typed)
    read = read_typed(choice.typed, None, typed, date(2021, 11, 7)) if typed else None
    line = IssuedLine("invite", RecordKey(citizen_id=NUMBER, next_dose=1), "")
    issued = IssuedList("0" * 12, "r", date(2021, 11, 7), "00688", "due", TODAY, "", "", {"0-1": line})
    rows, left = decide(issued, [Answer("0-1", line, choice, read)], TODAY)
    assert (left, rows[0]["citizen_id"], rows[0]["value"]) == (0, NUMBER, value)
    assert rows[0]["ground"] in ("moved", "deceased", "no_paper")
