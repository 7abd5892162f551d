"""Decisions, duplicates, rosters, findings and the case without a registry."""

from pathlib import Path
from typing import Any

import pytest

from analysis.errors import CheckError
from linkage_samples import Sample, citizen, dose, link_sample, listed

Row = dict[str, Any]
AN = citizen("002062000001", "Nguyễn Văn An", "1962-03-05", old_id_numbers=["073111222"])
BINH = citizen("002090000002", "Nguyễn Văn Bình", "1990-07-12")


def _an(**other: Any) -> Row:
    return dose("Nguyễn Văn An", "1962-03-05", "Nam", "002062000001") | other


def _decided(number: int, row: int, decision: str, citizen_id: str | None = None, **other: Any) -> Row:
    return {
        "decision_id": str(number),
        "bound": True,
        "source_file": "platform/02.csv",
        "source_row": row,
        "decision": decision,
        "citizen_id": citizen_id,
        "decided_on": f"2021-11-0{number}",
    } | other


def test_decisions_come_first_and_are_never_overruled(tmp_path: Path) -> None:
    decisions = [
        _decided(1, 1, "different_person", "002062000001"),
        _decided(2, 2, "not_in_registry"),
        _decided(3, 3, "delete_dose"),
        _decided(4, 4, "same_person", "002090000002"),
        _decided(5, 5, "same_person", "002090000002", bound=False),
        _decided(6, 6, "same_person", "002090000002"),
        _decided(7, 6, "same_person", "002062000001"),
    ]
    doses = [_an(vaccination_date=f"2021-0{i}-01") for i in range(1, 7)]
    rows = link_sample(Sample(doses, [AN, BINH], decisions), tmp_path).links
    an, binh = AN["citizen_id"], BINH["citizen_id"]
    assert [r["citizen_id"] for r in rows] == [None, None, None, binh, an, an]
    assert [r["link_status"] for r in rows[1:4]] == ["not_in_registry", "rejected", "verified"]
    assert [r["link_method"] for r in rows[1:4]] == ["decision"] * 3
    assert rows[4]["link_method"] == "same_citizen_number"


def test_a_decision_holds_even_when_the_extract_lacks_the_citizen(tmp_path: Path) -> None:
    absent = "002001999999"
    linked = link_sample(Sample([_an()], [AN], [_decided(1, 1, "same_person", absent)]), tmp_path)
    assert (linked.links[0]["citizen_id"], linked.links[0]["link_status"]) == (absent, "verified")
    assert [f["kind"] for f in linked.findings] == ["confirmed_but_absent"]


def test_one_dose_counts_once(tmp_path: Path) -> None:
    doses = [
        _an(vaccination_date="2021-08-02", source_file="platform/a.csv"),
        _an(vaccination_date="2021-08-01", signature_status="đã ký"),
        _an(vaccination_date="2021-08-03", dose_number=2),
        _an(vaccination_date="2021-09-26", dose_number=2),
        dose("Nguyễn Văn Bình", "1990-07-12", "Nam", "002090000002", vaccination_date="2021-08-01"),
        _an(vaccination_date=None, is_counted=False, dose_number=2),
    ]
    for number, row in enumerate(doses, start=1):
        row["source_row"] = number
    links = {r["source_row"]: r for r in link_sample(Sample(doses, [AN, BINH]), tmp_path).links}
    kept = "platform/02.csv:2"
    found = [links[number]["duplicate_of"] for number in range(1, 7)]
    assert found == [kept, None, kept, None, None, "platform/02.csv:4"]


