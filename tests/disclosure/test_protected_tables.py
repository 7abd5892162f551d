"""Counts leave a run as protected tables alone: nothing else is taken, and what they hold is what may be told."""

import copy
import csv
import gzip
import io
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from analysis.briefing.documents.documents import CONTEXT_FILE, context_bytes, unit_folder
from analysis.briefing.documents.run_folder import finish_folder
from analysis.briefing.figures.context import build_context
from analysis.briefing.figures.reading import read_unit_tables
from analysis.disclosure import protect
from analysis.disclosure.history import write_history
from analysis.disclosure.opening import open_protected
from analysis.disclosure.policy import ROUNDED_TO, SMALLEST_SHOWN, Status
from analysis.disclosure.protect import ensure_protected
from analysis.disclosure.protected import ProtectedTable, read_record
from analysis.disclosure.public_tables import PUBLIC_TABLES
from analysis.disclosure.summary import write_summary
from analysis.earlier_runs import read_mark
from analysis.errors import CheckError, RequestError
from analysis.readers.hub import hub_forecasts
from analysis.readers.opening import PublicCounts, table_path
from analysis.safeguards.audit_log import append_entry, audit_log_of
from analysis.safeguards.run_record import hash_folder
from analysis.settings import RunParameters, open_run
from analysis.tables import TABLES, Zone
from conftest import PublishedRun


def frame_of(table: ProtectedTable) -> pd.DataFrame:
    with duckdb.connect() as con:
        table.view(con)
        return con.execute(f"FROM {table.name}").df()


@pytest.fixture
def tiny_run(tiny: PublishedRun, tmp_path: Path) -> RunParameters:
    """Return a finished tiny province, copied, so that a test may change it."""
    folder = tmp_path / "processed" / "2021-11-07"
    shutil.copytree(tiny.run.processed, folder)
    return open_run("2021-11-07", raw=str(tiny.run.raw), processed=str(folder), previous="-", provinces="02")


def test_no_count_of_people_from_one_to_nine_is_told(tiny_run: RunParameters) -> None:
    told = 0
    for name, table in open_protected(tiny_run).items():
        frame = frame_of(table)
        for count in PUBLIC_TABLES[name].counts:
            known = frame[frame[count].notna()]
            if name == "coverage":
                known = known[known["basis"] != "reported"]  # what the province itself reports
            if name == "entry_plan":
                known = known[known["task"] != "enter"]  # doses, not people
            assert not known[count].between(1, SMALLEST_SHOWN - 1).any(), (name, count)
            withheld = frame[f"{count}_status"].isin([Status.UNDER_10.value, Status.NOT_PUBLISHED.value])
            assert frame.loc[withheld, count].isna().all()
            rounded = frame[frame[f"{count}_status"] == Status.ROUNDED.value]
            assert (rounded[count] % ROUNDED_TO == 0).all()
            told += int(withheld.sum())
    assert told, "a tiny province has small counts"


def test_no_percentage_of_a_withheld_count_or_of_few_people(tiny_run: RunParameters) -> None:
    frame = frame_of(open_protected(tiny_run)["coverage"])
    own = frame[frame["basis"] != "reported"]
    assert own.loc[own["people_status"].isin(["under_10", "not_published"]), "coverage_pct"].isna().all()
    assert own.loc[own["population"] < 50, "coverage_pct"].isna().all()


def test_a_protected_table_cannot_be_made_by_hand(tiny_run: RunParameters) -> None:
    table = open_protected(tiny_run)["coverage"]
    with pytest.raises(TypeError):
        ProtectedTable("coverage", table.path, table.digest, True, object())
    forged = copy.copy(table)
    object.__setattr__(forged, "token", object())
    with duckdb.connect() as con, pytest.raises(TypeError):
        forged.view(con)
    with duckdb.connect() as con, pytest.raises(TypeError):
        ProtectedTable.view(table.path, con)  # type: ignore[arg-type]


def test_a_file_put_in_its_place_is_refused(tiny_run: RunParameters) -> None:
    table = open_protected(tiny_run)["coverage"]
    exact = tiny_run.aggregate / "coverage.parquet"
    table.path.write_bytes(exact.read_bytes())
    with duckdb.connect() as con, pytest.raises(CheckError, match="coverage"):
        table.view(con)


