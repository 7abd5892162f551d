"""Who answers for a release: approvals in the audit log, each of one run as its manifest and its sheet have it.

Two approvals are two people when their names and their users of the operating system differ. That does not prove
two people: whoever knows two passwords, or administers the machine, can give both (docs/data-protection.md).
"""

import json
import os
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import combinations
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from analysis.errors import CheckError, RequestError
from analysis.reference.printed_text import REASON_LETTERS
from analysis.safeguards.audit_log import Entry, append_entry, check_log, read_entries
from analysis.safeguards.run_record import hash_file
from analysis.safeguards.signatures import PublicKey, SigningKey

APPROVED = "release_approved"
LONGEST_NAME, LONGEST_NUMBER = 80, 40


@dataclass(frozen=True)
class Approval:
    """One person's approval of one run: the hashes of its manifest and of the sheet that was read.

    `user` is the operating system's; `sheet_number` the number a registry gave the signed sheet, `signed_sheet` the
    hash of a signed copy that came back; `key` and `signature` (hexadecimal) are empty where it is not signed.
    """

    run_id: str
    manifest: str
    sheet: str
    name: str
    user: str
    sheet_number: str = ""
    signed_sheet: str = ""
    key: str = ""
    signature: str = ""


def operating_system_user() -> str:
    """Return the name under which the operating system knows who runs this; variables of the shell do not change it."""
    if sys.platform == "win32":
        return os.getlogin()
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def parse_name(text: str) -> str:
    """Return the name of `--name` on one line; raises RequestError for what is no name of a person."""
    name = _one_line(text, "--name", LONGEST_NAME)
    if sum(c.isalpha() for c in name) < 2 or any(c.isdigit() for c in name):
        raise RequestError("--name: give the name of the person who approves, as it is signed")
    return name


def parse_number(text: str) -> str:
    """Return the number of `--sheet-number` on one line; empty when it is not given."""
    return _one_line(text, "--sheet-number", LONGEST_NUMBER) if text else ""


def _one_line(text: str, option: str, longest: int) -> str:
    line = unicodedata.normalize("NFC", " ".join(text.split()))
    if not 1 <= len(line) <= longest or not REASON_LETTERS.fullmatch(line):
        raise RequestError(f"{option}: Latin letters and ordinary marks, at most {longest} characters")
    return line


def record_approval(log: Path, as_of: str, approval: Approval, key: SigningKey | None) -> None:
    """Add an approval to the audit log, signed where a key is given."""
    if key:
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
        approval = replace(approval, key=public)
        approval = replace(approval, signature=key.sign(_signed_bytes(approval)).hex())
    entry: Entry = {"event": APPROVED, "as_of": as_of, **asdict(approval)}
    append_entry(log, entry)


def _signed_bytes(approval: Approval) -> bytes:
    said = {name: value for name, value in asdict(approval).items() if name != "signature"}
    return json.dumps(said, sort_keys=True, ensure_ascii=False).encode()


def read_approvals(log: Path, run_id: str) -> list[Approval]:
    """Return the approvals of a run in their order; raises CheckError for a log changed by another hand."""
    check_log(log)
    names = [field.name for field in fields(Approval)]
    return [
        Approval(**{name: str(entry.get(name, "")) for name in names})
        for entry in read_entries(log)
        if entry.get("event") == APPROVED and entry.get("run_id") == run_id
    ]


def two_people(approvals: Sequence[Approval], manifest: str, sheet: str) -> tuple[Approval, Approval]:
    """Return the first two approvals, of a manifest and a sheet, that are of two people.

    Raises CheckError, with a line of its own for each, when there is none or one, both are one person's, one is of
    the run before it changed or of another sheet, or a signature does not hold.
    """
    if not approvals:
        raise CheckError("nobody has approved the run; two people run `baophu approve`")
    valid = [a for a in approvals if (a.manifest, a.sheet) == (manifest, sheet)]
    if not valid:
        raise CheckError("the run or its sheet changed since it was approved; two people approve it anew")
    for approval in valid:
        _check_signature(approval)
    if len(valid) == 1:
        raise CheckError("one person has approved the run; a second one runs `baophu approve`")
    pair = next((pair for pair in combinations(valid, 2) if _are_two(*pair)), None)
    if pair is None:
        same = "name" if len({_folded(a.name) for a in valid}) == 1 else "user of the operating system or key"
        raise CheckError(f"the approvals bear the same {same}; another person, as another user, approves")
    return pair


def _are_two(one: Approval, other: Approval) -> bool:
    is_one_key = bool(one.key) and one.key == other.key
    return _folded(one.name) != _folded(other.name) and one.user != other.user and not is_one_key


def _folded(name: str) -> str:
    """Return a name without marks and capitals: the same person is not two by a mark left out."""
    plain = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    return "".join(c for c in plain if c.isalnum())


def _check_signature(approval: Approval) -> None:
    if not approval.key and not approval.signature:
        return
    try:
        key = PublicKey.from_public_bytes(bytes.fromhex(approval.key))
        key.verify(bytes.fromhex(approval.signature), _signed_bytes(approval))
    except (InvalidSignature, ValueError) as error:
        raise CheckError("the signature of an approval does not hold; that person approves anew") from error


def check_signed_sheets(log: Path, folder: Path, run_id: str) -> int:
    """Return how many signed sheets of a run stand in `folder` as recorded; raises CheckError for one that does not."""
    recorded = sorted({a.signed_sheet for a in read_approvals(log, run_id) if a.signed_sheet})
    for digest in recorded:
        path = folder / signed_sheet_name(digest)
        if not path.is_file() or hash_file(path) != digest:
            raise CheckError(
                f"{path.name}: the signed sheet is gone or another one; record it anew with `baophu approve --signed`"
            )
    return len(recorded)


def signed_sheet_name(digest: str) -> str:
    """Return the file name of a signed sheet."""
    return f"phieu-trinh-da-ky-{digest[:8]}.pdf"
