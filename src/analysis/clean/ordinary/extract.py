"""The cells of a registry's extract: which say what they must as they stand, and how the others are read (sources in-20)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import partial

import duckdb
import pandas as pd

from analysis.clean.fields.coded_values import parse_sex
from analysis.clean.fields.date_conventions import DateEvidence, decide_order
from analysis.clean.fields.dates import DateConvention, parse_date
from analysis.clean.fields.sex_codes import SexCodes, decide_codes
from analysis.clean.quality.accounts import FileAccount
from analysis.intake.syllables import unaccented

_DAY = r"(1[89]|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([ T].*)?"
_COMMUNES = ("permanent_commune_code", "current_commune_code")
_DAYS = ("death_date", "id_card_issued_on")
# SQL by column: the cell does not say what it must in its one form.
_ODD = {
    "birth_date": rf"NOT regexp_full_match(birth_date, '{_DAY}|(1[89]|20)[0-9]{{2}}(-(0[1-9]|1[0-2]))?')",
    "sex": "lower(nfc_normalize(sex)) NOT IN ('nam', 'nữ', 'nu')",
    "life_status": "lower(life_status) NOT IN ('alive', 'dead')",
    **{c: f"NOT regexp_full_match({c}, '[0-9]{{1,5}}')" for c in _COMMUNES},
    **{c: f"NOT regexp_full_match({c}, '{_DAY}')" for c in _DAYS},
    "old_id_numbers": "regexp_matches(old_id_numbers, '[0-9]{10}|(^|[^0-9])[0-9]{1,8}([^0-9]|$)')",
}
IS_ODD = " OR ".join(f"coalesce({test}, false)" for test in _ODD.values())
_LIFE = {
    **dict.fromkeys(("alive", "con song", "song", "dang song", "living"), "alive"),
    **dict.fromkeys(
        ("dead", "chet", "da chet", "mat", "da mat", "tu vong", "da tu vong", "da qua doi", "deceased"),
        "dead",
    ),
}
# The reason by which a cell that says nothing is told; of other columns it is a value that cannot be read.
_REASONS = {
    "birth_date": "birth_date_unreadable",
    "sex": "sex_unreadable",
    **dict.fromkeys(_COMMUNES, "place_unresolved"),
}
_CELLS = """
SELECT source_file, x.column_name, x.cell, count(*)
FROM (SELECT source_file, unnest([{cells}]) AS x FROM ({rows}) WHERE usable)
WHERE x.cell IS NOT NULL GROUP BY ALL ORDER BY ALL"""
# How many births prove the day to be first, or the month; whom 0 and 1 stand for, by the citizens' own numbers.
_EVIDENCE = r"""
SELECT count(*) FILTER (a > 12 AND b <= 12), count(*) FILTER (a <= 12 AND b > 12),
    count(*) FILTER (code = '0' AND is_man), count(*) FILTER (code = '0' AND NOT is_man),
    count(*) FILTER (code = '1' AND is_man), count(*) FILTER (code = '1' AND NOT is_man), count(*) FILTER (code = '2')
FROM (SELECT TRY_CAST(regexp_extract(birth_date, '^(\d{{1,2}})[/.\-]', 1) AS INTEGER) AS a,
        TRY_CAST(regexp_extract(birth_date, '^\d{{1,2}}[/.\-](\d{{1,2}})[/.\-]\d{{4}}', 1) AS INTEGER) AS b,
        sex AS code, substr(citizen_id, 4, 1) IN ('0', '2') AS is_man
    FROM ({rows}) WHERE usable)"""


@dataclass(frozen=True)
class Readings:
    """What the unusual cells of an extract say, by column and text; None where that is not to be told.

    `unread` counts the rows of such cells by file and column.
    """

    values: dict[tuple[str, str], str | None] = field(default_factory=dict)
    unread: Counter[tuple[str, str]] = field(default_factory=Counter)

    def frame(self) -> pd.DataFrame:
        """Return one row an unusual cell: its column, its text, and what it says."""
        rows = [(column, text, value) for (column, text), value in self.values.items()]
        return pd.DataFrame(rows, columns=["column_name", "cell", "value"]).astype("str")

    def accounts(self, source_file: str, rejected: int) -> list[FileAccount]:
        """Return the accounts of a file's cells that say nothing, and of its `rejected` rows without number or name."""
        rows = Counter({"value_unreadable": rejected})
        for (name, column), n in self.unread.items():
            rows[_REASONS.get(column, "value_unreadable")] += n if name == source_file else 0
        lost = Counter({"value_unreadable": rejected})
        return [
            FileAccount(source_file, reason, n, n - lost[reason], lost[reason], "ok")
            for reason, n in sorted(rows.items())
            if n
        ]

    @property
    def lives_unread(self) -> int:
        """Return the rows that do not tell whether their citizen lives."""
        return sum(n for (_, column), n in self.unread.items() if column == "life_status")


