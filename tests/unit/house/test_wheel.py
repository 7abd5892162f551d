"""The wheel: what a clone has beside the package travels in it, and it is the same programme."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from analysis.safeguards.run_record import code_hashes
from house_files import ROOT, tracked_files

LARGEST = 2_500_000
HASHES = (
    "import json; from analysis.safeguards.run_record import code_hashes; print(json.dumps(code_hashes()))"
)
SHIPPED = ("notebooks/", "docs/", "requirements.lock", "requirements-spark.lock")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what pip would put in place: the wheel, unpacked outside the clone."""
    base = tmp_path_factory.mktemp("wheel")
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(base / "dist"), versions=["standard"])
    assert Path(wheel).stat().st_size < LARGEST
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(base / "installed")
    return base / "installed"


def call(unpacked: Path, *arguments: str, cwd: Path) -> str:
    """Run this interpreter on the unpacked package, without the clone in reach, and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=True
    )
    return done.stdout


def test_what_a_clone_has_beside_the_package_is_in_the_wheel(unpacked: Path) -> None:
    tracked = {path.relative_to(ROOT).as_posix() for path in tracked_files()}
    project = unpacked / "analysis" / "project"
    wanted = {name for name in tracked if name.startswith(SHIPPED)}
    brought = {p.relative_to(project).as_posix() for p in project.rglob("*") if p.is_file()}
    package = {name[len("src/analysis/") :] for name in tracked if name.startswith("src/analysis/")}
    here = unpacked / "analysis"
    assert wanted - brought == set() and {name for name in brought if not name.startswith(SHIPPED)} == set()
    assert package - {p.relative_to(here).as_posix() for p in here.rglob("*")} == set()
    assert [p for p in unpacked.rglob("*") if p.name in (".ipynb_checkpoints", "__pycache__")] == []
    assert [p.name for p in unpacked.iterdir() if not p.name.endswith(".dist-info")] == ["analysis"]


def test_the_wheel_makes_the_same_run_ids_as_the_clone(unpacked: Path, tmp_path: Path) -> None:
    hashes = json.loads(call(unpacked, "-c", HASHES, cwd=tmp_path))
    assert hashes == code_hashes() and "notebooks/1_clean.ipynb" in hashes


def test_a_project_is_made_and_planned_with_the_wheel_alone(unpacked: Path, tmp_path: Path) -> None:
    call(unpacked, "-m", "analysis", "init", "p", cwd=tmp_path)
    names = {path.name for path in (tmp_path / "p" / "notebooks").iterdir()}
    assert {"1_clean.ipynb", "explore_coverage.ipynb"} <= names
    text = call(unpacked, "-m", "analysis", "plan", "coverage", cwd=tmp_path / "p")
    assert "coverage_bridge" in text


def test_no_page_of_the_notebooks_names_what_a_project_lacks() -> None:
    """Notebooks point to pages; in a project these stand in docs/ beside them."""
    text = "".join(path.read_text("utf-8") for path in (ROOT / "notebooks").rglob("*.ipynb"))
    named = set(re.findall(r"`((?:docs|notebooks)/[\w./-]+)`", text))
    assert named and [name for name in named if not (ROOT / name).is_file()] == []
