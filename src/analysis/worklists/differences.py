"""How a field of a record differs from the registry, in words that give neither value away.

Read with `d`, the cleaned record, and `r`, the citizen's row of the registry; the first case that holds
names the difference. With the record's own value beside it, "day and month exchanged" would tell the true
birth date: that is why a list shows the one or the other, and here the words.
"""

NUMBER_DIFFERENCE = """CASE
    WHEN d.id_kind = 'missing' THEN 'để trống'
    WHEN d.id_kind = 'phone' THEN 'ghi số điện thoại'
    WHEN d.id_kind = 'insurance' THEN 'ghi số thẻ BHYT'
    WHEN d.id_kind = 'passport' THEN 'ghi số hộ chiếu'
    WHEN d.id_number IS NULL OR d.id_kind = 'malformed' THEN 'sai định dạng'
    WHEN length(d.id_number) = 12 AND levenshtein(d.id_number, r.citizen_id) = 1 THEN 'một chữ số khác'
    WHEN length(d.id_number) = 12 AND levenshtein(d.id_number, r.citizen_id) = 2
        AND list_sort(split(d.id_number, '')) = list_sort(split(r.citizen_id, '')) THEN 'đảo hai chữ số'
    WHEN d.id_kind = 'old_number' THEN 'số CMND chưa khớp'
    ELSE 'nhiều chữ số khác' END"""

_WORDS = "list_sort(split({0}.name_key, ' '))"
NAME_DIFFERENCE = f"""CASE
    WHEN d.name_key IS NULL OR d.name_key = '' THEN 'để trống'
    WHEN d.name_key = r.name_key AND d.name_key = d.name_accented THEN 'viết không dấu'
    WHEN d.name_key = r.name_key THEN 'khác dấu'
    WHEN replace(d.name_key, ' ', '') = replace(r.name_key, ' ', '') THEN 'viết liền hoặc cách chữ'
    WHEN {_WORDS.format("d")} = {_WORDS.format("r")} THEN 'đảo thứ tự các chữ'
    WHEN levenshtein(d.name_key, r.name_key) = 1 THEN 'một chữ cái khác'
    WHEN list_has_all(split(r.name_key, ' '), split(d.name_key, ' ')) THEN 'thiếu chữ'
    WHEN list_has_all(split(d.name_key, ' '), split(r.name_key, ' ')) THEN 'thừa chữ'
    WHEN split_part(d.name_key, ' ', 1) = split_part(r.name_key, ' ', 1)
        AND split_part(d.name_key, ' ', -1) = split_part(r.name_key, ' ', -1) THEN 'khác chữ đệm'
    WHEN levenshtein(d.name_key, r.name_key) = 2 THEN 'hai chữ cái khác'
    WHEN split_part(d.name_key, ' ', -1) = split_part(r.name_key, ' ', -1) THEN 'khác họ hoặc chữ đệm'
    WHEN split_part(d.name_key, ' ', 1) = split_part(r.name_key, ' ', 1) THEN 'khác tên'
    ELSE 'khác nhiều' END"""

_YEAR, _MONTH, _DAY = (
    "left({0}.birth_date, 4)",
    "substr({0}.birth_date, 6, 2)",
    "substr({0}.birth_date, 9, 2)",
)
_SAME_YEAR = f"{_YEAR.format('d')} = {_YEAR.format('r')}"
_SAME_MONTH = f"{_MONTH.format('d')} = {_MONTH.format('r')}"
_SAME_DAY = f"{_DAY.format('d')} = {_DAY.format('r')}"
_SWAPPED = f"{_DAY.format('d')} = {_MONTH.format('r')} AND {_MONTH.format('d')} = {_DAY.format('r')}"
BIRTH_DIFFERENCE = f"""CASE
    WHEN d.birth_date IS NULL AND trim(coalesce(d.birth_date_typed, '')) = '' THEN 'để trống'
    WHEN d.birth_date IS NULL THEN 'không đọc được'
    WHEN length(d.birth_date) < length(r.birth_date) AND starts_with(r.birth_date, d.birth_date)
        THEN CASE length(d.birth_date) WHEN 4 THEN 'chỉ có năm' ELSE 'thiếu ngày' END
    WHEN {_SAME_YEAR} AND right(d.birth_date, 6) = '-01-01' THEN 'ghi ngày 01/01'
    WHEN {_SAME_YEAR} AND length(d.birth_date) = 10 AND {_SWAPPED} THEN 'đảo ngày tháng'
    WHEN abs(date_diff('day', TRY_CAST(d.birth_date AS DATE), TRY_CAST(r.birth_date AS DATE))) = 1
        THEN 'lệch một ngày'
    WHEN {_SAME_YEAR} AND {_SAME_MONTH} THEN 'khác ngày'
    WHEN {_SAME_YEAR} AND {_SAME_DAY} THEN 'khác tháng'
    WHEN {_SAME_MONTH} AND {_SAME_DAY} THEN 'khác năm'
    WHEN {_SAME_YEAR} THEN 'khác ngày và tháng'
    ELSE 'khác nhiều' END"""

SEX_DIFFERENCE = "CASE WHEN d.sex IS NULL THEN 'để trống' ELSE 'khác' END"

DIFFERENCES = {
    "id_number": NUMBER_DIFFERENCE,
    "full_name": NAME_DIFFERENCE,
    "birth_date": BIRTH_DIFFERENCE,
    "sex": SEX_DIFFERENCE,
}
FIELD_WORDS = {
    "id_number": "Số CCCD/CMND",
    "full_name": "Họ và tên",
    "birth_date": "Ngày tháng năm sinh",
    "sex": "Giới tính",
}


def difference_sql(field: str) -> str:
    """Return SQL for the words on a field named by the column expression `field`."""
    cases = " ".join(f"WHEN '{name}' THEN {sql}" for name, sql in DIFFERENCES.items())
    return f"CASE {field} {cases} END"
