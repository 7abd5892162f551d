"""Sources fault-15 from export to page: a week that counts backwards is published only with a person's reason."""

import html
import json
import zipfile
from pathlib import Path

import pypdf
import pytest

from analysis.__main__ import main
from analysis.earlier_runs import FORMER_MARK
from analysis.safeguards.publishing import published_names
from conftest import PublishedRun
from golden.tiny_intake import write_tiny_intake

NEXT_WEEK = "2021-11-14"
REASON = '<img src=x onerror="alert(1)"> {{ 7*7 }} #panic Sở Y tế đã sửa báo cáo'


def run_next_week(base: Path, tiny: PublishedRun, *options: str) -> int:
    folders = {"raw": base / "raw", "processed": base / NEXT_WEEK, "reports": base / "reports"}
    paths = [text for name, path in folders.items() for text in (f"--{name}", str(path))]
    limits = ["--previous", str(tiny.run.processed), "--province", "02", "--workers", "1"]
    return main(["run", "--as-of", NEXT_WEEK, *paths, *limits, *options])


def test_15_a_week_that_counts_backwards_needs_a_reason(
    tiny: PublishedRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tiny_intake(tmp_path / "raw")
    reports = tmp_path / "raw" / "daily_reports" / "reports.csv"
    text = reports.read_text(encoding="utf-8")
    assert "2021-11-02,02,024,0,0,2,1,1," in text
    reports.write_text(text.replace("2021-11-02,02,024,0,0,2,1,1,", "2021-11-02,02,024,0,0,1,0,1,"), "utf-8")

    former = tmp_path / NEXT_WEEK / "aggregate" / FORMER_MARK
    former.parent.mkdir(parents=True)
    former.write_text('{"run_id": "of a run before"}', encoding="utf-8")
    assert run_next_week(tmp_path, tiny) == 4
    assert not former.exists()  # a refused week is no yardstick, whatever its mark was called
    (refusal,) = [x for x in capsys.readouterr().err.splitlines() if x.startswith("baophu: ")]
    assert "fell (02): 22 last week, 21 now" in refusal and "--accept-change" in refusal
    assert published_names(tmp_path / "reports") == {}

    assert run_next_week(tmp_path, tiny, "--accept-change", REASON) == 0
    log = capsys.readouterr().err
    assert REASON in log and "2_reconcile: up to date" in log
    logged = map(json.loads, (tmp_path / "audit.jsonl").read_text("utf-8").splitlines())
    (entry,) = [entry for entry in logged if entry["event"] not in ("publishing", "published")]
    assert (entry["event"], entry["changes"], entry["reason"]) == ("change_accepted", 2, REASON)
    folder = tmp_path / "reports" / NEXT_WEEK
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["parameters"]["accept_change"] == REASON
    for page in (folder / "02-ha-giang.html", folder / "index.html"):
        content = page.read_text(encoding="utf-8")
        assert "<img src=x" not in content and "49" not in content.split("Lý do ghi lại")[1][:120]
        assert REASON in html.unescape(content)
        assert "số mũi báo cáo đã tiêm giảm (Hà Giang): kỳ trước 22, kỳ này 21" in html.unescape(content)
    with zipfile.ZipFile(folder / "02-ha-giang.docx") as docx:
        assert html.escape(REASON, quote=False) in docx.read("word/document.xml").decode("utf-8")
    pdf = "".join(page.extract_text() for page in pypdf.PdfReader(folder / "02-ha-giang.pdf").pages)
    assert "".join(["{{", "7*7", "}}", "#panic", "Sở", "Y", "tế"]) in "".join(pdf.split())
