"""One province from nothing to its files: people, doses, platform exports, registry extract, truth."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.simulate.campaign.campaign import Campaign
from analysis.simulate.campaign.doses import Doses, give_doses
from analysis.simulate.campaign.entry import draw_entry_days
from analysis.simulate.campaign.schedule import Schedule, adults_needed, schedule_doses
from analysis.simulate.country.country import Country
from analysis.simulate.country.facilities import Facilities
from analysis.simulate.country.people import People, draw_people
from analysis.simulate.country.residents import FOREIGNER
from analysis.simulate.days import CAMPAIGN_DAY, EPOCH, NEVER
from analysis.simulate.draws import Floats, Ints
from analysis.simulate.files.drawn_decisions import draw_decisions
from analysis.simulate.files.drawn_rosters import write_rosters
from analysis.simulate.files.exports import WrittenPart, cut_file, file_number, packed, plan_files, write_file
from analysis.simulate.files.feedback import draw_feedback
from analysis.simulate.files.junk import make_junk
from analysis.simulate.files.registry import registry_table
from analysis.simulate.files.row_cells import CellWriter
from analysis.simulate.truth import rows as truth
from analysis.simulate.truth.people import Shares, count_shares, coverage_counts, people_truth
from analysis.simulate.truth.tables import TruthTables
from analysis.simulate.typing.error_draws import ErrorDraws, rates
from analysis.simulate.typing.typed_doses import Rows, list_rows, type_doses
from analysis.simulate.typing.typed_people import type_people
from analysis.simulate.typing.verification import compare_plainly

REGISTRY_AS_CSV = 7  # of twenty provinces, the one whose registry extract is a gzipped CSV


@dataclass(frozen=True)
class World:
    """What all provinces share: the country, the campaign, the sites, the errors, the day and the folders."""

    country: Country
    plan: Campaign
    sites: Facilities
    errors: ErrorDraws
    slow: Floats
    movers: Ints
    as_of: date
    out: Path
    truth_folder: Path
    alone: bool
    gzip: bool

    @property
    def day(self) -> int:
        """The as-of day, counted from 1970-01-01."""
        return (self.as_of - EPOCH).days


@dataclass(frozen=True)
class Province:
    """What remains of a province once its files are written: counts, decisions, feedback."""

    rows: int
    citizens: int
    coverage: pd.DataFrame
    shares: Shares
    decisions: list[list[str]]
    feedback: list[list[str]]


def _given_province(country: Country, people: People, person: Ints) -> Ints:
    district = np.where(people.given_district >= 0, people.given_district, people.away_district)[person]
    return country.districts["province"].to_numpy(np.int64)[district]


def _exported(world: World, number: int, people: People, doses: Doses) -> Doses:
    """Return the doses a province sees on the platform: given here, or to people who say they live here."""
    here = _given_province(world.country, people, doses.person) == number
    lives = world.country.communes["province"].to_numpy(np.int64)[people.commune[doses.person]] == number
    foreign = people.kind[doses.person] == FOREIGNER
    return doses.take(np.flatnonzero(here | (lives & ~foreign) if world.alone else here))


def _write_exports(world: World, number: int, writer: CellWriter, rows: Rows) -> list[WrittenPart]:
    country = world.country
    entered = np.flatnonzero(rows.entry_day <= world.day + 1)
    entered = entered[np.lexsort((rows.ids[entered], rows.entry_day[entered]))]
    of_site = country.districts["province"].to_numpy(np.int64)[world.sites.district[rows.site[entered]]]
    planned = sum(int(p[:, -1].sum()) for p in _cumulative(world, number))
    files = plan_files(country, number, world.alone, planned, entered, rows.site[entered], of_site == number)
    files = [cut_file(f, writer.entry_day, world.day) for f in files]
    files = [packed(f) for f in files] if world.gzip else files
    home = int(np.flatnonzero(country.communes["province"].to_numpy() == number)[0])
    place = dict(
        zip(("province", "district", "commune"), (n[home] for n in writer.places.names), strict=True)
    )
    parts = []
    for file in files:
        junk = make_junk(
            writer.draws,
            file_number(file.name),
            planned // len(files),
            rates()["test_row"][0],
            world.day,
            place,
        )
        parts += write_file(world.out, file, writer, junk)
    return parts


def _cumulative(world: World, number: int) -> list[Ints]:
    here = world.country.districts["province"].to_numpy() == number
    return [world.plan.dose_1()[here], world.plan.dose_2()[here], world.plan.dose_3_plus()[here]]


def _typed_rows(world: World, number: int, people: People, schedule: Schedule, doses: Doses) -> CellWriter:
    """Type all rows the platform will ever hold of these doses; sets the entry days of the doses."""
    country = world.country
    slow = world.slow[_given_province(country, people, doses.person)]
    doses.entry_day = draw_entry_days(country, doses, doses.ids, "entry", slow)
    rows, typings = list_rows(country, world.errors, people, doses, slow)
    rows = rows.take(np.flatnonzero(rows.entry_day < NEVER))
    typed = type_people(country, world.errors, people, typings)
    type_doses(world.errors, rows)
    agreement = compare_plainly(people, typings, typed)
    return CellWriter(
        country,
        people,
        schedule.front_line,
        world.sites,
        world.errors,
        rows,
        typings,
        typed,
        agreement,
        world.day,
    )


def _write_registry(world: World, number: int, people: People, tables: TruthTables) -> int:
    """Write a province's registry extract, now and then as gzipped CSV, and return its citizens."""
    code = str(world.country.provinces["province_code"].iloc[number])
    table = registry_table(world.country, people, world.as_of)
    as_csv = not world.alone and number % 20 == REGISTRY_AS_CSV
    name = f"dan_cu_{code}." + ("csv.gz" if as_csv else "parquet")
    tables.copy(table, world.out / "registry" / name)
    return len(table)


