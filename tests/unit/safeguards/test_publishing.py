"""Publishing: all or nothing, one lock, links by rename, and checks that notice any change."""

import json
import os
from pathlib import Path

import pytest

from analysis.__main__ import main
from analysis.errors import CheckError, LockHeldError, RequestError
from analysis.safeguards import locks, publishing
from analysis.safeguards.audit_log import append_entry
from analysis.safeguards.run_record import hash_file, write_json


def staged(reports: Path, run_id: str, text: str = "a") -> Path:
    folder = publishing.open_staging(reports, run_id)
    (folder / "tables").mkdir(exist_ok=True)
    (folder / "index.html").write_text(text, encoding="utf-8")
    (folder / "tables" / "t.csv").write_text(text, encoding="utf-8")
    write_json(folder / publishing.MANIFEST, {"files": publishing.manifest_files(folder)})
    return folder


def published(reports: Path, run_id: str, links: tuple[str, ...] = ("2021-11-07", "current")) -> Path:
    return publishing.publish(reports, run_id, staged(reports, run_id), links)


def test_a_published_run_stands_under_its_links(tmp_path: Path) -> None:
    folder = published(tmp_path, "2021-11-07-aa")
    assert publishing.check_published(folder) == 2
    assert publishing.published_names(tmp_path) == {"2021-11-07": folder.name, "current": folder.name}
    assert publishing.follow_link(tmp_path, "current").name == folder.name


def test_links_are_relative_so_that_the_folder_can_be_moved(tmp_path: Path) -> None:
    published(tmp_path / "a", "2021-11-07-aa")
    (tmp_path / "a").rename(tmp_path / "b")
    assert publishing.check_published(publishing.follow_link(tmp_path / "b", "current")) == 2


def test_without_links_a_text_file_and_a_page_lead_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("links are not allowed")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    folder = published(tmp_path, "2021-11-07-aa")
    assert (tmp_path / "current.txt").read_text(encoding="utf-8") == ".runs/2021-11-07-aa\n"
    assert ".runs/2021-11-07-aa/index.html" in (tmp_path / "current.html").read_text(encoding="utf-8")
    assert publishing.follow_link(tmp_path, "current").name == folder.name


@pytest.mark.parametrize("change", ["edit", "remove", "add", "manifest"])
def test_verify_notices_every_change(tmp_path: Path, change: str) -> None:
    folder = published(tmp_path, "2021-11-07-aa")
    manifests = frozenset({hash_file(folder / publishing.MANIFEST)})
    assert publishing.is_published(tmp_path, "2021-11-07-aa", manifests)
    if change == "edit":
        (folder / "index.html").write_text("b", encoding="utf-8")
    elif change == "remove":
        (folder / "index.html").unlink()
    elif change == "add":
        (folder / "stranger.html").write_text("", encoding="utf-8")
    else:
        (folder / publishing.MANIFEST).write_text("{", encoding="utf-8")
    with pytest.raises(CheckError):
        publishing.check_published(folder)
    assert not publishing.is_published(tmp_path, "2021-11-07-aa", manifests)


def test_a_damaged_staging_folder_is_never_published(tmp_path: Path) -> None:
    first = published(tmp_path, "2021-11-07-aa")
    damaged = staged(tmp_path, "2021-11-07-bb")
    (damaged / "index.html").write_text("half", encoding="utf-8")
    with pytest.raises(CheckError):
        publishing.publish(tmp_path, "2021-11-07-bb", damaged, ("current",))
    assert publishing.follow_link(tmp_path, "current").name == first.name


def test_leftovers_of_another_run_are_set_aside_and_one_s_own_are_kept(tmp_path: Path) -> None:
    staged(tmp_path, "2021-11-07-aa")
    mine = publishing.open_staging(tmp_path, "2021-11-07-bb")
    (mine / "x").write_text("x", encoding="utf-8")
    (mine / "manifest.json.part").write_text("{", encoding="utf-8")
    again = publishing.open_staging(tmp_path, "2021-11-07-bb")
    assert [path.name for path in again.iterdir()] == ["x"]
    assert (tmp_path / ".incomplete" / "2021-11-07-aa" / "index.html").is_file()


def test_only_one_run_holds_the_lock(tmp_path: Path) -> None:
    with (
        locks.hold_lock(tmp_path),
        pytest.raises(LockHeldError, match=r"process \d+"),
        locks.hold_lock(tmp_path),
    ):
        raise AssertionError("two runs hold the lock")
    with locks.hold_lock(tmp_path):
        pass


def test_a_notebook_goes_on_under_the_lock_of_the_run_that_started_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(locks.STARTED_BY, str(os.getpid()))
    with locks.hold_lock(tmp_path):
        with locks.hold_lock(tmp_path):
            pass
        assert (tmp_path / locks.HOLDER).is_file()
        monkeypatch.setenv(locks.STARTED_BY, "1")
        with pytest.raises(LockHeldError, match="run or notebook"), locks.hold_lock(tmp_path):
            raise AssertionError("a notebook of another run holds the lock")


def test_old_runs_go_but_never_one_that_is_linked(tmp_path: Path) -> None:
    published(tmp_path, "2021-10-31-aa", ("2021-10-31",))
    for name in ("2021-11-07-aa", "2021-11-07-bb", "2021-11-07-cc"):
        published(tmp_path, name, ("current",))
    assert publishing.keep_last_runs(tmp_path, 1) == ["2021-11-07-bb", "2021-11-07-aa"]
    assert {p.name for p in (tmp_path / ".runs").iterdir()} == {"2021-10-31-aa", "2021-11-07-cc"}


def test_an_unknown_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no published run"):
        publishing.follow_link(tmp_path, "2021-11-07")


def test_the_manifest_is_json_without_a_clock(tmp_path: Path) -> None:
    folder = published(tmp_path, "2021-11-07-aa")
    text = (folder / publishing.MANIFEST).read_text(encoding="utf-8")
    assert set(json.loads(text)["files"]) == {"index.html", "tables/t.csv"}


def test_the_verify_command_also_checks_the_audit_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    published(tmp_path / "reports", "2021-11-07-aa")
    log = tmp_path / "data" / "processed" / "audit.jsonl"
    append_entry(log, {"event": "list_made", "lines": 1})
    assert main(["verify", "--as-of", "2021-11-07"]) == 0
    log.write_text(log.read_text("utf-8").replace("list_made", "list_lost") * 2, "utf-8")
    assert main(["verify", "--as-of", "2021-11-07"]) == 4
    assert "audit.jsonl, line 2" in capsys.readouterr().err
