"""Keys and passwords of the people who receive lists: read from files outside the project, never shown.

A public key (`age1…`) is no secret; a secret key or a password is. A file with a secret is refused when
others may read it (on Windows the profile's own rights apply) or when it lies in the project or any git
work tree, where it would be copied with the code.
"""

import hashlib
import os
import re
import secrets
import stat
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pyrage import IdentityError, RecipientError
from pyrage.x25519 import Identity, Recipient

from analysis.engine import make_private_folder
from analysis.errors import MachineError
from analysis.settings import SHIPPED, project_folder

PASSWORD_CHARACTERS = 20
# Without letters and digits that look alike on paper: the password is read out or copied by hand.
PASSWORD_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
PUBLIC_KEY = re.compile(r"age1[0-9a-z]{58}")
SECRET_MARK = "AGE-SECRET-KEY-"
_LARGEST_KEY_FILE = 16 * 1024
_REMARK = re.compile(r"#\s*(commune|expires)\s*:\s*(\S+)")


@dataclass(frozen=True)
class RecipientKey:
    """One unit's public key; the fingerprint (16 hex digits of its SHA-256) is what a log may hold."""

    key: Recipient
    fingerprint: str


def read_recipient(given: str, unit_code: str, today: date) -> RecipientKey:
    """Return the public key of a unit: `given` is the key itself, a file, or a folder of `<unit>.txt`.

    A file holds one line `age1…` and may say in remarks whose it is and until when (`# commune: 00688`,
    `# expires: 2022-01-31`). Raises MachineError naming the unit when the key is missing, damaged, secret,
    another unit's or expired.
    """
    if given.startswith("age1"):
        return _parse_recipient(given.strip(), unit_code)
    text = _read_unit_key(_key_file(Path(given), unit_code), unit_code)
    if SECRET_MARK in text:
        raise MachineError(f"{unit_code}: the key file holds a secret key; give the public one (age1…)")
    for name, value in _REMARK.findall(text):
        if name == "commune" and value != unit_code:
            raise MachineError(f"{unit_code}: the key file is another unit's; give this unit's key")
        if name == "expires" and _parse_day(value, unit_code) < today:
            raise MachineError(f"{unit_code}: the key has expired; ask the unit for its new public key")
    lines = [line.strip() for line in text.splitlines()]
    keys = [line for line in lines if line and not line.startswith("#")]
    if len(keys) != 1:
        raise MachineError(f"{unit_code}: the key file does not hold exactly one line age1…; correct it")
    return _parse_recipient(keys[0], unit_code)


def _key_file(path: Path, unit_code: str) -> Path:
    return path / f"{unit_code}.txt" if path.is_dir() else path


def _read_unit_key(path: Path, unit_code: str) -> str:
    try:
        return read_key_file(path)
    except MachineError as error:
        raise MachineError(f"{unit_code}: {error}; ask the unit for it, no list was made") from error


def read_key_file(path: Path) -> str:
    """Return the text of a file with a public key; raises MachineError when it cannot be one."""
    try:
        if path.stat().st_size > _LARGEST_KEY_FILE:
            raise MachineError(f"'{path.name}' is too large for a key file")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise MachineError(f"no readable public key '{path.name}'") from error


def _parse_day(text: str, unit_code: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise MachineError(f"{unit_code}: 'expires' in the key file is written YYYY-MM-DD") from error


def _parse_recipient(text: str, unit_code: str) -> RecipientKey:
    try:
        if not PUBLIC_KEY.fullmatch(text):
            raise ValueError
        return RecipientKey(Recipient.from_str(text), hashlib.sha256(text.encode()).hexdigest()[:16])
    except (RecipientError, ValueError) as error:
        raise MachineError(
            f"{unit_code}: not an age public key; it is written age1… with 62 characters"
        ) from error


def read_identity(path: Path) -> Identity:
    """Return the secret key of a file made by `age-keygen`; raises MachineError when it cannot be used."""
    lines = read_secret_file(path).splitlines()
    keys = [line.strip() for line in lines if line.startswith(SECRET_MARK)]
    try:
        if len(keys) != 1:
            raise ValueError
        return Identity.from_str(keys[0])
    except (IdentityError, ValueError) as error:
        raise MachineError(
            f"'{path.name}' does not hold exactly one age secret key; check the path"
        ) from error


def read_password(path: Path) -> str:
    """Return the password of a file; raises MachineError when it is short or the file is exposed."""
    password = read_secret_file(path).strip()
    if len(password) < PASSWORD_CHARACTERS:
        raise MachineError(f"the password in '{path.name}' is shorter than {PASSWORD_CHARACTERS} characters")
    return password


def read_secret_file(path: Path) -> str:
    """Return the text of a file with a secret; raises MachineError when it is exposed, too large or unreadable."""
    refuse_project_folder(path)
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise MachineError(f"'{path.name}' can be read by others; run `chmod 600` on it first")
        if path.stat().st_size > _LARGEST_KEY_FILE:
            raise MachineError(f"'{path.name}' is too large for a file with a secret; check the path")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise MachineError(f"the secret file '{path.name}' cannot be read; check the path") from error


def refuse_project_folder(path: Path) -> None:
    """Raise MachineError for a place inside the project or any git work tree."""
    projects = {SHIPPED, project_folder()}
    for folder in (path.resolve(), *path.resolve().parents):
        if folder in projects or (folder / ".git").exists():
            raise MachineError(f"'{path.name}' lies inside the project; keep keys and passwords outside it")


def open_password_folder(folder: Path, processed: Path) -> Path:
    """Return a folder for passwords that only its owner can open, apart from the lists themselves.

    Raises MachineError when it lies in the project, beside the lists, or is open to others.
    """
    refuse_project_folder(folder)
    if folder.resolve().is_relative_to(processed.resolve()):
        raise MachineError(f"'{folder.name}' lies beside the lists; keep passwords in another place")
    if not folder.exists():
        make_private_folder(folder)
    elif not folder.is_dir() or (os.name == "posix" and stat.S_IMODE(folder.stat().st_mode) & 0o077):
        raise MachineError(f"'{folder.name}' can be opened by others; run `chmod 700` on it first")
    return folder


def new_password() -> str:
    """Return 20 random characters from the system's source: a password must not follow from any seed."""
    return "".join(secrets.choice(PASSWORD_ALPHABET) for _ in range(PASSWORD_CHARACTERS))


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read; it appears whole or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        part.replace(path)
    except OSError as error:
        raise MachineError(f"'{path.name}' cannot be written; check the disk and the permissions") from error
