"""Answered lists come back: what is taken, what is turned away, and that a decision lives through the weeks."""

import csv
import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from analysis.errors import CheckError
from analysis.safeguards.audit_log import audit_log_of, read_entries
from analysis.settings import RunParameters
from analysis.worklists import ImportResult, import_answers
from analysis.worklists.answered_decisions import HEADER
from analysis.worklists.kinds import CITIZEN_NUMBER, DOSE_DATE, FIELD_VALUE, PRODUCT_AND_DATE, ROW_CODE
from analysis.worklists.typed_answers import read_typed
from golden.tiny_intake import CITIZENS, DOSES
from worklist_samples import (
    EXTRA,
    NAMESAKES,
    TODAY,
    WEEK_1,
    WEEK_2,
    answer,
    issue,
    lines_of,
    make_week,
    open_lists,
    record_week,
    sheets_of,
)

RECORD = "Mã mũi tiêm (không có mã: họ tên, số giấy tờ như đã ghi)"
Row = dict[str, str]


class Week(NamedTuple):
    """One week with the opened lists of all its units."""

    run: RunParameters
    books: dict[tuple[str, str], bytes]

    def reference(self, unit: str, kind: str, **cells: str) -> str:
        """Return the reference of the one line whose cells (by heading) hold these texts."""
        names = {"record": RECORD, "field": "Trường cần xem lại", "name": "Họ và tên"}
        found = [
            line["Mã dòng"]
            for line in lines_of(self.books[unit, kind])
            if all(text in line[names[name]] for name, text in cells.items())
        ]
        assert len(found) == 1
        return found[0]

    def take(self, unit: str, kind: str, answers: dict[str, tuple[str, str]], folder: Path) -> ImportResult:
        return import_answers(self.run, answer(self.books[unit, kind], answers), folder, TODAY)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Week:
    """Return one week with its lists, only read."""
    run = make_week(tmp_path_factory.mktemp("answers"))
    return Week(run, open_lists(run, issue(run)))


@pytest.fixture(autouse=True)
def nothing_answered_yet(week: Week) -> None:
    """Have each test begin with lists that nobody has answered."""
    for path in (week.run.restricted / "worklists" / "issued").glob("*.answers.json"):
        path.unlink()


def decisions(result: ImportResult) -> list[Row]:
    assert result.path is not None
    with result.path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        assert reader.fieldnames == HEADER.split(",")
        return list(reader)


def only(result: ImportResult) -> Row:
    rows = decisions(result)
    assert len(rows) == 1 == result.decisions
    return rows[0]


def test_a_corrected_value_becomes_a_decision(week: Week, tmp_path: Path) -> None:
    reference = week.reference("00706", "to_correct", record="A12")
    row = only(week.take("00706", "to_correct", {reference: ("1", "002 080 044444")}, tmp_path))
    assert row == {
        "decision_id": row["decision_id"],
        "dose_record_id": "A12",
        "source_file": "platform/a.csv",
        "source_row": "12",
        "as_of": WEEK_1,
        "decision": "correct_value",
        "citizen_id": "",
        "field": "id_number",
        "value": "002080044444",
        "ground": row["ground"],
        "decided_by": "Trạm Y tế và Công an 00706",
        "decided_on": TODAY.isoformat(),
    }
    assert re.fullmatch(r"[0-9a-f]{12}-\d{4}", row["decision_id"])


@pytest.mark.parametrize(
    ("said", "typed", "decision", "citizen"),
    [
        ("1", "002066011112", "same_person", "002066011112"),
        ("1 - Đã xác định công dân: ghi số CCCD", "002066011112", "same_person", "002066011112"),
        ("2", "", "not_in_registry", ""),
        ("3", "", "delete_dose", ""),
    ],
)
def test_a_person_decides_what_the_machine_must_not(
    week: Week, tmp_path: Path, said: str, typed: str, decision: str, citizen: str
) -> None:
    reference = week.reference("00706", "to_decide", record="B01")
    row = only(week.take("00706", "to_decide", {reference: (said, typed)}, tmp_path))
    assert (row["decision"], row["citizen_id"], row["dose_record_id"]) == (decision, citizen, "B01")


