"""What the page says: the published paragraph, the tasks, and honest words where an input is missing."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from analysis.briefing.figures.context import build_context
from analysis.briefing.figures.first_page import WORD_LIMIT, count_words, first_page_texts
from analysis.briefing.figures.front import LIST_LENGTHS
from analysis.briefing.figures.units import districts, provinces
from analysis.errors import CheckError, MachineError, RequestError
from analysis.settings import RunParameters
from analysis.tables import TABLES, Zone

Sample = Callable[..., RunParameters]
Tables = dict[str, pd.DataFrame]
AGGREGATE = [name for name, table in TABLES.items() if table.zone is Zone.AGGREGATE]


def everything(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def section(context: dict[str, Any], name: str) -> dict[str, Any]:
    return next(part for part in context["sections"] if part["name"] == name)


def said(context: dict[str, Any]) -> str:
    return " ".join(context["front"]["sentences"])


def test_the_paragraph_has_the_published_figures(ha_giang: Any) -> None:
    text = said(ha_giang.context)
    assert "Đến hết ngày 07/11/2021" in text
    assert "trên 104 triệu liều" in text and "trên 90,8 triệu mũi" in text and "gần 29 triệu người" in text
    assert "Tỉnh Hà Giang có 387.978 người tiêm ít nhất 1 mũi" in text and "65,85%" in text
    assert "78.922 người tiêm đủ 2 mũi (13,40%)" in text
    order = ["TP Hà Giang 95,56%", "Bắc Quang 83,99%", "Vị Xuyên 81,63%", "Quang Bình 69,85%", "thấp nhất"]
    assert [text.index(name) for name in order] == sorted(text.index(name) for name in order)


def test_the_line_of_confirmed_people_and_the_four_figures(ha_giang: Any) -> None:
    front = ha_giang.context["front"]
    assert front["confirmed"].startswith("Đã xác nhận trong CSDLQG về dân cư: 349.180 người")
    assert [f["value"] for f in front["figures"][:3]] == ["65,85%", "13,40%", "87,40%"]
    assert front["figures"][0]["change"] == "▲ 2,96 điểm %" and front["figures"][0]["tone"] == "cần lưu ý"
    assert front["figures"][0]["detail"] == "387.978 / 589.184 người"
    assert front["figures"][2]["detail"] == "chưa nhập 58.830 mũi"


def test_the_supply_card_says_what_is_left_and_how_long_it_lasts(ha_giang: Any) -> None:
    """505.400 × 97 % received, 466.900 given, 120 discarded; 21.000 given in the week."""
    card = ha_giang.context["front"]["figures"][3]
    supply = {
        row["cells"][0]: row["cells"][1] for row in section(ha_giang.context, "supply")["tables"][0]["rows"]
    }
    assert card["value"] == f"{supply['Còn tại địa phương (liều)']} liều"
    assert card["detail"] == f"chưa nhận {supply['Đã phân bổ, chưa nhận (liều)']} liều"
    assert card["change"].startswith("đủ khoảng") and card["tone"] == "cần lưu ý"


def test_the_tasks_come_from_the_figures(ha_giang: Any) -> None:
    first, second, third = ha_giang.context["front"]["tasks"]
    assert "57.218 người" in first and "8 huyện lên 70%" in first and "Mèo Vạc" in first
    assert "58.830 mũi" in second
    assert "119.863 bản ghi" in third and "cần sửa 92.004" in third
    assert all("Chủ trì: " in task and "chịu trách nhiệm: " in task for task in (first, second, third))
    assert all("2021 (đề xuất)" in task for task in (first, second, third))


def test_the_bridge_adds_up_on_the_page(ha_giang: Any) -> None:
    table = section(ha_giang.context, "bases")["tables"][1]
    counts = [int(row["cells"][1].replace(".", "").replace("−", "-")) for row in table["rows"]]
    assert sum(counts[:-1]) == counts[-1] == 349_180


def longest_pages() -> list[str]:
    """Return the units whose paragraph is longest: lists of many words, long names, the country."""
    words = {c: sum(len(u.short_name.split()) + 1 for u in districts(c).values()) for c in provinces()}
    listed = sorted((c for c in words if len(districts(c)) <= max(LIST_LENGTHS)), key=lambda c: -words[c])
    longest = [*listed[:8], *sorted(words, key=lambda c: -words[c])[:4], "77", "79", "VN"]
    return list(dict.fromkeys(longest))


def test_the_longest_first_pages_of_the_country_fit(sample: Sample) -> None:
    def all_districts(tables: Tables) -> None:
        coverage, rows = tables["coverage"], []
        like = coverage[(coverage["unit_code"] == "024") & (coverage["basis"] == "reported")]
        for code in longest_pages()[:-1]:
            for i, district in enumerate(districts(code)):
                rows.append(like.assign(unit_code=district, coverage_pct=69.99 - i, people=40_000))
        kept = coverage[coverage["unit_level"] != "district"]
        tables["coverage"] = pd.concat([kept, *rows], ignore_index=True)

    run = sample(edit=all_districts, settings='organisation = "Ủy ban nhân dân thành phố Hồ Chí Minh"')
    lengths = {c: count_words(first_page_texts(build_context(run, c))) for c in longest_pages()}
    assert WORD_LIMIT - 100 < max(lengths.values()) <= WORD_LIMIT, lengths


def test_without_daily_reports_the_page_says_so(sample: Sample) -> None:
    def no_reports(tables: Tables) -> None:
        coverage = tables["coverage"]
        tables["coverage"] = coverage[coverage["basis"] != "reported"]
        empty = ["doses_administered", "entry_pct", "backlog"]
        tables["entry_progress"] = tables["entry_progress"].assign(**dict.fromkeys(empty))

    context = build_context(sample(("supply", "forecast", "targets", "coverage_bridge"), no_reports), "02")
    assert "chưa có báo cáo ngày trong kỳ này" in said(context)
    assert "387.978" not in everything(context)
    assert [f["value"] for f in context["front"]["figures"]] == ["—"] * 4
    assert context["front"]["tasks"][0].startswith("Gửi báo cáo ngày")
    assert "349.180" in context["front"]["confirmed"]
    assert section(context, "weeks")["charts"] == []


def test_without_a_registry_the_page_says_so(sample: Sample) -> None:
    def no_registry(tables: Tables) -> None:
        coverage = tables["coverage"]
        counts = ["people", "coverage_pct", "people_low", "people_high", "coverage_registry_pct"]
        coverage.loc[coverage["basis"] == "reconciled", counts] = None
        coverage["registry_population"] = None
        tables["verification"] = (
            tables["verification"]
            .assign(link_status="not_in_registry", four_field_match=None)
            .drop_duplicates(["unit_code", "id_kind", "police_result", "differing_field"])
        )

    context = build_context(sample(("coverage_bridge", "due_counts"), no_registry), "02")
    assert context["front"]["confirmed"].startswith("Chưa có số người đã xác nhận")
    assert "387.978" in said(context)
    assert "Đề nghị ngành công an" in " ".join(context["front"]["tasks"])
    assert "Chưa có trích xuất" in section(context, "verification")["paragraphs"][0]
    assert "Chưa có trích xuất" in section(context, "bases")["paragraphs"][0]


ESTIMATE = (
    "Ước tính khi tính cả bản ghi chờ người quyết định, người chỉ có bản ghi không có ngày tiêm hợp lệ và người có thể còn "
    "sót trong các bản ghi chưa tìm thấy người: 350.200 người đã tiêm ít nhất 1 mũi (349.905–350.495). Nơi chưa có kiểm "
    "tra ngẫu nhiên, số người còn sót suy từ dữ liệu thử nghiệm, nên số thật có thể nằm ngoài khoảng này."
)


AUDITED_ESTIMATE = (
    "Ước tính khi tính cả bản ghi chờ người quyết định, người chỉ có bản ghi không có ngày tiêm hợp lệ và, "
    "theo kết quả kiểm tra ngẫu nhiên, bản ghi chưa tìm thấy người: "
    "350.200 người đã tiêm ít nhất 1 mũi (349.905–350.495)."
)


def audit_table(unit_code: str) -> pd.DataFrame:
    """Return what an audit of the week before found in a unit."""
    found = (("precision_pct", 99.94, 99.38, 99.99), ("recall_pct", 99.12, 98.4, 99.6))
    rows = [(unit_code, "all", name, 600, *limits, date(2021, 10, 31)) for name, *limits in found]
    return pd.DataFrame(rows, columns=list(TABLES["link_audit"].columns))


@pytest.mark.parametrize(
    ("audited", "language", "told"),
    [
        (
            "02",
            "vi",
            "Kiểm tra ngẫu nhiên 600 bản ghi của tuần đến ngày 31/10/2021: ghép đúng người 99,94% (99,38–99,99).",
        ),
        ("VN", "vi", "của tuần đến ngày 31/10/2021 trên cả nước: ghép đúng người 99,94%"),
        (
            "02",
            "en",
            "A random check of 600 records of the week to 31/10/2021: linked to the right person 99.94%",
        ),
        ("02 04 06", "vi", "của tuần đến ngày 31/10/2021 tại Hà Giang, Cao Bằng và Bắc Kạn: ghép đúng người"),
        ("04", "vi", "với công dân của tỉnh Hà Giang; mới có ở Cao Bằng."),
        ("04 06", "en", "for Hà Giang Province; only in Cao Bằng and Bắc Kạn."),
        ("", "vi", "Chưa có kiểm tra ngẫu nhiên kết quả ghép bản ghi với công dân."),
    ],
)
def test_an_estimate_and_the_audit_stand_beside_the_reconciled_count(
    sample: Sample, audited: str, language: str, told: str
) -> None:
    def add_audit(tables: Tables) -> None:
        if audited:
            tables["link_audit"] = audit_table(audited)

    context = build_context(sample(edit=add_audit), "02", language)
    bases = section(context, "bases")
    assert told in " ".join(bases["notes"])
    assert any(
        "349.180" in row["cells"][1] or "349,180" in row["cells"][1] for row in bases["tables"][0]["rows"]
    )
    if language == "vi":
        assert any(note.startswith(ESTIMATE) for note in bases["notes"])


@pytest.mark.parametrize(
    ("people", "told"),
    [(1_240, "1.240 người (mọi lứa tuổi) có bản ghi mũi sau mà thiếu bản ghi mũi trước"), (7, ""), (0, "")],
)
def test_people_known_by_a_later_dose_alone_are_told(sample: Sample, people: int, told: str) -> None:
    """A handful is not told; of weeks without such people nothing is said."""

    def add_notes(tables: Tables) -> None:
        row = ("province", "02", "reconciled", "dose_not_recorded", people, 387_000)
        columns = ["unit_level", "unit_code", "basis", "note", "people", "of_people"]
        tables["series_notes"] = pd.DataFrame([row], columns=columns)

    notes = section(build_context(sample(edit=add_notes), "02"), "bases")["notes"]
    found = [note for note in notes if "thiếu bản ghi mũi trước" in note]
    assert told in " ".join(found) and bool(found) == bool(told)


@pytest.mark.parametrize(
    ("audited", "named"),
    [
        ("02 04 06", "mới có ở Hà Giang, Cao Bằng và Bắc Kạn."),
        (" ".join(sorted(provinces())[1:]), "mới có ở các tỉnh, thành phố trừ Hà Nội."),
    ],
)
def test_an_audit_of_some_provinces_is_not_the_countrys(sample: Sample, audited: str, named: str) -> None:
    """The country's page names the provinces that answered, without what was found there."""

    def add_audit(tables: Tables) -> None:
        tables["link_audit"] = audit_table(audited)
        coverage = tables["coverage"]
        linked = coverage["basis"] == "reconciled"
        own = coverage[linked & (coverage["unit_code"] == "02")].assign(unit_level="country", unit_code="VN")
        others = coverage[~(linked & (coverage["unit_code"] == "VN"))]
        tables["coverage"] = pd.concat([others, own], ignore_index=True)

    notes = section(build_context(sample(edit=add_audit), "VN"), "bases")["notes"]
    told = [note for note in notes if "kiểm tra ngẫu nhiên kết quả ghép" in note]
    assert told and all(note.endswith(named) and "của cả nước" in note for note in told)
    assert not any("99,94" in note for note in notes)


