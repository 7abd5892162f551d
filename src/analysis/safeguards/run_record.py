"""What a run was made from and what it made: hashes of inputs, code, parameters and outputs."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from analysis import __version__
from analysis.disclosure.releases import releases_beside_run
from analysis.errors import CheckError, readable_name
from analysis.pipeline import TABLE_STAGES, Stage
from analysis.safeguards.disks import flush
from analysis.safeguards.folders import walk_files
from analysis.safeguards.reached_code import PACKAGE, run_files, stage_files
from analysis.settings import RunParameters
from analysis.tables import TABLES

RECORDED_PACKAGES = (
    "duckdb",
    "pandas",
    "numpy",
    "scipy",
    "matplotlib",
    "papermill",
    "nbconvert",
    "typst",
    "python-docx",
    "python-pptx",
    "xlsxwriter",
)
# The counts of the previous run that `week_change` looks at.
COMPARED = ("quality", "place_counts", "entry_progress", "coverage", "verification", "forecast")

# Settings that no figure depends on, and that may name a place of this machine.
OF_THE_MACHINE = ("cell_timeout_minutes", "hook")
# Settings that stand on the pages alone.
OF_THE_PAGES = ("language", "second_language", "signed_as", "signer", "recipients")

Hashes = dict[str, str]
LEADS_NOWHERE = "a link that leads nowhere"  # in place of a hash


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hash_text(value: Any) -> str:
    """Return the SHA-256 of a JSON-able value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def hash_folder(folder: Path) -> Hashes:
    """Return relative path → SHA-256 of every file below a folder, through links too; a missing folder has none."""
    return {
        readable_name(path.relative_to(folder).as_posix()): hash_file(path)
        if path.is_file()
        else LEADS_NOWHERE
        for path in walk_files(folder)
    }


def folder_hashes(files: Hashes) -> Hashes:
    """Return folder → one hash of all files below it: whether a folder changed, not which file nor what it is called.

    Folders an intake knows, and those of earlier runs (`previous`, `compared`, `released`); `other` for all else.
    """
    known = {
        "previous",
        "compared",
        "released",
        *(folder for stage in TABLE_STAGES for folder in stage.intake),
    }
    folders: dict[str, Hashes] = {}
    for name, digest in files.items():
        first, _, below = name.partition("/")
        folders.setdefault(first if below and first in known else "other", {})[name] = digest
    return {folder: hash_text(below) for folder, below in sorted(folders.items())}


@cache
def _code_hash(path: Path) -> str:
    return hash_notebook(path) if path.suffix == ".ipynb" else hash_file(path)


def _named_hashes(files: frozenset[Path]) -> Hashes:
    """Return the hashes of files of the package and of stage notebooks, by their names there."""
    # Notebooks lie beside the package in a clone and inside it in a wheel: one name, one run id.
    own = {
        p: f"notebooks/{p.name}" if p.suffix == ".ipynb" else p.relative_to(PACKAGE).as_posix() for p in files
    }
    return {own[path]: _code_hash(path) for path in sorted(files)}


def code_hashes() -> Hashes:
    """Return the hashes of what a run is made from: what the job and the stages reach (reached_code.py)."""
    return _named_hashes(run_files())


def hash_notebook(path: Path) -> str:
    """Return the hash of a notebook's cells: outputs left by an analyst do not change the code."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return hash_text([[c["cell_type"], "".join(c["source"])] for c in cells])


def stage_code(stage: Stage) -> Hashes:
    """Return the hashes of the code a stage's tables are made from, its notebook included."""
    return _named_hashes(stage_files(stage))


def versions() -> dict[str, str]:
    """Return the versions that may change a figure or a byte."""
    return {"baophu": __version__} | {name: metadata.version(name) for name in RECORDED_PACKAGES}


def analysis_parameters(run: RunParameters) -> dict[str, Any]:
    """Return the parameters that figures depend on: no path, no memory limit, no number of workers.

    Not the reason for accepting a change either: it stands on the pages, but no table depends on it. Nor settings
    that are about the machine or the pages alone.
    """
    left_out = (*OF_THE_MACHINE, *OF_THE_PAGES)
    settings = {name: value for name, value in asdict(run.settings).items() if name not in left_out}
    return {"as_of": run.as_of.isoformat(), "provinces": list(run.provinces), "settings": settings}


def page_parameters(run: RunParameters) -> dict[str, Any]:
    """Return the parameters that the published files depend on."""
    parameters = analysis_parameters(run)
    shown = {name: value for name, value in asdict(run.settings).items() if name in OF_THE_PAGES}
    return parameters | {"settings": parameters["settings"] | shown, "accept_change": run.accept_change}


def shown_parameters(run: RunParameters) -> dict[str, Any]:
    """Return the parameters as the manifest gives them: of an organisation's own headers only their fields."""
    parameters = page_parameters(run)
    own = {folder: sorted(headers.values()) for folder, headers in run.settings.headers.items()}
    return parameters | {"settings": parameters["settings"] | {"headers": own}}


def compared_record(run: RunParameters, names: tuple[str, ...] = COMPARED) -> Hashes:
    """Return the hashes of the earlier run's counts that this one is compared with, or of named ones.

    Of the files themselves: counts stay usable after a week's restricted folder was deleted.
    """
    folder = run.compared / "aggregate" if run.compared else Path()
    files = {name: folder / f"{name}.parquet" for name in names} if run.compared else {}
    return {f"compared/{name}": hash_file(path) for name, path in files.items() if path.is_file()}


def published_record(run: RunParameters) -> Hashes:
    """Return the hash of what the previous run noted of its protected tables: this one's are held against them."""
    path = run.previous / "public" / "disclosure.json" if run.previous else Path()
    return {"previous/public/disclosure.json": hash_file(path)} if path.is_file() else {}