@pytest.mark.parametrize(("said", "record"), [("1", "A05"), ("2", "A04")])
def test_of_two_records_of_a_dose_either_may_go(week: Week, tmp_path: Path, said: str, record: str) -> None:
    reference = week.reference("00691", "to_decide", record="A05")
    row = only(week.take("00691", "to_decide", {reference: (said, "")}, tmp_path))
    assert (row["decision"], row["dose_record_id"]) == ("delete_dose", record)


def test_two_doses_need_the_right_day(week: Week, tmp_path: Path) -> None:
    reference = week.reference("00691", "to_decide", record="A05")
    row = only(week.take("00691", "to_decide", {reference: ("3", "15/10/2021")}, tmp_path))
    assert (row["decision"], row["field"], row["value"]) == (
        "correct_value",
        "vaccination_date",
        "2021-10-15",
    )


@pytest.mark.parametrize(
    ("said", "typed", "decision", "value", "ground"),
    [
        ("2", "Vero Cell 20/09/2021", "add_dose", "Vero Cell|1|2021-09-20", "giấy xác nhận tiêm chủng"),
        ("3", "", "do_not_invite", "", "deferred"),
        ("4", "", "do_not_invite", "", "contraindicated"),
        ("5", "", "do_not_invite", "", "refused"),
        ("6", "", "do_not_invite", "", "absent"),
    ],
)
def test_a_due_person_is_answered_without_a_number_on_paper(
    week: Week, tmp_path: Path, said: str, typed: str, decision: str, value: str, ground: str
) -> None:
    reference = week.reference("00697", "due", name="Vàng A Páo")
    row = only(week.take("00697", "due", {reference: (said, typed)}, tmp_path))
    assert (row["decision"], row["value"], row["ground"]) == (decision, value, ground)
    assert (row["citizen_id"], row["source_file"]) == (CITIZENS["unvaccinated"].citizen_id, "")


def test_written_rightly_settles_a_record_only_when_all_its_fields_are_answered(
    week: Week, tmp_path: Path
) -> None:
    lines = [x for x in lines_of(week.books["00001", "to_correct"]) if x[RECORD] == "B02"]
    first, *others = [line["Mã dòng"] for line in lines]
    alone = week.take("00001", "to_correct", {first: ("2", "")}, tmp_path)
    assert (alone.decisions, alone.answered, alone.left_open, alone.path) == (0, 1, 1, None)
    both = week.take("00001", "to_correct", dict.fromkeys([first, *others], ("2", "")), tmp_path)
    assert {(r["decision"], r["citizen_id"]) for r in decisions(both)} == {("same_person", "002188066666")}


def test_nothing_answered_writes_nothing(week: Week, tmp_path: Path) -> None:
    result = week.take("00688", "to_decide", {}, tmp_path / "none")
    assert (result.decisions, result.unanswered, result.rejected) == (0, 2, {})
    assert not (tmp_path / "none").exists()


def test_not_yet_verified_stays_open(week: Week, tmp_path: Path) -> None:
    reference = week.reference("00706", "to_decide", record="B01")
    result = week.take("00706", "to_decide", {reference: ("4", "")}, tmp_path)
    assert (result.answered, result.left_open, result.decisions) == (1, 1, 0)


def line_place(rows: list[list[str]], reference: str) -> int:
    return next(n for n, row in enumerate(rows) if reference in row)


def edited(week: Week, tmp_path: Path, change: str) -> dict[str, int]:
    """Answer the two lines of a list after tampering with the second; returns what was rejected."""
    book = week.books["00688", "to_decide"]
    references = [line["Mã dòng"] for line in lines_of(book)]
    foreign = lines_of(week.books["00706", "to_decide"])[0]["Mã dòng"]

    def edit(sheets: dict[str, list[list[str]]]) -> None:
        rows = sheets["Chờ quyết định"]
        place = line_place(rows, references[1])
        line = list(rows[place])
        match change:
            case "edited":
                rows[place][3] = "A01"
            case "reference":
                rows[place][1] = references[0].replace("0001", "0009")
            case "other_list":
                rows[place][1] = foreign
            case "new_row":
                rows.insert(place + 1, ["", "", "", "A01", *line[4:]])
            case "repeated":
                rows.insert(place + 1, line)
            case "formula":
                rows[place][-2] = "=1+1"
            case "unproven":
                rows[place][-1] = ""
            case "exchanged":
                rows[place][-1] = rows[line_place(rows, references[0])][-1]

    answers = dict.fromkeys(references, ("2", ""))
    result = import_answers(week.run, answer(book, answers, edit), tmp_path, TODAY)
    assert all(row["decision_id"].endswith("0001") for row in decisions(result)[:1])
    return result.rejected


