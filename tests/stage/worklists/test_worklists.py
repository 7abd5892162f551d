"""Lists of the people's work: who gets which row, what a list may show, and what it never does."""

import io
import json
import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from analysis.engine import connect
from analysis.errors import CheckError, RequestError
from analysis.safeguards.audit_log import audit_log_of, read_entries
from analysis.settings import RunParameters
from analysis.tables import TABLES, empty_table, write_table
from analysis.worklists import IssueResult, issue_lists
from analysis.worklists.finished_run import open_tables
from analysis.worklists.hamlets import find_hamlet, hamlet_order
from analysis.worklists.kinds import KINDS, ROW_CODE, SECTIONS
from analysis.worklists.register import VALID_DAYS, read_issued
from golden.tiny_intake import CITIZENS, DOSES
from worklist_samples import (
    EXTRA,
    FORMULA_NAME,
    NAMESAKES,
    TODAY,
    issue,
    key_envelope,
    lines_of,
    make_week,
    open_lists,
    sheets_of,
)

FORMULA_CELL = re.compile(rb"<f\b")
# Every column a list may show, by kind: nothing else may slip in (sources due-6).
ALLOWED = {
    "to_correct": {"line_number", "reference", "hamlet", "record", "field", "difference", "answer", "value"},
    "to_decide": {
        *("line_number", "reference", "hamlet", "record", "dose_date", "dose_product", "dose_site", "reason"),
        *("other_record", "other_date", "other_product", "other_site", "answer", "value"),
    },
    "due": {
        *("line_number", "reference", "hamlet", "full_name", "birth_year", "next_dose", "window"),
        *("answer", "value"),
    },
}


class Lists(NamedTuple):
    """A week with the lists of all its units."""

    run: RunParameters
    result: IssueResult
    books: dict[tuple[str, str], bytes]

    def lines(self, unit: str, kind: str) -> list[dict[str, str]]:
        return lines_of(self.books[unit, kind])


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Lists:
    """Return the lists of one week, made once and only read."""
    run = make_week(tmp_path_factory.mktemp("lists"))
    result = issue(run)
    return Lists(run, result, open_lists(run, result))


def rows_of(run: RunParameters, query: str) -> list[tuple[object, ...]]:
    folder = (run.restricted).as_posix()
    with duckdb.connect() as con:
        for name in ("links", "doses", "due"):
            con.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{folder}/{name}.parquet')")
        return con.execute(query).fetchall()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_shows_its_columns_and_no_other(kind: object) -> None:
    sections = kind.sections  # type: ignore[attr-defined]
    assert {c.name for s in sections for c in s.columns} == ALLOWED[kind.name]  # type: ignore[attr-defined]


def test_a_sheet_holds_the_declared_headings_and_no_more(lists: Lists) -> None:
    by_sheet = {s.sheet: [c.heading for c in (*s.columns, ROW_CODE)] for s in SECTIONS.values()}
    for book in lists.books.values():
        for sheet, rows in sheets_of(book).items():
            assert by_sheet[sheet] in rows
            assert {len(row) for row in rows} == {len(by_sheet[sheet])}


def test_the_rows_codes_are_hidden_and_never_printed(lists: Lists) -> None:
    with zipfile.ZipFile(io.BytesIO(lists.books["00688", "to_correct"])) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        printed = re.findall(r"Print_Area[^>]*>([^<]*)<", book.read("xl/workbook.xml").decode())
    width = len(SECTIONS["correct"].columns)
    assert re.search(rf'<col min="{width + 1}" max="{width + 1}"[^>]*hidden="1"', sheet)
    assert [area.rsplit("$", 2)[1] for area in printed] == [chr(ord("A") + width - 1)]


def test_choices_fit_the_drop_down() -> None:
    for section in SECTIONS.values():
        labels = [choice.label for choice in section.choices]
        assert len(",".join(labels)) <= 255 and not any("," in label for label in labels)


OPEN = """SELECT source_file, source_row FROM links WHERE link_status <> 'rejected' AND (duplicate_of IS NOT NULL
    OR link_status IN ('matched', 'clerical_review', 'not_in_registry', 'insufficient'))"""


def test_lists_sum_to_the_open_rows_each_in_one(lists: Lists) -> None:
    standing = []
    for made in lists.result.made:
        issued = read_issued(lists.run, made.file_name.split(".")[0])
        assert issued is not None and len(issued.lines) == made.lines
        keys = {(x.key.source_file, x.key.source_row) for x in issued.lines.values() if x.key.source_file}
        standing += sorted(keys)
        assert made.kind == "due" or len(keys) == made.records
    assert len(standing) == len(set(standing))
    assert set(standing) == set(rows_of(lists.run, OPEN))
    due = sum(made.records for made in lists.result.made if made.kind == "due")
    assert due == len(rows_of(lists.run, "FROM due")) == 3


