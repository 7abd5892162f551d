"""How far figures can be trusted, in words: the unit's own line, a table's cells, the places graded low."""

from analysis.briefing.figures.reading import Row, UnitTables
from analysis.briefing.figures.units import Unit
from analysis.briefing.figures.wording import Words

GRADE_KEYS = {"cao": "high", "trung bình": "medium", "thấp": "low"}
LOW_NAMED = 8


def grade_text(tables: UnitTables, unit: Unit, words: Words) -> str:
    """Return the grade of a unit's figures in words; a dash where it was not graded."""
    grade = tables.graded(unit.code).get("grade")
    return words(f"grade.{GRADE_KEYS[grade]}") if grade else words("none")


def grade_line(tables: UnitTables, words: Words) -> str:
    """Return the grade of the unit's own figures with what lowers it; empty where it was not graded."""
    row = tables.graded(tables.unit.code)
    if not row:
        return ""
    grade = grade_text(tables, tables.unit, words)
    why = _reasons(row, words)
    return words("grade.line_why" if why else "grade.line", grade=grade, why=why)


def low_grades_note(tables: UnitTables, words: Words) -> str:
    """Name the places graded low, those of the same reasons together; empty where there are none."""
    low = [unit for unit in tables.parts.values() if tables.graded(unit.code).get("grade") == "thấp"]
    if not low:
        return ""
    by_reason: dict[str, list[str]] = {}
    for unit in low[:LOW_NAMED]:
        by_reason.setdefault(_reasons(tables.graded(unit.code), words), []).append(unit.short_name)
    named = [f"{', '.join(names)} ({reasons})" for reasons, names in by_reason.items()]
    if len(low) > LOW_NAMED:
        level = words(f"level.below_{tables.unit.level}")
        named.append(words("list.more", count=words.whole(len(low) - LOW_NAMED), level=level))
    return words("grade.low_parts", units="; ".join(named))


def _reasons(row: Row, words: Words) -> str:
    return ", ".join(words(f"grade.{reason}") for reason in str(row["reasons"]).split())
