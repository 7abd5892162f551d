"""Strata of the audit: rows whose verdict was reached in one way, and how many of each are looked up.

Errors are rare and unevenly spread, so look-ups go where a row's outcome is uncertain (Neyman 1934: a stratum's share
is its size times the standard deviation within it). The model's own probabilities are the guess at that deviation, and
never the estimate: a stratum thought faultless still gets its share of look-ups (sources audit-1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, sqrt

from analysis.pipeline import COUNTRY

# No stratum is left to faith: its error share is thought at least this, and so many of its rows are looked up.
LEAST_SHARE = 0.002
FEWEST_ROWS = 10
LOW_PROBABILITY = 0.999
SURE = "sure"


@dataclass(frozen=True)
class Stratum:
    """One way of reaching a verdict: its SQL condition on `links l` and `doses d`, and the share thought wrong.

    Of linked rows "wrong" is the wrong person; of others, that the person is in the registry after all. `thought` is
    used where the rows have no probability of their own. Strata of one `pool` are drawn with one chance and estimated
    together: apart, each without an error found would add a doubt of its own, though none has shown any.
    """

    name: str
    title: str
    is_linked: bool
    condition: str
    thought: float
    pool: str


_IS_LINKED = "l.link_status IN ('matched', 'verified')"
_BY_NUMBER = "l.link_method IN ('same_citizen_number', 'same_old_number')"
# The first whose condition holds; rows a person decided are none of the machine's and are not drawn.
STRATA = (
    Stratum(
        "full_agreement",
        "Số định danh và bốn trường đều khớp",
        True,
        f"{_IS_LINKED} AND {_BY_NUMBER} AND l.four_field_match",
        LEAST_SHARE,
        SURE,
    ),
    Stratum(
        "number",
        "Số định danh khớp, trường khác lệch",
        True,
        f"{_IS_LINKED} AND {_BY_NUMBER}",
        LEAST_SHARE,
        SURE,
    ),
    Stratum(
        "description",
        "Họ tên, ngày sinh, giới tính, nơi ở chỉ của một người",
        True,
        f"{_IS_LINKED} AND l.link_method = 'name_birth_date_sex_place'",
        LEAST_SHARE,
        SURE,
    ),
    Stratum(
        "probability_high",
        "Ghép theo xác suất từ 0,999",
        True,
        f"{_IS_LINKED} AND l.match_probability >= {LOW_PROBABILITY}",
        LEAST_SHARE,
        SURE,
    ),
    Stratum("probability_low", "Ghép theo xác suất dưới 0,999", True, _IS_LINKED, 0.02, "probability_low"),
    Stratum("review", "Chờ người quyết định", False, "l.link_status = 'clerical_review'", 0.5, "review"),
    Stratum(
        "not_found_numbered",
        "Không tìm thấy, có số định danh",
        False,
        "l.link_status = 'not_in_registry' AND d.id_kind = 'citizen_number'",
        0.1,
        "not_found_numbered",
    ),
    Stratum(
        "not_found_other",
        "Không tìm thấy, không có số định danh",
        False,
        "l.link_status = 'not_in_registry'",
        0.2,
        "not_found_other",
    ),
    Stratum(
        "insufficient", "Thiếu thông tin để tìm", False, "l.link_status = 'insufficient'", 0.5, "insufficient"
    ),
    Stratum(
        "out_of_scope", "Người nước ngoài", False, "l.link_status = 'out_of_scope'", 0.05, "out_of_scope"
    ),
)
BY_NAME = {stratum.name: stratum for stratum in STRATA}
POOLS = {stratum.pool: stratum for stratum in STRATA}  # any one of each: all of a pool are linked, or none

# Rows for which nobody was found: how many of them an audit finds is added to the estimate of people (sources count-20).
NOT_FOUND = ("not_found_numbered", "not_found_other", "insufficient")


def stratum_sql(names: Iterable[str] = tuple(BY_NAME)) -> str:
    """Return SQL for a row's stratum among those named, over `links l` and `doses d`; null for none of them."""
    cases = (f"WHEN {BY_NAME[name].condition} THEN '{name}'" for name in names)
    return f"CASE {' '.join(cases)} END"


# One row a dose record whose link is the machine's own; `unit_code`: the province whose office is asked.
FRAME = f"""
SELECT l.source_file, l.source_row, l.citizen_id, l.match_probability,
    {stratum_sql()} AS stratum,
    CASE {" ".join(f"WHEN stratum = '{s.name}' THEN '{s.pool}'" for s in STRATA)} END AS pool,
    coalesce(d.province_code, d.place_given_province_code, '{COUNTRY}') AS unit_code,
    coalesce(d.ethnicity, '') AS ethnicity
FROM links AS l JOIN doses AS d USING (source_file, source_row)
WHERE NOT d.is_rejected AND l.link_method IS DISTINCT FROM 'decision'"""


def allocate(rows: dict[str, int], thought: dict[str, float], size: int) -> dict[str, int]:
    """Share `size` look-ups out over pools of so many rows, thought wrong to such shares; none gets more than it has.

    >>> allocate({"sure": 9000, "review": 100, "insufficient": 4}, {"sure": 0.002, "review": 0.5}, 60)
    {'sure': 42, 'review': 14, 'insufficient': 4}
    """
    taken = {name: min(count, FEWEST_ROWS) for name, count in rows.items() if count}
    weights = {name: rows[name] * _deviation(thought.get(name, POOLS[name].thought)) for name in taken}
    open_names = [name for name in taken if rows[name] > taken[name]]
    while open_names and sum(taken.values()) < size:
        given = _shares([weights[name] for name in open_names], size - sum(taken.values()))
        for name, count in zip(open_names, given, strict=True):
            taken[name] += min(count, rows[name] - taken[name])
        open_names = [name for name in open_names if rows[name] > taken[name]]
    return taken


def _deviation(share: float) -> float:
    held = min(max(share, LEAST_SHARE), 1 - LEAST_SHARE)
    return sqrt(held * (1 - held))


def _shares(weights: Sequence[float], count: int) -> list[int]:
    """Share whole numbers out by weights, the largest remainders first."""
    exact = [count * weight / sum(weights) for weight in weights]
    whole = [floor(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: whole[i] - exact[i])
    for i in by_remainder[: count - sum(whole)]:
        whole[i] += 1
    return whole
