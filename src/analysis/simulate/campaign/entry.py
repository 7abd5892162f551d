"""When a dose reaches the platform: most within days, some after weeks, a few never.

A province's share of slow entries is set so that on 7/11/2021 its entry progress (platform rows, duplicates
included, over reported doses) is what was reported or, where nothing was, between 85 and 99 %: Hà Giang is
reported "above 90 %" and gets 92-95 %.
"""

import numpy as np

from analysis.simulate.campaign.campaign import Campaign
from analysis.simulate.campaign.doses import Doses
from analysis.simulate.campaign.levels import solve
from analysis.simulate.campaign.shapes import DAYS, PIN
from analysis.simulate.country.country import HA_GIANG, Country
from analysis.simulate.days import NEVER
from analysis.simulate.draws import Floats, Ids, Ints, code_ids, number_ids

QUICK_MEAN_DAYS, SLOW_MEAN_DAYS = 2.2, 24.0
NEVER_ENTERED = 0.015


def _entered_by(days: Floats, slow: float) -> Floats:
    """Return the share entered within so many days (whole days after the dose)."""
    quick = 1 - np.exp(-(days + 1) / QUICK_MEAN_DAYS)
    late = 1 - np.exp(-(days + 1) / SLOW_MEAN_DAYS)
    return (1 - NEVER_ENTERED) * ((1 - slow) * quick + slow * late)


def slow_shares(country: Country, plan: Campaign, duplicate_share: float) -> Floats:
    """Return each province's share of slow entries, so that progress on 7/11/2021 is its target."""
    of = country.districts["province"].to_numpy(np.int64)
    codes = country.provinces["province_code"]
    u = country.draws.uniform("entry progress", code_ids(codes))
    target = np.where(codes == HA_GIANG, 0.928 + 0.014 * u, 0.865 + 0.115 * u)
    total = np.asarray(plan.dose_1() + plan.dose_2() + plan.dose_3_plus())[:, : PIN + 1]
    daily = np.diff(total, axis=1, prepend=0)
    lag = PIN - np.arange(PIN + 1.0)
    shares = []
    for province in range(len(codes)):
        given = daily[of == province].sum(axis=0)

        def behind(slow: float, given: Ints = given) -> float:
            """Share not entered, growing with the slow share."""
            return 1 - (1 + duplicate_share) * float(
                (given * _entered_by(lag, slow)).sum() / max(given.sum(), 1)
            )

        shares.append(solve(behind, 1 - target[province], 0.0, 0.9))
    return np.array(shares)


def draw_entry_days(country: Country, doses: Doses, ids: Ids, purpose: str, slow: Floats) -> Ints:
    """Return the day each dose reaches the platform; `slow` is the share of slow entries of its province.

    A site is slow or quick as a whole for weeks at a time, so backlogs pile up where they arise.
    """
    draws = country.draws
    batch = number_ids(doses.site, doses.day // 10)
    together = draws.chance(f"{purpose} batch", ids, 0.6)
    u = draws.uniform(f"{purpose} slow", np.where(together, batch, ids))
    mean = np.where(u < slow, SLOW_MEAN_DAYS, QUICK_MEAN_DAYS)
    delay = np.floor(-np.log1p(-draws.uniform(f"{purpose} delay", ids)) * mean).astype(np.int64)
    never = draws.chance(f"{purpose} never", ids, NEVER_ENTERED)
    return np.where(never | (delay > DAYS), NEVER, doses.day + delay)
