"""Settings and parameters: what is accepted, and that every refusal fires."""

import re
from datetime import date
from pathlib import Path

import pytest

from analysis.command_line import build_parser
from analysis.commands import _run_parameters
from analysis.errors import RequestError
from analysis.settings import SHIPPED, Settings, open_run, parse_as_of, parse_provinces, read_settings


def write(folder: Path, text: str) -> Path:
    path = folder / "baophu.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_no_file_gives_the_defaults() -> None:
    assert read_settings(None) == Settings()


def test_a_known_key_replaces_its_default_only(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, 'language = "en"\n[due_windows]\nComirnaty = [28, 35]\n'))
    assert settings.language == "en"
    assert settings.due_windows["Comirnaty"] == (28, 35)
    assert settings.due_windows["Abdala"] == (14, 21)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("languge = 'en'", "unknown key 'languge'"),
        ("language = 1", "'language' has the wrong type"),
        ("language = 'fr'", "'vi' or 'en'"),
        ("second_language = 'vi'", "'second_language' is the other"),
        ("keep_runs = 0", "'keep_runs' is a whole number from 1 to 1000"),
        ("stale_after_days = -1", "'stale_after_days' is a whole number from 1"),
        ("cell_timeout_minutes = 0", "'cell_timeout_minutes' is a whole number from 1"),
        ("keep_runs = nan", "'keep_runs' has the wrong type"),
        ("keep_runs = 12.0", "'keep_runs' has the wrong type"),
        ("keep_runs = " + "9" * 5_000, "not valid TOML"),
        ("entry_rate_per_person_day = 9999999999999999999", "whole number from 1 to 10000"),
        ("organisation = ''", "'organisation' is a name of at most 200"),
        ("organisation = '" + "a" * 201 + "'", "'organisation' is a name of at most 200"),
        ('organisation = "a\\u001b[2J"', "'organisation' is a name of at most 200"),
        ("x = " + "[" * 5_000 + "]" * 5_000, "not valid TOML"),
        (".".join(["headers"] * 5_000) + " = 1", "nested too deep"),
        ("headers.platform.a.b.c.d.e = 'f'", "nested too deep"),
        ("[due_windows]\nAbdala = [-1, 14]", "'due_windows' has the wrong type"),
        ("[due_windows]\nAbdala = [1, nan]", "'due_windows' has the wrong type"),
        ("[due_windows]\nAbdala = [1, 99999]", "'due_windows' has the wrong type"),
        ("keep_runs = true", "'keep_runs' has the wrong type"),
        ("birth_year_only_month_day = '31-02'", "MM-DD"),
        ("[due_windows]\nAbdala = [21, 14]", "'due_windows' has the wrong type"),
        ("population_sources = [1]", "'population_sources' has the wrong type"),
        ("language = ", "not valid TOML"),
        ("x = '" + "a" * 70_000 + "'", "larger than 64 kB"),
        ("headers = 1", "write headers as"),
        ("[headers.vaccinations]\n'Ngày' = 'vaccination_date'", "is no folder; known are platform"),
        ("[headers.platform]\n'Ngày' = 'date'", "has no field 'date'; known are full_name"),
        ("[headers.platform]\n'Ngày' = 1", "has no field '1'"),
        ("[headers.rosters]\n'Ngày' = 'vaccination_date'", "has no field 'vaccination_date'"),
        ("[headers.platform]\n'(*)' = 'note'", "has no letters"),
        ("[headers.platform]\n'Ngày (*)' = 'note'\n'NGÀY' = 'note'", "differ in blanks or marks only"),
        ("[headers]\nplatform = 'note'", "under .headers.platform. write"),
    ],
)
def test_wrong_settings_are_refused_by_name(tmp_path: Path, text: str, word: str) -> None:
    with pytest.raises(RequestError, match=word):
        read_settings(write(tmp_path, text))


