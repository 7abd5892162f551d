"""A release: only of an unchanged run that two people have approved; the same documents without the internal mark."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pypdf import PdfReader

from analysis import release
from analysis.__main__ import main
from analysis.briefing.documents.checkers_sheet import read_disclosure
from analysis.safeguards import approvals
from analysis.safeguards.audit_log import AUDIT_LOG, append_entry, read_entries
from analysis.safeguards.run_record import hash_file, hash_folder
from conftest import PublishedRun
from disclosure.byte_search import leaks
from golden.tiny_intake import AS_OF, CITIZENS

DISCLOSURE = {
    "tables": [
        {
            "table": "coverage",
            "exact_cells": 412,
            "suppressed_cells": 18,
            "rounded_cells": 0,
            "smallest_shown": 11,
            "rules": {"threshold": 10, "base": 50},
        },
        {"table": "supply"},
    ],
    "attack": {"cells": 18, "narrowest": 12, "seconds": 0.4, "result": "ok"},
    "changes_since_last_release": ["coverage: 3 ô mới bị che", {"table": "supply", "cells": 1204}],
}


class Desk:
    """A finished run on which people work: each command as the user of the operating system who gives it."""

    def __init__(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.base, self.out = base, base.parent / "public"
        self._patch = monkeypatch
        self.reports, self.processed = base / "reports", base / "processed" / AS_OF
        self.folder = (self.reports / AS_OF).resolve()
        self.log = base / "processed" / AUDIT_LOG

    def place(self) -> list[str]:
        return ["--as-of", AS_OF, "--reports", str(self.reports), "--processed", str(self.processed)]

    def approve(self, name: str, user: str, *options: str) -> int:
        self._patch.setattr(release, "operating_system_user", lambda: user)
        return main(["approve", *self.place(), "--name", name, *options])

    def release(self, out: Path | None = None) -> int:
        return main(["release", *self.place(), "--out", str(out or self.out)])

    def two_approve(self) -> None:
        assert self.approve("Trần Thị Bình", "binh") == 0
        assert self.approve("Lê Văn Cường", "cuong") == 0

    def control(self, found: object = DISCLOSURE) -> None:
        """Put the result of disclosure control into the run, as the job does before it writes the manifest."""
        (self.folder / "disclosure.json").write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
        manifest = json.loads((self.folder / "manifest.json").read_text("utf-8"))
        manifest["files"]["disclosure.json"] = hash_file(self.folder / "disclosure.json")
        (self.folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.fixture
def desk(tiny: PublishedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Return a copy of the tiny run."""
    shutil.copytree(tiny.run.raw.parent, tmp_path / "base", symlinks=True)
    yield Desk(tmp_path / "base", monkeypatch)


def nobody(desk: Desk) -> None:
    assert not any(entry["event"] == approvals.APPROVED for entry in read_entries(desk.log))


def one(desk: Desk) -> None:
    assert desk.approve("Trần Thị Bình", "binh") == 0


def same_name(desk: Desk) -> None:
    one(desk)
    assert desk.approve("TRAN  THI BINH", "cuong") == 0


def same_user(desk: Desk) -> None:
    one(desk)
    assert desk.approve("Lê Văn Cường", "binh") == 0


def same_person_again(desk: Desk) -> None:
    one(desk)
    one(desk)


def no_sheet(desk: Desk) -> None:
    desk.two_approve()
    shutil.rmtree(desk.reports / ".sheets")


def another_sheet(desk: Desk) -> None:
    desk.two_approve()
    sheet = next((desk.reports / ".sheets").rglob("*.pdf"))
    sheet.write_bytes(sheet.read_bytes() + b"\n%")


