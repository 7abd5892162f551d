"""Readers give one province's counts with names, and refuse what they cannot give."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from analysis import readers
from analysis.errors import RequestError
from analysis.tables import TABLES
from analysis.trends import project_coverage
from coverage_samples import OTHER_COMMUNE, Counts, Week, citizen, count_sample, denominator, dose, report


@pytest.fixture(scope="module")
def counts(tmp_path_factory: pytest.TempPathFactory) -> Counts:
    """Count a week of three people in Hà Giang, one of them living in Đồng Văn."""
    week = Week(
        [dose("A"), dose("B"), dose("A", "2021-10-01", 2), dose("C", commune=OTHER_COMMUNE)],
        [citizen("A"), citizen("B"), citizen("C", commune=OTHER_COMMUNE)],
        [report("2021-08-01", 3, 1), report("2021-08-01", 1, district_code="024")],
        [denominator("02", 4)],
    )
    return count_sample(week, tmp_path_factory.mktemp("readers"))


def documented(read: object) -> list[str]:
    """Return the columns that a reader's docstring lists, in its order."""
    return re.findall(r"^  (\w+) \(", str(read.__doc__), re.MULTILINE)


def test_a_province_comes_with_its_districts_and_communes(counts: Counts) -> None:
    frame = readers.read_coverage(counts.run, "02", basis="reconciled", age_group="18+")
    assert set(frame["province_name"]) == {"Tỉnh Hà Giang"}
    assert set(frame["unit_level"]) == {"province", "district", "commune"}
    assert documented(readers.read_coverage) == list(frame.columns)
    newest = frame[(frame["reference_date"] == "2021-11-07") & (frame["series_status"] == "at_least_one")]
    named = newest.set_index("unit_name")["people"]
    assert (named["Tỉnh Hà Giang"], named["Huyện Đồng Văn"], named["Thành phố Hà Giang"]) == (3, 1, 2)
    assert newest["unit_code"].is_unique


def test_the_country_comes_with_its_provinces(counts: Counts) -> None:
    frame = readers.read_coverage(counts.run, basis="reported", series_status="at_least_one")
    newest = frame[frame["reference_date"] == "2021-11-07"]
    assert list(newest["unit_level"]) == ["country"] + ["province"] * 63
    assert newest["unit_name"].iloc[0] == "Cả nước"
    assert newest.set_index("unit_code")["coverage_pct"]["02"] == 75.0


def test_bridges_come_in_the_order_of_their_steps(counts: Counts) -> None:
    frame = readers.read_bridge(counts.run, "02", series_status="at_least_one")
    province = frame[frame["unit_code"] == "02"]
    assert list(province["step_order"]) == list(range(8))
    assert province["people"].iloc[:-1].sum() == province["people"].iloc[-1] == 3


def test_flows_name_both_provinces(counts: Counts) -> None:
    frame = readers.read_flows(counts.run, "02")
    assert list(frame["given_province_name"]) == ["Tỉnh Hà Giang"]
    assert list(frame["doses"]) == [4]
    assert documented(readers.read_flows) == list(frame.columns)
    assert readers.read_flows(counts.run, "01").empty


@pytest.mark.parametrize(
    "read",
    [
        readers.read_entry_progress,
        readers.read_supply,
        readers.read_verification,
        readers.read_feedback,
        readers.read_due_counts,
        readers.read_entry_plan,
        readers.read_entry_delays,
        readers.read_rates_above_100,
        readers.read_rankings,
        readers.read_series_notes,
    ],
)
def test_every_reader_begins_with_the_units_names(counts: Counts, read: object) -> None:
    frame = read(counts.run, "02")  # type: ignore[operator]
    assert tuple(frame.columns[:5]) == readers.UNIT_COLUMNS
    assert documented(read) == list(frame.columns)


def test_an_unknown_province_is_refused_with_the_valid_ones(counts: Counts) -> None:
    for code in ("2", "../", "99"):
        with pytest.raises(RequestError, match="02 04"):
            readers.read_supply(counts.run, code)


def test_a_table_not_written_yet_is_named(counts: Counts) -> None:
    with pytest.raises(RequestError, match="'targets'"):
        readers.read_targets(counts.run, "02")


def test_no_reader_opens_rows_of_persons(counts: Counts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TABLES, "supply", replace(TABLES["due"], name="supply"))
    with pytest.raises(RequestError, match="persons"):
        readers.read_supply(counts.run, "02")


def test_readers_need_the_folder_of_counts_alone(counts: Counts, tmp_path: Path) -> None:
    shutil.copytree(counts.run.aggregate, tmp_path / "aggregate")
    run = readers.open_counts("2021-11-07", str(tmp_path))
    assert not readers.read_supply(run, "02").empty
    assert [p.name for p in tmp_path.iterdir()] == ["aggregate"]


def test_nowcasts_come_with_the_counts_they_start_from(counts: Counts, tmp_path: Path) -> None:
    run = replace(counts.run, processed=tmp_path / "processed")
    shutil.copytree(counts.run.processed, run.processed)
    project_coverage(run)
    frame = readers.read_nowcast(run, "02")
    adults = frame[(frame["age_group"] == "18+") & (frame["unit_code"] == "02")]
    first = adults[adults["series_status"] == "at_least_one"].set_index("basis")
    assert first.loc["recorded", "people"] == 3 <= first.loc["recorded", "people_nowcast"]


def test_help_gives_the_meaning_and_the_unit_of_a_column() -> None:
    text = str(readers.read_coverage.__doc__)
    assert "  coverage_pct (percent): Coverage: people ÷ population; above 100 it stands." in text
    assert "One of: reported, recorded, reconciled." in text
