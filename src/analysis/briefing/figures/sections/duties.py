"""What the two ministries asked of both sides on 8/11/2021, duty by duty, with the week's figures (sources page-13)."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal

from analysis.briefing.figures.front import ratio_pct
from analysis.briefing.figures.layout import Section, section, table
from analysis.briefing.figures.outlook import way_out
from analysis.briefing.figures.reading import Row, UnitTables, is_told
from analysis.briefing.figures.sections.agreement import agreement_shares
from analysis.briefing.figures.sums import Count, told_sum
from analysis.briefing.figures.units import Unit
from analysis.briefing.figures.wording import Words
from analysis.disclosure.policy import SMALLEST_BASE

DUTIES = ("rosters", "new_entries", "feedback", "cards", "findings", "confirmations", "agreement")
PLACES_NAMED = 2
GROUNDS_NAMED = 3
Rated = list[tuple[Unit, Decimal]]


def duties_section(tables: UnitTables, words: Words) -> Section:
    """Return one row a duty: what the figures of the week say of it, and the places to look at first."""
    makers: dict[str, Callable[[UnitTables, Words], tuple[str, str]]] = {
        "rosters": _rosters,
        "new_entries": _new_entries,
        "feedback": _feedback,
        "cards": _cards,
        "findings": _findings,
        "confirmations": _confirmations,
        "agreement": _agreement,
    }
    told = [(name, *makers[name](tables, words)) for name in DUTIES]
    rows = [[words(f"duty.{name}"), said, places or words("none")] for name, said, places in told]
    titles = [words(f"duty.{name}") for name in ("duty", "figures", "places")]
    caption = words("duty.caption_by_place" if by_place_rows(tables) else "duty.caption")
    listing = table(caption, titles, rows, (0, 1, 2), weights=(1.3, 3.4, 1.7), name="duties")
    lead = " ".join(way_out(tables, "verify", words))
    return section("duties", "data", words("duty.title"), [lead], [listing])


def by_place_rows(tables: UnitTables) -> list[Unit]:
    """Return the places of which anything of the duties is known."""
    names = ("new_entries", "feedback_parts", "cards", "id_kinds")
    told = {r["unit_code"] for name in names for r in tables.lists[name]}
    return [unit for code, unit in tables.parts.items() if code in told]


def row_of(tables: UnitTables, name: str, code: str) -> Row:
    """Return a unit's row of a list, or an empty one."""
    return next((r for r in tables.lists[name] if r["unit_code"] == code), {})


def share(part: Count, whole: Count) -> Decimal | None:
    """Return a percentage where both its counts are told and its base is large enough to name nobody."""
    if not isinstance(part, int) or not isinstance(whole, int) or whole < SMALLEST_BASE:
        return None
    return ratio_pct(part, whole)


def same_day_share(row: Row, name: str = "entered_same_day") -> Decimal | None:
    """Return the share of the week's doses entered on their day (or by the day after); of those reported, if known."""
    given = row.get("doses_administered")
    base = given if given is not None else row.get("doses_recorded")
    return None if not base or row.get(name) is None else ratio_pct(int(row[name]), int(base))


def without_card_share(row: Row) -> Decimal | None:
    """Return the share of adult residents without a citizen card."""
    return share(row.get("without_card"), row.get("registry_population"))


def kinds_of(tables: UnitTables, code: str) -> dict[str | None, Count]:
    """Return a unit's records by the kind of number typed; the key None is their total."""
    return {r["id_kind"]: r["rows"] for r in tables.lists["id_kinds"] if r["unit_code"] == code}


def _named(tables: UnitTables, rated: Rated, words: Words, key: str, is_highest: bool = False) -> str:
    """Name the places with the lowest shares (or the highest)."""
    order = sorted(rated, key=lambda pair: ((-1 if is_highest else 1) * pair[1], pair[0].code))[:PLACES_NAMED]
    named = "; ".join(f"{unit.short_name} {words.percent(pct, 1)}" for unit, pct in order)
    return words(f"duty.{key}", places=named) if named else ""


def _rated(tables: UnitTables, rate: Callable[[str], Decimal | None]) -> Rated:
    found = [(unit, rate(code)) for code, unit in tables.parts.items()]
    return [(unit, pct) for unit, pct in found if pct is not None]


def _rosters(tables: UnitTables, words: Words) -> tuple[str, str]:
    rows = {r["link_status"]: r["rows"] for r in tables.lists["rosters"]}
    total = rows.get(None)
    if not total:
        return words("duty.no_rosters"), ""
    figures = {name: words.whole(rows.get(name, 0)) for name in ("verified", "matched", "not_in_registry")}
    found = told_sum(rows.get(name, 0) for name in ("verified", "matched"))
    if not is_told(found):
        key = "duty.rosters_found_untold" if is_told(total) else "duty.rosters_untold"
        return words(key, total=words.whole(total)), ""
    return words("duty.rosters_said", total=words.whole(total), found=words.whole(found), **figures), ""


