"""Readers beyond one table: every table has one, wrong words are refused, weeks and published figures side by side."""

import json
import re
from pathlib import Path

import duckdb
import jsonschema
import pandas as pd
import pytest

from analysis import readers
from analysis.errors import RequestError
from analysis.readers import asking
from analysis.settings import RunParameters
from analysis.tables import TABLES, Zone
from conftest import PublishedRun

ROOT = Path(__file__).resolve().parents[3]
UNITS = {"unit_level", "unit_code"}


def public_readers() -> dict[str, object]:
    return {name: getattr(readers, name) for name in readers.__all__ if name.startswith("read_")}


def documented(read: object) -> list[str]:
    return re.findall(r"^  (\w+) \(", str(read.__doc__), re.MULTILINE)


def tables_without_reader(docstrings: list[set[str]]) -> list[str]:
    """Return the tables of counts whose columns stand in no reader's docstring."""
    counts = {
        name: set(table.columns) - UNITS for name, table in TABLES.items() if table.zone is Zone.AGGREGATE
    }
    return [name for name, own in counts.items() if not any(own <= listed for listed in docstrings)]


def test_a_table_without_a_reader_is_found() -> None:
    listed = [set(documented(read)) for read in public_readers().values()]
    without = [columns for columns in listed if "main_cause" not in columns]
    assert tables_without_reader(without) == ["rates_above_100"]


def test_a_table_without_a_reader_of_its_own_is_described_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asking, "WITH_OWN_READER", asking.WITH_OWN_READER - {"rankings"})

    def read() -> None:
        """Read."""

    others = set(TABLES) - asking.WITH_OWN_READER
    assert "rankings" in others
    assert set(TABLES["rankings"].columns) <= set(documented(asking.list_others(read)))


def test_every_table_of_counts_has_a_reader_with_described_columns() -> None:
    assert tables_without_reader([set(documented(read)) for read in public_readers().values()]) == []


@pytest.fixture(scope="module")
def run(tiny: PublishedRun) -> RunParameters:
    return readers.open_counts(tiny.run.as_of.isoformat(), str(tiny.run.processed))


@pytest.fixture(scope="module")
def public(tiny: PublishedRun) -> RunParameters:
    return readers.open_counts(tiny.run.as_of.isoformat(), str(tiny.run.processed), public=True)


def test_one_call_gives_all_units_of_a_level_or_one(run: RunParameters) -> None:
    districts = readers.read_entry_progress(run, unit_level="district", newest=True)
    assert set(districts["unit_level"]) == {"district"}
    assert set(districts["reference_date"]) == {pd.Timestamp(run.as_of)}
    one = readers.read_coverage(run, unit_code="024", age_group="18+", basis="recorded", newest=True)
    assert set(one["unit_name"]) == {"Thành phố Hà Giang"}
    assert one["series_status"].is_unique
    assert str(one["people"].dtype) == "Int64"
    with pytest.raises(RequestError, match="not both"):
        readers.read_coverage(run, "02", unit_code="024")


def test_ages_come_in_their_order(run: RunParameters) -> None:
    frame = readers.read_coverage(run, unit_code="02", basis="recorded", series_status="booster", newest=True)
    assert list(frame["age_group"]) == [
        group for group in readers.AGE_GROUPS if group in set(frame["age_group"])
    ]
    assert len(frame) > 1


