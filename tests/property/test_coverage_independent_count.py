"""The stage's figures equal a separate count of the same invented week, made person by person in Python.

The count below shares no code with the package: it asks of every person, unit and day in turn what the
set-based SQL answers at once.
"""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from coverage_samples import (
    COMMUNE,
    HANOI_COMMUNE,
    OTHER_COMMUNE,
    PLACES,
    SAME_DISTRICT_COMMUNE,
    Counts,
    Row,
    Week,
    citizen,
    count_sample,
    denominator,
    dose,
    report,
)

AS_OF = date(2021, 11, 7)
COMMUNES = (COMMUNE, SAME_DISTRICT_COMMUNE, OTHER_COMMUNE, HANOI_COMMUNE)
PRODUCTS = ("AstraZeneca", "Comirnaty", "Vero Cell", "Janssen", "Abdala", "unknown")
GROUPS = {"all": (0, 999), "5-11": (5, 11), "12-17": (12, 17), "18+": (18, 999), "50+": (50, 999)}
GROUPS["65+"] = (65, 999)
SEEDS = (1,)
UNITS = ["VN", "01", "001", HANOI_COMMUNE, "02", "024", "026", COMMUNE, SAME_DISTRICT_COMMUNE, OTHER_COMMUNE]


def random_week(seed: int) -> Week:
    """Make a week of about 90 people in three communes of Hà Giang and one of Hà Nội."""
    rng = random.Random(seed)
    citizens = [_citizen(rng, f"{i:012d}") for i in range(90)]
    doses = [d for c in citizens for d in _doses(rng, c)]
    doses += [_loose(rng) for _ in range(25)]
    doses += [_undated(rng, c) for c in citizens[::3]] + [_undated(rng, None) for _ in range(5)]
    reports = [_report(rng, day) for day in range(0, 200, 3) for _ in range(2)]
    population = [denominator(code, rng.randint(5, 60)) for code in ("02", "024", "026", "VN", COMMUNE)]
    population += [denominator("02", 77, "all"), denominator("026", 0, "50+")]
    decisions = [{"decision": "add_dose", "citizen_id": "000000000007", "value": "Comirnaty|1|2021-07-01"}]
    unique = {
        (r["report_date"], r["province_code"], r["district_code"], r["reporting_body"]): r for r in reports
    }
    return Week(doses, citizens, list(unique.values()), population, decisions)


def _citizen(rng: random.Random, citizen_id: str) -> Row:
    birth = date(rng.choice((1940, 1960, 1971, 1985, 2000, 2003, 2004, 2009, 2010)), 1, 1)
    text = (birth + timedelta(days=rng.randint(0, 364))).isoformat()
    text = text[: rng.choice((10, 10, 10, 7, 4))]
    death = rng.choice((None, None, None, None, "2021-09-30", "2021-10-10"))
    home = rng.choice(COMMUNES)
    return citizen(
        citizen_id,
        text,
        home,
        current_commune_code=rng.choice((home, home, rng.choice(COMMUNES))),
        life_status="dead" if death else "alive",
        death_date=death,
    )


def _doses(rng: random.Random, person: Row) -> list[Row]:
    rows, day = [], date(2021, 5, 1) + timedelta(days=rng.randint(0, 120))
    product = rng.choice(PRODUCTS)
    for number in range(1, rng.randint(0, 3) + 1):
        entered = day + timedelta(days=rng.randint(0, 30))
        if entered > AS_OF:
            break
        rows.append(
            dose(
                person["citizen_id"],
                day.isoformat(),
                rng.choice((number, number, None)),
                vaccine=rng.choice((product, product, rng.choice(PRODUCTS))),
                entry_date=rng.choice((entered.isoformat(), None)),
                commune=rng.choice((person["permanent_commune_code"], rng.choice(COMMUNES))),
                given=rng.choice(COMMUNES),
                birth_date=rng.choice((person["birth_date"], None)),
                link_status=rng.choice(("verified", "matched")),
                duplicate_of=rng.choice((None,) * 9 + ("a:1",)),
                source_file=f"platform/{rng.choice(('02', '01'))}.csv",
            )
        )
        day += timedelta(days=rng.randint(14, 70))
    return rows


