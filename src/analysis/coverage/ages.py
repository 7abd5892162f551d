"""Ages in completed years, as weeks in which a person belongs to an age group.

Nobody's age is looked up 35 times: a birth date gives the week in which each age group is entered and
left, and counting is adding one at the first and taking one away at the second.
"""

from analysis.coverage.inputs import Weeks

NEVER = 30_000  # a week index that no run reaches
MONTH_ONLY_DAY = "15"  # a birth known to the month counts as its middle, as one known to the year does

# Age groups (sources count-5) with their first and first-too-old completed year of age.
AGE_GROUPS: dict[str, tuple[int, int | None]] = {
    "all": (0, None),
    "5-11": (5, 12),
    "12-17": (12, 18),
    "18+": (18, None),
    "50+": (50, None),
    "65+": (65, None),
}
AGE_BOUNDS = (0, 5, 12, 18, 50, 65)
ADULT_AGE = 18
AGE_COLUMNS = ", ".join(f"age_{years}" for years in AGE_BOUNDS)  # as `age_columns_sql` names them


def birth_day_sql(birth: str, year_only_month_day: str) -> str:
    """Return SQL for the DATE of a birth written `YYYY[-MM[-DD]]`; null when it cannot be a date.

    A birth known only to the year counts as the setting's day (sources count-6: 1 July).
    """
    day = "03-01" if year_only_month_day == "02-29" else year_only_month_day
    return (
        f"CASE length({birth}) WHEN 10 THEN TRY_CAST({birth} AS DATE) "
        f"WHEN 7 THEN TRY_CAST({birth} || '-{MONTH_ONLY_DAY}' AS DATE) "
        f"WHEN 4 THEN TRY_CAST({birth} || '-{day}' AS DATE) END"
    )


def birthday_sql(birth_day: str, years: int) -> str:
    """Return SQL for the day on which `years` years are completed; 29 February falls on 1 March."""
    moved = f"CAST({birth_day} + INTERVAL {years} YEAR AS DATE)"
    return f"({moved} + CAST(day({moved}) <> day({birth_day}) AS INTEGER))"


def age_columns_sql(weeks: Weeks, birth_day: str) -> str:
    """Return SQL columns `age_0 … age_65`: the week index from which that age is reached, null if unknown."""
    columns = [f"{weeks.index_sql(birthday_sql(birth_day, years))} AS age_{years}" for years in AGE_BOUNDS]
    return ", ".join(columns)


def group_interval_sql(group: str) -> tuple[str, str]:
    """Return SQL for the first week in an age group and the first week after it."""
    youngest, too_old = AGE_GROUPS[group]
    # A person of unknown age is in `all` alone.
    first = f"age_{youngest}" if youngest else "coalesce(age_0, 0)"
    return first, f"age_{too_old}" if too_old else str(NEVER)
