"""No person of the intake stands in anything outside the restricted zone, and the search would find one."""

import shutil
from pathlib import Path

import duckdb
import pytest

from conftest import PublishedRun, run_province
from disclosure.byte_search import leaks
from golden.tiny_intake import CITIZENS, DOSES, write_tiny_intake

PLANTED = sorted(
    {value for d in DOSES if d.status != "rejected" for value in (d.name, d.id_number) if len(value) > 6}
    | {value for c in CITIZENS.values() for value in (c.name, c.citizen_id, c.old_ids) if value}
)


def test_nobody_stands_in_counts_or_published_files(tiny: PublishedRun) -> None:
    logs = tiny.run.processed / "logs"
    assert any(logs.iterdir())
    assert leaks([tiny.run.aggregate, tiny.folder, logs], PLANTED) == []


def test_the_restricted_zone_does_hold_them(tiny: PublishedRun) -> None:
    assert leaks([tiny.run.restricted], PLANTED)


@pytest.mark.parametrize("suffix", [".html", ".docx", ".pdf", ".csv", ".parquet", ".json", ".png"])
def test_the_search_fires_on_a_planted_leak(tiny: PublishedRun, tmp_path: Path, suffix: str) -> None:
    value = PLANTED[0]
    leak = tmp_path / f"02-ha-giang{suffix}"
    plant(leak, value, next(tiny.folder.glob("02-*.pdf")))
    assert leaks([tmp_path], PLANTED) == [f"{leak.name}: value 0"]


def plant(path: Path, value: str, pdf: Path) -> None:
    """Write a file of the path's format that holds the value the way that format would."""
    if path.suffix == ".docx":
        import docx

        document = docx.Document()
        document.add_paragraph(f"x {value} x")
        document.save(str(path))
    elif path.suffix == ".pdf":
        import pypdf

        writer = pypdf.PdfWriter(clone_from=str(pdf))
        writer.add_metadata({"/Subject": value})
        writer.write(path)
    elif path.suffix == ".parquet":
        with duckdb.connect() as con:
            con.execute(
                f"COPY (SELECT ? AS note) TO '{path.as_posix()}' (FORMAT parquet, COMPRESSION zstd)", [value]
            )
    elif path.suffix == ".png":
        import matplotlib.figure

        matplotlib.figure.Figure().savefig(path, metadata={"Title": value.encode("ascii", "ignore").decode()})
        path.write_bytes(path.read_bytes() + value.encode())
    else:
        path.write_text(f"x,{value},x", encoding="utf-8")


def test_a_failing_run_tells_nothing_of_a_person(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_tiny_intake(tmp_path / "raw")
    shutil.rmtree(tmp_path / "raw" / "platform")
    (tmp_path / "raw" / "platform").mkdir()
    text = ",".join(["Họ và tên"]) + "\n" + "\n".join(d.name for d in DOSES)
    (tmp_path / "raw" / "platform" / "broken.csv").write_text(text, encoding="utf-8")
    assert run_province(tmp_path) == 3
    printed = "".join(capfd.readouterr())
    assert "broken.csv" in printed or "platform" in printed
    assert not [value for value in PLANTED if value in printed]