@pytest.mark.parametrize(
    ("change", "rejected"),
    [
        ("none", {}),
        ("edited", {"edited": 1}),
        ("reference", {"new_row": 1}),
        ("other_list", {"other_list": 1}),
        ("new_row", {"new_row": 1}),
        ("repeated", {"repeated": 2}),
        ("formula", {"formula": 1}),
        ("unproven", {"unproven": 1}),
        ("exchanged", {"unproven": 1}),
    ],
)
def test_what_was_not_issued_is_turned_away(
    week: Week, tmp_path: Path, change: str, rejected: dict[str, int]
) -> None:
    assert edited(week, tmp_path, change) == rejected


@pytest.mark.parametrize(
    ("said", "typed", "reason"),
    [
        ("9", "", "unknown_answer"),
        ("", "002066011112", "unknown_answer"),
        ("=2", "", "unknown_answer"),
        ("1", "", "value_missing"),
        ("1", "12345", "value_unreadable"),
        ("1", "000000000000", "value_unreadable"),
        ("2", "002066011112", "value_not_asked"),
    ],
)
def test_an_answer_that_cannot_be_read_is_counted(
    week: Week, tmp_path: Path, said: str, typed: str, reason: str
) -> None:
    reference = week.reference("00706", "to_decide", record="B01")
    result = week.take("00706", "to_decide", {reference: (said, typed)}, tmp_path)
    assert (result.decisions, result.rejected, result.unanswered) == (0, {reason: 1}, 0)


def without_codes(sheets: dict[str, list[list[str]]]) -> None:
    """Leave of a list what its print shows."""
    for rows in sheets.values():
        rows[:] = [row[:-1] for row in rows]


def test_a_workbook_rebuilt_from_a_printed_list_is_refused_whole(week: Week, tmp_path: Path) -> None:
    for book in week.books.values():
        references = [line["Mã dòng"] for line in lines_of(book)]
        forged = answer(book, dict.fromkeys(references, ("1", "002066011112")), without_codes)
        with pytest.raises(CheckError, match="do not carry the hidden code"):
            import_answers(week.run, forged, tmp_path, TODAY)
    assert list(tmp_path.iterdir()) == []


def test_a_row_without_its_code_is_named_by_its_reference(week: Week, tmp_path: Path) -> None:
    book = week.books["00688", "to_decide"]
    reference = lines_of(book)[1]["Mã dòng"]

    def edit(sheets: dict[str, list[list[str]]]) -> None:
        rows = sheets["Chờ quyết định"]
        rows[line_place(rows, reference)][-1] = "0" * 20

    result = import_answers(week.run, answer(book, {reference: ("2", "")}, edit), tmp_path, TODAY)
    assert (result.unproven, result.decisions) == ((reference,), 0)


def test_codes_of_a_list_that_was_made_again_stay_good_and_none_is_kept(tmp_path: Path) -> None:
    run = make_week(tmp_path)
    first, again = (open_lists(run, issue(run, "00688"))["00688", "to_decide"] for _ in range(2))
    for number, book in enumerate((first, again)):
        reference = lines_of(book)[0]["Mã dòng"]
        taken = import_answers(run, answer(book, {reference: ("2", "")}), tmp_path / str(number), TODAY)
        assert (taken.decisions, taken.rejected) == (1, {})
    codes = [line[ROW_CODE.heading] for book in (first, again) for line in lines_of(book)]
    kept = b"".join(p.read_bytes() for p in run.restricted.joinpath("worklists/issued").iterdir())
    assert all(len(code) == 20 and code.encode() not in kept for code in codes)