def test_the_estimate_says_that_an_audit_is_in_it(sample: Sample) -> None:
    """Only of an audit that looked rows up for which nobody had been found."""

    def add_audit(tables: Tables) -> None:
        tables["link_audit"] = audit_table("VN")
        tables["link_audit"].loc[1, "measure"] = "new_people_pct"

    notes = section(build_context(sample(edit=add_audit), "02"), "bases")["notes"]
    assert [note for note in notes if note.startswith("Ước tính khi tính cả")] == [AUDITED_ESTIMATE]


def test_an_estimate_without_its_range_tells_where_those_missed_come_from(sample: Sample) -> None:
    def no_limits(tables: Tables) -> None:
        tables["coverage_estimate"][["people_low", "people_high"]] = None

    notes = section(build_context(sample(edit=no_limits), "02"), "bases")["notes"]
    (told,) = [note for note in notes if note.startswith("Ước tính khi tính cả")]
    assert told.endswith("số người còn sót suy từ dữ liệu thử nghiệm.") and "–" not in told


def test_no_estimate_where_nobody_is_counted(sample: Sample) -> None:
    def no_reconciled(tables: Tables) -> None:
        coverage = tables["coverage"]
        coverage.loc[coverage["basis"] == "reconciled", "people"] = None

    notes = " ".join(section(build_context(sample(edit=no_reconciled), "02"), "bases")["notes"])
    assert "Ước tính khi tính cả" not in notes and "kiểm tra ngẫu nhiên" not in notes.lower()


