"""Sentences on how far a figure can be trusted or reached: late entries, past forecasts, last useful days."""

from datetime import date
from decimal import Decimal

from analysis.briefing.figures.front import COMPLETE, ONE, REPORTED
from analysis.briefing.figures.reading import Row, UnitTables, is_told
from analysis.briefing.figures.units import Unit, unit_name
from analysis.briefing.figures.wording import Words
from analysis.reference import read_reference

DAYS_NAMED = 5  # suspicious counts that are spelt out, those with the largest excess


def suspicious_sentence(tables: UnitTables, words: Words) -> str:
    """Name the reported counts that cannot be their day's, and what was done with them; empty without any."""
    rows = tables.lists["suspicious"]
    if not rows:
        return ""
    named = [_suspicious_count(row, tables.unit, words) for row in rows[:DAYS_NAMED]]
    more = len(rows) - len(named)
    days = "; ".join([*named, words("suspicious.more", count=words.whole(more))] if more else named)
    return words("suspicious.sentence", days=days)


def _suspicious_count(row: Row, unit: Unit, words: Words) -> str:
    code = row["of_unit_code"]
    return words(
        "suspicious.count" if code == unit.code else "suspicious.count_of_part",
        unit=unit_name(code, words.language),
        day=words.day(row["report_date"]),
        measure=words(f"suspicious.{row['measure']}"),
        reported=words.whole(row["reported"]),
        usual=words.whole(row["usual"]),
        reason=words(f"suspicious.{row['reason_code']}"),
    )


def nowcast_sentence(tables: UnitTables, words: Words) -> str:
    """Say how many people the platform will show once the doses given so far are entered; empty without.

    The reported basis waits for no entry: this is the recorded one, adults with at least one dose.
    """
    row = next((r for r in tables.lists["nowcast"] if r["series_status"] == ONE), None)
    if row is None or row["people_nowcast"] is None or row["people_nowcast"] <= row["people"]:
        return ""
    return words(
        "entry.nowcast",
        now=words.whole(row["people"]),
        people=words.whole(row["people_nowcast"]),
        low=words.whole(row["people_nowcast_low"]),
        high=words.whole(row["people_nowcast_high"]),
    )


def past_forecast_sentences(tables: UnitTables, words: Words) -> list[str]:
    """Say what the previous run forecast for as_of and what happened, here and over all provinces."""
    rows = {r["series_status"]: r for r in tables.lists["past_forecasts"]}
    said = [_past_sentence(status, rows[status], words) for status in (ONE, COMPLETE) if status in rows]
    told = tables.lists["past_provinces"]
    if said and told and told[0]["provinces"]:
        inside, provinces = (words.whole(int(told[0][k])) for k in ("inside", "provinces"))
        said.append(words("weeks.past_provinces", inside=inside, provinces=provinces))
    return said


def _past_sentence(status: str, row: Row, words: Words) -> str:
    is_inside = row["value_low"] <= row["happened"] <= row["value_high"]
    low, middle, high = (words.decimal(row[k], 1) for k in ("value_low", "value", "value_high"))
    return words(
        "weeks.past_inside" if is_inside else "weeks.past_outside",
        made=words.day(row["made_on"]),
        status=words(f"status.{status}").lower(),
        middle=middle,
        low=low,
        high=high,
        day=words.day(row["target_date"]),
        happened=words.decimal(row["happened"]),
    )


def deadline_sentence(tables: UnitTables, words: Words) -> str:
    """Say until when a first dose still helps the next target of complete series on the page, by product."""
    listed = [r for r in tables.lists["targets"] if r["basis"] == REPORTED and r["reached_on"] is None]
    codes = {r["target_code"] for r in listed}
    still = [r for r in tables.lists["deadlines"] if r["days_left"] >= 0 and r["target_code"] in codes]
    if not still:
        return ""
    due = min(r["due_date"] for r in still)
    by_day: dict[date, list[str]] = {}
    for row in still:
        if row["due_date"] == due:
            by_day.setdefault(row["last_first_dose_date"], []).append(str(row["vaccine"]))
    days = [
        words("targets.last_day", day=words.day(d), products=", ".join(by_day[d])) for d in sorted(by_day)
    ]
    return words("targets.deadlines", due=words.day(due), days="; ".join(days))


def wider_than_adults_sentence(tables: UnitTables, words: Words) -> str:
    """Say that a target over the whole population needs more people than there are adults, where it does."""
    whole = next((r["population"] for r in tables.lists["whole"]), None)
    adults = tables.covered(tables.unit.code, REPORTED, ONE).get("population")
    if not whole or not adults:
        return ""
    listed = read_reference("targets.csv").to_dict("records")
    of_everybody = {t["target_code"] for t in listed if t["age_group"] == "all"}
    shares = sorted({r["target_pct"] for r in tables.lists["targets"] if r["target_code"] in of_everybody})
    wide = [share for share in shares if Decimal(whole) * share / 100 > adults]
    if not wide:
        return ""
    need = int((Decimal(whole) * wide[-1] / 100).to_integral_value())
    return words(
        "targets.wider",
        share=words.percent(wide[-1], 0),
        need=words.whole(need),
        adults=words.whole(adults),
    )


def way_out(tables: UnitTables, task: str, words: Words) -> list[str]:
    """Say when a backlog ends at the present pace and what ends it within the planned days."""
    plan = next((r for r in tables.lists["plan"] if r["task"] == task), None)
    if plan is None or not plan["backlog"] or not is_told(plan["backlog"]):
        return []
    cleared = plan["cleared_on"]
    pace = words("plan.cleared", day=words.day(cleared)) if cleared else words(f"plan.{task}_not_falling")
    if plan["fall_per_day"] is None:
        pace = ""
    effort = words(
        f"plan.{task}",
        days=words.whole(plan["plan_days"]),
        per_day=words.whole(plan["needed_per_day"]),
        people=words.whole(plan["people_needed"]),
    )
    return [text for text in (pace, effort) if text]