def no_control(desk: Desk) -> None:
    manifest = json.loads((desk.folder / "manifest.json").read_text("utf-8"))
    del manifest["files"]["disclosure.json"]
    (desk.folder / "disclosure.json").unlink()
    (desk.folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    desk.two_approve()


def changed_page(desk: Desk) -> None:
    desk.two_approve()
    (desk.folder / "index.html").write_text("x", encoding="utf-8")


def changed_page_and_manifest(desk: Desk) -> None:
    desk.two_approve()
    (desk.folder / "tables" / "supply.csv").write_text("x", encoding="utf-8")
    manifest = json.loads((desk.folder / "manifest.json").read_text("utf-8"))
    manifest["files"]["tables/supply.csv"] = hash_file(desk.folder / "tables" / "supply.csv")
    (desk.folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def changed_counts(desk: Desk) -> None:
    desk.two_approve()
    path = desk.processed / "aggregate" / "supply.parquet"
    path.write_bytes(path.read_bytes() + b"x")


def changed_context(desk: Desk) -> None:
    desk.two_approve()
    path = desk.processed / "restricted" / "run" / "briefing" / "02" / "context.json"
    path.write_text(path.read_text("utf-8").replace("Hà Giang", "Hà Nội"), encoding="utf-8")


def another_run_of_the_day(desk: Desk) -> None:
    desk.two_approve()
    mark = desk.processed / "aggregate" / "run_mark.json"
    mark.write_text(json.dumps(json.loads(mark.read_text("utf-8")) | {"run_id": "x"}), encoding="utf-8")


def changed_log(desk: Desk) -> None:
    desk.two_approve()
    desk.log.write_text(desk.log.read_text("utf-8").replace("binh", "khac"), encoding="utf-8")


def forged_signature(desk: Desk) -> None:
    desk.two_approve()
    last = read_entries(desk.log)[-1]
    append_entry(
        desk.log, {**last, "name": "Phạm Văn Dũng", "user": "dung", "key": "ab" * 32, "signature": "cd" * 64}
    )


def other_things_there(desk: Desk) -> None:
    desk.two_approve()
    desk.out.mkdir()
    (desk.out / "notes.txt").write_text("x", encoding="utf-8")


def marked_unsafe(desk: Desk) -> None:
    desk.two_approve()
    (desk.processed / "restricted" / "run" / "unsafe.json").write_text("{}", encoding="utf-8")


def released_beside(desk: Desk, as_of: str, held: str = "") -> None:
    """Note the release of another run, as the command does."""
    entry = {"event": "released", "as_of": as_of, "run_id": f"{as_of}-other", "held_against": held}
    append_entry(desk.log, {**entry})


def another_released(desk: Desk) -> None:
    desk.two_approve()
    released_beside(desk, AS_OF)


def a_later_day_released(desk: Desk) -> None:
    desk.two_approve()
    released_beside(desk, "2021-11-14")


REFUSED: dict[str, tuple[Callable[[Desk], None], str]] = {
    "no approval": (nobody, "has no checker's sheet"),
    "one approval": (one, "one person has approved"),
    "the same name": (same_name, "bear the same name"),
    "the same user": (same_user, "bear the same user"),
    "the same person": (same_person_again, "bear the same name"),
    "no sheet": (no_sheet, "has no checker's sheet"),
    "another sheet": (another_sheet, "changed since it was approved"),
    "no disclosure control": (no_control, "has not passed disclosure control"),
    "a changed page": (changed_page, "index.html: not as the run made it"),
    "a changed table, manifest too": (changed_page_and_manifest, "changed since it was approved"),
    "changed counts": (changed_counts, "supply.parquet"),
    "a changed source": (changed_context, "what is kept of 02"),
    "tables of another run": (another_run_of_the_day, "not those of run"),
    "a changed log": (changed_log, "changed by another hand"),
    "a forged signature": (forged_signature, "signature of an approval does not hold"),
    "another folder": (other_things_there, "holds something else"),
    "another run released since": (another_released, "not held against run 2021-11-07-other"),
    "a later day released": (a_later_day_released, "not held against run 2021-11-14-other"),
    "an unsafe run": (marked_unsafe, "marked unsafe"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_release_is_refused(desk: Desk, case: str, capfd: pytest.CaptureFixture[str]) -> None:
    prepare, line = REFUSED[case]
    prepare(desk)
    capfd.readouterr()
    assert desk.release() == 4
    printed = capfd.readouterr().err.splitlines()
    assert len(printed) == 1 and line in printed[0], printed
    assert not (desk.out / "manifest.json").exists()
    assert not list(desk.out.parent.glob(".public*"))


def test_two_people_release_the_same_documents_without_the_mark(desk: Desk, tmp_path: Path) -> None:
    desk.two_approve()
    assert desk.release() == 0
    internal, public = hash_folder(desk.folder), hash_folder(desk.out)
    assert set(internal) - {"disclosure.json"} == set(public) - {"phieu-trinh.html", "phieu-trinh.pdf"}
    tables = {n: d for n, d in internal.items() if n.startswith("tables/")}
    assert tables and tables.items() <= public.items()
    for name in ("index.html", "02-ha-giang.html"):
        page = (desk.folder / name).read_text("utf-8")
        assert "LƯU HÀNH NỘI BỘ" in page
        marks = (
            "LƯU HÀNH NỘI BỘ · ",
            '<p class="mark" role="note">LƯU HÀNH NỘI BỘ</p>\n',
            " · LƯU HÀNH NỘI BỘ",
            # A copy stands alone.
            '<span class="elsewhere"> · <a href="../index.html">Các kỳ đã công bố</a></span>',
        )
        for mark in marks:
            page = page.replace(mark, "")
        assert (desk.out / name).read_text("utf-8") == page
    assert leaks([desk.out], ["LƯU HÀNH NỘI BỘ", *(c.citizen_id for c in CITIZENS.values())]) == []
    assert desk.release(tmp_path / "again") == 0
    assert hash_folder(tmp_path / "again") == public
    assert desk.release() == 0 and hash_folder(desk.out) == public
    assert [e["event"] for e in read_entries(desk.log)].count("released") == 2


def test_what_was_released_or_held_against_the_run_is_no_obstacle(desk: Desk, tmp_path: Path) -> None:
    desk.two_approve()
    released_beside(desk, "2021-11-14", held=f"2021-10-31-first {desk.folder.name}")
    assert desk.release() == 0
    released_beside(desk, AS_OF)
    assert desk.release(tmp_path / "again") == 0, "what is public already is made again as it was"
    assert hash_folder(tmp_path / "again") == hash_folder(desk.out)


def test_the_public_manifest_tells_the_run_and_nothing_of_its_intake(desk: Desk) -> None:
    desk.two_approve()
    assert desk.approve("Trần Thị Bình", "binh", "--sheet-number", "12/PT-YTDP") == 0
    assert desk.release() == 0
    text = (desk.out / "manifest.json").read_text("utf-8")
    manifest = json.loads(text)
    assert manifest["run_id"] == desk.folder.name
    assert manifest["internal_manifest"] == hash_file(desk.folder / "manifest.json")
    assert [a["name"] for a in manifest["approved_by"]] == ["Trần Thị Bình", "Lê Văn Cường"]
    assert manifest["sheet_number"] == "12/PT-YTDP"
    raw = hash_folder(desk.base / "raw")
    assert raw and not [n for n, d in raw.items() if n in text or d in text]
    internal = (desk.folder / "manifest.json").read_text("utf-8")
    assert not [n for n, d in raw.items() if n in internal or d in internal]
    kept = json.loads((desk.processed / "restricted" / "run" / "inputs.json").read_text("utf-8"))
    assert raw.items() <= kept.items()
    assert not [user for user in ("binh", "cuong") if f'"{user}"' in text]


def test_the_sheet_says_what_was_done_to_each_table(desk: Desk) -> None:
    assert desk.approve("Trần Thị Bình", "binh") == 0
    folder = desk.reports / ".sheets" / desk.folder.name
    found = json.loads((desk.folder / "disclosure.json").read_text("utf-8"))
    coverage = next(table for table in found["tables"] if table["table"] == "coverage")
    printed = " ".join(p.extract_text() for p in PdfReader(folder / "phieu-trinh.pdf").pages)
    page = (folder / "phieu-trinh.html").read_text("utf-8")
    for text in (
        "LƯU HÀNH NỘI BỘ",
        "PHIẾU TRÌNH",
        "Bao phủ người từ 18 tuổi trở lên đến huyện (coverage)",
        f"{coverage['exact_cells']:,}".replace(",", "."),
        "cả nước, tỉnh: che 1–9; huyện, xã: làm tròn",
        f"rộng {found['attack']['narrowest']}; kết quả: không dò ra số nào",
        "vì không đếm người hoặc do địa phương báo cáo: coverage_bridge, supply",
    ):
        assert " ".join(text.split()) in " ".join(printed.split()) and text in page, text
    assert hash_file(desk.folder / "manifest.json") in page
    assert desk.approve("Lê Văn Cường", "cuong") == 0
    entries = [e for e in read_entries(desk.log) if e["event"] == "release_approved"]
    assert len({e["sheet"] for e in entries}) == 1 and {e["user"] for e in entries} == {"binh", "cuong"}


def test_the_sheet_says_which_figures_differ_from_the_last_release(desk: Desk) -> None:
    told = [{"table": name, "figures": 1204, "changed": n} for name, n in (("supply", 3), ("coverage", 0))]
    changes = {"compared_with": "2021-10-31-first", "changes_since_last_release": told}
    desk.control({"tables": [], "attack": {"cells": 1, "narrowest": 3, "result": "worked_out"}, **changes})
    assert desk.approve("Trần Thị Bình", "binh") == 0
    page = next((desk.reports / ".sheets").rglob("*.html")).read_text("utf-8")
    assert "Cung ứng và sử dụng vắc xin (supply): 3 trong 1.204 số khác lần trước." in page
    assert "2021-10-31-first" in page and "1 bảng không có số nào khác." in page
    assert "DÒ RA ĐƯỢC, KHÔNG ĐƯỢC CÔNG BỐ" in page


@pytest.mark.parametrize("found", ["x", [], {}, {"tables": 1}, {"attack": {}}])
def test_without_a_result_of_disclosure_control_the_sheet_says_so(desk: Desk, found: object) -> None:
    desk.control(found)
    assert read_disclosure(desk.folder) is None
    assert desk.approve("Trần Thị Bình", "binh") == 0
    page = next((desk.reports / ".sheets").rglob("*.html")).read_text("utf-8")
    assert "CHƯA KIỂM SOÁT CÔNG BỐ" in page


@pytest.mark.parametrize(
    "row", [{}, {"table": None, "rules": "x"}, "no row", {"table": "<b>x</b>", "rules": {"a": [1]}}]
)
def test_the_sheet_reads_a_result_leniently(desk: Desk, row: object) -> None:
    desk.control({"tables": [row], "attack": "x", "changes_since_last_release": None})
    assert desk.approve("Trần Thị Bình", "binh") == 0
    assert "<b>x" not in next((desk.reports / ".sheets").rglob("*.html")).read_text("utf-8")


def key_file(folder: Path) -> Path:
    path = folder / "approver.pem"
    secret = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret)
    path.chmod(0o600)
    return path


def test_signed_approvals_hold_and_one_key_is_one_person(
    desk: Desk, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    key = str(key_file(tmp_path))
    assert desk.approve("Trần Thị Bình", "binh", "--sign", key) == 0
    assert desk.approve("Lê Văn Cường", "cuong", "--sign", key) == 0
    assert desk.release() == 4 and "or key" in capfd.readouterr().err
    (tmp_path / "other").mkdir()
    assert desk.approve("Lê Văn Cường", "cuong", "--sign", str(key_file(tmp_path / "other"))) == 0
    assert desk.release() == 0
    manifest = json.loads((desk.out / "manifest.json").read_text("utf-8"))
    assert all(len(a["key"]) == 64 for a in manifest["approved_by"])


def test_a_signed_sheet_is_known_by_its_hash(desk: Desk, tmp_path: Path) -> None:
    signed = tmp_path / "scan.pdf"
    signed.write_bytes(b"%PDF-1.4 signed")
    assert desk.approve("Trần Thị Bình", "binh", "--signed", str(signed)) == 0
    folder = desk.reports / ".sheets" / desk.folder.name
    assert approvals.check_signed_sheets(desk.log, folder, desk.folder.name) == 1
    assert main(["verify", *desk.place()]) == 0
    next(folder.glob("*da-ky*")).write_bytes(b"%PDF-1.4 another")
    assert main(["verify", *desk.place()]) == 4
    with pytest.raises(Exception, match="signed sheet is gone or another one"):
        approvals.check_signed_sheets(desk.log, folder, desk.folder.name)
    (tmp_path / "scan.png").write_bytes(b"x")
    assert desk.approve("Trần Thị Bình", "binh", "--signed", str(tmp_path / "scan.png")) == 2


@pytest.mark.parametrize("name", ["", "x", "123", "A" * 90, "Nguyễn\u202eA", "Tổ 5"])
def test_what_is_no_name_is_refused(desk: Desk, name: str) -> None:
    assert desk.approve(name, "binh") == 2


def test_a_release_has_a_folder_of_its_own(desk: Desk) -> None:
    desk.two_approve()
    for inside in (desk.reports / "x", desk.processed / "x"):
        assert desk.release(inside) == 2


def test_the_user_is_asked_of_the_system_not_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    before = approvals.operating_system_user()
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody")
    assert approvals.operating_system_user() == before != "somebody"


def test_a_release_that_would_show_a_person_is_not_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    desk.two_approve()
    person = CITIZENS["duc"].name
    sheet = "analysis.briefing.documents.checkers_sheet.write_sheet"

    def leak(folder: Path, target: Path, marks: str) -> None:
        (target / "phieu-trinh.html").write_text(f"<html>{person}</html>", encoding="utf-8")

    monkeypatch.setattr(sheet, leak)
    assert desk.release() == 4
    printed = "".join(capfd.readouterr())
    assert "phieu-trinh.html: data of a person" in printed and person not in printed
    assert not desk.out.exists()
    monkeypatch.undo()
    assert desk.release() == 4 and "marked unsafe" in capfd.readouterr().err
