"""The papermill engine with warm kernels: the same outputs as papermill's own, and no value in an error."""

from functools import partial
from pathlib import Path

import nbformat
import papermill
import psutil
import pytest

from analysis.errors import BaophuError, CheckError, MachineError, RequestError
from analysis.notebook_runner import KernelPool, finish_all, kernel_pool, run_notebook

CODE = """
from analysis.errors import CheckError
if unit == "check": raise CheckError("table x: the sum differs")
if unit == "full": raise OSError(28, "No space left on device")
if unit == "memory": raise MemoryError
if unit == "defect": raise ValueError("invented-value-7")
print(unit, number, "left_over" in dir())
left_over = 1
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cells = [
        nbformat.v4.new_code_cell('unit = "VN"\nnumber = 1', metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(CODE),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = tmp_path_factory.mktemp("notebook") / "n.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


@pytest.fixture(scope="module")
def pool() -> object:
    with kernel_pool(1) as pool:
        yield pool


def text_of(executed: Path) -> str:
    cells = nbformat.read(executed, as_version=4).cells
    return "".join(o.get("text", "") for c in cells for o in c.get("outputs", []))


def run(pool: KernelPool, notebook: Path, executed: Path, **parameters: str | int) -> str:
    work = partial(run_notebook, notebook=notebook, executed=executed, parameters=parameters)
    finish_all([pool.submit(work)], lambda: None)
    return text_of(executed)


def test_codes_stay_text_and_no_name_is_left_over(pool: KernelPool, notebook: Path, tmp_path: Path) -> None:
    assert run(pool, notebook, tmp_path / "a.ipynb", unit="02") == "02 1 False\n"
    assert run(pool, notebook, tmp_path / "b.ipynb", unit="04", number=3) == "04 3 False\n"


def test_the_plain_engine_gives_the_same(pool: KernelPool, notebook: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.ipynb"
    papermill.execute_notebook(str(notebook), str(plain), parameters={"unit": "02"}, progress_bar=False)
    assert run(pool, notebook, tmp_path / "warm.ipynb", unit="02") == text_of(plain)


def test_our_own_errors_come_back_as_they_were(pool: KernelPool, notebook: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckError, match=r"^table x: the sum differs$"):
        run(pool, notebook, tmp_path / "c.ipynb", unit="check")


def test_a_defect_never_brings_a_value_along(pool: KernelPool, notebook: Path, tmp_path: Path) -> None:
    with pytest.raises(BaophuError) as caught:
        run(pool, notebook, tmp_path / "d.ipynb", unit="defect")
    assert "ValueError" in str(caught.value) and "n.ipynb, cell 3" in str(caught.value)
    assert "invented-value-7" not in repr(caught.getrepr(chain=True))


@pytest.mark.parametrize(("unit", "word"), [("full", "disk is full"), ("memory", "memory")])
def test_what_the_machine_cannot_do_has_its_own_exit_code(
    pool: KernelPool, notebook: Path, tmp_path: Path, unit: str, word: str
) -> None:
    with pytest.raises(MachineError, match=word):
        run(pool, notebook, tmp_path / "m.ipynb", unit=unit)


@pytest.mark.parametrize("parameters", [{"unt": "02"}, {"unit": 2.5}, {"unit": True}, {"x\nimport os": "1"}])
def test_parameters_must_be_declared_and_plain(
    pool: KernelPool, notebook: Path, tmp_path: Path, parameters: dict[str, str]
) -> None:
    with pytest.raises(RequestError, match="must be declared"):
        run(pool, notebook, tmp_path / "e.ipynb", **parameters)
    assert not (tmp_path / "e.ipynb").exists()


def test_row_38_a_cell_that_hangs_is_stopped_with_its_kernel(tmp_path: Path) -> None:
    cells = [nbformat.v4.new_code_cell("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)")]
    notebook, executed = tmp_path / "hangs.ipynb", tmp_path / "executed.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), notebook)
    with kernel_pool(1) as pool:
        work = partial(run_notebook, notebook=notebook, executed=executed, parameters={}, cell_seconds=1)
        with pytest.raises(MachineError, match="cell_timeout_minutes"):
            finish_all([pool.submit(work)], lambda: None)
        assert not psutil.pid_exists(int(text_of(executed)))
