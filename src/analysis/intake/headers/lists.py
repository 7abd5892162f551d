"""The built-in headers: which texts name which field, for each folder of the intake.

Where they are from (sources in-5): the labels of the vaccination portal, the annexes of QĐ 3588/QĐ-BYT and CV 1535/BYT-DP, public
import forms; each with its header in `tests/spec/tables/headers.csv`. A text stands for its letters and digits: case,
accents, blanks and marks do not count. Names of province, district and commune are recognised by their words
(`header_words`), and are not listed.

A *weak* header names its field only where no other column of the file does and no second weak one stands beside it:
"Địa chỉ thường trú" is the address of a list that has no other, "Tỉnh" the unit of a list of provinces.
"""

from collections.abc import Mapping
from types import MappingProxyType

Headers = Mapping[str, tuple[str, ...]]
DATE_FIELDS = frozenset(
    {
        *("birth_date", "vaccination_date", "entry_date", "report_date", "reference_date"),
        *("received_at", "closed_at", "decided_on", "as_of"),
    }
)
# Counts and what identifies one row: never said once for several rows.
COUNT_FIELDS = frozenset(
    {
        *("doses_allocated", "doses_received", "doses_administered", "doses_discarded"),
        *("dose_1", "dose_2", "dose_3_plus", "population"),
    }
)
ROW_IDENTITIES = frozenset({"dose_record_id", "decision_id", "feedback_id", "named_row"})


def _headers(**fields: str) -> Headers:
    return MappingProxyType({f: tuple(t.strip() for t in texts.split(";")) for f, texts in fields.items()})


