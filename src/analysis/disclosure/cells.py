"""The counts of all public tables as one system: which sum to which, which never exceed which."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analysis.disclosure.between_tables import equal_counts, orders_of_tables, sums_of_tables
from analysis.disclosure.policy import Treatment
from analysis.disclosure.public_tables import PUBLIC_TABLES, PublicTable
from analysis.disclosure.suppression import TREATMENTS, is_small
from analysis.disclosure.system import UNBOUNDED, Flags, Ints, System
from analysis.reference import read_units

COUNTRY = "VN"
TAKEN_AWAY = ("rejected",)  # pages tell of the records that were not
DAY = "reference_date"
# What is never more than what: of the same people, unit and day.
NEVER_ABOVE = {
    "series_status": (("primary_complete", "at_least_one"),),
    "age_group": (("65+", "50+"), ("50+", "18+"), ("18+", "all"), ("12-17", "all"), ("5-11", "all")),
}


@dataclass(frozen=True)
class Cells:
    """All protected counts, one row a count of one row of a table, and their system.

    Columns of `frame`: table, row (position in the table's frame), measure, unit_level, unit_code, keys (the
    other keys as text), value, among (-1: none), treatment (position in TREATMENTS). Behind its rows the system
    has the few people whom a total counts beyond its parts (row -1): nobody tells them, and nobody may find them.
    """

    frame: pd.DataFrame
    system: System


def gather_cells(frames: dict[str, pd.DataFrame]) -> Cells:
    """Return the counts of public tables' frames (by name, with columns `treatment` and `among`)."""
    listed = [_cells_of(name, PUBLIC_TABLES[name], frame) for name, frame in frames.items()]
    listed = [cells for cells in listed if len(cells)] or [_no_cells()]
    frame = _in_categories(pd.concat(listed, ignore_index=True))
    sums = _sums(frame)
    frame = pd.concat([frame, _few_beyond(frame, sums)], ignore_index=True)
    return Cells(frame, _system(frame, sums))


def _in_categories(frame: pd.DataFrame) -> pd.DataFrame:
    """Return counts with the unit above each, and texts as categories: what follows compares and joins these alone."""
    above = _parents()
    told = frame["unit_code"].unique()
    units = pd.CategoricalDtype(
        sorted({*told, *(above[unit] for unit in told if unit in above)}), ordered=True
    )
    texts = {
        name: pd.CategoricalDtype(sorted(frame[name].unique()), ordered=True)
        for name in ("table", "measure", "unit_level", "keys", "part", "day", *NEVER_ABOVE)
    }
    frame = frame.astype(texts | {"unit_code": units})
    return frame.assign(parent=frame["unit_code"].map(above).astype(units))