def _loose(rng: random.Random) -> Row:
    day = date(2021, 6, 1) + timedelta(days=rng.randint(0, 150))
    return dose(
        None,
        day.isoformat(),
        rng.choice((1, 2, 3, None)),
        vaccine=rng.choice(PRODUCTS),
        link_status=rng.choice(("not_in_registry", "insufficient", "clerical_review", "out_of_scope")),
        commune=rng.choice((*COMMUNES, None)),
        given=rng.choice(COMMUNES),
        birth_date=rng.choice(("1980-05-05", "2005", None)),
    )


def _undated(rng: random.Random, person: Row | None) -> Row:
    entered = date(2021, 6, 1) + timedelta(days=rng.randint(0, 150))
    return dose(
        person and person["citizen_id"],
        rng.choice((None, "2020-05-05", "2021-12-30")),  # type: ignore[arg-type]
        rng.choice((1, 2, 3, None)),
        vaccine=rng.choice(PRODUCTS),
        commune=rng.choice(COMMUNES),
        entry_date=rng.choice((entered.isoformat(), None)),
        is_counted=False,
    )


def _report(rng: random.Random, day: int) -> Row:
    return report(
        (date(2021, 5, 1) + timedelta(days=day)).isoformat(),
        rng.randint(-1, 6),
        rng.randint(0, 4),
        district_code=rng.choice((None, "024", "026")),
        reporting_body=rng.choice(("province", "province", "army")),
        doses_allocated=rng.randint(0, 20),
    )


def birth_day(text: str | None) -> date | None:
    if text is None:
        return None
    return date.fromisoformat({4: f"{text}-07-01", 7: f"{text}-15"}.get(len(text), text))


def in_group(group: str, birth: str | None, day: date, unknown: bool = False) -> bool:
    born = birth_day(birth)
    if born is None:
        return unknown or group == "all"
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return GROUPS[group][0] <= age <= GROUPS[group][1]


def units_of(commune: str | None) -> set[str]:
    return {"VN", commune, *PLACES[commune]} if commune else {"VN"}


def place_units(row: Row, prefix: str = "") -> set[str]:
    codes = {row.get(f"{prefix}{level}_code") for level in ("province", "district", "commune")}
    return {"VN"} | {c for c in codes if c}


def statuses(doses: list[tuple[str, str, int | None]], day: date) -> set[str]:
    """What a person's doses prove on a day: (vaccination day, product, number)."""
    given = [d for d in doses if date.fromisoformat(d[0]) <= day]
    if not given:
        return set()
    proven = {"at_least_one"}
    numbers = [n for _, _, n in given if n is not None]
    needed = 3 if all(p == "Abdala" for _, p, _ in given) else 2
    if any(p == "Janssen" for _, p, _ in given) or max([len(given), *numbers]) >= needed:
        proven.add("primary_complete")
    return proven


def completes(known: list[tuple[str, str, int | None]], undated: Row) -> bool:
    """Tell whether one more dose of unknown day completes a series that is not complete."""
    if "primary_complete" in statuses(known, AS_OF):
        return False
    needed = 3 if {p for _, p, _ in known} | {undated["vaccine"]} == {"Abdala"} else 2
    so_far = max([len(known), *(n for _, _, n in known if n is not None)])
    return undated["vaccine"] == "Janssen" or max(so_far + 1, undated["dose_number"] or 0) >= needed


