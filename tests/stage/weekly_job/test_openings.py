"""Who opens rows of persons by hand stands in the audit log, with the table and the purpose."""

import re
from pathlib import Path

import pytest

from analysis import reconcile
from analysis.errors import RequestError
from analysis.readers import read_coverage
from analysis.safeguards.audit_log import Entry, audit_log_of, check_log, read_entries
from analysis.safeguards.openings import LONGEST_PURPOSE, NOT_STATED, state_purpose
from analysis.settings import RunParameters
from analysis.step_rows import open_step
from conftest import PublishedRun
from golden.tiny_intake import AS_OF
from notebook_samples import run_by_hand


def opened(run: RunParameters, since: int) -> list[Entry]:
    entries = read_entries(audit_log_of(run.processed))[since:]
    return [entry for entry in entries if entry["event"] == "table_opened"]


def test_each_opening_is_an_entry_with_its_purpose(
    tiny: PublishedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "lan")
    since = len(read_entries(audit_log_of(tiny.run.processed)))
    open_step(tiny.run, "doses", "false")
    state_purpose("xem vì sao  xã 00688 còn nhiều dòng chờ")
    open_step(tiny.run, "names", "false")
    reconcile.explain_rows(tiny.run, reconcile.sample_rows(tiny.run, "matched", 1))
    state_purpose("")
    open_step(tiny.run, "coverage", "false")
    assert len(read_coverage(tiny.run))
    entries = opened(tiny.run, since)
    assert [entry["table"] for entry in entries] == ["doses", "names", "doses", "links", "explained"]
    assert [entry["purpose"] for entry in entries[:2]] == [
        NOT_STATED,
        "xem vì sao xã 00688 còn nhiều dòng chờ",
    ]
    assert {(entry["user"], entry["week"]) for entry in entries} == {("lan", AS_OF)}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d\+07:00", str(entry["at"])) for entry in entries)
    check_log(audit_log_of(tiny.run.processed))


@pytest.mark.parametrize("purpose", ["x" * (LONGEST_PURPOSE + 1), "tìm 002185001234"])
def test_a_purpose_that_is_long_or_names_a_person_is_refused(purpose: str) -> None:
    with pytest.raises(RequestError, match="purpose: at most") as refused:
        state_purpose(purpose)
    assert "002185001234" not in str(refused.value)


def test_a_notebook_states_its_purpose_once(tiny: PublishedRun, tmp_path: Path) -> None:
    since = len(read_entries(audit_log_of(tiny.run.processed)))
    given = {"as_of": AS_OF, "raw": tiny.run.raw, "processed": tiny.run.processed, "purpose": "tập huấn"}
    run_by_hand("explore_steps", tmp_path, given)
    entries = opened(tiny.run, since)
    assert {"links", "people", "doses"} <= {entry["table"] for entry in entries}
    assert {entry["purpose"] for entry in entries} == {"tập huấn"}
