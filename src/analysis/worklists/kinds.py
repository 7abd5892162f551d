"""The kinds of list, their sections, the only columns each may show, and the answers to choose from.

A list that is lost must tell as little as it can (dispatch 2262/BYT-CNTT of 4/5/2022 sends it from the
health station to hamlet teams and the commune's police): for what is to be corrected or decided, never a
value of the registry, only the record's code, which field is in doubt and how; for who is due, no number.
Never a telephone, an occupation or a priority group (sources due-5, due-6).
"""

from dataclasses import dataclass, field

from analysis.clean.decision_values import NO_PAPER, RIGHT_ON_PLATFORM

# What an answer asks to be typed beside it.
CITIZEN_NUMBER, FIELD_VALUE, DOSE_DATE, PRODUCT_AND_DATE = "citizen_number", "field", "dose_date", "dose"


@dataclass(frozen=True)
class Column:
    """One printed column: its name here, its heading on the sheet, its width in characters."""

    name: str
    heading: str
    width: int


@dataclass(frozen=True)
class Choice:
    """One answer: its number on paper, its text, the decision it becomes ("" for none) and what it needs.

    `typed` is what must stand in the value column ("" for nothing); `ground` goes into the decision.
    `acts_on_other`: the decision is about the other record of the line, not its own.
    """

    number: str
    text: str
    decision: str = ""
    typed: str = ""
    ground: str = ""
    acts_on_other: bool = False

    @property
    def label(self) -> str:
        """Return the text of the drop-down list."""
        return f"{self.number} - {self.text}"


@dataclass(frozen=True)
class Section:
    """One sheet of a list: lines of one situation, with the answers that fit it."""

    name: str
    sheet: str
    title: str
    columns: tuple[Column, ...]
    choices: tuple[Choice, ...]

    def find_choice(self, answer: str) -> Choice | None:
        """Return the choice an answer means, given by its number or its whole text; None for anything else."""
        said = " ".join(answer.split())
        return next((c for c in self.choices if said in (c.number, c.label, f"{c.number}.")), None)


@dataclass(frozen=True)
class Kind:
    """One list: a purpose and its sections."""

    name: str
    title: str
    purpose: str
    sections: tuple[Section, ...] = field(default=())


NUMBER = Column("line_number", "TT", 5)
REFERENCE = Column("reference", "Mã dòng", 13)
HAMLET = Column("hamlet", "Thôn/tổ dân phố", 17)
ANSWER = Column("answer", "Trả lời (ghi số)", 18)
VALUE = Column("value", "Giá trị đúng (nếu có)", 22)
# Behind every section's own columns, hidden and outside what is printed: it says nothing of a record (row_codes.py).
ROW_CODE = Column("row_code", "Mã kiểm tra (không in, không xóa)", 22)
RECORD = Column("record", "Mã mũi tiêm (không có mã: họ tên, số giấy tờ như đã ghi)", 24)
DOSE_COLUMNS = (
    Column("dose_date", "Ngày tiêm", 11),
    Column("dose_product", "Mũi, vắc xin", 16),
    Column("dose_site", "Cơ sở tiêm", 23),
)

