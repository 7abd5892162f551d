"""Names and codes of sites as their own clerks write them."""

import numpy as np

from analysis.simulate.country.country import Country
from analysis.simulate.country.facilities import Facilities, mobile_names
from analysis.simulate.draws import Ints, Texts, number_ids
from analysis.simulate.typing.error_draws import ErrorDraws
from analysis.simulate.typing.spelling import rewrite
from analysis.simulate.typing.typed_doses import Rows


def _abbreviated_site(name: str) -> str:
    short = (("Trạm Y tế", "TYT"), ("Trung tâm Y tế", "TTYT"), ("Bệnh viện Đa khoa", "BVĐK"),
             ("Trung tâm Kiểm soát bệnh tật", "CDC"), ("Điểm tiêm lưu động", "ĐTLĐ"))  # fmt: skip
    for long, brief in short:
        name = name.replace(long, brief)
    return name


def _without_kind(name: str) -> str:
    for kind in (" xã ", " phường ", " thị trấn ", " huyện ", " quận "):
        name = name.replace(kind, " ")
    return name


_SITE_SPELLINGS = (_abbreviated_site, str.upper, lambda n: n.replace("Y tế", "y tế"), _without_kind)


def write_sites(
    country: Country, sites: Facilities, errors: ErrorDraws, taken: Rows, rows: Ints
) -> tuple[Texts, Texts]:
    """Return site names, spelt as each site does, and codes; mobile sites have none."""
    site, ids = taken.site[rows], taken.ids[rows]
    names = sites.table["facility_name"].to_numpy(dtype=object)[site]
    codes = sites.table["facility_code"].to_numpy(dtype=object)[site]
    mobile = taken.mobile[rows] == 1
    communes = country.communes["commune_name"].to_numpy(dtype=object)[taken.site_commune[rows]]
    where = np.flatnonzero(mobile)
    names[where] = mobile_names(taken.site_commune[rows][where], communes[where])
    varied = np.flatnonzero(errors.happens("site_name_variant", ids, site))
    way = errors.draws.below("way of naming", number_ids(site[varied], 8), len(_SITE_SPELLINGS))
    for kind, change in enumerate(_SITE_SPELLINGS):
        chosen = varied[way == kind]
        names[chosen] = rewrite(names[chosen], change)
    unsaid = errors.happens("site_code_missing", ids, site) | mobile
    return names, np.where(unsaid, "", codes).astype(object)