def test_without_a_registry_everything_is_said_and_nobody_is_named(tmp_path: Path) -> None:
    doses = [
        _an(),
        _an(vaccination_date="2021-08-02"),
        dose("Nguyễn Văn An", "1962-03-05", "Nam", vaccination_date="2021-08-01"),
        dose("Nguyễn Văn An", "1962-03-05", "Nam", "002062000009", commune_code="00700"),
        dose("An", None, None),
    ]
    linked = link_sample(Sample(doses, None), tmp_path)
    assert {r["citizen_id"] for r in linked.links} == {None}
    assert [r["link_status"] for r in linked.links] == ["not_in_registry"] * 4 + ["insufficient"]
    assert {r["four_field_match"] for r in linked.links} == {None}
    assert [r["duplicate_of"] for r in linked.links] == [None, *["platform/02.csv:1"] * 2, None, None]
    assert (linked.candidates, linked.findings, linked.summary.has_registry) == ([], [], False)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ({}, True),
        ({"full_name_typed": " NGUYỄN VĂN AN "}, True),
        ({"id_number_typed": "073111222"}, True),
        ({"full_name_typed": "Nguyen Van An"}, False),
        ({"id_number_typed": "2062000001"}, False),
        ({"birth_date": "1962"}, False),
    ],
)
def test_the_plain_comparison_is_kept_beside_ours(tmp_path: Path, typed: Row, plain: bool) -> None:
    link = link_sample(Sample([_an(**typed)], [AN]), tmp_path).links[0]
    assert (link["citizen_id"], link["four_field_match"]) == (AN["citizen_id"], plain)


def test_rosters_are_checked_beforehand(tmp_path: Path) -> None:
    rosters = [
        listed("Nguyễn Văn An", "1962-03-05", "Nam", "002062000001"),
        listed("Nguyen Van Binh", "1990-07-12", "Nam", "002090000002"),
        listed("Phùng Thị Tươi", "1977-01-09", "Nữ", "002177121212"),
        listed("Ann Example", "1980-01-02", "Nữ", is_foreigner=True),
        listed("An", "", None),
    ]
    doses = [_an(), _an(vaccination_date="2021-08-02"), _an(vaccination_date="2021-10-20", dose_number=2)]
    linked = link_sample(Sample(doses, [AN, BINH], rosters=rosters), tmp_path)
    assert [(r["link_status"], r["doses_found"]) for r in linked.roster_checks] == [
        ("verified", 2),
        ("matched", 0),
        ("not_in_registry", None),
        ("out_of_scope", None),
        ("insufficient", None),
    ]
    assert linked.summary.roster_rows == 5


def test_findings_name_what_the_registry_side_should_see(tmp_path: Path) -> None:
    citizens = [
        AN,
        citizen("079055000003", "Mai Thị Sen", "1955-12-11", "Nữ", old_id_numbers=["073111222"]),
        citizen("002070000004", "Hứa Văn Tài", "1970-06-30"),
        citizen("002070000005", "Hứa Văn Tài", "1970-06-30"),
        citizen("002040000006", "Lục Văn Sơn", "1940-05-09", life_status="dead", death_date="2021-05-01"),
    ]
    doses = [
        dose("Lục Văn Sơn", "1940-05-09", "Nam", "002040000006"),
        dose("Bế Thị Thơm", "1981-03-03", "Nữ", "002181000007", police_result="đúng"),
    ]
    found = {(f["kind"], f["citizen_id"]) for f in link_sample(Sample(doses, citizens), tmp_path).findings}
    assert found == {
        ("old_number_shared", "002062000001"),
        ("old_number_shared", "079055000003"),
        ("two_numbers_one_person", "002070000004"),
        ("two_numbers_one_person", "002070000005"),
        ("dose_after_death", "002040000006"),
        ("confirmed_but_absent", "002181000007"),
    }


def test_two_rows_with_one_key_are_a_defect(tmp_path: Path) -> None:
    with pytest.raises(CheckError):
        link_sample(Sample([_an(source_row=1), _an(source_row=1)], [AN]), tmp_path)


