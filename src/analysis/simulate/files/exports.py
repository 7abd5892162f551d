"""Platform exports of one province: which rows go to which file, their cells, and the file itself."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analysis.simulate.country.country import Country
from analysis.simulate.draws import Bools, Ints, Texts
from analysis.simulate.files.containers import (
    csv_text,
    encode,
    write_bytes,
    write_table,
    write_workbook,
    write_zip,
)
from analysis.simulate.files.dialects import (
    DIALECTS,
    STATION_DIALECTS,
    Dialect,
    dialect_of_province,
    dialects_of_districts,
    header_row,
)
from analysis.simulate.files.junk import BLANK, HEADER, TEST, TOTAL, Junk, arrange
from analysis.simulate.files.row_cells import CellWriter

SPLIT_FROM = 60_000  # planned doses from which a province simulated alone gets one file a district


@dataclass(frozen=True)
class Part:
    """One record sequence: a file, a member of a zip or a sheet. `rows` are platform rows in file order."""

    source_file: str
    rows: Ints


@dataclass(frozen=True)
class ExportFile:
    """One file of `platform/` with its parts."""

    name: str
    dialect: Dialect
    parts: list[Part]


@dataclass(frozen=True)
class _Composed:
    """Cells of one part: fields, headers, columns, which records are blank lines, and the account of it."""

    fields: list[str]
    headers: list[str]
    columns: list[Texts]
    blank: list[int]
    account: "WrittenPart"


@dataclass(frozen=True)
class WrittenPart:
    """What stands in a part: `rows` and `source_row` (1 = first record), and its junk records."""

    source_file: str
    dialect: Dialect
    rows: Ints
    source_row: Ints
    junk: list[tuple[int, str]]


def _split(name: str, dialect: Dialect, rows: Ints, district: Ints) -> ExportFile:
    """Divide a file's rows over its parts, by district of each row."""
    whole = f"platform/{name}.{dialect.container}"
    if dialect.parts == 1:
        return ExportFile(
            name, dialect, [Part(whole + ("#Sheet1" if dialect.container == "xlsx" else ""), rows)]
        )
    odd = district % 2 == 1 if len(np.unique(district)) > 1 else np.arange(len(rows)) < 0
    labels = [f"#Phan {k + 1}" if dialect.container == "xlsx" else f"!phan_{k + 1}.csv" for k in range(2)]
    return ExportFile(
        name, dialect, [Part(whole + labels[0], rows[~odd]), Part(whole + labels[1], rows[odd])]
    )


def _site_districts(country: Country, province: int, site: Ints) -> Ints:
    """Return the district of each row's site; provincial and foreign sites count with the first district."""
    communes, districts = len(country.communes), len(country.districts)
    of_station = country.communes["district"].to_numpy(np.int64)[np.minimum(site, communes - 1)]
    district = np.where(site < communes, of_station, (site - communes) % districts)
    here = np.flatnonzero(country.districts["province"].to_numpy() == province)
    local = (site < communes + 2 * districts) & np.isin(district, here)
    return np.where(local, district, here[0])


