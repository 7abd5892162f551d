"""Invented weeks for the worklist tests: the tiny province and a few more records, run through three stages."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import fastexcel
import xlsxwriter
from pyrage.x25519 import Identity

from analysis.clean import clean_intake
from analysis.coverage import count_coverage
from analysis.pipeline import CLEAN, COVERAGE, RECONCILE
from analysis.reconcile import link_doses
from analysis.safeguards import run_record
from analysis.safeguards.envelopes import Envelope, KeyEnvelope, open_envelope
from analysis.safeguards.keys import read_recipient
from analysis.settings import RunParameters, open_run
from analysis.worklists import IssueResult, issue_lists
from analysis.worklists.kinds import ANSWER, REFERENCE, VALUE
from golden.tiny_intake import (
    CITIZENS,
    DOSES,
    PLATFORM_HEADER,
    REGISTRY_HEADER,
    REPORT_HEADER,
    Citizen,
    Dose,
    platform_row,
)

WEEK_1, WEEK_2 = "2021-11-07", "2021-11-14"
TODAY = date(2021, 11, 8)
IDENTITY = Identity.generate()
FACILITIES = (
    "facility_code,facility_name,province_code,district_code,commune_code\n02946,TYT Phương Độ,02,024,00946\n"
)
FORMULA_NAME = '=HYPERLINK("x")'
# The elder of two people of one name, village and year: a machine must not choose.
NAMESAKES = (
    Citizen("002066011112", "Hoàng Văn Sinh", "1966-02-03", "Nam", "00706"),
    Citizen("002066022223", "Hoàng Văn Sinh", "1966-10-21", "Nam", "00706"),
)
PEOPLE = (*CITIZENS.values(), *NAMESAKES)
EXTRA_HEADER = [*PLATFORM_HEADER, "Địa chỉ chi tiết", "Mã cơ sở"]


def _like(record_id: str, model: str, **changes: str) -> Dose:
    """Return a planted dose under another id, with what is changed about it."""
    dose = next(d for d in DOSES if d.record_id == model)
    return replace(dose, record_id=record_id, extra=changes.pop("extra", {}), **changes)  # type: ignore[arg-type]


def _stranger(record_id: str, name: str, **extra: str) -> Dose:
    """Return a dose of nobody in the registry, with other cells as given."""
    dose = _like(record_id, "A20", name=name, id_number="", birth="09/09/1969")
    return replace(dose, extra=extra)


EXTRA = [
    _like("B01", "A11", name="Hoàng Văn Sinh", birth="1966", id_number=""),
    replace(_like("", "A07", id_number="", dose="Mũi 1"), given="25/07/2021", entered="26/07/2021",
            name="Bàn Thị Mùi", birth="1960", extra={"address": "Thôn 10, Thị trấn Vị Xuyên"}),
    _like("B02", "A14", id_number="002188066667", birth="12/08/1988", name="Nông Thị Thuỷ", dose="2",
          given="28/10/2021", entered="29/10/2021"),
    _stranger("B03", "Khổng Tú Uyên", district="", commune="", facility_code="02946"),
    _stranger("B04", "Khổng Tú Anh", commune=""),
    _stranger("B05", "Khổng Tú Bình", province="", district="", commune="", facility=""),
    _stranger("", FORMULA_NAME, address="Thôn 2, Phường Quang Trung"),
]  # fmt: skip


def _row(dose: Dose) -> list[str]:
    cells = dict(zip(PLATFORM_HEADER, platform_row(dose), strict=True))
    cells |= {
        "Địa chỉ chi tiết": dose.extra.get("address", ""),
        "Mã cơ sở": dose.extra.get("facility_code", ""),
    }
    names = {"province": "Tỉnh/Thành phố", "district": "Quận/Huyện", "commune": "Xã/Phường"}
    cells |= {names[n]: dose.extra[n] for n in names if n in dose.extra}
    if "facility" in dose.extra:
        cells["Cơ sở tiêm chủng"] = dose.extra["facility"]
    return [f'"{cells[h].replace(chr(34), chr(34) * 2)}"' for h in EXTRA_HEADER]


def make_week(
    base: Path,
    as_of: str = WEEK_1,
    doses: list[Dose] | None = None,
    previous: RunParameters | None = None,
) -> RunParameters:
    """Write a week's intake below `base/raw` (decisions there stay) and run the first three stages."""
    raw = base / "raw" / as_of
    rows = [EXTRA_HEADER, *(_row(d) for d in (doses or [*DOSES, *EXTRA]))]
    _write(raw / "platform/a.csv", "\n".join(",".join(row) for row in rows) + "\n")
    _write(raw / "registry/r.csv", "\n".join([REGISTRY_HEADER, *(c.line() for c in PEOPLE)]) + "\n")
    _write(raw / "facilities/f.csv", FACILITIES)
    _write(raw / "daily_reports/d.csv", f"{REPORT_HEADER}\n2021-11-06,02,024,0,0,1500,1500,0,0,0,province\n")
    before = str(previous.processed) if previous else ""
    run = open_run(as_of, raw=str(raw), processed=str(base / "processed" / as_of), previous=before)
    clean_intake(run)
    link_doses(run)
    count_coverage(run)
    record_week(run)
    return run


