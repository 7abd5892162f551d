"""What a decision says: the field it corrects, the dose it adds; one that says nothing usable binds to nothing."""

from datetime import date, timedelta

from analysis.clean.fields.coded_values import parse_sex
from analysis.clean.fields.dates import DateConvention, parse_date
from analysis.clean.fields.vaccines import parse_dose_number, parse_vaccine
from analysis.clean.typed_values import DAYS_AFTER_AS_OF
from analysis.intake.headers.finding import PLATFORM
from analysis.settings import FIRST_DOSE_IN_COUNTRY, RunParameters
from analysis.steps import Plan, Step

# The clean tables call a place's columns by its codes, the exports by its names: a decision may use either.
_FIELD_ALIASES = {f"{level}_code": level for level in ("province", "district", "commune")}
# The ground of those who found a record rightly written: whose it is was confirmed, nothing in it is to be corrected.
RIGHT_ON_PLATFORM = "danh sách: đã ghi đúng trên Nền tảng"
# The ground of a dose that the person tells of and has no paper of: no invitation until the platform has confirmed it.
NO_PAPER = "no_paper"
HIGHEST_DOSE_NUMBER = 9  # one digit: more is a slip of the keyboard, no schedule comes near it


def correctable_fields() -> list[str]:
    """Return the fields of the platform's exports that a decision may correct."""
    return [name for name in PLATFORM.headers if not name.endswith("_typed_code")]


def parse_added_dose(value: str | None, as_of: date) -> str | None:
    """Return `product|dose number|YYYY-MM-DD` with the product's own name; None when it cannot be a dose.

    The product may be spelt in any way that an export's may. Impossible is a day before the campaign or
    more than 7 days after `as_of` (sources in-2).
    """
    parts = [part.strip() for part in (value or "").split("|")]
    if len(parts) != 3 or not parts[1].isdecimal() or not 1 <= int(parts[1]) <= HIGHEST_DOSE_NUMBER:
        return None
    try:
        day = date.fromisoformat(parts[2])
    except ValueError:
        return None
    if not FIRST_DOSE_IN_COUNTRY <= day <= as_of + timedelta(days=DAYS_AFTER_AS_OF):
        return None
    return f"{parse_vaccine(parts[0])[0]}|{int(parts[1])}|{day}"


def can_correct(field: str, value: str | None, as_of: date) -> bool:
    """Tell whether a value can stand in a field: a slip in it must not blank what the site had typed rightly.

    An empty value empties the cell on purpose; texts that no rule reads apart (names, places) always can.
    """
    if not (value or "").strip():
        return True
    if field in ("birth_date", "vaccination_date", "entry_date"):
        return parse_date(value, DateConvention(), as_of.year).value is not None
    if field == "dose_number":
        return not parse_dose_number(value).bits
    if field == "sex":
        return parse_sex(value)[0] is not None
    return True


LATEST = "latest_decisions"
_FIELD = (
    "CASE field " + " ".join(f"WHEN '{a}' THEN '{f}'" for a, f in _FIELD_ALIASES.items()) + " ELSE field END"
)
_CORRECTABLE = f"coalesce({_FIELD} IN ({', '.join(repr(name) for name in correctable_fields())}), false)"


# A spreadsheet took the zeros off a citizen's number (they all begin with one), or left a power of ten of it.
_DIGITS = r"regexp_replace(citizen_id, '[\s.'']|\.0$', '', 'g')"
_CITIZEN = f"CASE WHEN regexp_full_match({_DIGITS}, '[0-9]{{10,12}}') THEN lpad({_DIGITS}, 12, '0') ELSE citizen_id END"
_IS_NOBODY = f"coalesce(decision IN ('same_person', 'different_person') AND NOT regexp_full_match({_CITIZEN}, '[0-9]{{12}}'), false)"


def judged_steps(run: RunParameters) -> Plan:
    """Return the steps from `latest_decisions` to `decisions_in_force`: fields and added doses in their one form.

    `is_usable` is False for a decision that says nothing usable.
    """
    return (
        Step(
            "corrected_values",
            "one value that decisions give a field",
            LATEST,
            f"SELECT DISTINCT {_FIELD}, value FROM {LATEST} WHERE decision = 'correct_value' AND {_CORRECTABLE}",
            columns={"can_stand": "BOOLEAN"},
            clean=lambda field, value: (can_correct(field, value, run.as_of),),
        ),
        Step(
            "added_values",
            "one dose that decisions add, as it is written",
            LATEST,
            f"SELECT DISTINCT value FROM {LATEST} WHERE decision = 'add_dose'",
            columns={"dose": "VARCHAR"},
            clean=lambda value: (parse_added_dose(value, run.as_of),),
        ),
        Step(
            "decisions_in_force",
            "one decision, by the latest row of its id",
            f"{LATEST} corrected_values added_values",
            f"""
            SELECT x.* REPLACE ({_FIELD} AS field, coalesce(a.dose, value) AS value, {_CITIZEN} AS citizen_id),
              NOT {_IS_NOBODY} AND CASE decision WHEN 'correct_value' THEN {_CORRECTABLE} AND coalesce(c.can_stand, false)
                WHEN 'add_dose' THEN a.dose IS NOT NULL ELSE true END AS is_usable
            FROM {LATEST} AS x
            LEFT JOIN corrected_values AS c ON decision = 'correct_value' AND c.t0 = {_FIELD}
              AND c.t1 IS NOT DISTINCT FROM value
            LEFT JOIN added_values AS a ON decision = 'add_dose' AND a.t0 IS NOT DISTINCT FROM value""",
        ),
    )
