"""What the reconcile notebook shows: counts of verdicts, methods and open rows, never a person."""

import pandas as pd
from matplotlib.figure import Figure

from analysis.engine import Engine, connect, sql_text
from analysis.pictures import Picture, as_picture
from analysis.settings import RunParameters
from analysis.tables import view_table

STATUS_LABELS = {
    "verified": "khớp đủ 4 trường",
    "matched": "đã xác định được công dân, cần sửa thông tin",
    "clerical_review": "chờ người quyết định",
    "not_in_registry": "chưa tìm thấy trong CSDLQG về dân cư",
    "insufficient": "quá ít thông tin để tìm",
    "out_of_scope": "không thuộc diện xác minh",
    "rejected": "bị loại",
}
STATUS_COLOURS = ("#1b5e20", "#81c784", "#ffb300", "#d84315", "#8d6e63", "#90a4ae", "#cfd8dc")

BY_METHOD = """
SELECT link_status, link_method, count(*) AS rows, count(duplicate_of) AS duplicates,
    round(100.0 * count(*) / sum(count(*)) OVER (), 2) AS rows_pct
FROM links GROUP BY 1, 2 ORDER BY rows DESC, 1, 2"""

BY_GROUP = """
SELECT coalesce(d."{column}", '') AS "{column}", l.link_status, count(*) AS rows
FROM links AS l JOIN doses AS d USING (source_file, source_row) GROUP BY 1, 2 ORDER BY 1, 2"""

METHODS_BY = """
SELECT coalesce(d."{column}", '') AS "{column}", coalesce(l.link_method, 'none') AS link_method, count(*) AS rows
FROM links AS l JOIN doses AS d USING (source_file, source_row) GROUP BY 1, 2 ORDER BY 1, 2"""

# Why a row has no citizen, from what it says and from the candidates it left.
LEFT = """
WITH offered AS (
    SELECT source_file, source_row, count(*) AS candidates FROM clerical_candidates GROUP BY 1, 2)
SELECT coalesce(d."{column}", '') AS "{column}", CASE
        WHEN l.link_status = 'clerical_review' AND o.candidates > 1 THEN 'several_candidates'
        WHEN l.link_status = 'clerical_review' THEN 'one_doubtful_candidate'
        WHEN l.link_status = 'insufficient' THEN 'too_little_to_search'
        WHEN l.link_method = 'decision' THEN 'decided_not_in_registry'
        WHEN d.id_kind = 'citizen_number' THEN 'nobody_found_with_citizen_number'
        WHEN d.id_kind = 'old_number' THEN 'nobody_found_with_old_number'
        ELSE 'nobody_found_without_number' END AS why, count(*) AS rows
FROM links AS l JOIN doses AS d USING (source_file, source_row)
LEFT JOIN offered AS o USING (source_file, source_row)
WHERE l.link_status IN ('clerical_review', 'not_in_registry', 'insufficient')
GROUP BY 1, 2 ORDER BY 1, 2"""

DIFFERING = """
SELECT array_to_string(differing_fields, ' + ') AS differing_fields, count(*) AS rows
FROM links WHERE link_status = 'matched' GROUP BY 1 ORDER BY rows DESC, 1"""

# What the model's own probabilities expect: weighed rows linked to a wrong person, rows in review that are some
# candidate's. A row is one person's, so its candidates together are worth no more than one. Of the rules, and of rows
# for which nobody was found, the model says nothing.
EXPECTED_ERRORS = """
WITH review AS (
    SELECT source_file, source_row, least(1, sum(match_probability ORDER BY match_probability)) AS chance
    FROM clerical_candidates GROUP BY ALL),
expected AS (
    SELECT 'false' AS error, 1 - match_probability AS chance FROM links
    WHERE link_status IN ('verified', 'matched') AND link_method = 'probabilistic'
    UNION ALL
    SELECT 'missed', chance FROM links JOIN review USING (source_file, source_row)
    WHERE link_status = 'clerical_review')
SELECT error, count(*) AS rows, round(sum(round(1e6 * chance)::BIGINT) / 1e6, 1) AS expected
FROM expected GROUP BY ALL ORDER BY 1"""

FOUR_FIELDS = """
SELECT four_field_match, link_status, count(*) AS rows FROM links GROUP BY 1, 2 ORDER BY 1, 2"""


# The rows of one province's residents, as the records have it.
OF_PROVINCE = """
SELECT * FROM every_link
SEMI JOIN (FROM doses WHERE province_code = {code}) USING (source_file, source_row)"""


