"""The requests of the first page, addressed as the issuer may: the province through its committee, the ministry on."""

from analysis.briefing.figures.front import ONE, REPORTED
from analysis.briefing.figures.layout import TableSpec, table
from analysis.briefing.figures.page_one.caution import GAP_POINTS, named_and_more, registry_gap
from analysis.briefing.figures.page_one.needs import Needs, parts_short
from analysis.briefing.figures.reading import UnitTables
from analysis.briefing.figures.sums import Count, rest_or_rounding, told_sum
from analysis.briefing.figures.units import COUNTRY
from analysis.briefing.figures.wording import Words

SHORT_NAMED = 3
REQUESTS_SHOWN = 2
PRODUCTS_NAMED = 4
DUE = ("due", "overdue")


def requests(tables: UnitTables, needs: Needs, words: Words) -> list[str]:
    """Return what the figures ask of those above: doses, their moving, a count of them, a denominator."""
    return (_found(tables, needs, words) or [words("request.none")])[:REQUESTS_SHOWN]


def all_requests(tables: UnitTables, needs: Needs, words: Words) -> list[str]:
    """Return every request, with first doses set against what is left once second doses are given."""
    found = _found(tables, needs, words) or [words("request.none")]
    return [text for text in (*found, _first_against_left(needs, words)) if text]


def _found(tables: UnitTables, needs: Needs, words: Words) -> list[str]:
    made = (
        _doses(tables, needs, words),
        _unknown_stock(tables, needs, words),
        _moving(tables, needs, words),
        _denominator(tables, words),
    )
    return [text for text in made if text]


def _first_against_left(needs: Needs, words: Words) -> str:
    """Say what is left for first doses, of any product, once the second doses are set apart."""
    if needs.stock is None or needs.target is None or not needs.first_doses:
        return ""
    left = max(0, needs.stock.left - needs.second)
    return words(
        "request.first_enough" if left >= needs.first_doses else "request.first_short",
        left=words.whole(left),
        gap=words.whole(abs(needs.first_doses - left)),
    )


def product_sentence(tables: UnitTables, words: Words) -> str:
    """Name the products of which most second doses are due, and ask for the stock of each, which nobody reports."""
    rows = by_product(tables, words)["rows"]
    if not rows:
        return ""
    named = [
        words("task.part", unit=row["cells"][0], count=row["cells"][3])
        for row in rows[:PRODUCTS_NAMED]
        if not row["strong"]
    ]
    return words("request.by_product", products="; ".join(named))


def by_product(tables: UnitTables, words: Words) -> TableSpec:
    """Return the second doses due and overdue by the product of the first; what each has in stock nobody reports."""
    found: dict[str, dict[str, Count]] = {}
    for row in tables.lists["due_products"]:
        found.setdefault(str(row["previous_product"]), {})[row["state"]] = row["people"]
    own = {r["state"]: r["people"] for r in tables.lists["due"] if r["next_dose"] == 2}
    total = {state: own.get(state, 0) for state in DUE}
    order = sorted(found, key=lambda name: (name == "unknown", -_shown(found[name]), name))
    rows = [
        [words("request.other_product") if name == "unknown" else name, *_due_cells(found[name], words)]
        for name in order
    ]
    rests = [
        rest_or_rounding(total[state], [counts.get(state, 0) for counts in found.values()]) for state in DUE
    ]
    if rows and any(rests):
        beyond = dict(zip(DUE, rests, strict=True))
        rows.append([words("request.rest_of_products"), *_due_cells(beyond, words)[:-1], words("none")])
    if rows:
        rows.append([words("parts.total"), *_due_cells(total, words)])
    last = len(rows) - 1
    titles = [words(f"request.{name}") for name in ("product", "due", "overdue", "both", "stock")]
    weights = (1.6, 1, 1, 1, 1.2)
    sums = [(last, range(last))]
    return table(words("request.caption"), titles, rows, (0,), [last], weights, sums, name="due_products")


def _shown(counts: dict[str, Count]) -> int:
    return sum(count for count in counts.values() if isinstance(count, int))


def _due_cells(counts: dict[str, Count], words: Words) -> list[str]:
    """Return due, overdue, both together, and the stock of the product, which daily reports do not say."""
    due = [counts.get(state, 0) for state in DUE]
    both = told_sum(count for count in due if count is not None)
    return [*map(words.whole, due), words.whole(both), words("request.not_reported")]


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
    """Ask for the count of doses where nobody says what is left: that it suffices is not known then."""
    return words(f"request.unknown_stock_{tables.unit.level}") if needs.stock is None else ""


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
