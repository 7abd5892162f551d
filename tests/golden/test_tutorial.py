"""The tutorial, done in its order: every cell runs, and shows what its text says."""

import shutil
import time
from pathlib import Path

import nbformat
import pytest

from analysis.errors import RequestError
from analysis.operate.tutorial import open_tutorial
from analysis.pipeline import NOTEBOOKS
from notebook_samples import faults_of, run_by_hand

NAMES = sorted(f"tutorial/{path.stem}" for path in (NOTEBOOKS / "tutorial").glob("*.ipynb"))
MADE_SECONDS = 30


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the executed notebooks; the tutorial's own place is `place` below it."""
    base = tmp_path_factory.mktemp("tutorial")
    (base / "tutorial").mkdir()
    before = time.process_time()
    open_tutorial(str(base / "place"))
    assert time.process_time() - before < MADE_SECONDS
    for name in NAMES:
        run_by_hand(name, base, {"folder": base / "place"})
    return base


def shown(done: Path, name: str) -> str:
    cells = nbformat.read(done / f"{name}.ipynb", as_version=4).cells
    outputs = (output for cell in cells for output in cell.get("outputs", []))
    return "".join(str(output.get("data", {}).get("text/html", "")) for output in outputs)


def test_there_are_four_in_order() -> None:
    assert [name.split("/")[1][:2] for name in NAMES] == ["1_", "2_", "3_", "4_"]


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_shows_what_it_is_for(done: Path, name: str) -> None:
    assert faults_of(done / f"{name}.ipynb") == []


def test_the_look_says_what_the_text_says(done: Path) -> None:
    page = shown(done, NAMES[0])
    assert "thiếu cột bắt buộc" in page and "Hôm tiêm" in page
    cells = [
        c.outputs for c in nbformat.read(done / f"{NAMES[0]}.ipynb", as_version=4).cells if "outputs" in c
    ]
    mended = str(cells[-2])
    assert "cua_toi.csv" in mended and "thiếu cột bắt buộc" not in mended


def test_the_pictures_and_documents_are_there(done: Path) -> None:
    assert "giây · bước" in shown(done, NAMES[1])
    assert "Tỉnh Hà Giang" in shown(done, NAMES[2])
    written = {
        path.suffix for path in (done / "place" / "2021-11-07" / "briefing" / "02").glob("02-ha-giang.*")
    }
    assert {".pdf", ".docx", ".pptx", ".xlsx"} <= written


def test_a_later_one_says_what_to_run_first(done: Path, tmp_path: Path) -> None:
    for name in ("raw", "raw/2021-11-07"):
        (tmp_path / name).mkdir()
    shutil.copy(done / "place" / "raw" / "2021-11-07" / "intake.json", tmp_path / "raw" / "2021-11-07")
    with pytest.raises(RequestError, match="notebook 2 of the tutorial"):
        open_tutorial(str(tmp_path), after="links")
    with pytest.raises(RequestError, match="notebook 3 of the tutorial"):
        open_tutorial(str(tmp_path), after="coverage")
