"""The editable document read back, clause by clause of annex I of Decree 30/2020/NĐ-CP."""

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from analysis.briefing.charts.charts import draw_charts
from analysis.briefing.documents.web_page import without_internal
from analysis.briefing.documents.word_document import write_docx
from analysis.briefing.documents.word_styles import LOOKS
from analysis.briefing.figures.context import build_context
from analysis.settings import RunParameters, read_settings

Sample = Callable[..., RunParameters]


@pytest.fixture(params=["ha_giang", "national"])
def made(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def lines(element: Any) -> list[tuple[str, str]]:
    """Return style and text of every paragraph of a part of the document that has a text."""
    return [(p.style.name, p.text) for p in element.paragraphs if p.text]


def all_paragraphs(document: Any) -> Iterator[Any]:
    part = document.sections[0]
    for place in (document, part.header, part.first_page_header, part.footer, part.first_page_footer):
        yield from place.paragraphs
        for table in place.tables:
            for row in table.rows:
                for cell in row.cells:
                    yield from cell.paragraphs


def written(run: RunParameters, unit: str, folder: Path) -> Any:
    context = build_context(run, unit)
    return docx.Document(str(write_docx(context, draw_charts(context, folder), folder)))


def closing_of(document: Any) -> tuple[list[str], list[str]]:
    """Return the lines of the recipients and of the signature."""
    table = next(t for t in document.tables if t.cell(0, 0).paragraphs[0].style.name == "Nơi nhận")
    return tuple([p.text for p in cell.paragraphs] for cell in table.rows[0].cells)  # type: ignore[return-value]


def test_page_margins_font_and_numbers_are_the_decree_s(made: Any) -> None:
    document = docx.Document(str(made.docx))
    part = document.sections[0]
    measures = (part.page_width, part.page_height, part.left_margin, part.right_margin, part.top_margin)
    assert [round(m.mm) for m in (*measures, part.bottom_margin) if m] == [210, 297, 30, 17, 22, 20]
    assert part.different_first_page_header_footer
    number = part.header.paragraphs[0]
    assert number.style.name == "Số trang" and " PAGE " in number._p.xml
    assert "PAGE" not in part.first_page_header._element.xml


def test_the_head_has_every_part_in_its_place_and_size(ha_giang: Any) -> None:
    document = docx.Document(str(ha_giang.docx))
    left, right = document.tables[0].rows[0].cells
    assert lines(left) == [
        ("Cơ quan chủ quản", "UBND TỈNH HÀ GIANG"),
        ("Cơ quan ban hành", "SỞ Y TẾ"),
        ("Số và ký hiệu", "Số: ……/BC-SYT"),
    ]
    assert lines(right) == [
        ("Quốc hiệu", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("Tiêu ngữ", "Độc lập - Tự do - Hạnh phúc"),
        ("Địa danh và ngày", "Hà Giang, ngày …… tháng …… năm 2021"),
    ]
    assert lines(document)[:4] == [
        ("Title", "BÁO CÁO"),
        ("Trích yếu", "Tiến độ tiêm vắc xin phòng COVID-19 tỉnh Hà Giang"),
        ("Ngày số liệu", "(đến hết ngày 07/11/2021)"),
        ("Kính gửi", "Kính gửi: Ủy ban nhân dân tỉnh Hà Giang"),
    ]
    for cell, ruled in ((left, "Cơ quan ban hành"), (right, "Tiêu ngữ")):  # a line stands under each
        after = next(p for p in cell.paragraphs if p.style.name == ruled)._p.getnext()
        assert after.find(f".//{qn('w:pBdr')}") is not None


def test_every_paragraph_has_a_style_of_ours_and_no_look_of_its_own(made: Any) -> None:
    document = docx.Document(str(made.docx))
    ours = {look.name for look in LOOKS.values()}
    assert {p.style.name for p in all_paragraphs(document)} <= ours
    xml = document.element.body.xml
    assert "<w:rPr>" not in xml and "<w:jc " not in xml


def test_all_text_is_black_and_times_new_roman(made: Any) -> None:
    styles = docx.Document(str(made.docx)).styles
    for look in LOOKS.values():
        font = styles[look.name].font
        assert (font.name, str(font.color.rgb), font.size.pt) == ("Times New Roman", "000000", look.size)
    sizes = {
        key: LOOKS[key].size for key in ("organisation", "number", "state", "motto", "kind", "text", "page")
    }
    assert all(12 <= size <= 14 for size in sizes.values())
    assert (LOOKS["recipients"].size, LOOKS["recipient"].size) == (12, 11)


def test_headings_lead_through_the_document(made: Any) -> None:
    found = lines(docx.Document(str(made.docx)))
    sections = made.context["sections"]
    assert [t for style, t in found if style == "Heading 2"] == [s["title"] for s in sections]
    assert [t for style, t in found if style == "Heading 1"] == [
        s["chapter"] for s in sections if s["chapter"]
    ]


def test_a_department_s_deputy_signs_for_the_director(ha_giang: Any, national: Any) -> None:
    recipients, signature = closing_of(docx.Document(str(ha_giang.docx)))
    assert signature == ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", ""]
    assert recipients == ["Nơi nhận:", "- Như trên;", "- Lưu: VT."]
    assert closing_of(docx.Document(str(national.docx)))[1][0] == "KT. BỘ TRƯỞNG"
    text = " ".join(p.text for p in all_paragraphs(docx.Document(str(ha_giang.docx))))
    assert "(Ký" not in text and "TM." not in text and "Kính gửi:" in text


@pytest.mark.parametrize(
    ("organisation", "head", "number", "signed", "to"),
    [
        ("Sở Y tế tỉnh Hà Giang", "UBND TỈNH HÀ GIANG", "BC-SYT", "KT. GIÁM ĐỐC", "nhân dân tỉnh Hà Giang"),
        ("Ủy ban nhân dân tỉnh Hà Giang", "", "BC-UBND", "TM. ỦY BAN NHÂN DÂN", "Kính gửi: Bộ Y tế"),
        ("Viện Pasteur", "", "/BC", "THỦ TRƯỞNG ĐƠN VỊ", "nhân dân tỉnh Hà Giang"),
    ],
)
def test_who_issues_decides_head_number_addressee_and_signature(
    sample: Sample, organisation: str, head: str, number: str, signed: str, to: str
) -> None:
    context = build_context(sample(settings=f'organisation = "{organisation}"'), "02")
    letterhead = context["letterhead"]
    assert (letterhead["superior"], letterhead["organisation"]) == (head, organisation.upper())
    assert letterhead["number"].endswith(number) and context["title"]["addressee"].endswith(to)
    assert context["closing"]["signed_as"][0] == signed


def test_the_settings_name_signatory_and_recipients_of_the_organisation_alone(sample: Sample) -> None:
    own = (
        'signed_as = ["Q. GIÁM ĐỐC"]\nsigner = "Trần Thị Thử"\nrecipients = ["Sở Thông tin và Truyền thông"]'
    )
    closing = build_context(sample(settings=f'organisation = "Sở Y tế tỉnh Hà Giang"\n{own}'), "02")[
        "closing"
    ]
    assert (closing["signed_as"], closing["signer"]) == (["Q. GIÁM ĐỐC"], "Trần Thị Thử")
    assert closing["recipients"] == ["- Như trên;", "- Sở Thông tin và Truyền thông;", "- Lưu: VT."]
    delegated = build_context(sample(settings=own), "02")["closing"]  # the ministry's, on a department's page
    assert (delegated["signed_as"][0], delegated["signer"]) == ("KT. GIÁM ĐỐC", "")


@pytest.mark.parametrize("text", ['signer = "a\\u0007"', 'recipients = ["", "b"]', 'signed_as = "GIÁM ĐỐC"'])
def test_what_cannot_be_printed_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "baophu.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Exception, match="settings: '"):
        read_settings(tmp_path / "baophu.toml")


def test_it_is_a_draft_until_it_is_approved(ha_giang: Any, tmp_path: Path) -> None:
    document = docx.Document(str(ha_giang.docx))
    heads = (document.sections[0].header, document.sections[0].first_page_header)
    assert all("DỰ THẢO" in "".join(p.text for p in head.paragraphs) for head in heads)
    released = ha_giang.context | {"mark": without_internal(ha_giang.context["mark"])}
    write_docx(released, draw_charts(released, tmp_path), tmp_path)
    assert b"TH\xe1\xba\xa2O" not in b"".join(members(tmp_path / "02-ha-giang.docx").values())


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_pictures_are_vectors_with_points_for_older_programs(made: Any) -> None:
    parts = members(made.docx)
    names = {c["name"] for part in made.context["sections"] for c in part["charts"]}
    vectors = {n: data for n, data in parts.items() if n.endswith(".svg")}
    assert {Path(n).stem for n in vectors} == names and len(names) >= 4
    assert all(b" xlink:href=" in data and b" href=" not in data for data in vectors.values())
    xml = parts["word/document.xml"].decode()
    assert xml.count("svgBlip") == len(names) == sum(n.endswith(".png") for n in parts)
    assert 'ContentType="image/svg+xml"' in parts["[Content_Types].xml"].decode()


def test_the_name_of_the_illness_never_breaks(made: Any) -> None:
    xml = members(made.docx)["word/document.xml"].decode()
    texts = re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", xml)
    assert not [t for t in texts if "COVID-19" in t] and "<w:noBreakHyphen/>" in xml
