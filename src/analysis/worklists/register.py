"""The register of lists issued, in the restricted zone: which line stands for which record, and its hash.

A file a list: its head in the first line, its lines in the second. It alone ties a returned answer to a
record; a returned file is never believed about that.
"""

import hashlib
import json
import re
import unicodedata
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from analysis.engine import make_private_folder
from analysis.errors import CheckError
from analysis.safeguards.keys import write_private
from analysis.settings import RunParameters
from analysis.worklists.lines import RecordKey

VALID_DAYS = 30  # a list lives this long; what it asks has then changed
LIST_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class IssuedLine:
    """One printed line: the section it stands in, the record it is about, the hash of its printed cells.

    `codes`: the keyed hashes of the codes the row was issued with (row_codes.py).
    """

    section: str
    key: RecordKey
    digest: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class IssuedList:
    """One list as it was issued: its id, run, unit and kind, its days, its closed file, and its lines.

    `code_key` is what the rows' codes are hashed with; "" for a list from before rows had codes.
    """

    list_id: str
    run_id: str
    as_of: date
    unit_code: str
    kind: str
    issued_on: date
    fingerprint: str
    file_name: str
    lines: dict[str, IssuedLine]
    code_key: str = ""

    @property
    def expires_on(self) -> date:
        """Return the last day on which answers are taken."""
        return self.issued_on + timedelta(days=VALID_DAYS)


def lists_folder(run: RunParameters) -> Path:
    """Return the private folder of a run's closed lists."""
    return run.restricted / "worklists"


def bundles_folder(run: RunParameters) -> Path:
    """Return the private folder of a run's bundles (bundles.py)."""
    return lists_folder(run) / "bundles"


def remove_stale_bundles(run: RunParameters) -> None:
    """Remove the bundles that hold a list which is no longer there: wiped, or made again for another envelope."""
    for path in bundles_folder(run).glob("*.zip"):
        with ZipFile(path) as bundle:
            closed = [name for name in bundle.namelist() if LIST_ID.match(name)]
        if not all((lists_folder(run) / name).is_file() for name in closed):
            path.unlink()


def _issued_folder(run: RunParameters) -> Path:
    return lists_folder(run) / "issued"


def make_list_id(run_id: str, unit_code: str, kind: str) -> str:
    """Return a neutral name for a list: the same for the same run, unit and kind, and telling none of them."""
    return hashlib.sha256(f"{run_id}|{unit_code}|{kind}".encode()).hexdigest()[:12]


def make_reference(list_id: str, number: int) -> str:
    """Return the printed name of a line: the list's beginning and the line's number."""
    return f"{list_id[:6]}-{number:04d}"


def digest_cells(cells: list[str]) -> str:
    """Return the hash of a line's printed cells, whatever a spreadsheet program did to blanks."""
    tidy = [" ".join(unicodedata.normalize("NFC", cell).split()) for cell in cells]
    return hashlib.sha256("\x1f".join(tidy).encode()).hexdigest()


def write_issued(run: RunParameters, issued: IssuedList) -> None:
    """Keep an issued list; the register appears whole or not at all."""
    folder = _issued_folder(run)
    make_private_folder(lists_folder(run))
    make_private_folder(folder)
    head: dict[str, Any] = {
        "list_id": issued.list_id,
        "run_id": issued.run_id,
        "as_of": issued.as_of.isoformat(),
        "unit_code": issued.unit_code,
        "kind": issued.kind,
        "issued_on": issued.issued_on.isoformat(),
        "fingerprint": issued.fingerprint,
        "file_name": issued.file_name,
        "code_key": issued.code_key,
    }
    lines = {
        ref: {
            "section": line.section,
            "digest": line.digest,
            "key": line.key.kept(),
            "codes": list(line.codes),
        }
        for ref, line in issued.lines.items()
    }
    parts = [json.dumps(part, ensure_ascii=False, sort_keys=True) for part in (head, lines)]
    write_private(folder / f"{issued.list_id}.jsonl", "\n".join(parts).encode())


def read_issued(run: RunParameters, list_id: str, *, head_only: bool = False) -> IssuedList | None:
    """Return an issued list, with `head_only` without its lines; None when this run issued none of that name.

    Raises CheckError when the register is damaged.
    """
    path = _issued_folder(run) / f"{list_id}.jsonl"
    if not LIST_ID.fullmatch(list_id) or not path.is_file():
        return None
    try:
        with path.open(encoding="utf-8") as stream:
            head = json.loads(stream.readline())
            printed = {} if head_only else json.loads(stream.readline())
        days = {name: date.fromisoformat(head[name]) for name in ("as_of", "issued_on")}
        lines = {
            ref: IssuedLine(
                line["section"], RecordKey(**line["key"]), line["digest"], tuple(line.get("codes", ()))
            )
            for ref, line in printed.items()
        }
        return IssuedList(**(head | days | {"lines": lines}))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckError(
            f"worklists/issued/{path.name}: damaged; make the list again and have it answered anew"
        ) from error


@dataclass(frozen=True)
class GivenAnswer:
    """What was last answered to a line: its choice, the hash of choice and value, and whether it was a decision.

    `line` is the line's own digest: a list that was made anew may hold another line under the same reference.
    """

    choice: str
    digest: str
    is_decided: bool
    line: str


def read_given(run: RunParameters, issued: IssuedList) -> dict[str, GivenAnswer]:
    """Return reference → what was last answered to it; raises CheckError when the record of it is damaged."""
    path = _issued_folder(run) / f"{issued.list_id}.answers.json"
    if not path.is_file():
        return {}
    try:
        given = {ref: GivenAnswer(**one) for ref, one in json.loads(path.read_bytes()).items()}
    except (OSError, ValueError, TypeError) as error:
        raise CheckError(
            f"worklists/issued/{path.name}: damaged; remove it and take the list's answers back again"
        ) from error
    return {
        ref: one for ref, one in given.items() if ref in issued.lines and issued.lines[ref].digest == one.line
    }


def keep_given(run: RunParameters, issued: IssuedList, given: dict[str, GivenAnswer]) -> None:
    """Keep what was answered so far beside the list, for its later answers and for the progress of its unit."""
    text = json.dumps({ref: asdict(one) for ref, one in sorted(given.items())}, sort_keys=True)
    write_private(_issued_folder(run) / f"{issued.list_id}.answers.json", text.encode())


def issued_ids(run: RunParameters) -> list[str]:
    """Return the ids of all lists this run has issued and not wiped."""
    return sorted(path.stem for path in _issued_folder(run).glob("*.jsonl"))


def remove_closed(run: RunParameters, list_id: str) -> None:
    """Remove a list's closed files, of whatever envelope."""
    for path in lists_folder(run).glob(f"{list_id}.*"):
        path.unlink(missing_ok=True)


def remove_list(run: RunParameters, list_id: str) -> None:
    """Remove a list's closed files and its register."""
    remove_closed(run, list_id)
    for name in (f"{list_id}.jsonl", f"{list_id}.answers.json"):
        (_issued_folder(run) / name).unlink(missing_ok=True)
