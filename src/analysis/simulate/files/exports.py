"""Platform exports of one province: which rows go to which file, their cells, and the file itself."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from analysis.simulate.country.country import Country
from analysis.simulate.draws import Bools, Ints
from analysis.simulate.files.containers import (
    Block,
    csv_pieces,
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
# Records whose cells are held in memory at a time, some 40 MB; the bytes of a record of text, at most.
BLOCK_RECORDS, RECORD_BYTES = 20_000, 1_000


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
class _Arranged:
    """Records of one part in file order: `order` numbers its rows, then its junk (`kinds`, `extra` cells)."""

    rows: Ints
    order: Ints
    kinds: list[tuple[int, int]]
    extra: list[list[str]]


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


def packed(file: ExportFile) -> ExportFile:
    """Return a file of plain text as a gzipped one; another as it is."""
    if file.dialect.container != "csv":
        return file
    parts = [Part(f"{p.source_file}.gz", p.rows) for p in file.parts]
    return ExportFile(file.name, replace(file.dialect, container="csv.gz"), parts)


def _junk_cells(fields: list[str], headers: list[str], junk: Junk, kind: int, number: int) -> list[str]:
    if kind == BLANK:
        return [""] * len(fields)
    if kind == HEADER:
        return list(headers)
    if kind == TOTAL:
        return [f"Tổng cộng: {number}" if f == "full_name" else "" for f in fields]
    return [junk.test_cell(f, number) for f in fields]


def _arrange(writer: CellWriter, part: Part, dialect: Dialect, junk: Junk, first_part: bool) -> _Arranged:
    """Put one part's rows and its junk in their places."""
    names = header_row(dialect)
    order, kinds = arrange(junk, writer.entry_day[part.rows], writer.ids[part.rows], dialect, first_part)
    extra = [_junk_cells(list(names), list(names.values()), junk, k, n) for k, n in kinds]
    return _Arranged(part.rows, order, kinds, extra)


def _blocks(writer: CellWriter, arranged: _Arranged, dialect: Dialect) -> Iterator[Block]:
    """Yield one part's records in file order, some at a time; a part without any is one block without rows."""
    fields, size = list(header_row(dialect)), len(arranged.rows)
    for start in range(0, max(len(arranged.order), 1), BLOCK_RECORDS):
        order = arranged.order[start : start + BLOCK_RECORDS]
        is_row = order < size
        added = [(at, int(order[at]) - size) for at in np.flatnonzero(~is_row).tolist()]
        cells = writer.cells(arranged.rows[order[is_row]], dialect)
        columns = []
        for place, field in enumerate(fields):
            column = np.full(len(order), "", dtype=object)
            if field in cells:
                column[is_row] = cells[field]
            for at, number in added:
                column[at] = arranged.extra[number][place]
            columns.append(column)
        if dialect.counted:
            columns[0][:] = [str(start + at + 1) if r else "" for at, r in enumerate(is_row.tolist())]
        yield columns, [at for at, number in added if arranged.kinds[number][0] == BLANK]


def _account(part: Part, arranged: _Arranged, dialect: Dialect) -> WrittenPart:
    """Return which record of the part each row is, and which records are junk."""
    size = len(part.rows)
    position = np.empty(len(arranged.order), dtype=np.int64)
    position[arranged.order] = np.arange(1, len(position) + 1)
    labels = {HEADER: "repeated_header", TOTAL: "total_row", TEST: "test_row"}
    noted = [
        (int(position[size + number]), labels[kind])
        for number, (kind, _) in enumerate(arranged.kinds)
        if kind != BLANK
    ]
    return WrittenPart(part.source_file, dialect, part.rows, position[:size], noted)


def write_file(out: Path, file: ExportFile, writer: CellWriter, junk: Junk) -> list[WrittenPart]:
    """Write one export, block by block, and return what stands where in it."""
    dialect = file.dialect
    arranged = [_arrange(writer, p, dialect, junk, p is file.parts[0]) for p in file.parts]
    path = out / "platform" / f"{file.name}.{dialect.container}"
    path.parent.mkdir(parents=True, exist_ok=True)
    names = header_row(dialect)
    fields, headers = list(names), list(names.values())
    labels = [p.source_file.replace("!", "#").split("#")[-1] for p in file.parts]
    blocks = [_blocks(writer, a, dialect) for a in arranged]
    if dialect.container == "xlsx":
        write_workbook(path, zip(labels, blocks, strict=True), fields, headers, dialect)
    elif dialect.container == "parquet":
        write_table(path, headers, blocks[0])
    else:
        pieces = [csv_pieces(headers, b, dialect) for b in blocks]
        if dialect.container == "zip":
            sizes = [RECORD_BYTES * len(a.order) for a in arranged]
            write_zip(path, zip(labels, pieces, sizes, strict=True))
        else:
            write_bytes(path, pieces[0], dialect.container)
    return [_account(p, a, dialect) for p, a in zip(file.parts, arranged, strict=True)]


def file_number(name: str) -> int:
    """Return a number for a file name, the same in every run."""
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8"), digest_size=4).digest(), "little")