def _station_files(country: Country, province: int, code: str, rows: Ints, site: Ints) -> list[ExportFile]:
    """Return files of single health stations, each in a format in which much is lost."""
    of_district = country.communes["district"].to_numpy(np.int64)
    here = np.unique(of_district[country.communes["province"].to_numpy() == province])
    step = max(len(here) // len(STATION_DIALECTS), 1)
    files = []
    for name, district in zip(STATION_DIALECTS, here[::step], strict=False):
        station = int(np.flatnonzero(of_district == district)[-1])
        mine = rows[site == station]
        label = country.communes["commune_code"].iloc[station]
        files.append(
            _split(f"{code}_tram_{label}", DIALECTS[name], mine, np.zeros(len(mine), dtype=np.int64))
        )
    return files


def _district_files(
    country: Country, province: int, code: str, planned: int, rows: Ints, district: Ints
) -> list[ExportFile]:
    """Return a file for every district of a large province, for every fourth district of a small one."""
    here = np.flatnonzero(country.districts["province"].to_numpy() == province)
    group = np.searchsorted(here, district)
    count = len(here) if planned >= SPLIT_FROM else min(4, len(here))
    dialects = dialects_of_districts(code, count)
    chosen = [group % count == number for number in range(count)]
    return [
        _split(f"{code}_{number + 1:02d}", dialect, rows[mine], district[mine])
        for number, (dialect, mine) in enumerate(zip(dialects, chosen, strict=True))
    ]


def plan_files(
    country: Country, province: int, alone: bool, planned: int, rows: Ints, site: Ints, given_here: Bools
) -> list[ExportFile]:
    """Assign rows to files; the assignment does not depend on the as-of date.

    `site` is the facility row of each row of `rows`, `given_here` whether it was given in this province.
    """
    code = str(country.provinces["province_code"].iloc[province])
    district = _site_districts(country, province, site)
    if not alone:
        return [_split(code, dialect_of_province(code, province), rows, district)]
    stations = _station_files(country, province, code, rows[given_here], site[given_here])
    taken = np.isin(rows, np.concatenate([p.rows for f in stations for p in f.parts]))
    rest = given_here & ~taken
    files = stations + _district_files(country, province, code, planned, rows[rest], district[rest])
    files.append(_split(f"{code}_tiem_noi_khac", DIALECTS["plain"], rows[~given_here], district[~given_here]))
    # Before the campaign reaches a province, its export is a header alone.
    return [f for f in files if sum(len(p.rows) for p in f.parts)] or files[-1:]


def cut_file(file: ExportFile, entry_day: Ints, day: int) -> ExportFile:
    """Return a file as drawn at the end of a day, or the next morning by those who are late."""
    until = day + 1 if file.dialect.drawn_late else day
    parts = [Part(p.source_file, p.rows[entry_day[p.rows] <= until]) for p in file.parts]
    return ExportFile(file.name, file.dialect, parts)


def _junk_cells(fields: list[str], headers: list[str], junk: Junk, kind: int, number: int) -> list[str]:
    if kind == BLANK:
        return [""] * len(fields)
    if kind == HEADER:
        return list(headers)
    if kind == TOTAL:
        return [f"Tổng cộng: {number}" if f == "full_name" else "" for f in fields]
    return [junk.test_cell(f, number) for f in fields]


def _compose(writer: CellWriter, part: Part, dialect: Dialect, junk: Junk, first_part: bool) -> _Composed:
    """Return one part's records, junk in its places."""
    names = header_row(dialect)
    fields, headers = list(names), list(names.values())
    cells = writer.cells(part.rows, dialect)
    order, kinds = arrange(junk, writer.entry_day[part.rows], writer.ids[part.rows], dialect, first_part)
    extra = [_junk_cells(fields, headers, junk, k, n) for k, n in kinds]
    columns = []
    for place, field in enumerate(fields):
        column = cells.get(field, np.full(len(part.rows), "", dtype=object))
        added = np.array([e[place] for e in extra], dtype=object)
        columns.append(np.concatenate([column, added])[order] if len(added) else column[order])
    if dialect.counted:
        columns[0] = np.array(
            [str(i + 1) if o < len(part.rows) else "" for i, o in enumerate(order)], dtype=object
        )
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(1, len(order) + 1)
    labels = {HEADER: "repeated_header", TOTAL: "total_row", TEST: "test_row"}
    noted = [(int(position[len(part.rows) + i]), labels[k]) for i, (k, _) in enumerate(kinds) if k != BLANK]
    account = WrittenPart(part.source_file, dialect, part.rows, position[: len(part.rows)], noted)
    blank = [int(position[len(part.rows) + i]) for i, (k, _) in enumerate(kinds) if k == BLANK]
    return _Composed(fields, headers, columns, blank, account)


def write_file(out: Path, file: ExportFile, writer: CellWriter, junk: Junk) -> list[WrittenPart]:
    """Write one export and return what stands where in it."""
    composed = [_compose(writer, p, file.dialect, junk, p is file.parts[0]) for p in file.parts]
    dialect = file.dialect
    path = out / "platform" / f"{file.name}.{dialect.container}"
    path.parent.mkdir(parents=True, exist_ok=True)
    first = composed[0]
    labels = [p.source_file.replace("!", "#").split("#")[-1] for p in file.parts]
    if dialect.container == "xlsx":
        sheets = [(label, c.columns) for label, c in zip(labels, composed, strict=True)]
        write_workbook(path, sheets, first.fields, first.headers, dialect)
    elif dialect.container == "parquet":
        write_table(path, first.headers, first.columns)
    else:
        data = [encode(csv_text(c.headers, c.columns, c.blank, dialect), dialect.encoding) for c in composed]
        if dialect.container == "zip":
            write_zip(path, list(zip(labels, data, strict=True)))
        else:
            write_bytes(path, data[0], dialect.container)
    return [c.account for c in composed]


def file_number(name: str) -> int:
    """Return a number for a file name, the same in every run."""
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8"), digest_size=4).digest(), "little")
