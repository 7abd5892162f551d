"""What people typed beside their answers: read strictly, or not taken at all.

Each reader returns the value as a decision writes it (interfaces, decisions/), or None when it cannot be one.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

from analysis.clean.fields.coded_values import parse_sex
from analysis.clean.fields.dates import DateConvention, parse_date
from analysis.clean.fields.identity_numbers import is_placeholder
from analysis.clean.fields.names import parse_name
from analysis.clean.fields.vaccines import UNKNOWN, parse_vaccine
from analysis.settings import FIRST_DOSE_IN_COUNTRY
from analysis.worklists.kinds import CITIZEN_NUMBER, DOSE_DATE, PRODUCT_AND_DATE

# A date later than this after as_of is impossible (sources in-2).
DAYS_AHEAD = timedelta(days=7)
_NAME = re.compile(r"[^\W\d_]+(?:[ '\-][^\W\d_]+)+")
_PRODUCT_AND_DATE = re.compile(r"(.*?)[\s,;|]+(\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d\d-\d\d)")


def read_citizen_number(text: str, as_of: date) -> str | None:
    """Return a citizen's number of 12 digits."""
    digits = re.sub(r"[\s.]", "", text)
    return digits if re.fullmatch(r"\d{12}", digits) and not is_placeholder(digits) else None


def read_identity_number(text: str, as_of: date) -> str | None:
    """Return a citizen's number of 12 digits or an old one of 9."""
    digits = re.sub(r"[\s.]", "", text)
    return digits if re.fullmatch(r"\d{12}|\d{9}", digits) and not is_placeholder(digits) else None


def read_name(text: str, as_of: date) -> str | None:
    """Return a name of two words or more, in its canonical form."""
    name = parse_name(text).full_name if _NAME.fullmatch(" ".join(text.split())) else None
    return name if name and " " in name else None


def read_birth_date(text: str, as_of: date) -> str | None:
    """Return a birth date as YYYY[-MM[-DD]], as exact as it was typed; not one to come."""
    value = parse_date(text, DateConvention(), as_of.year).value
    return value if value and value <= as_of.isoformat() else None


def read_sex(text: str, as_of: date) -> str | None:
    """Return Nam or Nữ."""
    return parse_sex(text)[0] if not text.strip().isdigit() else None


def read_dose_date(text: str, as_of: date) -> str | None:
    """Return a day on which a dose can have been given, as YYYY-MM-DD."""
    found = parse_date(text, DateConvention(), as_of.year)
    if found.precision != "day" or found.value is None:
        return None
    day = date.fromisoformat(found.value)
    return found.value if FIRST_DOSE_IN_COUNTRY <= day <= as_of + DAYS_AHEAD else None


def read_product_and_date(text: str, as_of: date) -> str | None:
    """Return `product|YYYY-MM-DD` of a dose typed as "AstraZeneca 15/10/2021"."""
    found = _PRODUCT_AND_DATE.fullmatch(" ".join(text.split()))
    product = parse_vaccine(found.group(1))[0] if found else UNKNOWN
    day = read_dose_date(found.group(2), as_of) if found else None
    return f"{product}|{day}" if day and product != UNKNOWN else None


Reader = Callable[[str, date], str | None]
FIELD_READERS: dict[str, Reader] = {
    "id_number": read_identity_number,
    "full_name": read_name,
    "birth_date": read_birth_date,
    "sex": read_sex,
}
READERS: dict[str, Reader] = {
    CITIZEN_NUMBER: read_citizen_number,
    DOSE_DATE: read_dose_date,
    PRODUCT_AND_DATE: read_product_and_date,
}


def read_typed(typed: str, field: str | None, text: str, as_of: date) -> str | None:
    """Return the value that an answer of this kind (`Choice.typed`) needs; `field` is the field in doubt."""
    return (READERS.get(typed) or FIELD_READERS[field or ""])(text, as_of)
