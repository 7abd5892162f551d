"""Keys, passwords, envelopes and the audit log: what is refused, and that only the right secret opens."""

import json
import os
from pathlib import Path

import pytest
from pyrage.x25519 import Identity

from analysis.errors import CheckError, MachineError, RequestError
from analysis.safeguards import audit_log, keys
from analysis.safeguards.envelopes import KeyEnvelope, PasswordEnvelope, open_envelope
from analysis.settings import SHIPPED
from worklist_samples import IDENTITY, TODAY

PUBLIC = str(IDENTITY.to_public())
UNIT = "00688"
posix = pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")


def secret_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "secret.txt"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    "text", [PUBLIC, f"# commune: {UNIT}\n# expires: 2021-11-08\n{PUBLIC}\n"], ids=["bare", "with comments"]
)
def test_a_public_key_is_read_from_a_file_or_a_folder(tmp_path: Path, text: str) -> None:
    path = tmp_path / f"{UNIT}.txt"
    path.write_text(text, encoding="utf-8")
    found = {keys.read_recipient(str(given), UNIT, TODAY).fingerprint for given in (path, tmp_path, PUBLIC)}
    assert len(found) == 1 and PUBLIC not in found


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (None, "no readable public key"),
        ("", "exactly one line"),
        (f"{PUBLIC}\n{PUBLIC}\n", "exactly one line"),
        (PUBLIC[:-1] + ("q" if PUBLIC[-1] != "q" else "p"), "not an age public key"),
        ("age1short", "not an age public key"),
        (str(IDENTITY), "secret key"),
        (f"# commune: 00691\n{PUBLIC}", "another unit's"),
        (f"# expires: 2021-11-07\n{PUBLIC}", "expired"),
        (f"# expires: soon\n{PUBLIC}", "YYYY-MM-DD"),
        ("x" * 20_000, "too large"),
    ],
    ids=range(10),  # keys are made anew each time: named by them a case could not be asked for again
)
def test_a_missing_or_wrong_public_key_is_refused(tmp_path: Path, text: str | None, word: str) -> None:
    path = tmp_path / "key.txt"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(MachineError, match=word) as refused:
        keys.read_recipient(str(path), UNIT, TODAY)
    assert UNIT in str(refused.value) and str(IDENTITY) not in str(refused.value)


def test_only_the_right_key_opens_and_a_flipped_bit_shows() -> None:
    closed = KeyEnvelope(keys.read_recipient(PUBLIC, UNIT, TODAY)).close(b"PK list", "a1")
    assert b"list" not in closed
    assert open_envelope(closed, IDENTITY, None) == b"PK list"
    with pytest.raises(MachineError, match="does not open"):
        open_envelope(closed, Identity.generate(), None)
    with pytest.raises(MachineError, match="does not open"):
        open_envelope(closed[:-1] + bytes([closed[-1] ^ 1]), IDENTITY, None)
    with pytest.raises(RequestError, match="--identity"):
        open_envelope(closed, None, None)


def test_a_password_opens_its_list_and_lies_apart(tmp_path: Path, workbook: bytes) -> None:
    folder = keys.open_password_folder(tmp_path / "passwords", tmp_path / "processed")
    closed = PasswordEnvelope(folder).close(workbook, "abc")
    password = keys.read_password(folder / "abc.txt")
    assert len(password) == keys.PASSWORD_CHARACTERS and closed[:4] == b"\xd0\xcf\x11\xe0"
    assert open_envelope(closed, None, password) == workbook
    with pytest.raises(MachineError, match="password does not open"):
        open_envelope(closed, None, password[::-1])
    with pytest.raises(RequestError, match="--password-file"):
        open_envelope(closed, None, None)
    if os.name == "posix":
        assert (folder / "abc.txt").stat().st_mode & 0o077 == 0
    PasswordEnvelope(folder).close(workbook, "abd")
    assert keys.read_password(folder / "abd.txt") != password


@pytest.fixture
def workbook() -> bytes:
    """Return a small workbook."""
    import io

    import xlsxwriter

    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as book:
        book.add_worksheet().write_string(0, 0, "x")
    return data.getvalue()


def test_secrets_are_read_from_private_files(tmp_path: Path) -> None:
    assert str(keys.read_identity(secret_file(tmp_path, f"# made\n{IDENTITY}\n"))) == str(IDENTITY)


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = secret_file(tmp_path, str(IDENTITY), mode)
    for read in (keys.read_identity, keys.read_password):
        with pytest.raises(MachineError, match="chmod 600"):
            read(path)


@posix
def test_a_password_folder_that_others_can_open_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    with pytest.raises(MachineError, match="chmod 700"):
        keys.open_password_folder(folder, tmp_path / "processed")


def test_secrets_in_the_project_or_beside_the_lists_are_refused(tmp_path: Path) -> None:
    for place in (SHIPPED / "data" / "key.txt", SHIPPED / "passwords"):
        with pytest.raises(MachineError, match="inside the project"):
            keys.refuse_project_folder(place)
    (tmp_path / "clone" / ".git").mkdir(parents=True)
    with pytest.raises(MachineError, match="inside the project"):
        keys.read_identity(tmp_path / "clone" / "key.txt")
    with pytest.raises(MachineError, match="beside the lists"):
        keys.open_password_folder(tmp_path / "processed" / "x", tmp_path / "processed")


@pytest.mark.parametrize(("text", "read"), [("short", keys.read_password), ("no key", keys.read_identity)])
def test_a_secret_that_is_none_is_refused_and_not_repeated(tmp_path: Path, text: str, read: object) -> None:
    with pytest.raises(MachineError) as refused:
        read(secret_file(tmp_path, text))  # type: ignore[operator]
    assert text not in str(refused.value).split("'")[::2]


def test_the_log_is_a_chain(tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    for number in range(3):
        audit_log.append_entry(log, {"event": "list_made", "lines": number})
    assert [entry["lines"] for entry in audit_log.read_entries(log)] == [0, 1, 2]
    assert len(audit_log.check_log(log)) == 64


@pytest.mark.parametrize("change", ["edited", "removed", "cut"])
def test_a_log_changed_by_hand_is_noticed(tmp_path: Path, change: str) -> None:
    log = tmp_path / "audit.jsonl"
    for number in range(3):
        audit_log.append_entry(log, {"event": "list_made", "lines": number})
    lines = log.read_text("utf-8").splitlines(keepends=True)
    match change:
        case "edited":
            lines[0] = json.dumps(json.loads(lines[0]) | {"lines": 7}) + "\n"
        case "removed":
            del lines[1]
        case "cut":
            lines[2] = lines[2][:10]
    log.write_text("".join(lines), "utf-8")
    with pytest.raises(CheckError, match="line"):
        audit_log.check_log(log)
    if change == "cut":
        with pytest.raises(CheckError, match="cut off"):
            audit_log.append_entry(log, {"event": "list_made", "lines": 4})
    assert log.read_text("utf-8") == "".join(lines)
