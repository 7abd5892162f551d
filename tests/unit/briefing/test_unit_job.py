"""Every unit's documents in each language of a run: which files are made, and that finished ones are kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis.briefing import unit_job
from analysis.progress import Progress
from analysis.settings import open_run


class OneAfterAnother:
    """A pool without kernels: what is handed in is done at once."""

    def submit(self, work: Callable[[Any], None]) -> None:
        work(None)


@pytest.mark.parametrize(
    ("language", "stems"), [("vi", ["02-ha-giang"]), ("both", ["02-ha-giang", "02-ha-giang.en"])]
)
def test_each_language_has_its_files_and_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, stems: list[str]
) -> None:
    asked: list[tuple[str, str]] = []

    def run_notebook(
        kernel: Any, notebook: Path, executed: Path, parameters: dict[str, Any], seconds: int
    ) -> None:
        asked.append((str(parameters["language"]), executed.name))
        stem = "02-ha-giang" + (".en" if parameters["language"] == "en" else "")
        for kind in ("pdf", "docx"):
            (Path(parameters["folder"]) / f"{stem}.{kind}").write_text(stem)
        (Path(parameters["folder"]) / "context.json").write_text("{}")

    monkeypatch.setattr(unit_job, "run_notebook", run_notebook)
    monkeypatch.setattr(unit_job, "export_html", lambda executed, html: html.write_text(html.stem))
    monkeypatch.setattr(unit_job, "finish_all", lambda work, tick: None)
    run = open_run("2021-11-07", processed=str(tmp_path / "p"), previous="-", settings="-", language=language)
    staging = tmp_path / "staging"
    staging.mkdir()
    for _ in range(2):  # the second time all stands already
        with Progress(1.0) as progress:
            pool: Any = OneAfterAnother()
            unit_job.brief_units(pool, run, "run", ("02",), staging, {}, progress, 1.0, 60)
    made = sorted(path.name for path in staging.iterdir())
    assert made == sorted(f"{stem}.{kind}" for stem in stems for kind in ("docx", "html", "pdf"))
    assert all((staging / f"{stem}.pdf").read_text() == stem for stem in stems)
    assert [name for _, name in asked] == [
        "5_briefing-02.ipynb",
        *(["5_briefing-02.en.ipynb"] if language == "both" else []),
    ]
