"""The tools that notebooks' users know, from the shell and from another folder: papermill, jupyter execute, nbconvert."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from analysis.pipeline import NOTEBOOKS, STAGES
from conftest import PublishedRun
from notebook_samples import faults_of


def call(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a module of this interpreter with a kernel that finds the package, and return what it printed."""
    source = Path(sys.modules["analysis"].__path__[0]).parent
    environment = {**os.environ, "PYTHONPATH": str(source), "JUPYTER_PLATFORM_DIRS": "1"}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8")


def shown_by(executed: Path) -> str:
    return "".join(
        str(output.get("data", {}).get("text/html", ""))
        for cell in nbformat.read(executed, as_version=4).cells
        for output in cell.get("outputs", [])
    )


def test_a_code_that_looks_like_a_number_is_a_code(tiny: PublishedRun, tmp_path: Path) -> None:
    """`-p province_code 02` comes as the number 2, `-r` as text: both are Hà Giang."""
    pages = []
    for option in ("-p", "-r"):
        given = ["-r", "processed", str(tiny.run.processed), option, "province_code", "02"]
        name = f"out{option}.ipynb"
        done = call(tmp_path, "papermill", str(NOTEBOOKS / "explore_coverage.ipynb"), name, *given)
        assert done.returncode == 0, done.stderr
        assert faults_of(tmp_path / name) == []
        pages.append(shown_by(tmp_path / name))
    assert pages[0] == pages[1] and "Hà Giang" in pages[0]


def test_provinces_of_a_stage_notebook_keep_their_zero(tiny: PublishedRun, tmp_path: Path) -> None:
    folders = {"raw": tiny.run.raw, "processed": tmp_path / "processed", "reports": tmp_path / "reports"}
    given = [text for name, folder in folders.items() for text in ("-r", name, str(folder))]
    codes = ["-p", "provinces", "02", "-p", "province_code", "2", "-p", "previous", "-"]
    done = call(tmp_path, "papermill", str(NOTEBOOKS / "1_clean.ipynb"), "out.ipynb", *given, *codes)
    assert done.returncode == 0, done.stderr
    assert faults_of(tmp_path / "out.ipynb") == []
    text = shown_by(tmp_path / "out.ipynb")
    assert "làm sạch: " in text and "giây" in text


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.rglob("[1-9e]*.ipynb")), ids=lambda path: path.stem)
def test_every_parameter_is_described(path: Path) -> None:
    (cell,) = [
        c for c in nbformat.read(path, as_version=4).cells if "parameters" in c.metadata.get("tags", [])
    ]
    assert [line for line in cell.source.splitlines() if "  # " not in line] == []


def test_papermill_lists_the_parameters_with_their_meaning(tmp_path: Path) -> None:
    done = call(tmp_path, "papermill", "--help-notebook", str(NOTEBOOKS / "4_trends.ipynb"))
    assert done.returncode == 0, done.stderr
    shown = " ".join(done.stdout.split())
    assert "as_of" in shown and "ngày cuối của số liệu" in shown and "province_code" in shown


def test_jupyter_execute_leaves_the_notebook_as_it_is(tiny: PublishedRun, tmp_path: Path) -> None:
    """It takes no parameters: in a project whose week is that of the notebook, or with the first cell changed."""
    notebook = nbformat.read(NOTEBOOKS / "explore_coverage.ipynb", as_version=4)
    notebook.cells[1].source = notebook.cells[1].source.replace(
        'processed = ""', f'processed = "{tiny.run.processed.as_posix()}"'
    )
    source = tmp_path / "mine.ipynb"
    nbformat.write(notebook, source)
    before = source.read_bytes()
    done = call(tmp_path, "jupyter", "execute", str(source))
    assert done.returncode == 0, done.stderr
    assert source.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["mine.ipynb"]


def test_nbconvert_makes_a_page_of_an_executed_notebook(tiny: PublishedRun, tmp_path: Path) -> None:
    executed = tiny.run.restricted / "run" / f"{STAGES[3].name}.ipynb"
    done = call(
        tmp_path, "jupyter", "nbconvert", "--to", "html", "--no-input", "--output-dir", ".", str(executed)
    )
    assert done.returncode == 0, done.stderr
    page = (tmp_path / f"{STAGES[3].name}.html").read_text("utf-8")
    assert "Tin dự báo đến đâu" in page and "image/png" in page