def test_28_without_population_people_stand_without_a_rate(sample: Sample) -> None:
    def no_population(tables: Tables) -> None:
        tables["coverage"] = tables["coverage"].assign(population=None, coverage_pct=None)

    context = build_context(sample(("forecast", "targets"), no_population), "02")
    assert "387.978 người tiêm ít nhất 1 mũi; chưa tính được tỷ lệ bao phủ" in said(context)
    assert context["front"]["figures"][0]["value"] == "387.978"
    assert "65,85" not in everything(context)


def test_a_province_without_platform_files_gets_its_page(sample: Sample) -> None:
    def no_platform(tables: Tables) -> None:
        entry = tables["entry_progress"]
        tables["entry_progress"] = entry[entry["unit_code"] != "04"]

    context = build_context(sample(("verification",), no_platform), "04")
    assert "Chưa có dữ liệu xuất từ Nền tảng" in said(context)
    assert any("gửi dữ liệu mũi tiêm" in task for task in context["front"]["tasks"])
    assert "chưa có dữ liệu xuất" in section(context, "entry")["paragraphs"][0]


def test_with_nothing_at_all_there_is_still_an_honest_page(sample: Sample) -> None:
    context = build_context(sample(tuple(AGGREGATE)), "11")
    assert "chưa có báo cáo ngày" in said(context) and "387" not in everything(context)
    assert all(part["paragraphs"] or part["notes"] or part["tables"] for part in context["sections"])


