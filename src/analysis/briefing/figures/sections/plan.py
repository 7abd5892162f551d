"""Sections on what it takes: supply and the two rankings, second doses due, targets."""

from decimal import ROUND_HALF_UP, Decimal

from analysis.briefing.figures.front import ONE, REPORTED, ranked_parts
from analysis.briefing.figures.layout import Section, TableSpec, section, table
from analysis.briefing.figures.outlook import wider_than_adults_sentence
from analysis.briefing.figures.page_one.requests import by_product
from analysis.briefing.figures.pictures_coverage import place_picture
from analysis.briefing.figures.pictures_work import supply_picture
from analysis.briefing.figures.reading import Row, UnitTables
from analysis.briefing.figures.sums import told_sum
from analysis.briefing.figures.units import COUNTRY, Unit, provinces
from analysis.briefing.figures.wording import Words
from analysis.reference import read_reference

RANKING_LENGTH = 10
DUE_STATES = ("due", "overdue", "check_first", "not_yet_due", "no_window", "do_not_invite")


def plan_sections(tables: UnitTables, words: Words) -> list[Section]:
    """Return supply, and the annexes of rankings, of people due and of targets."""
    makers = (supply_section, rankings_section, due_section, targets_section)
    return [maker(tables, words) for maker in makers]


def supply_section(tables: UnitTables, words: Words) -> Section:
    """Return doses allocated, received, used and left, and where the unit ranks on use and on coverage."""
    title = words("supply.title")
    own = tables.supplied(tables.unit.code)
    if own.get("doses_administered") is None:
        return section("supply", "coverage", title, [words("supply.missing")])
    charts, revised = supply_picture(tables, words), _revised_note(tables, words)
    listing = _supply_table(own, words, is_beside=bool(charts))
    note = words("supply.ranks_country") if tables.unit.code == COUNTRY else _rank_sentence(tables, words)
    return section("supply", "coverage", title, tables=[listing], charts=charts, notes=[note, revised])


def rankings_section(tables: UnitTables, words: Words) -> Section:
    """Return for the country the two rankings of provinces, for a province its picture among the others."""
    title = words(f"supply.rankings_{tables.unit.level}")
    if tables.unit.code != COUNTRY:
        charts = place_picture(tables, words)
        return section(
            "rankings", "method", title, [] if charts else [words("supply.no_rankings")], charts=charts
        )
    listings = _rankings(tables, words)
    notes = [
        words("supply.two_rankings") if any(t["rows"] for t in listings) else words("supply.no_rankings")
    ]
    return section("rankings", "method", title, tables=listings, notes=notes)


def _revised_note(tables: UnitTables, words: Words) -> str:
    """Say by how much the doses of the last report's day were changed since it was published."""
    row = next(iter(tables.lists["revised"]), None)
    if row is None or not row["doses"]:
        return ""
    key = "supply.added_since" if row["doses"] > 0 else "supply.taken_since"
    return words(key, day=words.day(row["reference_date"]), doses=words.whole(abs(row["doses"])))


def _supply_table(own: Row, words: Words, is_beside: bool) -> TableSpec:
    """Return where the allocation is: given, discarded, still there, still to come; and the share used."""
    allocated, received = own.get("doses_allocated"), own.get("doses_received")
    used, discarded = own["doses_administered"], own.get("doses_discarded")
    counts = [
        ("doses_administered", used),
        ("doses_discarded", discarded),
        ("on_hand", rest_of_doses(received, [used, discarded])),
        ("doses_received", received),
        ("to_come", rest_of_doses(allocated, [received]) if received is not None else None),
        ("doses_allocated", allocated),
    ]
    rows = [[words(_supply_key(name, count)), words.whole(count)] for name, count in counts]
    rows.append([words("supply.used_pct"), words.percent(own.get("used_pct"))])
    titles = [words("supply.what"), words("supply.count")]
    sums = [(3, (0, 1, 2)), (5, (3, 4))]
    caption = words("supply.caption")
    return table(caption, titles, rows, strong_rows=[3, 5], weights=(2.4, 1), sums=sums, is_beside=is_beside)


def rest_of_doses(total: int | None, parts: list[int | None]) -> int | None:
    """Return what a count of doses leaves beside others, below 0 where reports of it lag; doses are no people."""
    return None if total is None else total - sum(part or 0 for part in parts)


def _supply_key(name: str, count: int | None) -> str:
    """Return the phrase of a line; what is below 0 is called what it is."""
    return (
        f"supply.{name}_lagging" if name in ("on_hand", "to_come") and (count or 0) < 0 else f"supply.{name}"
    )


