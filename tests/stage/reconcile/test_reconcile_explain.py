"""Explanations of links: the weights of the run, its own probabilities, and the notebook that shows them."""

from pathlib import Path

import nbformat
import papermill
import pytest

from analysis import reconcile
from analysis.errors import RequestError
from analysis.reconcile.drawn.clusters import cluster_figure
from analysis.reconcile.drawn.waterfall import waterfall_figure
from analysis.reconcile.linkage_model import read_model
from analysis.settings import open_run
from analysis.tables import write_table
from conftest import PublishedRun
from linkage_samples import Sample, crowd, dose, link_sample

NOTEBOOK = Path(__file__).resolve().parents[3] / "notebooks" / "explore_links.ipynb"


@pytest.fixture(scope="module")
def matched(tiny: PublishedRun) -> list[tuple[str, int]]:
    return reconcile.sample_rows(tiny.run, "matched", 50)


def test_a_sample_is_the_same_each_time_and_of_one_verdict(
    tiny: PublishedRun, matched: list[tuple[str, int]]
) -> None:
    assert matched and matched == reconcile.sample_rows(tiny.run, "matched", 50)
    assert len(reconcile.sample_rows(tiny.run, "matched", 2)) == 2
    assert reconcile.sample_rows(tiny.run, "matched", 50, province_code="79") == []


def test_the_best_candidate_is_the_linked_citizen(tiny: PublishedRun, matched: list[tuple[str, int]]) -> None:
    explained = reconcile.explain_rows(tiny.run, matched)
    best = explained.drop_duplicates(["source_file", "source_row"]).set_index(["source_file", "source_row"])
    with reconcile.explain.connect(tiny.run) as con:
        reconcile.explain.view_table(con, "links", tiny.run)
        links = con.execute("SELECT source_file, source_row, citizen_id FROM links").fetchall()
    linked = {(file, row): citizen for file, row, citizen in links}
    assert {key: linked[key] for key in best.index} == best["citizen_id"].to_dict()


def test_weights_add_up_to_the_probability_of_a_lone_candidate(
    tiny: PublishedRun, matched: list[tuple[str, int]]
) -> None:
    explained = reconcile.explain_rows(tiny.run, matched)
    pairs = explained.groupby(["source_file", "source_row", "citizen_id"], sort=False).agg(
        {"weight": "sum", "kin_weight": "sum", "match_probability": "first"}
    )
    lone = pairs.groupby(level=[0, 1]).filter(lambda rows: len(rows) == 1)
    absent = 1 - read_model().share_in_registry
    odds = 2 ** lone["weight"] / (absent * (1 + 2 ** lone["kin_weight"]))
    # Candidates below what is shown may take a little more.
    assert len(lone) and (odds / (1 + odds) - lone["match_probability"]).abs().max() < 0.03


def test_what_looks_like_a_relative_is_said_to_be_left_to_people(
    tiny: PublishedRun, matched: list[tuple[str, int]]
) -> None:
    explained = reconcile.explain_rows(tiny.run, matched)
    linked = explained.drop_duplicates(["source_file", "source_row"])
    other_name = explained[(explained["field"] == "full_name") & (explained["level"] == "same_family")]
    assert not linked["left_to_people"].any()
    assert other_name["left_to_people"].all()


def test_the_model_is_shown_level_by_level() -> None:
    frame = reconcile.describe_model()
    levels = read_model().levels
    assert len(frame) == sum(len(of_field) for of_field in levels.values())
    agreement = frame.set_index(["field", "level"])["weight"]
    assert agreement["birth_date", "same_day"] > 0 > agreement["birth_date", "different"]


def test_an_explanation_is_for_reading(tiny: PublishedRun) -> None:
    with pytest.raises(RequestError, match="too many"):
        reconcile.explain_rows(tiny.run, [("platform/a.csv", 1)] * 1001)


