"""A tiny province with planted errors: every row is written by hand, with the verdict it must get.

All people and numbers are invented. The intake stands in two files of different dialects, so that the
whole path from bytes to page is walked: Hà Giang with two districts (TP Hà Giang 024, Vị Xuyên 030).
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

AS_OF = "2021-11-07"


@dataclass(frozen=True)
class Citizen:
    """One row of the registry extract."""

    citizen_id: str
    name: str
    birth: str
    sex: str
    commune: str
    old_ids: str = ""
    life: str = "alive"
    death: str = ""
    current: str = ""

    def line(self) -> str:
        """Return the row as CSV (interfaces, registry/)."""
        person = [self.citizen_id, self.old_ids, self.name, self.birth, self.sex, "08"]
        return ",".join([*person, self.commune, self.current, self.life, self.death, ""])


REGISTRY_HEADER = (
    "citizen_id,old_id_numbers,full_name,birth_date,sex,ethnicity_code,permanent_commune_code,"
    "current_commune_code,life_status,death_date,id_card_issued_on"
)
CITIZENS = {
    "hoa": Citizen("002185001234", "Nguyễn Thị Hòa", "1985-03-12", "Nữ", "00688"),
    "duc": Citizen("002070005678", "Đặng Văn Đức", "1970-11-25", "Nam", "00691", old_ids="073123456"),
    "sung": Citizen("002092004321", "Sùng Mí Vàng", "1992-06-01", "Nam", "00913"),
    "ban": Citizen("002160008765", "Bàn Thị Mủi", "1960", "Nữ", "00913"),
    "twin_a": Citizen("002199011111", "Lý Thị Mai", "1999-09-09", "Nữ", "00703"),
    "twin_b": Citizen("002199022222", "Lý Thị Lan", "1999-09-09", "Nữ", "00703"),
    "father": Citizen("002055033333", "Hoàng Văn Nam", "1955-02-03", "Nam", "00706"),
    "son": Citizen("002080044444", "Hoàng Văn Nam", "1980-07-21", "Nam", "00706"),
    "dead": Citizen(
        "002148055555", "Triệu Thị Pham", "1948-01-15", "Nữ", "00919", life="dead", death="2021-10-20"
    ),
    "away": Citizen("002188066666", "Nông Thị Thủy", "1988-12-30", "Nữ", "00692", current="00001"),
    "teen": Citizen("002205077777", "Phàn Văn Lìn", "2005-05-05", "Nam", "00694"),
    "unvaccinated": Citizen("002078088888", "Vàng A Páo", "1978-08-08", "Nam", "00697"),
    "janssen": Citizen("002090099999", "Ma Văn Tâm", "1990-10-10", "Nam", "00700"),
    "abdala": Citizen("002183010101", "Giàng Thị Súa", "1983-04-04", "Nữ", "00946"),
}


@dataclass(frozen=True)
class Dose:
    """One dose row with the verdict it must get; `citizen` is a key of CITIZENS or empty."""

    record_id: str
    name: str
    birth: str
    sex: str
    id_number: str
    commune: str
    dose: str
    vaccine: str
    given: str
    entered: str
    citizen: str
    status: str
    four_field: bool = False
    reasons: frozenset[str] = frozenset()
    differing: frozenset[str] = frozenset()
    duplicate_of_record: str = ""
    nationality: str = ""
    facility: str = "Trung tâm Y tế TP Hà Giang"
    extra: dict[str, str] = field(default_factory=dict)


def _dose(record_id: str, who: str, **changes: object) -> Dose:
    """Return a flawless dose of a citizen, with what is changed about it."""
    citizen = CITIZENS[who]
    parts = citizen.birth.split("-")[::-1]
    base: dict[str, object] = {
        "record_id": record_id,
        "name": citizen.name,
        "birth": "/".join(parts),
        "sex": citizen.sex,
        "id_number": citizen.citizen_id,
        "commune": citizen.commune,
        "dose": "Mũi 1",
        "vaccine": "AstraZeneca",
        "given": "15/09/2021",
        "entered": "17/09/2021",
        "citizen": who,
        "status": "verified",
        "four_field": True,
    }
    return Dose(**(base | changes))  # type: ignore[arg-type]


DOSES = [
    _dose("A01", "hoa"),
    _dose("A02", "hoa", dose="Mũi 2", given="10/11/2021", entered="", status="verified"),
    _dose("A03", "hoa", dose="2", name="NGUYEN THI HOA", given="06/11/2021", entered="07/11/2021", four_field=False,
          status="matched", differing=frozenset({"full_name"})),
    _dose("A04", "duc", id_number="073123456"),
    _dose("A05", "duc", id_number="2070005678", four_field=False, given="16/09/2021", status="verified",
          duplicate_of_record="A04"),
    _dose("A06", "sung", sex="Nữ", four_field=False, status="matched", differing=frozenset({"sex"})),
    _dose("A07", "ban", vaccine="Vero Cell", given="20/08/2021", entered="21/08/2021"),
    _dose("A08", "ban", dose="Mũi 2", vaccine="VeroCell (Sinopharm)", given="18/09/2021", entered="19/09/2021"),
    _dose("A09", "twin_a"),
    _dose("A10", "twin_b"),
    _dose("A11", "father"),
    _dose("A12", "son", id_number="", four_field=False, status="matched", differing=frozenset({"id_number"}),
          reasons=frozenset({"id_missing"})),
    _dose("A13", "dead", given="01/09/2021"),
    _dose("A14", "away"),
    _dose("A15", "teen", given="01/11/2021", entered="02/11/2021", vaccine="Pfizer"),
    _dose("A16", "janssen", vaccine="Janssen"),
    _dose("A17", "abdala", vaccine="Abdala", given="01/10/2021", entered="02/10/2021"),
    _dose("A18", "abdala", vaccine="Abdala", dose="Mũi 2", given="15/10/2021", entered="16/10/2021"),
    _dose("A19", "abdala", vaccine="Abdala", dose="Mũi 3", given="29/10/2021", entered="30/10/2021"),
    _dose("A20", "hoa", name="Khuất Duy Tiến", birth="07/07/1977", sex="Nam", id_number="002077012321",
          citizen="", status="not_in_registry", four_field=False),
    _dose("A21", "hoa", name="John Example", birth="01/02/1980", sex="Nam", id_number="X1234567", nationality="Hoa Kỳ",
          citizen="", status="out_of_scope", four_field=False),
    _dose("A22", "hoa", name="TEST", id_number="000000000000", birth="01/01/2000", citizen="", status="rejected",
          four_field=False),
    _dose("A23", "father", dose="Mũi 2", given="05/03/2021", entered="06/11/2021"),
]  # fmt: skip

PLATFORM_HEADER = [
    "Mã mũi tiêm", "Họ và tên", "Ngày sinh", "Giới tính", "Số CMND/CCCD/HC", "Quốc tịch",
    "Tỉnh/Thành phố", "Quận/Huyện", "Xã/Phường", "Mũi số", "Tên vắc xin", "Ngày tiêm", "Cơ sở tiêm chủng", "Ngày nhập",
]  # fmt: skip
COMMUNES = {
    "00688": ("Thành phố Hà Giang", "Phường Quang Trung"),
    "00691": ("Thành phố Hà Giang", "Phường Trần Phú"),
    "00692": ("Thành phố Hà Giang", "Phường Ngọc Hà"),
    "00694": ("Thành phố Hà Giang", "Phường Nguyễn Trãi"),
    "00697": ("Thành phố Hà Giang", "Phường Minh Khai"),
    "00700": ("Thành phố Hà Giang", "Xã Ngọc Đường"),
    "00946": ("Thành phố Hà Giang", "Xã Phương Độ"),
    "00703": ("Huyện Vị Xuyên", "Xã Kim Thạch"),
    "00706": ("Huyện Vị Xuyên", "Xã Phú Linh"),
    "00913": ("Huyện Vị Xuyên", "Thị trấn Vị Xuyên"),
    "00919": ("Huyện Vị Xuyên", "Xã Minh Tân"),
}
FILES = {"platform/tiny_a.csv": DOSES[:12], "platform/tiny_b.csv": DOSES[12:]}


def platform_row(dose: Dose) -> list[str]:
    """Return the cells of a dose row under PLATFORM_HEADER."""
    district, commune = COMMUNES[dose.commune]
    person = [dose.record_id, dose.name, dose.birth, dose.sex, dose.id_number, dose.nationality]
    place = ["Tỉnh Hà Giang", district, commune]
    return [*person, *place, dose.dose, dose.vaccine, dose.given, dose.facility, dose.entered]


def _csv(rows: list[list[str]], separator: str) -> str:
    return "\n".join(separator.join(row) for row in rows) + "\n"


def write_tiny_intake(
    folder: Path, doses: dict[str, list[Dose]] | None = None, registry: bool = True
) -> None:
    """Write the intake below `folder`; the second file has a repeated header, a blank line and a total row."""
    for name, rows in (doses or FILES).items():
        lines = [PLATFORM_HEADER, *(platform_row(d) for d in rows)]
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("_b.csv"):
            lines += [PLATFORM_HEADER, [], ["", "Tổng cộng", *[""] * 12]]
            path.write_text(_csv(lines, ";"), encoding="utf-16")
        else:
            path.write_text(_csv(lines, ","), encoding="utf-8")
    if registry:
        lines_of_people = [REGISTRY_HEADER, *(c.line() for c in CITIZENS.values())]
        _write(folder / "registry/registry.csv", "\n".join(lines_of_people) + "\n")
    write_reports_and_population(folder)
    _write(folder / "intake.json", json.dumps({"simulated": True, "note": "dữ liệu bịa cho kiểm thử"}))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


REPORT_HEADER = (
    "report_date,province_code,district_code,doses_allocated,doses_received,doses_administered,"
    "dose_1,dose_2,dose_3_plus,doses_discarded,reporting_body"
)
REPORTS = [
    "2021-08-20,02,024,20,20,1,1,0,0,0,province",
    "2021-09-15,02,024,0,0,9,9,0,0,0,province",
    "2021-09-15,02,030,15,10,7,6,1,0,1,province",
    "2021-10-15,02,024,0,0,2,0,2,0,0,province",
    "2021-11-02,02,024,0,0,2,1,1,0,0,province",
    "2021-11-06,02,030,0,0,1,1,0,0,0,province",
    "2021-11-06,02,,5,5,4,3,1,0,0,army",
]
POPULATION = [
    ("02", "18+", 28), ("024", "18+", 16), ("030", "18+", 12),
    ("02", "all", 40), ("024", "all", 24), ("030", "all", 16),
    ("00688", "18+", 4), ("VN", "18+", 71_500_000),
]  # fmt: skip


def write_reports_and_population(folder: Path) -> None:
    """Write the daily reports (district rows only) and the denominators."""
    _write(folder / "daily_reports/reports.csv", "\n".join([REPORT_HEADER, *REPORTS]) + "\n")
    rows = [f"{unit},{age},{people},Kế hoạch tỉnh (mô phỏng),2021-07-01" for unit, age, people in POPULATION]
    header = "unit_code,age_group,population,source,reference_date"
    _write(folder / "population/population.csv", "\n".join([header, *rows]) + "\n")
