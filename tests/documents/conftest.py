"""Small aggregate tables with invented figures; Hà Giang's headline is the one published on 8/11/2021."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import nbformat
import pandas as pd
import pytest

from analysis.briefing.charts.charts import draw_charts
from analysis.briefing.documents.documents import (
    export_html,
    show_front,
    show_sections,
    write_context,
    write_documents,
)
from analysis.briefing.figures.context import build_context
from analysis.briefing.figures.units import districts, provinces
from analysis.engine import connect
from analysis.reference import read_reference
from analysis.settings import RunParameters, open_run
from analysis.tables import TABLES, write_table

AS_OF = date(2021, 11, 7)
WEEKS = [AS_OF - timedelta(days=7 * i) for i in range(15)]
ADULTS_02 = 589_184
# District shares of adults by the 2019 census, and coverage: four published, seven invented below them.
HA_GIANG = {
    "024": (55_559, 95.56), "026": (81_880, 52.11), "027": (86_071, 47.35), "028": (97_553, 55.20),
    "029": (53_476, 61.87), "030": (110_465, 81.63), "031": (54_592, 58.04), "032": (66_683, 54.49),
    "033": (67_999, 50.73), "034": (118_690, 83.99), "035": (61_711, 69.85),
}  # fmt: skip
# Columns of each row written here; columns that a table gained since are empty.
COLUMNS = {
    "coverage_by_sex": "unit_level unit_code sex series_status people registry_population",
    "coverage_estimate": "unit_level unit_code series_status people people_low people_high",
    "coverage_bridge": "unit_level unit_code series_status step people step_order",
    "entry_progress": "unit_level unit_code reference_date doses_recorded doses_administered entry_pct "
    "backlog median_entry_days doses_entered_last_7_days duplicate_doses",
    "supply": "unit_level unit_code reference_date doses_allocated doses_received "
    "doses_administered doses_discarded used_pct other_bodies_administered",
    "verification": "unit_level unit_code id_kind link_status differing_field four_field_match "
    "police_result signature_status rows people",
    "feedback": "unit_level unit_code received received_due closed_in_time open_late approved "
    "refused needs_information in_time_pct",
    "due_counts": "unit_level unit_code previous_product state next_dose people",
    "quality": "source_file reason_code rows_in rows_kept rows_rejected status folder",
    "dose_flows": "given_province_code residence_province_code doses",
    "forecast": "unit_level unit_code basis age_group series_status as_of target_date quantile value",
    "targets": "unit_level unit_code target_code basis target_pct due_date reached_on "
    "probability expected_date not_before not_after doses_per_day_needed pace_multiple supply_sufficient",
    "past_forecasts": "unit_level unit_code basis age_group series_status made_on target_date "
    "value_low value value_high happened",
    "nowcast": "unit_level unit_code basis age_group series_status reference_date people people_nowcast "
    "people_nowcast_low people_nowcast_high population coverage_nowcast_pct",
    "first_dose_deadlines": "target_code vaccine due_date series_days last_first_dose_date days_left",
    "entry_plan": "unit_level unit_code task backlog done_per_day fall_per_day cleared_on "
    "needed_per_day people_needed plan_days",
    "rosters": "unit_level unit_code link_status rows",
    "new_entries": "unit_level unit_code doses_administered doses_recorded entered_same_day entered_within_1_day",
    "citizen_cards": "unit_level unit_code registry_population without_card",
    "confirmations": "unit_level unit_code ground_kind confirmations",
    "updates_arrived": "unit_level unit_code update_state updates",
    "registry_findings_counts": "unit_level unit_code kind findings",
    "rates_above_100": "unit_level unit_code series_status basis people population coverage_pct "
    "people_above given_to_others duplicates denominator_gap main_cause",
}
SampleMaker = Callable[..., RunParameters]


def _frame(name: str, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS[name].split())
    return frame.reindex(columns=list(TABLES[name].columns))


def _growth(day: date) -> float:
    """Return the share of today's figure that had been reached on a day, for the invented history."""
    return 1.0 - 0.045 * ((AS_OF - day).days / 7)


