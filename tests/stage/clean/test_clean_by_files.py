"""Files opened and cleaned by workers, each apart: the tables are those of one machine, whatever the files are like."""

import pickle
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from analysis.clean import clean_intake, stage
from analysis.pipeline import CLEAN
from analysis.safeguards.run_record import hash_file
from analysis.settings import NONE, RunParameters, open_run
from analysis.steps import read_log
from clean_samples import many, table
from golden.tiny_intake import AS_OF, write_tiny_intake

DECISIONS = (
    "decision_id,dose_record_id,as_of,decision,field,value,decided_by,decided_on\n"
    "D1,M1,,correct_value,birth_date,1990-02-03,ca,2021-11-05\nD2,M2,,delete_dose,,,ca,2021-11-05\n"
)


def spread_here(
    run: RunParameters, items: Sequence[Any], function: Callable[[Any, Any], Any], files: Sequence[Path]
) -> list[Any]:
    """Do the work of a cluster in this process, last item first: what travels is pickled, folders are apart."""
    answers = {}
    assert len(files) == len(items) and all(file.is_file() for file in files)
    for place in reversed(range(len(items))):
        own = replace(run, processed=run.restricted / "spill" / "tasks" / str(place), threads=1)
        work, own, item = pickle.loads(pickle.dumps((function, own, items[place])))
        answers[place] = pickle.loads(pickle.dumps(work(own, item)))
    return [answers[place] for place in range(len(items))]


@contextmanager
def workers_here(run: RunParameters) -> Iterator[Any]:
    """Stand in for a cluster's workers."""
    yield partial(spread_here, run)


def write_files(platform: Path) -> None:
    """Write files that repeat one another, alone and in archives, beside one that cannot be read."""
    usual, other = (table(*many(count)).encode() for count in (3, 4))
    (platform / "a.csv").write_bytes(usual)
    (platform / "b copy of a.csv").write_bytes(usual)
    with zipfile.ZipFile(platform / "c.zip", "w") as archive:
        archive.writestr("a again.csv", usual)
        archive.writestr("new.csv", other)
        archive.writestr("new again.csv", other)
    (platform / "d copy of new.csv").write_bytes(other)
    (platform / "e.csv").write_text("no header at all\n1\n", encoding="utf-8")
    (platform / "f.xlsx").write_bytes(b"PK\x03\x04 cut short")


def cleaned(base: Path) -> tuple[RunParameters, dict[str, str]]:
    """Clean an intake into the folder `base` and return what every table holds."""
    run = open_run(
        AS_OF, raw=str(base.parent / "raw"), processed=str(base), previous=NONE, settings=NONE, provinces="02"
    )
    clean_intake(run)
    return run, {table.name: hash_file(table.path(run)) for table in CLEAN.tables_written()}


@pytest.mark.parametrize("with_decisions", [False, True])
def test_tables_are_those_of_one_machine(
    with_decisions: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tiny_intake(tmp_path / "raw")
    write_files(tmp_path / "raw" / "platform")
    if with_decisions:
        (tmp_path / "raw" / "decisions").mkdir()
        (tmp_path / "raw" / "decisions" / "d.csv").write_text(DECISIONS, encoding="utf-8")
    _, alone = cleaned(tmp_path / "alone")
    monkeypatch.setattr(stage, "_workers", workers_here)
    run, spread = cleaned(tmp_path / "spread")
    assert spread == alone
    assert {line["table"] for line in read_log(run, CLEAN.name)} >= {"dose_pieces", "doses"}
    assert ("bindings" in {line["table"] for line in read_log(run, CLEAN.name)}) == with_decisions
    assert not [*(run.restricted / "spill").glob("*/*")]