# Headers of the platform's exports (interfaces, platform/). A field's own name is always among its headers.
PERSON_HEADERS = _headers(
    full_name="Họ và tên; Họ tên; Tên đối tượng; Full name; Fullname; Họ tên đầy đủ; Họ và tên đầy đủ; "
    "Họ và tên khai sinh; Tên người được tiêm; Tên người được tiêm chủng; Họ tên bệnh nhân; Họ và tên bệnh nhân; "
    "Họ tên KH; Họ tên khách hàng; Họ tên nhân viên; Họ và tên nhân viên; Họ tên người lao động",
    birth_date="Ngày sinh; Ngày tháng năm sinh; Năm sinh; DOB; Ngày/tháng/năm sinh; Sinh ngày; Ngày tháng sinh; "
    "Date of birth; Birth date; Birthday; NTNS; Sinh năm; Ngày sinh hoặc năm sinh; Ngày/năm sinh; Ngày năm sinh",
    sex="Giới tính; GT; Phái; Sex; Gender; Nam/Nữ; Giới; Nam hay nữ; Nam hoặc nữ; G.tính; Gender ID",
    phone="Số điện thoại; SĐT; Điện thoại; Số ĐT; ĐT; SĐT liên hệ; Số điện thoại liên hệ; Số ĐT liên hệ; ĐT liên hệ; "
    "Điện thoại liên hệ; Số điện thoại liên lạc; Điện thoại liên lạc; Điện thoại di động; Số điện thoại di động; "
    "ĐTDĐ; Số ĐTDĐ; SĐTDĐ; Di động; Số di động; Phone; Phone number; Số phone; Số điện thoại cá nhân; Mobile; Personal phone number",
    id_number="Số CMND/CCCD/HC; Số CMND/CCCD; CMND/CCCD/HC; CMND/CCCD; CCCD; CMND; Số định danh; Mã định danh; "
    "Số ĐDCN; Số CCCD/CMT; Số CCCD; Số CMND; Số CCCD/CMND; CCCD/CMND; CMT; Số CMT; CMTND; Số CMTND; "
    "CMTCCCD; CCCDCMT; CMTNDCCCD; Số chứng minh nhân dân; Chứng minh nhân dân; Số chứng minh thư; Chứng minh thư; "
    "Số căn cước công dân; Căn cước công dân; Số căn cước; Căn cước; Số thẻ căn cước; Số thẻ căn cước công dân; "
    "Số thẻ CCCD; Thẻ CCCD; Mã số định danh; Mã số định danh cá nhân; Mã định danh cá nhân; Số định danh cá nhân; "
    "Mã định danh công dân; Số định danh công dân; Định danh cá nhân; Số ĐDCN/CCCD; ĐDCN; MĐD; Mã ĐD; Số giấy tờ; "
    "Số giấy tờ tùy thân; Giấy tờ tùy thân; Số GTTT; Số hiệu giấy tờ tùy thân; Số CMND hoặc CCCD; "
    "Số CMND hoặc thẻ CCCD; CMND hoặc CCCD; Số CMND hoặc CCCD hoặc hộ chiếu; ID number; Identity number; Identification",
    health_insurance_number="Số thẻ BHYT; Mã BHYT; Mã số BHXH; Số BHYT; Thẻ BHYT; BHYT; Số thẻ bảo hiểm y tế; "
    "Thẻ bảo hiểm y tế; Bảo hiểm y tế; Số bảo hiểm y tế; Mã thẻ BHYT; Mã số BHYT; Mã số thẻ BHYT; "
    "Mã thẻ bảo hiểm y tế; Mã số thẻ bảo hiểm y tế; Mã bảo hiểm y tế; Mã BHXH; Số BHXH; Mã số bảo hiểm xã hội; "
    "Mã bảo hiểm xã hội; Số sổ BHXH; Số sổ bảo hiểm xã hội; Mã BHYT/BHXH; Mã số BHYT/BHXH",
    nationality="Quốc tịch; Nationality",
    ethnicity="Dân tộc; Tên dân tộc; Thành phần dân tộc; Ethnicity; Ethnic",
    priority_group="Nhóm ưu tiên; Mã nhóm đối tượng; Nhóm đối tượng; Đối tượng ưu tiên; Nhóm đối tượng ưu tiên; "
    "Mã nhóm ưu tiên; Mã nhóm; Loại đối tượng; Tên nhóm đối tượng; Nhóm đối tượng tiêm; Thuộc nhóm đối tượng; "
    "Thuộc nhóm ưu tiên; Phân nhóm đối tượng; Mã đối tượng ưu tiên; Đối tượng thuộc nhóm; Nhóm ĐT; Mã nhóm ĐT; "
    "Priority group",
    workplace="Đơn vị công tác; Nơi công tác; Cơ quan công tác; Cơ quan/Đơn vị công tác; Đơn vị/Cơ quan công tác; "
    "Cơ quan, đơn vị; Nơi làm việc; Đơn vị làm việc; Cơ quan làm việc; Nơi công tác/học tập; Nơi học tập/công tác; "
    "Đơn vị công tác/học tập; Nơi làm việc/học tập; Công ty; Tên công ty; Tên cơ quan; Workplace",
    province="",
    district="",
    commune="Ward",
    # Code columns stand in for the name columns, or beside them.
    province_typed_code="province_code",
    district_typed_code="district_code",
    commune_typed_code="commune_code",
    address="Địa chỉ chi tiết; Địa chỉ; Địa chỉ nơi ở; Địa chỉ nơi ở hiện tại; Địa chỉ nơi ở hiện nay; "
    "Địa chỉ hiện tại; Địa chỉ hiện nay; Địa chỉ cư trú; Nơi ở; Nơi ở hiện nay; Nơi ở hiện tại; Nơi cư trú; "
    "Nơi cư trú hiện nay; Nơi cư trú hiện tại; Chỗ ở; Chỗ ở hiện nay; Chỗ ở hiện tại; Địa chỉ cụ thể; "
    "Địa chỉ liên hệ; Địa chỉ liên lạc; Địa chỉ đang ở; Nơi ở cụ thể; Address; Số nhà, tên đường; "
    "Số nhà, đường, tổ, thôn; Địa chỉ (số nhà, tên đường); Địa chỉ (số nhà, đường, thôn, tổ); Nơi ở chi tiết",
    note="Ghi chú; Note; Notes; Chú thích",
)
DOSE_HEADERS = _headers(
    dose_record_id="Mã mũi tiêm; ID; Mã bản ghi; Mã bản ghi mũi tiêm; Mã số mũi tiêm; ID mũi tiêm",
    dose_number="Mũi số; Mũi tiêm; Mũi tiêm thứ; Mũi thứ; Mũi; Lần tiêm; Lần tiêm thứ; Tiêm lần thứ; Lần tiêm số; "
    "Mũi tiêm số; Số thứ tự mũi tiêm; Số thứ tự mũi; Thứ tự mũi tiêm; Thứ tự mũi; Thứ tự tiêm; Thứ tự lần tiêm; "
    "STT mũi; STT mũi tiêm; Liều số; Liều thứ; Tiêm mũi thứ; Tiêm mũi số; Mũi tiêm lần; Mũi tiêm thứ mấy; "
    "Mũi thứ mấy; Tiêm mũi mấy; Mũi mấy; Dose; Dose number; Dose no; Tên mũi tiêm; Loại mũi tiêm; Mũi VX",
    vaccine="Tên vắc xin; Loại vắc xin; Vaccine; Vắc xin; Tên vaccine; Loại vaccine; Vacxin; Loại vacxin; Tên vacxin; "
    "Vaccin; Loại vaccin; Tên vaccin; VX; Loại VX; Tên VX; Tên vắc xin đã tiêm; Loại vắc xin đã tiêm; "
    "Vắc xin đã tiêm; Loại vaccine đã tiêm; Vaccine đã tiêm; Vắc xin tiêm; Loại vắc xin tiêm; Vắc xin sử dụng; "
    "Loại vắc xin sử dụng; Tên loại vắc xin; Tên thương mại vắc xin; Vắc xin được tiêm; Loại vắc xin được tiêm; "
    "Vaccine name",
    lot_number="Số lô; Lô vắc xin; Số lô vắc xin; Lô; Lô VX; Số lô VX; Lô SX; Lô sản xuất; Số lô SX; Số lô sản xuất; "
    "Số lô vaccine; Lô vaccine; Số lô vacxin; Lô vacxin; Số lô vaccin; Lô vaccin; Số hiệu lô; Mã lô; "
    "Mã lô vắc xin; Số lô thuốc; Lot; Lot number; Lot no; Batch; Batch number; Batch no; Lô số",
    vaccination_date="Ngày tiêm; Thời gian tiêm; Ngày giờ tiêm; Ngày tiêm chủng; Thời gian tiêm chủng; "
    "Ngày, giờ tiêm chủng; Ngày tiêm vắc xin; Ngày tiêm vaccine; Ngày tiêm vacxin; Ngày tiêm VX; Ngày tháng tiêm; "
    "Ngày tháng năm tiêm; Ngày/tháng/năm tiêm; Ngày đã tiêm; Ngày được tiêm; Ngày thực hiện tiêm; Ngày tiêm thực tế; "
    "Ngày thực tiêm; Thời điểm tiêm; Thời điểm tiêm chủng; Ngày tiêm mũi này; Ngày chích; Ngày chích ngừa; "
    "Vaccination date; Date of vaccination; Injection date; Ngày chủng ngừa; Ngày tiêm phòng",
    facility_name="Cơ sở tiêm chủng; Nơi tiêm; Đơn vị tiêm; Cơ sở tiêm; Điểm tiêm; Điểm tiêm chủng; Nơi tiêm chủng; "
    "Đơn vị tiêm chủng; Địa điểm tiêm; Địa điểm tiêm chủng; Tên cơ sở tiêm chủng; Tên cơ sở tiêm; Tên điểm tiêm; "
    "Tên điểm tiêm chủng; Tên đơn vị tiêm; Tên đơn vị tiêm chủng; Cơ sở thực hiện tiêm; Đơn vị thực hiện tiêm; "
    "Đơn vị tổ chức tiêm; CSTC; Tên CSTC; Nơi chích; Tiêm tại; Nơi thực hiện tiêm; Bàn tiêm/Điểm tiêm; "
    "Cơ sở y tế tiêm chủng; Cơ sở y tế thực hiện tiêm; Immunization unit; Injection place; Trạm y tế tiêm; Facility",
    facility_code="Mã cơ sở; Mã cơ sở tiêm chủng; Mã cơ sở tiêm; Mã điểm tiêm; Mã CSTC; Mã đơn vị tiêm; "
    "Mã đơn vị tiêm chủng; Mã điểm tiêm chủng; Facility code",
    entry_date="Ngày nhập; Ngày cập nhật; Thời gian nhập; Ngày nhập liệu; Thời gian nhập liệu; Ngày nhập dữ liệu; "
    "Ngày giờ nhập; Ngày nhập hệ thống; Ngày nhập lên hệ thống; Ngày nhập phần mềm; Ngày nhập vào hệ thống; "
    "Ngày lên hệ thống; Thời gian cập nhật; Ngày cập nhật hệ thống; Ngày giờ cập nhật; Ngày cập nhật dữ liệu; "
    "Ngày nhập mũi tiêm; Ngày nhập số liệu; Ngày nhập thông tin; Thời điểm nhập; Ngày nhập lên nền tảng; Entry date",
    police_result="Kết quả xác thực; Kết quả đối sánh; Kết quả xác minh; Kết quả xác thực dân cư; "
    "Kết quả đối sánh dân cư; Kết quả xác thực CSDLQG; Kết quả đối chiếu dân cư; Kết quả xác thực công dân; "
    "Kết quả xác thực với CSDLQG về dân cư; Kết quả đối sánh với CSDLQG về dân cư",
    signature_status="Trạng thái ký số; Ký số; Tình trạng ký số; Đã ký số; Kết quả ký số",
    reaction="Phản ứng sau tiêm; Phản ứng; Phản ứng sau tiêm chủng; PƯST; Phản ứng sau khi tiêm; "
    "Phản ứng phụ; Phản ứng phụ sau tiêm; Biểu hiện sau tiêm; Tai biến sau tiêm; Phản ứng/tai biến sau tiêm",
)
_PLACE_CODES = {"province_code": "", "district_code": "", "commune_code": ""}

