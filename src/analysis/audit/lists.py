"""The look-up lists: one a province, closed for its registry office, alike for rows that are linked and that are not.

A line shows what the record says of its person and never a value of the registry, nor what the machine made of it: who
looks up cannot be led. Lines stand in the order of chance.
"""

from datetime import date

import duckdb

from analysis.engine import make_private_folder
from analysis.reference import LEVELS, read_units
from analysis.safeguards.envelopes import KeyEnvelope
from analysis.safeguards.keys import read_recipient
from analysis.settings import RunParameters
from analysis.worklists.finished_run import read_run_mark
from analysis.worklists.issue import Batch, MadeList, issue_list
from analysis.worklists.kinds import AUDIT_KINDS, LOOK_UP
from analysis.worklists.lines import Line, RecordKey, plain
from analysis.worklists.register import lists_folder
from analysis.worklists.unit_heads import UnitHeads

_LINES = """
WITH drawn AS (SELECT d.* FROM {rows} JOIN doses AS d USING (source_file, source_row)),
sole AS (
    SELECT dose_record_id FROM doses WHERE dose_record_id IN (SELECT dose_record_id FROM drawn)
    GROUP BY 1 HAVING count(*) = 1)
SELECT s.source_file, s.source_row, i.dose_record_id, d.full_name_typed, d.birth_date_typed, d.sex_typed,
    d.id_number_typed, u.place
FROM {rows} AS s JOIN drawn AS d USING (source_file, source_row) LEFT JOIN sole AS i USING (dose_record_id)
LEFT JOIN audit_places AS u ON u.code = coalesce(d.commune_code, d.district_code, d.province_code)
WHERE s.unit_code = ? ORDER BY md5(? || s.source_file || s.source_row)"""


def open_batch(run: RunParameters, today: date) -> Batch:
    """Return what the lists of one command share; raises RequestError for a run that is not complete."""
    mark = read_run_mark(run)
    make_private_folder(lists_folder(run))
    return Batch(run, mark["run_id"], bool(mark.get("simulated")), UnitHeads(run), today)


def issue_look_ups(
    con: duckdb.DuckDBPyConnection, batch: Batch, rows: str, look: int, recipient: str
) -> list[MadeList]:
    """Write a closed list for each province with rows in the table `rows`; `look`: 1 or 2.

    `recipient` is a public key, its file, or a folder of `<province code>.txt`. Raises MachineError naming the province
    whose key is missing or wrong; nothing is written then.
    """
    units = [
        str(row[0]) for row in con.execute(f"SELECT DISTINCT unit_code FROM {rows} ORDER BY 1").fetchall()
    ]
    envelopes = {unit: KeyEnvelope(read_recipient(recipient, unit, batch.today)) for unit in units}
    _register_places(con)
    kind = AUDIT_KINDS[look - 1]
    made = []
    for unit in units:
        found = con.execute(_LINES.format(rows=rows), [unit, batch.run_id]).fetchall()
        made.append(
            issue_list(batch, unit, kind, [(LOOK_UP, [_line(*row) for row in found])], envelopes[unit])
        )
    return made


def _line(
    source_file: str,
    source_row: int,
    record_id: str | None,
    name: str | None,
    birth_date: str | None,
    sex: str | None,
    number: str | None,
    place: str | None,
) -> Line:
    cells = {
        "full_name": plain(name),
        "birth_date": plain(birth_date),
        "sex": plain(sex),
        "id_number": plain(number),
        "place": place or "",
    }
    return Line(cells, RecordKey(source_file, source_row, record_id))


def _register_places(con: duckdb.DuckDBPyConnection) -> None:
    """Make `audit_places`: every unit's code and its name with the units above it."""
    names: dict[str, str] = {}
    for row in read_units().itertuples(index=False):
        place = ""
        for level in LEVELS:
            name = getattr(row, f"{level}_name")
            place = f"{name}, {place}" if place else name
            names.setdefault(getattr(row, f"{level}_code"), place)
    con.execute("CREATE OR REPLACE TEMP TABLE audit_places (code VARCHAR, place VARCHAR)")
    con.executemany("INSERT INTO audit_places VALUES (?, ?)", list(names.items()))