def _new_entries(tables: UnitTables, words: Words) -> tuple[str, str]:
    row = row_of(tables, "new_entries", tables.unit.code)
    same, soon = same_day_share(row), same_day_share(row, "entered_within_1_day")
    if same is None or soon is None:
        return words("duty.no_new_entries"), ""
    given = row["doses_administered"] if row["doses_administered"] is not None else row["doses_recorded"]
    first, last = (words.short_day(tables.as_of - timedelta(days=n)) for n in (7, 1))
    said = words(
        "duty.new_entries_said",
        same=words.percent(same, 1),
        soon=words.percent(soon, 1),
        given=words.whole(int(given)),
        first=first,
        last=last,
    )
    rated = _rated(tables, lambda code: same_day_share(row_of(tables, "new_entries", code)))
    return said, _named(tables, rated, words, "lowest")


def _feedback(tables: UnitTables, words: Words) -> tuple[str, str]:
    row = next(iter(tables.lists["feedback"]), {})
    if not row.get("received"):
        return words("duty.no_feedback"), ""
    hours = words.whole(tables.run.settings.feedback_service_hours)
    figures = {name: words.whole(row[name]) for name in ("received", "open_late")}
    in_time = row["in_time_pct"]
    key = "duty.feedback_untold" if in_time is None else "duty.feedback_said"
    said = words(key, hours=hours, in_time=words.percent(in_time, 1), **figures)
    rated = _rated(tables, lambda code: row_of(tables, "feedback_parts", code).get("in_time_pct"))
    return said, _named(tables, rated, words, "lowest")


def _cards(tables: UnitTables, words: Words) -> tuple[str, str]:
    row, kinds = row_of(tables, "cards", tables.unit.code), kinds_of(tables, tables.unit.code)
    said = [
        words(
            "duty.cards_said",
            without=words.whole(row["without_card"]),
            adults=words.whole(row["registry_population"]),
            pct=words.percent(without_card_share(row), 1),
        )
        if row
        else words("duty.no_cards")
    ]
    if is_told(kinds.get(None)):
        names = ("citizen_number", "old_number", "other")
        shares = {name: words.percent(share(kinds.get(name, 0), kinds[None]), 1) for name in names}
        said.append(words("duty.kinds_said", **shares))
    rated = _rated(tables, lambda code: without_card_share(row_of(tables, "cards", code)))
    return " ".join(said), _named(tables, rated, words, "highest", is_highest=True)


def _findings(tables: UnitTables, words: Words) -> tuple[str, str]:
    rows = [r for r in tables.lists["findings"] if r["kind"] is not None]
    if not rows:
        return words("duty.no_findings"), ""
    said = [
        words("duty.kind", name=words(f"finding.{r['kind']}"), count=words.whole(r["findings"])) for r in rows
    ]
    total = next((r["findings"] for r in tables.lists["findings"] if r["kind"] is None), None)
    return words("duty.findings_said", total=words.whole(total), kinds="; ".join(said)), ""


def _confirmations(tables: UnitTables, words: Words) -> tuple[str, str]:
    rows: Sequence[Row] = tables.lists["confirmations"]
    if not rows:
        return words("duty.no_confirmations"), ""
    told = [r for r in rows if is_told(r["confirmations"])]
    hidden = [r for r in rows if not is_told(r["confirmations"])]
    said = [
        words("duty.kind", name=words(f"ground.{r['ground_kind']}"), count=words.whole(r["confirmations"]))
        for r in [*told, *hidden][:GROUNDS_NAMED]
    ]
    return words("duty.confirmations_said", kinds="; ".join(said)), ""


def _agreement(tables: UnitTables, words: Words) -> tuple[str, str]:
    weeks = agreement_shares(tables)
    if not weeks:
        return words("duty.no_agreement"), ""
    now = weeks[-1]
    said = words(
        "duty.agreement_said",
        agreeing=words.percent(now.agreeing_pct, 1),
        resolved=words.percent(now.resolved_pct, 1),
        to_decide=words.whole(now.to_decide),
    )
    before = weeks[-2] if len(weeks) > 1 else None
    beside = _updates(tables, words)
    if before is not None and before.agreeing_pct is not None:
        day, pct = words.day(before.day), words.percent(before.agreeing_pct, 1)
        beside = [words("duty.agreement_before", day=day, pct=pct), *beside]
    return said, " ".join(beside)


def _updates(tables: UnitTables, words: Words) -> list[str]:
    """Return how many of the corrections that the week before asked for are there; nothing where it asked for none."""
    counts = {r["update_state"]: r["updates"] for r in tables.lists["updates"]}
    if counts.get(None) is None:
        return []
    arrived, asked = words.whole(counts.get("arrived", 0)), words.whole(counts[None])
    return [words("duty.updates_said", arrived=arrived, asked=asked)]
