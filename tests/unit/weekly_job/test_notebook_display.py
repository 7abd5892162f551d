"""What a notebook shows beside its results: whole tables, and a line of progress in long cells."""

import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from analysis import pictures, progress
from analysis.coverage.ages import AGE_GROUPS
from analysis.pictures import whole_table, with_ages_in_order, with_whole_counts
from analysis.pipeline import COVERAGE, TRENDS
from analysis.progress import show_progress
from analysis.safeguards.locks import STARTED_BY
from analysis.settings import open_run
from analysis.steps import log_path


def test_counts_are_whole_and_shares_are_not() -> None:
    frame = pd.DataFrame({"people": [1.0, None], "coverage_pct": [50.0, None], "x": [0.5, 1.0], "n": None})
    shown = with_whole_counts(frame)
    assert shown.dtypes.astype(str).tolist() == ["Int64", "float64", "float64", "object"]
    assert frame["people"].dtype == "float64"
    wide = pd.DataFrame({("people", "reported"): [2.0], ("coverage_pct", "reported"): [3.0]})
    assert with_whole_counts(wide).dtypes.astype(str).tolist() == ["Int64", "float64"]
    text = whole_table(frame)
    assert ">1<" in text and ">50.0<" in text and ">–<" in text


def test_ages_stand_by_age() -> None:
    assert tuple(AGE_GROUPS) == pictures.AGES
    long = pd.DataFrame({"age_group": ["12-17", "18+", "5-11", "all"], "people": [1, 2, 3, 4]})
    assert with_ages_in_order(long.set_index("age_group")).index.tolist() == ["all", "5-11", "12-17", "18+"]
    wide = long.assign(unit=["b", "b", "a", "a"]).pivot(index="unit", columns="age_group", values="people")
    assert with_ages_in_order(wide).columns.tolist() == ["all", "5-11", "12-17", "18+"]
    two = long.assign(unit=["b", "b", "b", "a"]).set_index(["unit", "age_group"])
    assert with_ages_in_order(two).index.tolist()[:3] == [("b", "5-11"), ("b", "12-17"), ("b", "18+")]


def test_a_table_is_whole_and_a_very_long_one_says_how_much_is_left() -> None:
    assert whole_table(pd.DataFrame({f"c{n}": range(90) for n in range(40)})).count("<tr") == 91
    text = whole_table(pd.DataFrame({"a": range(pictures.MOST_ROWS + 7)}))
    assert "còn 7 dòng" in text and "overflow: auto; border" in text and "2007 dòng × 1 cột" in text
    short = whole_table(pd.DataFrame({"a": [1]}))
    assert "còn" not in short and "dòng ×" not in short and "border: 1px" not in short
    assert "&lt;b&gt;" in whole_table(pd.DataFrame({"<b>": ["<i>"]}))
    assert "x" * 300 in whole_table(pd.DataFrame({"a": ["x" * 300]}))


def test_words_stand_to_the_left_and_numbers_to_the_right() -> None:
    text = whole_table(pd.DataFrame({"a": [1], "b": ["x"], "c": [None], "d": ["y"]}))
    assert ":nth-last-child(3)" in text and ":nth-last-child(1)" in text
    assert ":nth-last-child(2)" not in text and ":nth-last-child(4)" not in text
    assert "nth-last-child" not in whole_table(pd.DataFrame({"a": [1]}))


class Shown:
    """Takes the place of IPython: keeps what is displayed."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.first_update = threading.Event()
        self.tables: dict[type, Any] = {}

    def display(self, line: Any, display_id: bool) -> "Shown":
        assert display_id
        self.update(line)
        return self

    def update(self, line: Any) -> None:
        self.lines.append(line._repr_html_())
        self.first_update.set()

    def for_type(self, kind: type, how: Any) -> None:
        self.tables[kind] = how


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    """Return a notebook's display; this process is taken for its kernel."""
    found = Shown()
    shell = SimpleNamespace(display_formatter=SimpleNamespace(formatters={"text/html": found}))
    module = SimpleNamespace(display=found, get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", module)
    monkeypatch.delenv(STARTED_BY, raising=False)
    monkeypatch.setattr(progress, "REDRAWN_SECONDS", 0.01)
    return found


def test_a_long_cell_names_the_step_in_work(tmp_path: Path, shown: Shown) -> None:
    run = open_run("2021-11-07", home=tmp_path)
    log = log_path(run, COVERAGE.name)
    log.parent.mkdir(parents=True)
    log.write_text('{"table": "former", "rows": 1}\n', "utf-8")
    with show_progress(run, COVERAGE):
        assert shown.lines[-1].endswith(": 0 giây</span>")  # the log of the run before is not this one's
        log.write_text('{"table": "a", "rows": 1}\n{"table": "b"}\n', "utf-8")
        for _ in range(3):
            shown.first_update.clear()
            assert shown.first_update.wait(5)
    total = len(COVERAGE.plan(run))
    assert f"bước 1/{total} · b" in shown.lines[-1] and "độ bao phủ" in shown.lines[-1]


def test_a_cell_that_fails_ends_its_line(tmp_path: Path, shown: Shown) -> None:
    threads = threading.active_count()
    with pytest.raises(ValueError), show_progress(open_run("2021-11-07", home=tmp_path), TRENDS):
        raise ValueError
    assert threading.active_count() == threads and "xu hướng" in shown.lines[-1]


def test_nothing_is_shown_in_the_weekly_job_or_outside_a_notebook(
    tmp_path: Path, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = open_run("2021-11-07", home=tmp_path)
    monkeypatch.setenv(STARTED_BY, "1")
    with show_progress(run, TRENDS):
        pass
    monkeypatch.delitem(sys.modules, "IPython")
    monkeypatch.delenv(STARTED_BY)
    with show_progress(run, TRENDS):
        pass
    pictures.show_whole_tables()
    assert shown.lines == [] and shown.tables == {}


def test_a_notebook_shows_its_tables_whole(shown: Shown) -> None:
    pictures.show_whole_tables()
    assert shown.tables == {pd.DataFrame: whole_table}
