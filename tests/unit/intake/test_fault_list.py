"""The list of file faults can be walked: every fault of docs/sources.md has tests that bear its number."""

from pathlib import Path

from rule_sources import faults_tested, rules

TESTS = Path(__file__).resolve().parents[2]


def test_every_fault_is_tested() -> None:
    tested = {fault for path in TESTS.rglob("test_*.py") for fault in faults_tested(path.read_text("utf-8"))}
    faults = [name for name in rules() if name.startswith("fault-")]
    assert len(faults) > 30
    assert sorted(set(faults) - tested) == []
