"""The section on the three ways of counting people, and the bridge from the first to the last."""

from analysis.briefing.figures.front import COMPLETE, ONE, RECONCILED, RECORDED, REPORTED, ratio_pct
from analysis.briefing.figures.layout import Section, TableSpec, section, table
from analysis.briefing.figures.pictures_work import bridge_picture
from analysis.briefing.figures.reading import Row, UnitTables, is_told
from analysis.briefing.figures.units import COUNTRY, provinces, unit_in_sentence
from analysis.briefing.figures.wording import Words

STATUSES = (ONE, COMPLETE)
BRIDGE_STEPS = (
    "reported",
    "not_entered",
    "duplicates",
    "foreigners",
    "not_linked",
    "resident_elsewhere",
    "remainder",
    "reconciled",
)


def bases_section(tables: UnitTables, words: Words) -> Section:
    """Return the three ways of counting beside each other, and the bridge between the first and the last."""
    rows = [_basis_row(tables, basis, words) for basis in (REPORTED, RECORDED, RECONCILED)]
    titles = [words(f"bases.{name}") for name in ("basis", "one", "one_pct", "two", "two_pct")]
    beside = table(words("bases.caption"), titles, rows, weights=(3, 1.1, 1, 1.1, 1))
    bridge = {status: _bridge(tables, status) for status in STATUSES}
    notes = [
        _range_note(tables, words),
        _unrecorded_note(tables, words),
        _estimate_note(tables, words),
        _audit_note(tables, words),
        _registry_note(tables, words),
    ]
    title = words("bases.title")
    if not bridge[ONE]:
        return section("bases", "method", title, [words(_bridge_gap(tables))], [beside], notes=notes)
    told = {step: _bridge_cell(bridge[ONE], step, words) for step in BRIDGE_STEPS}
    return section(
        "bases",
        "method",
        title,
        [words("bases.lead")],
        [beside, _bridge_table(bridge, words)],
        [bridge_picture(tables, bridge[ONE], told, words)],
        notes,
    )


def _bridge_gap(tables: UnitTables) -> str:
    """Return the phrase that says which input the bridge lacks."""
    code = tables.unit.code
    for basis in (REPORTED, RECORDED, RECONCILED):
        if tables.covered(code, basis, ONE).get("people") is None:
            return f"bases.no_{basis}_{'country' if code == COUNTRY else 'province'}"
    return "bases.no_bridge"


def _basis_row(tables: UnitTables, basis: str, words: Words) -> list[str]:
    one, two = (tables.covered(tables.unit.code, basis, status) for status in STATUSES)
    return [
        words(f"bases.{basis}"),
        words.whole(one.get("people")),
        words.percent(one.get("coverage_pct")),
        words.whole(two.get("people")),
        words.percent(two.get("coverage_pct")),
    ]


def _bridge(tables: UnitTables, status: str) -> dict[str, int]:
    rows = [r for r in tables.lists["bridge"] if r["series_status"] == status and r["people"] is not None]
    steps = {str(r["step"]): int(r["people"]) for r in rows}
    return steps if {"reported", "reconciled"} <= set(steps) else {}


def _bridge_table(bridge: dict[str, dict[str, int]], words: Words) -> TableSpec:
    rows = [
        [
            words(f"bridge.{step}"),
            *(_bridge_cell(bridge[status], step, words) for status in STATUSES),
            words(f"bridge.{step}_why"),
        ]
        for step in BRIDGE_STEPS
    ]
    titles = [words("bridge.step"), *(words(f"status.{s}") for s in STATUSES), words("bridge.why")]
    ends = (0, len(rows) - 1)
    sums = [(ends[1], range(ends[1]))]
    return table(words("bridge.caption"), titles, rows, (0, 3), ends, (1.5, 1, 1, 3.2), sums)


def _bridge_cell(steps: dict[str, int], step: str, words: Words) -> str:
    value = steps.get(step)
    if steps and value is None:
        return words("bridge.folded")
    return words.whole(value) if step in ("reported", "reconciled") else words.signed(value)


def _range_note(tables: UnitTables, words: Words) -> str:
    row = tables.covered(tables.unit.code, RECONCILED, ONE)
    if row.get("people_low") is None or row.get("people_high") is None:
        return ""
    return words("bases.range", low=words.whole(row["people_low"]), high=words.whole(row["people_high"]))


def _unrecorded_note(tables: UnitTables, words: Words) -> str:
    """Say how many people count by a later dose though no record of an earlier one is there."""
    row: Row = next(iter(tables.lists["unrecorded"]), {})
    if not is_told(row.get("people")) or not row["people"]:
        return ""
    return words("bases.unrecorded", people=words.whole(row["people"]))


def _estimate_note(tables: UnitTables, words: Words) -> str:
    """Say what the count would be with the rows in review, beside the count and never in its place."""
    counted = tables.covered(tables.unit.code, RECONCILED, ONE)
    row: Row = next(iter(tables.lists["estimate"]), {})
    if not is_told(row.get("people")) or not is_told(counted.get("people")):
        return ""
    told = {name: words.whole(row[column]) for name, column in LIMITS.items() if row[column] is not None}
    between = "bases.estimate_audited" if tables.lists["missed"] else "bases.estimate_between"
    key = between if len(told) == len(LIMITS) else "bases.estimate"
    return words(key, people=words.whole(row["people"]), **told)


LIMITS = {"low": "people_low", "high": "people_high"}


def _audit_note(tables: UnitTables, words: Words) -> str:
    """Say how many links an audit found right, or that there was none here; nothing where nobody is linked.

    An audit of other provinces is named and its figure left out: it says nothing of this unit.
    """
    if tables.covered(tables.unit.code, RECONCILED, ONE).get("people") is None:
        return ""
    row: Row = next(iter(tables.lists["audit"]), {})
    if row.get("estimate") is None:
        return words("bases.no_audit")
    audited = str(row["unit_code"]).split()
    places = "" if audited == [COUNTRY] else _places(audited, words)
    if tables.unit.code not in audited and places:
        name = words("head.country") if tables.unit.code == COUNTRY else unit_in_sentence(tables.unit)
        return words("bases.no_audit_here", unit=name, places=places)
    of = words("bases.audit_of_places", places=places) if places else words("bases.audit_of_country")
    return words(
        "bases.audit",
        rows=words.whole(row["sampled"]),
        day=words.day(row["audited_as_of"]),
        of="" if audited == [tables.unit.code] else of,
        pct=words.percent(row["estimate"]),
        low=words.decimal(row["low"], 2),
        high=words.decimal(row["high"], 2),
    )


def _places(codes: list[str], words: Words) -> str:
    """Name provinces; of most of them, those that are not among them."""
    others = [unit.short_name for code, unit in provinces().items() if code not in codes]
    if len(others) < len(codes):
        return words("bases.all_but", places=words.listed(others))
    return words.listed([provinces()[code].short_name for code in codes])


def _registry_note(tables: UnitTables, words: Words) -> str:
    row: Row = tables.covered(tables.unit.code, RECONCILED, ONE)
    if not row.get("registry_population") or not is_told(row.get("people")):
        return ""
    pct = row.get("coverage_registry_pct") or ratio_pct(row["people"], row["registry_population"])
    residents = words.whole(row["registry_population"])
    return words("bases.registry", residents=residents, pct=words.percent(pct))
