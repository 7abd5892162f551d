"""The bill of materials names what the lock names, no more and no less."""

import json
import re

from analysis.safeguards.environment import locked_versions
from sbom import LOCK, bill


def test_the_bill_holds_every_locked_package_with_its_hashes() -> None:
    text = LOCK.read_text("utf-8")
    made = bill(text)
    assert {c["name"]: c["version"] for c in made["components"]} == locked_versions()
    hashes = [digest["content"] for c in made["components"] for digest in c["hashes"]]
    assert hashes == re.findall(r"--hash=sha256:([0-9a-f]{64})", text)
    assert all(c["hashes"] for c in made["components"])


def test_the_bill_says_who_asks_for_what() -> None:
    lock = "a==1 \\\n    --hash=sha256:00\n    # via\n    #   b\n    #   baophu (pyproject.toml)\n"
    made = bill(lock + "b==2\n    # via baophu (pyproject.toml)\n")
    assert {d["ref"]: d["dependsOn"] for d in made["dependencies"]} == {
        "baophu": ["pkg:pypi/a@1", "pkg:pypi/b@2"],
        "pkg:pypi/a@1": [],
        "pkg:pypi/b@2": ["pkg:pypi/a@1"],
    }
    refs = {c["bom-ref"] for c in bill(LOCK.read_text("utf-8"))["components"]} | {"baophu"}
    assert {d["ref"] for d in bill(LOCK.read_text("utf-8"))["dependencies"]} == refs


def test_the_same_lock_gives_the_same_bytes() -> None:
    text = LOCK.read_text("utf-8")
    assert json.dumps(bill(text)) == json.dumps(bill(text))
    assert bill(text)["serialNumber"] != bill(text + "\n")["serialNumber"]
