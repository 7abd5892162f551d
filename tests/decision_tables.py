"""Decision tables of cleaning: cells as provinces send them, and what each must become.

A table is `tests/spec/tables/<name>.csv`. Its column `why` says what a row shows; columns named like fields
of the exports (interfaces, platform/) are cells; columns that begin with → are what cleaning must make of them, with
`→reasons` the whole list of reason codes. A column `file` puts rows into files of their own, which show
by their other rows how they write dates. `\\u00a0` stands for a letter that cannot be seen. Cells that a
table does not name are those of an ordinary row. All people are invented.

Run as a program it writes `docs/cleaning-rules.md`.
"""

import csv
import io
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.clean import clean_intake
from analysis.clean.quality.measures import MEASURES
from analysis.clean.quality.reason_codes import REASONS
from clean_samples import make_run, read
from rule_sources import link_to, with_links

ROOT = Path(__file__).parents[1]
TABLES = ROOT / "tests" / "spec" / "tables"
PAGE = ROOT / "docs" / "cleaning-rules.md"
EXPECTED = "→"
HEADERS = {
    "full_name": "Họ và tên",
    "birth_date": "Ngày sinh",
    "sex": "Giới tính",
    "phone": "Số điện thoại",
    "id_number": "Số CMND/CCCD/HC",
    "health_insurance_number": "Số thẻ BHYT",
    "nationality": "Quốc tịch",
    "province": "Tỉnh/Thành phố",
    "district": "Quận/Huyện",
    "commune": "Xã/Phường",
    "dose_number": "Mũi số",
    "vaccine": "Tên vắc xin",
    "vaccination_date": "Ngày tiêm",
    "facility_name": "Cơ sở tiêm chủng",
    "facility_code": "Mã cơ sở",
    "entry_date": "Ngày nhập",
    "police_result": "Kết quả xác thực",
    "signature_status": "Trạng thái ký số",
}
# An ordinary row; its number is an old one, that says nothing of sex and birth, and nobody else's. Its dates
# prove no order of day and month. A table that names a part of the residence gives all of it.
ORDINARY = {
    "full_name": "Nguyễn Thị Hòa",
    "birth_date": "1985-03-25",
    "sex": "Nữ",
    "province": "Tỉnh Hà Giang",
    "district": "Huyện Vị Xuyên",
    "commune": "Xã Minh Tân",
    "dose_number": "1",
    "vaccine": "AstraZeneca",
    "vaccination_date": "2021-10-15",
    "entry_date": "2021-10-16",
}
PLACE = {"province", "district", "commune"}
FACILITIES = (
    "facility_code,facility_name,province_code,district_code,commune_code\n"
    "02001,Trạm Y tế xã Phố Cáo,02,026,00745\n"
    "BV-HG,Bệnh viện Đa khoa tỉnh Hà Giang,02,024,\n"
    "CT-TN,Trung tâm Y tế huyện Châu Thành,72,708,\n"
)
KINDS = {
    "rejected": "Rows that count nowhere · Dòng bị loại",
    "corrected": "Fields that were changed; the typed text is kept · Đã sửa",
    "flagged": "Rows that a person may look at · Cần rà soát",
    "noted": "About a file; costs no row · Ghi nhận về tệp",
    "quarantine": "Files set aside whole · Tệp để riêng",
}


@dataclass(frozen=True)
class DecisionTable:
    """One table: its name, what stands above it on the page, its columns, its rows as written."""

    name: str
    title: str
    rules: str
    columns: list[str]
    rows: list[dict[str, str]]

    @property
    def cells(self) -> list[str]:
        """The columns that are cells of an export."""
        return [c for c in self.columns if c in HEADERS]

    @property
    def expected(self) -> list[str]:
        """The fields that cleaning must give, without their arrow."""
        return [c.removeprefix(EXPECTED) for c in self.columns if c.startswith(EXPECTED)]


def read_tables() -> list[DecisionTable]:
    """Read every table, in the order of `tables.toml`."""
    described = tomllib.loads((TABLES / "tables.toml").read_text("utf-8"))
    return [_read_table(name, **text) for name, text in described.items()]


def _read_table(name: str, title: str, rules: str) -> DecisionTable:
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        rows = list(reader)
    return DecisionTable(name, title, rules.strip(), list(reader.fieldnames or []), rows)


