"""Where a dose was given: by the facility's code, else by its name, else the place of residence (sources place-3)."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from analysis.clean.fields.places import parse_place, unit_indexes
from analysis.clean.fields.unit_names import read_unit_name
from analysis.intake.syllables import unaccented

_SHORT_WORDS = {
    "tyt": "tram y te",
    "ttyt": "trung tam y te",
    "tt yt": "trung tam y te",
    "bv": "benh vien",
    "bvdk": "benh vien da khoa",
    "bvđk": "benh vien da khoa",
    "pkdk": "phong kham da khoa",
    "ttksbt": "trung tam kiem soat benh tat",
    "cdc": "trung tam kiem soat benh tat",
    "tx": "thi xa",
    "tp": "thanh pho",
    "h": "huyen",
    "p": "phuong",
    "x": "xa",
    "q": "quan",
}
_KINDS = "xa|phuong|thi tran|huyen|quan|thi xa|thanh pho|tinh"
# A kind at the very end is part of a name (Phùng Xá), and so is one that the accents tell from a kind.
_UNIT = re.compile(rf"\b({_KINDS}) ((?:(?!\b(?:{_KINDS}) ).)+)")
_KIND_WORDS = {"xa": "xã", "phuong": "phường", "huyen": "huyện", "quan": "quận", "tinh": "tỉnh"}
_COMMUNE_KINDS = ("xa ", "phuong ", "thi tran ")
_BARE = re.compile(
    r"(?:(?P<station>tram y te)|trung tam y te|benh vien da khoa(?: khu vuc)?|benh vien) (?P<name>[a-z0-9 ]+)"
)
_LOCAL_NAME = re.compile(r"\b(?:xa|phuong|thi tran)\b|^(?:tram y te|diem tiem)")


@dataclass(frozen=True)
class Site:
    """Where a dose was given: the facility's code where known, province and district, and how it was found."""

    facility_code: str | None
    province_code: str | None
    district_code: str | None
    source: str | None


