"""Stage notebooks run by hand between two weeks: no decision is lost, no byte changes, nothing stays unnoticed."""

from pathlib import Path

import duckdb
import papermill
import pytest

from analysis.__main__ import main
from analysis.pipeline import TABLE_STAGES
from analysis.safeguards import locks
from analysis.safeguards.run_record import hash_folder
from analysis.settings import SHIPPED
from golden.tiny_intake import write_tiny_intake
from notebook_samples import faults_of, run_by_hand

WEEKS = ("2021-11-07", "2021-11-14")
HELD = "another run or notebook holds reports/[.]lock"
DECISIONS = (
    "decision_id,dose_record_id,as_of,decision,citizen_id,field,value,ground,decided_by,decided_on\n"
    "d1,A03,2021-11-07,same_person,002185001234,,,giay to,02-001,2021-11-05\n"
    "d2,A20,2021-11-07,not_in_registry,,,,giay to,02-001,2021-11-05\n"
    "d3,A22,2021-11-07,delete_dose,,,,thu nghiem,02-001,2021-11-05\n"
)


def run_week(base: Path, day: str) -> int:
    folders = {"raw": base / "raw" / day, "processed": base / day, "reports": base / "reports"}
    paths = [text for name, path in folders.items() for text in (f"--{name}", str(path))]
    return main(["run", "--as-of", day, *paths, "--province", "02", "--workers", "1"])


def verify(base: Path, day: str) -> int:
    return main(
        ["verify", "--as-of", day, "--reports", str(base / "reports"), "--processed", str(base / day)]
    )


def run_stages_by_hand(base: Path, day: str, into: Path, **parameters: str) -> None:
    """Run the stage notebooks with the day and the folders alone, as an analyst would."""
    given = {"as_of": day, "raw": base / "raw" / day, "processed": base / day, **parameters}
    for stage in TABLE_STAGES:
        assert faults_of(run_by_hand(stage.name, into, given)) == []


def decisions_of(processed: Path) -> list[tuple[object, ...]]:
    path = processed / "restricted" / "decisions.parquet"
    return duckdb.sql(
        f"SELECT decision_id, bound FROM read_parquet('{path.as_posix()}') ORDER BY 1"
    ).fetchall()


@pytest.fixture(scope="module")
def two_weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two weeks run one after the other; what people decided stands in the first alone."""
    base = tmp_path_factory.mktemp("by_hand")
    for day in WEEKS:
        write_tiny_intake(base / "raw" / day)
    decided = base / "raw" / WEEKS[0] / "decisions" / "d.csv"
    decided.parent.mkdir()
    decided.write_text(DECISIONS, encoding="utf-8")
    assert [run_week(base, day) for day in WEEKS] == [0, 0]
    return base


def test_notebooks_run_by_hand_carry_the_decisions_on(
    two_weeks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    week = two_weeks / WEEKS[1]
    decided, counts = decisions_of(week), hash_folder(week / "aggregate")
    pages = hash_folder(two_weeks / "reports" / WEEKS[1])
    assert len(decided) == 3
    run_stages_by_hand(two_weeks, WEEKS[1], tmp_path)
    assert decisions_of(week) == decided
    capsys.readouterr()
    assert run_week(two_weeks, WEEKS[1]) == 0
    assert (decisions_of(week), hash_folder(week / "aggregate")) == (decided, counts)
    assert hash_folder(two_weeks / "reports" / WEEKS[1]) == pages
    assert verify(two_weeks, WEEKS[1]) == 0


def test_tables_left_otherwise_are_seen_by_verify_and_made_again_by_run(
    two_weeks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    week = two_weeks / WEEKS[1]
    decided, counts = decisions_of(week), hash_folder(week / "aggregate")
    run_stages_by_hand(two_weeks, WEEKS[1], tmp_path, previous="-")
    assert decisions_of(week) == []
    assert "KHÔNG ĐẠT" in (tmp_path / "1_clean.ipynb").read_text("utf-8")
    assert verify(two_weeks, WEEKS[1]) == 4
    assert f"{WEEKS[1]}/aggregate/" in capsys.readouterr().err
    assert run_week(two_weeks, WEEKS[1]) == 0
    said = capsys.readouterr()
    assert "restricted/decisions.parquet is not what stage 1_clean made" in said.err
    assert "is made again" in said.err and "nothing to do" not in said.out
    assert (decisions_of(week), hash_folder(week / "aggregate")) == (decided, counts)
    assert verify(two_weeks, WEEKS[1]) == 0


def test_decisions_lost_in_the_week_before_stop_the_week_after(
    two_weeks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = two_weeks / WEEKS[0] / "restricted" / "decisions.parquet"
    kept = path.read_bytes()
    nothing = tmp_path / "nothing.parquet"
    duckdb.sql(
        f"COPY (FROM read_parquet('{path.as_posix()}') LIMIT 0) TO '{nothing.as_posix()}' (FORMAT parquet)"
    )
    path.write_bytes(nothing.read_bytes())
    try:
        assert run_week(two_weeks, WEEKS[1]) == 4
        assert f"{WEEKS[0]}/restricted/decisions.parquet is not what" in capsys.readouterr().err
    finally:
        path.write_bytes(kept)


def test_a_notebook_and_a_run_never_write_at_once(two_weeks: Path, tmp_path: Path) -> None:
    given = {"as_of": WEEKS[1], "raw": two_weeks / "raw" / WEEKS[1], "processed": two_weeks / WEEKS[1]}
    with (
        locks.hold_lock(two_weeks / "reports"),
        pytest.raises(papermill.PapermillExecutionError, match=HELD),
    ):
        run_by_hand("1_clean", tmp_path, given | {"reports": two_weeks / "reports"})


def test_without_other_words_a_notebook_takes_the_lock_of_the_projects_reports(tmp_path: Path) -> None:
    with (
        locks.hold_lock(SHIPPED / "reports"),
        pytest.raises(papermill.PapermillExecutionError, match=HELD),
    ):
        run_by_hand("1_clean", tmp_path, {"as_of": WEEKS[0], "raw": tmp_path, "processed": tmp_path / "p"})
