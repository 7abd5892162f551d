"""Settings of an organisation (`baophu.toml`) and parameters of one run, read once, checked and frozen."""

import dataclasses
import os
import tomllib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from analysis.earlier_runs import DAY, find_compared, find_previous
from analysis.errors import RequestError
from analysis.intake.headers.typed import check_typed_headers
from analysis.reference import code_text, read_units
from analysis.reference.printed_text import check_printed, parse_reason
from analysis.reference.product_facts import DUE_WINDOWS
from analysis.spark.address import DUCKDB, parse_engine

SETTINGS_FILE = "baophu.toml"
_PACKAGE = Path(__file__).resolve().parent
# What travels with the modules (notebooks, lock, example settings): in a clone the clone, in a wheel a folder of the package.
SHIPPED = _PACKAGE / "project" if (_PACKAGE / "project").is_dir() else _PACKAGE.parents[1]
NONE = "-"  # as `previous` or `settings`: none, even where the default would find one
MAX_SETTINGS_BYTES = 64 * 1024
# A key of a table of a table, and a list: deeper there is nothing to set.
MAX_SETTINGS_DEPTH = 4
# What each whole number may be.
RANGES = {
    "feedback_service_hours": (1, 8_760),
    "entry_rate_per_person_day": (1, 10_000),
    "stale_after_days": (1, 366),
    "keep_runs": (1, 1_000),
    "cell_timeout_minutes": (1, 10_080),
}
# What `--language` gives: the pages' language and a second one.
LANGUAGES = {"vi": ("vi", ""), "en": ("en", ""), "both": ("vi", "en")}
LONGEST_DUE_WINDOW_DAYS = 3_660
FIRST_DOSE_IN_COUNTRY = date(2021, 3, 8)  # first injections in Viet Nam, 8/3/2021 (sources in-2)


def project_folder() -> Path | None:
    """Return the project that the working folder lies in, where a notebook looks for data and settings.

    It is the nearest folder upwards that holds `baophu.toml`, or the clone, else the clone; None where the
    programme is installed and no project is near.
    """
    start = Path.cwd()
    clone = None if SHIPPED.parent == _PACKAGE else SHIPPED
    above = (p for p in (start, *start.parents) if p == clone or (p / SETTINGS_FILE).is_file())
    return next(above, clone)


@dataclass(frozen=True)
class Settings:
    """What an organisation may set; defaults are those of November 2021.

    `due_windows` gives, per product, days after the previous dose in which the next one is due
    (sources due-2). `birth_year_only_month_day` is the day a birth
    known only to the year counts as. `second_language` has every unit's documents made once more
    (`02-ha-giang.en.html`). `signed_as`, `signer` and `recipients` close the organisation's own documents.
    `population_sources` lists denominators in order of preference; empty means: the source of the latest reference
    date. `headers` gives, per folder of the intake, headers as an organisation writes them (letters and digits only)
    and their fields. `hook` is a program with its arguments that is told how a run ended.
    """

    organisation: str = "Bộ Y tế"
    signed_as: tuple[str, ...] = ()
    signer: str = ""
    recipients: tuple[str, ...] = ()
    language: str = "vi"
    second_language: str = ""
    birth_year_only_month_day: str = "07-01"
    population_sources: tuple[str, ...] = ()
    feedback_service_hours: int = 48
    entry_rate_per_person_day: int = 150
    stale_after_days: int = 8
    keep_runs: int = 12
    cell_timeout_minutes: int = 360
    hook: tuple[str, ...] = ()
    due_windows: dict[str, tuple[int, int]] = field(default_factory=DUE_WINDOWS.copy)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)