def read_odd_cells(con: duckdb.DuckDBPyConnection, rows: str, as_of: date) -> Readings:
    """Return the readings of the cells of an extract that do not stand in their one form."""
    first, month, *codes = con.execute(_EVIDENCE.format(rows=rows)).fetchall()[0]
    order, is_decided = decide_order(DateEvidence(day_first=first, month_first=month), ())
    read = partial(_read_cell, DateConvention(order, is_decided), decide_codes(*codes), as_of.year)
    cells = ", ".join(
        f"{{'column_name': '{c}', 'cell': CASE WHEN {test} THEN {c} END}}" for c, test in _ODD.items()
    )
    found = Readings()
    for source_file, column, cell, n in con.execute(_CELLS.format(cells=cells, rows=rows)).fetchall():
        value = found.values.setdefault((column, cell), read(column, cell))
        if value is None:
            found.unread[source_file, column] += n
    return found


def _read_cell(
    convention: DateConvention, codes: SexCodes, latest_year: int, column: str, cell: str
) -> str | None:
    """Return a cell of an extract in the form in which it must stand, or None."""
    if column in ("birth_date", *_DAYS):
        return _read_day(cell, convention, latest_year, is_birth=column == "birth_date")
    if column == "sex":
        return _read_sex(cell, codes)
    if column == "life_status":
        return _LIFE.get(" ".join(unaccented(cell.lower()).split()))
    digits = "".join(c for c in cell.removesuffix(".0") if c not in " '")
    if column in _COMMUNES:
        return digits if digits.isascii() and digits.isdigit() and len(digits) <= 5 else None
    return _read_olds(cell)


def _read_day(cell: str, convention: DateConvention, latest_year: int, is_birth: bool) -> str | None:
    """Return a day, of a birth also a year or a month; a year of two digits may be of either century here."""
    parts = cell.replace(".", "/").replace("-", "/").split("/")
    if len(parts) == 3 and max(len(part.strip()) for part in parts) < 4:
        return None
    found = parse_date(cell, convention, latest_year)
    is_whole = is_birth or found.precision == "day"
    return found.value if is_whole and not found.ambiguous else None


def _read_sex(cell: str, codes: SexCodes) -> str | None:
    sex, code = parse_sex(cell)[0], cell.strip().removesuffix(".0")
    if code not in ("0", "1") or codes == SexCodes.PLAIN:
        return sex
    if codes == SexCodes.EXCHANGED:
        return "Nữ" if sex == "Nam" else "Nam"
    return sex if codes == SexCodes.ZERO_SAYS_NOTHING and code == "1" else None


def _read_olds(cell: str) -> str | None:
    """Return the old numbers of a cell with `;` between; eight digits are nine whose zero was lost."""
    numbers: Iterable[str] = "".join(c if c.isdigit() else " " for c in cell).split()
    kept = [number.zfill(9) for number in numbers if len(number) in (8, 9)]
    return ";".join(kept) or None


def read_rows_sql() -> str:
    """Return the query of an extract's rows with their unusual cells as they are read."""
    joins = " ".join(
        f"LEFT JOIN registry_values AS of_{c} ON of_{c}.column_name = '{c}' AND of_{c}.cell = r.{c}"
        for c in _ODD
    )
    read = ", ".join(f"CASE WHEN of_{c}.cell IS NULL THEN r.{c} ELSE of_{c}.value END AS {c}" for c in _ODD)
    return f"SELECT r.* REPLACE ({read}) FROM registry_rows AS r {joins}"
