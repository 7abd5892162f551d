"""`baophu worklist`: exit codes, one unit's missing key stops no other, and both envelopes from end to end."""

import io
import re
import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document

from analysis.__main__ import main
from analysis.earlier_runs import FORMER_MARK, MARK
from analysis.safeguards.audit_log import audit_log_of, read_entries
from analysis.safeguards.envelopes import KeyEnvelope, open_envelope
from analysis.safeguards.keys import read_recipient
from worklist_samples import IDENTITY, TODAY, WEEK_1, WEEK_2, answer, lines_of, make_week


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a finished week in `data/`, copied by the tests."""
    base = tmp_path_factory.mktemp("command")
    make_week(base / "data")
    return base


@pytest.fixture
def base(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the week, as the current folder, with one unit's key."""
    shutil.copytree(made / "data", tmp_path / "data")
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "00688.txt").write_text(str(IDENTITY.to_public()), encoding="utf-8")
    secret = tmp_path / "secret.txt"
    secret.write_text(f"{IDENTITY}\n", encoding="utf-8")
    secret.chmod(0o600)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lists_of(base: Path) -> list[str]:
    folder = base / "data/processed" / WEEK_1 / "restricted/worklists"
    return sorted(p.name for p in folder.glob("*.*")) if folder.is_dir() else []


@pytest.mark.parametrize(
    ("options", "code", "word"),
    [
        ("", 2, "--commune"),
        ("--as-of 2021-11-07", 2, "--commune"),
        ("--as-of 2021-11-07 --commune 00688", 2, "--recipient"),
        ("--as-of 2021-11-07 --commune 00688 --recipient keys --passwords p", 2, "one of them"),
        ("--as-of 2021-11-07 --commune 00688 --recipient keys --bundles", 2, "--bundles"),
        ("--as-of 2021-11-07 --commune 00688 --recipient keys --progress", 2, "one at a time"),
        ("--progress", 2, "--as-of"),
        ("--as-of 2021-11-07 --commune 99999 --recipient keys", 2, "--commune"),
        ("--as-of 2021-11-14 --commune 00688 --recipient keys", 2, "no complete run"),
        ("--as-of 2021-11-07 --commune 00688 00691 --recipient age1x", 2, "folder"),
        ("--as-of 2021-11-07 --commune 00691 --recipient keys", 5, "00691"),
        ("--as-of 2021-11-07 --commune 00688 --recipient none.txt", 5, "00688"),
        ("--as-of 2021-11-07 --commune 00688 --recipient age1x", 5, "not an age public key"),
        ("--import none.xlsx", 2, "--import"),
        ("--import secret.txt", 4, "not a list"),
        ("--import secret.txt --commune 00688", 2, "--import"),
    ],
)
def test_a_wrong_request_is_refused_in_one_line_and_leaves_no_list(
    base: Path, capsys: pytest.CaptureFixture[str], options: str, code: int, word: str
) -> None:
    assert main(["worklist", *options.split()]) == code
    printed = capsys.readouterr().err
    assert word in printed and printed.startswith("baophu: ") and printed.count("\n") == 1
    assert lists_of(base) == []


