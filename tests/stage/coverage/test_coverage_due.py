"""Who is due: windows by product, who must be checked first, who is left out, and that counts agree."""

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from analysis.settings import Settings
from coverage_samples import OTHER_COMMUNE, Counts, Row, Week, citizen, count_sample, dose

NEW, OLD = "2021-11-01", "2021-06-01"  # 6 and 159 days before as_of


def linked(name: str, day: str, product: str, number: int | None = 1) -> Row:
    return dose(name, day, number, vaccine=product)


def loose(**other: object) -> Row:
    """A row of nobody known, of another name and place unless told."""
    plain = {"name_key": "ai do", "birth_date": "1955-01-01", "commune": OTHER_COMMUNE}
    return dose(None, **(plain | other))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Counts:
    """Count a week in which every person is named after what must be found."""
    doses = [
        linked("az due", "2021-09-10", "AstraZeneca"),
        linked("az overdue", OLD, "AstraZeneca"),
        linked("az not yet", NEW, "AstraZeneca"),
        linked("first day", "2021-10-17", "Comirnaty"),  # 21 days
        linked("last day", "2021-10-10", "Comirnaty"),  # 28 days
        linked("janssen", OLD, "Janssen"),
        linked("no window", OLD, "Covaxin"),
        linked("unknown product", OLD, "unknown"),
        linked("abdala third", OLD, "Abdala"),
        linked("abdala third", "2021-10-20", "Abdala", 2),
        linked("complete", OLD, "Vero Cell"),
        linked("complete", "2021-07-01", "Vero Cell", 2),
        linked("child begun", "2021-10-15", "Comirnaty"),
        linked("dead", OLD, "Vero Cell"),
        linked("refused", OLD, "Vero Cell"),
        dose("after as_of", "2021-11-09", is_counted=False),
        loose(name_key="name and day", birth_date="1980-05-05"),
        loose(name_key="name and year", birth_date="1980", commune="00691"),
        loose(name_key="other district", birth_date="1980"),
        loose(name_key="other sex", birth_date="1980-05-05", sex="Nữ"),
        loose(name_key="no birth", birth_date=None, commune="00688"),
        loose(id_number="number typed"),
        loose(id_number="073000111"),
        loose(id_number="002080012340"),
        loose(id_number="002080022211"),
        loose(name_key="thu tu dao", birth_date="1980", commune="00688"),
        loose(name_key="rejected row", birth_date="1980-05-05", link_status="rejected", is_rejected=True),
        dose("002099999999", link_method="decision", name_key="slip of the pen", birth_date="1980-05-05"),
        loose(link_status="clerical_review"),
    ]
    adults = ["az due", "az overdue", "az not yet", "first day", "last day", "janssen", "no window"]
    adults += ["unknown product", "abdala third", "complete", "refused", "after as_of", "name and day"]
    adults += ["name and year", "other district", "other sex", "no birth", "number typed", "rejected row"]
    adults += ["in review", "never", "told by row", "slip of the pen"]
    people = [citizen(name, name_key=name) for name in adults]
    people += [
        citizen("old number", old_id_numbers=["073000111"]),
        citizen("002080012345"),
        citizen("002080022222"),
        citizen("dao thu tu", name_key="dao thu tu"),
        citizen("child begun", "2005-01-01"),
        citizen("child", "2003-11-08"),
        citizen("just 18", "2003-11-07"),
        citizen("no birth date", None, name_key="khac"),  # type: ignore[arg-type]
        citizen("dead", life_status="dead", death_date="2021-11-07"),
        citizen("elsewhere", commune="00001"),
    ]
    candidates = [{"source_file": "platform/02.csv", "source_row": len(doses), "citizen_id": "in review"}]
    decisions = [
        {"decision": "do_not_invite", "citizen_id": "refused"},
        {"decision": "do_not_invite", "source_file": "platform/02.csv", "source_row": len(doses) + 1},
    ]
    doses.append(linked("told by row", OLD, "Vero Cell"))
    week = Week(doses, people, decisions=decisions, candidates=candidates)
    return count_sample(week, tmp_path_factory.mktemp("due"))


