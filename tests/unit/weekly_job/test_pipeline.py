"""The list of stages agrees with the list of tables, and no stage reads what comes after it."""

from analysis.pipeline import BRIEFING, STAGES, TABLE_STAGES, TRENDS
from analysis.tables import TABLES, Zone


def test_every_table_is_written_by_one_stage() -> None:
    written = [name for stage in STAGES for name in stage.writes]
    assert sorted(written) == sorted(TABLES)


def test_a_stage_reads_only_what_earlier_stages_wrote() -> None:
    known: set[str] = set()
    for stage in STAGES:
        assert set(stage.reads) <= known, stage.name
        known |= set(stage.writes)


def test_no_person_reaches_trends_or_briefing() -> None:
    for stage in (TRENDS, BRIEFING):
        assert {TABLES[name].zone for name in stage.reads} == {Zone.AGGREGATE}
        assert stage.intake == ()


def test_each_stage_has_its_notebook() -> None:
    assert [s.notebook.name for s in STAGES] == [f"{s.number}_{s.package}.ipynb" for s in STAGES]
    assert [s.number for s in STAGES] == [1, 2, 3, 4, 5]
    assert STAGES[:-1] == TABLE_STAGES
