"""Sources fault-17 to fault-26, cell by cell: what is repaired, what is flagged, and what never counts.

The numbers in the names are those of the rules (sources fault-1 to fault-32); all people are invented.
"""

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from analysis.clean import clean_intake
from clean_samples import FIELDS, HEADER, ROW, clean, clean_rows, make_run, many, read, reasons_by_file, table

Row = dict[str, Any]


Cells = frozenset[tuple[str, str]]


def cells(**changed: str) -> Cells:
    """Return the changed cells of a row as its key."""
    return frozenset(changed.items())


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory: pytest.TempPathFactory) -> dict[Cells, Row]:
    """Clean every case of this module once, in one file, and return the rows by their changed cells."""
    cases = [
        c for group in (IDENTITY_CELLS, BIRTH_CELLS, VACCINATION_CELLS, DOSE_CELLS, NAME_CELLS) for c in group
    ]
    rows = [dict(c) | {"dose_record_id": f"C{i}"} for i, c in enumerate(cases)] + many(120)
    buffer = io.StringIO()
    csv.writer(buffer).writerows([HEADER.split(","), *([(ROW | r)[f] for f in FIELDS] for r in rows)])
    found = clean(tmp_path_factory.mktemp("cells"), {"platform/a.csv": buffer.getvalue()})
    return dict(zip(cases, found, strict=False))