@pytest.fixture(scope="module")
def due(counts: Counts) -> dict[str, Row]:
    """Return the list by the person's name."""
    return {row["citizen_id"]: row for row in counts.table("due")}


def test_windows_run_from_the_previous_dose_by_its_product(due: dict[str, Row]) -> None:
    row = due["az due"]
    assert (row["next_dose"], row["previous_product"]) == (2, "AstraZeneca")
    assert row["previous_date"] == date(2021, 9, 10)
    assert (row["due_from"], row["due_until"]) == (date(2021, 11, 5), date(2021, 12, 3))
    assert due["abdala third"]["next_dose"] == 3
    assert {"first day", "last day", "az overdue", "child begun"} <= set(due)


@pytest.mark.parametrize("name", ["az not yet", "janssen", "complete", "no window", "unknown product"])
def test_nobody_is_due_early_without_window_or_when_complete(due: dict[str, Row], name: str) -> None:
    assert name not in due


@pytest.mark.parametrize("name", ["child", "no birth date", "dead", "elsewhere", "refused", "told by row"])
def test_who_is_never_on_the_list(due: dict[str, Row], name: str) -> None:
    assert name not in due


def test_an_adult_without_any_dose_is_due_for_the_first(due: dict[str, Row]) -> None:
    for name in ("never", "just 18"):
        assert (due[name]["next_dose"], due[name]["due_from"], due[name]["check_first"]) == (1, None, False)


CHECKED = [
    "after as_of",
    "name and day",
    "name and year",
    "no birth",
    "number typed",
    "old number",
    "in review",
    "002080012345",
    "dao thu tu",
    "slip of the pen",
]


@pytest.mark.parametrize("name", CHECKED)
def test_a_possible_dose_is_checked_first(due: dict[str, Row], name: str) -> None:
    assert due[name]["check_first"] is True


@pytest.mark.parametrize(
    "name", ["never", "other district", "other sex", "rejected row", "az due", "002080022222"]
)
def test_nobody_else_is(due: dict[str, Row], name: str) -> None:
    assert due[name]["check_first"] is False


def test_counts_agree_with_the_list_and_name_those_left_out(counts: Counts, due: dict[str, Row]) -> None:
    rows = counts.rows("due_counts", unit_code="024")
    states: Counter[str] = Counter()
    for row in rows:
        states[row["state"]] += row["people"]
    assert states["due"] + states["overdue"] + states["check_first"] == len(due)
    assert states["check_first"] == len(CHECKED)
    assert states["do_not_invite"] == 2
    assert states["not_yet_due"] == 1
    assert states["no_window"] == 2
    assert counts.rows("due_counts", unit_code=["01", "001"]) == []


def test_windows_are_a_setting(tmp_path: Path) -> None:
    settings = replace(Settings(), due_windows={"AstraZeneca": (1, 5)})
    week = Week([linked("A", NEW, "AstraZeneca")], [citizen("A")], settings=settings)
    row = count_sample(week, tmp_path).table("due")[0]
    assert (row["due_from"], row["due_until"]) == (date(2021, 11, 2), date(2021, 11, 6))


def test_an_added_dose_moves_the_list(tmp_path: Path) -> None:
    decisions = [{"decision": "add_dose", "citizen_id": "A", "value": f"Comirnaty|1|{OLD}"}]
    row = count_sample(Week([dose("B")], [citizen("A")], decisions=decisions), tmp_path).table("due")[0]
    assert (row["citizen_id"], row["next_dose"], row["previous_product"]) == ("A", 2, "Comirnaty")


def test_a_dose_added_on_paper_for_a_later_day_is_checked_first(tmp_path: Path) -> None:
    decisions = [
        {"decision": "add_dose", "citizen_id": "later", "value": "AstraZeneca|1|2021-11-10"},
        {
            "decision": "add_dose",
            "citizen_id": "cannot act",
            "value": "AstraZeneca|1|2021-11-10",
            "bound": False,
        },
    ]
    people = [citizen("later"), citizen("cannot act"), citizen("other")]
    week = Week([linked("other", OLD, "Vero Cell")], people, decisions=decisions)
    due = {r["citizen_id"]: r["check_first"] for r in count_sample(week, tmp_path).table("due")}
    assert due == {"later": True, "cannot act": False, "other": False}
