"""The same dose entered twice some days apart, and the pairs that stay two: a table of records of one person."""

from pathlib import Path

import pytest

from linkage_samples import Sample, citizen, dose, link_sample

AN = citizen("002062000001", "Nguyễn Văn An", "1962-03-05")
Record = tuple[str, int | None, str, str | None]  # day, number, product, lot


def repeats(folder: Path, records: list[Record]) -> list[int | None]:
    """Return, for each record, the place (from 1) of the one it repeats; None where it counts."""
    doses = [
        dose(
            "Nguyễn Văn An",
            "1962-03-05",
            "Nam",
            "002062000001",
            vaccination_date=day,
            entry_date="2021-11-01",
            is_counted="2021-03-08" <= day <= "2021-11-01",
        )
        | {"dose_number": number, "vaccine": vaccine, "lot_number": lot}
        for day, number, vaccine, lot in records
    ]
    links = link_sample(Sample(doses, [AN]), folder).links
    places = {str(r["source_row"]): n for n, r in enumerate(sorted(links, key=lambda r: r["source_row"]), 1)}
    of = [r["duplicate_of"] for r in sorted(links, key=lambda r: r["source_row"])]
    return [places[text.rsplit(":", 1)[1]] if text else None for text in of]


AZ, PFIZER = "AstraZeneca", "Comirnaty"


@pytest.mark.parametrize(
    ("why", "records", "repeated"),
    [
        (
            "typed again a week later, under the day of entry",
            [("2021-08-15", 1, AZ, "A1"), ("2021-08-22", 1, AZ, "A1")],
            [None, 1],
        ),
        ("thirteen days", [("2021-08-15", 1, AZ, None), ("2021-08-28", 1, AZ, None)], [None, 1]),
        ("one lot is not known", [("2021-08-15", 1, AZ, None), ("2021-08-22", 1, AZ, "A1")], [None, 1]),
        (
            "fourteen days may be a schedule",
            [("2021-08-15", 1, AZ, "A1"), ("2021-08-29", 1, AZ, "A1")],
            [None] * 2,
        ),
        (
            "two true doses booked as one number",
            [("2021-08-15", 1, AZ, "A1"), ("2021-10-10", 1, AZ, "A1")],
            [None] * 2,
        ),
        ("another lot", [("2021-08-15", 1, AZ, "A1"), ("2021-08-22", 1, AZ, "B2")], [None] * 2),
        ("another product", [("2021-08-15", 1, AZ, "A1"), ("2021-08-22", 1, PFIZER, "A1")], [None] * 2),
        ("another number", [("2021-08-15", 1, AZ, "A1"), ("2021-08-22", 2, AZ, "A1")], [None] * 2),
        ("no number", [("2021-08-15", None, AZ, "A1"), ("2021-08-22", None, AZ, "A1")], [None] * 2),
        (
            "a product not known",
            [("2021-08-15", 1, "unknown", "A1"), ("2021-08-22", 1, "unknown", "A1")],
            [None] * 2,
        ),
        (
            "counted from the kept one, not from one repeat to the next",
            [("2021-08-01", 1, AZ, None), ("2021-08-10", 1, AZ, None), ("2021-08-19", 1, AZ, None)],
            [None, 1, None],
        ),
        (
            "what repeated a repeat repeats the kept one",
            [("2021-08-01", 1, AZ, None), ("2021-08-10", 1, AZ, None), ("2021-08-11", 1, AZ, None)],
            [None, 1, 1],
        ),
        (
            "day and month exchanged, both days possible",
            [("2021-05-08", 1, AZ, None), ("2021-08-05", 1, AZ, "A1")],
            [None, 1],
        ),
        (
            "day and month exchanged, the next dose beside",
            [("2021-05-08", 1, AZ, "A1"), ("2021-08-05", 1, AZ, "A1"), ("2021-10-10", 2, AZ, "C3")],
            [None, 1, None],
        ),
        (
            "day and month exchanged, another lot",
            [("2021-05-08", 1, AZ, "A1"), ("2021-08-05", 1, AZ, "B2")],
            [None] * 2,
        ),
        (
            "day and month exchanged, another number",
            [("2021-05-08", 1, AZ, "A1"), ("2021-08-05", 2, AZ, "A1")],
            [None] * 2,
        ),
        ("a day beside it", [("2021-05-08", 1, AZ, None), ("2021-08-06", 1, AZ, None)], [None] * 2),
        (
            "before the campaign, of one lot",
            [("2021-09-14", 1, AZ, "A1"), ("2020-07-20", 1, AZ, "A1")],
            [None, 1],
        ),
        (
            "after its own entry, of one lot",
            [("2021-09-14", 1, AZ, "A1"), ("2022-06-17", 1, AZ, "A1")],
            [None, 1],
        ),
        (
            "impossible, of another lot",
            [("2021-09-14", 1, AZ, "A1"), ("2020-07-20", 1, AZ, "B2")],
            [None] * 2,
        ),
        (
            "impossible, its lot not known",
            [("2021-09-14", 1, AZ, "A1"), ("2020-07-20", 1, AZ, None)],
            [None] * 2,
        ),
        (
            "impossible, of another number",
            [("2021-09-14", 1, AZ, "A1"), ("2020-07-20", 2, AZ, "A1")],
            [None] * 2,
        ),
        (
            "impossible, of a product not known",
            [("2021-09-14", 1, "unknown", "A1"), ("2020-07-20", 1, "unknown", "A1")],
            [None] * 2,
        ),
        (
            "a lot between two others goes with the first it can be of",
            [("2021-08-01", 1, AZ, "A1"), ("2021-08-07", 1, AZ, "B2"), ("2021-08-12", 1, AZ, "B2")],
            [None, None, 2],
        ),
    ],
)
def test_records_of_one_person(
    why: str, records: list[Record], repeated: list[int | None], tmp_path: Path
) -> None:
    assert repeats(tmp_path, records) == repeated, why
