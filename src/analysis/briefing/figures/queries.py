"""The queries of the protected tables that a briefing reads as lists, each folded to what may be printed."""

from datetime import date

from analysis.briefing.figures.units import Unit, districts
from analysis.engine import sql_text
from analysis.pipeline import audit_speaks_for

ADULTS = "18+"
# What the last run published, and the columns of it that are read: an earlier form of a table may lack some.
EARLIER = {
    "supply": "unit_level unit_code reference_date doses_allocated doses_received doses_administered doses_discarded",
    "tasks": "unit_code task figure due",
    "due_counts": "unit_level unit_code next_dose state previous_product people people_status",
    "entry_plan": "unit_level unit_code task backlog backlog_status",
}

WITHOUT_EXPORTS = """SELECT unit_code FROM entry_progress WHERE unit_level = 'province'
GROUP BY ALL HAVING count(doses_recorded) = 0"""


def list_queries(unit: Unit, as_of: date) -> dict[str, str]:
    """Return the queries of the tables that are read as lists, each folded to what may be printed."""
    own = f"unit_level = {sql_text(unit.level)} AND unit_code = {sql_text(unit.code)}"
    told = f"basis = 'reported' AND age_group = {sql_text(ADULTS)}"
    parts = ", ".join(["''", *map(sql_text, districts(unit.code))])
    below = (
        "unit_level = 'province'"
        if unit.level == "country"
        else f"unit_level = 'district' AND unit_code IN ({parts})"
    )
    return {
        "bridge": "SELECT series_status, step, people, is_folded FROM coverage_bridge "
        f"WHERE {own} ORDER BY series_status, step_order",
        **_link_queries(unit, own),
        "feedback": f"SELECT * FROM feedback WHERE {own}",
        "due": "SELECT state, next_dose, people, people_status FROM due_counts "
        f"WHERE {own} AND previous_product IS NULL ORDER BY ALL",
        **_duty_queries(unit, own, below),
        "quality": "SELECT status, reason_code IS NULL AS is_total, count(*) AS files, "
        "sum(rows_in)::BIGINT AS rows_in, "
        "coalesce(sum(rows_rejected), 0)::BIGINT AS rows_rejected, "
        "count(*) FILTER (rows_rejected IS NULL AND folder <> 'platform') AS files_untold FROM quality "
        # What the page counts are records and reports received; citizens of the registry are neither.
        "WHERE folder <> 'registry' GROUP BY ALL ORDER BY ALL",
        "without_exports": WITHOUT_EXPORTS,
        "unread_reports": "SELECT count(DISTINCT source_file) AS files FROM quality "
        "WHERE (status = 'quarantined' OR reason_code = 'value_unreadable') AND folder = 'daily_reports'",
        # A file set aside and one read in part are one file each, whatever folder they are of.
        "unread_files": "SELECT count(DISTINCT source_file) AS files FROM quality "
        "WHERE status = 'quarantined' OR (reason_code = 'value_unreadable' AND folder = 'daily_reports')",
        "forecast": "SELECT series_status, target_date, quantile, value FROM forecast "
        f"WHERE {own} AND basis = 'reported' AND age_group = {sql_text(ADULTS)} "
        "ORDER BY series_status, target_date, quantile",
        "targets": f"SELECT * FROM targets WHERE {own} ORDER BY target_code, basis",
        "past_forecasts": f"SELECT * FROM past_forecasts WHERE {own} AND {told}",
        "past_provinces": "SELECT count(*) AS provinces, "
        "count(*) FILTER (happened BETWEEN value_low AND value_high) AS inside FROM past_forecasts "
        f"WHERE unit_level = 'province' AND series_status = 'at_least_one' AND {told}",
        "nowcast": f"SELECT * FROM nowcast WHERE {own} AND basis = 'recorded' "
        f"AND age_group = {sql_text(ADULTS)} AND reference_date = DATE {sql_text(str(as_of))}",
        "deadlines": "SELECT * FROM first_dose_deadlines ORDER BY due_date, vaccine",
        # What the week before told of its last day, and what is told of that day now.
        "revised": "SELECT now.reference_date, now.doses_administered - before.doses_administered AS doses "
        "FROM supply AS now JOIN earlier_supply AS before USING (unit_level, unit_code, reference_date) "
        f"WHERE {own} AND now.reference_date = (SELECT max(reference_date) FROM earlier_supply)",
        "whole": f"SELECT max(population) AS population FROM coverage WHERE {own} AND age_group = 'all'",
        "confidence": f"SELECT * FROM confidence WHERE ({own}) OR unit_level IN ('province', 'district')",
        "plan": f"SELECT * FROM entry_plan WHERE {own} ORDER BY task",
        "above": "SELECT unit_code, main_cause FROM rates_above_100 WHERE unit_level <> 'commune' "
        "AND basis = 'reported' AND series_status = 'at_least_one' ORDER BY unit_code",
        # A district's own row is said even where the province's row stands for it.
        "suspicious": "SELECT * FROM (SELECT DISTINCT of_unit_code, report_date, measure, reported, usual, reason_code "
        f"FROM suspicious_days WHERE (({own}) OR (unit_level = 'district' AND unit_code IN ({parts}))) "
        f"AND reason_code <> 'taken_back' AND report_date <= DATE {sql_text(str(as_of))}) "
        "ORDER BY reported - usual DESC, report_date, of_unit_code, measure",
    }


