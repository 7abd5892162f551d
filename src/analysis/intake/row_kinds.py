"""Rows of a list that are no record: totals, headings, signatures (sources count-1), doses not given (in-22)."""

import re
import unicodedata

# How the first cell of such a row begins, in lower case, accented or not; a number or letter of its part may stand
# before it. Names begin so too (Bản, Trương as Truong): only a row that says nothing of a person is judged by it.
_WORDS = tuple(
    word
    for line in (
        "tổng|cộng|lũy kế|tong|cong|luy ke|ghi chú|ghi chu|lưu ý|nơi nhận|xác nhận",
        "đối tượng|doi tuong|nhóm|nhom|đợt|buổi|danh sách|danh sach|mục|phần|ngày",
        "thôn|thon|xóm|xom|bản|buôn|ấp|làng|tổ|tdp|khu|khóm|khối|kp|đội",
        "xã|xa|phường|phuong|thị trấn|thi tran|huyện|huyen|quận|thị xã|tỉnh",
        "đơn vị|don vi|trường|công ty|cong ty|lớp|cán bộ|trạm|tram|trung tâm",
        "người lập|nguoi lap|người kiểm|người ghi|người báo cáo|người tổng hợp|người duyệt",
        "trưởng|trạm trưởng|thủ trưởng|thu truong|giám đốc|phó|hiệu trưởng|kế toán|chủ tịch",
        "ký|ky|tm|kt|tl|tuq",
        # Pages, counts of people, places and days: no name has figures there.
        r"trang\s*[0-9]+|page\s*[0-9]+|[0-9]+\s*người|ấn định|số lượng|sở y tế|ubnd|[^,0-9]{2,30},\s*ngày",
    )
    for word in line.split("|")
)
HEADING = (
    rf"^[\s(*]*(?:(?:[ivx]+|[0-9]{{1,2}}|[a-z])\s*[.):/-]+\s*)?(?:{'|'.join(_WORDS)})(?:[\s:.,;)/0-9-]|$)"
)

# The whole of a cell that says that no dose was given …
_NOT_GIVEN = (
    r"(?:chưa tiêm|hoãn|hoãn tiêm|tạm hoãn|không tiêm|không đồng ý tiêm|từ chối|từ chối tiêm|chống chỉ định"
    r"|không đến|không đến tiêm|vắng|vắng mặt)(?:\s*[(:,-].*)?[.]?"
)
# … unless it goes on about another dose ("chưa tiêm: mũi 2"), or denies it ("chống chỉ định: không").
_OTHERWISE = r"[(:,-].*(?:mũi|đã tiêm)|[(:,-]\s*(?:không|ko)[).\s]*$"


def not_given_sql(cell: str) -> str:
    """Return SQL: a cell says that no dose was given (sources in-22)."""
    text = f"lower(nfc_normalize(trim({cell})))"
    return f"regexp_full_match({text}, '{_NOT_GIVEN}') AND NOT regexp_matches({text}, '{_OTHERWISE}')"


def says_not_given(cell: str) -> bool:
    """Say the same of a text.

    >>> [says_not_given(text) for text in ("Hoãn tiêm (sốt)", "Chưa tiêm mũi 2", "Chống chỉ định: không")]
    [True, False, False]
    """
    text = unicodedata.normalize("NFC", cell.strip()).lower()
    return bool(re.fullmatch(_NOT_GIVEN, text)) and not re.search(_OTHERWISE, text)