@pytest.mark.parametrize(
    ("unit", "kind", "record"),
    [
        ("00706", "to_correct", "A12"),  # the linked citizen's commune
        ("00001", "to_correct", "B02"),  # where the citizen lives now, not where the row says
        ("00688", "to_decide", "A20"),  # the recorded residence
        ("00946", "to_decide", "B03"),  # the site's commune
        ("024", "to_decide", "B04"),  # a district's list
        ("VN", "to_decide", "B05"),  # no place at all
    ],
)
def test_a_row_goes_to_one_unit(lists: Lists, unit: str, kind: str, record: str) -> None:
    column = "Mã mũi tiêm (không có mã: họ tên, số giấy tờ như đã ghi)"
    found = [
        u for (u, _), book in lists.books.items() for line in lines_of(book) if line.get(column) == record
    ]
    assert set(found) == {unit}
    assert record in [line[column] for line in lists.lines(unit, kind)]


def test_the_list_says_which_field_and_how(lists: Lists) -> None:
    said = {
        (line["Trường cần xem lại"], line["Khác thế nào"])
        for (_, kind), book in lists.books.items()
        if kind == "to_correct"
        for line in lines_of(book)
    }
    assert said == {
        ("Họ và tên", "viết không dấu"),
        ("Họ và tên", "khác dấu"),
        ("Giới tính", "khác"),
        ("Số CCCD/CMND", "để trống"),
        ("Số CCCD/CMND", "một chữ số khác"),
        ("Ngày tháng năm sinh", "khác ngày và tháng"),
    }


def test_never_a_value_of_the_registry(lists: Lists) -> None:
    typed = {value for d in (*DOSES, *EXTRA) for value in (d.name, d.id_number, d.birth)}
    citizens = (*CITIZENS.values(), *NAMESAKES)
    secret = {v for c in citizens for v in (c.citizen_id, c.name, *c.old_ids.split(";"), c.birth)} - typed
    days = {"/".join(c.birth.split("-")[::-1]) for c in citizens} - typed
    assert {"002066011112", "Hoàng Văn Sinh"} & secret == {"002066011112"}
    for (_, kind), book in lists.books.items():
        names = {c.name for c in citizens} if kind == "due" else set()
        text = whole_text(book)
        assert [value for value in (secret | days) - names - {""} if value in text] == []


def test_the_search_would_find_a_planted_value(lists: Lists) -> None:
    assert "Vàng A Páo" in whole_text(lists.books["00697", "due"])