def _count(run: RunParameters, query: str, province_code: str = "") -> pd.DataFrame:
    with connect(run) as con:
        for name in ("links", "doses", "clerical_candidates", "registry_findings", "roster_checks"):
            view_table(con, name, run)
        if province_code:
            con.execute("ALTER VIEW links RENAME TO every_link")
            Engine(con).create_view("links", OF_PROVINCE.format(code=sql_text(province_code)))
        frame: pd.DataFrame = con.execute(query).df()
        return frame


def count_methods(run: RunParameters, province_code: str = "") -> pd.DataFrame:
    """Count rows by verdict and by the rule that gave it; with a province those of its residents, here and below."""
    return _count(run, BY_METHOD, province_code)


def count_statuses(run: RunParameters, column: str, province_code: str = "") -> pd.DataFrame:
    """Count rows by a column of doses and verdict, one column a verdict."""
    counts = _count(run, BY_GROUP.format(column=column), province_code)
    wide = counts.pivot(index=column, columns="link_status", values="rows").fillna(0).astype(int)
    return wide.reindex(columns=[s for s in STATUS_LABELS if s in wide.columns])


def count_methods_by(run: RunParameters, column: str, province_code: str = "") -> pd.DataFrame:
    """Count rows by a column of doses and the rule that gave the verdict, one column a rule (`none`: open)."""
    counts = _count(run, METHODS_BY.format(column=column), province_code)
    return counts.pivot(index=column, columns="link_method", values="rows").fillna(0).astype(int)


def count_left(run: RunParameters, column: str, province_code: str = "") -> pd.DataFrame:
    """Count rows without a citizen by a column of doses and why, one column a reason.

    Reasons: several_candidates and one_doubtful_candidate (a person must decide), too_little_to_search,
    decided_not_in_registry, and nobody found with a citizen number, with an old one, without any.
    """
    counts = _count(run, LEFT.format(column=column), province_code)
    return counts.pivot(index=column, columns="why", values="rows").fillna(0).astype(int)


def count_differing_fields(run: RunParameters, province_code: str = "") -> pd.DataFrame:
    """Count rows whose citizen is established by the fields that are to be corrected."""
    return _count(run, DIFFERING, province_code)


def count_four_field_results(run: RunParameters, province_code: str = "") -> pd.DataFrame:
    """Count rows by what the plain four-field comparison says and by our verdict."""
    return _count(run, FOUR_FIELDS, province_code)


def count_expected_errors(run: RunParameters, province_code: str = "") -> pd.DataFrame:
    """Count the links that the model's probabilities expect to be false, and those in review expected to be missed.

    Columns: error (`false`: weighed and linked to a wrong person; `missed`: in review though the person is among
    the candidates), the rows of that kind, and how many of them are expected to be such. An audit measures it.
    """
    return _count(run, EXPECTED_ERRORS, province_code)


def count_findings(run: RunParameters) -> pd.DataFrame:
    """Count what the registry side should look at, by kind."""
    return _count(run, "SELECT kind, count(*) AS findings FROM registry_findings GROUP BY 1 ORDER BY 1")


def count_roster_checks(run: RunParameters) -> pd.DataFrame:
    """Count roster rows by verdict, and those whose citizen already has a dose."""
    return _count(
        run,
        "SELECT link_status, count(*) AS rows, count(*) FILTER (doses_found > 0) AS rows_with_doses "
        "FROM roster_checks GROUP BY 1 ORDER BY 1",
    )


def draw_statuses(counts: pd.DataFrame, title: str) -> Picture:
    """Draw verdict shares as stacked bars, one bar per row of `count_statuses`."""
    shares = 100 * counts.div(counts.sum(axis=1), axis=0)
    figure = Figure(figsize=(9, max(2.0, 0.22 * len(shares) + 1.4)), layout="constrained")
    axes = figure.add_subplot()
    left = pd.Series(0.0, index=shares.index)
    for status, colour in zip(STATUS_LABELS, STATUS_COLOURS, strict=True):
        if status in shares.columns:
            axes.barh(
                shares.index.astype(str), shares[status], left=left, color=colour, label=STATUS_LABELS[status]
            )
            left = left + shares[status]
    axes.invert_yaxis()
    axes.set(xlim=(0, 100), xlabel="% số dòng", title=title)
    figure.legend(loc="outside lower center", ncols=2, fontsize="small", frameon=False)
    return as_picture(figure)
