"""What a decision must say to act: a field that exists, a dose that can have been given."""

from datetime import date

import pytest

from analysis.clean.decision_values import can_correct, parse_added_dose

AS_OF = date(2021, 11, 7)


@pytest.mark.parametrize(
    ("value", "dose"),
    [
        ("Comirnaty|1|2021-09-01", "Comirnaty|1|2021-09-01"),
        ("Pfizer|1|2021-09-01", "Comirnaty|1|2021-09-01"),
        (" astra zeneca | 2 | 2021-08-01 ", "AstraZeneca|2|2021-08-01"),
        ("janssen|1|2021-09-01", "Janssen|1|2021-09-01"),
        ("vắc xin lạ|1|2021-09-01", "unknown|1|2021-09-01"),
        # After as_of, within a week: the dose is there, though it does not count yet.
        ("AstraZeneca|1|2021-11-10", "AstraZeneca|1|2021-11-10"),
        ("AstraZeneca|1|2021-11-15", None),
        ("AstraZeneca|1|2021-03-01", None),
        ("AstraZeneca|x|2021-10-01", None),
        ("AstraZeneca|0|2021-10-01", None),
        ("AstraZeneca|1|01/08/2021", None),
        ("AstraZeneca|1|2021-13-01", None),
        ("AstraZeneca", None),
        ("", None),
        (None, None),
    ],
)
def test_an_added_dose_is_read_in_any_spelling_or_not_at_all(value: str | None, dose: str | None) -> None:
    assert parse_added_dose(value, AS_OF) == dose


@pytest.mark.parametrize(
    ("field", "value", "can_stand"),
    [
        ("vaccination_date", "2021-08-15", True),
        ("vaccination_date", "15/08/2021", True),
        ("vaccination_date", "32/13/2021", False),
        ("birth_date", "1962", True),
        ("birth_date", "hôm qua", False),
        ("birth_date", "", True),
        ("dose_number", "2", True),
        ("dose_number", "mũi nhắc lại", True),
        ("dose_number", "nhiều", False),
        ("sex", "nữ", True),
        ("sex", "x", False),
        ("full_name", "Trần Thị Bé", True),
        ("commune", "00688", True),
    ],
)
def test_a_value_that_cannot_be_read_corrects_nothing(field: str, value: str, can_stand: bool) -> None:
    assert can_correct(field, value, AS_OF) == can_stand
