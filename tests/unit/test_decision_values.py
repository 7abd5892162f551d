"""What a decision must say to act: a field that exists, a dose that can have been given."""

from datetime import date

import pytest

from analysis.clean.decision_values import parse_added_dose

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
