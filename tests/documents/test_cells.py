"""Figures compared by table cell across the five formats."""

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest

from documents.cells import FORMATS, compare, tables_of


@pytest.mark.parametrize("unit", ["ha_giang", "national"])
def test_every_cell_is_the_same_in_five_formats(unit: str, request: pytest.FixtureRequest) -> None:
    made = request.getfixturevalue(unit)
    compared, wrong = compare(made.context, made.folder)
    assert wrong == [] and set(compared) == set(FORMATS)
    assert min(compared[kind] for kind in ("html", "pdf", "docx", "xlsx")) > 250 and compared["pptx"] > 20


def test_one_other_figure_is_found_in_every_format(ha_giang: Any, tmp_path: Path) -> None:
    context = copy.deepcopy(ha_giang.context)
    tables_of(context)[0]["rows"][0]["cells"][2] = "55.599"  # a context that the documents were not made from
    for path in ha_giang.folder.glob("02-ha-giang.*"):
        shutil.copy(path, tmp_path)
    _, wrong = compare(context, tmp_path)
    assert {kind for kind in FORMATS for text in wrong if f" {kind}: " in text} == {
        "html",
        "pdf",
        "docx",
        "xlsx",
    }
