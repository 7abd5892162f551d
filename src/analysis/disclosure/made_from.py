"""What a run's protected tables are made from, and whether those that stand are made from it."""

import hashlib
from pathlib import Path

from analysis.disclosure.protected import public_folder, read_record
from analysis.disclosure.releases import releases_beside_run
from analysis.safeguards.reached_code import reached_from
from analysis.settings import RunParameters
from analysis.tables import TABLES, Zone

EARLIER = ("previous/", "released/")  # of the names of what is hashed: what was published before
MAKER = Path(__file__).with_name("protect.py")


def _stand(folder: Path, files: dict[str, str]) -> bool:
    """Tell whether all protected tables are there; what they hold is looked at when they are opened."""
    return all((folder / f"{name}.parquet").is_file() for name in files)


def are_made(run: RunParameters) -> bool:
    """Tell whether a run's protected tables are those of its counts, whatever they were held against when made.

    What was published stands: a release later on, or a week opened without the one before it, makes no others.
    """
    record = read_record(run.processed)
    made_from, files = record.get("inputs"), record.get("files")
    if not isinstance(made_from, dict) or not isinstance(files, dict):
        return False
    own = {name: digest for name, digest in made_from.items() if not name.startswith(EARLIER)}
    return own == _hashes(_own_files(run)) | _code() and _stand(public_folder(run), files)


def inputs_of(run: RunParameters) -> dict[str, str]:
    """Return the hashes of the counts, of what was published before and of this package's code."""
    earlier = sorted((run.previous / "public").glob("*.parquet")) if run.previous else []
    files = {f"previous/{path.name}": path for path in earlier}
    files |= {f"released/{run_id}": path for run_id, path in releases_beside_run(run).items()}
    return _hashes(_own_files(run) | files) | _code()


def _own_files(run: RunParameters) -> dict[str, Path]:
    aggregate = [t.path(run) for t in TABLES.values() if t.zone is Zone.AGGREGATE]
    return {f"{path.parent.name}/{path.name}": path for path in aggregate if path.is_file()}


def _hashes(files: dict[str, Path]) -> dict[str, str]:
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(files.items())}


def _code() -> dict[str, str]:
    code = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(reached_from(MAKER))))
    return {"code": code.hexdigest()}
