"""What goes wrong when a record is typed: one function a mistake, its share beside it."""

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta


@dataclass(frozen=True)
class Person:
    """One registry citizen: what the extract says of him."""

    citizen_id: str
    old_numbers: tuple[str, ...]
    name: str
    birth: str
    sex: str
    commune: str
    ethnicity: str = "01"


@dataclass
class Record:
    """What is typed about a person; `mistakes` names what went wrong."""

    name: str
    birth: str
    sex: str
    number: str
    commune: str
    phone: str
    mistakes: list[str] = field(default_factory=list)


@dataclass
class Country:
    """Where a mistake finds its material: relatives by household, communes by district, all people."""

    rng: random.Random
    kin: dict[tuple[str, str], list[Person]]
    communes: dict[str, tuple[str, str]]
    neighbours: dict[str, list[str]]
    people: list[Person]
    middles: list[str]


def shifted(birth: str, years: int, rng: random.Random, precise: bool = True) -> str:
    """Return a birth date some years on: on another day of the year, or as the year alone."""
    year = int(birth[:4]) + years
    return str(date(year, 1, 2) + timedelta(days=rng.randrange(360))) if precise else str(year)


def bare(text: str) -> str:
    """Return text without accents."""
    text = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(c for c in text if not unicodedata.combining(c))


# --- The mistakes. Each changes one record of one person. ---


def relatives_number(r: Record, p: Person, c: Country) -> None:
    """A wife gives her husband's number, a parent registers a child (portal: "đăng ký cho người thân")."""
    others = [k for k in c.kin[(p.commune, p.name.split()[0])] if k.citizen_id != p.citizen_id]
    if others:
        k = c.rng.choice(others)
        r.number = c.rng.choice((k.citizen_id, *k.old_numbers))


def strangers_number(r: Record, p: Person, c: Country) -> None:
    """The clerk copies the line above."""
    r.number = c.rng.choice(c.people).citizen_id


def unknown_old_number(r: Record, p: Person, c: Country) -> None:
    """A CMND of another province, never written into the registry (numbers change with every move)."""
    r.number = f"{c.rng.randrange(10**8, 4 * 10**8):09d}"


def own_old_number(r: Record, p: Person, c: Country) -> None:
    if p.old_numbers:
        r.number = p.old_numbers[-1]


def no_number(r: Record, p: Person, c: Country) -> None:
    r.number = c.rng.choice(("", "", "", "0", "khong co", r.phone))


def digit_of_number(r: Record, p: Person, c: Country) -> None:
    if not r.number.isdigit():
        return
    i = c.rng.randrange(len(r.number))
    if c.rng.random() < 0.4 and i:
        r.number = r.number[: i - 1] + r.number[i] + r.number[i - 1] + r.number[i + 1 :]
    else:
        r.number = r.number[:i] + str(c.rng.randrange(10)) + r.number[i + 1 :]


def zeros_of_number(r: Record, p: Person, c: Country) -> None:
    r.number = r.number.lstrip("0")


def other_middle_name(r: Record, p: Person, c: Country) -> None:
    """Renamed after the first child, or the register and the card differ."""
    parts = r.name.split()
    if len(parts) >= 3:
        r.name = " ".join((parts[0], c.rng.choice(c.middles), *parts[2:]))


def no_middle_name(r: Record, p: Person, c: Country) -> None:
    parts = r.name.split()
    if len(parts) >= 3:
        r.name = f"{parts[0]} {parts[-1]}"


# Sounds that regions spell alike (North: ch/tr, s/x, d/r/gi, l/n; South: v/d, n/ng, t/c, hỏi/ngã).
SOUNDS = (
    ("Tr", "Ch"), ("Ch", "Tr"), ("S", "X"), ("X", "S"), ("Gi", "D"), ("D", "Gi"), ("R", "D"), ("L", "N"),
    ("V", "D"), ("ng", "n"), ("n", "ng"), ("t", "c"), ("c", "t"), ("ỹ", "ĩ"), ("ý", "í"), ("y", "i"),
    ("ả", "ã"), ("ễ", "ể"), ("ũ", "ủ"), ("ợ", "ọ"), ("â", "ă"), ("u", "o"), ("iê", "yê"),
)  # fmt: skip


