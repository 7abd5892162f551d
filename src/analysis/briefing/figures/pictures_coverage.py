"""The pictures of coverage: districts, the national map, a province's place, the weeks with the forecast.

What a picture draws, its finding, its foot and its alternative text come from the same rows here.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from analysis.briefing.figures.front import BANDS, COMPLETE, ONE, REPORTED
from analysis.briefing.figures.layout import ChartSpec, chart, shown_and_rest
from analysis.briefing.figures.reading import UnitTables
from analysis.briefing.figures.units import Unit, map_tiles, province_region, provinces
from analysis.briefing.figures.wording import Words, without_controls
from analysis.reference import read_reference
from analysis.trends.needs import FIRST_DOSE_TARGET_PCT

STATUSES = (ONE, COMPLETE)
HIGHEST_SHOWN, LOWEST_SHOWN = 5, 9  # of many districts; the rest is counted
FIRST_DOSE_TARGET = "qd4800_adults_first"
BAND_NAMES = ("over_95", "over_80", "over_70", "under_70")
FEWEST_RANKED = 3
Weeks = Mapping[str, Sequence[tuple[date, Decimal]]]


def parts_picture(tables: UnitTables, units: list[Unit], words: Words) -> ChartSpec:
    """Return the districts from the highest coverage to the lowest."""
    every = [_part(tables, unit, words) for unit in units]
    rows, rest = shown_and_rest(every, HIGHEST_SHOWN, LOWEST_SHOWN)
    low = sum(row["is_below"] for row in every)
    last = rows[-1]
    figures = {
        "low": words.whole(low),
        "count": words.whole(len(every)),
        "target": words.percent(FIRST_DOSE_TARGET_PCT, 0),
        "top": f"{rows[0]['name']} {rows[0]['texts'][ONE]}",
        "bottom": f"{last['name']} {last['texts'][ONE]}",
    }
    data = {
        "rows": rows,
        "target": _target(words),
        "heads": {s: words(f"picture.parts.{s}").split("\n") for s in STATUSES},
    }
    title = words("picture.parts.below" if low else "picture.parts.reached", **figures)
    ends = {"shown": words.whole(len(rows)), "highest": words.whole(HIGHEST_SHOWN)}
    shown = words("picture.parts.ends", count=figures["count"], **ends) if rest else ""
    foot = [shown, _people_text(tables, words), _denominator_text(tables, words), *_basis(tables, words)]
    alt = words("picture.parts.alt", **figures)
    return chart("parts", "districts", words("parts.chart"), title, alt, foot, data)


def _part(tables: UnitTables, unit: Unit, words: Words) -> dict[str, Any]:
    pcts = {s: tables.covered(unit.code, REPORTED, s).get("coverage_pct") for s in STATUSES}
    return {
        "name": unit.short_name,
        **{s: number(pct) for s, pct in pcts.items()},
        "texts": {s: words.percent(pct) for s, pct in pcts.items()},
        "is_below": _is_below(pcts[ONE]),
    }


def _is_below(pct: Decimal | None) -> bool:
    return pct is not None and pct < FIRST_DOSE_TARGET_PCT


def number(value: Decimal | None) -> float | None:
    """Return a figure as a chart draws it."""
    return None if value is None else float(value)


def _target(words: Words) -> dict[str, Any]:
    """Return the level that is drawn, named with its document (reference/targets.csv)."""
    documents = {r["target_code"]: r["document"] for r in read_reference("targets.csv").to_dict("records")}
    text = words(
        "picture.target",
        pct=words.percent(FIRST_DOSE_TARGET_PCT, 0),
        document=words.document(str(documents[FIRST_DOSE_TARGET])),
    )
    return {"value": float(FIRST_DOSE_TARGET_PCT), "text": text}


def _people_text(tables: UnitTables, words: Words) -> str:
    """Say how many people the rates count."""
    one, two = (tables.covered(tables.unit.code, REPORTED, s).get("people") for s in STATUSES)
    return words("picture.people", one=words.whole(one), two=words.whole(two))


def _denominator_text(tables: UnitTables, words: Words) -> str:
    row = tables.covered(tables.unit.code, REPORTED, ONE)
    if row.get("population") is None:
        return words("denominator.missing")
    return words(
        "picture.denominator",
        population=words.whole(row["population"]),
        source=without_controls(str(row.get("population_source") or words("none")), 60),
        day=words.day(row.get("population_date")),
    )


def _basis(tables: UnitTables, words: Words) -> list[str]:
    return [words("picture.as_of", day=words.day(tables.as_of)), words("picture.reports")]


def map_picture(tables: UnitTables, words: Words) -> ChartSpec:
    """Return the national map of provinces by coverage."""
    tiles = [_tile(tables, tile, words) for tile in map_tiles()]
    values = [tile["value"] for tile in tiles if tile["value"] is not None]
    lows = [float(bound) for bound in BANDS]
    bands = [next(i for i, low in enumerate(lows) if value >= low) for value in values]
    counts = {name: words.whole(bands.count(i)) for i, name in enumerate(BAND_NAMES)}
    labels = [words(f"picture.map.{name}", count=counts[name]) for name in BAND_NAMES]
    missing = words.whole(len(provinces()) - len(values))
    data = {
        "tiles": tiles,
        "bands": [{"low": low, "label": label} for low, label in zip(lows, labels, strict=True)],
        "missing": words("picture.map.missing", count=missing),
    }
    title, alt = (
        words(f"picture.map.{key}", known=words.whole(len(values)), **counts) for key in ("title", "alt")
    )
    foot = [_people_text(tables, words), _denominator_text(tables, words), *_basis(tables, words)]
    return chart("map", "tiles", words("map.caption"), title, alt, foot, data)


def _tile(tables: UnitTables, tile: Any, words: Words) -> dict[str, Any]:
    place = {"kind": tile.kind, "label": tile.label, "column": tile.column, "row": tile.row}
    if tile.kind != "province":
        owner = words("map.of", province=tables.parts[tile.province_code].short_name)
        return place | {"value": None, "text": owner}
    pct = tables.covered(tile.province_code, REPORTED, ONE).get("coverage_pct")
    return place | {"value": number(pct), "text": words.decimal(pct)}


def place_picture(tables: UnitTables, words: Words) -> list[ChartSpec]:
    """Return a province's place among all and beside its region's median; nothing where few are known."""
    found = {code: tables.covered(code, REPORTED, ONE).get("coverage_pct") for code in provinces()}
    pcts: dict[str, Decimal] = {code: pct for code, pct in found.items() if pct is not None}
    ranked = sorted(pcts, key=lambda code: (-pcts[code], code))
    own = tables.unit.code
    if own not in pcts or len(pcts) < FEWEST_RANKED:
        return []
    beside = [code for code in ranked if province_region(code) == province_region(own)]
    median = _median([pcts[code] for code in beside])
    figures = _place_figures(own, ranked, pcts, beside, median, words)
    kinds = {c: "own" if c == own else "region" if c in beside else "other" for c in ranked}
    data = {
        "dots": [{"value": float(pcts[c]), "kind": kinds[c]} for c in ranked],
        "median": {"value": float(median), "text": words("picture.place.median", **figures)},
        "own": words("picture.place.own", **figures),
        "key": {
            kind: words(f"picture.place.{kind}_key", **figures) for kind in dict.fromkeys(kinds.values())
        },
        "ends": [words("picture.place.highest", **figures), words("picture.place.lowest", **figures)],
        "low": float(pcts[ranked[-1]] // 10 * 10),
        "high": float(pcts[ranked[0]] // 10 * 10 + 10),
    }
    key = "above" if pcts[own] > median else "below" if pcts[own] < median else "same"
    title, alt = words(f"picture.place.{key}", **figures), words("picture.place.alt", **figures)
    foot = [words("picture.place.foot", **figures), *_basis(tables, words)]
    return [chart("place", "place", words("picture.place.caption"), title, alt, foot, data)]


def _place_figures(
    own: str,
    ranked: list[str],
    pcts: Mapping[str, Decimal],
    beside: list[str],
    median: Decimal,
    words: Words,
) -> dict[str, str]:
    """Return what the place's sentences say."""
    top, bottom = ((provinces()[c].short_name, words.percent(pcts[c])) for c in (ranked[0], ranked[-1]))
    return {
        "unit": provinces()[own].short_name,
        "place": words.whole(ranked.index(own) + 1),
        "count": words.whole(len(ranked)),
        "pct": words.percent(pcts[own]),
        "median": words.percent(median),
        "points": words.decimal(abs(pcts[own] - median)),
        "region": words(f"region.{province_region(own)}"),
        "beside": words.whole(len(beside)),
        "top": " ".join(top),
        "bottom": " ".join(bottom),
    }


