"""No file, sheet, archive member, header or facility called after a person leaves the restricted zone by its name."""

import io
import json
import shutil
import zipfile
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from analysis.__main__ import main
from clean_samples import line, table
from conftest import run_province
from disclosure.byte_search import leaks
from disclosure.test_no_person_leaves import PLANTED
from golden.tiny_intake import AS_OF, write_tiny_intake

PEOPLE = [
    "Nguyễn Văn An",
    "0912345678",
    "Lê Thị Cúc",
    "Hoàng Văn Đông",
    "Đỗ Văn Hậu",
    "Trần Thị Bích",
    "Vũ Văn Giáp",
]
CLINIC = "Phòng khám bác sĩ Trần Thị Bích"
PLACE = {"province": "Hà Giang", "district": "Thành phố Hà Giang", "commune": "Phường Trần Phú"}


def doses(start: int, facility: str, header: str = "Số lô", count: int = 12) -> str:
    rows = [
        {"dose_record_id": f"T{start + i}", "facility_name": facility, "facility_code": ""} | PLACE
        for i in range(count)
    ]
    return table(*rows).replace("Số lô", header, 1)


def workbook(sheet: str, text: str) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(text.splitlines()):
            page.write_row(number, 0, row.split(","))
    return buffer.getvalue()


def archive(member: str, text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr(member, text)
    return buffer.getvalue()


def write_names(raw: Path) -> None:
    """Write the tiny intake with names of persons wherever an intake may hold one beside its cells."""
    write_tiny_intake(raw)
    platform = raw / "platform"
    (platform / "Nguyễn Văn An 0912345678.xlsx").write_bytes(workbook("Lê Thị Cúc", doses(0, "TYT")))
    (platform / "02.zip").write_bytes(archive("Hoàng Văn Đông.csv", doses(20, "Trạm Y tế xã Phố Cáo")))
    (platform / "03.csv").write_text(doses(40, CLINIC, header="Ghi của Đỗ Văn Hậu"), "utf-8")
    (raw / "registry" / "registry.csv").rename(raw / "registry" / "Đỗ Văn Hậu.csv")
    (platform / "Nguyễn Văn An.csv").write_bytes((platform / "03.csv").read_bytes())
    (raw / "Vũ Văn Giáp").mkdir()
    (raw / "Vũ Văn Giáp" / "a.csv").write_text("x", "utf-8")
    report = "unit_code,age_group,population,source,reference_date\n02,5-11,100,Vũ Văn Giáp đếm,2021-01-01\n"
    (raw / "population" / "giap.csv").write_text(report, "utf-8")


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a published run of such an intake."""
    base = tmp_path_factory.mktemp("named")
    write_names(base / "raw")
    assert run_province(base) == 0
    return base


def rows(base: Path, table: str, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        path = (base / "processed" / AS_OF / f"{table}.parquet").as_posix()
        return con.execute(query.format(f"read_parquet('{path}')")).fetchall()


def test_such_names_stand_in_the_restricted_zone_alone(named: Path) -> None:
    processed = named / "processed"
    outside = [p for p in (processed / AS_OF).iterdir() if p.name != "restricted"]
    outside += [named / "reports", *(p for p in processed.iterdir() if p.is_dir() and p.name != AS_OF)]
    assert leaks(outside, PEOPLE) == []
    for path in processed.iterdir():
        assert not (path.is_file() and any(name in path.read_text("utf-8") for name in PEOPLE))
    # The search fires: rows of doses keep their file's name.
    assert leaks([processed / AS_OF / "restricted"], PEOPLE)


def test_executed_notebooks_and_the_record_of_steps_hold_none(named: Path) -> None:
    run = named / "processed" / AS_OF / "restricted" / "run"
    # What the run was made from, file by file, never leaves (the manifest has it by folders).
    records = [path for path in run.glob("*.json") if path.name != "inputs.json"]
    texts = [p.read_text("utf-8") for p in (*run.glob("*.ipynb"), *records, *run.glob("steps/*.jsonl"))]
    texts += [json.dumps(json.loads(text), ensure_ascii=False) for text in texts if text.startswith("{\n")]
    assert texts and not [name for name in PEOPLE if any(name in text for text in texts)]


def commands(base: Path) -> dict[str, list[str]]:
    """Return every command that tells of a finished run or its intake to a terminal, a log or a monitor."""
    reports, week = ["--reports", str(base / "reports")], base / "processed" / AS_OF
    roots = ["--raw", str(base), "--processed", str(base / "processed")]
    finished = ["--processed", str(week)]
    return {
        "status": ["status", *reports],
        "status --json": ["status", "--json", *reports],
        "verify": ["verify", "--as-of", AS_OF, *reports, *finished],
        "doctor": ["doctor", *roots, *reports],
        "compare": ["compare", AS_OF, AS_OF, *reports],
        "plan": ["plan", *finished],
        "plan --sql": ["plan", "--sql", *finished],
        "plan --json": ["plan", "--json", "--sql", *finished],
        "check --json": ["check", "--json", "--raw", str(base / "raw")],
        "keep": ["keep", "--weeks", "1", *roots],
    }


@pytest.mark.parametrize("name", commands(Path()))
def test_no_command_tells_of_a_person(named: Path, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(commands(named)[name]) in (0, 4)
    said = "".join(capfd.readouterr())
    assert len(said) > 20
    # Also as JSON and SQL would write them.
    forms = [form for person in (*PEOPLE, *PLANTED) for form in (person, json.dumps(person)[1:-1])]
    assert [form for form in forms if form in said] == []


def test_the_numbers_lead_back_to_the_names(named: Path) -> None:
    known = dict(rows(named, "restricted/file_names", "SELECT kind || ':' || number, name FROM {}"))
    assert known["header:1"] == "Ghi của Đỗ Văn Hậu"
    texts = {name for shown, name in known.items() if shown.startswith("text:")}
    assert CLINIC in texts and "Vũ Văn Giáp đếm" in texts and "Trạm Y tế xã Phố Cáo" not in texts
    quality = rows(
        named, "aggregate/quality", "SELECT DISTINCT source_file, folder FROM {} WHERE folder = 'platform'"
    )
    files = {known.get(str(shown), shown) for shown, _ in quality}
    assert {
        "platform/Nguyễn Văn An 0912345678.xlsx#Lê Thị Cúc",
        "platform/02.zip!Hoàng Văn Đông.csv",
    } <= files
    assert "platform/03.csv" in {shown for shown, _ in quality}
    facilities = {
        name for (name,) in rows(named, "aggregate/facility_scores", "SELECT facility_name FROM {}")
    }
    assert CLINIC in {known.get(str(shown)) for shown in facilities} and CLINIC not in facilities
    (repeated,) = rows(
        named, "aggregate/quality", "SELECT detail FROM {} WHERE reason_code = 'file_repeated'"
    )
    assert repeated == ("the same as platform/03.csv",)


def test_restricted_rows_keep_their_files_as_typed(named: Path) -> None:
    found = {name for (name,) in rows(named, "restricted/links", "SELECT DISTINCT source_file FROM {}")}
    assert "platform/Nguyễn Văn An 0912345678.xlsx#Lê Thị Cúc" in found


def test_a_refusal_names_no_such_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_tiny_intake(tmp_path / "raw")
    shutil.rmtree(tmp_path / "raw" / "platform")
    (tmp_path / "raw" / "platform").mkdir()
    (tmp_path / "raw" / "platform" / "Nguyễn Văn An.csv").write_text(line(), "utf-8")
    assert run_province(tmp_path) == 3
    printed = capfd.readouterr().err
    assert "file:1" in printed and "Nguyễn" not in printed and "baophu check" in printed
    executed = tmp_path / "processed" / AS_OF / "restricted" / "run" / "1_clean.ipynb"
    assert "Nguy" not in executed.read_text("utf-8")