def simulate_province(world: World, number: int) -> Province:
    """Simulate one province (a row of the provinces), write its files and its part of the truth."""
    code = str(world.country.provinces["province_code"].iloc[number])
    with TruthTables(world.truth_folder, code) as tables:
        return _simulate(world, number, tables)


def _simulate(world: World, number: int, tables: TruthTables) -> Province:
    country = world.country
    people = draw_people(country, number, adults_needed(world.plan), world.alone, world.movers)
    schedule = schedule_doses(country, people, world.plan, number)
    first_day = schedule.first + CAMPAIGN_DAY
    citizens = _write_registry(world, number, people, tables)
    given = give_doses(country, people, schedule)
    doses = _exported(world, number, people, given)
    writer = _typed_rows(world, number, people, schedule, doses)
    parts = _write_exports(world, number, writer, writer.rows)
    rosters = write_rosters(
        world.out, country, world.errors, world.sites, people, first_day, number, world.alone, world.day
    )
    about_people = _people_truth(world, people, given, doses, writer.rows)
    for records in truth.truth_blocks(country, writer, doses, parts):
        tables.add_doses(records)
    tables.add_others(truth.junk_truth(parts), about_people, rosters)
    return Province(
        sum(len(p.rows) + len(p.junk) for p in parts),
        citizens,
        coverage_counts(about_people, people, world.as_of),
        count_shares(writer, parts),
        draw_decisions(country, writer, parts, doses, first_day, world.as_of, world.alone),
        list(draw_feedback(country, world.plan, world.sites, number, world.as_of)),
    )


def _people_truth(world: World, people: People, given: Doses, doses: Doses, rows: Rows) -> pd.DataFrame:
    """Return the people's truth of a province."""
    entered = np.unique(doses.ids[rows.dose[rows.entry_day <= world.day]])
    recorded = np.isin(given.ids, entered).astype(np.int64)
    return people_truth(world.country, people, given, recorded, world.as_of)
