"""The pictures of what is to be done: the way from reported to confirmed, entry by place, supply against need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from analysis.briefing.figures.front import ratio_pct
from analysis.briefing.figures.layout import ChartSpec, chart
from analysis.briefing.figures.page_one.needs import unit_needs
from analysis.briefing.figures.reading import UnitTables, is_told
from analysis.briefing.figures.units import Unit
from analysis.briefing.figures.wording import Words
from analysis.trends.needs import FIRST_DOSE_STEPS

ENDS = ("reported", "reconciled")
# Totals much taller than their steps are cut: from zero the steps would be hairs.
CUT_ABOVE = 0.55
ROWS_SHOWN = 12


def _basis(tables: UnitTables, source: str, words: Words) -> list[str]:
    return [words("picture.as_of", day=words.day(tables.as_of)), words(f"picture.{source}")]


def bridge_picture(
    tables: UnitTables, steps: Mapping[str, int], texts: Mapping[str, str], words: Words
) -> ChartSpec:
    """Return the waterfall; `texts` has every step in order as the table tells it, `steps` those that are told."""
    bars = _falling_bars(steps, texts, words)
    ends = [int(bar["end"]) for bar in bars]
    low, high = min(ends), max(ends)
    is_cut = low > CUT_ABOVE * high
    data = {
        "bars": bars,
        "is_cut": is_cut,
        "low": low - max(1, high - low) * 0.12 if is_cut else min(0, low),
        "high": max(high, low + 1),
        "cut": words("picture.bridge.cut"),
    }
    reported, confirmed = (steps[name] for name in ENDS)
    figures = {"reported": words.whole(reported), "reconciled": words.whole(confirmed)}
    foot = [words("picture.bridge.foot", **figures), *_basis(tables, "registry", words)]
    told = [f"{bar['name']} {bar['text']}" for bar in bars if not bar["is_total"]]
    alt = words("picture.bridge.alt", **figures, steps="; ".join(told))
    title = _bridge_title(steps, words)
    return chart("bridge", "bridge", words("bridge.chart"), title, alt, foot, data)


def _falling_bars(steps: Mapping[str, int], texts: Mapping[str, str], words: Words) -> list[dict[str, Any]]:
    """Return each step with the count of people it begins and ends at; one that is not told moves nothing."""
    bars: list[dict[str, Any]] = []
    level = 0
    for step, text in texts.items():
        people = steps.get(step)
        start = 0 if step in ENDS else level
        level = level if people is None else start + people
        span = {"start": start, "end": level, "people": people}
        bars.append({"name": words(f"bridge.{step}"), "is_total": step in ENDS, "text": text, **span})
    return bars


def _bridge_title(steps: Mapping[str, int], words: Words) -> str:
    share = ratio_pct(steps["reconciled"], steps["reported"]) if steps["reported"] else None
    title = words("picture.bridge.title", share=words.percent(share))
    losses = [(people, step) for step, people in steps.items() if step not in ENDS and people < 0]
    if not losses:
        return title
    people, step = min(losses)
    name = words(f"bridge.{step}")
    return title + words("picture.bridge.most", step=name[0].lower() + name[1:], people=words.whole(-people))


def entry_picture(tables: UnitTables, units: Sequence[Unit], words: Words) -> list[ChartSpec]:
    """Return the backlog of each place with the week's new doses and entries; nothing where none is known.

    Of many places those that entered nothing and those with the largest backlog are drawn, the rest counted.
    """
    ordered = sorted(units, key=lambda u: (-int(tables.entered(u.code).get("backlog") or 0), u.code))
    known = [u for u in ordered if tables.entered(u.code).get("backlog") is not None]
    if not known:
        return []
    idle = [u for u in known if tables.entered(u.code).get("doses_entered_last_7_days") == 0]
    chosen = {u.code for u in [*idle, *(u for u in known if u not in idle)][:ROWS_SHOWN]}
    rows = [_entry_row(tables, u, words) for u in known if u.code in chosen]
    weekly = [v for row in rows for v in (row["given"], row["entered"]) if v is not None]
    data = {
        "rows": rows,
        "heads": {name: words(f"picture.entry.{name}") for name in ("backlog", "given", "entered")},
        "most": words.whole(max([1, *weekly])),
    }
    title, alt = _entry_title(tables, len(idle), words), _entry_alt(rows, len(idle), words)
    rest = len(known) - len(rows)
    foot = [
        words("picture.entry.rest", shown=words.whole(len(rows)), count=words.whole(len(known)))
        if rest
        else "",
        _entered_text(tables, words),
        words("picture.entry.foot"),
        *_basis(tables, "platform", words),
    ]
    return [chart("entry", "entry", words("picture.entry.caption"), title, alt, foot, data)]


def _entered_text(tables: UnitTables, words: Words) -> str:
    """Say how many doses the picture is about."""
    row = tables.entered(tables.unit.code)
    given, recorded = (row.get(name) for name in ("doses_administered", "doses_recorded"))
    return words("picture.entry.n", given=words.whole(given), recorded=words.whole(recorded))


def given_in_week(tables: UnitTables, code: str) -> int | None:
    """Return the doses reported as given within the last seven days; None where they are unknown or taken back."""
    now, before = (
        tables.entered(code, day).get("doses_administered") for day in (tables.as_of, tables.week_before)
    )
    return None if now is None or before is None or now < before else int(now) - int(before)


def _entry_row(tables: UnitTables, unit: Unit, words: Words) -> dict[str, Any]:
    row = tables.entered(unit.code)
    entered = row.get("doses_entered_last_7_days")
    return {
        "name": unit.short_name,
        "backlog": int(row["backlog"]),
        "text": words.whole(int(row["backlog"])),
        "given": given_in_week(tables, unit.code),
        "entered": None if entered is None else int(entered),
        "flag": words("picture.entry.idle") if entered == 0 else "",
    }


def _entry_title(tables: UnitTables, idle: int, words: Words) -> str:
    row = tables.entered(tables.unit.code)
    backlog, entered = row.get("backlog"), row.get("doses_entered_last_7_days")
    given = given_in_week(tables, tables.unit.code)
    parts = []
    if backlog is not None:
        parts.append(
            words("picture.entry.left" if backlog > 0 else "picture.entry.none", doses=words.whole(backlog))
        )
    if entered is not None and given is not None:
        parts.append(words("picture.entry.week", given=words.whole(given), entered=words.whole(entered)))
    if idle or not parts:
        parts.append(
            words(
                "picture.entry.idle_count",
                count=words.whole(idle),
                level=words(f"level.below_{tables.unit.level}"),
            )
        )
    title = "; ".join(parts)
    return title[0].upper() + title[1:]


def _entry_alt(rows: list[dict[str, Any]], idle: int, words: Words) -> str:
    most = max(rows, key=lambda row: row["backlog"])
    return words(
        "picture.entry.alt",
        count=words.whole(len(rows)),
        most=f"{most['name']} {most['text']}",
        idle=words.whole(idle),
    )


@dataclass(frozen=True)
class Doses:
    """Doses there are and doses needed; a need that is not known, or not told, is None."""

    on_hand: int
    to_come: int
    second: int | None
    first: int | None
    target: Decimal | None

    @property
    def left(self) -> int:
        """Return all that can still be given."""
        return self.on_hand + self.to_come

    @property
    def needed(self) -> int:
        """Return what is needed, as far as it is known."""
        return (self.second or 0) + (self.first or 0)


def doses_of(tables: UnitTables) -> Doses | None:
    """Return a unit's doses and needs; None without its allocation, or where no need is known."""
    needs = unit_needs(tables)
    if needs.stock is None:
        return None
    known = any(
        tables.covered(c, "reported", "at_least_one").get("coverage_pct") is not None for c in tables.parts
    )
    first = needs.first_doses if known else None
    doses = Doses(needs.stock.on_hand, needs.stock.to_come, _second_doses(tables), first, needs.target)
    return None if doses.first is None and doses.second is None else doses


