"""The intake and its truth, written to disk."""

import random
import re
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd

from .mistakes import Country, Mistake, Person, Record, type_record
from .people import choose_absent, make_country, read_people, relatives_of

COLUMNS = (
    *("Họ và tên", "Ngày sinh", "Giới tính", "Số điện thoại", "Số CMND/CCCD/HC"),
    *("Tỉnh/Thành phố", "Quận/Huyện", "Xã/Phường", "Mũi số", "Tên vắc xin", "Ngày tiêm", "Ngày nhập"),
)


def shown(record: Record, country: Country) -> list[str]:
    """Return the record's personal columns as the platform exports them."""
    day = re.sub(r"^(\d+)-(\d+)-(\d+)$", r"\3/\2/\1", record.birth)
    return [
        record.name,
        day,
        record.sex,
        record.phone,
        record.number,
        *country.communes.get(record.commune, ("", "", "")),
    ]


def write_intake(
    registry: Path, out: Path, count: int, seed: int, further: tuple[tuple[float, Mistake], ...] = ()
) -> int:
    """Write intake and truth, with `further` mistakes where given; returns the number of records."""
    rng = random.Random(seed)
    chosen = read_people(registry, rng, count)
    people = chosen + [made for person in chosen if rng.random() < 0.02 for made in relatives_of(person, rng)]
    people = list({person.citizen_id: person for person in people}.values())
    country = make_country(people, rng)
    absent = choose_absent(people, rng)
    rows, truth = [], []
    for person in people:
        for dose in range(1, rng.choice((1, 1, 2)) + 1):
            record = type_record(person, country, further)
            given = date(2021, 6, 1) + timedelta(days=60 * dose + rng.randrange(40))
            rows.append(
                [*shown(record, country), dose, "AstraZeneca", f"{given:%d/%m/%Y}", f"{given:%d/%m/%Y}"]
            )
            truth.append((None if person.citizen_id in absent else person.citizen_id, record.mistakes))
    write_tables(out, rows, truth, [p for p in people if p.citizen_id not in absent])
    return len(rows)


def write_tables(
    out: Path, rows: list[list[object]], truth: list[tuple[object, list[str]]], kept: list[Person]
) -> None:
    """Write the three files."""
    for folder in (out / "platform", out / "registry", out.with_name(f"{out.name}_truth")):
        folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows, columns=list(COLUMNS)).to_csv(out / "platform" / "doses.csv", index=False)
    frame = pd.DataFrame(truth, columns=["citizen_id", "mistakes"])
    frame.insert(0, "source_file", "platform/doses.csv")
    frame.insert(1, "source_row", range(1, len(frame) + 1))
    citizens = pd.DataFrame(
        {
            "citizen_id": [p.citizen_id for p in kept],
            "old_id_numbers": [";".join(p.old_numbers) for p in kept],
            "full_name": [p.name for p in kept],
            "birth_date": [p.birth for p in kept],
            "sex": [p.sex for p in kept],
            "ethnicity_code": [p.ethnicity for p in kept],
            "permanent_commune_code": [p.commune for p in kept],
            "current_commune_code": "",
            "life_status": "alive",
            "death_date": "",
        }
    )
    with duckdb.connect() as con:
        for name, table in (("frame", frame), ("citizens", citizens)):
            con.register(f"{name}_rows", table)
        truth_file = out.with_name(f"{out.name}_truth") / "doses.parquet"
        con.execute(f"COPY (SELECT * FROM frame_rows) TO '{truth_file.as_posix()}'")
        con.execute(
            f"COPY (SELECT * FROM citizens_rows) TO '{(out / 'registry' / 'citizens.parquet').as_posix()}'"
        )
