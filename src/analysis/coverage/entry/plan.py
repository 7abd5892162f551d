"""What it takes to clear a backlog: pace, date cleared at that pace, entries and people needed a day.

Two tasks: `enter` (doses given but not on the platform, by place given) and `verify` (records that do not
agree with the registry yet, by residence as typed).
"""

from datetime import date
from pathlib import Path

from analysis.settings import RunParameters
from analysis.steps import Plan, Step, written
from analysis.tables import TABLES, empty_table

PLAN_DAYS = 14  # a backlog is planned to be cleared in two weeks, while new doses keep coming

# Entries of the last 7 days against doses given in them: the difference is what the backlog falls.
ENTER = """
SELECT unit_level, unit_code, 'enter' AS task, backlog, doses_entered_last_7_days AS done_7_days,
       given_7_days, doses_entered_last_7_days - given_7_days AS fall, 7 AS fall_days
FROM (SELECT *, doses_administered - lag(doses_administered) OVER (
                 PARTITION BY unit_code ORDER BY reference_date) AS given_7_days FROM entry_progress)
WHERE reference_date = DATE '{as_of}' AND backlog IS NOT NULL"""

# Without an earlier run nobody knows how fast records are being corrected.
OPEN_STATES = "('matched', 'clerical_review', 'not_in_registry', 'insufficient')"
VERIFY = f"""
SELECT unit_level, unit_code, 'verify', n.open_rows, NULL, NULL, p.open_rows - n.open_rows, {{days}}
FROM (SELECT unit_level, unit_code, sum(rows) FILTER (link_status IN {OPEN_STATES}) AS open_rows
      FROM verification JOIN units USING (unit_level, unit_code) JOIN units_with_files USING (unit_id)
      GROUP BY ALL) AS n
LEFT JOIN (SELECT unit_level, unit_code, sum(rows) FILTER (link_status IN {OPEN_STATES}) AS open_rows
           FROM verification_before GROUP BY ALL) AS p USING (unit_level, unit_code)"""

ENTRY_PLAN = """
SELECT unit_level, unit_code, task, greatest(backlog, 0) AS backlog,
       CAST(done_7_days AS DECIMAL(18,1)) / 7 AS done_per_day, CAST(fall AS DECIMAL(18,1)) / fall_days
           AS fall_per_day,
       CASE WHEN backlog <= 0 THEN DATE '{as_of}'
            WHEN fall > 0 AND days_left < 3650 THEN DATE '{as_of}' + CAST(days_left AS INTEGER) END
           AS cleared_on,
       needed_per_day, (needed_per_day + {rate} - 1) // {rate} AS people_needed, {plan_days} AS plan_days
FROM (SELECT *, (greatest(backlog, 0) * fall_days + fall - 1) // nullif(greatest(fall, 0), 0) AS days_left,
             (7 * greatest(backlog, 0) + {plan_days} * greatest(coalesce(given_7_days, 0), 0)
                + 7 * {plan_days} - 1) // (7 * {plan_days}) AS needed_per_day
      FROM ({enter} UNION ALL {verify}) WHERE backlog IS NOT NULL)"""


def entry_plan_steps(run: RunParameters) -> Plan:
    """Return the steps to `entry_plan` (country, provinces, districts).

    `fall_per_day` is what the backlog fell a day (the last 7 days; for `verify` since the previous run,
    null without one); `cleared_on` is null while it does not fall, or where it would take ten years.
    `needed_per_day` clears the backlog in PLAN_DAYS while doses keep coming as in the last 7 days;
    `people_needed` is that by the setting `entry_rate_per_person_day`.
    """
    earlier = _earlier_verification(run)
    query = ENTRY_PLAN.format(
        as_of=run.as_of,
        rate=run.settings.entry_rate_per_person_day,
        plan_days=PLAN_DAYS,
        enter=ENTER.format(as_of=run.as_of),
        verify=VERIFY.format(days=earlier[1] if earlier else "NULL"),
    )
    before = Step(
        "verification_before",
        "one state of verification in the earlier run; empty without one",
        query="" if earlier else empty_table("verification"),
        files=(earlier[0],) if earlier else (),
        is_view=True,
    )
    reads = "entry_progress verification verification_before units units_with_files"
    return before, written("entry_plan", reads, query)


def _earlier_verification(run: RunParameters) -> tuple[Path, int] | None:
    """Return the earlier run's table `verification` and the days since; its folder's name tells its day."""
    folder, table = run.compared, TABLES["verification"]
    try:
        days = (run.as_of - date.fromisoformat(folder.name)).days if folder else 0
    except ValueError:
        return None
    path = folder / table.zone.value / f"{table.name}.parquet" if folder and days > 0 else None
    return (path, days) if path and path.is_file() else None