def test_a_waterfall_holds_no_value_of_a_person(tiny: PublishedRun, matched: list[tuple[str, int]]) -> None:
    explained = reconcile.explain_rows(tiny.run, matched)
    axes = waterfall_figure(explained, 0).axes[0]
    words = " ".join(text.get_text() for text in [*axes.texts, *axes.get_xticklabels(), axes.title])
    values = [str(value) for column in ("typed", "registry") for value in explained[column].dropna()]
    assert "tổng" in words
    assert not [value for value in values if len(value) > 2 and value in words]
    nothing = waterfall_figure(explained.head(0), 0).axes[0]
    assert nothing.get_title() == "Không có cặp nào để giải thích"


@pytest.mark.parametrize("status", ["matched", "clerical_review", "rejected"])
def test_the_notebook_runs_on_the_tiny_province(tiny: PublishedRun, status: str, tmp_path: Path) -> None:
    executed = tmp_path / "explore_links.ipynb"
    parameters = {
        "as_of": tiny.run.as_of.isoformat(),
        "raw": str(tiny.run.raw),
        "processed": str(tiny.run.processed),
        "link_status": status,
    }
    papermill.execute_notebook(str(NOTEBOOK), str(executed), parameters=parameters, progress_bar=False)
    cells = [c for c in nbformat.read(executed, 4).cells if c.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)


def test_around_a_row_stand_its_candidates_and_their_other_rows(tmp_path: Path) -> None:
    """Two rows are left to people, a third is linked to one of their candidates and has the first one's telephone.

    The picture numbers rows and citizens and names nobody.
    """
    name, phone, both = "Hoàng Văn Sinh", "0912345678", ("002066011112", "002066022223")
    doses = [dose(name, "1966", phone=phone), dose(name, "1966", dose_number=2)]
    doses += [dose(name, "1966", dose_number=3, phone=phone), dose("Bàn Thị Mai", "1990-01-02")]
    link_sample(Sample(doses, crowd(50)), tmp_path)
    run = open_run("2021-11-07", raw=str(tmp_path / "raw"), processed=str(tmp_path / "processed"))
    file = "'platform/02.csv' AS source_file"
    left = f"SELECT {file}, n AS source_row, c AS citizen_id, p AS match_probability FROM (VALUES (1), (2)) AS r(n), "
    left += f"(VALUES ('{both[0]}', .5), ('{both[1]}', .4)) AS c(c, p)"
    with reconcile.explain.connect(run) as con:
        reconcile.explain.view_table(con, "links", run)
        con.execute("CREATE TABLE found AS FROM links")
        con.execute(f"UPDATE found SET citizen_id = if(source_row = 3, '{both[0]}', NULL)")
        con.execute(
            "UPDATE found SET link_status = ['clerical_review', 'clerical_review', 'matched', 'not_in_registry'][source_row]"
        )
        write_table(con, "links", "FROM found", run)
        write_table(con, "clerical_candidates", left, run)
    cluster = reconcile.find_cluster(run, [("platform/02.csv", 1)])
    assert cluster["is_asked"].tolist() == sorted(cluster["is_asked"], reverse=True)
    ties = set(zip(cluster["source_row"], cluster["tie"], cluster["citizen_id"], strict=True))
    assert ties == {(row, "candidate", c) for row in (1, 2) for c in both} | {(3, "linked", both[0])}
    assert set(cluster.loc[cluster["has_same_phone"], "source_row"]) == {1, 3}
    texts = [text.get_text() for text in cluster_figure(cluster).axes[0].texts]
    assert {"dòng 1, mũi 1", "dòng 2, mũi 2", "dòng 3, mũi 3, cùng điện thoại", "công dân 2"} <= set(texts)
    assert not [text for text in texts if any(value in text for value in (name, phone, *both))]


def test_around_no_row_there_is_nothing(tiny: PublishedRun) -> None:
    empty = reconcile.find_cluster(tiny.run, [])
    assert empty.empty
    assert [text.get_text() for text in cluster_figure(empty).axes[0].texts] == ["Không có dòng này"]
