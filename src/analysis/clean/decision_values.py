"""What a decision says: the field it corrects, the dose it adds; one that says nothing usable binds to nothing."""

from datetime import date, timedelta

import duckdb

from analysis.clean.coded_values import parse_sex
from analysis.clean.corrections import correctable_fields
from analysis.clean.dates import DateConvention, parse_date
from analysis.clean.lookups import build_lookup
from analysis.clean.typed_values import DAYS_AFTER_AS_OF
from analysis.clean.vaccines import parse_dose_number, parse_vaccine
from analysis.settings import FIRST_DOSE_IN_COUNTRY, RunParameters

# The clean tables call a place's columns by its codes, the exports by its names: a decision may use either.
_FIELD_ALIASES = {f"{level}_code": level for level in ("province", "district", "commune")}
HIGHEST_DOSE_NUMBER = 9  # one digit: more is a slip of the keyboard, no schedule comes near it


def parse_added_dose(value: str | None, as_of: date) -> str | None:
    """Return `product|dose number|YYYY-MM-DD` with the product's own name; None when it cannot be a dose.

    The product may be spelt in any way that an export's may. Impossible is a day before the campaign or
    more than 7 days after `as_of` (contract 2).
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


def judge_decisions(con: duckdb.DuckDBPyConnection, run: RunParameters) -> None:
    """Add `is_usable` to `decisions_in_force` and write fields and added doses in their one form."""
    con.execute("ALTER TABLE decisions_in_force ADD COLUMN is_usable BOOLEAN DEFAULT true")
    for alias, field in _FIELD_ALIASES.items():
        con.execute("UPDATE decisions_in_force SET field = ? WHERE field = ?", [field, alias])
    con.execute(
        "UPDATE decisions_in_force SET is_usable = false "
        "WHERE decision = 'correct_value' AND NOT coalesce(list_contains(?, field), false)",
        [correctable_fields()],
    )
    build_lookup(
        con,
        "corrected_values",
        "SELECT DISTINCT field, value FROM decisions_in_force WHERE decision = 'correct_value' AND is_usable",
        {"can_stand": "BOOLEAN"},
        lambda field, value: (can_correct(field, value, run.as_of),),
    )
    con.execute(
        "UPDATE decisions_in_force SET is_usable = c.can_stand FROM corrected_values AS c "
        "WHERE decision = 'correct_value' AND is_usable AND c.t0 = field AND c.t1 IS NOT DISTINCT FROM value"
    )
    build_lookup(
        con,
        "added_values",
        "SELECT DISTINCT value FROM decisions_in_force WHERE decision = 'add_dose'",
        {"dose": "VARCHAR"},
        lambda value: (parse_added_dose(value, run.as_of),),
    )
    con.execute(
        "UPDATE decisions_in_force SET value = coalesce(a.dose, value), is_usable = a.dose IS NOT NULL "
        "FROM added_values AS a WHERE decision = 'add_dose' AND a.t0 IS NOT DISTINCT FROM value"
    )
