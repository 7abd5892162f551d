"""Names, file names and map tiles of the units."""

import pytest

from analysis.briefing.charts.palette import BANDS, MISSING
from analysis.briefing.charts.tile_map import tile_colour
from analysis.briefing.figures.units import (
    find_unit,
    map_tiles,
    province_region,
    provinces,
    short_unit_name,
    unit_file_stem,
)
from analysis.errors import RequestError


@pytest.mark.parametrize(
    ("code", "stem"),
    [("VN", "national"), ("02", "02-ha-giang"), ("77", "77-ba-ria-vung-tau"), ("66", "66-dak-lak")],
)
def test_file_names_are_plain_letters(code: str, stem: str) -> None:
    assert unit_file_stem(code) == stem


def test_all_file_names_differ_and_are_ascii() -> None:
    stems = [unit_file_stem(code) for code in provinces()]
    assert len(set(stems)) == 63 and all(stem.isascii() for stem in stems)


@pytest.mark.parametrize("code", ["2", "99", "../", "", "vn", "024"])
def test_an_unknown_unit_is_a_wrong_request(code: str) -> None:
    with pytest.raises(RequestError):
        find_unit(code)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Huyện Đồng Văn", "Đồng Văn"),
        ("Thành phố Hà Giang", "TP Hà Giang"),
        ("Thị xã Sơn Tây", "TX Sơn Tây"),
        ("Quận 1", "Quận 1"),
        ("Quận Ba Đình", "Ba Đình"),
    ],
)
def test_short_names_keep_what_tells_units_apart(name: str, short: str) -> None:
    assert short_unit_name(name) == short


def test_the_map_has_every_province_once_and_both_archipelagos() -> None:
    tiles = map_tiles()
    assert sorted(t.province_code for t in tiles if t.kind == "province") == sorted(provinces())
    islands = {(t.label, t.province_code) for t in tiles if t.kind == "archipelago"}
    assert islands == {("Hoàng Sa", "48"), ("Trường Sa", "56")}
    assert len({(t.column, t.row) for t in tiles}) == len(tiles) == 65
    assert len({t.label for t in tiles}) == 65


def test_the_map_lies_as_the_country_does() -> None:
    rows = {t.province_code: t.row for t in map_tiles() if t.kind == "province"}
    north_to_south = ["02", "01", "38", "46", "48", "56", "79", "96"]
    assert [rows[c] for c in north_to_south] == sorted(rows[c] for c in north_to_south)
    assert province_region("02") == "northern_mountains"


def test_colours_follow_the_bands() -> None:
    lows = [95.0, 80.0, 70.0, 0.0]
    colours = [tile_colour(v, lows) for v in (104.2, 95.0, 94.99, 70.0, 69.99, 0.0)]
    assert colours == [BANDS[i] for i in (0, 0, 1, 2, 3, 3)]
    assert tile_colour(None, lows) == MISSING