def test_28_above_one_hundred_percent_is_shown_and_explained(whole_run: RunParameters) -> None:
    context = build_context(whole_run, "01")
    part = section(context, "parts")
    assert "102,10%" in everything(section(context, "all_parts")["tables"])
    note = next(n for n in part["notes"] if n.startswith("Trên 100% tại"))
    assert (
        "Mỹ Đức (chủ yếu do tiêm cho người nơi khác); Ứng Hòa và Phú Xuyên:" in note and "không cắt" in note
    )


def test_the_denominator_is_named_with_its_day(ha_giang: Any) -> None:
    notes = " ".join(section(ha_giang.context, "all_parts")["notes"])
    assert "589.184 người" in notes and "Kế hoạch tiêm chủng 2021" in notes and "01/07/2021" in notes


def test_no_commune_and_no_subgroup_reaches_the_page(sample: Sample) -> None:
    """Planted figures of a commune and of an age group must not be found in the context."""

    def planted(tables: Tables) -> None:
        coverage = tables["coverage"]
        row = coverage[(coverage["unit_code"] == "024") & (coverage["basis"] == "reported")]
        commune = row.assign(unit_level="commune", unit_code="00688", people=31_337)
        aged = row.assign(age_group="65+", people=27_182)
        tables["coverage"] = pd.concat([coverage, commune, aged], ignore_index=True)

    text = everything(build_context(sample(edit=planted), "02"))
    assert "31.337" not in text and "27.182" not in text
    assert "36.599" in text  # the district itself stands there: the search can find


