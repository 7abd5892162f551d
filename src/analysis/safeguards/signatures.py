"""An optional signature beside a published manifest: Ed25519, so that a copy proves itself (sources disclosure-5).

The manifest holds the hash of every file of its run; who has the public key needs neither the log nor this machine.
"""

import base64
import binascii
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from analysis.errors import CheckError, MachineError
from analysis.safeguards.keys import read_key_file, read_secret_file
from analysis.safeguards.publishing import MANIFEST, SIGNATURE

PublicKey = Ed25519PublicKey
SigningKey = Ed25519PrivateKey
_HOW = "make one with `openssl genpkey -algorithm ed25519`, without a passphrase"


def read_signing_key(path: Path) -> SigningKey:
    """Return the secret key of a PEM file; raises MachineError for another key or a file that is exposed."""
    try:
        key = serialization.load_pem_private_key(read_secret_file(path).encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise MachineError(f"'{path.name}' holds no secret key in PEM form; {_HOW}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise MachineError(f"'{path.name}' holds a key of another kind than Ed25519; {_HOW}")
    return key


def read_public_key(path: Path) -> PublicKey:
    """Return the public key of a PEM file; raises MachineError for anything else, a secret key among it."""
    text = read_key_file(path)
    if "PRIVATE KEY" in text:
        raise MachineError(f"'{path.name}' holds a secret key; give the public one (`openssl pkey -pubout`)")
    try:
        key = serialization.load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise MachineError(f"'{path.name}' holds no public key in PEM form; check the path") from error
    if not isinstance(key, Ed25519PublicKey):
        raise MachineError(f"'{path.name}' holds a key of another kind than Ed25519; check the path")
    return key


def sign_manifest(folder: Path, key: SigningKey) -> None:
    """Write the signature of a run's manifest beside it."""
    signature = key.sign((folder / MANIFEST).read_bytes())
    part = folder.with_name(f".{folder.name}.{SIGNATURE}.part")
    part.write_text(base64.b64encode(signature).decode() + "\n", encoding="ascii")
    part.replace(folder / SIGNATURE)


def check_signature(folder: Path, key: PublicKey) -> None:
    """Raise CheckError when a run's manifest is not signed, or not by this key."""
    path = folder / SIGNATURE
    if not path.is_file():
        raise CheckError(f"{folder.name}: the manifest is not signed; run the week again with --sign")
    try:
        key.verify(base64.b64decode(path.read_bytes(), validate=False), (folder / MANIFEST).read_bytes())
    except (InvalidSignature, binascii.Error) as error:
        raise CheckError(
            f"{folder.name}/{SIGNATURE}: not this key's signature of the manifest; ask for the signer's key"
        ) from error
