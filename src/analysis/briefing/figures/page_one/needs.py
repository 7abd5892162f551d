"""What the unit's own figures ask for: first doses by place, second doses, what is left, what to ask for."""

from dataclasses import dataclass
from decimal import Decimal

from analysis.briefing.figures.reading import UnitTables, is_told
from analysis.briefing.figures.units import Unit
from analysis.trends.needs import Stock, doses_to_ask, next_step, people_missing, stock_of

REPORTED, ONE = "reported", "at_least_one"


@dataclass(frozen=True)
class Needs:
    """People to be vaccinated and doses for them. `first`: places below `target` and people missing, lowest first.

    `second` are those whose second dose is due or overdue, as far as told (`overdue` of them overdue); `stock`
    is None without reports of it.
    """

    target: Decimal | None
    first: tuple[tuple[Unit, int], ...]
    due: int
    overdue: int
    stock: Stock | None

    @property
    def first_doses(self) -> int:
        """Return the first doses that bring every place to the target."""
        return sum(people for _, people in self.first)

    @property
    def second(self) -> int:
        """Return the second doses due and overdue."""
        return self.due + self.overdue

    @property
    def asked(self) -> int:
        """Return the doses to ask for; 0 where what is left is unknown."""
        return doses_to_ask(self.first_doses, self.second, self.stock) if self.stock else 0


def unit_needs(tables: UnitTables) -> Needs:
    """Return the needs of the unit; places are its parts, or itself where no part has a rate."""
    target, first = _first_doses(tables)
    return Needs(
        target,
        first,
        _second_doses(tables, "due"),
        _second_doses(tables, "overdue"),
        stock(tables, tables.unit),
    )


def _first_doses(tables: UnitTables) -> tuple[Decimal | None, tuple[tuple[Unit, int], ...]]:
    rows = [(unit, tables.covered(unit.code, REPORTED, ONE)) for unit in tables.parts.values()]
    known = [(u, r) for u, r in rows if r.get("coverage_pct") is not None]
    if not known:
        own = tables.covered(tables.unit.code, REPORTED, ONE)
        known = [(tables.unit, own)] if own.get("coverage_pct") is not None else []
    target = next_step(row["coverage_pct"] for _, row in known)
    if target is None:
        return None, ()
    low = sorted(
        ((u, r) for u, r in known if r["coverage_pct"] < target),
        key=lambda p: (p[1]["coverage_pct"], p[0].code),
    )
    return target, tuple((u, people_missing(r["population"], r["people"], target)) for u, r in low)


def _second_doses(tables: UnitTables, state: str) -> int:
    rows = [r for r in tables.lists["due"] if r["state"] == state and r["next_dose"] == 2]
    return sum(int(r["people"]) for r in rows if is_told(r["people"]))


def stock(tables: UnitTables, unit: Unit) -> Stock | None:
    """Return the doses a unit has left; None where its reports do not say what was allocated and given."""
    row = tables.supplied(unit.code)
    if row.get("doses_allocated") is None or row.get("doses_administered") is None:
        return None
    counts = (row[c] for c in ("doses_allocated", "doses_received", "doses_administered", "doses_discarded"))
    allocated, received, used, discarded = (None if c is None else int(c) for c in counts)
    return stock_of(allocated or 0, received, used or 0, discarded)


def parts_short(tables: UnitTables, needs: Needs) -> list[tuple[Unit, int]]:
    """Return the places whose first doses alone are beyond what they have left, and by how many doses."""
    lacks = [(unit, people, stock(tables, unit)) for unit, people in needs.first]
    return [(u, people - s.left) for u, people, s in lacks if s is not None and people > s.left]