def _coverage_row(level, code, day, status, basis, people, population) -> dict[str, object]:
    share = _growth(day)
    count = None if people is None else people if day == AS_OF else int(people * share)
    known = count is not None and population
    return {
        "unit_level": level, "unit_code": code, "reference_date": day, "age_group": "18+",
        "series_status": status, "basis": basis, "people": count, "population": population,
        "coverage_pct": round(100 * count / population + 1e-9, 2) if known else None,
        "population_source": "Kế hoạch tiêm chủng 2021", "population_date": date(2021, 7, 1),
        "people_low": count if basis == "reconciled" else None,
        "people_high": count + 9_000 if basis == "reconciled" and count is not None else None,
        "registry_population": int(population * 1.01) if population else None,
        "coverage_registry_pct": round(100 * count / (population * 1.01), 2) if known else None,
    }  # fmt: skip


def _units() -> list[tuple[str, str, int, int, int, int]]:
    """Return level, code, adults, people with one dose, with two, doses allocated of every unit."""
    units = [("country", "VN", 71_500_000, 60_112_345, 28_987_654, 104_312_000)]
    for i, code in enumerate(provinces()):
        if code == "02":
            units.append(("province", code, ADULTS_02, 387_978, 78_922, 505_400))
            continue
        adults = 600_000 + 9_000 * i
        one = int(adults * (0.55 + 0.007 * i + (0.02 if code == "79" else 0)))
        units.append(("province", code, adults, one, int(one * 0.45), int(one * 1.6)))
    weights = sum(weight for weight, _ in HA_GIANG.values())
    for code, (weight, pct) in HA_GIANG.items():
        adults = round(ADULTS_02 * weight / weights)
        units.append(("district", code, adults, round(adults * pct / 100), round(adults * 0.13), 0))
    for i, code in enumerate(districts("01")):
        adults = 120_000 + 3_000 * i
        units.append(("district", code, adults, int(adults * (0.76 + 0.009 * i)), int(adults * 0.5), 0))
    return units


def _coverage() -> pd.DataFrame:
    rows = []
    for level, code, adults, one, two, _ in _units():
        days = WEEKS if level != "district" else WEEKS[:2]
        bases = {"reported": (one, two), "recorded": (int(one * 0.93), int(two * 0.91))}
        bases["reconciled"] = (int(one * 0.9), int(two * 0.89))
        for basis, counts in bases.items():
            if basis != "reported" and code not in ("02", *HA_GIANG):
                counts = (None, None)
            for day in days:
                rows += [
                    _coverage_row(level, code, day, status, basis, people, adults)
                    for status, people in zip(("at_least_one", "primary_complete"), counts, strict=True)
                ]
    return pd.DataFrame(rows)


