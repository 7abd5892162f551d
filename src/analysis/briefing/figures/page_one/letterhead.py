"""Who issues a page, to whom it goes and who signs it: the fixed parts of Decree 30/2020/NĐ-CP (sources page-1).

The ministry's run gives each province's page to the province's own department of health, under its committee; another
organisation of the settings issues every page itself. Its kind is read off the first words of its name.
"""

from typing import Any

from analysis.briefing.figures.reading import UnitTables
from analysis.briefing.figures.units import COUNTRY, Unit, unit_in_sentence
from analysis.briefing.figures.wording import Words
from analysis.settings import Settings

DEPARTMENT, MINISTRY, COMMITTEE, OTHER = "department", "ministry", "committee", "other"
LINE_OF_HEAD = 24  # capital letters
# How the name of an issuing body begins, in capitals.
BEGINNINGS = {"SỞ Y TẾ": DEPARTMENT, "BỘ Y TẾ": MINISTRY, "ỦY BAN NHÂN DÂN": COMMITTEE, "UBND": COMMITTEE}


def issuer_kind(tables: UnitTables) -> str:
    """Return the kind of body that issues the page of a unit."""
    if is_delegated(tables):
        return DEPARTMENT
    name = tables.run.settings.organisation.upper().replace("UỶ BAN", "ỦY BAN")
    return next((kind for start, kind in BEGINNINGS.items() if name.startswith(start)), OTHER)


def is_delegated(tables: UnitTables) -> bool:
    """Tell whether a province's own department issues the page of a run that the ministry made."""
    return tables.unit.code != COUNTRY and tables.run.settings.organisation == Settings().organisation


def letterhead(tables: UnitTables, words: Words) -> dict[str, str]:
    """Return the head of the document: bodies, state, motto, number, place and day.

    A department stands under its province's committee; of a body that we do not know neither what is above it
    nor its mark is said.
    """
    kind = issuer_kind(tables)
    is_under = kind == DEPARTMENT and tables.unit.code != COUNTRY
    name = tables.run.settings.organisation
    if name == Settings().organisation:
        name = words("head.department" if is_delegated(tables) else "head.ministry")
    return {
        "superior": _committee(tables.unit, words).upper() if is_under else "",
        "organisation": name.upper(),
        "state": words("head.state"),
        "motto": words("head.motto"),
        "number": words(f"head.number_{kind}"),
        "place_and_day": words(
            "head.place_and_day", place=_place(tables.unit, kind, words), year=str(tables.as_of.year)
        ),
    }


def _committee(unit: Unit, words: Words) -> str:
    """Return the province's committee; where that is longer than a line of the head, its name begins the second."""
    text = words("head.committee", unit=unit_in_sentence(unit))
    own = unit.short_name if words.language == "vi" else unit.name
    return text if len(text) <= LINE_OF_HEAD else text.replace(f" {own}", f"\n{own}")


def _place(unit: Unit, kind: str, words: Words) -> str:
    """Return where the page is issued: the province of a provincial body, the capital for the ministry."""
    if unit.code == COUNTRY:
        return words("head.capital") if kind == MINISTRY else words("head.blank")
    # A place named after a person is written with its kind.
    return unit.name if unit.name.endswith("Hồ Chí Minh") else unit.short_name


def title_block(tables: UnitTables, words: Words) -> dict[str, Any]:
    """Return kind, subject and cut-off of the document, and to whom it goes: the issuer's superior."""
    unit = words("head.country") if tables.unit.code == COUNTRY else unit_in_sentence(tables.unit)
    to = (
        "country"
        if tables.unit.code == COUNTRY
        else COMMITTEE
        if issuer_kind(tables) == COMMITTEE
        else "province"
    )
    return {
        "kind": words("head.kind"),
        "subject": words("head.subject", unit=unit),
        "cut_off": words("head.cut_off", day=words.day(tables.as_of)),
        "addressee": words(f"head.addressee_{to}", unit=unit),
    }


def closing_block(tables: UnitTables, words: Words) -> dict[str, Any]:
    """Return who signs and who receives the page.

    "TM." (for the whole body) is a committee's alone; a department's deputy signs for its director ("KT."). What the
    settings say of the signature is the organisation's own and not a department's to which a page was delegated.
    """
    settings, is_own = tables.run.settings, not is_delegated(tables)
    signed_as = (is_own and list(settings.signed_as)) or words(f"signed.{issuer_kind(tables)}").split("\n")
    others = [words("head.recipient", name=name) for name in settings.recipients if is_own]
    return {
        "signed_as": signed_as,
        "signer": settings.signer if is_own else "",
        "recipients_title": words("head.recipients"),
        # "As above" leads back to the line that says to whom, which every page has.
        "recipients": [words("head.recipient_above"), *others, words("head.recipient_archive")],
    }
