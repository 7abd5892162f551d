"""The bill of materials of the lock, as CycloneDX JSON: every package with version, hashes, and who asks for it.

    python tests/sbom.py > sbom.json

The same lock gives the same bytes: no clock, and the serial number is made from the lock.
"""

import hashlib
import json
import re
import sys
import uuid
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements.lock"
ROOT = "baophu"
_PACKAGE = re.compile(r"^([a-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)


def bill(lock: str) -> dict[str, Any]:
    """Return the bill of a lock's text."""
    parts = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)
    found = [(named[1], named[2], part) for part in parts if (named := _PACKAGE.match(part))]
    reference = {name: f"pkg:pypi/{name}@{version}" for name, version, _ in found}
    asked: dict[str, list[str]] = {name: [] for name in (ROOT, *reference)}
    for name, _, part in found:
        for parent in _asked_by(part):
            asked.setdefault(parent, []).append(reference[name])
    digest = hashlib.sha256(lock.encode()).digest()
    root = {"type": "application", "bom-ref": ROOT, "name": ROOT}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.UUID(bytes=digest[:16], version=4)}",
        "version": 1,
        "metadata": {"component": root},
        "components": [_component(name, version, part, reference[name]) for name, version, part in found],
        "dependencies": [
            {"ref": reference.get(name, ROOT), "dependsOn": sorted(needs)} for name, needs in asked.items()
        ],
    }


def _component(name: str, version: str, part: str, reference: str) -> dict[str, Any]:
    hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", part)
    return {
        "type": "library",
        "bom-ref": reference,
        "name": name,
        "version": version,
        "purl": reference,
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in hashes],
    }


def _asked_by(part: str) -> list[str]:
    """Return who asks for a package, from the remark behind its hashes."""
    remark = part.partition("# via")[2]
    return [name for name in re.findall(r"[a-z0-9][\w.-]*", remark.replace("(pyproject.toml)", "")) if name]


if __name__ == "__main__":
    json.dump(bill(LOCK.read_text("utf-8")), sys.stdout, indent=1)
