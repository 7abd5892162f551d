"""Work spread over a cluster by files: one Spark task for each, with the same code as on one machine inside it.

Arrow carries a file's number out and its answer back; rows travel as files on the storage that all workers share.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from analysis.errors import CLUSTER_LOST, BaophuError, MachineError, says_cluster_lost
from analysis.safeguards.folders import SPILL
from analysis.safeguards.guarded_process import PRIVATE
from analysis.settings import RunParameters

if TYPE_CHECKING:
    import pyarrow
    from pyspark.sql import SparkSession

Item = TypeVar("Item")
Answer = TypeVar("Answer")
_COLUMNS = "place bigint, answer binary"


def run_on_files(
    session: SparkSession,
    run: RunParameters,
    items: Sequence[Item],
    function: Callable[[RunParameters, Item], Answer],
    files: Sequence[Path] = (),
) -> list[Answer]:
    """Return what a function makes of each item, in their order; each is a task of its own.

    The function gets the run as the task has it: with one thread, and a processed folder of its own inside the run's
    spill folder, because two tasks of a machine must not share files. `files`, one for each item, say which tasks are
    handed out first: those of the largest, for a long one that begins last keeps one core busy. Where tasks fail the first item's error is
    raised, as it would be on one machine; a task whose worker was lost is done again elsewhere. Raises MachineError
    where the cluster is at fault.
    """
    if not items:
        return []
    work = _Work(run, tuple(items), function, largest_first(files) if files else tuple(range(len(items))))
    numbers = session.range(0, len(items), 1, len(items))
    try:
        answers = numbers.mapInArrow(work, _COLUMNS).toArrow().to_pydict()
    except Exception as error:
        if says_cluster_lost(str(error)):
            raise MachineError(CLUSTER_LOST) from None
        raise
    found = [pickle.loads(text) for _, text in sorted(zip(answers["place"], answers["answer"], strict=True))]
    for answer in found:
        if isinstance(answer, Exception):
            raise answer
    return found


def largest_first(files: Sequence[Path]) -> tuple[int, ...]:
    """Return the places of files in a list, by the files' size; one that cannot be looked at comes last."""
    sizes = [_size(file) for file in files]
    return tuple(sorted(range(len(files)), key=lambda place: -sizes[place]))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return -1


@dataclass(frozen=True)
class _Work:
    """What a task does: it goes to the workers by the name of this class, with items and function beside it."""

    run: RunParameters
    items: tuple[Any, ...]
    function: Callable[[RunParameters, Any], Any]
    order: tuple[int, ...]  # number of a task → place of its item

    def __call__(self, batches: Iterable[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        import pyarrow

        os.umask(PRIVATE)
        for batch in batches:
            for number in batch.column(0).to_pylist():
                place = self.order[number]
                answer = pickle.dumps(self._answer(place))
                yield pyarrow.RecordBatch.from_pydict(
                    {"place": pyarrow.array([place], pyarrow.int64()), "answer": [answer]}
                )

    def _answer(self, place: int) -> Any:
        """Return what the function makes of an item, or the error that it ended with."""
        try:
            return self.function(_own_run(self.run, place), self.items[place])
        except Exception as error:
            return _carried(error)


def _carried(error: Exception) -> Exception:
    """Return an error as it can travel: ours as they are, of others the kind alone, whose text may hold a value."""
    if isinstance(error, BaophuError):
        return type(error)(str(error), error.names)
    return BaophuError(f"a task ended by {type(error).__name__}; a defect of the programme, keep the intake")


def _own_run(run: RunParameters, place: int) -> RunParameters:
    """Return a run as one attempt at one item has it: a second attempt never meets what a first one left."""
    from pyspark import TaskContext

    context = TaskContext.get()
    attempt = context.taskAttemptId() if context else 0
    folder = run.restricted.absolute() / SPILL / "tasks" / f"{place}-{attempt}"
    return replace(run, processed=folder, threads=1)