def test_headers_are_kept_by_their_letters_and_fields_by_the_written_names(tmp_path: Path) -> None:
    text = "[headers.platform]\n'Ngày chích (*)' = 'vaccination_date'\n'Mã T' = 'province_code'\n[headers.population]"
    assert read_settings(write(tmp_path, text)).headers == {
        "platform": {"ngàychích": "vaccination_date", "mãt": "province_typed_code"}
    }


def test_a_settings_file_that_is_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="does not exist"):
        read_settings(tmp_path / "none.toml")


@pytest.mark.parametrize("text", ["2021-02-31", "07/11/2021", "", "2021-03-07", "20211107", "2021-W44-7"])
def test_dates_that_no_run_can_have_are_refused(text: str) -> None:
    with pytest.raises(RequestError):
        parse_as_of(text)


@pytest.mark.parametrize("code", ["2", "002", "../", "01;rm", "hg", "03", ""])
def test_provinces_are_codes_of_the_unit_table(code: str) -> None:
    with pytest.raises(RequestError, match="two-digit GSO code"):
        parse_provinces(("02", code))


def test_open_run_fills_the_contract_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # JupyterLab opens a notebook in the notebook's own folder
    run = open_run("2021-11-07", provinces="04 02")
    data = Path(__file__).resolve().parents[3] / "data"
    assert run.as_of == date(2021, 11, 7)
    assert (run.raw, run.processed) == (data / "raw" / "2021-11-07", data / "processed" / "2021-11-07")
    assert run.provinces == ("02", "04")
    assert run.aggregate == data / "processed" / "2021-11-07" / "aggregate"


def finished_week(processed: Path, day: str) -> Path:
    record = processed / day / "restricted" / "run" / "2_reconcile.json"
    record.parent.mkdir(parents=True)
    record.write_text("{}", encoding="utf-8")
    return processed / day


def test_a_notebook_goes_on_from_the_week_that_the_command_line_goes_on_from(tmp_path: Path) -> None:
    finished_week(tmp_path, "2021-10-24")
    last = finished_week(tmp_path, "2021-10-31")
    finished_week(tmp_path, "2021-11-14")
    here = str(tmp_path / "2021-11-07")
    by_hand = open_run("2021-11-07", processed=here)
    options = build_parser().parse_args(["run", "--as-of", "2021-11-07", "--processed", here])
    by_command, _ = _run_parameters(options)
    assert by_hand.previous == by_command.previous == last
    assert (by_hand.threads, by_hand.memory_limit) == (by_command.threads, by_command.memory_limit)
    given = open_run("2021-11-07", processed=here, previous=str(tmp_path / "2021-10-24"))
    assert given.previous == tmp_path / "2021-10-24"
    assert open_run("2021-11-07", processed=here, previous="-").previous is None


def test_the_settings_of_the_project_hold_where_none_are_given(tmp_path: Path) -> None:
    file = write(tmp_path, 'language = "en"\n')
    assert open_run("2021-11-07", home=tmp_path).settings.language == "en"
    assert open_run("2021-11-07", home=tmp_path).settings_file == file
    assert open_run("2021-11-07", settings="-", home=tmp_path).settings == Settings()
    assert open_run("2021-11-07", settings=str(file)).settings.language == "en"


def test_a_run_is_opened_in_one_place_only() -> None:
    """A second place would have defaults of its own: a notebook then loses what the command line carries on."""
    modules = (SHIPPED / "src" / "analysis").rglob("*.py")
    makers = {m.name for m in modules if re.search(r"\bRunParameters\(", m.read_text("utf-8"))}
    assert makers == {"settings.py"}


@pytest.mark.parametrize(
    ("given", "first", "second"), [("", "vi", ""), ("en", "en", ""), ("both", "vi", "en")]
)
def test_the_command_line_may_say_the_languages(tmp_path: Path, given: str, first: str, second: str) -> None:
    run = open_run("2021-11-07", settings=str(write(tmp_path, "")), language=given)
    assert (run.settings.language, run.settings.second_language) == (first, second)


def test_another_language_is_refused() -> None:
    with pytest.raises(RequestError, match="--language: one of vi, en, both"):
        open_run("2021-11-07", language="fr")
