"""Where people live when no column names their commune: at the end of an address (sources place-5).

The letterhead of such a list names a station or a district. That is where the list was written and its doses were
given, not where its people live; of them it only tells which of several communes of one name an address may mean.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence

from analysis.engine import sql_text

# How a staged cell shows that nobody typed it: the end of an address, and the district of the letterhead.
FROM_ADDRESS, NEAR = "theo địa chỉ: ", "theo đầu trang: "
_COMMUNE = r"(?:(?:xã|phường|thị trấn|xa|phuong|thi tran)\s+|(?:x|p|tt)\.\s*)"
_ABOVE = (
    r"(?:(?:huyện|quận|thị xã|thành phố|tỉnh|huyen|quan|thi xa|thanh pho|tinh|tp|tx)\s+|(?:h|q|tx|tp|t)\.\s*)"
)
# From the first unit that an address names to its end; or what follows a hamlet, where streets have no names.
_END = rf"(?i)(?:^|[,;–-]|\s)\s*((?:{_COMMUNE}|{_ABOVE})[^\s,;].*)$"
_BEHIND_HAMLET = r"(?i)^\s*(?:thôn|xóm|bản|buôn|ấp|làng|thon|xom|ban|buon|ap|lang)\s[^,;]+[,;]\s*([^0-9,;]+(?:[,;][^0-9,;]+)*)$"
_DISTRICT = re.compile(r"\b(?:huyện|quận|thị xã|thành phố|tx|tp)\b\.?\s+[^\d,;:()\n–-]+$")
_STATION = re.compile(r"(?:trạm y tế|tyt) ")
_SITE = re.compile(r"(?:trạm y tế|tyt|trung tâm y tế|ttyt|bệnh viện|trung tâm kiểm soát bệnh tật) ")
_UNITS = ("commune", "commune_typed_code")
_UPPER = ("district", "district_typed_code", "province", "province_typed_code")


def near_unit(letterhead: Sequence[str]) -> str | None:
    """Return the first district that the lines above a header end with, in lower case.

    >>> near_unit(["TRUNG TÂM Y TẾ THỊ XÃ BUÔN HỒ", "TRẠM Y TẾ XÃ CƯ BAO"])
    'thị xã buôn hồ'
    """
    lines = (unicodedata.normalize("NFC", line).lower().strip() for line in letterhead)
    return next((found[0] for line in lines if (found := _DISTRICT.search(line))), None)


def residence_cells(
    columns: dict[str, int], letterhead: Sequence[str], cell: Callable[[int], str]
) -> dict[str, str]:
    """Return SQL for the commune, and the district beside it, of files that have an address and no commune's column."""
    if "address" not in columns or any(unit in columns for unit in _UNITS):
        return {}
    near = near_unit(letterhead)
    address = cell(columns["address"])
    end = f"regexp_extract({address}, {sql_text(_END)}, 1)"
    behind = f"regexp_extract({address}, {sql_text(_BEHIND_HAMLET)}, 1)"
    is_told = f"{behind} <> ''" if near else f"contains({behind}, ',')"
    commune = (
        f"CASE WHEN regexp_matches({end}, {sql_text('(?i)^' + _COMMUNE)}) THEN {sql_text(FROM_ADDRESS)} || {end} "
        f"WHEN {end} = '' AND {is_told} THEN {sql_text(FROM_ADDRESS)} || {behind} END"
    )
    if not near or any(unit in columns for unit in _UPPER):
        return {"commune": commune}
    return {
        "commune": commune,
        "district": f"CASE WHEN {commune} IS NOT NULL THEN {sql_text(NEAR + near)} END",
    }


def site_cells(
    columns: dict[str, int], letterhead: Sequence[str], cell: Callable[[int], str]
) -> dict[str, str]:
    """Return SQL for the place of dated rows, the one station or hospital of the letterhead, where no column names places."""
    if "vaccination_date" not in columns or {"facility_name", "facility_code"} & set(columns):
        return {}
    lines = [" ".join(unicodedata.normalize("NFC", line).split()) for line in letterhead]
    sites = list(dict.fromkeys(line for line in lines if _SITE.match(line.lower())))
    stations = [line for line in sites if _STATION.match(line.lower())]
    named = stations or sites
    day = cell(columns["vaccination_date"])
    return (
        {"facility_name": f"CASE WHEN {day} IS NOT NULL THEN {sql_text(named[0])} END"}
        if len(named) == 1
        else {}
    )