class PlainCount:
    """The count by hand: loops over people, rows and days."""

    def __init__(self, week: Week) -> None:
        self.undated = [d for d in week.doses if not d["is_counted"]]
        self.week = replace(week, doses=[d for d in week.doses if d["is_counted"]])
        self.doses: dict[str, list[tuple[str, str, int | None]]] = defaultdict(list)
        for d in self.week.doses:
            if d["citizen_id"] and not d.get("duplicate_of"):
                self.doses[d["citizen_id"]].append((d["vaccination_date"], d["vaccine"], d["dose_number"]))
        for x in week.decisions:
            product, number, day = x["value"].split("|")
            known = self.doses[x["citizen_id"]]
            if not any(d == day or n == int(number) for d, _, n in known):
                known.append((day, product, int(number)))

    def reconciled(self, unit: str, day: date, group: str, status: str) -> int:
        return sum(
            status in statuses(self.doses[c["citizen_id"]], day) for c in self.residents(unit, day, group)
        )

    def residents(self, unit: str, day: date, group: str) -> list[Row]:
        return [
            c
            for c in self.week.citizens
            if unit in units_of(c["current_commune_code"])
            and (c["death_date"] is None or date.fromisoformat(c["death_date"]) > day)
            and in_group(group, c["birth_date"], day)
        ]

    def recorded(self, unit: str, day: date, group: str, status: str) -> int:
        number = {"at_least_one": 1, "primary_complete": 2}[status]
        return sum(
            d["dose_number"] == number
            and unit in place_units(d)
            and in_group(group, d["birth_date"], day)
            and date.fromisoformat(d["vaccination_date"]) <= day
            for d in self.week.doses
        )

    def open_rows(self, unit: str, day: date, group: str, status: str) -> int:
        total = 0
        for d in self.week.doses:
            if d["link_status"] not in ("not_in_registry", "insufficient", "clerical_review"):
                continue
            last = d["dose_number"] and d["dose_number"] >= (3 if d["vaccine"] == "Abdala" else 2)
            proves = status == "at_least_one" or d["vaccine"] == "Janssen" or bool(last)
            where = place_units(d) if d["province_code"] else place_units(d, "place_given_")
            total += (
                proves
                and unit in where
                and in_group(group, d["birth_date"], day, unknown=True)
                and date.fromisoformat(d["vaccination_date"]) <= day
            )
        return total

    def undated_people(self, unit: str, day: date, group: str, status: str) -> int:
        """Count who may have reached a status by a dose whose day cannot be used, one a person or a row of nobody."""
        homes = {c["citizen_id"] for c in self.residents(unit, day, group)}
        total = 0
        for d in self.undated:
            if date.fromisoformat(d["entry_date"] or AS_OF.isoformat()) > day:
                continue
            known = self.doses[d["citizen_id"]] if d["citizen_id"] else []
            if d["citizen_id"] is None:
                here = unit in place_units(d) and in_group(group, d["birth_date"], day)
            else:
                here = d["citizen_id"] in homes and (
                    d["dose_number"] is None or d["dose_number"] not in {n for _, _, n in known}
                )
            total += here and (not known if status == "at_least_one" else completes(known, d))
        return total

    def reported(self, unit: str, day: date, column: str) -> int | None:
        """The province body's cumulative count; a day's province row beats its district rows."""
        rows = [r for r in self.week.reports if r["reporting_body"] == "province"]
        rows = [r for r in rows if date.fromisoformat(r["report_date"]) <= AS_OF]
        if unit in ("024", "026"):
            chosen = [r for r in rows if r["district_code"] == unit]
        else:
            whole = {r["report_date"] for r in rows if r["district_code"] is None}
            chosen = [r for r in rows if r["district_code"] is None or r["report_date"] not in whole]
        values = [r[column] for r in chosen if date.fromisoformat(r["report_date"]) <= day]
        return sum(values) if chosen else None


@pytest.fixture(scope="module", params=SEEDS)
def counted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    week = random_week(request.param)
    return PlainCount(week), count_sample(week, tmp_path_factory.mktemp("plain"))


def test_every_reconciled_and_recorded_figure(counted: tuple[PlainCount, Counts]) -> None:
    plain, counts = counted
    seen = 0
    for row in counts.rows("coverage", unit_code=UNITS):
        unit, day, group, status = (
            row[k] for k in ("unit_code", "reference_date", "age_group", "series_status")
        )
        if row["basis"] == "reported" or status in ("additional", "booster") or row["people"] is None:
            continue
        if row["basis"] == "reconciled":
            assert row["people"] == plain.reconciled(unit, day, group, status), row
            assert row["people_low"] == row["people"]
            most = plain.open_rows(unit, day, group, status) + plain.undated_people(unit, day, group, status)
            assert row["people_high"] - row["people"] == most, row
            if row["registry_population"] is not None:
                assert row["registry_population"] == len(plain.residents(unit, day, group))
        else:
            assert row["people"] == plain.recorded(unit, day, group, status), row
        seen += row["people"] > 0
    assert seen > 300


def test_other_units_have_nobody(counted: tuple[PlainCount, Counts]) -> None:
    _, counts = counted
    others = f"people > 0 AND unit_code NOT IN ({', '.join(map(repr, UNITS))})"
    assert counts.table("coverage", others) == []


