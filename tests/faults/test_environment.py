"""Sources fault-35: what is installed is compared with the lock."""

from pathlib import Path

from analysis.safeguards import environment


def test_35_what_is_installed_is_what_the_lock_names() -> None:
    assert environment.differing_packages() == []
    assert len(environment.locked_versions()) > 100


def test_35_another_version_is_named(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        "duckdb==0.0.1 ; os_name == 'nt' \\\n    --hash=sha256:00\nno-such-package==1\nduckdb-x==2\n", "utf-8"
    )
    warning = environment.environment_warning(lock)
    assert warning.startswith("installed and not as locked: duckdb ") and "(lock: 0.0.1)" in warning
    assert environment.environment_warning(tmp_path / "none") == ""