def _used_ranking(tables: UnitTables) -> list[tuple[Unit, Decimal]]:
    """Return the provinces by doses given per dose allocated, highest first."""
    rows = [(unit, tables.supplied(code).get("used_pct")) for code, unit in provinces().items()]
    known = [(unit, pct) for unit, pct in rows if pct is not None]
    return sorted(known, key=lambda pair: (-pair[1], pair[0].code))


def _coverage_ranking(tables: UnitTables) -> list[tuple[Unit, Decimal]]:
    rows = [(u, tables.covered(code, REPORTED, ONE).get("coverage_pct")) for code, u in provinces().items()]
    known = [(unit, pct) for unit, pct in rows if pct is not None]
    return sorted(known, key=lambda pair: (-pair[1], pair[0].code))


def _rankings(tables: UnitTables, words: Words) -> list[TableSpec]:
    covered = [(unit, row["coverage_pct"]) for unit, row in ranked_parts(tables)]
    return [
        _ranking_table("supply.ranking_used", _used_ranking(tables), words),
        _ranking_table("supply.ranking_coverage", covered, words),
    ]


def _ranking_table(key: str, ranking: list[tuple[Unit, Decimal]], words: Words) -> TableSpec:
    """Return the first and the last ten of a ranking side by side."""
    length = min(RANKING_LENGTH, len(ranking) // 2)
    places = range(length)
    rows = []
    for i in places:
        j = len(ranking) - 1 - i
        (top, top_pct), (low, low_pct) = ranking[i], ranking[j]
        first = [words.whole(i + 1), top.short_name, words.percent(top_pct)]
        rows.append([*first, words.whole(j + 1), low.short_name, words.percent(low_pct)])
    titles = [
        words(f"supply.{name}") for name in ("place", "highest", "pct", "low_place", "lowest", "low_pct")
    ]
    return table(words(key), titles, rows, texts=(1, 4), weights=(0.6, 2, 1, 0.6, 2, 1))


def _rank_sentence(tables: UnitTables, words: Words) -> str:
    """Say the province's place in both rankings, which must not be mixed."""
    places = []
    for ranking in (_used_ranking(tables), _coverage_ranking(tables)):
        codes = [unit.code for unit, _ in ranking]
        if tables.unit.code not in codes:
            return ""
        places += [words.whole(codes.index(tables.unit.code) + 1), words.whole(len(codes))]
    used, of_used, covered, of_covered = places
    return words("supply.ranks", used=used, of_used=of_used, covered=covered, of_covered=of_covered)


def due_section(tables: UnitTables, words: Words) -> Section:
    """Return how many residents are due or overdue for the next dose."""
    title = words("due.title")
    rows = tables.lists["due"]
    if not rows:
        return section("due", "method", title, [words("due.missing")])
    doses = sorted({int(r["next_dose"]) for r in rows if r["next_dose"] is not None})
    found = {(r["state"], r["next_dose"]): r["people"] for r in rows}
    states = [s for s in DUE_STATES if any((s, dose) in found for dose in doses)]
    shown = [
        [words(f"due.{state}"), *(words.whole(found.get((state, dose), 0)) for dose in doses)]
        for state in states
    ]
    sums_by_dose = [told_sum(found.get((state, dose), 0) for state in states) for dose in doses]
    shown.append([words("due.total"), *map(words.whole, sums_by_dose)])
    last = len(states)
    titles = [words("due.state"), *(words("due.dose", dose=words.whole(dose)) for dose in doses)]
    notes = [words("due.note")]
    sums = [(last, range(last))]
    listing = table(words("due.caption"), titles, shown, strong_rows=[last], sums=sums)
    return section("due", "method", title, tables=[listing, by_product(tables, words)], notes=notes)


def short_targets_table(tables: UnitTables, words: Words, is_beside: bool) -> TableSpec:
    """Return the targets that are not reached yet (else all) in three columns: what, by when, how far."""
    every = [r for r in tables.lists["targets"] if r["basis"] == REPORTED]
    rows = [r for r in every if r["reached_on"] is None] or every
    shown = [
        [words.either(f"target.{r['target_code']}", "target.other", pct=words.percent(r["target_pct"], 0)),
         words("targets.no_day") if r["due_date"] is None else words.day(r["due_date"]),
         _short_state(r, words)]
        for r in rows
    ]  # fmt: skip
    titles = [words(f"targets.{name}") for name in ("target", "due", "state")]
    caption = words("targets.short_caption")
    return table(
        caption, titles, shown, (0, 1, 2), weights=(1.6, 0.95, 1.15), is_beside=is_beside, whole="targets_all"
    )


def _short_state(row: Row, words: Words) -> str:
    """Say how far a target is in few words: its chance alone."""
    if row["reached_on"] is None and row["in_doubt_since"] is None and row["probability"] is not None:
        pct, said = chance_text(row["probability"], words), chance_words(row["probability"], words)
        return words("targets.short_chance", pct=pct, words=said)
    return _target_state(row, words)


def targets_section(tables: UnitTables, words: Words) -> Section:
    """Return each dated target: reached or not, chance, expected day with its range, doses a day."""
    title = words("targets.title")
    rows = [r for r in tables.lists["targets"] if r["basis"] == REPORTED]
    if not rows:
        return section("targets", "method", title, [words("targets.missing")])
    documents = {r["target_code"]: r["document"] for r in read_reference("targets.csv").to_dict("records")}
    shown = [_target_row(row, str(documents.get(row["target_code"], "")), words) for row in rows]
    titles = [words(f"targets.{name}") for name in ("target", "due", "state", "expected", "effort")]
    weights = (2.4, 1.1, 1.6, 1.5, 2.25)
    caption = words("targets.caption")
    listing = table(caption, titles, shown, (0, 1, 2, 3, 4), (), weights, name="targets_all")
    notes = [words("targets.note"), wider_than_adults_sentence(tables, words)]
    return section("targets", "method", title, [words("targets.lead")], [listing], notes=notes)


def _target_row(row: Row, document: str, words: Words) -> list[str]:
    name = words.either(
        f"target.{row['target_code']}", "target.other", pct=words.percent(row["target_pct"], 0)
    )
    source = words.either(
        f"document.{row['target_code']}", "document.other", document=words.document(document)
    )
    due = words("targets.no_day") if row["due_date"] is None else words.day(row["due_date"])
    state, expected = _target_state(row, words), _target_expected(row, words)
    return [f"{name} ({source})", due, state, expected, _target_effort(row, words)]


def _target_state(row: Row, words: Words) -> str:
    if row["reached_on"] is not None:
        return words("targets.reached", day=words.day(row["reached_on"]))
    if row["in_doubt_since"] is not None:
        return words("targets.in_doubt", day=words.day(row["in_doubt_since"]))
    if row["probability"] is None:
        return words("targets.not_reached")
    pct, said = chance_text(row["probability"], words), chance_words(row["probability"], words)
    return words("targets.chance", pct=pct, words=said)


def chance_text(probability: Decimal, words: Words) -> str:
    """Write a probability in whole percent; nothing uncertain is called 0 or 100 percent."""
    pct = Decimal(probability) * 100
    if pct < 1:
        return words("targets.under_one")
    return words("targets.over_99") if pct > 99 else words.percent(pct, 0)


def chance_words(probability: Decimal, words: Words) -> str:
    """Say a chance as so many in ten: "khoảng 8 trong 10"."""
    tenths = int((Decimal(probability) * 10).to_integral_value(ROUND_HALF_UP))
    if tenths < 1:
        return words("targets.under_one_in_ten")
    return (
        words("targets.over_nine_in_ten")
        if tenths > 9
        else words("targets.in_ten", count=words.whole(tenths))
    )


def _target_expected(row: Row, words: Words) -> str:
    if row["reached_on"] is not None:
        return words("none")
    if row["expected_date"] is None:
        if row["not_before"] is None:
            return words("targets.not_seen")
        return words("targets.not_before", day=words.day(row["not_before"]))
    early, late = row["not_before"], row["not_after"]
    if early is None or late is None:
        return words("targets.expected_day", day=words.day(row["expected_date"]))
    return words(
        "targets.between", day=words.day(row["expected_date"]), early=words.day(early), late=words.day(late)
    )


def pace_text(multiple: Decimal, words: Words) -> str:
    """Say a pace against the present one: as so many times, or as one part of it, never as a fraction of once."""
    if multiple >= Decimal("1.05"):
        return words("targets.multiple", times=words.decimal(multiple, 1))
    parts = int((1 / multiple).to_integral_value()) if multiple > 0 else 0
    if parts <= 1:
        return words("targets.alike") if parts else ""
    return words("targets.fraction", parts=words.whole(parts))


def _target_effort(row: Row, words: Words) -> str:
    if row["reached_on"] is not None or not row["doses_per_day_needed"]:
        return words("none")
    effort = words("targets.per_day", doses=words.whole(int(row["doses_per_day_needed"])))
    if row["pace_multiple"] is not None:
        effort += pace_text(row["pace_multiple"], words)
    if row["supply_sufficient"] is None:
        return effort
    return effort + words("targets.enough" if row["supply_sufficient"] else "targets.not_enough")
