"""Closing the lists that go on, through the same register, row codes, envelopes and audit log as communes' lists."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from analysis.engine import Engine, connect, make_private_folder
from analysis.errors import MachineError
from analysis.safeguards.audit_log import audit_log_of, check_log
from analysis.settings import RunParameters
from analysis.steps import run_plan
from analysis.worklists.finished_run import read_run_mark
from analysis.worklists.issue import Batch, EnvelopeOf, IssueResult, MadeList, issue_list
from analysis.worklists.kinds import FINDING_KIND, UPDATE_KIND, Kind
from analysis.worklists.lines import Line, plain
from analysis.worklists.list_log import log_refusal, wipe_expired
from analysis.worklists.onward.lines import finding_line, update_line
from analysis.worklists.onward.steps import plan
from analysis.worklists.register import lists_folder
from analysis.worklists.unit_heads import UnitHeads

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Onward:
    """One of the lists that go on: its kind, the table its lines are in, and how a line is printed."""

    kind: Kind
    table: str
    line_of: Callable[[dict[str, Any]], Line]


UPDATES = Onward(UPDATE_KIND, "update_lines", update_line)
FINDINGS = Onward(FINDING_KIND, "finding_lines", finding_line)


class _Heads(UnitHeads):
    """Units and, before them, the facilities of a run's lines: their name and district as their records say."""

    def __init__(self, run: RunParameters, rows: Rows) -> None:
        super().__init__(run)
        self._facilities = {
            row["unit_code"]: (row["facility_name"], row["district_code"])
            for row in rows
            if row.get("is_facility")
        }

    def describe(self, unit_code: str) -> tuple[str, tuple[str, str]]:
        """Return a facility's name as typed with its district, and who signs for it; of a unit as ever."""
        if unit_code not in self._facilities:
            return super().describe(unit_code)
        name, district = self._facilities[unit_code]
        names = [plain(name) or "Cơ sở tiêm", super().describe(district)[0] if district else ""]
        return ", ".join(filter(None, names)), ("CƠ SỞ TIÊM CHỦNG", "TRUNG TÂM Y TẾ CẤP HUYỆN")


def issue_onward(run: RunParameters, what: Onward, envelope_of: EnvelopeOf, today: date) -> IssueResult:
    """Make the lists of every facility (or district), or province, that has lines; each closed for its recipient.

    A unit whose key is missing or wrong gets none and the others go on. Raises as `issue_lists` does.
    """
    mark = read_run_mark(run)
    check_log(audit_log_of(run.processed))
    wipe_expired(run, today)
    by_unit = _read_rows(run, what)
    every = [row for rows in by_unit.values() for row in rows]
    batch = Batch(run, mark["run_id"], bool(mark.get("simulated")), _Heads(run, every), today)
    make_private_folder(lists_folder(run))
    made: list[MadeList] = []
    refused: dict[str, str] = {}
    for unit, rows in by_unit.items():
        try:
            envelope = envelope_of(unit)
        except MachineError as error:
            refused[unit] = str(error)
            log_refusal(run, batch.run_id, unit, today)
            continue
        lines = [what.line_of(row) for row in rows]
        made.append(issue_list(batch, unit, what.kind, [(what.kind.sections[0], lines)], envelope))
    return IssueResult(tuple(made), (), refused)


def _read_rows(run: RunParameters, what: Onward) -> dict[str, Rows]:
    with connect(run) as con:
        run_plan(Engine(con), run, plan(run), log="worklists", keep=what.table)
        cursor = con.execute(f"SELECT * FROM {what.table}")
        names = [column[0] for column in cursor.description or []]
        by_unit: dict[str, Rows] = defaultdict(list)
        for row in cursor.fetchall():
            line = dict(zip(names, row, strict=True))
            by_unit[line["unit_code"]].append(line)
    return dict(sorted(by_unit.items()))
