"""What an analyst sees in the notebooks: every cell runs, tables as tables, pictures as pictures."""

from pathlib import Path

import nbformat
import pytest

from analysis.pipeline import NOTEBOOKS, STAGES, TABLE_STAGES, Stage
from conftest import PublishedRun
from notebook_samples import faults_of, run_by_hand

EXPLORE = sorted(path.stem for path in NOTEBOOKS.glob("explore_*.ipynb"))
TOP_LINE = "*English: "
MORE = {
    "explore_links": {"link_status": "matched"},
    "explore_steps": {"source_file": "platform/tiny_a.csv", "source_row": 6},
}


def executed_by_the_run(tiny: PublishedRun, stage: Stage) -> Path:
    unit = "" if stage in TABLE_STAGES else "-02"
    return tiny.run.restricted / "run" / f"{stage.name}{unit}.ipynb"


@pytest.mark.parametrize("stage", STAGES, ids=lambda s: s.name)
def test_every_cell_of_a_stage_notebook_shows_what_it_is_for(tiny: PublishedRun, stage: Stage) -> None:
    assert faults_of(executed_by_the_run(tiny, stage)) == []


@pytest.mark.parametrize("name", EXPLORE)
def test_every_cell_of_a_notebook_for_analysts_shows_what_it_is_for(
    tiny: PublishedRun, name: str, tmp_path: Path
) -> None:
    raw = {} if name == "explore_coverage" else {"raw": tiny.run.raw}
    given = {"as_of": tiny.run.as_of, "processed": tiny.run.processed, **raw, **MORE.get(name, {})}
    executed = run_by_hand(name, tmp_path, given)
    assert faults_of(executed) == []
    if name == "explore_steps":
        assert "Sùng Mí Vàng" in executed.read_text("utf-8")


def test_a_row_is_chosen_where_none_is_named(tiny: PublishedRun, tmp_path: Path) -> None:
    given = {"as_of": tiny.run.as_of, "raw": tiny.run.raw, "processed": tiny.run.processed}
    assert faults_of(run_by_hand("explore_steps", tmp_path, given)) == []


def test_a_fault_of_a_cell_is_found(tmp_path: Path) -> None:
    sources = ["1 / 0", "(1, object())", "draw_fan(run)", "print(1)"]
    cells = [nbformat.v4.new_code_cell(source, execution_count=1) for source in sources]
    cells[0].outputs = [nbformat.v4.new_output("error", ename="ZeroDivisionError")]
    cells[1].outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "(1, <object>)"})]
    cells[3].outputs = [nbformat.v4.new_output("stream", text="1")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "n.ipynb")
    words = ["error ZeroDivisionError", "a bare repr", "no picture", "prints"]
    faults = faults_of(tmp_path / "n.ipynb")
    assert len(faults) == 4 and all(word in fault for word, fault in zip(words, faults, strict=True))


@pytest.mark.parametrize("stage", STAGES, ids=lambda s: s.name)
def test_a_stage_notebook_begins_and_ends_as_the_others_do(stage: Stage) -> None:
    first, parameters, opening, *_, last = nbformat.read(stage.notebook, as_version=4).cells
    assert sum(line.startswith(TOP_LINE) for line in first.source.splitlines()) == 1
    others = nbformat.read(STAGES[0].notebook, as_version=4).cells
    common, _, _ = others[1].source.partition("province_code")
    assert parameters.metadata.tags == ["parameters"] and parameters.source.startswith(common)
    assert "run = open_run(as_of, raw, processed, previous, reports, provinces," in opening.source
    assert last.source == f"show_checks(run, {stage.package.upper()})"


def test_the_spill_folder_is_gone_when_the_run_is_published(tiny: PublishedRun) -> None:
    assert not tiny.has_spill
