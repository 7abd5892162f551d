"""What an analyst sees in the executed stage notebooks: pictures as pictures, and no error."""

import nbformat
import pytest

from analysis.pipeline import TABLE_STAGES, Stage
from conftest import PublishedRun


@pytest.mark.parametrize("stage", TABLE_STAGES, ids=lambda s: s.name)
def test_a_figure_is_shown_as_a_picture(tiny: PublishedRun, stage: Stage) -> None:
    executed = nbformat.read(tiny.run.restricted / "run" / f"{stage.name}.ipynb", as_version=4)
    outputs = [o for c in executed.cells for o in c.get("outputs", [])]
    assert not [o for o in outputs if o.output_type == "error"]
    plain = [
        o.data.get("text/plain", "") for o in outputs if "image/png" not in o.get("data", {}) and "data" in o
    ]
    assert not [text for text in plain if text.startswith(("<Figure", "Picture("))]


def test_there_are_pictures_to_be_shown(tiny: PublishedRun) -> None:
    path = tiny.run.restricted / "run" / "2_reconcile.ipynb"
    outputs = [o for c in nbformat.read(path, as_version=4).cells for o in c.get("outputs", [])]
    assert any("image/png" in o.get("data", {}) for o in outputs)


def test_the_spill_folder_is_gone_when_the_run_is_published(tiny: PublishedRun) -> None:
    assert not tiny.has_spill
