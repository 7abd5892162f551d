"""What people decided about records: `decisions/`, a few dozen a province, every kind (interfaces, decisions/).

Commune police and health stations decide from 1/11/2021 on. Decisions are right: they follow the truth.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from analysis.simulate.campaign.doses import PRODUCTS, Doses
from analysis.simulate.country.country import Country
from analysis.simulate.country.people import People
from analysis.simulate.country.residents import CITIZEN, UNREGISTERED
from analysis.simulate.days import EPOCH, NEVER
from analysis.simulate.draws import Bools, Draws, Ids, Ints, number_ids
from analysis.simulate.files.exports import WrittenPart
from analysis.simulate.files.registry import birth_texts
from analysis.simulate.files.row_cells import CellWriter
from analysis.simulate.typing.error_draws import error_bit
from analysis.simulate.typing.typed_doses import ORIGINAL
from analysis.simulate.typing.typed_numbers import CCCD

HEADER = [
    "decision_id", "dose_record_id", "source_file", "source_row", "as_of", "decision", "citizen_id",
    "field", "value",
    "ground", "decided_by", "decided_on",
]  # fmt: skip
FIRST_DAY = (date(2021, 11, 1) - EPOCH).days
# Decisions of each kind by the end of the campaign: of a province simulated alone, and of each of many.
WANTED_ALONE, WANTED_OF_MANY = 80, 4
_BY_ROW_ONLY = 0.15  # decisions that name the row instead of the record id
_WITHDRAWN = 0.03
_GROUNDS = ("đối chiếu sổ hộ khẩu", "công dân xuất trình CCCD", "xác minh tại thôn", "phản ánh của công dân")
_REASONS = ("deferred", "contraindicated", "refused", "absent")


def _decided_on(draws: Draws, ids: Ids, after: Ints) -> Ints:
    return np.maximum(after + 3, FIRST_DAY) + draws.below("decided on", ids, 12)


_KINDS = (
    "same_person",
    "not_in_registry",
    "delete_dose",
    "different_person",
    "correct_value",
    "correct_value",
)
_SAME, _ABSENT, _DELETE, _DIFFERENT, _BIRTH, _SEX, _NONE = range(7)


def _kinds(writer: CellWriter) -> Ints:
    """Return the kind of decision every row could get (an index into _KINDS, _NONE: nothing to decide)."""
    rows, typed, people = writer.rows, writer.typed, writer.people
    errors = typed.errors[rows.typing]
    relative = ((errors & error_bit("id_of_relative")) > 0) & (typed.id_kind[rows.typing] == CCCD)
    birth = (errors & (error_bit("birth_digit_wrong") | error_bit("birth_year_wrong"))) > 0
    sex = (errors & error_bit("sex_wrong")) > 0
    held = people.kind[rows.person] == CITIZEN
    return np.select(
        [people.kind[rows.person] == UNREGISTERED, rows.copy != ORIGINAL, held & relative, held & birth,
        held & sex,
         held & ~writer.agreement.all_four[rows.typing]],
        [_ABSENT, _DELETE, _DIFFERENT, _BIRTH, _SEX, _SAME], _NONE,
    )  # fmt: skip


def _chosen(draws: Draws, ids: Ids, kinds: Ints, wanted: int) -> Bools:
    """Choose rows to decide on: about `wanted` of every kind over the whole campaign."""
    counts = np.bincount(kinds, minlength=_NONE + 1)
    chance = np.minimum(wanted / np.maximum(counts, 1), 0.5)
    chance[_NONE] = 0.0
    return draws.chance("decided", ids, chance[kinds])


def _content(people: People, writer: CellWriter, row: int, kind: int) -> list[str]:
    """Return decision, citizen_id, field and value for one record."""
    who, typing = int(writer.rows.person[row]), int(writer.rows.typing[row])
    if kind == _DIFFERENT:
        return [_KINDS[kind], str(writer.typed.id_read[typing]), "", ""]
    if kind == _BIRTH:
        birth = birth_texts(people.birth_day[[who]], people.birth_precision[[who]])[0]
        return [_KINDS[kind], "", "birth_date", str(birth)]
    if kind == _SEX:
        return [_KINDS[kind], "", "sex", "Nữ" if people.sex[who] else "Nam"]
    return [_KINDS[kind], str(people.citizen_id[who]) if kind == _SAME else "", "", ""]


def _on_records(
    writer: CellWriter, part: WrittenPart, chosen: Ints, kinds: Ints, as_of: date
) -> Iterator[tuple[int, list[str], int]]:
    """Yield (sort number, decision without id and dates, day decided) for records of one part."""
    people, draws = writer.people, writer.draws
    ids = writer.rows.ids[part.rows[chosen]]
    days = _decided_on(draws, ids, writer.entry_day[part.rows[chosen]])
    by_row = draws.chance("decision by row", ids, _BY_ROW_ONLY)
    grounds = draws.below("ground", ids, len(_GROUNDS))
    record = writer.record_ids(part.rows[chosen])
    has_id = "dose_record_id" not in part.dialect.omitted
    for place, at in enumerate(chosen.tolist()):
        row = int(part.rows[at])
        content = _content(people, writer, row, int(kinds[row]))
        named = has_id and not by_row[place]
        where = (
            [str(record[place]), "", "", ""]
            if named
            else ["", part.source_file, str(part.source_row[at]), str(as_of)]
        )
        commune = writer.places.codes[2][writer.rows.site_commune[row]]
        who = f"CA-{commune}" if content[0] != "delete_dose" else f"TYT-{commune}"
        cells = [*where, *content, _GROUNDS[grounds[place]], who]
        yield int(ids[place] % np.uint64(10**12)), cells, int(days[place])


def _added_doses(
    country: Country, people: People, doses: Doses, draws: Draws, day: int, share: float
) -> Iterator[tuple[int, list[str], int]]:
    """Yield decisions to add doses that never reached the platform."""
    lost = (doses.entry_day >= NEVER) & (doses.day < day - 20) & (people.kind[doses.person] == 0)
    rows = np.flatnonzero(lost & draws.chance("dose added", doses.ids, share))
    days = _decided_on(draws, doses.ids[rows], doses.day[rows] + 20)
    codes = country.communes["commune_code"].to_numpy(dtype=object)
    for row, decided in zip(rows.tolist(), days.tolist(), strict=True):
        given = np.datetime64(int(doses.day[row]), "D")
        value = f"{PRODUCTS[doses.product[row]]}|{doses.number[row]}|{given}"
        citizen = str(people.citizen_id[doses.person[row]])
        who = f"TYT-{codes[people.commune[doses.person[row]]]}"
        cells = ["", "", "", "", "add_dose", citizen, "", value, "giấy xác nhận đã tiêm", who]
        yield int(doses.ids[row] % np.uint64(10**12)), cells, decided


def _not_invited(
    country: Country, people: People, first_day: Ints, draws: Draws, day: int, share: float
) -> Iterator[tuple[int, list[str], int]]:
    """Yield decisions not to invite people who have no dose."""
    waiting = (people.kind == 0) & (people.age >= 18) & (first_day > day) & (people.death_day > day)
    rows = np.flatnonzero(waiting & draws.chance("not invited", people.ids, share))
    days = _decided_on(draws, people.ids[rows], np.full(len(rows), FIRST_DAY))
    why = draws.below("why not invited", people.ids[rows], len(_REASONS))
    codes = country.communes["commune_code"].to_numpy(dtype=object)
    for row, reason, decided in zip(rows.tolist(), why.tolist(), days.tolist(), strict=True):
        who = f"TYT-{codes[people.commune[row]]}"
        cells = ["", "", "", "", "do_not_invite", str(people.citizen_id[row]), "", "", _REASONS[reason], who]
        yield int(people.ids[row] % np.uint64(10**12)), cells, decided


def draw_decisions(
    country: Country,
    writer: CellWriter,
    parts: list[WrittenPart],
    doses: Doses,
    first_day: Ints,
    as_of: date,
    alone: bool,
) -> list[list[str]]:
    """Return a province's decisions up to `as_of`, in the order of HEADER; `first_day` is of first doses."""
    day, draws, people = (as_of - EPOCH).days, writer.draws, writer.people
    wanted = WANTED_ALONE if alone else WANTED_OF_MANY
    kinds = _kinds(writer)
    decided = _chosen(draws, writer.rows.ids, kinds, wanted)
    found: list[tuple[int, list[str], int]] = []
    for part in parts:
        found += _on_records(writer, part, np.flatnonzero(decided[part.rows]), kinds, as_of)
    lost = int((doses.entry_day >= NEVER).sum())
    found += _added_doses(country, people, doses, draws, day, min(3 * wanted / max(lost, 1), 0.5))
    found += _not_invited(country, people, first_day, draws, day, min(8 * wanted / len(people), 0.5))
    return list(_dated(draws, [f for f in found if f[2] <= day], day))


def _dated(draws: Draws, found: list[tuple[int, list[str], int]], day: int) -> Iterator[list[str]]:
    """Yield finished decisions in order; a few are withdrawn a week later by a row of the same id."""
    for number, cells, decided in sorted(found, key=lambda f: (f[2], f[0], f[1][4])):
        identity = f"QD-{number:012d}-{cells[4][:3]}"
        yield [identity, *cells, _iso(decided)]
        seed = number_ids(np.array([number]))
        if draws.chance("withdrawn", seed, _WITHDRAWN)[0] and decided + 7 <= day:
            yield [identity, *cells[:4], "withdrawn", "", "", "", "nhầm người", cells[9], _iso(decided + 7)]


def _iso(day: int) -> str:
    return (EPOCH + timedelta(days=day)).isoformat()
