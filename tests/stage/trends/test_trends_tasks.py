"""Tables of what is to be done and how far figures can be trusted, on two invented provinces."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from analysis.disclosure.opening import open_protected
from analysis.engine import connect
from analysis.settings import RunParameters, open_run
from analysis.tables import TABLES, write_table
from analysis.trends import project_coverage
from trends_samples import read_rows

DAY = date(2021, 11, 7)
Rows = list[dict[str, Any]]


def fill(run: RunParameters, name: str, rows: Rows) -> None:
    frame = pd.DataFrame(rows).reindex(columns=list(TABLES[name].columns))
    with connect(run) as con:
        con.register("given", frame)
        write_table(con, name, "SELECT * FROM given", run)


def rate(
    level: str, code: str, people: int, population: int = 1_000, residents: int = 1_000
) -> dict[str, Any]:
    counts = {"people": people, "population": population, "registry_population": residents}
    shares = {
        "coverage_pct": round(100 * people / population, 2),
        "coverage_registry_pct": round(100 * people / residents, 2),
    }
    key = {"unit_level": level, "unit_code": code, "reference_date": DAY, "age_group": "18+"}
    return key | {"series_status": "at_least_one", "basis": "reported"} | counts | shares


def entered(level: str, code: str, pct: float, backlog: int) -> dict[str, Any]:
    key = {"unit_level": level, "unit_code": code, "reference_date": DAY}
    return key | {"doses_recorded": 900, "doses_administered": 1_000, "entry_pct": pct, "backlog": backlog}


def verified(code: str, status: str, rows: int) -> dict[str, Any]:
    key = {"unit_level": "province", "unit_code": code, "link_status": status}
    return key | {
        "id_kind": "missing",
        "four_field_match": status == "verified",
        "rows": rows,
        "people": rows,
    }


@pytest.fixture
def run(tmp_path: Any) -> RunParameters:
    run = open_run("2021-11-07", str(tmp_path / "raw"), str(tmp_path / "processed"))
    districts = [rate("district", "024", 950), rate("district", "026", 500), rate("district", "027", 640)]
    own = [rate("province", "02", 2_090, 3_000, 3_000), rate("province", "04", 1_200, 1_000, 1_500)]
    fill(run, "coverage", [*districts, *own])
    fill(
        run,
        "entry_progress",
        [
            entered("province", "02", 97.0, 30),
            entered("district", "026", 90.0, 20),
            entered("district", "027", 79.0, 10),
            entered("province", "04", 103.0, -4),
        ],
    )
    given = {
        "doses_allocated": 3_000,
        "doses_received": 2_900,
        "doses_administered": 2_850,
        "doses_discarded": 10,
    }
    fill(run, "supply", [{"unit_level": "province", "unit_code": "02", "reference_date": DAY} | given])
    due = {"unit_level": "province", "unit_code": "02", "next_dose": 2, "previous_product": "AstraZeneca"}
    fill(run, "due_counts", [due | {"state": "due", "people": 40}, due | {"state": "overdue", "people": 25}])
    fill(run, "entry_plan", [{"unit_level": "province", "unit_code": "02", "task": "verify", "backlog": 77}])
    statuses = [verified("02", "verified", 450), verified("02", "not_in_registry", 50)]
    fill(
        run, "verification", [*statuses, verified("04", "verified", 100), verified("04", "insufficient", 60)]
    )
    project_coverage(run)
    return run


def test_tasks_say_how_much_where_who_and_by_when(run: RunParameters) -> None:
    tasks = read_rows(run, "tasks").query("unit_code == '02'").set_index("task")
    assert tasks["figure"].to_dict() == {
        "first_doses": 200 + 60,  # to 70 % in 026 and 027
        "second_doses": 25,
        "enter": 30,
        "verify": 77,
        "ask_doses": 260 + 65 - 140,  # 40 on hand, 100 to come
    }
    assert tasks["where"]["first_doses"] == "026 027" and tasks["where"]["enter"] == "026 027"
    assert tasks["lead"]["verify"] == "commune_police"
    assert str(tasks["due"]["enter"])[:10] == "2021-11-21" and pd.isna(tasks["due"]["ask_doses"])


def test_grades_follow_the_rule(run: RunParameters) -> None:
    rows = read_rows(run, "confidence").set_index("unit_code")
    grades = {code: (row["grade"], row["reasons"]) for code, row in rows.iterrows()}
    assert grades["02"] == ("thấp", "unlinked_many")
    assert grades["04"] == ("thấp", "entry_above denominator_apart above_100")  # too few records for a share
    assert grades["024"] == ("thấp", "entry_unknown") and grades["026"] == ("trung bình", "entry_partly")
    assert grades["027"] == ("thấp", "entry_low")


def test_without_reasons_a_grade_is_high(run: RunParameters) -> None:
    fill(run, "entry_progress", [entered("district", "026", 99.0, 1)])
    project_coverage(run)
    row = read_rows(run, "confidence").set_index("unit_code").loc["026"]
    assert (row["grade"], row["reasons"]) == ("cao", "")


def test_files_that_were_not_read_lower_every_grade(run: RunParameters) -> None:
    fill(run, "quality", [{"source_file": "a.zip", "status": "quarantined", "folder": "platform"}])
    fill(run, "entry_progress", [entered("district", "026", 99.0, 1)])
    project_coverage(run)
    row = read_rows(run, "confidence").set_index("unit_code").loc["026"]
    assert (row["grade"], row["reasons"]) == ("trung bình", "files_unread")


def test_published_is_only_how_many_is_told_exactly_elsewhere(run: RunParameters) -> None:
    with connect(run) as con:
        open_protected(run)["tasks"].view(con)
        told = con.execute(
            "SELECT task FROM tasks WHERE unit_code = '02' AND figure IS NOT NULL ORDER BY 1"
        ).fetchall()
        everything = con.execute("SELECT count(*) FROM tasks WHERE unit_code = '02'").fetchone()
    assert [task for (task,) in told] == ["enter", "first_doses"] and everything == (5,)
