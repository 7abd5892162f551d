"""The audit from draw to report on the tiny province: blind lists, a second look, intervals, decisions."""

import csv
import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pyrage import x25519

from analysis.__main__ import main
from analysis.safeguards.envelopes import open_envelope
from analysis.settings import RunParameters
from analysis.worklists.kinds import REFERENCE
from worklist_samples import answer, lines_of, make_week, record_week

FIRST, SECOND = x25519.Identity.generate(), x25519.Identity.generate()


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> RunParameters:
    """Return a finished week whose audit is drawn whole: it has fewer rows than the smallest size."""
    base = tmp_path_factory.mktemp("audit")
    run: RunParameters = make_week(base)
    assert baophu(base, run, "draw", *as_of(run), "--size", "50", *keys()) == 0
    return run


def as_of(run: RunParameters) -> tuple[str, str]:
    return "--as-of", run.as_of.isoformat()


def keys() -> tuple[str, ...]:
    return "--recipient", str(FIRST.to_public()), "--second-recipient", str(SECOND.to_public())


def baophu(base: Path, run: RunParameters, *arguments: str) -> int:
    """Run `baophu audit` on a week, quietly."""
    folders = ("--raw", str(run.raw), "--processed", str(run.processed))
    with redirect_stdout(io.StringIO()):
        return main(["audit", *arguments, *folders])


def report(run: RunParameters) -> dict[str, Any]:
    out = io.StringIO()
    folders = ("--raw", str(run.raw), "--processed", str(run.processed))
    with redirect_stdout(out):
        assert main(["audit", "report", *as_of(run), "--json", *folders]) == 0
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def opened_lists(run: RunParameters, identity: x25519.Identity) -> dict[str, bytes]:
    """Return file → opened workbook of the lists this key opens."""
    opened = {}
    for path in sorted((run.restricted / "worklists").glob("*.age")):
        try:
            opened[path.name] = open_envelope(path.read_bytes(), identity, None)
        except Exception:  # closed for the other person
            continue
    return opened


def links_of(run: RunParameters) -> dict[tuple[str, str], str | None]:
    """Return typed name and number → the linked citizen, of rows that no other row shares both with."""
    rows = duckdb.sql(
        f"""SELECT d.full_name_typed, coalesce(d.id_number_typed, ''), any_value(l.citizen_id)
        FROM '{run.restricted}/links.parquet' AS l JOIN '{run.restricted}/doses.parquet' AS d
        USING (source_file, source_row) GROUP BY 1, 2 HAVING count(DISTINCT coalesce(l.citizen_id, '')) = 1"""
    ).fetchall()
    return {(" ".join(name.split()), number.strip()): citizen for name, number, citizen in rows if name}


def look_up(
    run: RunParameters, workbook: bytes, wrong: frozenset[str] | set[str] = frozenset()
) -> dict[str, tuple[str, str]]:
    """Return the answers of somebody who finds whom the link names, and another citizen for `wrong` references."""
    links = links_of(run)
    answers = {}
    for line in lines_of(workbook):
        key = (line["Họ và tên như đã ghi"], line["Số giấy tờ như đã ghi"])
        citizen, reference = links.get(key), line[REFERENCE.heading]
        if reference in wrong:
            answers[reference] = ("1", "002066022223")
        elif citizen:
            answers[reference] = ("1", citizen)
        elif key in links:
            answers[reference] = ("2", "")
        else:
            answers[reference] = ("3", "")
    return answers


def test_lists_are_blind(week: RunParameters) -> None:
    """A list shows what was typed: no citizen of the registry unless it was typed, no verdict, no probability."""
    lines = [line for workbook in opened_lists(week, FIRST).values() for line in lines_of(workbook)]
    assert len(lines) > 20
    linked = {c for c in links_of(week).values() if c}
    typed = {line["Số giấy tờ như đã ghi"] for line in lines}
    shown = {cell for line in lines for cell in line.values()}
    assert not (linked - typed) & shown
    assert {"Trả lời (ghi số)", "Họ và tên như đã ghi", "Nơi ở như đã ghi"} <= set(lines[0])
    assert len({line["Nơi ở như đã ghi"] for line in lines}) > 3