def test_a_list_from_before_rows_had_codes_must_come_back_closed(tmp_path: Path) -> None:
    run = make_week(tmp_path)
    book = open_lists(run, issue(run, "00688"))["00688", "to_decide"]
    for path in run.restricted.joinpath("worklists/issued").iterdir():
        head, lines = (json.loads(part) for part in path.read_text("utf-8").splitlines())
        del head["code_key"]
        former = {
            reference: {n: v for n, v in line.items() if n != "codes"} for reference, line in lines.items()
        }
        path.write_text(f"{json.dumps(head)}\n{json.dumps(former)}", "utf-8")
    reference = lines_of(book)[0]["Mã dòng"]
    plain = answer(book, {reference: ("2", "")}, without_codes)
    with pytest.raises(CheckError, match="hidden code"):
        import_answers(run, plain, tmp_path / "d", TODAY)
    assert import_answers(run, plain, tmp_path / "d", TODAY, "key").decisions == 1


def test_a_list_of_another_run_is_refused(week: Week, tmp_path: Path) -> None:
    def edit(sheets: dict[str, list[list[str]]]) -> None:
        for rows in sheets.values():
            rows[:] = [[cell.replace("0123abcd", "ffffffff") for cell in row] for row in rows]

    book = answer(week.books["00688", "to_decide"], {}, edit)
    with pytest.raises(CheckError, match="wrong run"):
        import_answers(week.run, book, tmp_path, TODAY)


def test_when_the_week_was_run_again_only_records_with_an_id_are_still_sure(tmp_path: Path) -> None:
    run = make_week(tmp_path)
    week = Week(run, open_lists(run, issue(run)))
    record_week(run, "89abcdef")
    lines = {line[RECORD]: line["Mã dòng"] for line in lines_of(week.books["00688", "to_decide"])}
    result = week.take("00688", "to_decide", dict.fromkeys(lines.values(), ("2", "")), tmp_path / "out")
    assert (result.rejected, only(result)["dose_record_id"]) == ({"run_changed": 1}, "A20")


def test_an_expired_list_is_refused(week: Week, tmp_path: Path) -> None:
    with pytest.raises(CheckError, match="expired"):
        import_answers(week.run, week.books["00688", "to_decide"], tmp_path, TODAY + timedelta(days=31))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 cut", b"not a workbook"])
def test_what_is_no_list_is_refused(week: Week, tmp_path: Path, data: bytes) -> None:
    with pytest.raises(CheckError, match="not a list"):
        import_answers(week.run, data, tmp_path, TODAY)


def test_missing_columns_are_refused(week: Week, tmp_path: Path) -> None:
    def edit(sheets: dict[str, list[list[str]]]) -> None:
        rows = sheets["Chờ quyết định"]
        rows[:] = [["" if cell == "Cơ sở tiêm" else cell for cell in row] for row in rows]

    with pytest.raises(CheckError, match="other columns"):
        import_answers(week.run, answer(week.books["00688", "to_decide"], {}, edit), tmp_path, TODAY)


def test_the_same_file_twice_is_one_set_of_decisions(week: Week, tmp_path: Path) -> None:
    reference = week.reference("00706", "to_decide", record="B01")
    back = answer(week.books["00706", "to_decide"], {reference: ("2", "")})
    paths = [import_answers(week.run, back, tmp_path, TODAY).path for _ in range(2)]
    assert paths[0] == paths[1] and len(list(tmp_path.glob("*.csv"))) == 1


def test_of_two_answers_the_later_one_stands(tmp_path: Path) -> None:
    run = make_week(tmp_path)
    week = Week(run, open_lists(run, issue(run)))
    folder = tmp_path / "raw" / WEEK_2 / "decisions"
    reference = week.reference("00706", "to_decide", record="B01")
    for citizen in (NAMESAKES[0].citizen_id, NAMESAKES[1].citizen_id):
        week.take("00706", "to_decide", {reference: ("1", citizen)}, folder)
    second = make_week(tmp_path, WEEK_2, previous=run)
    assert links_of(second)["Hoàng Văn Sinh 2021-09-15"] == ("verified", NAMESAKES[1].citizen_id)


