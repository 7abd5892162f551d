"""What the public tables tell alike, and which of their counts is part of another table's: an attacker adds them up."""

import pandas as pd

# Tables and their parts ("": the total) that tell one count of a unit.
THE_SAME = (
    (("verification", ""), ("police_results", "")),
    (("verification", ""), ("signatures", "")),
    (("verification", ""), ("id_kinds", "")),
    (("verification", "matched"), ("fields_to_correct", "")),
)
# Tables whose counts are each part of one that another table tells of the same unit.
PART_OF = (("review_by_age", ("verification", "clerical_review")),)

# Records to verify (`entry_plan`) are those of these verdicts.
OPEN_VERDICTS = ("matched", "not_in_registry", "clerical_review")


def sums_of_tables(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of one table that sum to a count of another of the same unit: total, part_cell.

    Where units without exports are left out of one of the two, the numbers are of other records and no sum.
    """
    wholes = frame[(frame["table"] == "entry_plan") & (frame["keys"] == "|verify")]
    parts = frame[(frame["table"] == "verification") & frame["part"].isin(OPEN_VERDICTS)]
    sums = parts.merge(wholes, on="unit_code", suffixes=("_part", "_whole"), validate="many_to_one")
    told = sums.groupby("cell_whole")["value_part"].transform("sum")
    sums = sums[told == sums["value_whole"]]
    return sums.rename(columns={"cell_whole": "total", "cell_part": "part_cell"})[["total", "part_cell"]]


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
    return [pairs[["lower", "upper"]] for pairs in found]


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
