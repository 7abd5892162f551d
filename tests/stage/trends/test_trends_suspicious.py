"""Days that cannot be right drive no forecast and reach no target; what is published stands and says so."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.briefing.figures.outlook import suspicious_sentence
from analysis.briefing.figures.page_one.needs import unit_needs
from analysis.briefing.figures.reading import read_unit_tables
from analysis.briefing.figures.sections.plan import targets_section
from analysis.briefing.figures.tasks import all_tasks
from analysis.briefing.figures.wording import read_words
from analysis.engine import connect
from analysis.settings import RunParameters, open_run
from analysis.tables import write_table
from analysis.trends import project_coverage
from trends_samples import AS_OF, read_rows, unit_rows, write_inputs

SIZE, EXCESS = 100_000, 55_000
ODD_DAY = AS_OF - pd.Timedelta(days=10)


def weeks(ceiling: float = 0.3) -> list[tuple[object, ...]]:
    return [row for code in ("01", "02", "04") for row in unit_rows("province", code, SIZE, ceiling)]


def with_excess(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Return rows in which province 02 counts the excess from its odd day on."""
    return [
        (*row[:6], row[6] + EXCESS, row[7])  # type: ignore[operator]
        if (row[1], row[4], row[5]) == ("02", "at_least_one", "reported") and row[2] >= ODD_DAY  # type: ignore[operator]
        else row
        for row in rows
    ]


def make(folder: Path, rows: list[tuple[object, ...]], days: str, left: int = 10_000) -> RunParameters:
    run = open_run("2021-11-07", raw=str(folder / "raw"), processed=str(folder / "p"))
    write_inputs(run, rows, left)
    with connect(run) as con:
        write_table(con, "suspicious_days", days, run)
    project_coverage(run)
    return run


def odd(measure: str = "dose_1", reported: int = EXCESS + 300, usual: int = 300) -> str:
    return (
        f"SELECT 'province' AS unit_level, '02' AS unit_code, '02' AS of_unit_code, DATE '{ODD_DAY:%Y-%m-%d}' AS report_date, "
        f"'{measure}' AS measure, {reported} AS reported, {usual} AS usual, 'running_total' AS reason_code"
    )


@pytest.fixture
def clean(tmp_path: Path) -> RunParameters:
    return make(tmp_path / "clean", weeks(), f"{odd()} WHERE false")


@pytest.fixture
def suspicious(tmp_path: Path) -> RunParameters:
    return make(tmp_path / "odd", with_excess(weeks()), odd())


def test_the_forecast_is_that_of_the_series_without_the_excess(
    clean: RunParameters, suspicious: RunParameters
) -> None:
    one, two = (read_rows(run, "forecast")["value"].astype(float) for run in (clean, suspicious))
    assert len(one)
    np.testing.assert_allclose(one, two)


def test_without_the_table_the_excess_does_drive_the_forecast(tmp_path: Path, clean: RunParameters) -> None:
    blind = make(tmp_path / "blind", with_excess(weeks()), f"{odd()} WHERE false")
    assert read_rows(blind, "forecast")["value"].max() > read_rows(clean, "forecast")["value"].max() + 30


def test_a_target_reached_by_the_excess_alone_is_open_and_says_since_when(
    clean: RunParameters, suspicious: RunParameters
) -> None:
    found = read_rows(suspicious, "targets")
    reported = found[(found["unit_code"] == "02") & (found["basis"] == "reported")]
    target = reported[reported["target_code"] == "qd3355_adults_2021"].iloc[0]
    assert pd.isna(target["reached_on"])
    assert target["in_doubt_since"] == AS_OF - pd.Timedelta(days=7)
    others = found[found["unit_code"] != "02"]
    assert others["in_doubt_since"].isna().all()
    plain = ["unit_code", "target_code", "basis", "reached_on", "probability", "expected_date"]
    pd.testing.assert_frame_equal(found[plain], read_rows(clean, "targets")[plain])


def test_a_target_that_is_reached_without_the_excess_stays_reached(tmp_path: Path) -> None:
    found = read_rows(make(tmp_path, with_excess(weeks(0.9)), odd()), "targets")
    target = found[(found["unit_code"] == "02") & (found["target_code"] == "qd3355_adults_2021")].iloc[0]
    assert pd.notna(target["reached_on"]) and pd.isna(target["in_doubt_since"])


def test_doses_left_are_those_without_the_excess(tmp_path: Path) -> None:
    spent = make(tmp_path / "spent", weeks(), odd("doses_administered"), left=-EXCESS + 30_000)
    ample = make(tmp_path / "ample", weeks(), f"{odd()} WHERE false", left=30_000)
    one, two = (
        rows[rows["unit_code"] == "02"]["supply_sufficient"].tolist()
        for rows in (read_rows(run, "targets") for run in (spent, ample))
    )
    assert one == two


@pytest.mark.parametrize(
    ("language", "said", "state"),
    [
        (
            "vi",
            "ngày 28/10/2021, mũi 1 là 55.300, thường khoảng 300 (gần bằng số cộng dồn)",
            "Chưa coi là đạt",
        ),
        ("en", "28/10/2021, first doses: 55,300, usually about 300 (about the running total)", "Open"),
    ],
)
def test_the_page_names_the_day_and_keeps_the_target_open(
    suspicious: RunParameters, language: str, said: str, state: str
) -> None:
    words = read_words(language)
    tables = read_unit_tables(suspicious, "02")
    assert said in suspicious_sentence(tables, words)
    listed = targets_section(tables, words)["tables"][0]["rows"]
    assert any(cell.startswith(state) for row in listed for cell in row["cells"])
    tasks = all_tasks(tables, unit_needs(tables), words)
    assert any("28/10/2021" in task.sentence(words) for task in tasks)
    assert suspicious_sentence(read_unit_tables(suspicious, "01"), words) == ""