def test_a_later_answer_replaces_or_takes_back_an_earlier_one_and_says_so(tmp_path: Path) -> None:
    """The same again, another citizen, then "not yet": the decision is withdrawn under its own name."""
    run = make_week(tmp_path)
    own = Week(run, open_lists(run, issue(run)))
    where = ("00706", "to_decide")
    line = own.reference(*where, record="B01")
    said = [
        ("1", NAMESAKES[0].citizen_id),
        ("1", NAMESAKES[0].citizen_id),
        ("1", NAMESAKES[1].citizen_id),
        ("4", ""),
    ]
    taken = [own.take(*where, {line: one}, tmp_path / str(n)) for n, one in enumerate(said)]
    counts = [(one.said_again, one.replaced, one.taken_back, one.answered_so_far) for one in taken]
    assert counts == [(0, 0, 0, 1), (1, 0, 0, 1), (0, 1, 0, 1), (0, 1, 1, 1)]
    first, last = only(taken[0]), only(taken[3])
    assert (first["decision"], last["decision"]) == ("same_person", "withdrawn")
    assert first["decision_id"] == last["decision_id"] and not last["citizen_id"]
    kept = next((run.restricted / "worklists" / "issued").glob("*.answers.json")).read_text("utf-8")
    assert NAMESAKES[1].citizen_id not in kept


def test_the_log_counts_what_was_taken_and_holds_no_value(week: Week, tmp_path: Path) -> None:
    reference = week.reference("00706", "to_decide", record="B01")
    week.take("00706", "to_decide", {reference: ("1", "002066022223")}, tmp_path)
    entry = read_entries(audit_log_of(week.run.processed))[-1]
    assert (entry["event"], entry["decisions"], entry["rejected"]) == ("answers_imported", 1, {})
    text = audit_log_of(week.run.processed).read_text("utf-8")
    assert not [v for v in ("002066022223", "B01", reference) if v in text]


@pytest.mark.parametrize(
    ("typed", "field", "text", "value"),
    [
        (FIELD_VALUE, "birth_date", "5/3/1962", "1962-03-05"),
        (FIELD_VALUE, "birth_date", "1962", "1962"),
        (FIELD_VALUE, "birth_date", "31/02/1962", None),
        (FIELD_VALUE, "birth_date", "01/01/2022", None),
        (FIELD_VALUE, "full_name", "nguyễn thị  hòa", "Nguyễn Thị Hòa"),
        (FIELD_VALUE, "full_name", "Hòa", None),
        (FIELD_VALUE, "full_name", '=HYPERLINK("x")', None),
        (FIELD_VALUE, "sex", "nữ", "Nữ"),
        (FIELD_VALUE, "sex", "1", None),
        (FIELD_VALUE, "id_number", "073 123 456", "073123456"),
        (FIELD_VALUE, "id_number", "0731234567", None),
        (CITIZEN_NUMBER, None, "073123456", None),
        (DOSE_DATE, None, "07/03/2021", None),
        (DOSE_DATE, None, "14/11/2021", "2021-11-14"),
        (DOSE_DATE, None, "15/11/2021", None),
        (DOSE_DATE, None, "2021", None),
        (PRODUCT_AND_DATE, None, "pfizer, 1/10/2021", "Comirnaty|2021-10-01"),
        (PRODUCT_AND_DATE, None, "thuốc lạ 1/10/2021", None),
        (PRODUCT_AND_DATE, None, "1/10/2021", None),
    ],
)
def test_typed_values_are_read_strictly(typed: str, field: str | None, text: str, value: str | None) -> None:
    assert read_typed(typed, field, text, date(2021, 11, 7)) == value


