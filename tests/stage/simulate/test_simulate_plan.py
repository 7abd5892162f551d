"""The simulated campaign meets the published figures, at full size, before anybody is drawn."""

from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest

from analysis.simulate.campaign.campaign import Campaign, plan_campaign
from analysis.simulate.campaign.shapes import BAND_DAY, PIN, rake
from analysis.simulate.country.country import Country, lay_out_country
from analysis.simulate.draws import apportion
from analysis.simulate.files.reports import daily_reports, populations

BANDS = {">95": (0.95, 1.1), "80-95": (0.80, 0.95), "70-80": (0.70, 0.80), "<70": (0.0, 0.70)}


@cache
def full_size(seed: int) -> tuple[Country, Campaign]:
    """Return the country and the campaign at scale 1."""
    country = lay_out_country(seed, 1.0)
    return country, plan_campaign(country)


def ha_giang(country: Country) -> pd.Index:
    """Return the rows of Hà Giang's districts."""
    return country.districts.index[country.districts["province_code"] == "02"]


@pytest.mark.parametrize("seed", [1, 7])
def test_national_figures_are_inside_the_published_bounds(seed: int) -> None:
    _, plan = full_size(seed)
    first, second, third = (int(d[:, PIN].sum()) for d in (plan.dose_1(), plan.dose_2(), plan.dose_3_plus()))
    assert 90_800_000 < first + second + third < 90_900_000
    assert first > 60_000_000
    assert 28_900_000 < second < 29_000_000
    assert third == int(plan.abdala_3[:, PIN].sum())


@pytest.mark.parametrize("seed", [1, 7])
def test_ha_giang_has_its_published_figures(seed: int) -> None:
    country, plan = full_size(seed)
    rows = ha_giang(country)
    adults, first = country.district_adults[rows], plan.dose_1()[rows, PIN]
    assert adults.sum() == 589_184
    assert first.sum() == 387_978
    assert plan.dose_2()[rows, PIN].sum() == 78_922
    percent = np.round(100 * first / adults, 2)
    named = dict(zip(country.districts["district_code"][rows], percent.tolist(), strict=True))
    assert {named.pop(c) for c in ("024", "034", "030", "035")} == {95.56, 83.99, 81.63, 69.85}
    assert len(named) == 7
    assert max(named.values()) < 69.85
    assert max(named.values()) - min(named.values()) > 3


def test_other_seeds_move_what_no_source_pins() -> None:
    (country, plan), (_, other) = full_size(1), full_size(7)
    rows = ha_giang(country)
    assert (plan.dose_1()[rows, PIN] != other.dose_1()[rows, PIN]).sum() == 7
    hanoi = (country.districts["province_code"] == "01").to_numpy()
    assert plan.dose_1()[hanoi, PIN].sum() != other.dose_1()[hanoi, PIN].sum()


def test_provinces_are_in_their_published_bands_ten_days_later() -> None:
    country, plan = full_size(1)
    of = country.districts["province"].to_numpy()
    adults = np.bincount(of, weights=country.district_adults)
    first = np.bincount(of, weights=(plan.main_1 + plan.abdala_1)[:, BAND_DAY]) / adults
    second = np.bincount(of, weights=plan.dose_2()[:, BAND_DAY]) / adults
    rows = country.provinces.itertuples(index=False)
    for row, reached, done in zip(rows, first.tolist(), second.tolist(), strict=True):
        low, high = BANDS[str(row.first_dose_band)]
        assert low < reached <= high, row.province_code
        # A province short of first doses by mid-October cannot quite reach half with two.
        assert (done > 0.48) if row.second_dose_band == ">50" else (done <= 0.505), row.province_code


@pytest.mark.parametrize("seed", [1, 7])
def test_second_doses_follow_first_ones_in_every_district(seed: int) -> None:
    _, plan = full_size(seed)
    for counts in (plan.main_1, plan.main_2, plan.abdala_1, plan.children_1, plan.booster):
        assert (np.diff(counts, axis=1) >= 0).all()
    assert (plan.main_2[:, 21:] <= plan.main_1[:, :-21]).all()
    assert (plan.booster[:, 106:] <= plan.main_1[:, :-106]).all()


def test_scaled_plans_keep_their_sums() -> None:
    country = lay_out_country(1, 0.01)
    first = plan_campaign(country).dose_1()
    rows = ha_giang(country)
    assert first[rows, PIN].sum() in (3879, 3880)
    assert abs(int(first[:, PIN].sum()) - 609_360) < 50
    assert (country.commune_people.sum(axis=0) == country.province_people.sum(axis=0)).all()
    assert (country.district_people.sum(axis=0) == country.province_people.sum(axis=0)).all()


def test_reports_add_up_and_keep_the_other_bodies_apart() -> None:
    country, plan = full_size(1)
    reports = daily_reports(country, plan, date(2021, 11, 7))
    own = reports[reports["reporting_body"] == "province"]
    provinces, districts = own[own["district_code"] == ""], own[own["district_code"] != ""]
    counts = ["doses_administered", "dose_1", "dose_2", "dose_3_plus", "doses_discarded"]
    by_province = provinces.groupby("province_code")[counts].sum()
    pd.testing.assert_frame_equal(by_province, districts.groupby("province_code")[counts].sum())
    assert (own["dose_1"] + own["dose_2"] + own["dose_3_plus"] == own["doses_administered"]).all()
    assert provinces["doses_allocated"].sum() > 104_000_000
    stock = provinces.groupby("province_code")[
        ["doses_allocated", "doses_received", "doses_administered"]
    ].sum()
    assert (stock["doses_allocated"] >= stock["doses_received"]).all()
    assert (stock["doses_received"] >= stock["doses_administered"]).all()
    assert set(reports["reporting_body"]) == {"province", "army", "police"}
    assert (reports[reports["reporting_body"] != "province"]["doses_allocated"] == 0).all()
    assert reports["report_date"].max() == "2021-11-07"


def test_populations_add_up_by_source() -> None:
    country, _ = full_size(1)
    main, census = populations(country)
    levels = main["unit_code"].where(main["unit_code"] == "VN", main["unit_code"].str.len().astype(str))
    totals = main.groupby([levels, "age_group"])["population"].sum().unstack()
    assert (totals.nunique() == 1).all()
    assert totals.loc["VN", "all"] == pytest.approx(98.5e6, rel=0.002)
    assert totals.loc["VN", "18+"] == pytest.approx(71.6e6, rel=0.01)
    inner = totals.loc["VN"]
    assert inner["65+"] < inner["50+"] < inner["18+"] < inner["all"]
    assert census.loc[census["unit_code"] == "VN", "population"].item() == 96_208_984
    assert "387.978" in main["source"].iloc[0]


def test_apportioned_parts_add_up_to_their_total() -> None:
    parts = apportion(np.array([1.0, 1.0, 1.0, 0.0]), 10)
    assert sorted(parts.tolist()) == [0, 3, 3, 4]
    grouped = apportion(np.array([1.0, 2.0, 3.0]), 0, np.array([0, 0, 1]), np.array([7, 5]))
    assert grouped.tolist() == [2, 5, 5]


def test_raking_meets_both_margins() -> None:
    table = rake(np.ones((2, 3)), np.array([6.0, 3.0]), np.array([2.0, 3.0, 4.0]))
    assert table.sum(axis=0) == pytest.approx([2, 3, 4])
    assert table.sum(axis=1) == pytest.approx([6, 3])
