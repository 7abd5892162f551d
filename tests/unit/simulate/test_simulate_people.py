"""Simulated people: numbers with the right structure, families that could exist, names spelt as names are."""

import unicodedata
from functools import cache

import numpy as np
import pytest

from analysis.simulate.campaign.campaign import plan_campaign
from analysis.simulate.campaign.schedule import ABDALA, MAIN, Schedule, adults_needed, schedule_doses
from analysis.simulate.country.country import Country, lay_out_country
from analysis.simulate.country.households import CHILD, DECEASED
from analysis.simulate.country.identity import citizen_numbers, insurance_numbers, phone_numbers
from analysis.simulate.country.people import People, draw_people
from analysis.simulate.country.residents import CITIZEN, FOREIGNER, UNREGISTERED, mover_counts
from analysis.simulate.days import CAMPAIGN_DAY, NEVER
from analysis.simulate.draws import Draws, number_ids
from analysis.simulate.files.legacy_letters import to_cp1258, to_tcvn3, to_vni
from analysis.simulate.typing.spelling import (
    telex_keystrokes,
    tone_on_first_vowel,
    tone_on_second_vowel,
    vni_keystrokes,
    without_diacritics,
)


@cache
def ha_giang() -> tuple[Country, People, Schedule]:
    """Return Hà Giang at one hundredth, with its schedule."""
    country = lay_out_country(1, 0.02)
    plan = plan_campaign(country)
    people = draw_people(country, 1, adults_needed(plan), True, mover_counts(country))
    return country, people, schedule_doses(country, people, plan, 1)


def test_citizen_numbers_have_the_structure_of_the_circular() -> None:
    _, people, _ = ha_giang()
    local = people.kind != FOREIGNER
    year = people.birth_day.astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970
    numbers = people.citizen_id[local]
    assert len(set(numbers.tolist())) == len(numbers)
    for number, born, sex in zip(numbers, year[local].tolist(), people.sex[local].tolist(), strict=True):
        assert len(number) == 12
        assert number.isdigit()
        assert int(number[3]) == (2 if born >= 2000 else 0) + sex
        assert int(number[4:6]) == born % 100
    assert np.mean([n.startswith("002") for n in numbers]) > 0.85


def test_numbers_of_two_provinces_never_meet() -> None:
    years, sexes, province = np.full(900, 1980), np.zeros(900, dtype=np.int64), np.full(900, 2)
    stayed = citizen_numbers(province, np.full(900, -1), years, sexes)
    moved = citizen_numbers(province, np.full(900, 17), years, sexes)
    assert not set(stayed.tolist()) & set(moved.tolist())


def test_people_of_several_provinces_share_no_number() -> None:
    country = lay_out_country(1, 0.004)
    needed, movers = adults_needed(plan_campaign(country)), mover_counts(country)
    provinces = [
        country.provinces["province_code"].tolist().index(c) for c in ("74", "79", "75", "27", "80", "92")
    ]
    parts = [draw_people(country, p, needed, False, movers) for p in provinces]
    numbers = np.concatenate([p.citizen_id[p.kind != FOREIGNER] for p in parts])
    assert len(set(numbers.tolist())) == len(numbers)
    assert len(numbers) > 80_000


def test_phones_and_insurance_numbers_have_their_form() -> None:
    ids = number_ids(np.arange(200))
    assert all(len(p) == 10 and p[0] == "0" for p in phone_numbers(Draws(1), ids))
    both = insurance_numbers(Draws(1), ids, np.full(200, 2), np.arange(200) % 2 == 0)
    assert {len(n) for n in both[::2]} == {15}
    assert {len(n) for n in both[1::2]} == {10}


def test_families_could_exist() -> None:
    _, people, _ = ha_giang()
    children = np.flatnonzero((people.role == CHILD) & (people.father >= 0))
    gap = people.age[people.father[children]] - people.age[children]
    assert np.percentile(gap, 2) > 17
    own = people.surname[children] == people.surname[people.father[children]]
    assert own.all()
    same_name = (people.name[children] == people.name[people.father[children]]).sum()
    assert 0 < same_name < 0.05 * len(children)
    together = people.household[1:] == people.household[:-1]
    twins = together & (people.birth_day[1:] == people.birth_day[:-1]) & (people.role[1:] == CHILD)
    assert twins.sum() > 0


def test_residents_match_the_planned_population() -> None:
    country, people, _ = ha_giang()
    residents = (people.kind == CITIZEN) & (people.role != DECEASED) & (people.given_district >= 0)
    adults = (people.age[residents] >= 18).sum()
    assert adults == pytest.approx(country.province_people[1, 3:].sum(), rel=0.06)