def test_every_reported_figure(counted: tuple[PlainCount, Counts]) -> None:
    plain, counts = counted
    columns = {"at_least_one": "dose_1", "primary_complete": "dose_2"}
    rows = [
        r for r in counts.rows("coverage", basis="reported") if r["unit_code"] in ("VN", "02", "024", "026")
    ]
    assert rows
    for row in rows:
        column = columns.get(row["series_status"])
        expected = column and plain.reported(row["unit_code"], row["reference_date"], column)
        assert row["people"] == expected, row


def test_every_percentage_is_rounded_half_up(counted: tuple[PlainCount, Counts]) -> None:
    _, counts = counted
    given = counts.table("coverage", "people IS NOT NULL AND (population IS NOT NULL OR people > 0)")
    for row in given:
        for whole, percent in (
            ("population", "coverage_pct"),
            ("registry_population", "coverage_registry_pct"),
        ):
            expected = None
            if row[whole]:
                share = Decimal(100) * row["people"] / row[whole]
                expected = share.quantize(Decimal("0.01"), ROUND_HALF_UP)
            assert row[percent] == expected
    assert any(r["coverage_pct"] and r["coverage_pct"] > 100 for r in given)


def test_every_entry_figure(counted: tuple[PlainCount, Counts]) -> None:
    plain, counts = counted
    rows = counts.rows("entry_progress", unit_code=["02", "024", "026", "01", "001"])
    assert rows
    for row in rows:
        day = row["reference_date"]
        here = [d for d in plain.week.doses if row["unit_code"] in place_units(d, "place_given_")]
        entered = [d for d in here if date.fromisoformat(d["entry_date"] or d["vaccination_date"]) <= day]
        delays = sorted(
            (date.fromisoformat(d["entry_date"]) - date.fromisoformat(d["vaccination_date"])).days
            for d in entered
            if d["entry_date"]
        )
        middle = delays[(len(delays) - 1) // 2] + delays[len(delays) // 2] if delays else None
        week_ago = day - timedelta(days=7)
        assert row["doses_recorded"] == len(entered)
        assert row["duplicate_doses"] == sum(bool(d.get("duplicate_of")) for d in entered)
        assert row["median_entry_days"] == (None if middle is None else Decimal(middle) / 2)
        assert row["doses_entered_last_7_days"] == sum(
            d["entry_date"] is not None and week_ago < date.fromisoformat(d["entry_date"]) for d in entered
        )
        assert row["doses_administered"] == plain.reported(row["unit_code"], day, "doses_administered") or (
            row["unit_code"] in ("01", "001")
        )


def test_every_bridge_adds_up_and_its_steps_are_the_plain_ones(counted: tuple[PlainCount, Counts]) -> None:
    plain, counts = counted
    home = {c["citizen_id"]: units_of(c["current_commune_code"]) for c in plain.week.citizens}
    bridges: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for row in counts.rows("coverage_bridge"):
        bridges[row["unit_code"], row["series_status"]][row["step"]] = row["people"]
    assert {unit for unit, _ in bridges} == {"02", "024", "026"}
    for (unit, status), steps in bridges.items():
        number = {"at_least_one": 1, "primary_complete": 2}[status]
        rows = [d for d in plain.week.doses if d["dose_number"] == number]
        here = [d for d in rows if unit in place_units(d, "place_given_")]
        kept = [d for d in here if not d.get("duplicate_of")]
        foreign = [d for d in kept if d["link_status"] == "out_of_scope"]
        linked = [d for d in kept if d["citizen_id"]]
        living = [
            d for d in rows if d["citizen_id"] and not d.get("duplicate_of") and unit in home[d["citizen_id"]]
        ]
        reported = plain.reported(unit, AS_OF, f"dose_{number}")
        assert reported is not None
        assert steps["reported"] == reported
        assert steps["not_entered"] == len(here) - reported
        assert steps["duplicates"] == len(kept) - len(here)
        assert steps["foreigners"] == -len(foreign)
        assert steps["not_linked"] == len(linked) + len(foreign) - len(kept)
        assert steps["resident_elsewhere"] == len(living) - len(linked)
        assert steps["reconciled"] == plain.reconciled(unit, AS_OF, "18+", status)
        assert sum(n for step, n in steps.items() if step != "reconciled") == steps["reconciled"]
