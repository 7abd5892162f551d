"""How a list names a difference: the record's value, the registry's, and the words, which give neither away."""

import re

import duckdb
import pytest

from analysis.worklists.differences import DIFFERENCES, FIELD_WORDS, difference_sql

CITIZEN = {
    "citizen_id": "002185001234",
    "name_key": "nguyen thi hoa",
    "name_accented": "nguyễn thị hòa",
    "birth_date": "1985-03-12",
    "sex": "Nữ",
}
RECORD = {
    **CITIZEN,
    "id_number": "002185001234",
    "id_kind": "citizen_number",
    "birth_date_typed": "12/03/1985",
}

NUMBERS = [
    (None, "missing", "để trống"),
    (None, "phone", "ghi số điện thoại"),
    (None, "insurance", "ghi số thẻ BHYT"),
    ("B1234567", "passport", "ghi số hộ chiếu"),
    (None, "malformed", "sai định dạng"),
    ("002185001235", "citizen_number", "một chữ số khác"),
    ("002185001243", "citizen_number", "đảo hai chữ số"),
    ("002185009999", "citizen_number", "nhiều chữ số khác"),
    ("073123456", "old_number", "số CMND chưa khớp"),
]
NAMES = [
    (None, None, "để trống"),
    ("nguyen thi hoa", "nguyen thi hoa", "viết không dấu"),
    ("nguyen thi hoa", "nguyễn thị hoá", "khác dấu"),
    ("nguyenthi hoa", "nguyễnthị hòa", "viết liền hoặc cách chữ"),
    ("hoa nguyen thi", "hòa nguyễn thị", "đảo thứ tự các chữ"),
    ("nguyen thi hoan", "nguyễn thị hoàn", "một chữ cái khác"),
    ("nguyen hoa", "nguyễn hòa", "thiếu chữ"),
    ("nguyen thi ngoc hoa", "nguyễn thị ngọc hòa", "thừa chữ"),
    ("nguyen ngoc hoa", "nguyễn ngọc hòa", "khác chữ đệm"),
    ("nguyem thi hoi", "nguyễm thị hồi", "hai chữ cái khác"),
    ("nguyen thi hien", "nguyễn thị hiền", "khác tên"),
    ("tran ngoc hoa", "trần ngọc hòa", "khác họ hoặc chữ đệm"),
    ("ly van ba", "lý văn ba", "khác nhiều"),
]
BIRTHS = [
    (None, "", "để trống"),
    (None, "32/13/1985", "không đọc được"),
    ("1985", "1985", "chỉ có năm"),
    ("1985-03", "03/1985", "thiếu ngày"),
    ("1985-01-01", "01/01/1985", "ghi ngày 01/01"),
    ("1985-12-03", "03/12/1985", "đảo ngày tháng"),
    ("1985-03-13", "13/03/1985", "lệch một ngày"),
    ("1985-03-22", "22/03/1985", "khác ngày"),
    ("1985-07-12", "12/07/1985", "khác tháng"),
    ("1958-03-12", "12/03/1958", "khác năm"),
    ("1985-08-20", "20/08/1985", "khác ngày và tháng"),
    ("1971-08-20", "20/08/1971", "khác nhiều"),
]
SEXES = [(None, "để trống"), ("Nam", "khác")]


def words(field: str, **record: str | None) -> str:
    """Return what the list says of a record that differs from the citizen in these cells."""
    row = RECORD | record
    with duckdb.connect() as con:
        for name, cells in (("d", row), ("r", CITIZEN)):
            columns = ", ".join(f"CAST(${key} AS VARCHAR) AS {key}" for key in cells)
            con.execute(f"CREATE TABLE {name} AS SELECT {columns}", cells)
        query = f"SELECT {difference_sql('$field')} FROM d, r"
        return str(con.execute(query, {"field": field}).fetchall()[0][0])


@pytest.mark.parametrize(("number", "kind", "said"), NUMBERS)
def test_numbers(number: str | None, kind: str, said: str) -> None:
    assert words("id_number", id_number=number, id_kind=kind) == said


@pytest.mark.parametrize(("key", "accented", "said"), NAMES)
def test_names(key: str | None, accented: str | None, said: str) -> None:
    assert words("full_name", name_key=key, name_accented=accented) == said


@pytest.mark.parametrize(("birth", "typed", "said"), BIRTHS)
def test_births(birth: str | None, typed: str, said: str) -> None:
    assert words("birth_date", birth_date=birth, birth_date_typed=typed) == said


@pytest.mark.parametrize(("sex", "said"), SEXES)
def test_sexes(sex: str | None, said: str) -> None:
    assert words("sex", sex=sex) == said


def test_every_case_stands_in_a_table() -> None:
    said = {row[-1] for table in (NUMBERS, NAMES, BIRTHS, SEXES) for row in table}
    named = {word for sql in DIFFERENCES.values() for word in re.findall(r"(?:THEN|ELSE)\s+'([^']+)'", sql)}
    assert named == said
    assert set(DIFFERENCES) == set(FIELD_WORDS)
