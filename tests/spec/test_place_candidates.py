"""The units that a typed place without a unit may mean: what a person is given to choose from, and in which order."""

from pathlib import Path

import pytest

from analysis.clean import clean_intake
from analysis.clean.fields.place_candidates import MAX_CANDIDATES, candidate_codes
from analysis.clean.fields.places import unit_indexes
from clean_samples import make_run, read, table

HA_GIANG, DONG_VAN = "Tỉnh Hà Giang", "Huyện Đồng Văn"
# Why, then province, district and commune as typed, the level that stays open, and the candidates.
CASES = [
    ("a commune of another district", HA_GIANG, DONG_VAN, "Xã Minh Tân", "commune", ["00919"]),
    (
        "the name elsewhere in the province, then near spellings, the nearest first",
        *(HA_GIANG, DONG_VAN, "Xã Sủng Trà", "commune", ["00787", "00766", "00733"]),
    ),
    ("two communes of one name, then one three letters away", "Cà Mau", "TP Cà Mau", "Tan Thanh", "commune", ["32025", "32026", "32038"]),
    ("three letters wrong are too many to decide", "Tỉnh Hà Giaxyz", "", "", "province", ["02"]),
    ("a district of another province", HA_GIANG, "Huyện Sơn Dương", "", "district", ["076"]),
    ("a district's name in many provinces", "", "Huyện Châu Thành", "", "province", ["708", "808", "821", "831", "847"]),
    ("keys of an input method", HA_GIANG, DONG_VAN, "Minh Taan", "commune", ["00919"]),
    ("a code that never was", HA_GIANG, DONG_VAN, "99999", "commune", []),
    ("nothing near", "Tỉnh Atlantis", "", "", "province", []),
]  # fmt: skip


@pytest.mark.parametrize(("why", "province", "district", "commune", "level", "codes"), CASES)
def test_candidates_stand_beside_the_typed_text(
    tmp_path: Path, why: str, province: str, district: str, commune: str, level: str, codes: list[str]
) -> None:
    typed = {"province": province, "district": district, "commune": commune}
    run = make_run(tmp_path, {"platform/a.csv": table(typed)})
    clean_intake(run)
    (row,) = read(run, "unmapped_places")
    assert row["unit_level"] == level, why
    assert row["candidates"] == codes, why


def test_a_list_is_short_and_a_row_gets_no_code_from_it(tmp_path: Path) -> None:
    run = make_run(
        tmp_path, {"platform/a.csv": table({"province": "", "district": "Châu Thành", "commune": ""})}
    )
    clean_intake(run)
    (listed,), (dose,) = read(run, "unmapped_places"), read(run, "doses")
    assert len(listed["candidates"]) == MAX_CANDIDATES
    assert (dose["province_code"], dose["district_code"]) == (None, None)


@pytest.mark.parametrize("typed", ["", "…", "Xã", "'", "1", "99999", "Q" * 60, "\u202e", "Đ" * 60])
def test_any_text_gives_codes_of_units_or_none(typed: str) -> None:
    known = {code for index in unit_indexes() for code in index.units}
    for place in (("province", None, None), ("district", "02", None), ("commune", "02", "026")):
        assert set(candidate_codes(*place, typed)) <= known


LETTERHEAD = "TRUNG TÂM Y TẾ HUYỆN VỊ XUYÊN,,\nTRẠM Y TẾ XÃ MINH TÂN,,\nDANH SÁCH,,\n"


@pytest.mark.parametrize(
    ("address", "near", "expected"),
    [
        ("Thôn 3, Xã Minh Tân", LETTERHEAD, ("02", "030", "00919")),
        ("Thôn 3; xã Minh Tân", LETTERHEAD, ("02", "030", "00919")),
        ("Thôn 3, Minh Tân", LETTERHEAD, ("02", "030", "00919")),
        ("Xã Phố Cáo", LETTERHEAD, ("02", "026", "00745")),  # the only one of the country
        ("Phường Minh Tân", LETTERHEAD, None),  # the district's is no phường
        ("Thôn 3, Phố Cáo", LETTERHEAD, None),  # elsewhere, and no kind before it
        ("Thôn 3", LETTERHEAD, None),  # the station's commune is no residence
        ("Tổ 3, Minh Tân", LETTERHEAD, None),  # streets are called so too
        ("Thôn 3, xã Minh Tân", "", None),  # many are called so
        ("Thôn 3, xã Minh Tân, huyện Vị Xuyên", "", ("02", "030", "00919")),
        ("Thôn 3, X. Minh Tân, H. Vị Xuyên, Hà Giang", "", ("02", "030", "00919")),
        ("Thôn 3, Minh Tân, Vị Xuyên", "", ("02", "030", "00919")),
        ("Số 5 Xã Đàn, phường Nam Đồng, quận Đống Đa", "", ("01", "006", "00208")),
        ("xã Minh Tân, huyện Đồng Văn", LETTERHEAD, ("02", "026", None)),  # there is none of that name
        ("nhà ông Năm, gần chợ", LETTERHEAD, None),
    ],
)
def test_an_address_tells_the_residence_where_no_column_does(
    tmp_path: Path, address: str, near: str, expected: tuple[str, ...] | None
) -> None:
    text = f'{near}Họ và tên,Địa chỉ,Ngày tiêm\nNguyễn Thị Hòa,"{address}",01/09/2021\n'
    run = make_run(tmp_path, {"platform/a.csv": text})
    clean_intake(run)
    (row,) = read(run, "doses")
    found = row["province_code"], row["district_code"], row["commune_code"]
    assert found == (expected or (None, None, None))
    assert (row["facility_name"] == "TRẠM Y TẾ XÃ MINH TÂN") == bool(near)
    assert ("place_missing" in row["reason_codes"]) == (expected is None)
    assert read(run, "unmapped_places") == [] or expected == ("02", "026", None)


def test_the_letterhead_s_station_is_where_the_dose_was_given(tmp_path: Path) -> None:
    text = "TRẠM Y TẾ XÃ PHỐ CÁO,,\nHọ và tên,Địa chỉ,Ngày tiêm\nNguyễn Thị Hòa,Thôn 3,01/09/2021\n2,,\n"
    run = make_run(tmp_path, {"platform/a.csv": text})
    clean_intake(run)
    (row, _) = read(run, "doses")
    assert (row["commune_code"], row["place_given_district_code"]) == (None, "026")
    assert row["place_given_source"] == "facility_name"
