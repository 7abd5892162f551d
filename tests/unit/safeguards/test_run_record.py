"""Run records: what makes a stage stale, what a hand-made change does, and that ids follow the inputs."""

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.errors import CheckError
from analysis.intake.folder import list_files
from analysis.pipeline import BRIEFING, CLEAN, TRENDS
from analysis.safeguards import run_record
from analysis.settings import RunParameters, Settings, open_run
from analysis.tables import TABLES


@pytest.fixture
def run(tmp_path: Path) -> RunParameters:
    return open_run("2021-11-07", raw=str(tmp_path / "raw"), processed=str(tmp_path / "processed"))


def recorded(run: RunParameters) -> Path:
    output = run.processed / "aggregate" / "quality.parquet"
    output.parent.mkdir(parents=True)
    output.write_bytes(b"made by the stage")
    record = run_record.record_path(run, "1_clean")
    hashes = run_record.output_hashes(run.processed, ["aggregate/quality.parquet"])
    run_record.write_record(record, "key", hashes)
    return record


def test_a_stage_is_up_to_date_only_with_its_key_and_outputs(run: RunParameters) -> None:
    record = recorded(run)
    assert run_record.is_up_to_date(record, "key", run.processed)
    assert not run_record.is_up_to_date(record, "other", run.processed)
    (run.processed / "aggregate" / "quality.parquet").unlink()
    assert not run_record.is_up_to_date(record, "key", run.processed)


def test_an_output_changed_by_hand_is_recognised(run: RunParameters) -> None:
    record = recorded(run)
    assert run_record.changed_outputs(record, run.processed) == []
    assert run_record.check_tables(run.processed) == 1
    changed = run.processed / "aggregate" / "quality.parquet"
    changed.write_bytes(b"made by hand")
    assert run_record.changed_outputs(record, run.processed) == ["aggregate/quality.parquet"]
    assert not run_record.is_up_to_date(record, "key", run.processed)
    with pytest.raises(CheckError, match=r"quality\.parquet is not what stage 1_clean made"):
        run_record.check_tables(run.processed)
    changed.unlink()
    with pytest.raises(CheckError, match=r"quality\.parquet is not what"):
        run_record.check_tables(run.processed)


def test_rows_of_persons_may_be_gone_when_their_time_is_over(run: RunParameters) -> None:
    decisions = run.restricted / "decisions.parquet"
    decisions.parent.mkdir(parents=True)
    decisions.write_bytes(b"made by the stage")
    hashes = run_record.output_hashes(run.processed, ["restricted/decisions.parquet"])
    run_record.write_record(run_record.record_path(run, "1_clean"), "key", hashes)
    decisions.unlink()
    assert run_record.check_tables(run.processed) == 0


def test_decisions_changed_since_their_run_are_not_carried_on(run: RunParameters, tmp_path: Path) -> None:
    before = replace(run, processed=tmp_path / "2021-10-31")
    decisions = before.restricted / "decisions.parquet"
    decisions.parent.mkdir(parents=True)
    decisions.write_bytes(b"67 decisions")
    hashes = run_record.output_hashes(before.processed, ["restricted/decisions.parquet"])
    run_record.write_record(run_record.record_path(before, "1_clean"), "key", hashes)
    run_record.check_carried(run)
    run_record.check_carried(replace(run, previous=before.processed))
    decisions.write_bytes(b"none of them")
    with pytest.raises(CheckError, match=r"2021-10-31/restricted/decisions\.parquet is not what"):
        run_record.check_carried(replace(run, previous=before.processed))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": "key"}'])
def test_a_record_cut_off_counts_as_none(run: RunParameters, text: str) -> None:
    record = recorded(run)
    record.write_text(text, encoding="utf-8")
    assert not run_record.is_up_to_date(record, "key", run.processed)


def test_the_run_id_follows_inputs_and_parameters_but_not_paths_nor_the_engine(
    run: RunParameters, tmp_path: Path
) -> None:
    inputs = {"platform/a.csv": "1"}
    base = run_record.run_identity(run, inputs)
    assert base.startswith("2021-11-07-")
    assert base == run_record.run_identity(
        replace(run, reports=tmp_path, threads=7, memory_limit="1GB", engine="spark://host:7077"), inputs
    )
    assert base != run_record.run_identity(run, {"platform/a.csv": "2"})
    assert base != run_record.run_identity(replace(run, provinces=("02",)), inputs)
    assert base != run_record.run_identity(replace(run, settings=Settings(language="en")), inputs)