def _checked_value(name: str, value: Any, default: Any) -> Any:
    """Return a settings value with the type of its default, or refuse it."""
    if name == "headers":
        return check_typed_headers(value)
    if isinstance(default, tuple):
        if isinstance(value, list) and all(isinstance(v, str) for v in value):
            return tuple(value)
    elif isinstance(default, dict):
        pairs = value.items() if isinstance(value, dict) else ()
        if pairs and all(_is_window(v) for _, v in pairs):
            return default | {k: (v[0], v[1]) for k, v in pairs}
    elif type(value) is type(default):
        return value
    raise RequestError(f"settings: '{name}' has the wrong type; see docs/baophu.example.toml")


def _is_window(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(type(v) is int and v >= 0 for v in value)
        and value[0] <= value[1] <= LONGEST_DUE_WINDOW_DAYS
    )


def read_settings(path: Path | None) -> Settings:
    """Read `baophu.toml`; None or a missing default file gives the defaults.

    Raises RequestError for unknown keys, wrong types, values out of range, TOML that does not parse or nests too
    deep, or a file over 64 kB.
    """
    if path is None:
        return Settings()
    if not path.is_file():
        raise RequestError("settings: the file given with --settings does not exist; check the path")
    given = _parse(path)
    defaults = Settings()
    known = {f.name for f in dataclasses.fields(Settings)}
    unknown = sorted(set(given) - known)
    if unknown:
        raise RequestError(f"settings: unknown key '{unknown[0]}'; known keys: {', '.join(sorted(known))}")
    values = {name: _checked_value(name, value, getattr(defaults, name)) for name, value in given.items()}
    return _checked_settings(dataclasses.replace(defaults, **values))


def _parse(path: Path) -> dict[str, Any]:
    """Return what a settings file holds; raises RequestError."""
    with path.open("rb") as file:
        data = file.read(MAX_SETTINGS_BYTES + 1)
    if len(data) > MAX_SETTINGS_BYTES:
        raise RequestError("settings: the file is larger than 64 kB; settings are a short TOML file")
    try:
        given = tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, a number of thousands of digits, depth
        raise RequestError(
            "settings: the file is not valid TOML in UTF-8; correct it and try again"
        ) from error
    if _is_deeper(given, MAX_SETTINGS_DEPTH):
        raise RequestError("settings: tables and lists are nested too deep; see docs/baophu.example.toml")
    return given


def _is_deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return bool(inner) and (levels == 0 or any(_is_deeper(each, levels - 1) for each in inner))


def _checked_settings(settings: Settings) -> Settings:
    """Refuse values that no rule of the analysis could use."""
    if settings.language not in ("vi", "en"):
        raise RequestError("settings: 'language' is 'vi' or 'en'")
    if settings.second_language not in ("", "vi", "en") or settings.second_language == settings.language:
        raise RequestError("settings: 'second_language' is the other of 'vi' and 'en', or empty")
    try:
        date.fromisoformat(f"2000-{settings.birth_year_only_month_day}")
    except ValueError as error:
        raise RequestError("settings: 'birth_year_only_month_day' is written MM-DD") from error
    for name, (lowest, highest) in RANGES.items():
        if not lowest <= getattr(settings, name) <= highest:
            raise RequestError(f"settings: '{name}' is a whole number from {lowest} to {highest}")
    for name in ("organisation", "signed_as", "signer", "recipients"):
        check_printed(name, getattr(settings, name))
    return settings


@dataclass(frozen=True)
class RunParameters:
    """One run: what is read, what is written, and for which day.

    `processed` is the run's own folder (`data/processed/<as-of>`); `previous` the folder of the last
    earlier run, if any, whose decisions go on. `provinces` is empty for a whole-country run. `settings_file` is
    what the settings were read from, if anything. `accept_change` is a person's reason for publishing although
    the intake changed beyond belief. `engine` is where tables are made (spark/address.py); no figure depends on it.
    No clock is read anywhere below.
    """

    as_of: date
    raw: Path
    processed: Path
    previous: Path | None
    reports: Path
    provinces: tuple[str, ...]
    memory_limit: str
    threads: int
    settings: Settings
    settings_file: Path | None = None
    accept_change: str = ""
    engine: str = DUCKDB

    @property
    def compared(self) -> Path | None:
        """Folder of the last earlier run whose counts this one is compared with (earlier_runs.py)."""
        return find_compared(self.previous, self.provinces)

    @property
    def restricted(self) -> Path:
        """Folder of personal data: never read by trends or briefing."""
        return self.processed / "restricted"

    @property
    def aggregate(self) -> Path:
        """Folder of counts."""
        return self.processed / "aggregate"


