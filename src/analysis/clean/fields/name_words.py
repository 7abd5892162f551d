"""Words that decide how a name cell is read: surnames, abbreviations, tests, totals."""

import re

from analysis.intake.syllables import unaccented


def _capitalised(*lines: str) -> frozenset[str]:
    return frozenset(word.capitalize() for line in lines for word in line.split())


# Surnames of the Kinh and of the peoples of the north (sources name-5), as first words of names.
SURNAMES = _capitalised(
    "nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý trương đinh trịnh nông mai",
    "đào lâm tô đoàn hà cao lương lưu tạ châu thái triệu phùng đàm vi hứa lục ma bế sầm lò hoa quách chu",
    "vàng giàng sùng thào mua ly lầu vừ hầu sính cứ bàn phàn chẩn chảo tẩn lù thèn cháng vương tận lùng",
    "vù mã cư tráng tải thò chá dinh hạng lừu páo sình dì phù già cà lường quàng tòng điêu bạc hảng khà",
    "kiều nghiêm tống doãn la lại mạc kim thạch sơn danh liêu khổng cù thân đường giáp ninh bạch",
)
# Frequent words behind the surname (sources name-5).
MIDDLE_WORDS = _capitalised(
    "thị văn đức hữu ngọc minh quang kim thanh thu xuân công hồng đình thành quốc trung thúy bích phương",
    "mỹ thùy phúc tấn anh tuấn duy gia bảo khánh như mí thái nhật hải hoài tiến trọng mạnh viết thế bá kiều diệu",
)
# Surnames that nobody bears as a given name: at the end of a name they show its order is reversed.
NEVER_GIVEN = frozenset({"Nguyễn", "Trần", "Phạm", "Huỳnh", "Đỗ", "Bùi", "Ngô", "Trương", "Trịnh"})
# Keys of surnames that always carry a mark: such a first word without one was typed without diacritics.
SURNAME_KEYS = frozenset(
    unaccented(name.lower())
    for name in SURNAMES
    if not name.isascii() and unaccented(name.lower()) not in {n.lower() for n in SURNAMES if n.isascii()}
)
# The commonest (sources name-5, from one in two hundred on): behind Ông they show that it is a title.
FREQUENT_SURNAMES = _capitalised(
    "nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng",
    "bùi đỗ hồ ngô dương lý trương đinh trịnh",
)
# Further ones of the peoples of the centre and the highlands, rarer ones of the Kinh: only what stands before them
# is judged by them. Y begins names of men, H those of women.
OTHER_SURNAMES = _capitalised(
    "ksor kpă nay rmah rơ rah rcom siu puih niê mlô byă êban kbuôr ayun hiao y h moong cụt lữ lô kha",
    "sộng sồng xồng mùa hờ vì cầm kiên kiêm diệp lộc mạ đậu vy mông lí long lã lang",
)
# Surnames that nobody bears as a middle name: behind Ông they show that it is a title.
NEVER_MIDDLE = _capitalised(
    "nông bế đàm lò sùng giàng thào vừ lầu mông hứa lục quàng lường tòng chảo tẩn phàn bàn hạng páo ma mã",
    "đoàn phùng đỗ bùi ngô trịnh siu ksor rmah rơ rah rcom niê mlô byă êban kbuôr ayun y h lữ cháng lù vù",
)
# Further words of names, without accents, of peoples whose words are no Vietnamese syllables: clans of the highlands,
# names of the Chăm and the Khmer. They make nobody a foreigner; the peoples' names as they are written have accents.
HIGHLAND_WORDS = frozenset(
    word
    for line in (
        "mlo nie niee kdam eban ayun bya kbuor knul hwing hmok enuol kpa ksor adrong bkrong krong rcam rcom ktul kdoh mdrang buon",
        "bdap triek ndu rluk jie rmah rah ro lan cham kpuih puih nay siu hiao ralan rahlan kbor ksa nse hlong dru dieu krieng",
        "alang zoram bhling briu arat ploong avo atung coor hoih bloong kator chamalea pinang touneh touprong prong",
        "mah mod mach saleh leh mohamad mohamath mohamach mousa musa zakaria fatimah maryam khotijah aminah karim ibrohim",
        "yousos rofi rokyah saymah neang thach danh chau srey sret sok nane hene kunh thia",
    )
    for word in line.split()
)
# What stands before a name and is none: forms of address and professions. Of them only Ông is known to us as a
# surname too; all count only before one of the surnames above. Đ/c, đồng chí, comes as two words.
PLAIN_TITLES = {"Ong": "Ông", "Ba": "Bà"}
TITLES = _capitalised("ông ô bà b anh chị cô cháu cụ bác gv bs ths ts ds ys đd")
# Behind a name they begin a note on kin ("con ông Hùng"), in front of one they say that it is somebody else's.
KIN = frozenset({"Con", "Vợ", "Chồng", "Mẹ", "Bố"})
OF_KIN = frozenset({"Ông", "Bà", "Anh", "Chị", "Của"})
AND = "Và"
# Behind a comma these begin or make a note, not the rest of a name.
NOT_OF_A_NAME = frozenset(
    word
    for line in (
        "xã phường huyện quận tỉnh thôn xóm ấp bản khóm khu tổ phố đội buôn tp tx tt kp thon xom ubnd tyt",
        "mẹ vợ chồng bố cha con cháu bà ông chị em nữ ty mầm viện trạm nhà lớp mũi chưa đã hoãn",
    )
    for word in line.split()
)
ABBREVIATION = re.compile(r"^(?:(?:ng|tr|ph|th|nh|kh|đ|[a-z])\.+|ng|tr|ph|th|nh)$")
# On the unaccented key of an unusual name, and on the accented name: Thu Nghiêm is a name, thử nghiệm not.
TEST_KEY = re.compile(r"\b(?:test|tets|testing|demo|abc|xyz|asd|asdf|qwerty|aaa+|xxx+)\b")
TEST_NAME = re.compile(
    r"\b(?:thử nghiệm|kiểm thử|chạy thử|nhập thử)\b|^(?:kiem thu he thong|nhap thu|chay thu)"
)
# The names on every specimen form. A person's own number may prove one of them to be somebody's, cut short.
SPECIMEN_NAME = "nguyễn văn (?:a|b|c)|(?:trần|nguyễn|lê) thị b|lê văn c"
# Tống Công is a surname and a middle name: a total is told by its accents, or by having nothing more.
TOTAL_NAME = re.compile(
    r"^(?:tổng cộng|tổng số|tổng$|cộng(?:$| trang| người| mũi| liều| đối tượng)|lũy kế|người lập|thủ trưởng|xác nhận của|ghi chú|nơi nhận)"
    r"|^(?:tong cong|tong so|tong|cong|luy ke|ghi chu|nguoi lap(?: bieu)?)$"
)