def test_a_missing_key_stops_its_unit_alone(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(f"worklist --as-of {WEEK_1} --commune all --recipient keys".split()) == 5
    printed = capsys.readouterr()
    assert "00706" in printed.err and "00688 to_correct" in printed.out
    assert len(lists_of(base)) == 2 and all(name.endswith(".xlsx.age") for name in lists_of(base))
    entries = read_entries(audit_log_of(base / "data/processed" / WEEK_1))
    refused = {entry["unit_code"] for entry in entries if entry["event"] == "list_refused"}
    assert {"00706", "00691", "VN"} <= refused and "00688" not in refused


def test_a_list_goes_out_and_comes_back_to_the_next_intake(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(f"worklist --as-of {WEEK_1} --commune 00688 --recipient keys/00688.txt".split()) == 0
    name = re.search(r"00688 to_decide: .* → worklists/(\S+)", capsys.readouterr().out)
    assert name
    closed = base / "data/processed" / WEEK_1 / "restricted/worklists" / name.group(1)
    book = open_envelope(closed.read_bytes(), IDENTITY, None)
    back = answer(book, {lines_of(book)[0]["Mã dòng"]: ("2", "")})
    envelope = KeyEnvelope(read_recipient(str(IDENTITY.to_public()), "00688", TODAY))
    (base / "back.xlsx.age").write_bytes(envelope.close(back, "back"))
    assert main(["worklist", "--import", "back.xlsx.age"]) == 2
    assert main(["worklist", "--import", "back.xlsx.age", "--identity", "secret.txt"]) == 0
    printed = capsys.readouterr().out
    assert "1 decisions" in printed and "so far 1 of " in printed
    assert main(["worklist", "--import", "back.xlsx.age", "--identity", "secret.txt"]) == 0
    assert "1 say the same again, 0 replace the earlier answer" in capsys.readouterr().out
    assert main(f"worklist --as-of {WEEK_1} --progress".split()) == 0
    unit, every = capsys.readouterr().out.splitlines()
    assert unit.startswith("00688: ") and unit.endswith(" lines, 1 answered, 1 decided")
    assert every == unit.replace("00688", "all 1 units")
    assert read_entries(audit_log_of(base / "data/processed" / WEEK_1))[-1]["opened_with"] == "key"
    assert len(list((base / "data/raw" / WEEK_2 / "decisions").glob("*.csv"))) == 1


def test_where_only_excel_exists_a_password_opens_it(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(f"worklist --as-of {WEEK_1} --commune 00688 --passwords words".split()) == 0
    printed = capsys.readouterr()
    for name in lists_of(base):
        password = (base / "words" / name.replace(".xlsx", ".txt")).read_text("utf-8").strip()
        assert password not in printed.out + printed.err
        closed = base / "data/processed" / WEEK_1 / "restricted/worklists" / name
        book = open_envelope(closed.read_bytes(), None, password)
        assert lines_of(book)
        log = audit_log_of(base / "data/processed" / WEEK_1).read_text("utf-8")
        assert password not in log
    assert (
        main(f"worklist --import {closed} --password-file words/{name.replace('.xlsx', '.txt')}".split()) == 0
    )


def test_a_list_made_anew_replaces_the_former_whatever_closed_it(base: Path) -> None:
    assert main(f"worklist --as-of {WEEK_1} --commune 00688 --recipient keys".split()) == 0
    assert main(f"worklist --as-of {WEEK_1} --commune 00688 --passwords words".split()) == 0
    assert lists_of(base) and all(name.endswith(".xlsx") for name in lists_of(base))


def test_lists_of_a_week_whose_mark_has_its_former_name_are_made(base: Path) -> None:
    aggregate = base / "data/processed" / WEEK_1 / "aggregate"
    (aggregate / MARK).rename(aggregate / FORMER_MARK)
    assert main(f"worklist --as-of {WEEK_1} --commune 00688 --recipient keys".split()) == 0
    assert lists_of(base)


def test_answers_may_go_to_a_folder_of_choice(base: Path) -> None:
    assert main(f"worklist --as-of {WEEK_1} --commune 00688 --passwords words".split()) == 0
    for name in lists_of(base):
        word = base / "words" / name.replace(".xlsx", ".txt")
        closed = base / "data/processed" / WEEK_1 / "restricted/worklists" / name
        book = open_envelope(closed.read_bytes(), None, word.read_text("utf-8").strip())
        back = base / "back.xlsx"
        back.write_bytes(answer(book, {line["Mã dòng"]: ("2", "") for line in lines_of(book)}))
        assert main(f"worklist --import {back} --decisions secret.txt".split()) == 2
        assert main(f"worklist --import {back} --decisions chosen".split()) == 0
    assert list((base / "chosen").glob("*.csv")) and not (base / "data/raw" / WEEK_2).exists()


def text_of(document: bytes) -> str:
    opened = Document(io.BytesIO(document))
    cells = [cell.text for table in opened.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in opened.paragraphs), *cells])


def test_a_bundle_a_district_and_a_sealed_slip_a_unit(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(f"worklist --as-of {WEEK_1} --commune all --passwords words --bundles".split()) == 0
    printed = capsys.readouterr().out
    folder = base / "data/processed" / WEEK_1 / "restricted/worklists"
    words = {path.stem: path.read_text("utf-8").strip() for path in (base / "words").glob("*.txt")}
    bundled: list[str] = []
    for path in sorted((folder / "bundles").glob("*.zip")):
        assert path.stat().st_mode & 0o077 == 0 and f"{path.stem}: " in printed
        with ZipFile(path) as bundle:
            record = text_of(bundle.read("bien-ban-ban-giao.docx"))
            closed = [name for name in bundle.namelist() if name.endswith(".xlsx")]
            assert all(bundle.read(name) == (folder / name).read_bytes() for name in closed)
        slips = text_of((base / "words" / f"{path.stem}.docx").read_bytes())
        for name in closed:
            assert name in record and name in slips and words[name.removesuffix(".xlsx")] in slips
        assert not any(word in record for word in words.values())
        assert slips.count("PHIẾU MẬT KHẨU") == slips.count("phong bì số") > 0
        bundled += closed
    assert sorted(bundled) == lists_of(base)
    log = read_entries(audit_log_of(base / "data/processed" / WEEK_1))
    assert sum(int(str(entry["lists"])) for entry in log if entry["event"] == "bundle_made") == len(bundled)


def test_a_bundle_goes_with_the_first_of_its_lists(base: Path) -> None:
    assert main(f"worklist --as-of {WEEK_1} --commune 00688 --passwords words --bundles".split()) == 0
    bundles = base / "data/processed" / WEEK_1 / "restricted/worklists/bundles"
    assert len(list(bundles.glob("*.zip"))) == 1
    for _ in range(2):
        assert main(f"worklist --as-of {WEEK_1} --commune 00688 --recipient keys".split()) == 0
    assert list(bundles.glob("*.zip")) == []
