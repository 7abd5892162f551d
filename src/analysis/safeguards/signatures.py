"""Signing keys: Ed25519 (RFC 8032), a secret key in a PEM file of its owner."""

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from analysis.errors import MachineError
from analysis.safeguards.keys import read_secret_file

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