def test_21_a_number_of_several_people_joins_no_records(tmp_path: Path) -> None:
    """A nurse's own number typed for everybody: two people of one given name stay two people."""
    shared = {"id_number": "002062000009", "id_kind": "citizen_number", "reason_codes": ["id_shared"]}
    doses = [
        dose("Lê Thị Hoa", "1990-01-02", "Nữ", vaccination_date="2021-08-01", **shared),
        dose("Trần Thị Hoa", "1985-05-06", "Nữ", vaccination_date="2021-08-01", **shared),
    ]
    assert [r["duplicate_of"] for r in link_sample(Sample(doses, [AN]), tmp_path / "1").links] == [None, None]
    alone = [d | {"reason_codes": []} for d in doses]
    assert link_sample(Sample(alone, [AN]), tmp_path / "2").links[1]["duplicate_of"] == "platform/02.csv:1"


def test_21_a_shared_number_links_only_whom_name_and_birth_confirm(tmp_path: Path) -> None:
    marked = {"reason_codes": ["id_shared"]}
    doses = [_an(**marked), dose("Lê Thị Hoa", "1990-01-02", "Nữ", AN["citizen_id"], **marked)]
    links = link_sample(Sample(doses, [AN, BINH]), tmp_path).links
    assert [r["citizen_id"] for r in links] == [AN["citizen_id"], None]


@pytest.mark.parametrize(
    ("birth", "is_linked"), [("2021-08-01", True), ("2021-08-02", True), ("2012-03-04", False)]
)
def test_the_day_of_the_dose_is_no_birth_date(birth: str, is_linked: bool, tmp_path: Path) -> None:
    """Dose and entry are of 1 and 2 August: such a birth date says nothing; a child's may be another person's."""
    row = link_sample(Sample([_an(birth_date=birth)], [AN, BINH]), tmp_path).links[0]
    assert (row["citizen_id"] == AN["citizen_id"]) is is_linked
    assert ("birth_date" in row["differing_fields"]) is is_linked


def test_23_repeated_doses_count_once_and_further_ones_stand(tmp_path: Path) -> None:
    """Same day, the next day and another site are one dose; dose 2 without 1 and a sixth dose are doses."""
    days = ["2021-04-01", "2021-04-01", "2021-04-02", "2021-06-01", "2021-07-01", "2021-08-01", "2021-09-01"]
    doses = [_an(vaccination_date=day, dose_number=None) for day in [*days, "2021-10-01"]]
    doses[1] |= {"facility_name": "Trạm Y tế xã Khác", "source_file": "platform/khac.csv", "source_row": 9}
    doses.append(dose("Nguyễn Văn Bình", "1990-07-12", "Nam", "002090000002", dose_number=2))
    links = link_sample(Sample(doses, [AN, BINH]), tmp_path).links
    repeated = {(r["source_file"], r["source_row"]): r["duplicate_of"] for r in links if r["duplicate_of"]}
    assert repeated == {
        ("platform/khac.csv", 9): "platform/02.csv:1",
        ("platform/02.csv", 3): "platform/02.csv:1",
    }


@pytest.mark.parametrize(("later", "is_linked"), [("different_person", False), ("same_person", True)])
def test_of_two_answers_about_one_citizen_the_later_stands(
    tmp_path: Path, later: str, is_linked: bool
) -> None:
    earlier = ({"same_person", "different_person"} - {later}).pop()
    an = AN["citizen_id"]
    decisions = [_decided(1, 1, earlier, an), _decided(5, 1, later, an)]
    row = link_sample(Sample([_an()], [AN, BINH], decisions), tmp_path).links[0]
    assert (row["citizen_id"] == an) is is_linked


def test_the_kept_record_does_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    same_day = [
        _an(dose_number=2, dose_record_id="M2"),
        _an(dose_number=1, dose_record_id="M1"),
        _an(dose_number=1, vaccine="Comirnaty", dose_record_id="M3"),
        _an(dose_number=1, vaccine="unknown", dose_record_id="M4"),
    ]
    kept = []
    for name, rows in (("there", same_day), ("back", same_day[::-1])):
        doses = [dict(r) for r in rows]
        links = link_sample(Sample(doses, [AN, BINH]), tmp_path / name).links
        kept.append([r["dose_record_id"] for r in links if r["duplicate_of"] is None])
    assert kept == [["M1"], ["M1"]]