def links_of(run: RunParameters) -> dict[str, tuple[str, str | None]]:
    """Return name as typed → verdict and citizen of every row."""
    folder = run.restricted.as_posix()
    with duckdb.connect() as con:
        rows = con.execute(
            f"SELECT full_name_typed, vaccination_date, link_status, citizen_id FROM read_parquet('{folder}/links.parquet') "
            f"JOIN read_parquet('{folder}/doses.parquet') USING (source_file, source_row)"
        ).fetchall()
    return {f"{name} {day}": (status, citizen) for name, day, status, citizen in rows}


def test_answers_live_on_when_rows_move_and_ids_are_gone(tmp_path: Path) -> None:
    first = make_week(tmp_path)
    lists = Week(first, open_lists(first, issue(first)))
    chosen = NAMESAKES[1].citizen_id
    folder = tmp_path / "raw" / WEEK_2 / "decisions"
    review = lists.reference("00706", "to_decide", record="B01")
    number = lists.reference("00706", "to_correct", record="A12")
    repeated = lists.reference("00691", "to_decide", record="A05")
    no_code = lists.reference("00913", "to_correct", record="Bàn Thị Mùi", field="Số CCCD")
    invited = lists.reference("00697", "due", name="Vàng A Páo")
    lists.take("00706", "to_decide", {review: ("1", chosen)}, folder)
    lists.take("00706", "to_correct", {number: ("1", CITIZENS["son"].citizen_id)}, folder)
    lists.take("00691", "to_decide", {repeated: ("1", "")}, folder)
    lists.take("00913", "to_correct", {no_code: ("3", CITIZENS["ban"].citizen_id)}, folder)
    lists.take("00697", "due", {invited: ("5", "")}, folder)
    # A week later every row stands elsewhere and the export has lost its record ids.
    later = [replace(dose, record_id="") for dose in reversed([*DOSES, *EXTRA])]
    second = make_week(tmp_path, WEEK_2, later, previous=first)
    found = links_of(second)
    assert found["Hoàng Văn Sinh 2021-09-15"] == ("verified", chosen)
    assert found["Hoàng Văn Nam 2021-09-15"][0] == "verified"
    assert found["Bàn Thị Mùi 2021-07-25"] == ("verified", CITIZENS["ban"].citizen_id)
    assert ("rejected", None) in [verdict for key, verdict in found.items() if key.startswith("Đặng Văn Đức")]
    lists_again = open_lists(second, issue(second))
    for unit, kind in (
        ("00706", "to_decide"),
        ("00706", "to_correct"),
        ("00691", "to_decide"),
        ("00697", "due"),
    ):
        assert (unit, kind) not in lists_again
    # And the week after, carried by --previous alone.
    third = make_week(tmp_path, "2021-11-21", list(reversed(later)), previous=second)
    assert links_of(third)["Hoàng Văn Sinh 2021-09-15"] == ("verified", chosen)


def test_every_decision_of_a_list_binds_in_the_next_week(tmp_path: Path) -> None:
    first = make_week(tmp_path)
    lists = Week(first, open_lists(first, issue(first)))
    folder = tmp_path / "raw" / WEEK_2 / "decisions"
    made = 0
    for (unit, kind), book in lists.books.items():
        if kind == "to_decide":
            sheet = {x["Mã dòng"]: x["sheet"] for x in lines_of(book)}
            said = {ref: ("1" if name == "Trùng mũi tiêm" else "2", "") for ref, name in sheet.items()}
            made += lists.take(unit, kind, said, folder).decisions
    second = make_week(tmp_path, WEEK_2, previous=first)
    with duckdb.connect() as con:
        path = (second.restricted / "decisions.parquet").as_posix()
        bound = con.execute(f"SELECT count(*), count(*) FILTER (bound) FROM '{path}'").fetchall()[0]
    assert made == bound[0] == bound[1] > 5
    left = [book for (_, kind), book in open_lists(second, issue(second)).items() if kind == "to_decide"]
    # The second dose recorded again for 10/11 was after the first week's end: only now does it repeat another.
    assert [x["sheet"] for book in left for x in lines_of(book)] == ["Trùng mũi tiêm"]


def test_sheets_of_reads_what_a_program_shows(week: Week) -> None:
    assert list(sheets_of(week.books["00688", "to_decide"])) == ["Chờ quyết định", "Trùng mũi tiêm"]
