"""The cells of platform rows, column by column, in the format of the export they stand in."""

import unicodedata

import numpy as np

from analysis.simulate.country.country import Country
from analysis.simulate.country.facilities import Facilities
from analysis.simulate.country.naming import ethnic_groups
from analysis.simulate.country.people import People
from analysis.simulate.country.residents import FOREIGNER
from analysis.simulate.draws import Bools, Draws, Ints, Texts, number_ids
from analysis.simulate.files import rendering
from analysis.simulate.files.dialects import Dialect
from analysis.simulate.typing.error_draws import ErrorDraws, error_bit
from analysis.simulate.typing.site_names import write_sites
from analysis.simulate.typing.spelling import rewrite
from analysis.simulate.typing.typed_doses import Rows
from analysis.simulate.typing.typed_numbers import CCCD, CMND
from analysis.simulate.typing.typed_people import TypedPeople
from analysis.simulate.typing.typings import Typings
from analysis.simulate.typing.verification import RESULTS, RIGHT, Agreement, answer

_HAMLETS = (
    "Thôn Nà Cáy", "Thôn Tân Tiến", "Thôn Lũng Phìn", "Thôn Bản Lạn", "Thôn Khuổi Trang", "Xóm Đoàn Kết",
    "Thôn 1",
    "Thôn 2", "Thôn 3", "Thôn Trung Thành", "Xóm Mới", "Ấp Chợ", "Thôn Nậm Ngặt", "Thôn Hạ Sơn",
    "Thôn Đông Hợp", "Khu 5",
)  # fmt: skip
_REACTIONS = (
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "Bình thường",
    "Bình thường",
    "Sốt nhẹ",
    "Đau tại chỗ tiêm",
    "Mệt mỏi",
    "Không",
)
_NOTES = (
    "tiêm bù",
    "hoãn lần trước",
    "có bệnh nền, theo dõi 30 phút",
    'xác nhận "đã tiêm"',
    "=1+1",
    "<b>kiểm tra</b>",
    "@ghi chú",
)
_WORKPLACES = (
    "Trạm Y tế xã",
    "Trường THCS",
    "Công an xã",
    "UBND xã",
    "Trường Mầm non",
    "Công ty TNHH May",
    "Chợ, tiểu thương",
)
# Marks that an 8-bit or single-font file cannot show: its clerk saw the plain name.
_NOT_IN_LEGACY = ("name_mojibake", "name_eth", "name_decomposed", "name_capitals", "name_spaces")


def _legacy_mask() -> int:
    return sum(int(error_bit(e)) for e in _NOT_IN_LEGACY)


