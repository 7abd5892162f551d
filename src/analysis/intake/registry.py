"""The extract of the population registry, read through one function by reconcile and coverage."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from analysis.engine import make_private_folder, sql_path
from analysis.errors import IntakeError
from analysis.intake.folder import list_files
from analysis.intake.schemas import typed_key
from analysis.safeguards.run_record import code_hashes, hash_text
from analysis.settings import RunParameters

REQUIRED = ("citizen_id", "full_name", "birth_date", "sex", "permanent_commune_code", "life_status")
OPTIONAL = (
    "old_id_numbers",
    "ethnicity_code",
    "current_commune_code",
    "death_date",
    "id_card_issued_on",
)
_COUNTED = "SELECT count(*), count(*) FILTER (NOT usable) FROM registry_read"


def view_registry(con: duckdb.DuckDBPyConnection, run: RunParameters) -> bool:
    """Make the view `registry`, one row per citizen, and return True; False when the intake has none.

    Columns of contract 2.2 as text, dates as DATE, `old_id_numbers` as a list, `current_commune_code`
    filled with the permanent one, `birth_precision`, `name_key` and `name_accented` as in `doses`.
    Raises IntakeError when a registry is given but cannot be read.
    """
    given = run.raw / "registry"
    if not given.is_dir():
        return False
    files = list_files(given)
    if not files:
        raise IntakeError("registry: the folder is empty; put the extract there or remove the folder")
    folder = run.restricted / "spill"
    make_private_folder(folder)
    kept = folder / f"registry-{_signature(files, run)}.parquet"
    if not kept.is_file():
        _write_registry(con, files, kept, run.settings.headers.get("registry", {}))
    con.execute(f"CREATE OR REPLACE VIEW registry AS SELECT * FROM read_parquet({sql_path(kept)})")
    return True


def _signature(files: list[Path], run: RunParameters) -> str:
    """Return a name for these files as they are now and what reads them: a later stage finds what was read."""
    facts = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    code = {name: digest for name, digest in code_hashes().items() if name.startswith(("intake/", "clean/"))}
    return hash_text([facts, code, run.settings.headers.get("registry", {})])[:16]


def _write_registry(
    con: duckdb.DuckDBPyConnection, files: list[Path], target: Path, typed: Mapping[str, str]
) -> None:
    # Imported here: the clean stage itself imports this package.
    from analysis.clean.typed_values import build_name_lookup

    part = target.with_suffix(".part")
    try:
        _view_read(con, files, typed)
        _refuse_unusable(con)
        build_name_lookup(con, "registry_names", "SELECT DISTINCT full_name FROM registry_read WHERE usable")
        con.execute(f"COPY ({_registry_query()}) TO {sql_path(part)} (FORMAT parquet, COMPRESSION lz4)")
        _keep_one_row_a_citizen(con, part)
    except duckdb.Error as error:
        raise IntakeError(
            "registry: the extract cannot be read to its end; ask for it again as .parquet or .csv in UTF-8"
        ) from error
    finally:
        for name in ("registry_names", "registry_read"):
            con.execute(f"DROP {'VIEW' if name == 'registry_read' else 'TABLE'} IF EXISTS {name}")
    part.replace(target)


def _view_read(con: duckdb.DuckDBPyConnection, files: list[Path], typed: Mapping[str, str]) -> None:
    """Make the view `registry_read`: the files' columns as text, and whether the citizen's number is one."""
    parts = " UNION ALL ".join(
        f"SELECT {_text_columns(con, path, typed)} FROM {_source(path)}" for path in files
    )
    con.execute(
        "CREATE OR REPLACE VIEW registry_read AS SELECT * REPLACE (lpad(citizen_id, 12, '0') AS citizen_id), "
        "coalesce(regexp_full_match(citizen_id, '[0-9]{9,12}'), false) AND full_name IS NOT NULL AS usable "
        f"FROM ({parts})"
    )


def _source(path: Path) -> str:
    with path.open("rb") as file:
        is_parquet = file.read(4) == b"PAR1"
    if is_parquet:
        return f"read_parquet({sql_path(path)})"
    compression = "gzip" if path.name.lower().endswith(".gz") else "none"
    return (
        f"read_csv({sql_path(path)}, all_varchar = true, header = true, quote = '\"', "
        f"compression = '{compression}', strict_mode = true)"
    )


def _text_columns(con: duckdb.DuckDBPyConnection, path: Path, typed: Mapping[str, str]) -> str:
    """Return SQL for the registry's columns of one file as text; raises IntakeError naming a missing one.

    `typed` gives the fields of headers as the settings have them.
    """
    names = [str(row[0]) for row in con.execute(f"DESCRIBE FROM {_source(path)}").fetchall()]
    found = {name.strip().lower(): name for name in names}
    found |= {typed[typed_key(name)]: name for name in names if typed_key(name) in typed}
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        raise IntakeError(
            f"registry: '{path.name}' has no column '{missing[0]}'; see the README for its columns"
        )
    return ", ".join(
        f"nullif(trim(CAST(\"{found[name]}\" AS VARCHAR)), '') AS {name}"
        if name in found
        else f"CAST(NULL AS VARCHAR) AS {name}"
        for name in (*REQUIRED, *OPTIONAL)
    )


def _refuse_unusable(con: duckdb.DuckDBPyConnection) -> None:
    """Raise IntakeError for an empty registry or one whose numbers are not those of citizens."""
    rows, unusable = con.execute(_COUNTED).fetchall()[0]
    if not rows or unusable * 100 > rows:
        raise IntakeError(
            f"registry: {unusable} of {rows} rows have no citizen number of 12 digits or no name; "
            "ask for the extract again"
        )


def _registry_query() -> str:
    birth = "regexp_extract(birth_date, '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?')"
    return f"""
      SELECT citizen_id, coalesce(regexp_extract_all(old_id_numbers, '[0-9]{{9}}'), []) AS old_id_numbers,
        names.nfc AS full_name, nullif({birth}, '') AS birth_date,
        CASE length({birth}) WHEN 10 THEN 'day' WHEN 7 THEN 'month' WHEN 4 THEN 'year' END AS birth_precision,
        CASE WHEN lower(sex) = 'nam' THEN 'Nam' WHEN lower(nfc_normalize(sex)) IN ('nữ', 'nu') THEN 'Nữ' END AS sex,
        lpad(ethnicity_code, 2, '0') AS ethnicity_code,
        lpad(permanent_commune_code, 5, '0') AS permanent_commune_code,
        lpad(coalesce(current_commune_code, permanent_commune_code), 5, '0') AS current_commune_code,
        coalesce(lower(life_status), 'alive') AS life_status,
        TRY_CAST(left(death_date, 10) AS DATE) AS death_date,
        TRY_CAST(left(id_card_issued_on, 10) AS DATE) AS id_card_issued_on,
        names.name_key, names.name_accented
      FROM registry_read JOIN registry_names AS names ON names.t0 = registry_read.full_name WHERE usable"""


def _keep_one_row_a_citizen(con: duckdb.DuckDBPyConnection, part: Path) -> None:
    """Write the extract again without further rows of one number, so that nobody is counted twice.

    An extract that is in order, the usual case, is only counted: the sort is for the other.
    """
    read = f"FROM read_parquet({sql_path(part)})"
    repeated = con.execute(f"SELECT count(*) - count(DISTINCT citizen_id) {read}").fetchall()[0][0]
    if repeated:
        once = part.with_suffix(".once")
        con.execute(
            f"COPY (SELECT * {read} QUALIFY row_number() OVER "
            "(PARTITION BY citizen_id ORDER BY life_status, full_name, birth_date) = 1) "
            f"TO {sql_path(once)} (FORMAT parquet, COMPRESSION lz4)"
        )
        once.replace(part)