def _second_doses(tables: UnitTables) -> int | None:
    """Return the residents due or overdue for their second dose; None where one of the counts is not told."""
    rows = [
        r["people"] for r in tables.lists["due"] if r["state"] in ("due", "overdue") and r["next_dose"] == 2
    ]
    return sum(map(int, rows)) if rows and all(map(is_told, rows)) else None


def supply_picture(tables: UnitTables, words: Words) -> list[ChartSpec]:
    """Return doses there are against doses needed."""
    doses = doses_of(tables)
    if doses is None:
        return []
    target = words.percent(doses.target or FIRST_DOSE_STEPS[-1], 0)
    gap = abs(doses.left - doses.needed)
    is_short = doses.needed > doses.left
    key = "short" if is_short else "enough"
    # A need that nobody knows may be larger than what is left.
    key += "_partly" if None in (doses.first, doses.second) else ""
    figures = {
        "known": "2" if doses.first is None else "1",
        "unknown": "1" if doses.first is None else "2",
        "doses": words.whole(gap),
        "left": words.whole(doses.left),
        "needed": words.whole(doses.needed),
        "target": target,
        "level": words(f"level.below_{tables.unit.level}"),
    }
    need = {"second": doses.second} | ({"first": doses.first} if doses.target else {})
    bars = [
        _bar("there", doses.left, {"on_hand": doses.on_hand, "to_come": doses.to_come}, figures, words),
        _bar("needed", doses.needed, need, figures, words),
    ]
    data = {
        "bars": bars,
        "reach": max(doses.left, doses.needed),
        "gap": {
            "low": min(doses.left, doses.needed),
            "high": max(doses.left, doses.needed),
            "is_short": is_short,
            "text": words(f"picture.supply.{key}_gap", **figures),
        },
    }
    told = "; ".join(f"{part['name']}: {part['text']}" for bar in bars for part in bar["parts"])
    row = tables.supplied(tables.unit.code)
    counts = {
        "allocated": words.whole(row["doses_allocated"]),
        "used": words.whole(row["doses_administered"]),
    }
    foot = [
        words("picture.supply.n", **counts),
        words("picture.supply.foot", **figures) if doses.first else "",
        *_basis(tables, "needs", words),
    ]
    title, alt = words(f"picture.supply.{key}", **figures), words("picture.supply.alt", parts=told, **figures)
    return [chart("supply", "supply", words("picture.supply.caption"), title, alt, foot, data)]


def _bar(
    name: str, total: int, parts: Mapping[str, int | None], figures: dict[str, str], words: Words
) -> dict[str, Any]:
    return {
        "name": words(f"picture.supply.{name}"),
        "doses": total,
        "text": words("picture.supply.count", doses=words.whole(total)),
        "parts": [
            {
                "kind": kind,
                "doses": doses or 0,
                "name": words(f"picture.supply.{kind}", **figures),
                "text": words("picture.supply.unknown") if doses is None else words.whole(doses),
            }
            for kind, doses in parts.items()
        ],
    }