def _sums(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the parts of all sums: number of the sum, total and part_cell (positions in the frame)."""
    frame = frame.assign(cell=np.arange(len(frame)), series=_series(frame))
    sums = pd.concat(
        [_sums_of_units(frame), _sums_of_parts(frame), *_sums_of_counts(frame), sums_of_tables(frame)],
        ignore_index=True,
    )
    # One total may be of units and of parts: two sums.
    number = sums.groupby(["kind", "total"], sort=False).ngroup()
    return sums.assign(number=np.asarray(number, dtype=np.int64))


def _series(frame: pd.DataFrame) -> Ints:
    """Return which counts are the same one of different units."""
    on = ["table", "measure", "keys", "part", "is_total", "day", *NEVER_ABOVE]
    return np.asarray(frame.groupby(on, sort=False).ngroup(), dtype=np.int64)


def _few_beyond(frame: pd.DataFrame, sums: pd.DataFrame) -> pd.DataFrame:
    """Return a hidden count for every total that counts 1 to 9 people more than its parts, beside its total.

    Of a total that is exact by rule there is none: what it has beyond its parts is told by the rule, too.
    """
    values = frame["value"].to_numpy(dtype=np.int64)
    wholes = sums.drop_duplicates("number")
    parts = pd.Series(values[sums["part_cell"]]).groupby(sums["number"].to_numpy()).sum()
    rest = values[wholes["total"]] - parts[wholes["number"]].to_numpy()
    is_exact = frame["treatment"].to_numpy(dtype=np.int64) == TREATMENTS.index(Treatment.EXACT)
    few = is_small(rest) & ~is_exact[wholes["total"]]
    hidden: pd.DataFrame = frame.iloc[wholes["total"][few]].copy()
    return hidden.assign(value=rest[few], among=-1, row=-1, beyond=wholes["number"][few].to_numpy())


COLUMNS = (
    *("table", "row", "measure", "unit_level", "unit_code", "keys", "value", "among", "treatment"),
    *("part", "is_total", "day", *NEVER_ABOVE),
)


def _no_cells() -> pd.DataFrame:
    return pd.DataFrame({c: pd.Series(dtype="int64" if c in _NUMBERS else "object") for c in COLUMNS})


_NUMBERS = ("row", "value", "among", "treatment")


def _cells_of(name: str, table: PublicTable, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of one table that are known."""
    treatments = {treatment.value: i for i, treatment in enumerate(TREATMENTS)}
    keys = [key for key in table.keys if key not in (DAY, table.part, *NEVER_ABOVE)]
    columns = {
        "table": name,
        "row": np.arange(len(frame)),
        "unit_level": frame["unit_level"] if table.counts else "",
        "unit_code": frame["unit_code"] if table.counts else "",
        "keys": _text(frame, keys),
        "part": frame[table.part].fillna("") if table.part else "",
        "is_total": frame[table.part].isna() if table.part else False,
        "day": frame[DAY].astype(str) if DAY in table.keys else "",
    }
    columns |= {key: frame[key] if key in table.keys else "" for key in NEVER_ABOVE}
    made = []
    for measure in table.counts:
        known = frame[measure].notna().to_numpy()
        cells = pd.DataFrame(columns | {"measure": measure}, index=frame.index)[known]
        among = frame["among"][known].fillna(-1).astype("int64") if "among" in frame else -1
        value = frame[measure][known].astype("int64")
        made.append(
            cells.assign(value=value, among=among, treatment=frame["treatment"][known].map(treatments))
        )
    return pd.concat(made, ignore_index=True) if made else _no_cells()


def _text(frame: pd.DataFrame, keys: list[str]) -> "pd.Series[str]":
    """Return the values of several columns as one text a row."""
    text = pd.Series("", index=frame.index)
    for key in keys:
        text = text + "|" + frame[key].astype(str)
    return text


@cache
def _parents() -> dict[str, str]:
    """Return the unit above each unit: commune → district → province → country."""
    units = read_units()
    above = dict.fromkeys(units["province_code"].unique(), COUNTRY)
    above |= dict(zip(units["district_code"], units["province_code"], strict=True))
    above |= dict(zip(units["commune_code"], units["district_code"], strict=True))
    above.pop("", None)
    return above


def _system(frame: pd.DataFrame, sums: pd.DataFrame) -> System:
    """Return the sums and orders between counts."""
    frame = frame.assign(cell=np.arange(len(frame)))
    beyond = frame.dropna(subset="beyond")[["beyond", "cell"]] if "beyond" in frame else pd.DataFrame()
    if len(beyond):
        few = beyond.rename(columns={"beyond": "number", "cell": "part_cell"}).astype("int64")
        sums = pd.concat([sums, few], ignore_index=True)
    told = frame[frame["row"] >= 0]
    totals = sums.dropna(subset="total").drop_duplicates("number").sort_values("number")["total"]
    orders = pd.concat(
        [_orders_of_days(told), *_orders_of_groups(told), *equal_counts(told), *orders_of_tables(told)],
        ignore_index=True,
    )
    values = frame["value"].to_numpy(dtype=np.int64)
    lower, upper = (orders[c].to_numpy(dtype=np.int64) for c in ("lower", "upper"))
    holds = values[lower] <= values[upper]
    return System(
        values=values,
        most=_most(frame),
        totals=totals.to_numpy().astype(np.int64),
        parts=sums["part_cell"].to_numpy(dtype=np.int64),
        part_of=sums["number"].to_numpy(dtype=np.int64),
        lower=lower[holds],
        upper=upper[holds],
        block=_blocks(frame),
        turn=_turns(frame),
        dear=_dear(frame),
    )


def _dear(frame: pd.DataFrame) -> Flags:
    """Tell which counts others are told from: totals, and what pages take away from them."""
    dear: Flags = (frame["is_total"].astype(bool) | frame["part"].isin(TAKEN_AWAY)).to_numpy()
    return dear


def _turns(frame: pd.DataFrame) -> Ints:
    """Return a number that no two parts of one sum share: the place among the unit's sisters and among the parts."""
    units = frame[["parent", "unit_code"]].drop_duplicates().sort_values(["parent", "unit_code"])
    place = units.assign(place=units.groupby("parent", dropna=False).cumcount()).set_index("unit_code")[
        "place"
    ]
    by_table = frame.groupby("table", sort=False)
    part = sum(by_table[key].rank(method="dense").astype("int64") for key in ("part", "measure"))
    return np.asarray(frame["unit_code"].map(place).astype("int64") + part, dtype=np.int64)


def _blocks(frame: pd.DataFrame) -> Ints:
    """Return what the attack solves together: coverage by province, status and group, other tables whole."""
    province = frame["unit_code"].map(_province)
    is_large = frame["table"] == "coverage"
    within = [province.where(is_large), *(frame[key] for key in NEVER_ABOVE)]
    number = frame.groupby(["table", "keys", *within], sort=False, dropna=False).ngroup()
    return np.asarray(number, dtype=np.int64)


def _province(unit: str) -> str:
    """Return the code of the unit's province; the country's and a province's own are theirs."""
    above = _parents()
    while above.get(unit, COUNTRY) != COUNTRY:
        unit = above[unit]
    return unit


def _most(frame: pd.DataFrame) -> Ints:
    """Return the most that a count can be for everybody: the people it is among, where it is not above them."""
    among = frame["among"].to_numpy(dtype=np.int64)
    is_bound = (among >= 0) & (frame["value"].to_numpy(dtype=np.int64) <= among)
    most: Ints = np.where(is_bound, among, UNBOUNDED)
    return most


def _sums_of_units(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the cells that sum to the same count of the unit above: total, part_cell."""
    wholes = frame[["series", "unit_code", "cell"]].rename(columns={"unit_code": "parent", "cell": "total"})
    parts = frame[["series", "parent", "cell"]].rename(columns={"cell": "part_cell"})
    return parts.merge(wholes, on=["series", "parent"], validate="many_to_one")[
        ["total", "part_cell"]
    ].assign(kind="units")


def _sums_of_parts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the cells that sum to the row without their key: total, part_cell."""
    is_total = frame["is_total"].astype(bool)
    parted = frame[frame["part"].ne("") | is_total]
    on = ["table", "measure", "keys", "day", *NEVER_ABOVE, "unit_code"]
    wholes = parted[is_total[parted.index]][[*on, "cell"]].rename(columns={"cell": "total"})
    parts = parted[~is_total[parted.index]][[*on, "cell"]].rename(columns={"cell": "part_cell"})
    return parts.merge(wholes, on=on, validate="many_to_one")[["total", "part_cell"]].assign(kind="parts")


def _sums_of_counts(frame: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the cells of one row that are parts of another of it: total, part_cell."""
    found = []
    for name, table in PUBLIC_TABLES.items():
        for whole, parts in (table.sums or {}).items():
            own = frame[frame["table"] == name]
            wholes = own[own["measure"] == whole][["row", "cell"]].rename(columns={"cell": "total"})
            of_it = own[own["measure"].isin(parts)][["row", "cell"]].rename(columns={"cell": "part_cell"})
            sums = of_it.merge(wholes, on="row", validate="many_to_one")[["total", "part_cell"]]
            found.append(sums.assign(kind=whole))
    return found


def _orders_of_days(frame: pd.DataFrame) -> pd.DataFrame:
    """Return each count beside the same one of the next day told: nobody is vaccinated back."""
    dated = frame[(frame["day"] != "") & (frame["table"] == "coverage")]
    on = ["table", "measure", "keys", "part", "is_total", *NEVER_ABOVE, "unit_code"]
    ordered = dated.sort_values([*on, "day"])
    following = ordered.groupby(on, sort=False)["cell"].shift(-1)
    pairs = pd.DataFrame({"lower": ordered["cell"], "upper": following}).dropna()
    return pairs.astype("int64")


def _orders_of_groups(frame: pd.DataFrame) -> list[pd.DataFrame]:
    """Return each count of a part of the people beside that of the people it is part of."""
    found = []
    for key, pairs in NEVER_ABOVE.items():
        others = (k for k in NEVER_ABOVE if k != key)
        on = ["table", "measure", "keys", "part", "is_total", "day", "unit_code", *others]
        for smaller, larger in pairs:
            below, above = (frame[frame[key] == v][[*on, "cell"]] for v in (smaller, larger))
            joined = below.merge(above, on=on, suffixes=("_below", "_above"), validate="one_to_one")
            found.append(
                joined.rename(columns={"cell_below": "lower", "cell_above": "upper"})[["lower", "upper"]]
            )
    return found