def workbook(rows: list[Mapping[str, Any]], **options: Any) -> bytes:
    """Return a workbook; a cell given as (formula, value) is a formula with its last value."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, **options}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, HEADER.split(","))
        for number, cells in enumerate(rows, start=1):
            for column, name in enumerate(FIELDS):
                cell = (ROW | cells)[name]
                if isinstance(cell, tuple):
                    sheet.write_formula(number, column, cell[0], None, cell[1])
                elif isinstance(cell, datetime):
                    sheet.write_datetime(number, column, cell, day)
                else:
                    sheet.write(number, column, cell)
    return buffer.getvalue()


def test_17_of_a_formula_only_its_value_is_read(tmp_path: Path) -> None:
    changed = {
        "full_name": ('=HYPERLINK("http://example.org","x")', "Nguyễn Thị Hòa"),
        "facility_name": ("='[other.xlsx]Sheet1'!A1", "Trạm Y tế xã Phố Cáo"),
        "note": "",
    }
    (row,) = clean(tmp_path, {"platform/a.xlsx": workbook([changed])})
    assert (row["full_name"], row["facility_name"]) == ("Nguyễn Thị Hòa", "Trạm Y tế xã Phố Cáo")
    assert row["full_name_typed"] == "Nguyễn Thị Hòa"


AMBIGUOUS = {"vaccination_date": "12/03/2021", "birth_date": "05/04/1985", "entry_date": "12/04/2021"}


@pytest.mark.parametrize(
    ("proof", "day", "flagged"),
    [
        ({"vaccination_date": "25/08/2021", "entry_date": "26/08/2021"}, date(2021, 3, 12), False),
        ({"vaccination_date": "08/25/2021", "entry_date": "08/26/2021"}, date(2021, 12, 3), False),
        ({"vaccination_date": "12/03/2021", "entry_date": "12/04/2021"}, date(2021, 3, 12), True),
    ],
    ids=["day-first", "month-first", "no-proof"],
)
def test_18_the_order_of_day_and_month_is_decided_by_the_file(
    tmp_path: Path, proof: dict[str, str], day: date, flagged: bool
) -> None:
    """The same cell is another day in another file; a proof in one file says nothing of the next."""
    other = table({"vaccination_date": "25/08/2021"})
    shared = {"birth_date": "05/04/1985"}
    rows = clean(tmp_path, {"platform/a.csv": table(AMBIGUOUS, shared | proof), "platform/b.csv": other})
    assert rows[0]["vaccination_date"] == day
    assert ("vaccination_date_ambiguous" in rows[0]["reason_codes"]) is flagged
    assert ("birth_date_ambiguous" in rows[0]["reason_codes"]) is flagged
    assert rows[-1]["vaccination_date"] == date(2021, 8, 25)


IDENTITIES = [
    # typed → number, kind, reasons
    ("2185001234", "002185001234", "citizen_number", {"id_zeros_restored"}),
    ("2185001234.0", "002185001234", "citizen_number", {"id_zeros_restored"}),
    ("002185001234.0", "002185001234", "citizen_number", set()),
    ("'002185001234", "002185001234", "citizen_number", set()),
    ("002.185.001234", "002185001234", "citizen_number", set()),
    # The zero goes back only where birth year, sex and place agree: this one is of 1986.
    ("2186001234", None, "malformed", {"id_malformed"}),
    ("1.09E+11", None, "malformed", {"id_malformed"}),
    ("2,185E+09", None, "malformed", {"id_malformed"}),
    ("73123456", "073123456", "old_number", {"id_zeros_restored"}),
    ("93123456", None, "malformed", {"id_malformed"}),
]


IMPOSSIBLE_NUMBERS = [
    # Born abroad: the code of a country, and all the rest fits the person.
    ("999185001234", "citizen_number", "id_province_unknown"),
    ("000185001234", "malformed", "id_province_unknown"),
    ("002985001234", "malformed", "id_malformed"),
    ("002085001234", "citizen_number", "id_disagrees"),
    ("002186001234", "citizen_number", "id_disagrees"),
    ("0021850012345", "malformed", "id_malformed"),
    ("073111222", "old_number", None),
]
FILLERS = [
    "000000000000",
    "123456789",
    "012345678",
    "111111111",
    "987654321",
    "123456789012",
    "001111111111",
    "0",
]
IDENTITY_CELLS = [
    cells(id_number=typed)
    for typed in [*(case[0] for case in IDENTITIES), *(case[0] for case in IMPOSSIBLE_NUMBERS), *FILLERS]
]


@pytest.mark.parametrize(("typed", "number", "kind", "reasons"), IDENTITIES)
def test_19_numbers_that_a_spreadsheet_spoiled(
    cleaned: dict[Cells, Row], typed: str, number: str | None, kind: str, reasons: set[str]
) -> None:
    row = cleaned[cells(id_number=typed)]
    assert (row["id_number"], row["id_kind"], set(row["reason_codes"])) == (number, kind, reasons)
    assert row["id_number_typed"] == typed


def test_19_a_number_stored_as_a_float_in_a_workbook(tmp_path: Path) -> None:
    rows = clean(
        tmp_path, {"platform/a.xlsx": workbook([{"id_number": 2185001234.0}, {"id_number": 1.09e11}])}
    )
    assert [r["id_number"] for r in rows] == ["002185001234", None]


@pytest.mark.parametrize(
    ("typed", "kind", "reason"),
    IMPOSSIBLE_NUMBERS,
    ids=["place", "place-0", "century", "sex", "year", "13-digits", "9-digits"],
)
def test_20_a_number_with_impossible_parts_has_a_reason_and_still_counts(
    cleaned: dict[Cells, Row], typed: str, kind: str, reason: str | None
) -> None:
    row = cleaned[cells(id_number=typed)]
    assert row["id_kind"] == kind
    assert reason in row["reason_codes"] if reason else row["reason_codes"] == []
    assert (row["is_counted"], row["is_rejected"]) == (True, False)
    assert (row["id_number"] is None) is (kind == "malformed")


@pytest.mark.parametrize("typed", FILLERS)
def test_21_a_filler_is_no_number_at_all(cleaned: dict[Cells, Row], typed: str) -> None:
    row = cleaned[cells(id_number=typed)]
    assert row["id_number"] is None
    assert {"id_placeholder", "id_missing"} & set(row["reason_codes"])


def people(number: str, count: int) -> list[dict[str, str]]:
    """Return rows of different people under one number, the last with its leading zeros lost."""
    names = ["Lý Văn Ba", "Sùng Mí Vàng", "Giàng A Páo", "Ma Thị Tư"][:count]
    rows = [{"full_name": n, "birth_date": f"2{i}/03/198{i}"} for i, n in enumerate(names)]
    numbers = [number] * (count - 1) + [number.lstrip("0")]
    return [
        r | {"dose_record_id": f"S{i}", "id_number": n}
        for i, (r, n) in enumerate(zip(rows, numbers, strict=True))
    ]


@pytest.mark.parametrize(("count", "is_shared"), [(2, False), (3, True), (4, True)])
def test_21_a_number_of_several_people_is_marked_wherever_they_stand(
    tmp_path: Path, count: int, is_shared: bool
) -> None:
    rows = people("073999000", count)
    files = {"platform/a.csv": table(*rows[:1]), "platform/b.csv": table(*rows[1:], {"id_number": ""})}
    marked = [r["dose_record_id"] for r in clean(tmp_path, files) if "id_shared" in r["reason_codes"]]
    assert marked == ([f"S{i}" for i in range(count)] if is_shared else [])


def test_21_three_doses_of_one_person_do_not_share_a_number(tmp_path: Path) -> None:
    spellings = ["Nguyễn Thị Hòa", "NGUYEN THI HOA", "Nguyễn Thị Hoà", "Nguyễn Thị Hoa"]
    rows = [{"full_name": n, "dose_record_id": f"M{i}"} for i, n in enumerate(spellings)]
    rows[1]["birth_date"] = "25/08/1985"
    assert not any("id_shared" in r["reason_codes"] for r in clean_rows(tmp_path, rows))


BIRTHS = [
    # typed birth date → flagged as
    ("01/01/1985", "birth_date_first_january"),
    ("1985", None),
    ("07/11/1900", "birth_date_impossible"),
    ("08/11/1900", None),
    ("1900", None),
    ("1899", "birth_date_impossible"),
    ("08/11/2021", "birth_date_impossible"),
    ("31/02/1985", "birth_date_unreadable"),
    ("", "birth_date_missing"),
]


BIRTH_CELLS = [cells(birth_date=typed, id_number="") for typed in [*(b for b, _ in BIRTHS), "20/08/2021"]]


@pytest.mark.parametrize(("typed", "reason"), BIRTHS)
def test_22_birth_dates_are_flagged_and_exclude_nobody(
    cleaned: dict[Cells, Row], typed: str, reason: str | None
) -> None:
    row = cleaned[cells(birth_date=typed, id_number="")]
    found = {r for r in row["reason_codes"] if r.startswith("birth_date")}
    assert found == ({reason} if reason else set())
    assert not row["is_rejected"]
    assert row["is_counted"] is (typed != "08/11/2021")


VACCINATIONS = [
    # typed day, entered, product → flagged as, counted
    ("07/03/2021", "16/08/2021", "AstraZeneca", "vaccination_before_campaign", False),
    ("08/03/2021", "16/08/2021", "AstraZeneca", None, True),
    ("15/05/2021", "16/08/2021", "Abdala", "vaccination_before_approval", True),
    ("17/09/2021", "18/09/2021", "Abdala", None, True),
    ("17/08/2021", "16/08/2021", "AstraZeneca", "vaccination_after_entry", False),
    ("14/11/2021", "", "AstraZeneca", "after_as_of", False),
    ("15/11/2021", "", "AstraZeneca", "vaccination_in_future", False),
    ("15/08/2031", "", "AstraZeneca", "vaccination_in_future", False),
    ("", "16/08/2021", "AstraZeneca", "vaccination_date_missing", False),
    ("31/04/2021", "16/08/2021", "AstraZeneca", "vaccination_date_unreadable", False),
]


VACCINATION_CELLS = [
    cells(vaccination_date=day, entry_date=entered, vaccine=product)
    for day, entered, product, *_ in VACCINATIONS
]


@pytest.mark.parametrize(("day", "entered", "product", "reason", "counted"), VACCINATIONS)
def test_22_vaccination_dates_that_cannot_be_do_not_count(
    cleaned: dict[Cells, Row], day: str, entered: str, product: str, reason: str | None, counted: bool
) -> None:
    row = cleaned[cells(vaccination_date=day, entry_date=entered, vaccine=product)]
    assert reason in row["reason_codes"] if reason else row["reason_codes"] == []
    assert (row["is_counted"], row["is_rejected"]) == (counted, False)


def test_22_a_dose_before_birth_does_not_count(cleaned: dict[Cells, Row]) -> None:
    row = cleaned[cells(birth_date="20/08/2021", id_number="")]
    assert "vaccination_before_birth" in row["reason_codes"] and not row["is_counted"]


DOSE_NUMBERS = [("1", 1), ("9", 9), ("10", None), ("0", None), ("99", None), ("một", 1)]
DOSE_CELLS = [cells(dose_number=typed) for typed, _ in DOSE_NUMBERS]


@pytest.mark.parametrize(("typed", "number"), DOSE_NUMBERS)
def test_23_dose_numbers_that_nobody_has(cleaned: dict[Cells, Row], typed: str, number: int | None) -> None:
    row = cleaned[cells(dose_number=typed)]
    assert row["dose_number"] == number
    assert ("dose_number_unreadable" in row["reason_codes"]) is (number is None)


NAMES = [
    # typed in the name cell → what is kept
    ('=HYPERLINK("http://x.vn","Nguyễn An")', "24"),
    ("+84912345678", "24"),
    ("-Nguyễn Văn An", "24"),
    ("@SUM(A1:A9)", "24"),
    ("\tNguyễn Thị Hoa", "24"),
    ("=cmd|' /C calc'!A0", "24"),
    ("<script>alert(1)</script>", "25"),
    ("<img src=x onerror=alert(1)>", "25"),
    ("[Nguyễn An](http://x.vn)", "25"),
    ("\\input{/etc/passwd}", "25"),
    ("\x1b[31mNguyễn Thị Hoa\x1b[0m", "25"),
    ("Nguyễn\u202e Thị Hoa", "25"),
    ("{{ 7*7 }} #panic $x$ `id`", "25"),
]


BOUNDED_NAMES = [
    ("Nguyễn Thị Hòa " * 700, "name_too_long"),
    ("🙂🙂", "name_missing"),
    ("Nguyễn Thị Hoa 🙂", "name_characters_removed"),
    ("", "name_missing"),
    ("\u00a0\u200b  ", "name_missing"),
    ("Hoa", "name_incomplete"),
]
NAME_CELLS = [cells(full_name=typed) for typed, _ in (*NAMES, *BOUNDED_NAMES)]


@pytest.mark.parametrize("typed", [n for n, rule in NAMES if rule == "24"])
def test_24_a_formula_in_a_name_is_left_without_its_signs(cleaned: dict[Cells, Row], typed: str) -> None:
    check_inert(cleaned[cells(full_name=typed)])


@pytest.mark.parametrize("typed", [n for n, rule in NAMES if rule == "25"])
def test_25_markup_and_control_signs_in_a_name_are_gone(cleaned: dict[Cells, Row], typed: str) -> None:
    check_inert(cleaned[cells(full_name=typed)])


def check_inert(row: Row) -> None:
    """A cleaned name holds letters, blanks, hyphens and apostrophes and begins with a letter; nothing else."""
    name = row["full_name"] or "X"
    assert all(c.isalpha() or c in " '-" for c in name) and name[0].isalpha()
    assert not row["is_rejected"]


def test_25_letters_removed_from_a_name_are_counted(tmp_path: Path) -> None:
    run = make_run(
        tmp_path, {"platform/a.csv": table(*({"full_name": n} for n, rule in NAMES if '"' not in n))}
    )
    clean_intake(run)
    found = reasons_by_file(run)["platform/a.csv"]
    assert found["name_characters_removed"][0] >= 6
    assert found[None][:3] == (12, 12, 0)


@pytest.mark.parametrize(
    ("typed", "reason"),
    BOUNDED_NAMES,
    ids=["10,000", "emoji", "emoji-end", "empty", "blanks", "one-word"],
)
def test_26_long_strange_and_empty_names_are_bounded_and_named(
    cleaned: dict[Cells, Row], typed: str, reason: str
) -> None:
    row = cleaned[cells(full_name=typed)]
    assert reason in row["reason_codes"] and not row["is_rejected"] and row["is_counted"]
    assert len(row["full_name"] or "") <= 100


def test_25_unknown_headers_are_named_short_and_visible(tmp_path: Path) -> None:
    strange = "=HYPERLINK(1) <script>\x1b[31m\u202e 0912345678" + "x" * 200
    lines = table({}).splitlines()
    content = "\n".join(f"{line},{extra}" for line, extra in zip(lines, [strange, "y"], strict=True)) + "\n"
    run = make_run(tmp_path, {"platform/a.csv": content})
    clean_intake(run)
    (named,) = [r["detail"] for r in read(run, "quality") if r["reason_code"] == "unknown_columns"]
    assert named == "header:1"
    known = "Ghi chú " + "00000012 " * 20
    content = content.replace(strange, known)
    run = make_run(tmp_path / "known", {"platform/a.csv": content})
    clean_intake(run)
    (named,) = [r["detail"] for r in read(run, "quality") if r["reason_code"] == "unknown_columns"]
    assert named.isprintable() and len(named) <= 60 and "00000012" not in named


def test_27_a_facility_is_placed_by_names_and_one_listed_in_two_places_by_none(tmp_path: Path) -> None:
    listed = "\n".join(
        [
            "facility_code,facility_name,province_code,district_code",
            "F1,Trạm A,02,026",
            "F1,Trạm A,01,001",
            "F2,Trạm B,Hà Giang,Đồng Văn",
            "F3,Trạm C,Hà Giang,Phố Cáo",
            "F4,Trạm D,2,26",
        ]
    )
    rows = [
        {"facility_code": f"F{n}", "facility_name": "", "district": "Vị Xuyên", "commune": ""}
        for n in range(1, 5)
    ]
    run = make_run(tmp_path, {"platform/a.csv": table(*rows), "facilities/f.csv": listed + "\n"})
    clean_intake(run)
    given = [(r["place_given_district_code"], r["place_given_source"]) for r in read(run, "doses")]
    assert given == [("030", "residence"), ("026", "facility"), ("030", "residence"), ("026", "facility")]
    assert reasons_by_file(run)["facilities/f.csv"] == {
        None: (5, 4, 1, "ok"),
        "value_unreadable": (1, 0, 1, "ok"),
        "rows_contradict": (2, 2, 0, "ok"),
    }


@pytest.mark.parametrize("header", ["Ghi chú", "Trạng thái", "Kết quả tiêm"])
def test_a_planned_day_of_a_dose_that_was_not_given_is_none(tmp_path: Path, header: str) -> None:
    told = {"": True, "Chưa tiêm": False, "Hoãn tiêm (sốt)": False, "chưa tiêm mũi 2": True, "Đã tiêm": True}
    told |= {"Hoãn: mũi 2 vì sốt": True, "Chống chỉ định: không": True, "Chống chỉ định": False}
    rows = table(*({"dose_record_id": f"M{i}"} for i in range(len(told)))).splitlines()
    lines = [f"{rows[0]},{header}", *(f"{row},{text}" for row, text in zip(rows[1:], told, strict=True))]
    found = clean(tmp_path, {"platform/a.csv": "\n".join(lines) + "\n"})
    assert [row["is_counted"] for row in found] == [*told.values()]
    codes = [row["reason_codes"] if row["is_rejected"] else None for row in found]
    assert codes == [None if given else ["dose_not_given"] for given in told.values()]
