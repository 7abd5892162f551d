"""Small invented intakes for the tests of opening and cleaning; all people and numbers are invented."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from analysis.clean import clean_intake
from analysis.settings import RunParameters, open_run
from analysis.tables import TABLES

AS_OF = "2021-11-07"
HEADER = (
    "Mã mũi tiêm,Họ và tên,Ngày sinh,Giới tính,Số điện thoại,Số CMND/CCCD/HC,Tỉnh/Thành phố,Quận/Huyện,"
    "Xã/Phường,Mũi số,Tên vắc xin,Số lô,Ngày tiêm,Cơ sở tiêm chủng,Mã cơ sở,Ngày nhập"
)
FIELDS = [
    "dose_record_id",
    "full_name",
    "birth_date",
    "sex",
    "phone",
    "id_number",
    "province",
    "district",
    "commune",
    "dose_number",
    "vaccine",
    "lot_number",
    "vaccination_date",
    "facility_name",
    "facility_code",
    "entry_date",
]
ROW = {
    "dose_record_id": "M1",
    "full_name": "Nguyễn Thị Hòa",
    "birth_date": "25/03/1985",
    "sex": "Nữ",
    "phone": "0912345678",
    "id_number": "002185001234",
    "province": "Tỉnh Hà Giang",
    "district": "Huyện Đồng Văn",
    "commune": "Xã Phố Cáo",
    "dose_number": "1",
    "vaccine": "AstraZeneca",
    "lot_number": "ABV5342",
    "vaccination_date": "15/08/2021",
    "facility_name": "Trạm Y tế xã Phố Cáo",
    "facility_code": "02001",
    "entry_date": "16/08/2021",
}


def line(delimiter: str = ",", **cells: str) -> str:
    """Return one row as delimited text: the sample row with some cells changed."""
    values = [(ROW | cells)[name] for name in FIELDS]
    return delimiter.join(f'"{v}"' if delimiter in v or "\n" in v else v for v in values)


def table(*rows: Mapping[str, str], delimiter: str = ",") -> str:
    """Return a whole delimited file: the header and one line for each row's changed cells."""
    header = HEADER.replace(",", delimiter)
    return "\n".join([header, *(line(delimiter, **row) for row in rows)]) + "\n"


def many(count: int) -> list[dict[str, str]]:
    """Return rows of different people, for files in which one bad row is less than one in a hundred."""
    return [
        {
            "dose_record_id": f"R{i}",
            "birth_date": f"{i % 28 + 1:02d}/{i % 12 + 1:02d}/{1950 + i % 40}",
            "id_number": "",
            "phone": f"09{i:08d}",
        }
        for i in range(count)
    ]


def make_run(
    base: Path,
    files: Mapping[str, str | bytes],
    as_of: str = AS_OF,
    previous: RunParameters | None = None,
    provinces: str = "",
) -> RunParameters:
    """Write an intake and return its run; text is written in UTF-8 as it stands."""
    raw = base / "raw" / as_of
    for name, content in files.items():
        path = raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    before = str(previous.processed) if previous else ""
    processed = base / "processed" / as_of
    return open_run(as_of, raw=str(raw), processed=str(processed), previous=before, provinces=provinces)


def read(run: RunParameters, name: str) -> list[dict[str, Any]]:
    """Return the rows of a written table, in its order."""
    zone = TABLES[name].zone.value
    path = run.processed / zone / f"{name}.parquet"
    with duckdb.connect() as con:
        con.execute(f"SELECT * FROM read_parquet('{path.as_posix()}')")
        columns = [column[0] for column in con.description or []]
        return [dict(zip(columns, row, strict=True)) for row in con.fetchall()]


def clean(base: Path, files: Mapping[str, str | bytes], **options: Any) -> list[dict[str, Any]]:
    """Clean an intake and return its dose rows."""
    run = make_run(base, files, **options)
    clean_intake(run)
    return read(run, "doses")


def clean_rows(base: Path, rows: Iterable[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Clean one UTF-8 file of rows given by their changed cells."""
    return clean(base, {"platform/a.csv": table(*rows)})


def typed_quality(run: RunParameters) -> list[dict[str, Any]]:
    """Return the rows of `quality` with files called as they were typed: samples have names like "a.csv"."""
    typed = {f"{row['kind']}:{row['number']}": row["name"] for row in read(run, "file_names")}
    return [
        row | {"source_file": typed.get(row["source_file"], row["source_file"])}
        for row in read(run, "quality")
    ]


def reasons_by_file(run: RunParameters) -> dict[str, dict[str | None, tuple[int, int, int, str]]]:
    """Return the quality table as file → reason → (rows in, kept, rejected, status)."""
    found: dict[str, dict[str | None, tuple[int, int, int, str]]] = {}
    for row in typed_quality(run):
        counts = (row["rows_in"], row["rows_kept"], row["rows_rejected"], row["status"])
        found.setdefault(row["source_file"], {})[row["reason_code"]] = counts
    return found