def spelt_by_ear(r: Record, p: Person, c: Country) -> None:
    parts = r.name.split()
    at = c.rng.choice((len(parts) - 1, len(parts) - 1, len(parts) // 2))
    options = [(a, b) for a, b in SOUNDS if a in parts[at]]
    if options:
        a, b = c.rng.choice(options)
        parts[at] = parts[at].replace(a, b, 1)
        r.name = " ".join(parts)


def slip_of_key(r: Record, p: Person, c: Country) -> None:
    """A letter doubled, lost or exchanged with its neighbour."""
    i = c.rng.randrange(1, len(r.name) - 1)
    r.name = c.rng.choice(
        (
            r.name[:i] + r.name[i] + r.name[i:],
            r.name[:i] + r.name[i + 1 :],
            r.name[: i - 1] + r.name[i] + r.name[i - 1] + r.name[i + 1 :],
        )
    )


def without_accents(r: Record, p: Person, c: Country) -> None:
    r.name = bare(r.name)


def called_otherwise(r: Record, p: Person, c: Country) -> None:
    """The name used at home instead of the registered one."""
    r.name = " ".join((*r.name.split()[:-1], c.rng.choice(("Tý", "Cu", "Bé", "Hai", "Út", "Còi"))))


def year_for_birthday(r: Record, p: Person, c: Country) -> None:
    r.birth = c.rng.choice((r.birth[:4], f"{r.birth[:4]}-01-01"))


def day_and_month_swapped(r: Record, p: Person, c: Country) -> None:
    year, *rest = r.birth.split("-")
    if len(rest) == 2 and int(rest[1]) <= 12:
        r.birth = f"{year}-{rest[1]}-{rest[0]}"


def wrong_birth_part(r: Record, p: Person, c: Country) -> None:
    """A lunar date, a year counted from one, a decade slipped, a day misread."""
    parts = r.birth.split("-")
    if len(parts) == 3:
        at = c.rng.choice((0, 0, 1, 2))
        low, high = ((-2, 2), (1, 12), (1, 28))[at]
        parts[at] = (
            f"{int(parts[0]) + c.rng.choice((low, -1, 1, high, 10))}"
            if at == 0
            else (f"{c.rng.randint(low, high):02d}")
        )
        parts[2] = min(parts[2], "28")
        r.birth = "-".join(parts)


def any_birthday(r: Record, p: Person, c: Country) -> None:
    r.birth = shifted(r.birth, c.rng.randrange(-8, 9), c.rng)


def no_birthday(r: Record, p: Person, c: Country) -> None:
    r.birth = ""


def other_sex(r: Record, p: Person, c: Country) -> None:
    r.sex = "Nam" if r.sex == "Nữ" else "Nữ"


def no_sex(r: Record, p: Person, c: Country) -> None:
    r.sex = ""


def neighbour_commune(r: Record, p: Person, c: Country) -> None:
    r.commune = c.rng.choice(c.neighbours[p.commune])


def lives_elsewhere(r: Record, p: Person, c: Country) -> None:
    """A worker at the factory's address, which the registry does not know."""
    r.commune = c.rng.choice(("25747", "26041", "27640", "09154", "06991"))


def no_place(r: Record, p: Person, c: Country) -> None:
    r.commune = ""


Mistake = Callable[[Record, Person, Country], None]
MISTAKES: tuple[tuple[float, Mistake], ...] = (
    (0.015, relatives_number),
    (0.001, strangers_number),
    (0.07, unknown_old_number),
    (0.15, own_old_number),
    (0.06, no_number),
    (0.02, digit_of_number),
    (0.02, zeros_of_number),
    (0.02, other_middle_name),
    (0.015, no_middle_name),
    (0.02, spelt_by_ear),
    (0.01, slip_of_key),
    (0.03, without_accents),
    (0.003, called_otherwise),
    (0.04, year_for_birthday),
    (0.01, day_and_month_swapped),
    (0.02, wrong_birth_part),
    (0.002, any_birthday),
    (0.002, no_birthday),
    (0.01, other_sex),
    (0.005, no_sex),
    (0.03, neighbour_commune),
    (0.02, lives_elsewhere),
    (0.005, no_place),
)


def _others_of_the_family(p: Person, c: Country) -> list[Person]:
    return [other for other in c.kin[(p.commune, p.name.split()[0])] if other.citizen_id != p.citizen_id]


def relatives_birthday(r: Record, p: Person, c: Country) -> None:
    if family := _others_of_the_family(p, c):
        birth = c.rng.choice(family).birth
        r.birth = birth if c.rng.random() < 0.6 else birth[:4]


def relatives_name(r: Record, p: Person, c: Country) -> None:
    if family := _others_of_the_family(p, c):
        r.name = c.rng.choice(family).name


def relatives_number_and_birthday(r: Record, p: Person, c: Country) -> None:
    if family := _others_of_the_family(p, c):
        other = c.rng.choice(family)
        r.number, r.birth = other.citizen_id, other.birth


def figures_of_year_exchanged(r: Record, p: Person, c: Country) -> None:
    year = r.birth[:2] + r.birth[2:4][::-1]
    if len(r.birth) >= 4 and int(year) <= 2009:
        r.birth = year + r.birth[4:]


def borrowed(copied: float) -> tuple[tuple[float, Mistake], ...]:
    """Return four further mistakes, of rows that borrow from a relative; `copied`: the share with number and birthday."""
    return (
        (0.004, relatives_birthday),
        (0.002, relatives_name),
        (copied, relatives_number_and_birthday),
        (0.003, figures_of_year_exchanged),
    )


def type_record(person: Person, country: Country, further: tuple[tuple[float, Mistake], ...] = ()) -> Record:
    """Type one record of a person, each mistake by its own chance."""
    rng = country.rng
    # A household registers with one telephone.
    phone = f"09{abs(hash_of(person.commune + person.name.split()[0]) + rng.randrange(40)) % 10**8:08d}"
    record = Record(person.name, person.birth, person.sex, person.citizen_id, person.commune, phone)
    for share, mistake in (*MISTAKES, *further):
        if rng.random() < share:
            before = replace(record, mistakes=[])
            mistake(record, person, country)
            if replace(record, mistakes=[]) != before:
                record.mistakes.append(mistake.__name__)
    return record


def hash_of(text: str) -> int:
    """Return a number of a text that is the same in every run."""
    return random.Random(text).randrange(10**8)
