"""The estimate beside the reconciled count: what rows in review add, to whom, and between which bounds."""

from pathlib import Path

import duckdb
import pytest

from coverage_samples import OTHER_COMMUNE, Counts, Row, Week, citizen, count_sample, dose

ADULTS = [f"a{i}" for i in range(40)]
ONE, COMPLETE = "at_least_one", "primary_complete"


class Review:
    """Rows in review and their candidates, numbered as the invented week numbers its rows."""

    def __init__(self, linked: list[Row]) -> None:
        self.doses, self.candidates = list(linked), []

    def add(self, chances: dict[str, float], number: int | None = 1, **other: object) -> None:
        """Add one row in review whose citizen is one of those given, each with a probability."""
        self.doses.append(dose(None, "2021-08-01", number, link_status="clerical_review", **other))  # type: ignore[arg-type]
        key = {"source_file": "platform/02.csv", "source_row": len(self.doses)}
        self.candidates: list[Row] = self.candidates + [
            key | {"citizen_id": name, "match_probability": p} for name, p in chances.items()
        ]


def estimates(
    review: Review, folder: Path, citizens: list[Row], previous: Path | None = None
) -> dict[tuple[str, str], Row]:
    week = Week(review.doses, citizens, candidates=review.candidates, previous=previous)
    counts = Counts(count_sample(week, folder).run, ())
    return {(r["unit_code"], r["series_status"]): r for r in counts.rows("coverage_estimate")}


def test_chances_of_uncounted_citizens_are_added_and_sum_by_place(tmp_path: Path) -> None:
    review = Review([dose(name) for name in ADULTS[:3]])
    citizens = [citizen(name) for name in ADULTS[:20]]
    citizens += [citizen(name, commune=OTHER_COMMUNE) for name in ADULTS[20:]]
    for name in ADULTS[:20]:
        review.add({name: 0.6})  # the first three are counted already
    for name in ADULTS[20:23]:
        review.add({name: 0.6}, commune=OTHER_COMMUNE)
    review.add({"a20": 0.5}, commune=OTHER_COMMUNE)  # once more: 1 − .4 × .5
    found = estimates(review, tmp_path, citizens)
    # 17 × .6 = 10.2 here, .6 × 2 + .8 = 2 there
    assert [found[unit, ONE]["people"] for unit in ("02", "024", "026")] == [15, 13, 2]
    assert {r["unit_level"] for r in found.values()} == {"province", "district"}
    row = found["02", ONE]  # variance 17 × .24 + 2 × .24 + .16 = 4.72
    assert (row["people_low"], row["people_high"]) == (10, 20)  # to whole people outwards
    assert found["024", ONE]["people_low"] >= 3


@pytest.mark.parametrize(
    ("linked", "rows", "added"),
    [
        ([], [1], 0),  # a first dose completes nothing
        ([], [2], 18),  # a second by its number does
        ([], [1, None], 18),  # or two by count
        ([1], [None], 18),
        ([1], [1], 18),
        ([1, 2], [2], 0),  # complete already
    ],
)
def test_a_series_is_completed_by_number_or_by_count(
    tmp_path: Path, linked: list[int], rows: list[int | None], added: int
) -> None:
    names = ADULTS[:20]
    review = Review([dose(name, "2021-06-01", number) for name in names for number in linked])
    for name in names:
        for number in rows:
            review.add({name: 0.9}, number)
    # Open rows enough for the upper bound of `coverage`, which counts those that complete by their number; decided ones,
    # of which none can have been missed.
    review.doses += [dose(None, number=2, link_method="decision") for _ in range(40)]
    found = estimates(review, tmp_path, [citizen(name) for name in names])
    counted = 20 if len(linked) == 2 else 0
    assert found["02", COMPLETE]["people"] == counted + added


def test_products_of_one_and_of_three_doses_have_their_own_series(tmp_path: Path) -> None:
    review = Review([])
    for name in ADULTS[:10]:
        review.add({name: 0.9}, 1, vaccine="Janssen")
    for name in ADULTS[10:20]:
        review.add({name: 0.9}, 2, vaccine="Abdala")
    found = estimates(review, tmp_path, [citizen(name) for name in ADULTS[:20]])
    assert found["02", COMPLETE]["people"] == 9 and found["02", ONE]["people"] == 18


def test_who_cannot_be_counted_adds_nothing(tmp_path: Path) -> None:
    citizens = [citizen("child", "2010-01-01"), citizen("dead", life_status="dead", death_date="2021-09-01")]
    citizens += [citizen(name) for name in ("twice", "later", "known")]
    review = Review([dose("known")])
    review.add({"child": 0.9})
    review.add({"dead": 0.9})
    review.add({"twice": 0.9}, duplicate_of="platform/02.csv:1")
    review.add({"later": 0.9}, is_counted=False, entry_date="2021-11-10")
    found = estimates(review, tmp_path, citizens)
    row = found["02", ONE]
    assert row["people"] == row["people_low"] == row["people_high"] == 1


def test_never_above_the_most_that_open_rows_allow(tmp_path: Path) -> None:
    review = Review([])
    review.add(dict.fromkeys(ADULTS[:10], 0.45))  # one row, whatever its candidates' chances sum to
    found = estimates(review, tmp_path, [citizen(name) for name in ADULTS[:10]])
    row = found["02", ONE]
    assert (row["people_low"], row["people"], row["people_high"]) == (1, 1, 1)


