"""The last look before anything is published: no person of this very run may stand in a byte of it (sources disclosure-8).

From every file all that could be a person's number, name, or name with birth date is picked out, and asked for in the
restricted tables of the run. Numbers and names of all people are asked for, not of a sample, but for one kind:
nine digits that do not begin with 0 may just as well be a count of the country, and every tenth such number is
somebody's; of these a fixed sample of people stands for all.
"""

import hashlib
import re
import shutil
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pandas as pd

from analysis.earlier_runs import forget_mark, read_mark
from analysis.engine import connect, make_private_folder
from analysis.errors import CheckError
from analysis.reference import read_units
from analysis.safeguards.audit_log import Entry, append_entry, audit_log_of
from analysis.safeguards.byte_texts import texts_of
from analysis.safeguards.run_record import write_json
from analysis.settings import RunParameters
from analysis.tables import TABLES, view_table

UNSAFE = "unsafe.json"  # in restricted/run: the run whose documents held a person
SAMPLED_PEOPLE = 2000
LISTED_FILES = 200
MAY_BE_A_COUNT = "[1-9][0-9]{8}"
# The sets come first and what must not stand before them after: so the engine skips to the next capital or digit.
NUMBER = re.compile(
    r"[0-9](?<![0-9A-Za-z][0-9])[0-9]{8,14}(?![0-9A-Za-z])"
    r"|[A-Z](?<![0-9A-Za-z][A-Z])(?:[0-9]{7,8}|[A-Z][0-9]{13})(?![0-9A-Za-z])"
)
_UPPER = "[A-ZÀ-ÖØ-ÝĂĐĨŨƠƯẠ-Ỹ]"
NAME = re.compile(rf"{_UPPER}(?<![^\W_]{_UPPER})[^\W\d_]*(?:[ \u00a0]{_UPPER}[^\W\d_]*)+")
# No number begins so (sources id-1); addresses inside a PDF do, and what is typed for want of a number.
NOBODYS = "000"
DATE = re.compile(r"(?<!\d)(?:(\d\d?)[/.-](\d\d?)[/.-]((?:19|20)\d\d)|((?:19|20)\d\d)-(\d\d)-(\d\d))(?!\d)")
SHORTEST_NAME, LONGEST_NAME = 3, 6  # syllables; two make a name only beside a birth date
NEAR = 80  # characters between a name and its birth date
NUMBERS = {
    "citizens": ("citizen_id", "unnest(old_id_numbers)"),
    "doses": ("id_number", "id_number_typed", "phone", "health_insurance_number", "dose_record_id"),
    "roster_rows": ("id_number", "id_number_typed", "phone", "health_insurance_number"),
}

Found = dict[str, set[str]]  # what could be a person's → the files in which it stands


def refuse_persons(run: RunParameters, run_id: str, folder: Path, beside: Mapping[str, Path]) -> None:
    """Search a folder that is to be published, and files `beside` it (what its pictures show), by the names given.

    Raises CheckError when a person of the run stands in one: the folder is moved into the restricted zone, the
    run marked unsafe, and the files, never the person, written to the audit log.
    """
    files = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}
    found = persons_in(run, {**files, **beside})
    mark = run.restricted / "run" / UNSAFE
    if not found:
        mark.unlink(missing_ok=True)
        return
    forget_mark(run.processed)
    write_json(mark, {"run_id": run_id, "files": found})
    kept = run.restricted / "unsafe" / run_id
    shutil.rmtree(kept, ignore_errors=True)
    make_private_folder(kept.parent)
    shutil.move(folder, kept)
    entry: Entry = {"event": "persons_found", "as_of": run.as_of.isoformat(), "run_id": run_id}
    listed = dict(list(found.items())[:LISTED_FILES])
    append_entry(audit_log_of(run.processed), {**entry, "number_of_files": len(found), "files": listed})
    first, more = next(iter(found)), f" and {len(found) - 1} more" if len(found) > 1 else ""
    raise CheckError(
        f"{first}{more}: data of a person stand in it; nothing was published, the run is marked unsafe and its files "
        f"are kept in restricted/unsafe: report this line, the audit log lists the files"
    )


def persons_in(run: RunParameters, files: Mapping[str, Path]) -> dict[str, int]:
    """Return name of file → how many values of persons of the run stand in it, for the files that hold any."""
    search = Search(_known_names(run))
    held: dict[str, set[str]] = {}  # a text's digest → the files in which it stands: many stand in hundreds
    for shown, path in files.items():
        for text in (shown, *texts_of(path.read_bytes())):
            digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
            if digest not in held:
                search.read(text, digest)
            held.setdefault(digest, set()).add(shown)
    counts: dict[str, int] = {}
    for digests in _ask(run, search):
        for shown in set().union(*(held[digest] for digest in digests)):
            counts[shown] = counts.get(shown, 0) + 1
    return dict(sorted(counts.items()))