@pytest.mark.parametrize(
    ("ask", "known"),
    [
        (
            lambda run: readers.read_coverage(run, basis="reconcilied"),
            "basis: 'reconcilied'.*reported, recorded, reconciled",
        ),
        (lambda run: readers.read_coverage(run, age_group="65"), "age_group: '65'.*50\\+, 65\\+"),
        (
            lambda run: readers.read_coverage(run, unit_level="huyện"),
            "unit_level:.*country, province, district",
        ),
        (lambda run: readers.read_coverage(run, unit_code="2"), "unit_code: '2' is no unit.*VN"),
        (
            lambda run: readers.read_targets(run, target_code="x"),
            "target_code: 'x' is unknown; known are: \\w",
        ),
        (lambda run: readers.read_doses_by_product(run, dose_number=9), "dose_number: '9'.*known are: 1"),
        (lambda run: readers.read_records_by(run, "sex"), "part: 'sex'.*link_status, differing_field"),
        (lambda run: readers.read_table(run, "doses"), "table: 'doses'.*coverage"),
        (lambda run: readers.read_table(run, "rankings", newest=True), "newest: .*'rankings' has no days"),
        (lambda run: readers.read_facility_scores(run, measure="x"), "measure: 'x'"),
        (
            lambda run: readers.read_facility_delays(run, district_code="2"),
            "district_code: '2' is no district",
        ),
        (lambda run: readers.read_quality(run, folder="platfrom"), "folder: 'platfrom'.*platform"),
        (lambda run: readers.read_figures_history(run, "coverge"), "table: 'coverge'.*coverage"),
        (lambda run: readers.read_figures_history(run, measure="people_"), "measure: 'people_'.*people"),
        (lambda run: readers.read_figures_history(run, basis="x"), "basis: 'x'.*recorded"),
        (lambda run: readers.read_figures_history(run, bases="x"), "column: 'bases'.*basis"),
        (lambda run: readers.compare_weeks(run, run, measure="x"), "measure: 'x'.*people"),
        (lambda run: readers.read_coverage(run, "02\n" + "x" * 99), "two-digit"),
    ],
)
def test_an_unknown_word_is_refused_with_the_known_ones(run: RunParameters, ask: object, known: str) -> None:
    with pytest.raises(RequestError, match=known) as refused:
        ask(run)  # type: ignore[operator]
    assert "\n" not in str(refused.value)


def test_who_writes_into_an_answer_spoils_no_other(run: RunParameters) -> None:
    first = readers.read_supply(run, "02")
    first["doses_administered"] = 0
    first.loc[:, "unit_name"] = "x"
    again = readers.read_supply(run, "02")
    assert again["doses_administered"].max() > 0
    assert "x" not in set(again["unit_name"])


def test_an_answer_is_forgotten_with_its_table(run: RunParameters, tmp_path: Path) -> None:
    path = tmp_path / "aggregate" / "rosters.parquet"
    path.parent.mkdir()
    other = readers.open_counts(run.as_of.isoformat(), str(tmp_path))
    for rows in (3, 40):
        row = f"SELECT 'province' AS unit_level, '02' AS unit_code, 'verified' AS link_status, {rows} AS rows"
        duckdb.sql(row).write_parquet(str(path))
        assert list(readers.read_rosters(other, "02")["rows"]) == [rows]


def test_records_by_a_property_add_up(run: RunParameters) -> None:
    states = readers.read_verification(run, unit_code="02")
    by_status = readers.read_records_by(run, "link_status", unit_code="02")
    assert by_status["rows"].sum() == states["rows"].sum()
    fields = readers.read_records_by(run, "differing_field", unit_code="02")
    assert fields["rows"].sum() == states.loc[states["link_status"] == "matched", "rows"].sum()


def test_public_readers_tell_what_is_published_alone(run: RunParameters, public: RunParameters) -> None:
    told = readers.read_records_by(public, "link_status", unit_code="02")
    assert {"rows", "rows_status"} <= set(told.columns)
    assert not told["rows"].between(1, 9).any()
    assert list(readers.read_verification(public)["link_status"].dropna()) == list(
        readers.read_records_by(public, "link_status")["link_status"]
    )
    products = readers.read_doses_by_product(public, "02")
    assert "week" not in products
    assert not products.loc[products["product"].notna(), "doses"].between(1, 9).any()
    with pytest.raises(RequestError, match="is published without it"):
        readers.read_doses_by_product(public, dose_number=1)
    for ask in (readers.read_facility_corrections, readers.read_entry_delays, readers.read_quality_scores):
        with pytest.raises(RequestError, match="not published"):
            ask(public)
    with pytest.raises(RequestError, match="alike"):
        readers.compare_weeks(run, public)


def test_two_weeks_are_compared_figure_by_figure(run: RunParameters, tmp_path: Path) -> None:
    earlier = readers.open_counts("2021-10-31", str(tmp_path))
    path = TABLES["entry_progress"].path(earlier)
    path.parent.mkdir()
    source = TABLES["entry_progress"].path(run)
    duckdb.sql(
        f"SELECT * REPLACE (doses_recorded - 1 AS doses_recorded) FROM '{source}' WHERE reference_date <= DATE '2021-10-31'"
    ).write_parquet(str(path))
    frame = readers.compare_weeks(earlier, run, "entry_progress", unit_code="02", measure="doses_recorded")
    assert list(frame.columns) == [*readers.UNIT_COLUMNS, "measure", "week_a", "week_b", "change"]
    assert len(frame) == 1
    weeks = readers.read_entry_progress(run, unit_code="02").set_index("reference_date")["doses_recorded"]
    assert frame["change"].iloc[0] == weeks["2021-11-07"] - weeks["2021-10-31"] + 1


