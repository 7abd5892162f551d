"""What is printed of a correction and of a finding."""

import re
from typing import Any

from analysis.clean.decision_values import NO_PAPER
from analysis.worklists.differences import FIELD_WORDS
from analysis.worklists.lines import Line, RecordKey, date_words, plain, product_words, record_words

_FIELDS = FIELD_WORDS | {
    "vaccination_date": "Ngày tiêm",
    "entry_date": "Ngày nhập",
    "vaccine": "Vắc xin",
    "dose_number": "Mũi số",
    "lot_number": "Số lô",
    "phone": "Số điện thoại",
    "health_insurance_number": "Số thẻ BHYT",
    "nationality": "Quốc tịch",
    "province": "Tỉnh/thành phố",
    "district": "Quận/huyện",
    "commune": "Xã/phường",
    "address": "Địa chỉ",
    "facility_name": "Cơ sở tiêm",
    "facility_code": "Mã cơ sở tiêm",
}
DELETE, ADD, CONFIRM = "Xóa bản ghi", "Nhập mũi tiêm còn thiếu", "Tra sổ của cơ sở tiêm: đúng thì nhập"
_GROUNDS = {NO_PAPER: "người dân khai đã tiêm, không còn giấy"}
_EMPTIED = "(để trống)"
FINDING_WORDS = {
    "old_number_shared": "Số CMND chung của nhiều công dân",
    "two_numbers_one_person": "Có thể một người hai số định danh",
    "dose_after_death": "Mũi tiêm sau ngày mất",
    "confirmed_but_absent": "Đã xác nhận nhưng không có trong bản trích",
    "said_moved": "Gia đình, thôn báo đã chuyển đi",
    "said_deceased": "Gia đình, thôn báo đã mất",
}


def update_line(row: dict[str, Any]) -> Line:
    """Return the line of one correction: what the platform says, what people decided, on what and who."""
    of_record = row["source_file"] is not None
    record = (
        record_words(row["dose_record_id"], row["full_name_typed"], row["id_number_typed"])
        if of_record
        else plain(row["citizen_id"])
    )
    field, right = _what_to_do(row)
    cells = {
        "record": record,
        "dose_date": date_words(row["vaccination_date"]),
        "dose_product": product_words(row["dose_number"], row["vaccine"]),
        "field": field,
        "value_now": _shown(row["value_now"]),
        "value_right": right,
        "ground": plain(_GROUNDS.get(row["ground"], row["ground"])),
        "decided_by": plain(", ".join(w for w in (row["decided_by"], date_words(row["decided_on"])) if w)),
    }
    sole_id = row["dose_record_id"] if row["has_sole_id"] else None
    citizen = None if of_record else row["citizen_id"]
    return Line(
        cells, RecordKey(row["source_file"], row["source_row"], sole_id, row["field"], citizen_id=citizen)
    )


def _what_to_do(row: dict[str, Any]) -> tuple[str, str]:
    """Return the field and the right value, or the act and the dose that it is about."""
    match row["decision"]:
        case "delete_dose":
            return DELETE, ""
        case "same_person":
            return _FIELDS["id_number"], plain(row["citizen_id"])
        case "correct_value":
            return _FIELDS.get(row["field"], row["field"]), _shown(row["value"]) or _EMPTIED
        case other:
            product, number, day = [*row["value"].split("|"), "", ""][:3]
            dose = product_words(int(number) if number.isdecimal() else None, plain(product))
            return ADD if other == "add_dose" else CONFIRM, ", ".join(w for w in (dose, _shown(day)) if w)


def _shown(value: str | None) -> str:
    """Return a value as it is typed on the platform: a whole day as dd/mm/yyyy, all else as it stands."""
    text = plain(value)
    return f"{text[8:]}/{text[5:7]}/{text[:4]}" if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text


def finding_line(row: dict[str, Any]) -> Line:
    """Return the line of one finding: the citizen's number, what was found and by what."""
    evidence = plain(row["evidence"])
    if row["kind"] in ("dose_after_death", "confirmed_but_absent"):
        record = record_words(row["dose_record_id"], row["full_name_typed"], row["id_number_typed"])
        evidence = ", ".join(
            w for w in (record, date_words(row["vaccination_date"]), plain(row["facility_name"])) if w
        )
    elif row["kind"] in ("said_moved", "said_deceased"):
        evidence = ", ".join(w for w in (plain(row["decided_by"]), date_words(row["decided_on"])) if w)
    cells = {"citizen": row["citizen_id"], "finding": FINDING_WORDS[row["kind"]], "evidence": evidence}
    return Line(cells, RecordKey(citizen_id=row["citizen_id"], field=row["kind"]))