def _duty_queries(unit: Unit, own: str, below: str) -> dict[str, str]:
    """Return the queries of the duties, of the places below, and of the last report's tasks."""
    return {
        "due_products": "SELECT state, previous_product, people, people_status FROM due_counts "
        f"WHERE {own} AND previous_product IS NOT NULL ORDER BY previous_product, state",
        "due_parts": "SELECT unit_code, people, people_status FROM due_counts "
        f"WHERE {below} AND next_dose = 2 AND state IN ('due', 'overdue') AND previous_product IS NULL",
        "rosters": f"SELECT * FROM rosters WHERE {own}",
        "new_entries": f"SELECT * FROM new_entries WHERE ({own}) OR ({below})",
        "cards": f"SELECT * FROM citizen_cards WHERE ({own}) OR ({below})",
        "id_kinds": f"SELECT * FROM id_kinds WHERE ({own}) OR ({below})",
        "findings": f"SELECT * FROM registry_findings_counts WHERE {own} ORDER BY kind",
        "confirmations": f"SELECT * FROM confirmations WHERE {own} AND ground_kind IS NOT NULL "
        "ORDER BY confirmations DESC, ground_kind",
        "updates": f"SELECT * FROM updates_arrived WHERE {own}",
        "feedback_parts": f"SELECT * FROM feedback WHERE {below}",
        "plan_parts": f"SELECT unit_code, task, backlog, backlog_status FROM entry_plan WHERE {below}",
        "earlier_tasks": f"SELECT task, figure, due FROM earlier_tasks WHERE unit_code = {sql_text(unit.code)}",
        "earlier_due": "SELECT state, people, people_status FROM earlier_due_counts "
        f"WHERE {own} AND next_dose = 2 AND previous_product IS NULL",
        "earlier_plan": f"SELECT task, backlog, backlog_status FROM earlier_entry_plan WHERE {own}",
        "earlier_supply": f"SELECT * FROM earlier_supply WHERE {own} ORDER BY reference_date DESC LIMIT 1",
    }


def _link_queries(unit: Unit, own: str) -> dict[str, str]:
    """Return the queries of what the links give: records by verdict, what those in review would add, their audit."""
    return {
        "unrecorded": f"SELECT * FROM series_notes WHERE {own} AND note = 'dose_not_recorded'",
        "estimate": f"SELECT * FROM coverage_estimate WHERE {own} AND series_status = 'at_least_one'",
        # Of other provinces too: the page says where there was one, never with a figure.
        "audit": "SELECT * FROM link_audit WHERE measure = 'precision_pct'",
        "missed": "SELECT * FROM link_audit WHERE measure = 'new_people_pct' "
        f"AND {audit_speaks_for(sql_text(unit.code))}",
        "verification": f"SELECT * FROM verification WHERE {own} ORDER BY link_status",
        "plain": f"SELECT * FROM plain_comparison WHERE {own}",
        "police": f"SELECT * FROM police_results WHERE {own} AND police_result IS NOT NULL ORDER BY ALL",
        "signature": f"SELECT * FROM signatures WHERE {own} AND signature_status IS NOT NULL",
        "differing": f"SELECT * FROM fields_to_correct WHERE {own} AND differing_field IS NOT NULL ORDER BY ALL",
    }
