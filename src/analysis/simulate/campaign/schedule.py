"""Who is vaccinated when: people take the places the plan has for each district, day and dose number.

Within a district people stand in a line (priority groups first, then by commune and household), and the plan
lets so many through each day. Second doses follow the order of first doses; exchanging places within what the
intervals allow gives the spread of intervals that several products make.
"""

from dataclasses import dataclass

import numpy as np

from analysis.simulate.campaign.campaign import Campaign
from analysis.simulate.campaign.shapes import DAYS
from analysis.simulate.country.country import Country
from analysis.simulate.country.households import CHILD, DECEASED
from analysis.simulate.country.people import People
from analysis.simulate.days import LAST_DAY, NEVER
from analysis.simulate.draws import Draws, Floats, Ints, number_ids

MIN_INTERVAL = 21
MAIN, ABDALA, CHILDREN = 0, 1, 2
_SYSTEMATIC_DROP_FROM = 160  # day of the campaign (mid-August 2021) from which some never return
_FRONT_LINE = 0.07  # of working-age adults, vaccinated first (sources sim-3)


@dataclass
class Schedule:
    """Day of the campaign of every person's doses (NEVER: none), and the stream; one row a person."""

    stream: Ints
    first: Ints
    second: Ints
    third: Ints
    front_line: Ints


def _line(draws: Draws, people: People) -> tuple[Floats, Ints]:
    """Return each person's place in line (lower is earlier) and whether they are front-line workers."""
    working = (people.age >= 21) & (people.age < 60)
    front = working & draws.chance("front line", people.ids, _FRONT_LINE)
    place = draws.normal("place in line", people.ids)
    place = place + 0.7 * draws.normal("commune in line", number_ids(people.commune))
    place = place + 0.5 * draws.normal("household in line", number_ids(people.household))
    place = place - 0.35 * (people.age > 60) + 0.5 * (people.age > 80) - 5.0 * front
    return place, front.astype(np.int64)


def _days_of(plan: Ints, ranks: Ints) -> Ints:
    """Return the day on which the plan reaches a rank; NEVER beyond the plan."""
    day = np.searchsorted(plan, ranks, side="right")
    return np.where(day >= DAYS, NEVER, day)


