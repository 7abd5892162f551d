"""What was published, changed by another hand: each way is named in one line by `verify` and `status`."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.__main__ import main
from analysis.safeguards.publishing import ANCHORS, MANIFEST, RUNS
from analysis.safeguards.run_record import hash_file, read_record, write_json
from conftest import PublishedRun, run_province
from golden.tiny_intake import AS_OF
from unit.safeguards.test_signatures import SECRET, key_file, public_file

RECORD = "restricted/run/3_coverage.json"


@pytest.fixture
def base(tiny: PublishedRun, tmp_path: Path) -> Path:
    """Return a copy of a published week: intake, tables, reports and the audit log."""
    return shutil.copytree(tiny.run.raw.parent, tmp_path / "base", symlinks=True)


def published(base: Path) -> Path:
    return (base / "reports" / AS_OF).resolve()


def verify(base: Path, *options: str) -> int:
    return main(["verify", "--as-of", AS_OF, "--reports", str(base / "reports"), *options])


def log_of(base: Path) -> Path:
    return base / "processed" / "audit.jsonl"


def edit_page_and_manifest(base: Path) -> None:
    page = published(base) / "index.html"
    page.write_text(page.read_text("utf-8") + "<!-- better -->", "utf-8")
    manifest = json.loads((published(base) / MANIFEST).read_text("utf-8"))
    manifest["files"]["index.html"] = hash_file(page)
    write_json(published(base) / MANIFEST, manifest)


def move_link(base: Path, goal: str, change: Callable[[Path], None]) -> None:
    """Lead the day's link to a copy of its run that was changed so that it agrees with itself."""
    change(shutil.copytree(published(base), base / "reports" / goal))
    (base / "reports" / AS_OF).unlink()
    (base / "reports" / AS_OF).symlink_to(goal)