class CellWriter:
    """Writes the cells of a province's rows; `ids`, `entry_day` are those of the rows."""

    def __init__(
        self, country: Country, people: People, front_line: Ints, sites: Facilities, errors: ErrorDraws,
        rows: Rows,
        typings: Typings, typed: TypedPeople, agreement: Agreement, as_of: int,
    ) -> None:  # fmt: skip
        """Keep the simulated province; `as_of` is the export's day since 1970-01-01."""
        self.country, self.people, self.sites, self.errors = country, people, sites, errors
        self.rows, self.typings, self.typed, self.agreement = rows, typings, typed, agreement
        self.front_line, self.as_of = front_line, as_of
        self.ids, self.entry_day = rows.ids, rows.entry_day
        self.places = rendering.PlaceWriter(country)

    @property
    def draws(self) -> Draws:
        """The draws of the country."""
        return self.errors.draws

    def errors_in(self, rows: Ints, dialect: Dialect) -> Ints:
        """Return the error masks of rows as they stand in a file of this dialect."""
        marks = self.typed.errors[self.rows.typing[rows]] | self.rows.errors[rows]
        if dialect.letters != "unicode" or dialect.encoding == "cp1258":
            for error in _NOT_IN_LEGACY:
                marks &= ~error_bit(error)
        if dialect.letters != "unicode":
            marks |= error_bit("file_legacy_letters")
        if "codes" in dialect.places:
            for error in ("place_misspelt", "place_unaccented", "place_abbreviated", "place_other_tone"):
                marks &= ~error_bit(error)
        if dialect.numbers != "text":
            kind = self.typed.id_kind[self.rows.typing[rows]]
            marks |= np.where((kind == CCCD) | (kind == CMND), error_bit("file_lost_zeros"), 0)
        return marks

    def names(self, rows: Ints, dialect: Dialect) -> Texts:
        """Return name cells before the file's font is applied."""
        typing = self.rows.typing[rows]
        name = self.typed.name[typing].copy()
        if dialect.letters != "unicode" or dialect.encoding == "cp1258":
            plain = np.flatnonzero(self.typed.errors[typing] & _legacy_mask())
            name[plain] = self.typed.name_read[typing[plain]]
        return name

    def unreadable_numbers(self, rows: Ints, dialect: Dialect) -> Bools:
        """Return where the file's number format destroyed the ID (powers of ten)."""
        if dialect.numbers != "floats":
            return np.zeros(len(rows), dtype=np.bool_)
        typed = self.typed.id_typed[self.rows.typing[rows]]
        return np.array(
            ["E+" in str(t) for t in rendering.write_numbers(typed, "floats", self.draws, self.ids[rows])]
        )

    def cells(self, rows: Ints, dialect: Dialect) -> dict[str, Texts]:
        """Return all columns of these rows as text."""
        columns = self.personal_cells(rows, dialect) | self._dose(rows, dialect) | self._state(rows, dialect)
        kept = {f: c for f, c in columns.items() if f not in dialect.omitted}
        if dialect.letters == "unicode":
            return kept
        free = (
            "phone",
            "id_number",
            "birth_date",
            "vaccination_date",
            "entry_date",
            "dose_record_id",
            "lot_number",
        )
        return {f: c if f in free else rendering.in_letters(c, dialect.letters) for f, c in kept.items()}

    def personal_cells(self, rows: Ints, dialect: Dialect) -> dict[str, Texts]:
        """Return the columns about the person, which rosters have too."""
        return self._person(rows, dialect) | self._residence(rows, dialect)

    def _person(self, rows: Ints, dialect: Dialect) -> dict[str, Texts]:
        typing, typed, who = self.rows.typing[rows], self.typed, self.rows.person[rows]
        key = self.typings.ids[typing]
        foreign = self.people.kind[who] == FOREIGNER
        national = self.people.nationality[who].copy()
        national[~foreign] = "Việt Nam" if dialect.headers in ("exported", "other") else ""
        numbers = {
            "id_number": rendering.write_numbers(
                typed.id_typed[typing], dialect.numbers, self.draws, self.ids[rows]
            ),
            "phone": rendering.write_numbers(typed.phone[typing], dialect.numbers, self.draws, key),
        }
        return numbers | {
            "dose_record_id": self.record_ids(rows),
            "full_name": self.names(rows, dialect),
            "birth_date": rendering.write_births(
                typed.birth_day[typing], typed.birth_precision[typing],
                typed.two_digit_year[typing].astype(np.int64),
                dialect.birth,
            ),
            "sex": rendering.write_sexes(typed.sex[typing], self._sex_style(dialect)),
            "health_insurance_number": typed.insurance[typing],
            "nationality": national,
            "ethnicity": self._ethnicity(who, dialect),
            "priority_group": self._priority(who, dialect),
            "workplace": self._workplace(who),
        }  # fmt: skip

    def _sex_style(self, dialect: Dialect) -> str:
        return "plain" if dialect.letters == "tcvn3" else dialect.sex

    def record_ids(self, rows: Ints) -> Texts:
        """Return the platform's own record numbers."""
        codes = self.country.provinces["province_code"].to_numpy(dtype=object)
        province = self.country.communes["province"].to_numpy(np.int64)[self.rows.site_commune[rows]]
        tails = (self.ids[rows] % np.uint64(10**13)).tolist()
        return np.array(
            [f"{c}{t:013d}" for c, t in zip(codes[province].tolist(), tails, strict=True)], dtype=object
        )

    def _ethnicity(self, who: Ints, dialect: Dialect) -> Texts:
        groups = ethnic_groups()
        names = np.full(60, "", dtype=object)
        names[groups.index.to_numpy()] = groups["ethnicity_name"]
        codes = np.array([f"{e:02d}" for e in range(60)], dtype=object)
        column = (codes if "codes" in dialect.places else names)[self.people.ethnicity[who]]
        hmong = (self.people.ethnicity[who] == 8) & ("codes" not in dialect.places)
        column = np.where(hmong & self.draws.chance("H'Mông", number_ids(who), 0.3), "H'Mông", column)
        return np.where(self.people.kind[who] == FOREIGNER, "", column).astype(object)

    def _priority(self, who: Ints, dialect: Dialect) -> Texts:
        age, ids = self.people.age[who], self.people.ids[who]
        group = np.where(
            self.front_line[who] == 1,
            1 + self.draws.below("group", ids, 8),
            10 + self.draws.below("group", ids, 7),
        )
        group = np.where((age >= 65) & (self.front_line[who] == 0), 9, group)
        style = "Nhóm {}" if dialect.dose == "mui" else "{}"
        return np.array([style.format(g) for g in range(20)], dtype=object)[group]

    def _workplace(self, who: Ints) -> Texts:
        ids = self.people.ids[who]
        named = (self.front_line[who] == 1) | self.draws.chance("workplace named", ids, 0.08)
        works = np.array(_WORKPLACES, dtype=object)[self.draws.below("workplace", ids, len(_WORKPLACES))]
        return np.where(named, works, "").astype(object)

    def _residence(self, rows: Ints, dialect: Dialect) -> dict[str, Texts]:
        typing, typed = self.rows.typing[rows], self.typed
        key = self.typings.ids[typing]
        commune, shown = typed.commune[typing], typed.commune_shown[typing]
        columns = self.places.write(
            commune, shown, dialect.places, typed.place_style[typing], self.draws.bits("place", key)
        )
        if dialect.encoding == "cp1258":
            columns = [rewrite(c, lambda t: unicodedata.normalize("NFC", t)) for c in columns]
        home = number_ids(self.people.household[self.rows.person[rows]])
        address = np.array(_HAMLETS, dtype=object)[self.draws.below("hamlet", home, len(_HAMLETS))]
        two_lines = self.draws.chance("two-line address", key, 0.0006) & (dialect.container.startswith("csv"))
        full = self.draws.chance("full address", key, 0.12)
        communes = self.places.names[2][commune]
        address = np.where(
            two_lines, address + "\n" + communes, np.where(full, address + ", " + communes, address)
        )
        empty = self.draws.chance("no address", key, 0.25)
        return {
            "province": columns[0], "district": columns[1], "commune": columns[2],
            "address": np.where(empty, "", address).astype(object),
        }  # fmt: skip

    def _dose(self, rows: Ints, dialect: Dialect) -> dict[str, Texts]:
        taken, ids = self.rows, self.ids[rows]
        hours = self.draws.below("quarter of an hour", ids, 40)
        word = self.draws.below("word for booster", number_ids(taken.site[rows]), 3)
        entry = rendering.write_days(
            taken.entry_day[rows], self.draws.below("entry hour", ids, 40), dialect.entry
        )
        names, codes = write_sites(self.country, self.sites, self.errors, self.rows, rows)
        return {
            "dose_number": rendering.write_dose_numbers(taken.number[rows], dialect.dose, word),
            "vaccine": taken.product_text[rows],
            "lot_number": taken.lot[rows],
            "vaccination_date": rendering.write_days(taken.day[rows], hours, dialect.given),
            "facility_name": names,
            "facility_code": codes,
            "entry_date": np.where(taken.entry_shown[rows], entry, "").astype(object),
        }

    def _state(self, rows: Ints, dialect: Dialect) -> dict[str, Texts]:
        typing, ids = self.rows.typing[rows], self.ids[rows]
        agrees = self.agrees(rows, dialect)
        result = answer(
            self.draws, ids, self.entry_day[rows], self.as_of, agrees, self.agreement.usable[typing],
            self.agreement.verifiable[typing],
        )  # fmt: skip
        signed = (result == RIGHT) & self.draws.chance("signed", ids, 0.6)
        reaction = np.array(_REACTIONS, dtype=object)[self.draws.below("reaction", ids, len(_REACTIONS))]
        noted = self.draws.chance("noted", ids, 0.004)
        note = np.array(_NOTES, dtype=object)[self.draws.below("note", ids, len(_NOTES))]
        return {
            "police_result": RESULTS[result],
            "signature_status": np.where(signed, "đã ký", "chưa ký").astype(object),
            "reaction": reaction,
            "note": np.where(noted, note, "").astype(object),
        }

    def _agrees_in_8_bits(self, typing: Ints) -> Bools:
        """Return where the fields agree once the marks an 8-bit file cannot show are gone."""
        plain = np.flatnonzero(self.typed.errors[typing] & _legacy_mask())
        rest = self.agreement.number & self.agreement.birth & self.agreement.sex
        agrees = self.agreement.all_four[typing].copy()
        read = self.typed.name_read[typing[plain]]
        registered = self.people.name[self.typings.person[typing[plain]]]
        same = [a.casefold() == b.casefold() for a, b in zip(read, registered, strict=True)]
        agrees[plain] = rest[typing[plain]] & np.array(same, dtype=np.bool_)
        return agrees

    def agrees(self, rows: Ints, dialect: Dialect) -> Bools:
        """Return where the four fields agree plainly as they stand in the file."""
        typing = self.rows.typing[rows]
        agrees = self.agreement.all_four[typing].copy()
        if dialect.letters != "unicode":
            agrees[:] = False
        elif dialect.encoding == "cp1258":
            agrees = self._agrees_in_8_bits(typing)
        if dialect.numbers != "text":
            leading = np.array([str(t).startswith("0") for t in self.typed.id_typed[typing]], dtype=np.bool_)
            agrees &= ~leading & (dialect.numbers != "floats")
        return agrees
