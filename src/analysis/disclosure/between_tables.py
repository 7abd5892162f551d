"""What the public tables tell alike, and which of their counts is part of another table's: an attacker adds them up."""

import pandas as pd

# Tables and their parts ("": the total) that tell one count of a unit.
THE_SAME = (
    (("verification", ""), ("police_results", "")),
    (("verification", ""), ("signatures", "")),
    (("verification", ""), ("id_kinds", "")),
    (("verification", "matched"), ("fields_to_correct", "")),
)
# What another table tells as the sum of verdicts: the records to verify are those that wait for one.
OPEN_VERDICTS = ("matched", "clerical_review", "not_in_registry", "insufficient")
SUMS = ((("entry_plan", "|verify"), ("verification", OPEN_VERDICTS)),)
# Tables whose counts are each part of one that another table tells of the same unit.
PART_OF = (("review_by_age", ("verification", "clerical_review")),)


def equal_counts(frame: pd.DataFrame) -> list[pd.DataFrame]:
    """Return counts that two tables tell alike, each as no more than the other."""
    found = []
    for (name, part), (other, other_part) in THE_SAME:
        one, two = (
            frame[(frame["table"] == table) & (frame["part"] == value) & (frame["is_total"] == (value == ""))]
            for table, value in ((name, part), (other, other_part))
        )
        joined = one[["unit_code", "cell"]].merge(
            two[["unit_code", "cell"]], on="unit_code", suffixes=("_one", "_two"), validate="one_to_one"
        )
        found.append(joined.rename(columns={"cell_one": "lower", "cell_two": "upper"}))
        found.append(joined.rename(columns={"cell_two": "lower", "cell_one": "upper"}))
    found += _as_of_both_sexes(frame)
    return [pairs[["lower", "upper"]] for pairs in found]


def _as_of_both_sexes(frame: pd.DataFrame) -> list[pd.DataFrame]:
    """Return adults of both sexes beside what coverage tells of them on the last day."""
    on = ["unit_code", "series_status"]
    is_whole = (frame["table"] == "coverage_by_sex") & frame["is_total"].astype(bool)
    is_same = (
        (frame["table"] == "coverage") & (frame["keys"] == "|reconciled") & (frame["age_group"] == "18+")
    )
    last = frame[is_same & (frame["day"] == frame["day"][is_same].astype(str).max())]
    joined = frame[is_whole][[*on, "cell"]].merge(
        last[[*on, "cell"]], on=on, suffixes=("_one", "_two"), validate="one_to_one"
    )
    return [
        joined.rename(columns={"cell_one": "lower", "cell_two": "upper"}),
        joined.rename(columns={"cell_two": "lower", "cell_one": "upper"}),
    ]


def orders_of_tables(frame: pd.DataFrame) -> list[pd.DataFrame]:
    """Return each count that is part of another table's beside that one."""
    found = []
    for name, (other, part) in PART_OF:
        below = frame[frame["table"] == name][["unit_code", "cell"]]
        above = frame[(frame["table"] == other) & (frame["part"] == part)][["unit_code", "cell"]]
        joined = below.merge(above, on="unit_code", suffixes=("_below", "_above"), validate="many_to_one")
        found.append(
            joined.rename(columns={"cell_below": "lower", "cell_above": "upper"})[["lower", "upper"]]
        )
    return found


def sums_of_tables(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of one table that sum to a count of another: total, part_cell, kind."""
    found = []
    for (name, keys), (other, parts) in SUMS:
        wholes = frame[(frame["table"] == name) & (frame["keys"] == keys)][["unit_code", "cell"]]
        of_it = frame[(frame["table"] == other) & frame["part"].isin(parts)][["unit_code", "cell"]]
        joined = of_it.merge(wholes, on="unit_code", suffixes=("_part", "_whole"), validate="many_to_one")
        sums = joined.rename(columns={"cell_whole": "total", "cell_part": "part_cell"})
        found.append(sums[["total", "part_cell"]].assign(kind=f"{other} of {name}"))
    return pd.concat(found, ignore_index=True)