def whole_text(book: bytes) -> str:
    """Return everything a workbook's members say."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def test_no_telephone_occupation_or_group_is_read(lists: Lists) -> None:
    folder = Path(__file__).parents[3] / "src/analysis/worklists"
    code = "\n".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    assert not re.search(r"\bd\.(phone|workplace|priority_group|health_insurance_number)\b", code)


def test_a_record_without_code_is_named_as_it_was_typed_and_never_a_formula(lists: Lists) -> None:
    column = "Mã mũi tiêm (không có mã: họ tên, số giấy tờ như đã ghi)"
    assert FORMULA_NAME in [line[column] for line in lists.lines("00688", "to_decide")]
    for book in lists.books.values():
        with zipfile.ZipFile(io.BytesIO(book)) as archive:
            sheets = [n for n in archive.namelist() if n.startswith("xl/worksheets/")]
            assert not [n for n in sheets if FORMULA_CELL.search(archive.read(n))]
            assert not [n for n in archive.namelist() if "external" in n.lower()]


def test_people_to_check_stand_apart(lists: Lists) -> None:
    assert {line["sheet"] for line in lists.lines("00706", "due")} == {"Kiểm tra trước khi mời"}
    assert {line["sheet"] for line in lists.lines("00697", "due")} == {"Mời tiêm"}


def test_the_head_names_recipient_run_count_expiry_and_duty(lists: Lists) -> None:
    text = whole_text(lists.books["00688", "to_correct"])
    for part in (
        *("Nơi nhận: Phường Quang Trung, Thành phố Hà Giang, Tỉnh Hà Giang (00688)", "2021-11-07-0123abcd"),
        *("Số liệu đến hết ngày 07/11/2021", "hết hạn ngày 08/12/2021", "cả danh sách: 1 bản ghi"),
        *("Tài liệu có dữ liệu cá nhân", "TRẠM Y TẾ", "CÔNG AN PHƯỜNG", "DỮ LIỆU MÔ PHỎNG"),
        *('orientation="landscape"', 'paperSize="9"', "dataValidation"),
    ):
        assert part in text


def test_a_due_list_says_what_is_not_entered_around_it(lists: Lists) -> None:
    text = whole_text(lists.books["00697", "due"])
    assert re.search(
        r"Thành phố Hà Giang còn 1\.4\d\d mũi đã tiêm chưa nhập: hỏi người dân đã tiêm chưa", text
    )
    assert "mũi đã tiêm chưa nhập" not in whole_text(lists.books["00688", "to_correct"])


def test_nothing_plain_lies_on_the_disk(lists: Lists) -> None:
    folder = lists.run.restricted / "worklists"
    names = [c.name for c in (*CITIZENS.values(), *NAMESAKES)] + [d.name for d in EXTRA]
    for path in (p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        assert not data.startswith(b"PK")
        assert [name for name in names if name.encode() in data] == []


def test_names_of_files_say_nothing(lists: Lists) -> None:
    folder = lists.run.restricted / "worklists"
    names = [p.name for p in folder.iterdir() if p.is_file()]
    assert names and all(re.fullmatch(r"[0-9a-f]{12}\.xlsx\.age", name) for name in names)


def test_the_log_holds_no_contents(lists: Lists) -> None:
    log = audit_log_of(lists.run.processed)
    text = log.read_text("utf-8")
    made = [e for e in read_entries(log) if e["event"] == "list_made"]
    assert len(made) == len(lists.result.made)
    allowed = {
        "event",
        "kind",
        "lines",
        "list_id",
        "on",
        "previous",
        "recipient",
        "run_id",
        "sha256",
        "unit_code",
    }
    assert {key for entry in made for key in entry} == allowed
    values = {v for c in CITIZENS.values() for v in (c.citizen_id, c.name)} | {"A12", "B03"}
    assert [value for value in values if json.dumps(value)[1:-1] in text or value in text] == []


def test_a_unit_without_rows_gets_no_list(lists: Lists) -> None:
    result = issue(lists.run, "00700")
    assert (result.made, result.without_rows, result.refused) == ((), ("00700",), {})


@pytest.mark.parametrize("unit", ["6880", "0x688", "", "99999", "../", "all,00688"])
def test_an_unknown_unit_is_refused(lists: Lists, unit: str) -> None:
    with pytest.raises(RequestError, match="--commune"):
        issue_lists(lists.run, (unit,), key_envelope, TODAY)


def test_lists_of_a_table_changed_by_hand_are_refused(tmp_path: Path) -> None:
    run = make_week(tmp_path)
    path = run.restricted / "links.parquet"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(CheckError, match=r"links\.parquet"):
        issue(run, "00688")


def test_the_same_run_gives_the_same_list(lists: Lists) -> None:
    again = open_lists(lists.run, issue(lists.run, "00688"))["00688", "to_decide"]
    first = lists.books["00688", "to_decide"]
    assert [without_code(line) for line in lines_of(again)] == [
        without_code(line) for line in lines_of(first)
    ]
    codes = [line[ROW_CODE.heading] for book in (again, first) for line in lines_of(book)]
    assert len(set(codes)) == len(codes)


def without_code(line: dict[str, str]) -> dict[str, str]:
    return {heading: cell for heading, cell in line.items() if heading != ROW_CODE.heading}


def test_lists_are_wiped_when_their_days_are_over(tmp_path: Path) -> None:
    from datetime import timedelta

    run = make_week(tmp_path)
    first = issue(run, "00688")
    folder = run.restricted / "worklists"
    issue(run, "00706", today=TODAY + timedelta(days=VALID_DAYS))
    assert all((folder / made.file_name).is_file() for made in first.made)
    issue(run, "00700", today=TODAY + timedelta(days=VALID_DAYS + 1))
    assert not any((folder / made.file_name).is_file() for made in first.made)
    wiped = [e for e in read_entries(audit_log_of(run.processed)) if e["event"] == "list_wiped"]
    assert {e["list_id"] for e in wiped} == {made.file_name.split(".")[0] for made in first.made}


@pytest.mark.parametrize(
    ("address", "hamlet"),
    [
        ("Thôn Nà Cáy, Xã Tân Hưng", "Thôn Nà Cáy"),
        ("Số 5, ngõ 7, tổ 3 - Phường Quang Trung", "Tổ 3"),
        ("TDP số 4 phường Minh Khai", "Tổ dân phố số 4"),
        ("khu phố 2", "Khu phố 2"),
        ("KP. 5, P. An Phú", "Khu phố 5"),
        ("Ấp Chợ", "Ấp Chợ"),
        ("12 Trần Phú", "chưa rõ"),
        ("Tổng cục 2", "chưa rõ"),
        (None, "chưa rõ"),
    ],
)
def test_a_hamlet_is_read_from_the_address(address: str | None, hamlet: str) -> None:
    assert find_hamlet(address) == hamlet


def test_hamlets_are_walked_in_the_order_of_their_numbers() -> None:
    hamlets = ["chưa rõ", "Thôn 10", "Thôn Nà Cáy", "Thôn 2", "Ấp Chợ", "Thôn Đông Hợp"]
    ordered = ["Ấp Chợ", "Thôn 2", "Thôn 10", "Thôn Đông Hợp", "Thôn Nà Cáy", "chưa rõ"]
    assert sorted(hamlets, key=hamlet_order) == ordered


@pytest.mark.parametrize(("is_there", "message"), [(True, "registry of"), (False, "run that week again")])
def test_lists_of_a_week_whose_registry_is_gone_are_refused(
    lists: Lists, tmp_path: Path, is_there: bool, message: str
) -> None:
    """Emptied, or taken away with the copies of former weeks."""
    run = replace(lists.run, processed=tmp_path / lists.run.processed.name)
    shutil.copytree(lists.run.processed, run.processed)
    with connect(run) as con:
        write_table(con, "citizens", empty_table("citizens"), run)
        if not is_there:
            TABLES["citizens"].path(run).unlink()
        with pytest.raises(RequestError, match=message) as error:
            open_tables(con, run)
    assert "\n" not in str(error.value)