def record_week(run: RunParameters, digits: str = "0123abcd") -> None:
    """Write the records and the mark that the weekly job leaves beside its tables."""
    for stage in (CLEAN, RECONCILE, COVERAGE):
        made = [t.path(run).relative_to(run.processed).as_posix() for t in stage.tables_written()]
        hashes = run_record.output_hashes(run.processed, made)
        run_record.write_record(run_record.record_path(run, stage.name), "key", hashes)
    mark = {"simulated": True, "note": "", "run_id": f"{run.as_of}-{digits}"}
    _write(run.aggregate / "run_mark.json", json.dumps(mark))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def key_envelope(unit: str) -> Envelope:
    """Return the envelope of the one test key."""
    return KeyEnvelope(read_recipient(str(IDENTITY.to_public()), unit, TODAY))


def issue(run: RunParameters, *units: str, today: date = TODAY) -> IssueResult:
    """Make the lists of units (of all that have rows when none is named) for the test key."""
    return issue_lists(run, units or ("all",), key_envelope, today)


def open_lists(run: RunParameters, result: IssueResult) -> dict[tuple[str, str], bytes]:
    """Return unit and kind → the opened workbook of every list made."""
    folder = run.restricted / "worklists"
    return {
        (made.unit_code, made.kind): open_envelope((folder / made.file_name).read_bytes(), IDENTITY, None)
        for made in result.made
    }


def sheets_of(workbook: bytes) -> dict[str, list[list[str]]]:
    """Return sheet name → rows of text, as a spreadsheet program would show them."""
    reader = fastexcel.read_excel(workbook)
    return {name: _rows(reader, name) for name in reader.sheet_names}


def _rows(reader: fastexcel.ExcelReader, name: str) -> list[list[str]]:
    with duckdb.connect() as con:
        con.register("cells", reader.load_sheet(name, header_row=None, dtypes="string"))
        return [["" if c is None else c for c in row] for row in con.execute("FROM cells").fetchall()]


def lines_of(workbook: bytes) -> list[dict[str, str]]:
    """Return every printed line of a list: its cells by heading, with its sheet."""
    lines = []
    for sheet, rows in sheets_of(workbook).items():
        top = next(n for n, row in enumerate(rows) if REFERENCE.heading in row)
        body = [dict(zip(rows[top], row, strict=True)) for row in rows[top + 1 :]]
        lines += [line | {"sheet": sheet} for line in body if line[REFERENCE.heading]]
    return lines


Edit = Callable[[dict[str, list[list[str]]]], None]


def answer(workbook: bytes, answers: dict[str, tuple[str, str]], edit: Edit | None = None) -> bytes:
    """Return a list as it comes back: answered by reference, saved anew, perhaps edited; "=…" is a formula."""
    sheets = sheets_of(workbook)
    for rows in sheets.values():
        top = next(row for row in rows if REFERENCE.heading in row)
        places = [top.index(heading) for heading in (REFERENCE.heading, ANSWER.heading, VALUE.heading)]
        for row in rows:
            if row[places[0]] in answers:
                row[places[1]], row[places[2]] = answers[row[places[0]]]
    if edit:
        edit(sheets)
    saved = io.BytesIO()
    book = xlsxwriter.Workbook(saved, {"in_memory": True})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                (sheet.write_formula if cell.startswith("=1") else sheet.write_string)(r, c, cell)
    book.close()
    return saved.getvalue()