def test_without_a_registry_nothing_is_estimated(tmp_path: Path) -> None:
    assert estimates(Review([dose(None)]), tmp_path, []) == {}


def audited(folder: Path, rows: list[tuple[str, str, float, float, float]], unit: str = "VN") -> Path:
    """Write what an earlier week's audit found: stratum, measure, estimate, low, high; returns the week's folder."""
    path = folder / "2021-10-31" / "aggregate" / "audit_result.parquet"
    path.parent.mkdir(parents=True)
    values = ", ".join(
        f"('{unit}', '{s}', '{m}', 40, {e}, {low}, {high}, DATE '2021-10-31')" for s, m, e, low, high in rows
    )
    columns = "unit_code, stratum, measure, sampled, estimate, low, high, audited_as_of"
    duckdb.sql(f"COPY (FROM (VALUES {values}) AS a({columns})) TO '{path}'")
    return path.parents[1]


FOUND = [
    ("not_found_other", "new_people_pct", 20.0, 5.0, 45.0),
    ("not_found_other", "right_pct", 70.0, 50.0, 80.0),
]


def not_found() -> Review:
    """Return 100 rows of nobody known here, 60 of them second doses, and 50 of a child, a duplicate or a decision."""
    review = Review([dose(name) for name in ADULTS])
    review.doses += [dose(None, number=1 if i < 40 else 2) for i in range(100)]
    review.doses += [dose(None, birth_date="2010-01-01") for _ in range(20)]
    review.doses += [dose(None, duplicate_of="platform/02.csv:1") for _ in range(20)]
    review.doses += [dose(None, link_method="decision") for _ in range(10)]
    return review


def test_what_an_audit_found_among_rows_of_nobody_is_added_with_its_limits(tmp_path: Path) -> None:
    """100 rows × .2 people, 60 second doses × .3; the audit's limits are far wider than chance alone."""
    citizens = [citizen(name) for name in ADULTS]
    found = estimates(not_found(), tmp_path / "week", citizens, audited(tmp_path, FOUND))
    one, complete = found["02", ONE], found["02", COMPLETE]
    assert (one["people"], complete["people"]) == (40 + 20, 18)
    # 20 − √(15² + 1.96² × 16) and 20 + √(25² + 1.96² × 16)
    assert (one["people_low"], one["people_high"]) == (40 + 3, 40 + 47)  # 3.1 and 46.2, outwards
    assert found["024", ONE] == one | {"unit_level": "district", "unit_code": "024"}


def test_without_an_audit_missed_people_are_reckoned_from_those_in_review(tmp_path: Path) -> None:
    """Ten people are expected in review and ten were decided: .6 of twenty are missed among 100 rows without a number."""
    review = not_found()
    review.doses += [dose(f"d{i}", link_method="decision") for i in range(10)]
    review.doses += [dose(None, number=1, id_kind="citizen_number") for _ in range(50)]
    for i in range(20):
        review.add({f"r{i}": 0.5})
    names = [*ADULTS, *(f"d{i}" for i in range(10)), *(f"r{i}" for i in range(20))]
    row = estimates(review, tmp_path / "week", [citizen(name) for name in names])["02", ONE]
    assert row["people"] == 50 + 10 + 12
    # 1.96² × (20 × .25 + 100 × .12 × .88), and 12 from none missed, 18 from 1.5 of twenty
    assert (row["people_low"], row["people_high"]) == (72 - 15, 72 + 20)
    audit = audited(tmp_path, FOUND)
    assert (
        estimates(review, tmp_path / "next", [citizen(name) for name in names], audit)["02", ONE]["people"]
        == 80
    )


def test_an_audit_of_another_province_or_of_former_days_adds_nothing(tmp_path: Path) -> None:
    citizens = [citizen(name) for name in ADULTS]
    elsewhere = audited(tmp_path / "a", FOUND, "04 06")
    former = audited(tmp_path / "b", FOUND[1:])  # told no people yet
    for number, previous in enumerate((elsewhere, former, None)):
        found = estimates(not_found(), tmp_path / f"week{number}", citizens, previous)
        assert [found["02", status]["people"] for status in (ONE, COMPLETE)] == [40, 0]


def test_an_audit_of_some_provinces_adds_to_these(tmp_path: Path) -> None:
    previous = audited(tmp_path, FOUND, "02 04")
    found = estimates(not_found(), tmp_path / "week", [citizen(name) for name in ADULTS], previous)
    assert found["02", ONE]["people"] == 40 + 20


def test_an_audit_stays_inside_what_open_rows_allow(tmp_path: Path) -> None:
    everyone = [
        ("not_found_other", "new_people_pct", 100.0, 90.0, 100.0),
        ("not_found_other", "right_pct", 0.0, 0.0, 9.0),
    ]
    citizens = [citizen(name) for name in ADULTS]
    row = estimates(not_found(), tmp_path / "week", citizens, audited(tmp_path, everyone))["02", ONE]
    # Rows decided upon and rows of unknown age are open too: 40 counted, 110 open.
    assert row["people"] <= row["people_high"] <= 40 + 110