def test_last_week_missing_is_said(sample: Sample) -> None:
    def one_week(tables: Tables) -> None:
        for name in ("coverage", "entry_progress", "supply"):
            frame = tables[name]
            tables[name] = frame[frame["reference_date"] == frame["reference_date"].max()]

    context = build_context(sample(edit=one_week), "02")
    changes = [f["change"] for f in context["front"]["figures"]]
    assert changes == ["chưa có số tuần trước"] * 3 + ["chưa rõ nhịp tiêm tuần qua"]


def test_reports_can_be_in_english(sample: Sample) -> None:
    context = build_context(sample(settings='language = "en"'), "02")
    assert "387,978 people with at least one dose, a coverage of 65.85%" in said(context)
    assert count_words(first_page_texts(context)) <= WORD_LIMIT


def test_an_unknown_unit_is_refused(whole_run: RunParameters) -> None:
    with pytest.raises(RequestError):
        build_context(whole_run, "2")


def test_a_letter_no_font_has_stops_the_run(sample: Sample) -> None:
    with pytest.raises(MachineError, match=r"U\+1F489"):
        build_context(sample(note="tiêm 💉"), "02")


def test_a_foreign_word_on_the_first_page_stops_the_run(
    whole_run: RunParameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "analysis.briefing.figures.context.confirmed_line", lambda *_: "Forecast coverage by the hub model"
    )
    with pytest.raises(CheckError, match="forecast"):
        build_context(whole_run, "02")


def test_only_the_aggregate_folder_is_read(whole_run: RunParameters, ha_giang: Any) -> None:
    """Restricted tables, were they there, would not be opened: the restricted folder stays empty."""
    assert not [p for p in whole_run.restricted.rglob("*") if p.is_file()]
    assert not whole_run.raw.exists()


def test_two_rankings_are_kept_apart(national: Any, ha_giang: Any) -> None:
    used, covered = section(national.context, "rankings")["tables"]
    assert used["rows"][0]["cells"][1] == "Hà Giang" and covered["rows"][0]["cells"][1] == "Cà Mau"
    assert "thứ 1/63 về sử dụng" in section(ha_giang.context, "supply")["notes"][0]


def test_the_week_before_is_seven_days(ha_giang: Any) -> None:
    past = section(ha_giang.context, "weeks")["charts"][0]["data"]["past"]["at_least_one"]
    days = pd.to_datetime([day for day, _ in past])
    assert set(days[1:] - days[:-1]) == {timedelta(days=7)} and past[-1] == ["2021-11-07", 65.85]


def test_a_few_records_of_a_province_without_files_are_not_told(sample: Sample) -> None:
    """Someone vaccinated elsewhere may live there: one record is one person."""

    def one_record(tables: Tables) -> None:
        entry, verification = tables["entry_progress"], tables["verification"]
        tables["entry_progress"] = entry[entry["unit_code"] != "04"]
        stray = verification[verification["unit_code"] == "02"].head(1).assign(unit_code="04", rows=1)
        tables["verification"] = pd.concat([verification, stray], ignore_index=True)

    context = build_context(sample(edit=one_record), "04")
    part = section(context, "verification")
    assert part["tables"] == [] and "Tỉnh chưa có dữ liệu xuất" in part["paragraphs"][0]
    assert not any("1 mũi tiêm chưa ký" in task for task in context["front"]["tasks"])


