"""Typed places and the unit they name: one row a path, as an official could read the rule."""

import pytest

from analysis.clean.places import parse_place

NOWHERE = (None, None, None)
PATHS = [
    # province, district, commune as typed → codes
    ("Tỉnh Hà Giang", "Huyện Vị Xuyên", "Xã Minh Tân", ("02", "030", "00919")),
    ("ha giang", "vi xuyen", "minh tan", ("02", "030", "00919")),
    ("2", "30", "919", ("02", "030", "00919")),
    ("Tỉnh Hoà Bình", None, None, ("17", None, None)),
    ("TP.HCM", "Q.1", "P. Bến Nghé", ("79", "760", "26740")),
    # "Châu Thành" is a district of ten provinces: alone it names none, under a province it does.
    (None, "Châu Thành", None, NOWHERE),
    ("Tỉnh Tiền Giang", "Châu Thành", None, ("82", "821", None)),
    # Kinds of unit without a name: a repeated header, never Thanh Hóa.
    ("Tỉnh/Thành phố", "Quận/Huyện", "Xã/Phường", NOWHERE),
    ("Thành phố", None, None, NOWHERE),
    ("=HYPERLINK()", "<script>", "🙂", NOWHERE),
    (None, None, None, NOWHERE),
]


@pytest.mark.parametrize(("province", "district", "commune", "codes"), PATHS)
def test_a_typed_path_names_its_unit(
    province: str | None, district: str | None, commune: str | None, codes: tuple[str | None, ...]
) -> None:
    place = parse_place(province, district, commune)
    assert (place.province_code, place.district_code, place.commune_code) == codes