def released_record(run: RunParameters) -> Hashes:
    """Return the hashes of the releases whose figures this run's are held against."""
    return {f"released/{run_id}": hash_file(path) for run_id, path in releases_beside_run(run).items()}


def previous_record(run: RunParameters) -> Hashes:
    """Return the recorded output hashes of the previous run, as inputs of this one."""
    record = read_record(run.previous / "restricted" / "run" / "1_clean.json") if run.previous else None
    return {f"previous/{k}": v for k, v in record["outputs"].items()} if record else {}


def run_identity(run: RunParameters, inputs: Hashes) -> str:
    """Return the run id: the as-of date and 8 digits of the hash of inputs, code and parameters."""
    before = previous_record(run) | compared_record(run) | published_record(run) | released_record(run)
    key = hash_text([inputs, before, code_hashes(), versions(), page_parameters(run)])
    return f"{run.as_of}-{key[:8]}"


def inputs_of(run: RunParameters, inputs: Hashes) -> Hashes:
    """Return all files a run is made from: the intake's and those of earlier weeks."""
    earlier = (previous_record(run), compared_record(run), published_record(run), released_record(run))
    return inputs | {name: digest for files in earlier for name, digest in files.items()}


def made_from(run: RunParameters, run_id: str, inputs: Hashes) -> dict[str, Any]:
    """Return what a manifest says of a run's making: its id and day, parameters, versions, code and inputs."""
    return {
        "run_id": run_id,
        "as_of": run.as_of.isoformat(),
        "parameters": shown_parameters(run),
        "versions": versions(),
        "code": hash_text(code_hashes()),
        "inputs": folder_hashes(inputs_of(run, inputs)),
    }


def stage_key(stage: Stage, run: RunParameters, inputs: Hashes) -> str:
    """Return the hash of everything a stage's tables depend on."""
    from_intake = {n: d for n, d in inputs.items() if n.split("/")[0] in stage.intake}
    from_tables = {name: hash_file(TABLES[name].path(run)) for name in stage.reads}
    before = previous_record(run) if stage.number == 1 else compared_record(run, stage.previous)
    return hash_text(
        [from_intake, from_tables, before, stage_code(stage), versions(), analysis_parameters(run)]
    )


def record_path(run: RunParameters, name: str) -> Path:
    """Return the file that records a finished stage of a run."""
    return run.restricted / "run" / f"{name}.json"


def read_record(path: Path) -> dict[str, Any] | None:
    """Read a stage record; None when there is none or it was cut off."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and {"key", "outputs"} <= set(record) else None


def write_record(path: Path, key: str, outputs: Hashes) -> None:
    """Record a finished stage: the key it was made from and the hashes of what it made."""
    write_json(path, {"key": key, "outputs": outputs})


def write_json(path: Path, value: Any, *, is_flushed: bool = False) -> None:
    """Write JSON so that the file appears whole or not at all; with `is_flushed` also when the power goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    if is_flushed:
        flush(part)
    part.replace(path)


def is_up_to_date(path: Path, key: str, folder: Path) -> bool:
    """Tell whether a recorded stage was made from `key` and all of its outputs stand in `folder` as recorded."""
    record = read_record(path)
    if record is None or record["key"] != key:
        return False
    return all((folder / name).is_file() for name in record["outputs"]) and not changed_outputs(path, folder)


def changed_outputs(path: Path, folder: Path, names: Iterable[str] | None = None) -> list[str]:
    """Return the outputs of a recorded stage that stand in `folder`, but not as the stage made them.

    A notebook run by hand, or any other hand, leaves such tables. One that is gone was not changed. With `names`
    only those are looked at.
    """
    outputs = _recorded_outputs(path, names)
    present = [name for name in outputs if (folder / name).is_file()]
    return [name for name in present if hash_file(folder / name) != outputs[name]]


def _recorded_outputs(path: Path, names: Iterable[str] | None = None) -> Hashes:
    """Return name → hash of what a stage recorded (of named outputs, if any are named), sorted."""
    record = read_record(path)
    outputs: Hashes = record["outputs"] if record else {}
    return {name: outputs[name] for name in sorted(outputs if names is None else set(names) & set(outputs))}


def check_outputs(path: Path, folder: Path, names: Iterable[str] | None = None) -> int:
    """Return how many outputs of a recorded stage (of named ones, if any are named) stand in `folder`.

    Raises CheckError for one that was changed since it was recorded, or a count that is gone: rows of persons
    may have been deleted in time, counts are never.
    """
    outputs = _recorded_outputs(path, names)
    gone = [name for name in outputs if not (folder / name).is_file()]
    wrong = changed_outputs(path, folder, outputs) + [n for n in gone if n.startswith("aggregate/")]
    if wrong:
        raise CheckError(
            f"{folder.name}/{wrong[0]} is not what stage {path.stem} made: it was changed afterwards; "
            "`baophu run` of that week makes it again"
        )
    return len(outputs) - len(gone)


def check_tables(processed: Path) -> int:
    """Return how many tables of a run's folder are as its stages recorded them; raises CheckError."""
    records = [processed / "restricted" / "run" / f"{stage.name}.json" for stage in TABLE_STAGES]
    return sum(check_outputs(record, processed) for record in records)


def check_carried(run: RunParameters) -> None:
    """Raise CheckError when the decisions to be carried on are not those that the earlier run recorded."""
    if run.previous:
        record = run.previous / "restricted" / "run" / "1_clean.json"
        check_outputs(record, run.previous, ["restricted/decisions.parquet"])


def output_hashes(folder: Path, names: Iterable[str]) -> Hashes:
    """Return the hashes of named files of a folder."""
    return {name: hash_file(folder / name) for name in names}