class Search:
    """What of the texts read could be a person's, each with the files in which it stands.

    `numbers` of identity, insurance, telephone or record; `names`: three to six words with capitals, folded;
    `dated`: two to six such words with a date near them, as `name|YYYY-MM-DD`. Of `known` names there are none.
    """

    def __init__(self, known: frozenset[str] = frozenset()) -> None:
        self.numbers: Found = {}
        self.names: Found = {}
        self.dated: Found = {}
        self._known = known
        self._parts: dict[str, list[str]] = {}

    def read(self, text: str, shown: str) -> None:
        """Pick out what could be a person's in one text of the file that is shown by that name."""
        for number in NUMBER.findall(text):
            if number.startswith(NOBODYS):
                continue
            self.numbers.setdefault(number, set()).add(shown)
        for match in NAME.finditer(text):
            parts = self._unknown_parts(match.group())
            if not parts:
                continue
            days = _days_near(text, match.start(), match.end())
            for name in parts:
                if name.count(" ") + 1 >= SHORTEST_NAME:
                    self.names.setdefault(name, set()).add(shown)
                for day in days:
                    self.dated.setdefault(f"{name}|{day}", set()).add(shown)

    def _unknown_parts(self, words: str) -> list[str]:
        """Return what of neighbouring words with capitals could be a name; remembered, as pages repeat themselves."""
        if words not in self._parts:
            self._parts[words] = [n for n in _parts(_folded(words), 2) if n not in self._known]
        return self._parts[words]


def _days_near(text: str, start: int, end: int) -> set[str]:
    """Return the days written near a name."""
    days: set[str] = set()
    near = text[max(0, start - NEAR) : start] + "\n" + text[end : end + NEAR]
    if "19" not in near and "20" not in near:  # no year
        return days
    for match in DATE.finditer(near):
        day, month, year, iso_year, iso_month, iso_day = match.groups()
        days.add(f"{year or iso_year}-{int(month or iso_month):02d}-{int(day or iso_day):02d}")
    return days


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).replace("\u00a0", " ").lower()


def _parts(words: str, shortest: int) -> Iterator[str]:
    """Yield every run of neighbouring words that is long enough for a name, and short enough."""
    listed = words.split(" ")
    for size in range(shortest, min(len(listed), LONGEST_NAME) + 1):
        yield from (" ".join(listed[i : i + size]) for i in range(len(listed) - size + 1))


@cache
def _unit_names() -> frozenset[str]:
    """Return the parts of the names of all units: streets, communes and a district bear people's names."""
    columns = [name for name in read_units().columns if name.endswith("_name")]
    names = {str(name) for column in columns for name in read_units()[column].dropna().unique()}
    return frozenset(part for name in names for part in _parts(_folded(name), 2))


def _known_names(run: RunParameters) -> frozenset[str]:
    """Return what may stand on a page although somebody bears it: units, and what an operator wrote there."""
    note = str(read_mark(run.processed).get("note", ""))
    written = (run.settings.organisation, run.accept_change, note)
    return _unit_names() | {part for text in written for part in _parts(_folded(text), 2)}


def _ask(run: RunParameters, search: Search) -> list[set[str]]:
    """Return the files of every value that the restricted tables hold."""
    held: set[tuple[str, str]] = set()
    asked = {"number": search.numbers, "name": search.names, "dated": search.dated}
    with connect(run) as con:
        for kind, found in asked.items():
            con.register("asked_values", pd.DataFrame({"value": sorted(found)}, dtype="str"))
            con.execute(f"CREATE TEMP TABLE asked_{kind} AS SELECT value FROM asked_values")
            con.unregister("asked_values")
        for table, columns in NUMBERS.items():
            if TABLES[table].path(run).is_file():
                view_table(con, table, run)
                for kind, query in _held_queries(table, columns).items():
                    held |= {(kind, str(value)) for (value,) in con.execute(query).fetchall()}
    return [asked[kind][value] for kind, value in sorted(held)]


def _held_queries(table: str, columns: tuple[str, ...]) -> dict[str, str]:
    """Return for each kind the query of the asked values that a table holds."""
    numbers = " UNION ALL ".join(f"SELECT {column} AS held FROM {table}" for column in columns)
    share = f"(SELECT greatest(1, count(*) // {SAMPLED_PEOPLE}) FROM {table})"
    born = "split_part(value, '|', 1) = name_accented AND split_part(value, '|', 2) = birth_date"
    return {
        "number": f"SELECT value FROM asked_number SEMI JOIN ({numbers}) ON held = value "
        f"WHERE NOT regexp_full_match(value, '{MAY_BE_A_COUNT}') OR hash(value) % {share} = 0 ORDER BY value",
        "name": f"SELECT value FROM asked_name SEMI JOIN {table} ON name_accented = value ORDER BY value",
        "dated": f"SELECT value FROM asked_dated SEMI JOIN {table} ON {born} ORDER BY value",
    }
