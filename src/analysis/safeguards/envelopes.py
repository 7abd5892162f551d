"""Closing a list for its recipient and opening what comes back: age, or a password where only Excel exists."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

import pyrage
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError
from msoffcrypto.format.ooxml import OOXMLFile
from pyrage.x25519 import Identity

from analysis.errors import MachineError, RequestError
from analysis.safeguards.keys import RecipientKey, new_password, write_private

_AGE = b"age-encryption.org/v1"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Envelope(Protocol):
    """How a list is closed: what the log may say of it, the file's ending, and the closing itself."""

    @property
    def fingerprint(self) -> str:
        """Return what the log says of the recipient."""
        ...

    @property
    def suffix(self) -> str:
        """Return the ending of the closed file's name."""
        ...

    def close(self, workbook: bytes, list_id: str) -> bytes:
        """Return the closed list."""
        ...


@dataclass(frozen=True)
class KeyEnvelope:
    """Closed with age to one unit's public key; only the holder of the secret key opens it."""

    recipient: RecipientKey
    suffix: ClassVar[str] = ".xlsx.age"

    @property
    def fingerprint(self) -> str:
        """Return the fingerprint of the unit's key."""
        return self.recipient.fingerprint

    def close(self, workbook: bytes, list_id: str) -> bytes:
        """Return the workbook encrypted with age."""
        return bytes(pyrage.encrypt(workbook, [self.recipient.key]))


@dataclass(frozen=True)
class PasswordEnvelope:
    """Closed with Excel's own encryption (AES-256) and a new password for every list.

    The password goes to `<list id>.txt` in `folder`, for its owner's eyes alone, and nowhere else.
    """

    folder: Path
    suffix: ClassVar[str] = ".xlsx"
    fingerprint: ClassVar[str] = "password"

    def close(self, workbook: bytes, list_id: str) -> bytes:
        """Return the workbook behind a new password."""
        password = new_password()
        closed = io.BytesIO()
        OOXMLFile(io.BytesIO(workbook)).encrypt(password, closed)
        write_private(self.folder / f"{list_id}.txt", f"{password}\n".encode())
        return closed.getvalue()


def closed_with(data: bytes) -> str:
    """Return `key`, `password` or `nothing`: what closes a file, told from its first bytes."""
    return "key" if data.startswith(_AGE) else "password" if data.startswith(_OLE) else "nothing"


def open_envelope(data: bytes, identity: Identity | None, password: str | None) -> bytes:
    """Return the workbook inside a returned file, whatever closed it; an open workbook comes back as it is.

    Raises RequestError when the secret it needs was not given, MachineError when that is the wrong one.
    """
    if data.startswith(_AGE):
        if identity is None:
            raise RequestError("--identity: the file is encrypted with age; give the file of the secret key")
        try:
            return bytes(pyrage.decrypt(data, [identity]))
        except pyrage.DecryptError as error:
            raise MachineError("the secret key does not open this file, or the file is damaged") from error
    if data.startswith(_OLE):
        if password is None:
            raise RequestError("--password-file: the workbook has a password; give the file that holds it")
        return _open_with_password(data, password)
    return data


def _open_with_password(data: bytes, password: str) -> bytes:
    opened = io.BytesIO()
    try:
        closed = OOXMLFile(io.BytesIO(data))
        closed.load_key(password=password, verify_password=True)
        closed.decrypt(opened)
    except (DecryptionError, InvalidKeyError, FileFormatError) as error:
        raise MachineError("the password does not open this workbook, or it is damaged") from error
    return opened.getvalue()
