"""How counts of different tables are tied together before they are attacked."""

import pandas as pd

from analysis.disclosure.cells import Cells, gather_cells
from analysis.disclosure.policy import Treatment


def doses(rows: list[tuple[str, str, str | None, int]]) -> pd.DataFrame:
    """Return rows of `doses_by_product` (level, code, product, doses) with the treatment of their counts."""
    frame = pd.DataFrame(rows, columns=["unit_level", "unit_code", "product", "doses"])
    exact = frame["product"].isna()
    return frame.assign(
        treatment=exact.map({True: Treatment.EXACT.value, False: Treatment.COUNTED.value}), among=None
    )


def hidden(cells: Cells) -> list[int]:
    return list(cells.frame.loc[cells.frame["row"] < 0, "value"])


def test_few_beyond_a_total_are_hidden_where_the_total_is_protected() -> None:
    provinces = [("province", "01", "Abdala", 40), ("province", "02", "Abdala", 30)]
    assert hidden(
        gather_cells({"doses_by_product": doses([("country", "VN", "Abdala", 75), *provinces])})
    ) == [5]


def test_few_beyond_an_exact_total_are_told_by_its_rule() -> None:
    provinces = [("province", "01", None, 40), ("province", "02", None, 30)]
    assert hidden(gather_cells({"doses_by_product": doses([("country", "VN", None, 75), *provinces])})) == []


def test_a_group_left_to_people_is_part_of_the_verdict() -> None:
    place = {"unit_level": "province", "unit_code": "02", "treatment": Treatment.COUNTED.value}
    groups = pd.DataFrame([place | {"age_group": "18+", "rows": 45, "among": 60}])
    verdicts = pd.DataFrame([place | {"link_status": "clerical_review", "rows": 60, "among": None}])
    cells = gather_cells({"review_by_age": groups, "verification": verdicts})
    orders = zip(cells.system.lower, cells.system.upper, strict=True)
    tables = cells.frame["table"]
    assert ("review_by_age", "verification") in {(tables[low], tables[high]) for low, high in orders}


def verdicts_and_backlog() -> tuple[Cells, pd.DataFrame]:
    """Return the cells of one province's verdicts and of its records to verify."""
    place = {"unit_level": "province", "unit_code": "02", "treatment": Treatment.COUNTED.value, "among": None}
    counts = {"verified": 900, "matched": 70, "clerical_review": 5, "not_in_registry": 25, "out_of_scope": 40}
    verdicts = pd.DataFrame([place | {"link_status": s, "rows": n} for s, n in counts.items()])
    plan = pd.DataFrame([place | {"task": "verify", "backlog": 100}])
    cells = gather_cells({"verification": verdicts, "entry_plan": plan})
    return cells, cells.frame


def sums_told(cells: Cells) -> tuple[list[int], list[int]]:
    """Return the total and the part of every sum, part by part."""
    system = cells.system
    return [int(total) for total in system.totals[system.part_of]], [int(part) for part in system.parts]


def test_records_to_verify_are_the_sum_of_their_verdicts() -> None:
    """Who knows 100 to verify, 70 to correct and 25 not found knows the 5 in review."""
    cells, frame = verdicts_and_backlog()
    (total,) = frame.index[frame["table"] == "entry_plan"]
    parts = [frame["part"][part] for whole, part in zip(*sums_told(cells), strict=True) if whole == total]
    assert sorted(parts) == ["clerical_review", "matched", "not_in_registry"]
