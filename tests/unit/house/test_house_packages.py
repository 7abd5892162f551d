"""What is installed: declared, used, locked with hashes, and the same for pip and conda."""

import ast
import dataclasses
import re
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

from analysis.settings import Settings, read_settings
from house_files import ROOT

MANDATED = {"jupyterlab", "pandas", "matplotlib", "papermill", "nbconvert", "scipy"}
# Needed without being imported by name in src/, and what for.
USED_UNSEEN = {
    "ipykernel": "the kernel that papermill starts",
    "jupyterlab": "`make lab`",
    "nbconvert": "the HTML of the briefings",
    "tzdata": "the time zone of Viet Nam on Windows",
}
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def canonical(name: str) -> str:
    """Return a package's name as the lock writes it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~;\[ ]", name)[0]).lower()


def locked(lock: str) -> dict[str, int]:
    """Return the packages of a lock, each with the number of its hashes."""
    parts = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)
    return {
        part.split("==")[0]: len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", part))
        for part in parts
        if "==" in part
    }


def addresses(lock: str) -> list[str]:
    """Return the lines of a lock that say where packages come from."""
    return re.findall(
        r"^.*(?:https?:|file:|--find-links|--index-url|--extra-index|@ ).*$", lock, re.MULTILINE
    )


def third_party_imports(text: str) -> set[str]:
    """Return the top-level packages that a module imports from outside Python and this project."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - {"analysis", "__future__"}


OF_SPARK = ROOT / "src" / "analysis" / "spark"


@cache
def used_distributions() -> frozenset[str]:
    """Return the distributions that src/ imports, but what drives a cluster: it is not installed here."""
    modules = (path for path in (ROOT / "src").rglob("*.py") if path.parent != OF_SPARK)
    imports = {name for path in modules for name in third_party_imports(path.read_text("utf-8"))}
    owners = metadata.packages_distributions()
    return frozenset(canonical(owners[name][0]) for name in imports)


SPARK_LOCK = (ROOT / "requirements-spark.lock").read_text("utf-8")
DECLARED_SPARK = {canonical(name) for name in PROJECT["optional-dependencies"]["spark"]}
# pyspark is published as source alone, and this builds it; py4j is what it talks to Java with.
BESIDE_SPARK = {"setuptools", "py4j"}
DECLARED = {canonical(name) for name in PROJECT["dependencies"]}
DECLARED_DEV = {canonical(name) for name in PROJECT["optional-dependencies"]["dev"]}


def test_lock_reader_counts_hashes() -> None:
    lock = f"a-b==1.0 ; os_name == 'nt' \\\n    --hash=sha256:{'0' * 64}\nc==2\n    # via a-b\n"
    assert locked(lock) == {"a-b": 1, "c": 0}
    assert addresses("a @ https://example.org/a\n--find-links here\nb==1\n") == [
        "a @ https://example.org/a",
        "--find-links here",
    ]


def test_every_locked_package_has_hashes_and_no_address() -> None:
    packages = locked(LOCK)
    assert len(packages) > 100
    assert [name for name, hashes in packages.items() if not hashes] == []
    assert addresses(LOCK) == []


def test_declared_packages_are_locked_and_the_other_way_round() -> None:
    assert sorted((DECLARED | DECLARED_DEV) - set(locked(LOCK))) == []
    wanted = set(
        re.findall(r"^([a-z0-9-]+)==(?:(?!^[a-z0-9]).)*?# via(?:\n    #)? +baophu", LOCK, re.M | re.S)
    )
    assert wanted == DECLARED | DECLARED_DEV


@pytest.mark.parametrize("name", sorted(MANDATED))
def test_mandated_packages_are_declared_and_locked(name: str) -> None:
    assert name in DECLARED
    assert name in locked(LOCK)


def test_build_backend_is_locked() -> None:
    backend = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    assert {canonical(name) for name in backend} <= set(locked(LOCK))


def test_third_party_imports_are_found() -> None:
    assert third_party_imports("import os\nimport a.b\nfrom c.d import e\nfrom analysis import f") == {
        "a",
        "c",
    }


def test_what_is_imported_is_declared() -> None:
    assert sorted(used_distributions() - DECLARED) == []


def test_what_is_declared_is_used() -> None:
    assert sorted(DECLARED - used_distributions() - set(USED_UNSEEN)) == []


def versions(lock: str) -> dict[str, str]:
    """Return the version of each package of a lock."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", lock, re.MULTILINE))


def test_the_lock_of_a_cluster_extends_the_lock_and_agrees_with_it() -> None:
    assert SPARK_LOCK.startswith(
        "-c requirements.lock\n"
    )  # so pip itself refuses other versions than the lock's
    packages = locked(SPARK_LOCK)
    assert set(packages) == DECLARED_SPARK | BESIDE_SPARK
    assert [name for name, hashes in packages.items() if not hashes] == []
    assert addresses(SPARK_LOCK) == []
    both = versions(LOCK).keys() & versions(SPARK_LOCK).keys()
    assert [name for name in both if versions(LOCK)[name] != versions(SPARK_LOCK)[name]] == []


def test_what_drives_a_cluster_is_imported_there_alone() -> None:
    imports = {
        name for path in OF_SPARK.glob("*.py") for name in third_party_imports(path.read_text("utf-8"))
    }
    assert imports >= {"pyspark", "pyarrow"}
    assert imports <= DECLARED_SPARK | {"duckdb", "pandas", "numpy"}
    assert not used_distributions() & (DECLARED_SPARK | BESIDE_SPARK)


def test_conda_installs_the_same_lock() -> None:
    lines = [line.strip() for line in (ROOT / "environment.yml").read_text("utf-8").splitlines()]
    wanted = [line for line in lines if line.startswith("- ")]
    assert wanted == [
        "- conda-forge",
        "- nodefaults",
        "- python=3.11",
        "- pip",
        "- pip:",
        "- -r requirements.lock",
    ]
    comments = " ".join(line for line in lines if line.startswith("#"))
    assert [name for name in MANDATED if name not in comments] == []


def test_example_settings_are_the_defaults_and_name_every_key() -> None:
    example: Path = ROOT / "docs" / "baophu.example.toml"
    assert read_settings(example) == Settings()
    keys = set(tomllib.loads(example.read_text("utf-8")))
    assert keys == {field.name for field in dataclasses.fields(Settings)}