def test_a_stage_depends_on_its_own_intake_folders_only(run: RunParameters) -> None:
    key = run_record.stage_key(CLEAN, run, {"platform/a.csv": "1", "letters/b.txt": "1"})
    assert key == run_record.stage_key(CLEAN, run, {"platform/a.csv": "1", "letters/b.txt": "2"})
    assert key != run_record.stage_key(CLEAN, run, {"platform/a.csv": "2", "letters/b.txt": "1"})


def test_a_stage_does_not_depend_on_the_code_of_later_stages() -> None:
    of_clean, of_briefing = run_record.stage_code(CLEAN), run_record.stage_code(BRIEFING)
    assert not any(name.startswith("trends/") for name in of_clean)
    assert any(name.startswith("trends/") for name in run_record.stage_code(TRENDS))
    assert "engine.py" in of_clean and "engine.py" in of_briefing
    assert "notebooks/1_clean.ipynb" in of_clean and "notebooks/1_clean.ipynb" not in of_briefing


def test_trends_are_stale_when_the_forecast_they_look_back_at_changes(
    run: RunParameters, tmp_path: Path
) -> None:
    for name in TRENDS.reads:
        path = TABLES[name].path(run)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"made by the stage")
    before = tmp_path / "2021-10-31"
    forecast = before / "aggregate" / "forecast.parquet"
    forecast.parent.mkdir(parents=True)
    keys = [run_record.stage_key(TRENDS, run, {})]
    for content in (b"one", b"two"):
        forecast.write_bytes(content)
        keys.append(run_record.stage_key(TRENDS, replace(run, previous=before), {}))
    assert len(set(keys)) == 3


def test_a_manifest_names_folders_of_the_intake_only() -> None:
    files = {"platform/Nguyen Van An.csv": "a", "platform/b.csv": "b", "intake.json": "c", "An/x.csv": "d"}
    hashes = run_record.folder_hashes(files | {"previous/restricted/decisions.parquet": "e"})
    assert list(hashes) == ["other", "platform", "previous"]
    changed = run_record.folder_hashes(files | {"platform/b.csv": "z"})
    assert changed["platform"] != hashes["platform"] and changed["other"] == hashes["other"]


def changed_behind(run: RunParameters, store: Path) -> tuple[bool, bool]:
    """Tell whether a change in `store` changes the run's id and the key of the stage that opens the intake."""
    (store / "b.csv").write_text("one", encoding="utf-8")
    before = run_record.hash_folder(run.raw)
    (store / "b.csv").write_text("two", encoding="utf-8")
    after = run_record.hash_folder(run.raw)
    return before != after, run_record.stage_key(CLEAN, run, before) != run_record.stage_key(
        CLEAN, run, after
    )


@pytest.mark.parametrize("store", ["raw/.store", "raw/store", "elsewhere"])
@pytest.mark.parametrize("link", ["platform", "platform/province/02", "registry"])
def test_what_a_link_in_the_intake_leads_to_is_in_the_keys(
    run: RunParameters, tmp_path: Path, store: str, link: str
) -> None:
    (tmp_path / store).mkdir(parents=True)
    (run.raw / link).parent.mkdir(parents=True, exist_ok=True)
    (run.raw / link).symlink_to(tmp_path / store, target_is_directory=True)
    assert changed_behind(run, tmp_path / store) == (True, True)
    opened = [path.relative_to(run.raw).as_posix() for path in list_files(run.raw / Path(link).parts[0])]
    assert opened == [f"{link}/b.csv"] and set(opened) <= set(run_record.hash_folder(run.raw))


def test_links_in_a_circle_or_to_nowhere_do_not_stop_the_hashing(run: RunParameters) -> None:
    (run.raw / "platform").mkdir(parents=True)
    (run.raw / "platform" / "again").symlink_to(run.raw, target_is_directory=True)
    (run.raw / "platform" / "gone.csv").symlink_to(run.raw / "none.csv")
    assert run_record.hash_folder(run.raw) == {"platform/gone.csv": run_record.LEADS_NOWHERE}