def _median(values: Sequence[Decimal]) -> Decimal:
    ordered = sorted(values)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return middle.quantize(Decimal("0.01"), ROUND_HALF_UP)


def weeks_picture(tables: UnitTables, weeks: Weeks, ahead: Mapping[str, Any], words: Words) -> ChartSpec:
    """Return the weeks so far, what was reached when, and the forecast with its range."""
    last = {s: weeks[s][-1][1] for s in STATUSES if weeks[s]}
    labels = {s: words(f"picture.weeks.{s}", pct=words.percent(pct)) for s, pct in last.items()}
    data = {
        "past": {s: [[str(d), float(v)] for d, v in weeks[s]] for s in STATUSES},
        "ahead": {s: [[str(d), *map(float, v)] for d, v in ahead[s]] for s in STATUSES},
        "target": _target(words),
        "as_of": {
            "day": str(weeks[ONE][-1][0]),
            "text": words("picture.weeks.until", day=words.day(tables.as_of)),
            "then": words("picture.weeks.forecast") if any(ahead.values()) else "",
        },
        "labels": labels | {"band": words("picture.weeks.band")},
        "milestones": _milestones(tables, weeks[ONE], words),
    }
    foot = [_people_text(tables, words), _denominator_text(tables, words), *_basis(tables, words)]
    return chart(
        "weeks",
        "weeks",
        words("weeks.chart"),
        _weeks_title(weeks, words),
        _weeks_alt(data, weeks, words),
        foot,
        data,
    )


