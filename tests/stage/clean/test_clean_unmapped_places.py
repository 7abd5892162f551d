"""Sources fault-27: places that lead to no unit are counted and listed, never guessed."""

from pathlib import Path
from typing import Any

import duckdb

from analysis.clean import clean_intake
from analysis.settings import RunParameters
from analysis.tables import TABLES
from clean_samples import clean_rows, make_run, read, table

HERE = {"province": "Tỉnh Hà Giang", "district": "Huyện Đồng Văn", "commune": "Xã Phố Cáo"}
NOWHERE = {"province": "Tỉnh Atlantis", "district": "Huyện Biển", "commune": "Xã Sâu"}


def cleaned(base: Path, *rows: dict[str, str], decisions: str = "") -> RunParameters:
    files = {"platform/a.csv": table(*rows)}
    run = make_run(base, files | ({"decisions/d.csv": decisions} if decisions else {}))
    clean_intake(run)
    return run


def unmapped(run: RunParameters) -> set[tuple[Any, ...]]:
    """Return the listed rows without their candidates (tests/spec/test_place_candidates.py)."""
    columns = [c for c in TABLES["unmapped_places"].columns if c != "candidates"]
    return {tuple(row[c] for c in columns) for row in read(run, "unmapped_places")}


def counts(run: RunParameters) -> list[tuple[Any, ...]]:
    with duckdb.connect() as con:
        return con.execute(
            f"FROM read_parquet('{TABLES['place_counts'].path(run).as_posix()}') ORDER BY place_state"
        ).fetchall()


def test_27_unmapped_places_are_listed_by_level_with_their_rows(tmp_path: Path) -> None:
    run = cleaned(
        tmp_path,
        HERE,
        NOWHERE,
        NOWHERE,
        HERE | {"district": "Huyện Mây Bay", "commune": ""},
        HERE | {"commune": "Xã Trăng Sao"},
        # Nothing typed is missing, not unmapped.
        HERE | {"commune": ""},
        dict.fromkeys(HERE, ""),
        NOWHERE | {"full_name": "TEST"},
    )
    assert unmapped(run) == {
        ("province", None, None, "Tỉnh Atlantis", 2),
        ("district", "02", None, "Huyện Mây Bay", 1),
        ("commune", "02", "026", "Xã Trăng Sao", 1),
    }
    assert counts(run) == [("02", "found", 4), (None, "missing", 1), (None, "unresolved", 2)]


def test_27_a_listed_text_is_short_and_without_long_numbers(tmp_path: Path) -> None:
    run = cleaned(
        tmp_path,
        {"province": "Atlantis 0912345678", "district": "", "commune": ""},
        {"province": "Q" * 500, "district": "", "commune": ""},
        {"province": "97", "district": "", "commune": ""},
        {"province": "A\u202eB\x1b[31mtlantis", "district": "", "commune": ""},
    )
    texts = {row[3] for row in unmapped(run)}
    assert texts == {"Atlantis …", "Q" * 60, "97", "A B [31mtlantis"}


def test_27_codes_of_communes_that_no_longer_exist(tmp_path: Path) -> None:
    """99999 was never a code: the district above it still is one, and the code is listed as typed."""
    rows = clean_rows(tmp_path / "1", [HERE | {"commune": "99999"}])
    assert (rows[0]["district_code"], rows[0]["commune_code"]) == ("026", None)
    assert "place_partly_resolved" in rows[0]["reason_codes"]
    assert ("commune", "02", "026", "99999", 1) in unmapped(
        cleaned(tmp_path / "2", HERE | {"commune": "99999"})
    )


def test_27_a_place_corrected_by_decision_is_no_longer_unmapped(tmp_path: Path) -> None:
    decisions = (
        "decision_id,dose_record_id,source_file,source_row,as_of,decision,citizen_id,field,value,ground,"
        "decided_by,decided_on\nD1,M1,,,,correct_value,,commune,00745,,ca,2021-11-05\n"
    )
    run = cleaned(tmp_path, NOWHERE, decisions=decisions)
    assert unmapped(run) == set()
    assert counts(run) == [("02", "found", 1)]
