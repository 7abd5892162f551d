"""What a unit still needs: first doses to the next level, doses it has left, doses to ask for."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

# Quyết định 4800/QĐ-BYT (12/10/2021): 70% of adults with at least one dose, a threshold of the levels.
FIRST_DOSE_TARGET_PCT = Decimal(70)
# Where every unit has passed it, the next of the bands in which the ministry lists provinces.
FIRST_DOSE_STEPS = (FIRST_DOSE_TARGET_PCT, Decimal(80), Decimal(95))

# Days in which we propose that people be vaccinated, where no document sets a day (sources page-10).
FIRST_DOSE_DAYS, OVERDUE_DAYS = 28, 7


@dataclass(frozen=True)
class Stock:
    """Doses a unit still has by its reports: `on_hand` there, `to_come` allocated and not received."""

    on_hand: int
    to_come: int

    @property
    def left(self) -> int:
        """Return all that can still be given."""
        return self.on_hand + self.to_come


def stock_of(allocated: int, received: int | None, used: int, discarded: int | None) -> Stock:
    """Return what is left of an allocation; without a count of what was received all of it is to come.

    Reports of receipts lag behind those of doses given: nothing is on hand below 0, and both together are
    never more than the allocation leaves.
    """
    left = max(0, allocated - used - (discarded or 0))
    on_hand = 0 if received is None else max(0, received - used - (discarded or 0))
    return Stock(min(on_hand, left), left - min(on_hand, left))


def doses_to_ask(first: int, second: int, stock: Stock) -> int:
    """Return the doses to ask for: those of the tasks beyond what is left (sources page-8)."""
    return max(0, first + second - stock.left)


def next_step(rates: Iterable[Decimal]) -> Decimal | None:
    """Return the lowest level that one of the rates has not reached; None when all have them all."""
    lowest = min(rates, default=FIRST_DOSE_STEPS[-1])
    return next((step for step in FIRST_DOSE_STEPS if lowest < step), None)


def people_missing(population: int, people: int, target_pct: Decimal) -> int:
    """Return how many more people a unit needs to reach a share of its adults."""
    need = (Decimal(population) * target_pct / 100).to_integral_value(ROUND_CEILING)
    return max(0, int(need) - people)