def _weeks_title(weeks: Weeks, words: Words) -> str:
    one = weeks[ONE]
    title = words("picture.weeks.title", pct=words.percent(one[-1][1]))
    if len(one) > 1:
        title += words("picture.weeks.change", points=words.points(one[-1][1] - one[-2][1]))
    if weeks[COMPLETE]:
        title += words("picture.weeks.two", pct=words.percent(weeks[COMPLETE][-1][1]))
    return title


def _weeks_alt(data: dict[str, Any], weeks: Weeks, words: Words) -> str:
    (first_day, first), (last_day, last) = weeks[ONE][0], weeks[ONE][-1]
    said = words(
        "weeks.alt",
        first_day=words.day(first_day),
        first=words.percent(first),
        last_day=words.day(last_day),
        last=words.percent(last),
    )
    return " ".join([said, *(words("picture.weeks.alt_reached", text=m["text"]) for m in data["milestones"])])


def _milestones(
    tables: UnitTables, weeks: Sequence[tuple[date, Decimal]], words: Words
) -> list[dict[str, Any]]:
    """Return the targets of adults with at least one dose that the drawn weeks reached, with the day."""
    drawn = {
        r["target_code"]
        for r in read_reference("targets.csv").to_dict("records")
        if r["series_status"] == ONE and r["age_group"] == "18+"
    }
    values = dict(weeks[:-1])
    reached = {
        row["target_pct"]: row["reached_on"]
        for row in tables.lists["targets"]
        if row["basis"] == REPORTED and row["target_code"] in drawn and row["reached_on"] in values
    }
    return [
        {
            "day": str(day),
            "value": float(values[day]),
            "text": words("picture.weeks.reached", pct=words.percent(pct, 0), day=words.short_day(day)),
        }
        for pct, day in sorted(reached.items())
    ]