def test_ethnic_naming_follows_the_sources() -> None:
    _, people, _ = ha_giang()
    at_home = (people.kind == CITIZEN) & (people.given_district >= 0)
    assert (people.ethnicity[at_home] == 8).mean() == pytest.approx(0.34, abs=0.05)
    renamed = people.name != people.daily_name
    assert renamed.sum() > 0
    assert set(people.ethnicity[renamed]) == {8}
    assert (people.sex[renamed] == 0).all()
    dao = people.name[(people.ethnicity == 9) & (people.sex == 0)].tolist()
    kinh = people.name[(people.ethnicity == 1) & (people.sex == 0)].tolist()
    assert len(set(dao)) / len(dao) < len(set(kinh)) / len(kinh)


def test_names_are_composed_and_mix_both_tone_placements() -> None:
    _, people, _ = ha_giang()
    assert all(unicodedata.is_normalized("NFC", n) and "  " not in n for n in people.name)
    words = {w for n in people.name for w in n.split(" ")}
    assert {"Hòa", "Hoà"} <= words


def test_the_old_are_less_exactly_known_and_some_have_died() -> None:
    _, people, _ = ha_giang()
    year_only = people.birth_precision == 2
    assert year_only[people.age > 75].mean() > 5 * year_only[people.age < 40].mean()
    dead = people.death_day < NEVER
    assert people.age[dead].mean() > people.age[~dead].mean() + 20
    assert (people.kind == UNREGISTERED).sum() > 0


def test_the_schedule_meets_the_plan_to_the_dose() -> None:
    country, people, schedule = ha_giang()
    plan = plan_campaign(country)
    for district in np.flatnonzero(country.districts["province"].to_numpy() == 1).tolist():
        here = (people.given_district == district) & (schedule.stream == MAIN)
        for day in (150, 244, 418):
            assert (here & (schedule.first <= day)).sum() == plan.main_1[district, day]
            assert (here & (schedule.second <= day)).sum() == plan.main_2[district, day]


def test_intervals_are_long_enough_and_nobody_is_vaccinated_after_death() -> None:
    _, people, schedule = ha_giang()
    twice = (schedule.second < NEVER) & (schedule.stream == MAIN)
    interval = (schedule.second - schedule.first)[twice]
    assert np.percentile(interval, 1) >= 18
    assert interval.min() >= 14
    abdala = schedule.stream == ABDALA
    assert (schedule.third[abdala] - schedule.second[abdala] == 14).all()
    last = np.where(schedule.first < NEVER, schedule.first, 0) + CAMPAIGN_DAY
    assert (people.death_day[schedule.first < NEVER] > last[schedule.first < NEVER]).all()


def test_draws_depend_on_the_entity_alone() -> None:
    ids = number_ids(np.arange(100))
    draws = Draws(5)
    assert (draws.uniform("x", ids)[50:] == draws.uniform("x", ids[50:])).all()
    assert not (draws.uniform("x", ids) == draws.uniform("y", ids)).any()
    assert not (draws.uniform("x", ids) == Draws(6).uniform("x", ids)).any()
    assert draws.uniform("x", number_ids(np.arange(20_000))).mean() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("function", "text", "written"),
    [
        (tone_on_second_vowel, "Nguyễn Thị Hòa Thúy Xúa", "Nguyễn Thị Hoà Thuý Xúa"),
        (tone_on_first_vowel, "Hoà Thuý Quý Quà", "Hòa Thúy Quý Quà"),
        (without_diacritics, "Đặng Thị Hường", "Dang Thi Huong"),
        (telex_keystrokes, "Nguyễn Đặng", "Nguyeenx Ddawngj"),
        (vni_keystrokes, "Nguyễn Đặng", "Nguye6n4 D9a8ng5"),
        (to_tcvn3, "Nguyễn Thị Hòa, Vị Xuyên", "NguyÔn ThÞ Hßa, VÞ Xuyªn"),
        (to_vni, "Nguyễn Thị Hòa", "Nguyeãn Thò Hoøa"),
    ],
)
def test_spellings(function: object, text: str, written: str) -> None:
    assert callable(function)
    assert function(text) == written


def test_windows_1258_reads_back_as_it_was_meant() -> None:
    text = "Nguyễn Thị Hoà, Đặng Hữu Thuỵ"
    assert unicodedata.normalize("NFC", to_cp1258(text).decode("cp1258")) == text