def parse_as_of(text: str) -> date:
    """Read an `as_of` date written YYYY-MM-DD; raises RequestError."""
    try:
        # Python also reads 20211107 and 2021-W44-7, which are as easily meant otherwise.
        as_of = date.fromisoformat(text if DAY.fullmatch(text) else "")
    except ValueError as error:
        raise RequestError("--as-of: write the date as YYYY-MM-DD, for example 2021-11-07") from error
    if as_of < FIRST_DOSE_IN_COUNTRY:
        raise RequestError("--as-of: the campaign began on 2021-03-08; give that day or a later one")
    return as_of


def parse_provinces(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Check two-digit province codes against the unit table; raises RequestError naming the valid ones."""
    valid = sorted(set(read_units()["province_code"]))
    if any(code not in valid for code in codes):
        raise RequestError(f"--province: a two-digit GSO code is needed, one of {' '.join(valid)}")
    return tuple(sorted(set(codes)))


def open_run(
    as_of: str,
    raw: str = "",
    processed: str = "",
    previous: str = "",
    reports: str = "",
    provinces: str | int = "",
    memory_limit: str = "4GB",
    threads: int = 0,
    settings: str = "",
    engine: str = "",
    accept_change: str | None = None,
    home: Path | None = None,
    language: str = "",
) -> RunParameters:
    """Turn the plain parameters of a notebook or of the command line into RunParameters.

    Both open a run here, so that both carry the same decisions on and read the same settings. Empty text means
    the default: the folders `data/raw/<as-of>`, `data/processed/<as-of>` and `reports` below `home`, as `previous`
    the latest earlier finished run beside the processed folder, as settings `baophu.toml` in `home` where it
    exists; threads 0: all cores. `previous` or `settings` NONE: without. `provinces` is text with blanks between
    the codes ("02 04"). `home` is by default the project (`project_folder`): JupyterLab opens a notebook in
    `notebooks/`; the command line gives its working folder. `language` (vi, en, both)
    wins over the settings'. `engine`: empty means DuckDB. Raises RequestError for what cannot be used.
    """
    home = home or project_folder() or Path.cwd()
    day = parse_as_of(as_of)
    folder = Path(processed) if processed else home / "data/processed" / day.isoformat()
    file = _default_or(settings, home / SETTINGS_FILE if (home / SETTINGS_FILE).is_file() else None)
    return RunParameters(
        as_of=day,
        raw=Path(raw) if raw else home / "data/raw" / day.isoformat(),
        processed=folder,
        previous=_checked_previous(_default_or(previous, find_previous(folder.parent, day))),
        reports=Path(reports) if reports else home / "reports",
        provinces=parse_provinces(tuple(code_text(provinces).split())),
        memory_limit=memory_limit,
        threads=threads or os.cpu_count() or 1,
        settings=_in_language(read_settings(file), language),
        settings_file=file,
        accept_change=parse_reason(accept_change),
        engine=parse_engine(engine),
    )


def _in_language(settings: Settings, language: str) -> Settings:
    if not language:
        return settings
    if language not in LANGUAGES:
        raise RequestError(f"--language: one of {', '.join(LANGUAGES)}")
    first, second = LANGUAGES[language]
    return dataclasses.replace(settings, language=first, second_language=second)


def _default_or(given: str, default: Path | None) -> Path | None:
    if given == NONE:
        return None
    return Path(given) if given else default


def _checked_previous(previous: Path | None) -> Path | None:
    if previous is not None and not previous.is_dir():
        raise RequestError("--previous: the folder does not exist; give an earlier data/processed/<as-of>")
    return previous
