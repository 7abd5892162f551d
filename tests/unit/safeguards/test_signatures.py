"""Signed manifests: only the signer's key, of the right kind and from a file that nobody else can read."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from analysis.errors import CheckError, MachineError
from analysis.safeguards.publishing import MANIFEST, SIGNATURE, check_published, manifest_files
from analysis.safeguards.run_record import write_json
from analysis.safeguards.signatures import check_signature, read_public_key, read_signing_key, sign_manifest

SECRET = Ed25519PrivateKey.generate()


def key_file(
    folder: Path, key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b""
) -> Path:
    path = folder / "sign.pem"
    closed = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    path.write_bytes(key.private_bytes(*form, closed))
    path.chmod(0o600)
    return path


def public_file(folder: Path, key: Ed25519PrivateKey) -> Path:
    path = folder / "sign.pub"
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    path.write_bytes(key.public_key().public_bytes(*form))
    return path


def run_folder(base: Path) -> Path:
    folder = base / "2021-11-07-aa"
    folder.mkdir()
    (folder / "index.html").write_text("a", "utf-8")
    write_json(folder / MANIFEST, {"files": manifest_files(folder)})
    return folder


def test_a_signed_manifest_is_the_signer_s_and_unchanged(tmp_path: Path) -> None:
    folder = run_folder(tmp_path)
    public = read_public_key(public_file(tmp_path, SECRET))
    with pytest.raises(CheckError, match="not signed"):
        check_signature(folder, public)
    sign_manifest(folder, read_signing_key(key_file(tmp_path, SECRET)))
    assert check_published(folder) == 1
    check_signature(folder, public)
    with pytest.raises(CheckError, match="not this key's signature"):
        check_signature(folder, Ed25519PrivateKey.generate().public_key())
    write_json(folder / MANIFEST, {"files": {}})
    with pytest.raises(CheckError, match="not this key's signature"):
        check_signature(folder, public)
    (folder / SIGNATURE).write_text("x", "utf-8")
    with pytest.raises(CheckError, match="not this key's signature"):
        check_signature(folder, public)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("short", "no secret key in PEM form"),
        ("passphrase", "without a passphrase"),
        ("other kind", "another kind than Ed25519"),
        ("exposed", "chmod 600"),
        ("in a repository", "inside the project"),
        ("missing", "cannot be read"),
        ("large", "too large"),
    ],
)
def test_a_key_that_must_not_be_used_is_refused(tmp_path: Path, fault: str, words: str) -> None:
    path = key_file(tmp_path, SECRET)
    match fault:
        case "short":
            path.write_text(path.read_text("utf-8")[:40], "utf-8")
        case "passphrase":
            key_file(tmp_path, SECRET, b"a word")
        case "other kind":
            key_file(tmp_path, ec.generate_private_key(ec.SECP256R1()))
        case "exposed":
            if os.name != "posix":
                pytest.skip("file modes are POSIX")
            path.chmod(0o644)
        case "in a repository":
            (tmp_path / ".git").mkdir()
        case "missing":
            path.unlink()
        case "large":
            path.write_bytes(b"x" * 20_000)
    with pytest.raises(MachineError, match=words):
        read_signing_key(path)


def test_a_secret_key_is_no_public_one(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="give the public one"):
        read_public_key(key_file(tmp_path, SECRET))
    with pytest.raises(MachineError, match="no readable public key"):
        read_public_key(tmp_path / "none")
    other = tmp_path / "none.pub"
    other.write_text("x", "utf-8")
    with pytest.raises(MachineError, match="no public key in PEM form"):
        read_public_key(other)