def unescaped(text: str) -> str:
    r"""Return a cell with \u00a0 and the like in place of their escapes."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)


def intake_files(tables: list[DecisionTable]) -> tuple[dict[str, str], dict[tuple[str, int], str]]:
    """Return the intake of all tables, and the file and row where each (table, row number) stands."""
    written: dict[str, list[dict[str, str]]] = {}
    places = {}
    for table in tables:
        for number, row in enumerate(table.rows):
            name = f"platform/{table.name}-{row.get('file') or 'all'}.csv".replace(" ", "-")
            cells = ORDINARY | {"id_number": f"073{own_digits(table.name, number)}"}
            if PLACE & set(table.cells):
                cells |= dict.fromkeys(PLACE, "")
            cells |= {c: unescaped(row[c]) for c in table.cells}
            written.setdefault(name, []).append(cells)
            places[table.name, number] = f"{name}:{len(written[name])}"
    files = {name: _as_csv(rows) for name, rows in written.items()}
    return files | {"facilities/facilities.csv": FACILITIES}, places


def own_digits(table: str, number: int) -> int:
    """Return six digits for the number of one row of one table."""
    return 200_000 + sum(map(ord, table)) * 137 % 600_000 + number


def _as_csv(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(HEADERS), restval="", lineterminator="\n")
    writer.writerow(HEADERS)
    writer.writerows(rows)
    return text.getvalue()


def clean_tables(tables: list[DecisionTable], base: Path) -> dict[tuple[str, int], dict[str, str]]:
    """Clean the intake of all tables at once; returns the expected fields of each row as text."""
    files, places = intake_files(tables)
    run = make_run(base, files)
    clean_intake(run)
    doses = {f"{row['source_file']}:{row['source_row']}": row for row in read(run, "doses")}
    return {
        (table.name, number): {
            f: as_text(found_in(doses[places[table.name, number]], f)) for f in table.expected
        }
        for table in tables
        for number in range(len(table.rows))
    }


def found_in(row: dict[str, Any], field: str) -> Any:
    """Return a field of a cleaned row; `reasons` is its list of codes."""
    return row["reason_codes" if field == "reasons" else field]


def as_text(value: Any) -> str:
    """Return a cleaned value as a table writes it: nothing for null, codes with spaces between."""
    return " ".join(value) if isinstance(value, list) else "" if value is None else str(value)


def page_text(tables: list[DecisionTable]) -> str:
    """Return the page of the rules: every table, then every reason code."""
    head = (TABLES / "page.md").read_text("utf-8").rstrip()
    parts = [head, *map(_table_section, tables), _scorecard_section(), _reasons_section()]
    return "\n\n".join(parts) + "\n"


def _table_section(table: DecisionTable) -> str:
    shown = [c for c in table.columns if c != "file"]
    lines = [f"## {table.title}", "", with_links(table.rules), ""]
    for file in dict.fromkeys(row.get("file", "") for row in table.rows):
        rows = [row for row in table.rows if row.get("file", "") == file]
        lines += [f"File “{file}”:", ""] if file else []
        lines += [_line(shown), _line(["---"] * len(shown))]
        lines += [_line([_shown(row[c], c) for c in shown]) for row in rows] + [""]
    return "\n".join(lines).rstrip()


def _shown(cell: str, column: str) -> str:
    """Return a cell for the page: typed text as code, so that nothing of it is read as markup."""
    text = cell.replace("|", "\\|")
    return text if column == "why" or not text else f"`{text}`"


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _scorecard_section() -> str:
    """Return the definitions of the quality scorecard, from the code that counts it."""
    lines = [(TABLES / "scorecard.md").read_text("utf-8").rstrip(), ""]
    lines += [_line(["dimension", "measure", "tiếng Việt", "out of (rows_of)", "good (rows_good)"])]
    lines += [_line(["---"] * 5)]
    lines += [_line([m.dimension, f"`{m.name}`", m.label, m.of, m.good]) for m in MEASURES]
    return "\n".join(lines)


def _reasons_section() -> str:
    lines = ["## Reason codes · Mã lý do"]
    for kind, title in KINDS.items():
        lines += [
            "",
            f"### {title}",
            "",
            _line(["code", "tiếng Việt", "English", "source"]),
            _line(["---"] * 4),
        ]
        lines += [
            _line([f"`{r.code}`", r.vietnamese, r.english, link_to(r.source)])
            for r in REASONS.values()
            if r.kind == kind
        ]
    return "\n".join(lines)


def main() -> None:
    """Write the page of the rules."""
    PAGE.write_text(page_text(read_tables()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