def test_from_answers_to_figures(week: RunParameters, tmp_path: Path) -> None:
    """Two contradictions: one confirmed by the second person, one taken back; the figures know the first alone."""
    lists = list(opened_lists(week, FIRST).values())
    workbook = max(lists, key=len)
    answers = look_up(week, workbook)
    found = sorted(reference for reference, (number, _) in answers.items() if number == "1")
    wrong = set(found[:2])
    returned = tmp_path / "first.xlsx"
    for one in lists:
        returned.write_bytes(answer(one, look_up(week, one, wrong)))
        assert baophu(tmp_path, week, "import", str(returned)) == 0
    before = report(week)
    assert before["look_ups"]["awaited"] == 2
    again = max(opened_lists(week, SECOND).values(), key=len)
    asked = {line["Họ và tên như đã ghi"]: line[REFERENCE.heading] for line in lines_of(again)}
    firsts = {line[REFERENCE.heading]: line["Họ và tên như đã ghi"] for line in lines_of(workbook)}
    confirmed = {asked[firsts[found[0]]]}
    second = tmp_path / "second.xlsx"
    second.write_bytes(answer(again, look_up(week, again, confirmed)))
    assert baophu(tmp_path, week, "import", str(second), "--decisions", str(tmp_path / "decisions")) == 0
    after = report(week)
    assert after["look_ups"]["awaited"] == 0
    assert sum(one["errors"] for one in after["strata"].values()) == 1
    precision = after["measures"]["precision_pct"]
    linked = sum(v["answered"] for k, v in after["strata"].items() if k not in OPEN_STRATA)
    assert precision["value"] == pytest.approx(100 * (1 - 1 / linked), abs=0.01)
    (decisions,) = (tmp_path / "decisions").iterdir()
    rows = list(csv.DictReader(decisions.read_text(encoding="utf-8").splitlines()))
    assert [(row["decision"], row["citizen_id"]) for row in rows] == [("same_person", "002066022223")]
    result = duckdb.sql(f"SELECT * FROM '{week.aggregate}/audit_result.parquet'")
    assert {"unit_code", "stratum", "measure", "sampled", "estimate", "low", "high"} <= set(result.columns)
    added = result.filter("measure = 'new_people_pct'").fetchall()
    assert added and {row[1] for row in added} <= {
        "all",
        "not_found_numbered",
        "not_found_other",
        "insufficient",
    }


OPEN_STRATA = ("review", "not_found_numbered", "not_found_other", "insufficient", "out_of_scope")


def test_a_second_draw_does_not_orphan_answers(
    week: RunParameters, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Answers are in: drawing anew is refused, in one line."""
    (week.restricted / "audit" / "answers-000000000000.parquet").touch()
    try:
        assert baophu(tmp_path, week, "draw", *as_of(week), "--size", "60", *keys()) == 2
        assert "would orphan" in capsys.readouterr().err
    finally:
        (week.restricted / "audit" / "answers-000000000000.parquet").unlink()


def test_a_week_run_again_is_audited_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The rows of another run may be other ones: no report, and a new draw forgets the former run's answers."""
    run: RunParameters = make_week(tmp_path)
    assert baophu(tmp_path, run, "draw", *as_of(run), "--size", "50", *keys()) == 0
    kept = run.restricted / "audit" / "answers-000000000000.parquet"
    kept.touch()
    record_week(run, "ffff0000")
    assert baophu(tmp_path, run, "report", *as_of(run)) == 4
    assert "run again since" in capsys.readouterr().err
    assert baophu(tmp_path, run, "draw", *as_of(run), "--size", "50", *keys()) == 0
    assert not kept.exists()


def test_an_audit_list_is_no_worklist(
    week: RunParameters, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Taken back with the wrong command it decides nothing."""
    workbook = max(opened_lists(week, FIRST).values(), key=len)
    returned = tmp_path / "list.xlsx"
    returned.write_bytes(answer(workbook, {}))
    folders = ("--raw", str(week.raw), "--processed", str(week.processed))
    assert main(["worklist", "--import", str(returned), *folders]) == 4
    assert "baophu audit import" in capsys.readouterr().err
