"""Records of an export that are no doses: test entries, blank lines, repeated headers, totals."""

from dataclasses import dataclass

import numpy as np

from analysis.reference.product_facts import PRODUCTS
from analysis.simulate.campaign.shapes import DAYS
from analysis.simulate.days import CAMPAIGN_DAY
from analysis.simulate.draws import Draws, Ids, Ints, number_ids
from analysis.simulate.files.dialects import Dialect
from analysis.simulate.files.rendering import write_days

TEST, BLANK, HEADER, TOTAL = range(4)
BLANK_SHARE = 0.0004
_NAMES = (
    "Test",
    "TEST 01",
    "Nguyễn Văn Test",
    "test test",
    "Demo",
    "Trần Thị Thử Nghiệm",
    "aaa",
    "Kiểm thử hệ thống",
)


@dataclass
class Junk:
    """What junk a file gets; `tests` are the days test entries were made, up to the as-of day."""

    draws: Draws
    file_number: int
    tests: Ints
    place: dict[str, str]

    def test_cell(self, field: str, number: int) -> str:
        """Return the cell of a test entry."""
        day = write_days(np.array([self.tests[number]]), np.array([0]), "dmy")[0]
        cells: dict[str, str] = {
            "full_name": _NAMES[(number + self.file_number) % len(_NAMES)], "birth_date": "01/01/1990",
            "sex": "Nam",
            "phone": "0900000000", "id_number": "123456789", "dose_number": "1", "vaccine": PRODUCTS[0],
            "vaccination_date": str(day), "entry_date": str(day), "note": "test",
            "dose_record_id": f"TEST{self.file_number % 10_000:04d}{number:03d}",
        }  # fmt: skip
        return (cells | self.place).get(field, "")


def make_junk(
    draws: Draws, file_number: int, planned: int, rate: float, as_of: int, place: dict[str, str]
) -> Junk:
    """Draw the test entries of a file; how many depends on the campaign, not on the as-of day."""
    seed = number_ids(np.array([file_number]))
    count = int(planned * rate + draws.uniform("test rows", seed)[0])
    ids = number_ids(np.full(count, file_number), np.arange(count))
    days = np.sort(CAMPAIGN_DAY + 120 + draws.below("test day", ids, DAYS - 120))
    return Junk(draws, file_number, days[days <= as_of], place)


def arrange(
    junk: Junk, entry_day: Ints, ids: Ids, dialect: Dialect, first_part: bool
) -> tuple[Ints, list[tuple[int, int]]]:
    """Return the order of records (rows first, then the junk listed beside) of one part.

    A later export of the same file begins with the same records, because rows are in order of entry.
    """
    count = len(ids)
    kinds: list[tuple[int, int]] = []
    places: list[float] = []
    for number, day in enumerate(junk.tests.tolist() if first_part else []):
        kinds.append((TEST, number))
        places.append(float(np.searchsorted(entry_day, day, side="right")) - 0.5)
    if dialect.container != "parquet":
        for at in np.flatnonzero(junk.draws.chance("blank line", ids, BLANK_SHARE)).tolist():
            kinds.append((BLANK, 0))
            places.append(at + 0.25)
        for at in range(dialect.page_rows, count, dialect.page_rows) if dialect.page_rows else ():
            kinds.append((HEADER, 0))
            places.append(at - 0.6)
        if dialect.total_row and count:
            kinds.append((TOTAL, count))
            places.append(float(count + 1))
    order = np.argsort(np.concatenate([np.arange(count, dtype=np.float64), np.array(places)]), kind="stable")
    return order, kinds