NOT_YET = "Chưa xác minh được"
CORRECT = Section(
    "correct",
    "Cần sửa",
    "Bản ghi đã xác định được công dân, có trường thông tin cần sửa",
    (
        *(NUMBER, REFERENCE, HAMLET, RECORD),
        Column("field", "Trường cần xem lại", 22),
        Column("difference", "Khác thế nào", 28),
        *(ANSWER, VALUE),
    ),
    (
        Choice("1", "Sửa theo giá trị ghi bên cạnh", "correct_value", FIELD_VALUE),
        Choice("2", "Đã ghi đúng trên Nền tảng", "same_person", ground=RIGHT_ON_PLATFORM),
        Choice("3", "Bản ghi của công dân có số CCCD ghi bên cạnh", "same_person", CITIZEN_NUMBER),
        Choice("4", NOT_YET),
    ),
)
REVIEW = Section(
    "review",
    "Chờ quyết định",
    "Bản ghi chưa xác định được công dân, chờ người quyết định; dòng dễ tìm thấy đứng trước, các dòng cùng nhóm có thể của "
    "một người hoặc một hộ",
    (
        *(NUMBER, REFERENCE, HAMLET, RECORD, *DOSE_COLUMNS),
        Column("reason", "Vì sao chờ quyết định", 22),
        *(ANSWER, VALUE),
    ),
    (
        Choice("1", "Đã xác định công dân: ghi số CCCD", "same_person", CITIZEN_NUMBER),
        Choice("2", "Không có trong CSDLQG về dân cư", "not_in_registry"),
        Choice("3", "Không có mũi tiêm này: xóa bản ghi", "delete_dose", ground="không có mũi tiêm"),
        Choice("4", NOT_YET),
    ),
)
DUPLICATE = Section(
    "duplicate",
    "Trùng mũi tiêm",
    "Hai bản ghi có thể là một mũi tiêm của một người",
    (
        *(NUMBER, REFERENCE, HAMLET, RECORD, *DOSE_COLUMNS),
        Column("other_record", "Bản ghi kia", 18),
        Column("other_date", "Ngày tiêm (kia)", 11),
        Column("other_product", "Mũi, vắc xin (kia)", 16),
        Column("other_site", "Cơ sở tiêm (kia)", 23),
        *(ANSWER, VALUE),
    ),
    (
        Choice("1", "Trùng: xóa bản ghi này", "delete_dose", ground="trùng mũi tiêm"),
        Choice("2", "Trùng: xóa bản ghi kia", "delete_dose", ground="trùng mũi tiêm", acts_on_other=True),
        Choice("3", "Hai mũi khác nhau: ghi đúng ngày tiêm bản ghi này", "correct_value", DOSE_DATE),
        Choice("4", "Của người khác: ghi số CCCD người đó", "same_person", CITIZEN_NUMBER),
        Choice("5", NOT_YET),
    ),
)
DUE_COLUMNS = (
    *(NUMBER, REFERENCE, HAMLET),
    Column("full_name", "Họ và tên", 26),
    Column("birth_year", "Năm sinh", 9),
    Column("next_dose", "Mũi tiếp theo (vắc xin như mũi trước)", 24),
    Column("window", "Thời gian tiêm", 34),
    *(ANSWER, VALUE),
)
# The grounds (sources due-4): deferred, contraindicated, refused, absent; moved and deceased go on to the registry office,
# a dose without paper to the facility that is said to have given it: it counts once the platform has it.
DUE_CHOICES = (
    Choice("1", "Đã mời hoặc đã hẹn tiêm"),
    Choice(
        "2",
        "Đã tiêm và có giấy: ghi vắc xin và ngày",
        "add_dose",
        PRODUCT_AND_DATE,
        "giấy xác nhận tiêm chủng",
    ),
    Choice("3", "Chưa mời: tạm hoãn", "do_not_invite", ground="deferred"),
    Choice("4", "Không mời: chống chỉ định", "do_not_invite", ground="contraindicated"),
    Choice("5", "Không mời: từ chối", "do_not_invite", ground="refused"),
    Choice("6", "Không mời: vắng mặt", "do_not_invite", ground="absent"),
    Choice("7", "Đã chuyển đi", "do_not_invite", ground="moved"),
    Choice("8", "Đã mất", "do_not_invite", ground="deceased"),
    Choice("9", "Đã tiêm và mất giấy: ghi vắc xin và ngày", "do_not_invite", PRODUCT_AND_DATE, NO_PAPER),
)
INVITE = Section("invite", "Mời tiêm", "Người đến hạn hoặc quá hạn tiêm", DUE_COLUMNS, DUE_CHOICES)
CHECK_FIRST = Section(
    "check_first",
    "Kiểm tra trước khi mời",
    "Kiểm tra trước khi mời: có thể đã tiêm mà chưa ghép được bản ghi",
    DUE_COLUMNS,
    DUE_CHOICES,
)

