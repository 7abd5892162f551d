"""The first page: the paragraph that is read out, the line of confirmed people."""

from decimal import ROUND_HALF_UP, Decimal

from analysis.briefing.figures.reading import Row, UnitTables, is_told
from analysis.briefing.figures.units import COUNTRY, Unit
from analysis.briefing.figures.wording import Words

ONE, COMPLETE = "at_least_one", "primary_complete"
REPORTED, RECORDED, RECONCILED = "reported", "recorded", "reconciled"
# A longer list cannot be read out: its two ends are, the rest stands in the table.
LIST_LENGTHS = (12, 10, 8, 6)
# Bands in which the ministry lists provinces (conference of 17/11/2021): lower bounds in percent.
BANDS = (Decimal(95), Decimal(80), Decimal(70), Decimal(0))

Ranked = list[tuple[Unit, Row]]


def read_out_paragraph(tables: UnitTables, words: Words, longest: int) -> list[str]:
    """Return the sentences an official reads, national figures first; a list has at most `longest` names."""
    if tables.unit.code == COUNTRY:
        sentences = [_country_sentence(tables, words), _country_rates(tables, words)]
        return [*sentences, _entry_sentence(tables, words), *_band_sentences(tables, words, longest)]
    sentences = [_country_sentence(tables, words), _unit_sentence(tables, words)]
    return [*sentences, _entry_sentence(tables, words), *_district_sentence(tables, words, longest)]


def _country_sentence(tables: UnitTables, words: Words) -> str:
    supply = tables.supplied(COUNTRY)
    one, two = (tables.covered(COUNTRY, REPORTED, s).get("people") for s in (ONE, COMPLETE))
    counts = (supply.get("doses_allocated"), supply.get("doses_administered"), one, two)
    day = words.day(tables.as_of)
    if None in counts:
        return words("front.country_missing", day=day)
    allocated, administered, first, second = (words.rounded(int(c)) for c in counts if c is not None)
    return words(
        "front.country" if tables.all_provinces_report else "front.country_partial",
        provinces=words.whole(tables.reporting_provinces),
        day=day,
        allocated=allocated,
        administered=administered,
        one=first,
        two=second,
    )


def _country_rates(tables: UnitTables, words: Words) -> str:
    one, two = (tables.covered(COUNTRY, REPORTED, s).get("coverage_pct") for s in (ONE, COMPLETE))
    if tables.is_country_of_some:
        return words("front.country_rates_partial", provinces=words.whole(tables.reporting_provinces))
    if one is None or two is None:
        return words("front.country_rates_missing")
    return words("front.country_rates", one=words.percent(one), two=words.percent(two))


def _unit_sentence(tables: UnitTables, words: Words) -> str:
    """Return the province's own sentence; what is missing is said in its place."""
    one = tables.covered(tables.unit.code, REPORTED, ONE)
    two = tables.covered(tables.unit.code, REPORTED, COMPLETE)
    if one.get("people") is None:
        unread = tables.unread_report_files
        key = "front.unit_unread" if unread else "front.unit_missing"
        return words(key, unit=tables.unit.name, files=words.whole(unread))
    key = "front.unit" if one.get("coverage_pct") is not None else "front.unit_without_population"
    sentence = words(
        key,
        unit=tables.unit.name,
        people=words.whole(one["people"]),
        pct=words.percent(one.get("coverage_pct")),
    )
    if two.get("people") is None:
        return sentence + "."
    key = "front.unit_two" if two.get("coverage_pct") is not None else "front.unit_two_without_population"
    people, pct = words.whole(two["people"]), words.percent(two.get("coverage_pct"))
    return f"{sentence}; {words(key, people=people, pct=pct)}."


def _entry_sentence(tables: UnitTables, words: Words) -> str:
    pct = tables.entered(tables.unit.code).get("entry_pct")
    return (
        words(f"front.{entry_gap(tables)}") if pct is None else words("front.entry", pct=words.percent(pct))
    )


def entry_gap(tables: UnitTables) -> str:
    """Return the name of the phrase that says why there is no entry progress."""
    if tables.entered(tables.unit.code).get("doses_recorded") is not None:
        return "entry_no_reports"
    return f"entry_no_platform_{tables.unit.level}"


def ranked_parts(tables: UnitTables) -> Ranked:
    """Return the units below with a reported coverage, highest first."""
    rows = [(unit, tables.covered(code, REPORTED, ONE)) for code, unit in tables.parts.items()]
    known = [(unit, row) for unit, row in rows if row.get("coverage_pct") is not None]
    return sorted(known, key=lambda pair: (-pair[1]["coverage_pct"], pair[0].code))


def _named(parts: Ranked, words: Words, mark: str = "; ") -> str:
    return mark.join(f"{unit.short_name} {words.percent(row['coverage_pct'])}" for unit, row in parts)


def _district_sentence(tables: UnitTables, words: Words, longest: int) -> list[str]:
    parts = ranked_parts(tables)
    if not parts:
        return _parts_missing(tables, words)
    if len(parts) <= longest:
        return [words("front.districts", districts=_named(parts, words))]
    top, bottom = _ends(parts, longest)
    return [words("front.districts_ends", top=_named(top, words), bottom=_named(bottom, words))]


def _parts_missing(tables: UnitTables, words: Words) -> list[str]:
    """Say that the units below have no figures, unless only their population is missing, as said before."""
    counted = any(tables.covered(code, REPORTED, ONE).get("people") is not None for code in tables.parts)
    return [] if counted else [words("front.districts_missing")]


def _ends(
    parts: list[tuple[Unit, Row]], longest: int
) -> tuple[list[tuple[Unit, Row]], list[tuple[Unit, Row]]]:
    """Return the first and the last units of a list, together no more than `longest` less two."""
    length = min(longest // 2 - 1, len(parts) // 2)
    return parts[:length], parts[len(parts) - length :]


def _band_sentences(tables: UnitTables, words: Words, longest: int) -> list[str]:
    parts = ranked_parts(tables)
    if not parts:
        return _parts_missing(tables, words)
    counts = [0] * len(BANDS)
    for _, row in parts:
        counts[next(i for i, bound in enumerate(BANDS) if row["coverage_pct"] >= bound)] += 1
    numbers = {f"band_{i}": words.whole(count) for i, count in enumerate(counts)}
    unknown = len(tables.parts) - len(parts)
    numbers["missing"] = words("front.bands_missing", count=words.whole(unknown)) if unknown else ""
    top, bottom = _ends(parts, longest)
    if not top:  # too few to have two ends
        return [words("front.bands", **numbers), words("front.districts", districts=_named(parts, words))]
    ends = words("front.province_ends", top=_named(top, words), bottom=_named(bottom, words))
    return [words("front.bands", **numbers), ends]


def confirmed_line(tables: UnitTables, words: Words) -> str:
    """Return the one line under the headline: how many people the registry confirms."""
    people = tables.covered(tables.unit.code, RECONCILED, ONE).get("people")
    if people is None:
        return words("front.confirmed_missing")
    reported = tables.covered(tables.unit.code, REPORTED, ONE).get("people")
    if not reported or not is_told(people):
        return words("front.confirmed", people=words.whole(people))
    share = ratio_pct(people, reported)
    return words("front.confirmed_share", people=words.whole(people), share=words.percent(share))


def ratio_pct(part: int, whole: int) -> Decimal:
    """Return 100 × part ÷ whole, half up, two places."""
    return (Decimal(100 * part) / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP)
