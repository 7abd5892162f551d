"""Missing folders and broken files: the rest goes on and the pages say what is missing."""

import html
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from analysis.safeguards.publishing import check_published, follow_link
from analysis.safeguards.run_record import hash_folder
from conftest import PublishedRun, run_province
from golden.tiny_intake import AS_OF, write_tiny_intake


def page(base: Path) -> str:
    """Return the words of the published HTML page."""
    text = (base / "reports" / AS_OF / "02-ha-giang.html").read_text(encoding="utf-8")
    text = re.sub(r"<(style|script|svg).*?</\1>", " ", text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def rows(base: Path, table: str, where: str = "true") -> int:
    path = base / "processed" / AS_OF / "aggregate" / f"{table}.parquet"
    with duckdb.connect() as con:
        query = f"SELECT count(*) FROM read_parquet('{path.as_posix()}') WHERE {where}"
        return int(con.execute(query).fetchall()[0][0])


def test_28_platform_alone_gives_a_page_without_what_it_cannot_know(tmp_path: Path) -> None:
    write_tiny_intake(tmp_path / "raw", registry=False)
    for folder in ("daily_reports", "population"):
        shutil.rmtree(tmp_path / "raw" / folder)
    (tmp_path / "raw" / "intake.json").unlink()
    assert run_province(tmp_path) == 0
    assert rows(tmp_path, "coverage", "basis = 'reconciled' AND people IS NOT NULL") == 0
    assert rows(tmp_path, "coverage", "basis = 'reported' AND people IS NOT NULL") == 0
    assert rows(tmp_path, "coverage", "coverage_pct IS NOT NULL") == 0
    assert rows(tmp_path, "coverage", "basis = 'recorded' AND unit_code = '02' AND people > 0") > 0
    assert rows(tmp_path, "entry_progress", "entry_pct IS NOT NULL") == 0
    words = page(tmp_path)
    assert "SỐ LIỆU MÔ PHỎNG" not in words.upper()
    assert "chưa có báo cáo" in words.lower() or "không có báo cáo" in words.lower()
    assert "65,85%" not in words


def test_without_daily_reports_nothing_reported_is_estimated(tmp_path: Path) -> None:
    write_tiny_intake(tmp_path / "raw")
    shutil.rmtree(tmp_path / "raw" / "daily_reports")
    assert run_province(tmp_path) == 0
    assert rows(tmp_path, "coverage", "basis = 'reported' AND people IS NOT NULL") == 0
    assert rows(tmp_path, "coverage", "basis = 'reconciled' AND unit_code = '02' AND people > 0") > 0
    assert "64,29%" not in page(tmp_path)


def test_a_broken_file_among_good_ones_is_set_aside_with_its_reason(tmp_path: Path) -> None:
    write_tiny_intake(tmp_path / "raw")
    platform = tmp_path / "raw" / "platform"
    (platform / "empty.csv").write_bytes(b"")
    (platform / "page.xlsx").write_text("<html><table><tr><td>x</td></tr></table></html>", encoding="utf-8")
    (platform / "cut.zip").write_bytes(b"PK\x03\x04cut")
    (platform / "columns.csv").write_text("Họ và tên,Ngày sinh\nNgười Bịa,01/01/1990\n", encoding="utf-8")
    before = hash_folder(tmp_path / "raw")
    assert run_province(tmp_path) == 0
    assert hash_folder(tmp_path / "raw") == before
    assert rows(tmp_path, "quality", "status = 'quarantined' AND reason_code IS NOT NULL") == 4
    assert rows(tmp_path, "quality", "status = 'ok' AND reason_code IS NULL") >= 2


@pytest.mark.parametrize("content", ["nothing", "no platform", "only broken", "registry unreadable"])
def test_an_intake_that_cannot_be_used_publishes_nothing(
    tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tiny_intake(tmp_path / "raw")
    if content in ("nothing", "no platform"):
        shutil.rmtree(tmp_path / "raw" / "platform")
    if content == "nothing":
        shutil.rmtree(tmp_path / "raw")
        (tmp_path / "raw").mkdir()
    if content == "only broken":
        for file in (tmp_path / "raw" / "platform").iterdir():
            file.write_bytes(b"\x00\x01")
    if content == "registry unreadable":
        (tmp_path / "raw" / "registry" / "registry.csv").write_bytes(b"PAR1\x00")
    assert run_province(tmp_path) == 3
    refusals = [line for line in capsys.readouterr().err.splitlines() if line.startswith("baophu: ")]
    assert len(refusals) == 1
    assert not (tmp_path / "reports" / AS_OF).exists()


def test_01_after_an_unusable_week_the_published_report_stays(tiny: PublishedRun, tmp_path: Path) -> None:
    shutil.copytree(tiny.folder.parent, tmp_path / "reports", symlinks=True)
    platform = tmp_path / "raw" / "platform"
    platform.mkdir(parents=True)
    (platform / "empty.csv").write_bytes(b"")
    (platform / "header.csv").write_text("Họ và tên,Ngày tiêm\n", encoding="utf-8")
    assert run_province(tmp_path) == 3
    published = follow_link(tmp_path / "reports", AS_OF)
    assert published.name == tiny.folder.resolve().name
    assert check_published(published) > 0


def test_a_damaged_mark_is_a_wrong_request(tmp_path: Path) -> None:
    write_tiny_intake(tmp_path / "raw")
    (tmp_path / "raw" / "intake.json").write_text("[", encoding="utf-8")
    assert run_province(tmp_path) == 2