FOLDER_HEADERS: Mapping[str, Headers] = {
    "platform": {**PERSON_HEADERS, **DOSE_HEADERS},
    "rosters": PERSON_HEADERS,
    "daily_reports": _headers(
        report_date="Ngày báo cáo; Ngày; Ngày tháng; Ngày tháng năm; Ngày BC; Ngày tiêm; Ngày số liệu; "
        "Ngày tháng báo cáo; Báo cáo ngày; Số liệu ngày; Ngày triển khai; Ngày thực hiện",
        province_code="",
        district_code="",
        doses_allocated="Số liều được phân bổ; Số liều phân bổ; Số vắc xin phân bổ; Vắc xin phân bổ; "
        "Số vắc xin được phân bổ; Vắc xin được phân bổ; Phân bổ; Được phân bổ; Số phân bổ; Số lượng phân bổ; "
        "Phân bổ theo quyết định; Số liều phân bổ theo quyết định; Số liều vắc xin được phân bổ; "
        "Số liều vắc xin phân bổ; Vắc xin phân bổ theo quyết định; Liều phân bổ; Số được phân bổ; Số VX phân bổ",
        doses_received="Số liều đã tiếp nhận; Số liều tiếp nhận; Tiếp nhận; Đã tiếp nhận; Số tiếp nhận; "
        "Số đã tiếp nhận; Số liều đã nhận; Số liều nhận; Số nhận; Đã nhận; Số đã nhận; Số liều thực nhận; Thực nhận; "
        "Số thực nhận; Vắc xin đã nhận; Vắc xin tiếp nhận; Số vắc xin đã nhận; Số vắc xin tiếp nhận; "
        "Số liều vắc xin đã nhận; Số liều vắc xin tiếp nhận; Vắc xin đã tiếp nhận; Số vắc xin đã tiếp nhận; "
        "Số lượng tiếp nhận; Số lượng nhận; Số liều nhận về; Số VX nhận",
        doses_administered="Số liều đã tiêm; Số mũi tiêm trong ngày; Tổng số mũi tiêm trong ngày; Tổng số mũi tiêm; "
        "Số mũi đã tiêm; Số mũi tiêm; Số liều tiêm; Số liều tiêm trong ngày; Số mũi đã tiêm trong ngày; "
        "Số liều đã tiêm trong ngày; Tổng số tiêm trong ngày; Tổng tiêm trong ngày; Tổng mũi tiêm trong ngày; "
        "Số tiêm trong ngày; Tiêm trong ngày; Đã tiêm trong ngày; Tổng số liều tiêm trong ngày; "
        "Tổng số mũi đã tiêm trong ngày; Tổng số liều đã tiêm trong ngày; Số tiêm được trong ngày; "
        "Số mũi tiêm được; Số mũi tiêm được trong ngày; Số liều tiêm được; Tổng số mũi tiêm được trong ngày; "
        "Tổng số mũi; Số mũi; Số người được tiêm trong ngày; Số tiêm được tổng số; Số tiêm được tổng cộng; "
        "Số mũi tiêm tổng số; Số mũi tiêm tổng cộng; Số mũi tiêm trong ngày tổng số; Số mũi tiêm trong ngày tổng cộng",
        doses_discarded="Số liều hủy; Số hủy; Hủy; Số liều vắc xin hủy; Số vắc xin hủy; Vắc xin hủy; Số liều bị hủy; "
        "Số liều hủy bỏ; Số hủy bỏ; Hủy bỏ; Số liều đã hủy; Liều hủy; Số vắc xin bị hủy; Số liều vắc xin bị hủy; "
        "Vắc xin số hủy; Số VX hủy",
        reporting_body="Lực lượng báo cáo; Lực lượng; Khối báo cáo; Khối; Hệ báo cáo",
    ),
    "population": _headers(
        unit_code="Mã đơn vị; Mã đơn vị hành chính; Đơn vị hành chính; Mã ĐVHC; ĐVHC; Tên đơn vị hành chính; "
        "Tên đơn vị; Mã địa bàn; Mã địa phương; Tên ĐVHC; Đơn vị; Địa phương",
        age_group="Nhóm tuổi; Độ tuổi; Lứa tuổi; Nhóm độ tuổi; Khoảng tuổi",
        population="Dân số; Số dân; Tổng dân số; Dân số trung bình; Số dân trung bình; Tổng số dân; Quy mô dân số; "
        "Số người; Số lượng dân số; Dân số thường trú; Số nhân khẩu; Nhân khẩu",
        source="Nguồn số liệu; Nguồn; Nguồn dữ liệu; Nguồn dân số; Nguồn cung cấp; Nguồn số liệu dân số",
        reference_date="Ngày số liệu; Thời điểm; Thời điểm số liệu; Ngày tham chiếu; Tính đến ngày; Số liệu đến ngày; "
        "Ngày chốt số liệu; Ngày chốt; Thời điểm thống kê; Ngày thống kê; Thời điểm tính; Số liệu tính đến ngày; "
        "Thời điểm dân số; Ngày tính dân số; Ngày",
    ),
    "facilities": _headers(
        facility_code="Mã cơ sở; Mã cơ sở tiêm chủng; Mã cơ sở tiêm; Mã điểm tiêm; Mã điểm tiêm chủng; Mã CSTC; "
        "Mã đơn vị tiêm chủng; Mã cơ sở y tế; Mã CSYT; Mã đơn vị tiêm; Mã cơ sở KCB; Mã CSKCB",
        facility_name="Tên cơ sở; Tên cơ sở tiêm chủng; Tên cơ sở tiêm; Cơ sở tiêm chủng; Cơ sở tiêm; Tên điểm tiêm; "
        "Tên điểm tiêm chủng; Điểm tiêm; Điểm tiêm chủng; Tên CSTC; Tên đơn vị tiêm chủng; Đơn vị tiêm chủng; "
        "Tên cơ sở y tế; Cơ sở y tế; Tên đơn vị tiêm; Đơn vị tiêm; Tên CSYT; Nơi tiêm; Địa điểm tiêm; Tên cơ sở KCB",
        **_PLACE_CODES,
    ),
    "feedback": _headers(
        feedback_id="Mã phản ánh; Mã số phản ánh; ID phản ánh; Số phản ánh; Mã phiếu phản ánh; Mã phiếu; Mã hồ sơ",
        received_at="Ngày tiếp nhận; Thời gian tiếp nhận; Ngày phản ánh; Thời gian phản ánh; Ngày gửi; "
        "Thời gian gửi; Ngày gửi phản ánh; Ngày giờ tiếp nhận; Thời điểm tiếp nhận; Ngày nhận; Thời điểm gửi; "
        "Ngày tiếp nhận phản ánh; Thời gian gửi phản ánh; Thời gian tiếp nhận phản ánh; Ngày nhận phản ánh",
        **_PLACE_CODES,
        facility_code="Mã cơ sở; Mã cơ sở tiêm chủng; Mã cơ sở tiêm; Mã điểm tiêm; Mã CSTC; Mã cơ sở xử lý",
        kind="Loại phản ánh; Phân loại; Phân loại phản ánh; Nhóm phản ánh; Kiểu phản ánh; Loại",
        status="Trạng thái xử lý; Trạng thái; Tình trạng xử lý; Tình trạng; Kết quả xử lý; Trạng thái phản ánh",
        refusal_ground="Lý do từ chối; Căn cứ từ chối; Lý do không duyệt; Lý do không phê duyệt; Nguyên nhân từ chối",
        closed_at="Ngày hoàn thành; Ngày xử lý xong; Thời gian hoàn thành; Ngày đóng; Ngày xử lý; Thời gian xử lý xong; "
        "Ngày kết thúc; Thời điểm hoàn thành; Ngày giờ hoàn thành; Ngày duyệt; Ngày kết thúc xử lý; Ngày trả lời",
    ),
    "decisions": _headers(
        decision_id="Mã quyết định; ID quyết định; Mã số quyết định",
        dose_record_id="Mã mũi tiêm; Mã bản ghi; Mã bản ghi mũi tiêm; ID mũi tiêm",
        named_file="Tên tệp; Tệp nguồn; Tên tập tin; Tên file; Tệp; File; source_file",
        named_row="Dòng số; Số dòng; Dòng; Số thứ tự dòng; Dòng nguồn; Dòng trong tệp; source_row",
        as_of="Ngày chốt số liệu; Ngày chốt; Số liệu đến ngày; Kỳ số liệu; Tuần số liệu",
        decision="Quyết định; Kết luận; Loại quyết định; Nội dung quyết định",
        citizen_id="Số định danh; Số định danh công dân; Số định danh cá nhân; Số CCCD; CCCD; Mã định danh; "
        "Mã định danh cá nhân; Số căn cước công dân; Mã số định danh; Mã số định danh cá nhân; Số ĐDCN; "
        "Mã định danh công dân",
        field="Trường cần sửa; Trường; Tên trường; Thông tin cần sửa; Trường thông tin; Trường dữ liệu; Cột cần sửa",
        value="Giá trị đúng; Giá trị mới; Giá trị; Giá trị sau khi sửa; Nội dung đúng; Giá trị sửa",
        ground="Căn cứ; Lý do; Căn cứ quyết định; Lý do quyết định; Giấy tờ căn cứ",
        decided_by="Người quyết định; Cán bộ quyết định; Đơn vị quyết định; Người kết luận",
        decided_on="Ngày quyết định; Ngày ra quyết định; Ngày kết luận",
    ),
}
_HOME = "Địa chỉ thường trú; Nơi thường trú; Hộ khẩu thường trú; HKTT; Hộ khẩu; Địa chỉ hộ khẩu; Nơi ĐKHKTT; Địa chỉ tạm trú"
_HAMLET = "Thôn; Xóm; Bản; Ấp; Tổ dân phố; TDP; Tổ; Khóm; Khu phố; Buôn; Làng; Số nhà; Tổ/Thôn; Thôn/Tổ; Thôn, bản, tổ"
_PASSPORT = "Hộ chiếu; Số hộ chiếu; HC; Số HC; Passport; Passport number; Passport no; Số passport"
_PERSON_WEAK = _headers(address=f"{_HOME}; Tạm trú; Thường trú; {_HAMLET}", id_number=_PASSPORT)
WEAK_HEADERS: Mapping[str, Headers] = {"platform": _PERSON_WEAK, "rosters": _PERSON_WEAK}

# Words that name a field only beside another word that does ("Họ và tên/Name"): alone they may mean other things.
PART_HEADERS = _headers(
    full_name="Name; Tên",
    phone="Tel; Telephone; Mobile phone; Zalo",
    id_number="ID; ID card; HC; Hộ chiếu; Giấy tờ khác; Mã định danh; CC; Khác; ID/Passport; Identity card",
    address="Address; Thôn; Tổ dân phố",
    facility_name="Immunization unit; Vaccination site; Place of injection; Place of vaccination",
    dose_number="Dose; No",
    vaccination_date="Date",
    vaccine="Vaccine",
    workplace="Trường; Lớp; Trường học; Cơ quan; Đơn vị; Công ty",
)