def test_the_countrys_records_are_those_of_provinces_with_files_and_named_so(sample: Sample) -> None:
    """A province without files may neither report nor send: its people's few records stay out of the country's."""

    def stray(tables: Tables) -> None:
        entry, verification = tables["entry_progress"], tables["verification"]
        tables["entry_progress"] = entry[entry["unit_code"] != "04"]
        own = verification[verification["unit_code"] == "02"]
        few = own.head(1).assign(unit_code="04", rows=3)
        whole = own.assign(unit_level="country", unit_code="VN", rows=own["rows"] + 1)
        tables["verification"] = pd.concat([own, few, whole], ignore_index=True)

    edited = sample(edit=stray)
    of_country, of_province = (section(build_context(edited, code), "verification") for code in ("VN", "02"))
    rows = [[row["cells"] for row in part["tables"][0]["rows"]] for part in (of_country, of_province)]
    assert rows[0] == rows[1]
    assert any("tổng của 62/63 tỉnh" in note for note in of_country["notes"])
    assert not any("tổng của" in note for note in of_province["notes"])


def test_a_forecast_above_one_hundred_says_so_in_words(sample: Sample) -> None:
    def steep(tables: Tables) -> None:
        forecast = tables["forecast"]
        tables["forecast"] = forecast.assign(value=forecast["value"] + 40)

    part = section(build_context(sample(edit=steep), "02"), "ahead")
    cells = [row["cells"][1] for row in part["tables"][0]["rows"]]
    assert cells[-1] == "trên 100" and "165" not in everything(part["tables"])
    assert any("Trên 100" in note for note in part["notes"])


@pytest.mark.parametrize(("lowest", "target"), [(69.99, "70%"), (70.0, "80%"), (80.0, "95%")])
def test_the_first_task_names_the_next_level(sample: Sample, lowest: float, target: str) -> None:
    def all_at(tables: Tables) -> None:
        coverage = tables["coverage"]
        of_district = (coverage["unit_level"] == "district") & (coverage["basis"] == "reported")
        coverage.loc[of_district, "coverage_pct"] = lowest

    task = build_context(sample(edit=all_at), "02")["front"]["tasks"][0]
    assert task.startswith("Tiêm mũi 1 để đưa") and f"lên {target}" in task


def test_without_low_districts_overdue_people_come_first(sample: Sample) -> None:
    def all_covered(tables: Tables) -> None:
        coverage = tables["coverage"]
        coverage.loc[coverage["unit_level"] == "district", "coverage_pct"] = 97.0

    tasks = build_context(sample(edit=all_covered), "02")["front"]["tasks"]
    assert tasks[0].startswith("Mời người đã quá hạn đến tiêm mũi 2: 14.655 người.") and len(tasks) == 3


def test_the_way_out_of_a_backlog_is_told(ha_giang: Any) -> None:
    plan = section(ha_giang.context, "entry")["paragraphs"][0]
    assert "hết tồn vào ngày 26/12/2021" in plan and "7.161 mũi mỗi ngày, tức 48 người" in plan
    verify = section(ha_giang.context, "duties")["paragraphs"][0]
    assert verify.startswith("Để xác minh hết trong 14 ngày, cần 8.562 bản ghi")


def test_last_weeks_forecast_stands_beside_what_happened(ha_giang: Any, national: Any) -> None:
    notes = " ".join(section(ha_giang.context, "ahead")["notes"])
    assert (
        "ngày 31/10/2021 cho ngày 07/11/2021, ít nhất 1 mũi: 64,4% (từ 62,0 đến 65,1); thực tế 65,85%, nằm ngoài"
        in notes
    )
    assert "ở 1 trên 2 tỉnh" in notes
    assert "83,5% (từ 82,0 đến 85,0); thực tế 84,07%, nằm trong" in " ".join(
        section(national.context, "ahead")["notes"]
    )


