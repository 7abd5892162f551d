"""The requests of the first page, addressed as the issuer may: the province through its committee, the ministry on."""

from analysis.briefing.figures.front import ONE, REPORTED
from analysis.briefing.figures.page_one.caution import GAP_POINTS, named_and_more, registry_gap
from analysis.briefing.figures.page_one.needs import Needs, parts_short
from analysis.briefing.figures.reading import UnitTables
from analysis.briefing.figures.units import COUNTRY
from analysis.briefing.figures.wording import Words

SHORT_NAMED = 3
REQUESTS_SHOWN = 2


def requests(tables: UnitTables, needs: Needs, words: Words) -> list[str]:
    """Return what the figures ask of those above: doses, their moving, a count of them, a denominator."""
    made = (
        _doses(tables, needs, words),
        _unknown_stock(tables, needs, words),
        _moving(tables, needs, words),
        _denominator(tables, words),
    )
    found = [text for text in made if text][:REQUESTS_SHOWN]
    return found or [words("request.none")]


def _doses(tables: UnitTables, needs: Needs, words: Words) -> str:
    """Ask for the doses of the tasks beyond what is left, and say how the count is made."""
    if not needs.asked or needs.stock is None:
        return ""
    parts = []
    if needs.target is not None and needs.first_doses:
        target, first = words.percent(needs.target, 0), words.whole(needs.first_doses)
        parts.append(words("request.first", target=target, doses=first))
    if needs.second:
        parts.append(words("request.second", doses=words.whole(needs.second)))
    return words(
        f"request.doses_{tables.unit.level}",
        doses=words.whole(needs.asked),
        parts="; ".join(parts),
        on_hand=words.whole(needs.stock.on_hand),
        to_come=words.whole(needs.stock.to_come),
    )


def _unknown_stock(tables: UnitTables, needs: Needs, words: Words) -> str:
    """Ask for the count of doses where tasks ask for vaccinations and nobody says what is left."""
    is_unknown = needs.stock is None and needs.first_doses + needs.second > 0
    return words(f"request.unknown_stock_{tables.unit.level}") if is_unknown else ""


def _moving(tables: UnitTables, needs: Needs, words: Words) -> str:
    """Ask that doses go to the provinces whose first doses to the target are more than what is left there.

    Districts are given out of their province's allocation: what theirs leaves is no stock of their own.
    """
    short = parts_short(tables, needs) if tables.unit.code == COUNTRY else []
    if not short:
        return ""
    return words(
        "request.moving",
        count=words.whole(len(short)),
        level=words(f"level.below_{tables.unit.level}"),
        doses=words.whole(sum(doses for _, doses in short)),
        names=named_and_more([unit for unit, _ in short], SHORT_NAMED, tables, words),
    )


def _denominator(tables: UnitTables, words: Words) -> str:
    row = tables.covered(tables.unit.code, REPORTED, ONE)
    return words(f"request.denominator_{tables.unit.level}") if registry_gap(row) >= GAP_POINTS else ""
