"""A simulated intake: the same from the same seed, weeks on from a later day, with a truth that fits."""

import csv
import gzip
import io
import json
import unicodedata
import zipfile
from datetime import date
from pathlib import Path

import duckdb
import fastexcel
import pandas as pd
import pytest

from analysis.errors import RequestError
from analysis.simulate import _lay_out, _provinces, simulate_country
from analysis.simulate.files import exports
from analysis.simulate.truth import rows
from analysis.simulate.typing.error_draws import error_bit, error_names, mask_texts

AS_OF, LATER = date(2021, 11, 7), date(2021, 11, 21)


def read_parquet(path: Path) -> pd.DataFrame:
    """Read one truth table."""
    connection = duckdb.connect()
    try:
        return connection.execute("SELECT * FROM read_parquet(?)", [path.as_posix()]).df()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with three small simulations of Hà Giang: twice the same, and two weeks on."""
    folder = tmp_path_factory.mktemp("simulated")
    for name, day in (("first", AS_OF), ("again", AS_OF), ("later", LATER)):
        simulate_country(folder / name, day, scale=0.01, province="02")
    return folder


def records_of(path: Path, label: str) -> list[list[str]]:
    """Return the records of an export below its header, blank lines included."""
    if path.suffix == ".parquet":
        table = read_parquet(path)
        return [list(map(str, row)) for row in table.itertuples(index=False)]
    if path.suffix == ".xlsx":
        sheet = fastexcel.read_excel(path).load_sheet(label, header_row=4, dtypes="string")
        connection = duckdb.connect()
        rows = connection.from_arrow(sheet).fetchall()
        connection.close()
        return [["" if v is None else str(v) for v in row] for row in rows]
    data = path.read_bytes()
    if path.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = archive.read(label)
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    encoding = "utf-16" if data[:2] == b"\xff\xfe" else "utf-8-sig"
    text = unicodedata.normalize("NFC", data.decode(encoding))
    header = text.split("\r\n")[0]
    delimiter = max(",;\t", key=header.count)
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))[1:]


def files_with_ids(truth: pd.DataFrame) -> list[str]:
    """Return the parts whose records carry their id."""
    named = truth[truth["dose_record_id"].fillna("") != ""]
    return sorted(set(named["source_file"]))


def test_the_same_request_gives_the_same_bytes(base: Path) -> None:
    first = {
        p.relative_to(base / "first"): p.read_bytes() for p in (base / "first").rglob("*") if p.is_file()
    }
    again = {
        p.relative_to(base / "again"): p.read_bytes() for p in (base / "again").rglob("*") if p.is_file()
    }
    assert first == again
    assert (base / "first_truth" / "shares.json").read_bytes() == (
        base / "again_truth" / "shares.json"
    ).read_bytes()


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file of a folder, gzipped text and its names as they were before."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            name, data = path.relative_to(folder).as_posix(), path.read_bytes()
            packed = path.suffix == ".gz"
            found[name.removesuffix(".gz")] = (gzip.decompress(data) if packed else data).replace(
                b".csv.gz", b".csv"
            )
    return found


def test_blocks_and_packing_change_no_record(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (exports, rows):
        monkeypatch.setattr(module, "BLOCK_RECORDS", 101)
    simulate_country(tmp_path / "first", AS_OF, scale=0.01, province="02", gzip=True)
    assert not list((tmp_path / "first" / "platform").glob("*.csv"))
    assert bytes_of(tmp_path / "first") == bytes_of(base / "first")
    plain, packed = (
        read_parquet(f / "first_truth" / "doses.parquet").assign(
            source_file=lambda t: t["source_file"].str.replace(".csv.gz", ".csv"),
            duplicate_of=lambda t: t["duplicate_of"].str.replace(".csv.gz", ".csv"),
        )
        for f in (base, tmp_path)
    )
    pd.testing.assert_frame_equal(plain, packed)


def test_provinces_made_side_by_side_are_the_same(tmp_path: Path) -> None:
    for workers in (1, 2):
        out = tmp_path / str(workers)
        world = _lay_out(out, AS_OF, 0.0005, None, 1, 1.0, False)
        made = dict(_provinces(world, [1, 2], workers, lambda _: None))
        assert sorted(made) == [1, 2] and made[1].citizens > 300
    assert bytes_of(tmp_path / "1") == bytes_of(tmp_path / "2")
    assert bytes_of(tmp_path / "1_truth") == bytes_of(tmp_path / "2_truth")


def test_another_seed_gives_other_people(base: Path, tmp_path: Path) -> None:
    simulate_country(tmp_path / "other", AS_OF, scale=0.002, province="02", seed=2)
    ours = read_parquet(base / "first_truth" / "people.parquet")
    others = read_parquet(tmp_path / "other_truth" / "people.parquet")
    both = ours.merge(others, on="person_key", validate="one_to_one")
    assert len(both) > 1000
    assert (both["birth_date_x"] == both["birth_date_y"]).mean() < 0.05


def test_weeks_on_the_earlier_rows_are_still_there(base: Path) -> None:
    columns = [
        "person_key", "full_name", "birth_date", "sex", "id_number", "vaccine", "dose_number",
        "vaccination_date", "entry_date", "commune_code", "place_given_district_code", "errors",
    ]  # fmt: skip
    first = read_parquet(base / "first_truth" / "doses.parquet")
    later = read_parquet(base / "later_truth" / "doses.parquet")
    before, after = (t[t["dose_record_id"] != ""] for t in (first, later))
    seen = after["dose_record_id"].isin(set(before["dose_record_id"]))
    assert seen.sum() == len(before)
    kept, new = after[seen], after[~seen]
    key = "dose_record_id"
    left, right = (t.sort_values(key)[[key, *columns]].reset_index(drop=True) for t in (before, kept))
    pd.testing.assert_frame_equal(left.astype(str), right.astype(str))
    assert (new["entry_date"].dropna() > pd.Timestamp(AS_OF)).all()
    assert len(new) > 0.05 * len(before)


def test_weeks_on_a_file_begins_as_it_did(base: Path) -> None:
    updates = {"chưa xác thực", "đúng", "sai", "không tìm thấy", "không xác minh được", "chưa ký", "đã ký"}
    first, later = (records_of(base / name / "platform" / "02_01.csv", "") for name in ("first", "later"))
    assert 500 < len(first) < len(later)
    answered = 0
    for was, now in zip(first, later, strict=False):
        assert [c for c in was if c not in updates] == [c for c in now if c not in updates]
        answered += was != now
    assert answered > 0


def test_people_are_the_same_weeks_on(base: Path) -> None:
    first = read_parquet(base / "first_truth" / "people.parquet").set_index("person_key")
    later = read_parquet(base / "later_truth" / "people.parquet").set_index("person_key")
    assert set(first.index) <= set(later.index)
    same = later.loc[first.index]
    for column in ("citizen_id", "birth_date", "commune_code"):
        assert (same[column].fillna("") == first[column].fillna("")).all()
    assert (same["doses_given"] >= first["doses_given"]).all()
    assert (same["life_status"] != first["life_status"]).sum() < 0.01 * len(first)


def test_truth_points_at_the_records_it_speaks_of(base: Path) -> None:
    truth = read_parquet(base / "first_truth" / "doses.parquet")
    checked = 0
    for source in files_with_ids(truth):
        path, _, label = source.replace("!", "#").partition("#")
        records = records_of(base / "first" / path, label)
        for row in truth[truth["source_file"] == source].itertuples(index=False):
            record = records[int(row.source_row) - 1]
            if row.dose_record_id and "test_row" not in row.errors:
                assert row.dose_record_id in record, source
                checked += 1
            elif "total_row" in row.errors:
                assert any(c.startswith("Tổng cộng") for c in record)
    assert checked > 3000


def test_duplicates_point_at_a_record_of_the_same_dose(base: Path) -> None:
    truth = read_parquet(base / "first_truth" / "doses.parquet")
    key = truth["source_file"] + ":" + truth["source_row"].astype(str)
    dose = dict(zip(key, truth["dose_key"], strict=True))
    copies = truth[truth["duplicate_of"].notna()]
    assert 0.005 < len(copies) / len(truth) < 0.03
    assert (copies["duplicate_of"].map(dose) == copies["dose_key"]).all()
    kept = truth[truth["duplicate_of"].isna() & truth["dose_key"].notna()]
    assert kept["dose_key"].is_unique


def test_every_folder_of_the_contract_is_there(base: Path) -> None:
    folders = {p.name for p in (base / "first").iterdir() if p.is_dir()}
    assert folders == {
        "platform", "registry", "daily_reports", "population", "decisions", "feedback", "facilities",
        "rosters",
    }  # fmt: skip
    assert json.loads((base / "first" / "intake.json").read_text(encoding="utf-8"))["simulated"] is True
    registry = read_parquet(base / "first" / "registry" / "dan_cu_02.parquet")
    assert list(registry.columns) == [
        "citizen_id", "old_id_numbers", "full_name", "birth_date", "sex", "ethnicity_code",
        "permanent_commune_code", "current_commune_code", "life_status", "death_date", "id_card_issued_on",
    ]  # fmt: skip
    assert registry["citizen_id"].is_unique
    assert set(registry["sex"]) == {"Nam", "Nữ"}
    assert (registry.loc[registry["life_status"] == "dead", "death_date"] <= "2021-11-07").all()


def test_decisions_are_of_every_kind_and_dated_by_the_as_of_day(base: Path) -> None:
    decisions = pd.read_csv(base / "later" / "decisions" / "quyet_dinh.csv", dtype=str, keep_default_na=False)
    assert {
        "same_person", "different_person", "not_in_registry", "correct_value", "delete_dose", "add_dose",
        "do_not_invite", "withdrawn",
    } == set(decisions["decision"])  # fmt: skip
    assert decisions["decided_on"].max() <= "2021-11-21"
    named = decisions[decisions["dose_record_id"] != ""]
    truth = read_parquet(base / "later_truth" / "doses.parquet")
    assert set(named["dose_record_id"]) <= set(truth["dose_record_id"])
    by_row = decisions[decisions["source_file"] != ""]
    keys = set(zip(truth["source_file"], truth["source_row"].astype(str), strict=True))
    assert set(zip(by_row["source_file"], by_row["source_row"], strict=True)) <= keys


def test_feedback_is_open_until_it_is_closed(base: Path) -> None:
    feedback = pd.read_csv(base / "first" / "feedback" / "phan_anh.csv", dtype=str, keep_default_na=False)
    assert set(feedback["status"]) == {"open", "approved", "needs_information", "refused"}
    assert ((feedback["status"] == "open") == (feedback["closed_at"] == "")).all()
    assert ((feedback["refusal_ground"] != "") == (feedback["status"] == "refused")).all()
    assert feedback["received_at"].max() < "2021-11-08"


def test_shares_are_near_the_reported_ones(tmp_path: Path) -> None:
    summary = simulate_country(tmp_path / "kinh", AS_OF, scale=0.01, province="34")
    shares = summary.shares
    assert shares["no_usable_number"] == pytest.approx(0.046, abs=0.02)
    assert shares["agree_on_four_fields"] == pytest.approx(0.704, abs=0.05)
    assert shares["differ"] == pytest.approx(0.26, abs=0.05)
    assert shares["not_verifiable"] == pytest.approx(0.035, abs=0.015)
    total = shares["agree_on_four_fields"] + shares["differ"] + shares["not_verifiable"]
    assert total == pytest.approx(1, abs=0.001)


def test_a_higher_error_rate_lets_fewer_agree(base: Path, tmp_path: Path) -> None:
    worse = simulate_country(tmp_path / "worse", AS_OF, scale=0.01, province="02", error_rate=2.0)
    usual = json.loads((base / "first_truth" / "shares.json").read_text(encoding="utf-8"))
    assert worse.shares["agree_on_four_fields"] < usual["agree_on_four_fields"] - 0.08


def test_entry_progress_of_ha_giang_is_above_ninety_percent(base: Path) -> None:
    truth = read_parquet(base / "first_truth" / "doses.parquet")
    reports = pd.read_csv(base / "first" / "daily_reports" / "bao_cao_ngay.csv", dtype={"province_code": str})
    own = reports[(reports["province_code"] == "02") & (reports["reporting_body"] == "province")]
    reported = own.loc[own["district_code"].isna(), "doses_administered"].sum()
    recorded = (truth["place_given_province_code"] == "02").sum()
    assert 0.90 < recorded / reported < 0.97


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"scale": 0.0}, "--scale"),
        ({"scale": 1.5}, "--scale"),
        ({"province": "2"}, "--province"),
        ({"province": "99"}, "--province"),
        ({"as_of": date(2021, 3, 7)}, "--as-of"),
    ],
)
def test_requests_that_make_no_sense_are_refused(
    options: dict[str, object], word: str, tmp_path: Path
) -> None:
    request: dict[str, object] = {"as_of": AS_OF} | options
    with pytest.raises(RequestError, match=word):
        simulate_country(tmp_path / "new", **request)  # type: ignore[arg-type]
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["new", "new_truth"])
def test_folders_that_hold_something_are_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "note.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(RequestError, match="--out"):
        simulate_country(tmp_path / "new", AS_OF)
    assert (tmp_path / name / "note.txt").read_text(encoding="utf-8") == "mine"


def test_error_masks_name_their_errors() -> None:
    both = int(error_bit("name_typo") | error_bit("sex_wrong"))
    assert set(mask_texts(pd.Series([both, 0]).to_numpy())[0].split(";")) == {"name_typo", "sex_wrong"}
    assert len(error_names()) == len(set(error_names()))


def test_on_the_first_day_exports_are_headers_alone(tmp_path: Path) -> None:
    summary = simulate_country(tmp_path / "early", date(2021, 3, 8), scale=0.001, province="02")
    assert summary.rows == 0
    exports = list((tmp_path / "early" / "platform").iterdir())
    assert [len(p.read_bytes().split(b"\r\n")) for p in exports] == [2]