def test_the_nowcast_says_what_is_entered_and_what_is_expected(ha_giang: Any, sample: Sample) -> None:
    said_of_entry = " ".join(section(ha_giang.context, "all_entry")["notes"])
    assert "379.210 người" in said_of_entry and "từ 376.655 đến 382.090" in said_of_entry
    assert "nay đã nhập 361.004" in said_of_entry
    without = build_context(sample(("nowcast", "past_forecasts", "first_dose_deadlines")), "02")
    assert "bù trễ" not in everything(without["sections"]) and "Dự báo làm ngày" not in everything(without)


def test_the_last_useful_days_are_grouped_by_day(ha_giang: Any) -> None:
    notes = section(ha_giang.context, "weeks")["notes"]
    assert any(
        "trước hạn 31/12/2021: 03/12/2021 (Spikevax); 10/12/2021 (Comirnaty, Vero Cell)." in n for n in notes
    ), notes


def test_a_target_wider_than_the_adults_says_so(sample: Sample) -> None:
    def everybody(tables: Tables) -> None:
        coverage = tables["coverage"]
        row = coverage[(coverage["unit_code"] == "02") & (coverage["basis"] == "reported")].head(1)
        whole = row.assign(age_group="all", basis="recorded", population=887_157)
        tables["coverage"] = pd.concat([coverage, whole], ignore_index=True)

    notes = " ".join(section(build_context(sample(edit=everybody), "02"), "targets")["notes"])
    assert "70% dân số là 621.010 người, nhiều hơn 589.184 người từ 18 tuổi" in notes


def test_reports_that_cannot_be_read_are_not_called_missing(sample: Sample) -> None:
    def broken(tables: Tables) -> None:
        coverage = tables["coverage"]
        coverage.loc[coverage["basis"] == "reported", ["people", "coverage_pct"]] = None
        row = (
            tables["quality"]
            .head(1)
            .assign(
                source_file="file:1",
                folder="daily_reports",
                reason_code="value_unreadable",
                status="quarantined",
            )
        )
        tables["quality"] = pd.concat([tables["quality"], row], ignore_index=True)

    context = build_context(sample(edit=broken), "02")
    assert "kỳ này có 1 tệp báo cáo ngày bị lỗi, phần bị lỗi chưa được tính" in said(context)
    assert "gửi lại báo cáo ngày: kỳ này có 1 tệp bị lỗi" in context["front"]["tasks"][0]
    assert "chưa có báo cáo ngày" not in said(context)


def test_few_provinces_have_no_two_ends(sample: Sample) -> None:
    def one_province(tables: Tables) -> None:
        coverage = tables["coverage"]
        others = (coverage["unit_level"] == "province") & (coverage["unit_code"] != "02")
        tables["coverage"] = coverage[~others]

    text = said(build_context(sample(edit=one_province), "VN"))
    assert "Hà Giang 65,85%" in text and "Cao nhất: ;" not in text


def test_what_some_provinces_report_is_not_called_the_country(sample: Sample) -> None:
    def one_silent(tables: Tables) -> None:
        coverage = tables["coverage"]
        silent = (coverage["unit_code"] == "04") & (coverage["basis"] == "reported")
        tables["coverage"] = coverage[~silent]

    run = sample(edit=one_silent)
    country = build_context(run, "VN")
    assert "62/63 tỉnh, thành phố có báo cáo ngày được phân bổ" in said(country)
    assert "Chưa tính được tỷ lệ bao phủ cả nước vì mới có báo cáo ngày của 62/63" in said(country)
    assert [f["detail"] for f in country["front"]["figures"]][:2] == [
        "người, ở 62/63 tỉnh, thành phố có báo cáo"
    ] * 2
    whole = json.dumps(country, ensure_ascii=False, default=str)
    assert "84,07%" not in whole and "84.07" not in whole, (
        "a rate of 62 provinces stands nowhere as the country's"
    )
    assert "62/63 tỉnh, thành phố có báo cáo ngày được phân bổ" in said(build_context(run, "02"))
    assert "84,07%" in said(build_context(sample(), "VN"))