@dataclass
class FacilityIndex:
    """Known facilities by code and by name key; values are (code, province, district)."""

    by_code: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    by_name: dict[str, list[tuple[str, str, str]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, rows: Iterable[tuple[str | None, ...]]) -> "FacilityIndex":
        """Add rows of (code, name, province code, district code)."""
        for code, name, province, district in rows:
            entry = (code or "", province or "", district or "")
            if code:
                self.by_code.setdefault(code_key(code), entry)
            if name:
                self.by_name[facility_key(name)].append(entry)
        return self


def code_key(code: str) -> str:
    """Return a facility code without case, blanks and lost zeros."""
    return re.sub(r"[\s.\-]|[.]0$", "", code.upper()).lstrip("0")


def facility_key(name: str) -> str:
    """Return a facility name's key: unaccented, abbreviations written out, single spaces.

    >>> facility_key("TYT xã Phố Cáo") == facility_key("Trạm Y tế  xã Phố Cáo")
    True
    """
    words = re.findall(r"[a-z0-9]+", unaccented(name.lower().replace("ð", "đ")))
    return " ".join(_SHORT_WORDS.get(w, w) for w in words)


@lru_cache(maxsize=50_000)
def _word_key(word: str) -> str:
    """Return the key of one word, marked ' when only its letters are those of a kind of unit."""
    is_marked = _KIND_WORDS.get(unaccented(word), word) != word
    return facility_key(word) + ("'" if is_marked else "")


def unit_key(name: str) -> str:
    """Return a facility name's key in which words that only sound like kinds of unit are marked.

    >>> unit_key("Trạm Y tế xã Đông Phương Yên"), unit_key("TYT xa Minh Tan")
    ("tram y te xa dong phuong' yen", 'tram y te xa minh tan')
    """
    if name.isascii():
        return facility_key(name)
    return " ".join(map(_word_key, re.findall(r"\w+", name.lower().replace("ð", "đ"))))


class FacilityName(NamedTuple):
    """A facility's name read once: its keys, and the units it names (kind, name) in order."""

    key: str
    told: str
    units: tuple[tuple[str, str], ...]


@lru_cache(maxsize=50_000)
def read_facility_name(name: str) -> FacilityName:
    """Read a facility's name; the same one stands beside hundreds of places of residence."""
    told = unit_key(name)
    units = tuple((kind, unit.strip()) for kind, unit in _UNIT.findall(told))
    return FacilityName(facility_key(name), told, units)


def find_site(
    index: FacilityIndex,
    code: str | None,
    name: str | None,
    province: str | None,
    district: str | None,
    home: str | None = None,
) -> Site:
    """Say where a dose was given, from its facility and the person's residence; never raises.

    `home` is the province that the record's file speaks of.
    """
    if code and (entry := index.by_code.get(code_key(code))):
        return Site(entry[0], entry[1] or None, entry[2] or None, "facility")
    if name:
        read = read_facility_name(name)
        entries = index.by_name.get(read.key, [])
        # The commune of one's own district before a facility of that name in another one.
        if not any(e[2] == district for e in entries) and (own := _commune_at_home(read, district)):
            return Site(code, *own, "facility_name")
        if entry := _nearest(entries, read, (province, district), home):
            return Site(entry[0] or code, entry[1] or None, entry[2] or None, "facility_name")
        if named := _named_unit(read, province, district) or _bare_unit(read.key, province, district):
            return Site(code, *named, "facility_name")
    return Site(code, province, district, "residence" if province else None)


def _nearest(
    entries: list[tuple[str, str, str]],
    facility: FacilityName,
    residence: tuple[str | None, str | None],
    home: str | None,
) -> tuple[str, str, str] | None:
    """Return the one facility of a name: in the person's district, else province, else anywhere.

    A name that tells a commune ("… phường 06") is common to many places: far from home it says nothing. Nor does
    one that tells a district whose name several provinces bear (huyện Châu Thành), though one alone is listed:
    such a one is the file's own province's or none.
    """
    province, district = residence
    is_local = province and _LOCAL_NAME.search(facility.key)
    of_file = [e for e in entries if home and e[1] == home] if _tells_a_shared_district(facility) else entries
    anywhere = [] if is_local else of_file
    for near in (
        [e for e in entries if district and e[2] == district],
        [e for e in entries if province and e[1] == province],
        anywhere,
    ):
        if len(near) == 1:
            return near[0]
        if len({e[1:] for e in near}) == 1:
            return ("", near[0][1], near[0][2])
    return None


@lru_cache(maxsize=50_000)
def _tells_a_shared_district(facility: FacilityName) -> bool:
    """Say whether a name tells a district, with its kind or bare, whose name several provinces bear."""
    bare = _BARE.fullmatch(facility.key)
    told = [f"{kind} {name}" for kind, name in facility.units if not f"{kind} ".startswith(_COMMUNE_KINDS)]
    told += [bare["name"]] if bare and not bare["station"] else []
    named = unit_indexes()[1].named
    return any(len({unit.parent for unit in named(read_unit_name(text))}) > 1 for text in told)


def _named_unit(
    facility: FacilityName, province: str | None, district: str | None
) -> tuple[str, str | None] | None:
    """Return province and district of the unit a facility's name ends with ("… huyện Đồng Văn")."""
    named = dict(facility.units)
    if (
        sum(f"{kind} ".startswith(_COMMUNE_KINDS) for kind in named) > 1
    ):  # without accents "xa dong phuong yen" may be cut in two ways
        return None
    levels = {
        "commune": next((f"{k} {named[k]}" for k in ("xa", "phuong", "thi tran") if k in named), None),
        "district": next((f"{k} {named[k]}" for k in ("huyen", "quan", "thi xa") if k in named), None),
        "province": f"tinh {named['tinh']}" if "tinh" in named else None,
    }
    city = f"thanh pho {named['thanh pho']}" if "thanh pho" in named else None
    if city:
        is_province = bool(unit_indexes()[0].find(city, None).codes & {"01", "31", "48", "79", "92"})
        levels["province" if is_province else "district"] = city
    if not any(levels.values()):
        return None
    at_home = frozenset({province}) if province and not levels["province"] else None
    # A district that the person's province does not have is the only one of its name, or unknown.
    if at_home and levels["district"] and not unit_indexes()[1].find(levels["district"], at_home).codes:
        return _only_unit(levels["district"], None)
    around = levels["province"] or province
    within = levels["district"] or (district if levels["commune"] and not levels["province"] else None)
    place = parse_place(around, within, levels["commune"])
    if levels["commune"] and not place.commune_code and within:
        place = parse_place(around, None, levels["commune"])
    if place.province_code and (place.district_code or levels["province"]):
        return place.province_code, place.district_code
    return _only_unit(levels["commune"], None) if levels["commune"] and not levels["province"] else None


def _commune_at_home(facility: FacilityName, district: str | None) -> tuple[str, str] | None:
    """Return the person's own district when it has the commune that a facility's name tells."""
    told = [f"{kind} {name}" for kind, name in facility.units]
    if not district or len(told) != 1 or not told[0].startswith(_COMMUNE_KINDS):
        return None
    return _only_unit(told[0], frozenset({district}))


def _only_unit(text: str, parents: frozenset[str] | None) -> tuple[str, str] | None:
    """Return province and district of the one unit written so, kind included, under parents or anywhere."""
    _, districts, communes = unit_indexes()
    level = communes if text.startswith(_COMMUNE_KINDS) else districts
    found = level.find(text, parents)
    units = [level.units[code] for code in found.codes]
    if len(units) != 1 or found.respelt or not text.startswith(f"{units[0].name.kind} "):
        return None
    district = units[0].parent if level is communes else units[0].code
    return districts.units[district].parent, district


def _bare_unit(key: str, province: str | None, district: str | None) -> tuple[str, str] | None:
    """Return the unit of a name without its kind: "Trung tâm Y tế Vị Xuyên", "Trạm Y tế Trung Thành".

    A health centre or general hospital bears a district's name, a station a commune's: of the person's
    own district, else the only one of the province; a district, else the only one of the country.
    """
    if not (named := _BARE.fullmatch(key)):
        return None
    _, districts, communes = unit_indexes()
    at_home = frozenset({province}) if province else None
    if named["station"]:
        around = frozenset(u.code for u in districts.by_parent[province]) if province else frozenset()
        places = [frozenset({district})] if district else []
        found = [communes.find(named["name"], under) for under in [*places, around]]
        homes = [{communes.units[c].parent for c in f.codes} for f in found if f.codes and not f.respelt]
    else:
        found = [districts.find(named["name"], under) for under in (at_home, None)]
        homes = [set(f.codes) for f in found if f.codes and not f.respelt]
    only = next((home for home in homes if len(home) == 1), None)
    return (districts.units[next(iter(only))].parent, next(iter(only))) if only else None
