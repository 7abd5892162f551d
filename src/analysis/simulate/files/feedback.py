"""Citizens' feedback (phản ánh): received on the platform, to be closed within 48 hours (9458/BYT-CNTT).

About 2.7 million pieces were received nationwide by 18/10/2021, against 58.6 million recorded doses; the
grounds of refusal are among the thirteen of that dispatch's annex.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np

from analysis.simulate.campaign.campaign import Campaign
from analysis.simulate.campaign.shapes import DAYS, FIRST_DAY
from analysis.simulate.country.country import Country
from analysis.simulate.country.facilities import Facilities, choose_sites
from analysis.simulate.draws import Floats, Ids, Ints, number_ids

HEADER = [
    "feedback_id", "received_at", "province_code", "district_code", "commune_code", "facility_code", "kind",
    "status", "refusal_ground", "closed_at",
]  # fmt: skip
PER_DOSE = 0.012
MOST_PER_PROVINCE = 4_000
OPENED = (date(2021, 8, 20) - FIRST_DAY).days
_KINDS = ("thiếu mũi tiêm", "sai thông tin cá nhân", "sai thông tin mũi tiêm", "chưa có chứng nhận")
_GROUNDS = (
    "ảnh mờ", "viết không dấu", "ngày sinh khác giấy xác nhận", "ngày tiêm khác giấy xác nhận",
    "chỉ có ảnh cá nhân",
    "thông tin cá nhân bị che", "vắc xin khác giấy xác nhận", "họ tên không đầy đủ",
)  # fmt: skip


def _hours_to_close(country: Country, ids: Ids, province: Ints) -> Floats:
    """Return hours until an answer; provinces differ in how many are late."""
    care = country.draws.uniform("answers in time", number_ids(np.arange(len(country.provinces)), 48))
    late = country.draws.uniform("late", ids) < (0.15 + 0.45 * care)[province]
    u = country.draws.uniform("hours to close", ids)
    return np.where(late, 48 + 400 * u**1.5, 1 + 46 * u)


def _stamp(minutes: int) -> str:
    return (datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day) + timedelta(minutes=minutes)).isoformat(
        " ", "minutes"
    )


def _places(country: Country, plan: Campaign, province: int) -> tuple[Ids, Ints]:
    """Return the ids and districts of all feedback a province will ever receive."""
    here = np.flatnonzero(country.districts["province"].to_numpy() == province)
    doses = (plan.dose_1() + plan.dose_2())[here, -1]
    share = min(PER_DOSE, MOST_PER_PROVINCE / max(int(doses.sum()), 1))
    counts = np.floor(doses * share + country.draws.uniform("feedback", number_ids(here, 3))).astype(np.int64)
    district = np.repeat(here, counts)
    number = np.arange(len(district)) - np.repeat(np.cumsum(counts) - counts, counts)
    return number_ids(district, 600_000 + number), district


def draw_feedback(
    country: Country, plan: Campaign, sites: Facilities, province: int, as_of: date
) -> Iterator[list[str]]:
    """Yield one province's feedback received up to `as_of`, as it stood then, in the order of HEADER."""
    draws = country.draws
    ids, district = _places(country, plan, province)
    day = OPENED + draws.below("feedback day", ids, DAYS - OPENED)
    received = day * 1440 + 360 + draws.below("feedback minute", ids, 960)
    closed = received + np.rint(_hours_to_close(country, ids, np.full(len(ids), province)) * 60).astype(
        np.int64
    )
    end = ((as_of - FIRST_DAY).days + 1) * 1440
    site, commune = choose_sites(country, ids, district, np.zeros(len(ids), dtype=np.int64))
    verdict, kind = draws.uniform("verdict", ids), draws.below("kind of feedback", ids, len(_KINDS))
    ground = draws.below("refusal ground", ids, len(_GROUNDS))
    known_site = draws.chance("site known", ids, 0.7)
    codes = country.communes["commune_code"].to_numpy(dtype=object)
    site_codes = sites.table["facility_code"].to_numpy(dtype=object)
    for at in np.argsort(received, kind="stable").tolist():
        if received[at] >= end:
            break
        done = closed[at] < end
        status = (
            "open"
            if not done
            else "approved"
            if verdict[at] < 0.7
            else "needs_information"
            if verdict[at] < 0.82
            else "refused"
        )
        yield [
            f"PA{int(ids[at] % np.uint64(10**12)):012d}", _stamp(int(received[at])),
            str(country.provinces["province_code"].iloc[province]),
            str(country.districts["district_code"].iloc[district[at]]), str(codes[commune[at]]),
            str(site_codes[site[at]]) if known_site[at] else "", _KINDS[kind[at]], status,
            _GROUNDS[ground[at]] if status == "refused" else "", _stamp(int(closed[at])) if done else "",
        ]  # fmt: skip