def _bridge() -> pd.DataFrame:
    steps = [("reported", 387_978), ("not_entered", -27_158), ("duplicates", -3_210), ("foreigners", -154)]
    steps += [("not_linked", -8_456), ("resident_elsewhere", 1_020), ("remainder", -840)]
    steps.append(("reconciled", sum(n for _, n in steps)))
    rows = [
        (
            "province",
            "02",
            status,
            step,
            n
            if status == "at_least_one"
            else (78_922 if step == "reported" else 70_240 if step == "reconciled" else n // 5),
            order,
        )
        for status in ("at_least_one", "primary_complete")
        for order, (step, n) in enumerate(steps)
    ]
    return _frame("coverage_bridge", rows)


def _by_sex() -> pd.DataFrame:
    counts = ((None, 350_000, 560_000), ("Nam", 170_000, 275_000), ("Nữ", 180_000, 285_000))
    rows = [("province", "02", sex, "at_least_one", people, residents) for sex, people, residents in counts]
    return _frame("coverage_by_sex", rows)


def _estimate() -> pd.DataFrame:
    """Return the people of Hà Giang with the rows in review allowed for: a few more than are reconciled."""
    counts = (("at_least_one", 350_200, 349_905, 350_495), ("primary_complete", 70_610, 70_480, 70_740))
    return _frame("coverage_estimate", [("province", "02", *row) for row in counts])


def _entry() -> pd.DataFrame:
    rows = []
    for level, code, _, one, two, _ in _units():
        if level == "country":
            continue
        for day in WEEKS[:2]:
            doses = int((one + two) * _growth(day))
            recorded = int(doses * (0.86 + 0.007 * (int(code) % 13)))
            rows.append(
                (level, code, day, recorded, doses, round(100 * recorded / doses, 2), doses - recorded,
                 4.5, recorded // 14, recorded // 90)
            )  # fmt: skip
    return _frame("entry_progress", rows)


def _supply() -> pd.DataFrame:
    rows = []
    for level, code, _, one, two, allocated in _units():
        if not allocated:
            continue
        for day in WEEKS[:2]:
            given = 90_812_345 if code == "VN" else one + two
            given = given if day == AS_OF else int(given * _growth(day))
            used = round(100 * given / allocated, 2)
            rows.append((level, code, day, allocated, int(allocated * 0.97), given, 120, used, 4_321))
    return _frame("supply", rows)


def _verification() -> pd.DataFrame:
    groups = [
        ("citizen_number", "verified", None, True, "đúng", "đã ký", 300_211),
        ("citizen_number", "matched", "birth_date", False, "sai", "chưa ký", 41_020),
        ("old_number", "matched", "id_number", False, "sai", "chưa ký", 38_114),
        ("missing", "matched", "several", False, None, "chưa ký", 12_870),
        ("missing", "clerical_review", None, False, "không tìm thấy", "chưa ký", 1_204),
        ("missing", "not_in_registry", None, False, "không tìm thấy", "chưa ký", 21_345),
        ("malformed", "insufficient", None, False, None, "chưa ký", 5_310),
        ("passport", "out_of_scope", None, False, None, "đã ký", 154),
        ("missing", "rejected", None, False, None, None, 402),
    ]
    rows = [
        (level, code, kind, status, field, four, police, sign, n * factor, n * factor)
        for level, code, factor in (("country", "VN", 90), ("province", "02", 1))
        for kind, status, field, four, police, sign, n in groups
    ]
    return _frame("verification", rows)


def _small_tables() -> dict[str, pd.DataFrame]:
    feedback = [("country", "VN", 9_400, 9_000, 7_100, 812, 5_000, 900, 600, 78.89)]
    feedback.append(("province", "02", 412, 390, 301, 57, 240, 40, 21, 77.18))
    due = [
        ("province", "02", product, state, dose, n)
        for product, state, dose, n in (
            ("AstraZeneca", "due", 2, 21_040), ("AstraZeneca", "overdue", 2, 12_345),
            ("Vero Cell", "overdue", 2, 2_310), ("AstraZeneca", "check_first", 2, 1_011),
            ("AstraZeneca", "not_yet_due", 2, 150_300), ("Abdala", "overdue", 3, 77),
            (None, "due", 1, 190_233), (None, "check_first", 1, 8_020), (None, "do_not_invite", 1, 640),
        )
    ]  # fmt: skip
    quality = [
        ("02/a.csv", None, 300_000, 299_700, 300, "ok", "platform"),
        ("02/b.xlsx#Sheet1", None, 121_000, 120_898, 102, "ok", "platform"),
        ("02/a.csv", "id_missing", 12_000, None, None, "ok", "platform"),
        ("02/c.zip", "truncated", None, None, None, "quarantined", "platform"),
    ]  # fmt: skip
    due += [("district", code, "AstraZeneca", "due", 2, 1_900 + i) for i, code in enumerate(HA_GIANG)]
    plan = [("district", code, "verify", 10_800 + i, *[None] * 6) for i, code in enumerate(HA_GIANG)]
    plan += [
        ("province", "02", "enter", 58_830, 4_163.9, 1_204.0, date(2021, 12, 26), 7_161, 48, 14),
        ("province", "02", "verify", 119_863, None, None, None, 8_562, 58, 14),
    ]
    above = [("district", "282", "at_least_one", "reported", 211_346, 207_000, 102.10, 4_346)]
    above = [(*row, 3_900, 210, -40, "given_to_others") for row in above]
    flows = [("02", "02", 430_000), ("02", "08", 1_200), ("08", "02", 900)]
    return {
        "feedback": _frame("feedback", feedback),
        "due_counts": _frame("due_counts", due),
        "quality": _frame("quality", quality),
        "dose_flows": _frame("dose_flows", flows),
        "entry_plan": _frame("entry_plan", plan),
        "rates_above_100": _frame("rates_above_100", above),
    }


def _duties() -> dict[str, pd.DataFrame]:
    """Return what the tables tell of the duties of 8/11/2021: Hà Giang and its districts."""
    rosters = [
        ("province", "02", s, n) for s, n in (("verified", 1_365), ("matched", 599), ("not_in_registry", 18))
    ]
    grounds = (("citizen_card", 120), ("paper_kept", 64), ("hamlet_visit", 41), ("witness", 12))
    weights = {code: weight for code, (weight, _) in HA_GIANG.items()}
    places = [
        ("province", "02", sum(weights.values())),
        *(("district", code, n) for code, n in weights.items()),
    ]
    new = [
        (level, code, n // 100, n // 110, n // 280 + i, n // 190) for i, (level, code, n) in enumerate(places)
    ]
    cards = [(level, code, n // 10 * 7, n // 10 * (2 + i % 3)) for i, (level, code, n) in enumerate(places)]
    return {
        "rosters": _frame("rosters", rosters),
        "confirmations": _frame("confirmations", [("province", "02", *ground) for ground in grounds]),
        "updates_arrived": _frame(
            "updates_arrived",
            [
                ("province", "02", state, n)
                for state, n in (("arrived", 312), ("open", 188), ("not_found", 0))
            ],
        ),
        "registry_findings_counts": _frame(
            "registry_findings_counts",
            [("province", "02", "old_number_shared", 507), ("province", "02", "two_numbers_one_person", 184)],
        ),
        "new_entries": _frame("new_entries", new),
        "citizen_cards": _frame("citizen_cards", cards),
    }


def _forecast() -> pd.DataFrame:
    rows = []
    for level, code, start, two in (("country", "VN", 84.07, 40.54), ("province", "02", 65.85, 13.40)):
        for status, now in (("at_least_one", start), ("primary_complete", two)):
            for week in range(1, 9):
                day = AS_OF + timedelta(days=7 * week)
                for quantile, wide in ((0.025, -0.5), (0.25, -0.15), (0.5, 0.0), (0.75, 0.15), (0.975, 0.5)):
                    value = now + week * (1.9 + wide)
                    rows.append((level, code, "reported", "18+", status, AS_OF, day, quantile, value))
    return _frame("forecast", rows)


def _targets() -> pd.DataFrame:
    rows = []
    for level, code in (("country", "VN"), ("province", "02")):
        for target in read_reference("targets.csv").to_dict("records"):
            due = date.fromisoformat(target["due_date"]) if target["due_date"] else None
            common = (level, code, target["target_code"], "reported", float(target["target_pct"]), due)
            if target["target_code"] == "qd3355_adults_2021":
                rows.append((*common, date(2021, 10, 10), 1.0, None, None, None, None, None, None))
                continue
            days = (date(2021, 12, 5), date(2021, 11, 28), date(2021, 12, 19))
            chance = 0.8312 if due else None
            rows.append((*common, None, chance, *days, 3_210, 1.4, target["target_pct"] == "70"))
    return _frame("targets", rows)


def _outlook() -> dict[str, pd.DataFrame]:
    """Return last week's forecasts of this day, the nowcast, and the last useful days of a first dose."""
    made = ("reported", "18+", "at_least_one", AS_OF - timedelta(days=7), AS_OF)
    past = [
        ("country", "VN", *made, 82.0, 83.5, 85.0, 84.07),
        ("province", "02", *made, 62.0, 64.4, 65.1, 65.85),
    ]
    past += [("province", "01", *made, 90.0, 93.0, 96.0, 94.2)]
    entered = ("recorded", "18+", "at_least_one", AS_OF)
    nowcast = [("province", "02", *entered, 361_004, 379_210, 376_655, 382_090, ADULTS_02, 64.36)]
    due = date(2021, 12, 31)
    days = (("AstraZeneca", 56), ("Comirnaty", 21), ("Spikevax", 28), ("Vero Cell", 21))
    deadlines = [
        ("who_complete_2021", v, due, d, due - timedelta(days=d), (due - AS_OF).days - d) for v, d in days
    ]
    return {
        "past_forecasts": _frame("past_forecasts", past),
        "nowcast": _frame("nowcast", nowcast),
        "first_dose_deadlines": _frame("first_dose_deadlines", deadlines),
    }


def sample_tables() -> dict[str, pd.DataFrame]:
    """Return every aggregate table of the sample."""
    return {
        "coverage": _coverage(), "coverage_by_sex": _by_sex(), "coverage_estimate": _estimate(),
        "coverage_bridge": _bridge(), "entry_progress": _entry(),
        "supply": _supply(), "verification": _verification(), "forecast": _forecast(),
        "targets": _targets(), **_small_tables(), **_duties(), **_outlook(),
    }  # fmt: skip


def write_sample(
    run: RunParameters, tables: dict[str, pd.DataFrame], simulated: bool = True, note: str = ""
) -> None:
    """Write the tables and the job's mark into a run's aggregate folder."""
    run.aggregate.mkdir(parents=True, exist_ok=True)
    mark = {"simulated": simulated, "note": note, "run_id": "2021-11-07-0a1b2c3d", "version": "0.1.0"}
    (run.aggregate / "run_mark.json").write_text(json.dumps(mark, ensure_ascii=False), encoding="utf-8")
    with connect(run) as con:
        for name, frame in tables.items():
            _write(con, name, frame, run)


def _write(con: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame, run: RunParameters) -> None:
    con.register("sample", frame)
    write_table(con, name, "SELECT * FROM sample", run)
    con.unregister("sample")


@dataclass(frozen=True)
class Made:
    """One unit's briefing, made: its context, its folder and the text of each document."""

    run: RunParameters
    context: dict[str, Any]
    folder: Path
    html: str

    @property
    def pdf(self) -> Path:
        """The A4 document."""
        return self.folder / f"{self.context['file_stem']}.pdf"

    @property
    def docx(self) -> Path:
        """The editable document."""
        return self.folder / f"{self.context['file_stem']}.docx"

    @property
    def pptx(self) -> Path:
        """The slides."""
        return self.folder / f"{self.context['file_stem']}.pptx"

    @property
    def xlsx(self) -> Path:
        """The workbook."""
        return self.folder / f"{self.context['file_stem']}.xlsx"


def make_briefing(run: RunParameters, unit_code: str, folder: Path) -> Made:
    """Make every document of one unit as the notebook and the job do."""
    context = build_context(run, unit_code)
    write_context(context, folder)
    charts = draw_charts(context, folder)
    write_documents(context, charts, folder)
    parts = [show_front(context)]
    parts += [show_sections(context, charts, group) for group in ("coverage", "data", "plan", "method")]
    notebook = nbformat.v4.new_notebook(metadata={"baophu": {"zone": "publishable"}})
    notebook.cells = [_cell("secret_source = 1", nbformat.v4.new_output("stream", text="stray output"))]
    for part in parts:
        data, metadata = part._repr_mimebundle_()
        output = nbformat.v4.new_output("execute_result", data=data, metadata=metadata, execution_count=1)
        notebook.cells.append(_cell("show()", output))
    executed = folder / "executed.ipynb"
    nbformat.write(notebook, executed)
    page = export_html(executed, folder / f"{context['file_stem']}.html")
    return Made(run, context, folder, page.read_text(encoding="utf-8"))


def _cell(source: str, output: Any) -> Any:
    cell = nbformat.v4.new_code_cell(source)
    cell.outputs = [output]
    return cell


def _make_run(
    folder: Path, tables: dict[str, pd.DataFrame], settings: str = "", **mark: Any
) -> RunParameters:
    path = folder / "baophu.toml"
    path.write_text(settings, encoding="utf-8")
    run = open_run(str(AS_OF), str(folder / "raw"), str(folder / "processed"), settings=str(path))
    write_sample(run, tables, **mark)
    return run


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory: pytest.TempPathFactory) -> RunParameters:
    """Return the run with every table of the sample."""
    return _make_run(tmp_path_factory.mktemp("whole"), sample_tables())


@pytest.fixture(scope="session")
def ha_giang(whole_run: RunParameters, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return the briefing of Hà Giang."""
    return make_briefing(whole_run, "02", tmp_path_factory.mktemp("02"))


@pytest.fixture(scope="session")
def national(whole_run: RunParameters, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return the national briefing."""
    return make_briefing(whole_run, "VN", tmp_path_factory.mktemp("VN"))


@pytest.fixture(scope="session")
def edited_run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., RunParameters]:
    """Return a maker of runs that a whole module reads: `edit` changes the tables of the sample."""

    def make(edit: Callable[[dict[str, pd.DataFrame]], None]) -> RunParameters:
        tables = sample_tables()
        edit(tables)
        return _make_run(tmp_path_factory.mktemp("edited"), tables)

    return make


@pytest.fixture
def sample(tmp_path: Path) -> SampleMaker:
    """Return a maker of runs: `drop` leaves tables out, `edit` changes them, `settings` is TOML text."""

    def make(
        drop: tuple[str, ...] = (),
        edit: Callable[[dict[str, pd.DataFrame]], None] | None = None,
        settings: str = "",
        **mark: Any,
    ) -> RunParameters:
        tables = {name: frame for name, frame in sample_tables().items() if name not in drop}
        if edit is not None:
            edit(tables)
        return _make_run(tmp_path, tables, settings, **mark)

    return make


@pytest.fixture(scope="session")
def brief() -> Callable[[RunParameters, str, Path], Made]:
    """Return the maker of documents."""
    return make_briefing