def _exchange(draws: Draws, ids: Ints, first: Ints, second: Ints) -> Ints:
    """Exchange second-dose days between people where both keep the minimum interval; rows in FIFO order."""
    second = second.copy()
    for round_number, reach in enumerate((0.02, 0.05, 0.1, 0.15, 0.25)):
        step = max(int(len(first) * reach), 1)
        rows = np.arange(len(first))
        early = rows[(rows // step) % 2 == round_number % 2]
        early = early[early + step < len(first)]
        late = early + step
        wanted = draws.chance(f"exchange {round_number}", number_ids(ids[early].astype(np.int64)), 0.4)
        allowed = (second[early] - first[late] >= MIN_INTERVAL) & (second[late] - first[early] <= 112)
        chosen = wanted & allowed
        second[early[chosen]], second[late[chosen]] = second[late[chosen]], second[early[chosen]]
    return second


def _second_days(draws: Draws, ids: Ints, first: Ints, plan: Ints) -> Ints:
    """Return second-dose days for people with these first-dose days."""
    order = np.lexsort((ids, first))
    missing = max(len(first) - int(plan[-1]), 0)
    candidates = np.flatnonzero(first[order] >= _SYSTEMATIC_DROP_FROM)
    if len(candidates) < missing:
        candidates = np.arange(len(order))
    dropped = (
        candidates[np.linspace(0, len(candidates) - 1, missing).astype(np.int64)]
        if missing
        else candidates[:0]
    )
    staying = np.delete(order, dropped)
    days = _days_of(plan, np.arange(len(staying)))
    second = np.full(len(first), NEVER)
    second[staying] = _exchange(draws, ids[staying], first[staying], days)
    return second


def _third_days(second: Ints, ids: Ints, plan: Ints) -> Ints:
    order = np.lexsort((ids, second))
    order = order[second[order] < NEVER]
    third = np.full(len(second), NEVER)
    third[order] = _days_of(plan, np.arange(len(order)))
    return np.where(third <= second + 28, NEVER, third)


def _pools(draws: Draws, people: People, plan: Campaign, district: int) -> tuple[Ints, Ints, Ints]:
    """Return the people of a district for the main stream, for Abdala and for the children's stream."""
    here = people.given_district == district
    early_death = (people.death_day < NEVER) & draws.chance("dies unvaccinated", people.ids, 0.6)
    here &= (people.role != DECEASED) & ~early_death
    adults = np.flatnonzero(here & (people.role != CHILD))
    children = np.flatnonzero(here & (people.role == CHILD) & (people.age >= 12))
    fit = adults[(people.age[adults] > 19) & (people.age[adults] < 65)]
    order = np.argsort(draws.bits("Abdala person", people.ids[fit]), kind="stable")
    abdala = np.sort(fit[order[: int(plan.abdala_1[district, -1])]])
    return np.setdiff1d(adults, abdala, assume_unique=True), abdala, children


def _schedule_district(
    draws: Draws, people: People, plan: Campaign, district: int, line: Floats, out: Schedule
) -> None:
    main, abdala, children = _pools(draws, people, plan, district)
    main = main[np.argsort(line[main], kind="stable")]
    out.first[main] = _days_of(plan.main_1[district], np.arange(len(main)))
    vaccinated = main[out.first[main] < NEVER]
    ids = people.ids[vaccinated].astype(np.int64)
    out.second[vaccinated] = _second_days(draws, ids, out.first[vaccinated], plan.main_2[district])
    out.third[vaccinated] = _third_days(out.second[vaccinated], ids, plan.booster[district])
    abdala = abdala[np.argsort(line[abdala], kind="stable")]
    out.stream[abdala] = ABDALA
    ranks = np.arange(len(abdala))
    out.first[abdala] = _days_of(plan.abdala_1[district], ranks)
    out.second[abdala] = _days_of(plan.abdala_2[district], ranks)
    out.third[abdala] = _days_of(plan.abdala_3[district], ranks)
    older_first = children[np.argsort(line[children] - 0.8 * people.age[children], kind="stable")]
    out.stream[older_first] = CHILDREN
    ranks = np.arange(len(older_first))
    out.first[older_first] = _days_of(plan.children_1[district], ranks)
    out.second[older_first] = _days_of(plan.children_2[district], ranks)


def _schedule_away(country: Country, people: People, plan: Campaign, out: Schedule) -> None:
    """Give people vaccinated outside the simulated province the days of a random place in line there."""
    away = np.flatnonzero(people.away_district >= 0)
    u = country.draws.uniform("place in line away", people.ids[away])
    for district in np.unique(people.away_district[away]):
        rows, at = away[people.away_district[away] == district], u[people.away_district[away] == district]
        adults = max(int(country.district_adults[district] * 1.02), 1)
        out.first[rows] = _days_of(plan.main_1[district], (at * adults).astype(np.int64))
        ratio = plan.main_2[district, -1] / max(plan.main_1[district, -1], 1)
        reached = np.where(out.first[rows] < NEVER, (at * adults * ratio).astype(np.int64), 10**9)
        second = _days_of(plan.main_2[district], reached)
        out.second[rows] = np.where(second >= out.first[rows] + MIN_INTERVAL, second, NEVER)


def schedule_doses(country: Country, people: People, plan: Campaign, province: int) -> Schedule:
    """Give everyone the days of their doses; deaths that would come before a dose are put off, in place."""
    size = len(people)
    never = np.full(size, NEVER)
    line, front = _line(country.draws, people)
    out = Schedule(np.zeros(size, dtype=np.int64), never, never.copy(), never.copy(), front)
    for district in np.flatnonzero(country.districts["province"].to_numpy() == province):
        _schedule_district(country.draws, people, plan, int(district), line, out)
    _schedule_away(country, people, plan, out)
    _put_off_deaths(country.draws, people, out)
    return out


def _put_off_deaths(draws: Draws, people: People, out: Schedule) -> None:
    from analysis.simulate.days import CAMPAIGN_DAY

    last = np.max([np.where(d < NEVER, d, -1) for d in (out.first, out.second, out.third)], axis=0)
    early = (people.role != DECEASED) & (people.death_day < NEVER) & (last >= 0)
    early &= people.death_day <= last + CAMPAIGN_DAY
    later = last + CAMPAIGN_DAY + 5 + draws.below("death put off", people.ids, 90)
    people.death_day[early] = np.where(later > LAST_DAY, NEVER, later)[early]


def adults_needed(plan: Campaign) -> Ints:
    """Return how many adult residents each district must have for the plan to be met."""
    need = plan.main_1[:, -1] + plan.abdala_1[:, -1]
    return np.where(need > 0, np.ceil(need * 1.012).astype(np.int64) + 2, 0)