def test_changed_counts_are_protected_anew(tiny_run: RunParameters) -> None:
    before = read_record(tiny_run.processed)["inputs"]
    path = tiny_run.aggregate / "supply.parquet"
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE supply AS FROM '{path}'")
        con.execute("UPDATE supply SET doses_administered = doses_administered + 1")
        con.execute(f"COPY supply TO '{path}' (FORMAT parquet)")
    open_protected(tiny_run)
    assert read_record(tiny_run.processed)["inputs"] != before


def test_what_is_left_out_as_a_whole_is_not_published(
    tiny_run: RunParameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where some provinces alone send files, the country's verdicts may be worked out: they are known, and not told."""
    decide, found = protect._decide, []

    def find_verdicts(*given: Any) -> Any:
        cells, status, result = decide(*given)
        if not found:
            frame = cells.frame
            found.extend(frame.index[(frame["table"] == "verification") & (frame["row"] >= 0)][:1])
            result = replace(result, found=np.array(found))
        return cells, status, result

    monkeypatch.setattr(protect, "_decide", find_verdicts)
    (protect.public_folder(tiny_run) / protect.RECORD).unlink()
    frame = frame_of(open_protected(tiny_run)["verification"])
    left = frame[frame["rows"].isna()]
    assert found
    assert set(left["rows_status"]) <= {Status.NOT_PUBLISHED.value, Status.UNDER_10.value}
    assert not frame["rows_status"].isna().any()
    assert read_unit_tables(tiny_run, "02").lists["verification"]


def test_pages_read_markers_in_place_of_withheld_counts(tiny_run: RunParameters) -> None:
    tables = read_unit_tables(tiny_run, "02")
    counts = [row["rows"] for row in tables.lists["verification"]]
    assert any(isinstance(count, Status) for count in counts)


def test_what_was_published_is_kept_as_it_was_told(tiny_run: RunParameters) -> None:
    path = write_history(tiny_run, "2021-11-07-test")
    with duckdb.connect() as con:
        rows = con.execute(f"FROM '{path}'").df()
    assert list(rows) == ["as_of", "run_id", "table", "unit_level", "unit_code", "measure", "value", "status"]
    withheld = rows["status"].isin(["under_10", "not_published"])
    assert withheld.any() and rows.loc[withheld, "value"].isna().all()
    told = rows[(rows["table"] == "coverage") & ~withheld & rows["measure"].str.startswith("people|")]
    own = told[~told["measure"].str.contains("basis=reported")]
    assert not own["value"].between(1, 9).any()


def test_a_difference_to_an_earlier_release_singles_nobody_out(tiny_run: RunParameters) -> None:
    """A run once more, with a record added: what was released of the first run tells it by subtraction."""
    path = tiny_run.aggregate / "verification.parquet"
    _change_rows(path, "rows * 20", "true")
    before = frame_of(open_protected(tiny_run)["verification"])
    write_history(tiny_run, "2021-11-07-first")
    told = before[(before["rows_status"] == "shown") & before["link_status"].notna()]["link_status"].iloc[-1]
    _change_rows(path, "rows + 1", f"link_status = '{told}'")
    assert _told_apart(before, frame_of(open_protected(tiny_run)["verification"])), "not released: told whole"
    released = {"event": "released", "as_of": "2021-11-07", "run_id": "2021-11-07-first"}
    append_entry(audit_log_of(tiny_run.processed), {**released})
    ensure_protected(tiny_run)  # as the week, run again, does
    assert not _told_apart(before, frame_of(open_protected(tiny_run)["verification"]))


def _summary(run: RunParameters, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(write_summary(run, folder).read_text(encoding="utf-8"))
    return found


def _add_a_dose(run: RunParameters) -> int:
    """Give a dose more on the last day of every unit's supply, which is told exactly; returns the units."""
    added = "doses_administered + (reference_date = max(reference_date) OVER ())::INTEGER"
    _frames_of(run, "supply", doses_administered=added)
    ensure_protected(run)
    supply = frame_of(open_protected(run)["supply"])
    last = supply["reference_date"] == supply["reference_date"].max()
    return int((last & supply["doses_administered"].notna()).sum())


def test_the_summary_counts_what_is_told_otherwise_than_in_the_newest_release(
    tiny_run: RunParameters, tmp_path: Path
) -> None:
    assert _summary(tiny_run, tmp_path)["compared_with"] is None
    write_history(tiny_run, "2021-11-07-first")
    write_history(tiny_run, "2021-11-14-later")  # of a later day: nobody's earlier release
    log = audit_log_of(tiny_run.processed)
    for run_id in ("2021-11-07-first", "2021-11-14-later"):
        append_entry(log, {"event": "released", "as_of": run_id[:10], "run_id": run_id})
    same = _summary(tiny_run, tmp_path)
    assert same["compared_with"] == "2021-11-07-first"
    figures = {row["table"]: row["figures"] for row in same["changes_since_last_release"]}
    assert figures["supply"] and figures["coverage"] > figures["supply"]
    assert {row["changed"] for row in same["changes_since_last_release"]} == {0}
    units = _add_a_dose(tiny_run)
    told = _summary(tiny_run, tmp_path)["changes_since_last_release"]
    assert {row["table"]: row["changed"] for row in told if row["changed"]} == {"supply": units}
    assert {row["table"]: row["figures"] for row in told} == figures


def test_without_a_release_the_summary_compares_with_the_week_before(
    tiny_run: RunParameters, tmp_path: Path
) -> None:
    before = tmp_path / "processed" / "2021-10-31"
    open_protected(tiny_run)
    shutil.copytree(tiny_run.processed, before)
    run = replace(tiny_run, previous=before)
    units = _add_a_dose(run)
    found = _summary(run, tmp_path)
    assert found["compared_with"] == read_mark(before)["run_id"]
    changed = {row["table"]: row["changed"] for row in found["changes_since_last_release"] if row["changed"]}
    assert changed["supply"] == units


def _change_rows(path: Path, rows: str, where: str) -> None:
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE counts AS FROM '{path}'")
        con.execute(f"UPDATE counts SET rows = {rows} WHERE {where}")
        con.execute(f"COPY counts TO '{path}' (FORMAT parquet)")


def _told_apart(before: pd.DataFrame, after: pd.DataFrame) -> int:
    """Return how many counts told whole twice differ by 1 to 9."""
    both = before.merge(after, on=["unit_level", "unit_code", "link_status"], suffixes=("", "_after"))
    shown = (both["rows_status"] == "shown") & (both["rows_status_after"] == "shown")
    return int((shown & (both["rows_after"] - both["rows"]).abs().between(1, 9)).sum())


def test_markers_stand_in_the_columns_of_the_tables(tiny: PublishedRun) -> None:
    with gzip.open(tiny.folder / "tables" / "history" / "coverage.csv.gz", "rt", encoding="utf-8-sig") as f:
        rows = list(csv.DictReader(io.StringIO(f.read())))
    assert "[dưới 10]" in {row["people"] for row in rows}
    assert not any("_status" in column and column != "series_status" for column in rows[0])


def _frames_of(run: RunParameters, name: str, **columns: str) -> None:
    """Put other values in the columns of one of a run's tables of counts."""
    path = run.aggregate / f"{name}.parquet"
    told = ", ".join(f"({value}) AS {column}" for column, value in columns.items())
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE counts AS SELECT * REPLACE ({told}) FROM '{path}'")
        con.execute(f"COPY counts TO '{path}' (FORMAT parquet)")


def test_what_another_table_sums_up_is_withheld_with_its_parts(tiny_run: RunParameters) -> None:
    """The records to verify less the verdicts that are told would tell the one that is not."""
    large = "CASE link_status WHEN 'clerical_review' THEN 3 ELSE 40 END::BIGINT"
    _frames_of(tiny_run, "verification", rows=large)
    tables = open_protected(tiny_run)
    with duckdb.connect() as con:
        for name in ("verification", "entry_plan"):
            tables[name].view(con)
        plan = con.execute(
            "SELECT backlog FROM entry_plan WHERE task = 'verify' AND unit_level = 'province'"
        ).fetchone()
        open_verdicts = con.execute(
            "SELECT count(*) FILTER (rows IS NULL) FROM verification WHERE unit_level = 'province' "
            "AND link_status IN ('matched', 'clerical_review', 'not_in_registry', 'insufficient')"
        ).fetchone()
    assert plan and open_verdicts and (plan[0] is None or open_verdicts[0] != 1)


def test_few_records_without_enough_to_search_by_are_told_with_those_not_found(
    tiny_run: RunParameters,
) -> None:
    large = "CASE link_status WHEN 'insufficient' THEN 1 ELSE 40 END::BIGINT"
    _frames_of(tiny_run, "verification", rows=large)
    _frames_of(tiny_run, "entry_plan", backlog="CASE task WHEN 'enter' THEN backlog END")
    frame = frame_of(open_protected(tiny_run)["verification"])
    with duckdb.connect() as con:
        found = con.execute(
            f"SELECT sum(rows) FROM '{tiny_run.aggregate / 'verification.parquet'}' WHERE unit_code = '02' "
            "AND link_status IN ('not_in_registry', 'insufficient')"
        ).fetchone()
    own = frame[(frame["unit_level"] == "province") & (frame["link_status"] == "not_in_registry")]
    assert "insufficient" not in set(frame["link_status"].dropna())
    assert found and own["rows"].tolist() == [found[0]]


def test_of_files_no_few_persons_are_told(tiny_run: RunParameters) -> None:
    """Rows left out of an export, by file or by reason, are parts of a verdict that may be withheld."""
    frame = frame_of(open_protected(tiny_run)["quality"])
    of_exports = frame[frame["folder"] == "platform"]
    assert of_exports["rows_rejected"].isna().all() and of_exports["rows_kept"].isna().all()
    by_reason = frame[frame["reason_code"].notna() & ~frame["folder"].isin(["daily_reports"])]
    assert not by_reason["rows_in"].between(1, 9).any()
    assert of_exports[of_exports["reason_code"].isna()]["rows_in"].notna().all()


def test_no_estimate_beside_a_count_that_is_withheld(tiny_run: RunParameters) -> None:
    coverage, nowcast = (frame_of(open_protected(tiny_run)[name]) for name in ("coverage", "nowcast"))
    on = ["unit_code", "basis", "age_group", "series_status", "reference_date"]
    told = coverage[coverage["people_status"] == "shown"][on]
    own = nowcast[nowcast["basis"] != "reported"]
    assert len(own.merge(told, on=on)) == len(own)


def test_nothing_published_reads_a_count_but_through_its_protected_table(
    tiny: PublishedRun, tiny_run: RunParameters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file is drawn once more, the same byte for byte, from a run whose own counts cannot be read any more."""
    open_protected(tiny_run)
    monkeypatch.setattr("analysis.disclosure.opening.are_made", lambda run: True)
    for path in tiny_run.aggregate.glob("*.parquet"):
        path.write_bytes(b"no table")
    published = hash_folder(tiny.folder)
    staging = tmp_path / "staging"
    staging.mkdir()
    for path in tiny.folder.glob("02-*"):
        shutil.copyfile(path, staging / path.name)
    finish_folder(tiny_run, tiny.folder.resolve().name, ("02",), {}, staging)
    drawn = hash_folder(staging)
    assert set(drawn) == set(published)
    assert {name for name in drawn if drawn[name] != published[name]} <= {"manifest.json"}
    kept = unit_folder(tiny_run, "02") / CONTEXT_FILE
    assert context_bytes(build_context(tiny_run, "02")) == kept.read_bytes()
    assert write_history(tiny_run, "2021-11-07-again").stat().st_size


def test_readers_of_what_is_public_and_the_hub_open_protected_tables_alone(
    tiny_run: RunParameters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = open_protected(tiny_run)
    monkeypatch.setattr("analysis.disclosure.opening.are_made", lambda run: True)
    for path in tiny_run.aggregate.glob("*.parquet"):
        path.write_bytes(b"no table")
    public = PublicCounts(**vars(tiny_run))
    assert all(table_path(public, name) == table.path for name, table in tables.items())
    for name in {t.name for t in TABLES.values() if t.zone is Zone.AGGREGATE} - set(tables):
        with pytest.raises(RequestError, match="not published"):
            table_path(public, name)
    told = len(frame_of(tables["forecast"]))
    if not told:
        with pytest.raises(RequestError, match="published no forecast"):
            hub_forecasts(tiny_run, tmp_path)
        return
    with duckdb.connect() as con:
        assert con.execute(f"SELECT count(*) FROM '{hub_forecasts(tiny_run, tmp_path)}'").fetchone() == (
            told,
        )
