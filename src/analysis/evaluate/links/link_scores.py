"""Precision, recall and F1 of the links, in all and by group."""

from dataclasses import dataclass

import duckdb

from analysis.evaluate.links.compared_rows import RIGHT, WRONG

GROUP_ROWS = 1000  # smaller groups say more about chance than about the rules
ERROR_ROWS = 200
GROUPS = ("ethnicity", "birth_decade", "true_sex", "province_code")


@dataclass(frozen=True)
class LinkScore:
    """Counts of one group of rows: right and wrong links, and rows whose citizen exists."""

    rows: int
    right: int
    wrong: int
    exist: int
    review: int

    @property
    def precision(self) -> float:
        """Right links among all links; 1 where nothing was linked."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Right links among rows whose citizen exists; 1 where there is none."""
        return self.right / self.exist if self.exist else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def line(self, label: str) -> str:
        """Return one printed line."""
        return (
            f"  {label:<34} rows {self.rows:>9,}  P {self.precision:.5f}  R {self.recall:.4f}  "
            f"F1 {self.f1:.4f}  review {_share(self.review, self.rows)}  wrong {self.wrong:,}"
        )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "-"


PEOPLE = """
WITH rows AS (SELECT citizen_id, true_citizen FROM scored WHERE in_truth AND in_run),
found AS (SELECT DISTINCT citizen_id FROM rows WHERE citizen_id IS NOT NULL),
true_people AS (SELECT DISTINCT true_citizen AS citizen_id FROM rows WHERE true_citizen IS NOT NULL)
SELECT (SELECT count(*) FROM found), (SELECT count(*) FROM true_people),
    (SELECT count(*) FROM found SEMI JOIN true_people USING (citizen_id))"""

COUNTS = f"""
SELECT {{label}}, count(*), count(*) FILTER ({RIGHT}), count(*) FILTER ({WRONG}), count(true_citizen),
    count(*) FILTER (link_status = 'clerical_review')
FROM {{source}} WHERE in_truth AND in_run AND person_kind != 'none' AND ({{where}})
GROUP BY 1 ORDER BY 1"""


def score_links(
    con: duckdb.DuckDBPyConnection, label: str = "'all'", where: str = "true", source: str = "scored"
) -> dict[str, LinkScore]:
    """Return the score of each value of an SQL expression over `scored`."""
    rows = con.execute(COUNTS.format(label=label, where=where, source=source)).fetchall()
    return {str(name): LinkScore(*counts) for name, *counts in rows}


def score_people(con: duckdb.DuckDBPyConnection) -> LinkScore:
    """Score citizens instead of rows: who has at least one linked row, and who truly has one."""
    found, true, both = con.execute(PEOPLE).fetchall()[0]
    return LinkScore(true, both, found - both, true, 0)


def worst_groups(con: duckdb.DuckDBPyConnection, count: int = 6) -> list[str]:
    """Return lines on the groups of at least GROUP_ROWS rows with the lowest recall."""
    scores = {
        f"{column} {name}": score
        for column in GROUPS
        for name, score in score_links(con, f"coalesce({column}, '')").items()
        if score.exist >= GROUP_ROWS
    }
    worst = sorted(scores.items(), key=lambda item: (item[1].recall, item[0]))[:count]
    return [score.line(name) for name, score in worst]


def worst_errors(con: duckdb.DuckDBPyConnection, count: int = 10) -> list[str]:
    """Return lines on the planted errors of at least ERROR_ROWS rows with the lowest recall."""
    source = "(SELECT *, unnest(errors) AS error FROM scored)"
    scores = {n: s for n, s in score_links(con, "error", source=source).items() if s.exist >= ERROR_ROWS}
    worst = sorted(scores.items(), key=lambda item: (item[1].recall, item[0]))[:count]
    return [score.line(name) for name, score in worst]


def four_field_lines(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return lines on the rows that the plain four-field comparison fails although the citizen exists."""
    failed = score_links(con, where="NOT true_four_field_match AND true_citizen IS NOT NULL").get("all")
    agree, rows = con.execute(
        "SELECT count(*) FILTER (four_field_match = true_four_field_match), count(*) FROM scored "
        "WHERE in_truth AND in_run AND person_kind = 'citizen'"
    ).fetchall()[0]
    lines = [f"  our four_field_match agrees with truth's on {_share(agree, rows)} of {rows:,} rows"]
    return [failed.line("fail, citizen exists"), *lines] if failed else lines


def likeness_lines(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return lines on those whom only a number or a name tells apart, and on rows without a usable number."""
    kinds = {
        "born on one day in one commune": "is_born_together",
        "… and no usable number in the row": "is_born_together AND has_no_number",
        "all rows without a usable number": "has_no_number",
    }
    scores = {label: score_links(con, where=where).get("all") for label, where in kinds.items()}
    return [score.line(label) for label, score in scores.items() if score]


def review_lines(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return a line on the rows in clerical review and how often the right citizen is offered."""
    rows, all_rows, offered = con.execute(
        "SELECT count(*) FILTER (link_status = 'clerical_review'), count(*), "
        "(SELECT count(*) FROM clerical_candidates AS c JOIN scored AS s USING (source_file, source_row) "
        "WHERE c.citizen_id = s.true_citizen) FROM scored WHERE in_run"
    ).fetchall()[0]
    offered_share = _share(offered, rows)
    return [f"  {rows:,} rows = {_share(rows, all_rows)} of all; right citizen offered in {offered_share}"]


def duplicate_lines(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return a line on the records that repeat a dose: found, right, and how many there truly are."""
    found, right, true = con.execute(
        "SELECT count(s.duplicate_of), count(*) FILTER (k.dose_key = s.dose_key), "
        "(SELECT count(dose_key) - count(DISTINCT dose_key) FROM scored WHERE link_status != 'rejected') "
        "FROM scored AS s LEFT JOIN scored AS k ON s.duplicate_of = k.source_file || ':' || k.source_row"
    ).fetchall()[0]
    precision, recall = right / found if found else 1.0, right / true if true else 1.0
    return [f"  found {found:,}  true {true:,}  P {precision:.4f}  R {recall:.4f}"]