def rename_in_manifest(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    write_json(folder / MANIFEST, manifest | {"run_id": folder.name})


def cut_log(base: Path, kept: int, *, head_too: bool = False) -> None:
    lines = log_of(base).read_text("utf-8").splitlines(keepends=True)
    log_of(base).write_text("".join(lines[:kept]), "utf-8")
    if head_too:
        log_of(base).with_name("audit.jsonl.head").unlink()


def delete_log(base: Path, *, head_too: bool = False) -> None:
    log_of(base).unlink()
    if head_too:
        log_of(base).with_name("audit.jsonl.head").unlink()


def exchange_log(base: Path) -> None:
    log_of(base).write_text('{"event": "wiped", "previous": "%s"}\n' % ("0" * 64), "utf-8")
    log_of(base).with_name("audit.jsonl.head").unlink()


def edit_table_and_record(base: Path) -> None:
    table = base / "processed" / AS_OF / "aggregate" / "coverage.parquet"
    shutil.copy(table.with_name("supply.parquet"), table)
    record = read_record(base / "processed" / AS_OF / RECORD)
    assert record
    record["outputs"]["aggregate/coverage.parquet"] = hash_file(table)
    write_json(base / "processed" / AS_OF / RECORD, record)


def put_a_folder_for_the_link(base: Path) -> None:
    run = published(base)
    (base / "reports" / AS_OF).unlink()
    shutil.copytree(run, base / "reports" / AS_OF)


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "page, hash and manifest": (edit_page_and_manifest, "manifest.json: not the one that was published"),
    "link to a copy": (
        lambda base: move_link(base, f"{RUNS}/{AS_OF}-copy", lambda _: None),
        "another run's copy",
    ),
    "link to a renamed copy": (
        lambda base: move_link(base, f"{RUNS}/{AS_OF}-copy", rename_in_manifest),
        "the link leads to 2021-11-07-copy, published was",
    ),
    "link out of the runs": (
        lambda base: move_link(base, "mine", lambda _: None),
        "leads to no run of .runs",
    ),
    "folder for the link": (put_a_folder_for_the_link, "the link is gone"),
    "deleted run": (lambda base: shutil.rmtree(published(base)), "is gone; run the week again"),
    "deleted link": (lambda base: (base / "reports" / AS_OF).unlink(), "the link is gone"),
    "cut log": (lambda base: cut_log(base, 1), "its last lines are gone"),
    "emptied log": (lambda base: cut_log(base, 0, head_too=True), "does not know run"),
    "deleted log": (delete_log, "the log is gone"),
    "deleted log and head": (lambda base: delete_log(base, head_too=True), "the log is gone that run"),
    "foreign log": (exchange_log, "does not know run"),
    "table and record": (edit_table_and_record, "coverage.parquet: not the counts that were published"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_verify_and_status_name_what_another_hand_did(
    base: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fault, words = FAULTS[name]
    assert verify(base) == 0
    fault(base)
    capsys.readouterr()
    assert verify(base) == 4
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1
    if words != "the link is gone":
        assert main(["status", "--reports", str(base / "reports")]) == 4
        assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    "name",
    ["page, hash and manifest", "link out of the runs", "folder for the link", "deleted run", "deleted link"],
)
def test_the_next_run_brings_back_what_is_gone_or_was_changed(base: Path, name: str) -> None:
    page = (published(base) / "index.html").read_bytes()
    FAULTS[name][0](base)
    assert run_province(base) == 0
    assert verify(base) == 0
    assert (published(base) / "index.html").read_bytes() == page


def test_a_copy_passed_on_proves_itself_by_its_signature(base: Path, tmp_path: Path) -> None:
    secret, public = key_file(tmp_path, SECRET), public_file(tmp_path, SECRET)
    assert run_province(base, "--sign", str(secret)) == 0
    assert verify(base, "--key", str(public)) == 0
    whole = shutil.copytree(base / "reports", tmp_path / "sent" / "reports", symlinks=True)
    alone = shutil.copytree(published(base), tmp_path / "alone" / AS_OF).parent
    for copy in (whole, alone):
        copied = ["verify", "--as-of", AS_OF, "--reports", str(copy), "--key", str(public)]
        assert main(copied) == 0
        page = copy / AS_OF / "index.html"
        page.write_text(page.read_text("utf-8") + "<!-- -->", "utf-8")
        manifest = json.loads((copy / AS_OF / MANIFEST).read_text("utf-8"))
        manifest["files"]["index.html"] = hash_file(page)
        write_json(copy / AS_OF / MANIFEST, manifest)
        assert main(copied) == 4


def test_a_log_cut_before_a_later_run_is_no_longer_its_log(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut_log(base, 1)
    edit = base / "reports" / ANCHORS / f"{published(base).name}.json"
    kept = json.loads(edit.read_text("utf-8"))
    write_json(edit, kept | {"head": "f" * 64})
    log_of(base).with_name("audit.jsonl.head").unlink()
    assert verify(base) == 4
    assert "not the log that run" in capsys.readouterr().err


def test_a_broken_log_is_told_and_does_not_cost_the_week(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exchange_log(base)
    log_of(base).write_text("{}\n" + log_of(base).read_text("utf-8"), "utf-8")
    assert run_province(base) == 0
    printed = capsys.readouterr()
    assert "audit.jsonl, line 2: the log was changed" in printed.err
    assert "audit log: head " in printed.out
    assert verify(base) == 4


def test_lines_from_before_the_chain_are_taken(base: Path) -> None:
    first = log_of(base).read_text("utf-8")
    log_of(base).write_text('{"event": "list_made"}\n', "utf-8")
    log_of(base).with_name("audit.jsonl.head").unlink()
    assert run_province(base) == 0
    assert verify(base) == 0
    assert log_of(base).read_text("utf-8") != first


def test_what_was_published_twice_under_one_log_keeps_both(base: Path) -> None:
    assert run_province(base) == 0
    assert log_of(base).read_text("utf-8").count('"published"') == 1