def test_what_was_published_stands_beside_what_is_known_now(run: RunParameters) -> None:
    told = readers.read_figures_history(run, measure="people", unit_code="02", basis="reported", newest=True)
    assert set(told["as_of"]) == set(told["reference_date"]) == {pd.Timestamp(run.as_of)}
    frame = readers.read_published_and_now(run, "people", unit_code="02", basis="reported")
    assert frame["reference_date"].is_monotonic_increasing
    newest = frame.iloc[-1]
    assert newest["published"] == newest["now"] > 0
    assert newest["change"] == 0


def test_without_a_history_it_is_said(run: RunParameters, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="publish a run first"):
        readers.read_figures_history(readers.open_counts("2021-11-07", str(tmp_path / "2021-11-07")))


def test_forecasts_are_written_as_a_hub_reads_them(run: RunParameters, tmp_path: Path) -> None:
    target = readers.hub_forecasts(run, tmp_path / "hub")
    assert target.name == f"{run.as_of}-baophu-growth.parquet"
    tasks = json.loads((tmp_path / "hub" / "hub-config" / "tasks.json").read_text("utf-8"))
    schema = json.loads((ROOT / "tests" / "interface" / "hub_tasks.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(tasks)
    (round_,) = tasks["rounds"]
    (group,) = round_["model_tasks"]
    with duckdb.connect() as con:
        output = con.read_parquet(str(target)).df()
    named = [*group["task_ids"], "output_type", "output_type_id", "value"]
    assert list(output.columns) == named
    for column in ("target", "horizon", "location", "basis", "age_group"):
        assert set(output[column]) == set(group["task_ids"][column]["optional"])
    levels = group["output_type"]["quantile"]["output_type_id"]["required"]
    assert sorted(output["output_type_id"].unique()) == levels
    per_task = output.groupby(named[:7])["value"]
    assert set(per_task.size()) == {len(levels)}
    assert all(values.is_monotonic_increasing for _, values in per_task)
    assert set(output["location"]) <= {"VN", "02"}
    before = target.read_bytes()
    readers.hub_forecasts(run, tmp_path / "hub")
    assert target.read_bytes() == before


def test_a_hub_without_targets_is_found() -> None:
    schema = json.loads((ROOT / "tests" / "interface" / "hub_tasks.json").read_text("utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({"schema_version": "v6.0.0", "rounds": []})


def test_every_district_has_a_tile_of_its_own() -> None:
    tiles = readers.district_tiles()
    names = readers.name_units().query("unit_level == 'district'")
    assert sorted(tiles["unit_code"]) == sorted(names["unit_code"])
    assert not tiles.duplicated(["left", "bottom"]).any()
    assert {"Hoàng Sa", "Trường Sa"} <= set(tiles["block"])


def test_the_map_takes_one_row_a_district(run: RunParameters) -> None:
    weeks = readers.read_entry_progress(run, unit_level="district")
    with pytest.raises(RequestError, match="two rows of one district"):
        readers.draw_districts(weeks, "backlog")
    with pytest.raises(RequestError, match="no column of numbers 'unit_name'"):
        readers.draw_districts(weeks, "unit_name")
    newest = readers.read_entry_progress(run, unit_level="district", newest=True)
    for province in (None, "02"):
        assert readers.draw_districts(newest, "backlog", province).png.startswith(b"\x89PNG")


def questions(page: str) -> list[str]:
    """Return the blocks of code of a page."""
    return re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def test_the_page_of_questions_runs(run: RunParameters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "open_counts", lambda as_of: run)
    blocks = questions((ROOT / "docs" / "questions.md").read_text("utf-8"))
    assert len(blocks) == 11
    names: dict[str, object] = {}
    for block in blocks:
        exec(block, names)
    assert len(names["doses"]) > 0  # type: ignore[arg-type]