KINDS = (
    Kind(
        "to_correct",
        "DANH SÁCH BẢN GHI TIÊM CHỦNG CẦN SỬA THÔN TIN",
        "rà soát, sửa thông tin bản ghi tiêm chủng",
        (CORRECT,),
    ),
    Kind(
        "to_decide",
        "DANH SÁCH BẢN GHI TIÊM CHỦNG CHỜ QUYẾT ĐỊNH HOẶC TRÙNG",
        "xác định công dân, loại bản ghi trùng",
        (REVIEW, DUPLICATE),
    ),
    Kind("due", "DANH SÁCH NGƯỜI ĐẾN HẠN, QUÁ HẠN TIÊM", "mời tiêm", (INVITE, CHECK_FIRST)),
)

# The audit's look-ups (audit/lists.py): alike for linked and open rows, and nothing of the registry on them.
LOOK_UP = Section(
    "look_up",
    "Tra cứu",
    "Tra cứu từng dòng trong CSDLQG về dân cư; không hỏi cơ sở tiêm, không đến nhà",
    (
        *(NUMBER, REFERENCE),
        Column("full_name", "Họ và tên như đã ghi", 26),
        Column("birth_date", "Ngày sinh như đã ghi", 13),
        Column("sex", "Giới tính", 9),
        Column("id_number", "Số giấy tờ như đã ghi", 18),
        Column("place", "Nơi ở như đã ghi", 34),
        *(ANSWER, VALUE),
    ),
    (
        Choice(
            "1", "Tìm thấy: ghi số định danh cá nhân", "same_person", CITIZEN_NUMBER, "kiểm tra ngẫu nhiên"
        ),
        Choice("2", "Không tìm thấy", "not_in_registry", ground="kiểm tra ngẫu nhiên"),
        Choice("3", "Không xác định được một người"),
    ),
)
_LOOK_UP_PURPOSE = "kiểm tra ngẫu nhiên độ chính xác của việc đối chiếu"
AUDIT_KINDS = (
    Kind("audit", "DANH SÁCH TRA CỨU KIỂM TRA NGẪU NHIÊN", _LOOK_UP_PURPOSE, (LOOK_UP,)),
    Kind("audit_again", "DANH SÁCH TRA CỨU LẦN HAI (NGƯỜI THỨ HAI TRA CỨU)", _LOOK_UP_PURPOSE, (LOOK_UP,)),
)
# What goes on (onward/): its answers decide nothing, the next week's records tell what arrived.
UPDATE = Section(
    "update",
    "Cập nhật",
    'Sửa từng dòng trên Nền tảng đúng như cột "Sửa thành"; không sửa gì khác',
    (
        *(NUMBER, REFERENCE, RECORD, *DOSE_COLUMNS[:2]),
        Column("field", "Trường cần sửa", 20),
        Column("value_now", "Nền tảng đang ghi", 20),
        Column("value_right", "Sửa thành", 22),
        Column("ground", "Căn cứ", 22),
        Column("decided_by", "Người quyết định, ngày", 24),
        ANSWER,
    ),
    (
        Choice("1", "Đã cập nhật trên Nền tảng"),
        Choice("2", "Không tìm thấy bản ghi trên Nền tảng"),
        Choice("3", "Chưa cập nhật được"),
    ),
)
FINDING = Section(
    "finding",
    "Dữ liệu dân cư",
    "Điều phát hiện khi đối chiếu, do cơ quan công an xem xét và quyết định",
    (
        *(NUMBER, REFERENCE),
        Column("citizen", "Số định danh cá nhân", 18),
        Column("finding", "Điều phát hiện", 34),
        Column("evidence", "Dựa vào", 44),
        ANSWER,
    ),
    (
        Choice("1", "Đã sửa trong CSDLQG về dân cư"),
        Choice("2", "CSDLQG về dân cư đã ghi đúng"),
        Choice("3", NOT_YET),
    ),
)
UPDATE_KIND = Kind(
    "updates",
    "DANH SÁCH CẬP NHẬT NỀN TẢNG",
    "cập nhật bản ghi trên Nền tảng theo quyết định đã có",
    (UPDATE,),
)
FINDING_KIND = Kind(
    "findings",
    "DANH SÁCH PHÁT HIỆN VỀ DỮ LIỆU DÂN CƯ",
    "cơ quan công an xem xét dữ liệu dân cư",
    (FINDING,),
)
SECTIONS = {
    section.name: section
    for kind in (*KINDS, *AUDIT_KINDS, UPDATE_KIND, FINDING_KIND)
    for section in kind.sections
}
