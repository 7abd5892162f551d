"""The checker's sheet (phiếu trình) of one run: what a person signs who answers for its release.

It is a function of the run alone, so that two people sign the same sheet and it can be made again byte by byte.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from analysis.briefing.documents.documents import compile_pdf
from analysis.briefing.documents.web_page import page_style, page_templates, security_policy, unbroken
from analysis.briefing.figures.layout import table
from analysis.briefing.figures.wording import TEMPLATES, Words, read_words, without_controls
from analysis.disclosure.policy import ROUNDED_TO, Treatment
from analysis.safeguards.publishing import MANIFEST, read_manifest
from analysis.safeguards.run_record import hash_file

DISCLOSURE = "disclosure.json"  # of a run's folder: what disclosure control did to each published table
SHEET = "phieu-trinh"
LONGEST_TEXT = 300


def read_disclosure(run_folder: Path) -> dict[str, Any] | None:
    """Return what disclosure control says of a run; None where it said nothing that can be read.

    `tables`: a list of `{table, exact_cells, suppressed_cells, rounded_cells, smallest_shown, rules: {name: value}}`;
    `attack`: `{cells, narrowest, result}`; `changes_since_last_release`: a list of texts, or of `{name: value}`, beside
    the run of `compared_with`. What is missing is shown as unknown.
    """
    try:
        found = json.loads((run_folder / DISCLOSURE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("tables"), list) else None


def write_sheet(run_folder: Path, target: Path, marks: str) -> list[Path]:
    """Write a run's sheet as PDF, to print and sign, and as a page, into `target`; `marks` head every page."""
    target.mkdir(parents=True, exist_ok=True)
    sheet = sheet_of(run_folder) | {"marks": marks}
    style = page_style()
    page = page_templates().get_template("sheet.html.j2")
    html = unbroken(page.render(sheet, style=style, policy=security_policy(style)))
    files: Any = {
        "main": (TEMPLATES / "sheet.typ").read_bytes(),
        "sheet.json": json.dumps(sheet, ensure_ascii=False).encode("utf-8"),
    }
    made = {
        target / f"{SHEET}.html": html.encode("utf-8"),
        target / f"{SHEET}.pdf": compile_pdf(files, SHEET),
    }
    for path, data in made.items():
        path.write_bytes(data)
    return list(made)


def sheet_of(run_folder: Path) -> dict[str, Any]:
    """Return everything the sheet of a published run says, as text; reads its manifest and `disclosure.json`."""
    manifest = read_manifest(run_folder)
    parameters: Any = manifest["parameters"]
    words = read_words(parameters["settings"]["language"])
    found = read_disclosure(run_folder)
    day = words.day(date.fromisoformat(str(manifest["as_of"])))
    subject = words("sheet.subject", cut_off=words("head.cut_off", day=day))
    units: Any = manifest["units"]
    accepted = parameters.get("accept_change")
    return {
        "language": words.language,
        "title": f"{words('sheet.kind')}: {subject}",
        "organisation": parameters["settings"]["organisation"],
        "kind": words("sheet.kind"),
        "subject": subject,
        "number": words("sheet.number"),
        "run": words("head.run", run_id=str(manifest["run_id"])),
        "facts": [
            [words("sheet.run"), str(manifest["run_id"])],
            [words("sheet.manifest"), hash_file(run_folder / MANIFEST)],
            [words("sheet.units"), words.whole(len(units))],
            *([[words("sheet.accepted"), _text(accepted, words)]] if accepted else []),
        ],
        "state": words("sheet.controlled" if found else "sheet.uncontrolled"),
        **_tables(found or {}, words),
        "parts": _parts(found or {}, words),
        "signers": [words("sheet.first"), words("sheet.second")],
        "sign_hint": words("sheet.sign_hint"),
    }


def _tables(found: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Return the columns and a row a table of which something is withheld or rounded by rule."""
    titles = [words(f"sheet.{n}") for n in ("table", "exact", "suppressed", "rounded", "smallest", "rules")]
    counted = ("exact_cells", "suppressed_cells", "rounded_cells", "smallest_shown")
    rows = [
        [_title(row, words), *(_text(row.get(name), words) for name in counted), _rules(row.get("rules"), words)]
        for row in _rows(found)
        if not _is_told_whole(row)
    ]  # fmt: skip
    made = table("", titles, rows, texts=(0, 5), weights=(3.8, 0.9, 0.8, 0.8, 0.9, 2.8))
    return {"columns": made["columns"], "rows": made["rows"]}


def _rows(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [row for row in _listed(found.get("tables")) if isinstance(row, dict)]


def _is_told_whole(row: Mapping[str, Any]) -> bool:
    """Tell whether a table's rules withhold nothing at any level."""
    rules = row.get("rules")
    return (
        isinstance(rules, dict)
        and bool(rules)
        and all(told == Treatment.EXACT.value for told in rules.values())
    )


def _title(row: Mapping[str, Any], words: Words) -> str:
    """Return what a table is called, and in brackets the name of its file."""
    name = _text(row.get("table"), words)
    key = f"package.tables.{name}"
    return f"{words(key)} ({name})" if words.has(key) else name


def _rules(rules: Any, words: Words) -> str:
    """Return what becomes of a table's counts, the levels treated alike together."""
    if not isinstance(rules, dict):
        return _text(rules, words)
    levels: dict[str, list[str]] = {}
    for level, treatment in rules.items():
        told, of_level = f"sheet.rule.{treatment}", f"sheet.level.{level}"
        if not (words.has(told) and words.has(of_level)):
            return _text(rules, words)
        levels.setdefault(words(told), []).append(words(of_level))
    return "; ".join(f"{', '.join(names)}: {told}" for told, names in levels.items())


def _parts(found: Mapping[str, Any], words: Words) -> list[dict[str, Any]]:
    lines = {
        "tables": _of_tables(found, words),
        "attack": [_attack(found.get("attack"), words)],
        "changes": _changes(found, words) or [words("sheet.changes_none")],
        "confirm_title": [words("sheet.confirm")],
    }
    return [{"name": name, "title": words(f"sheet.{name}"), "lines": texts} for name, texts in lines.items()]


def _of_tables(found: Mapping[str, Any], words: Words) -> list[str]:
    """Say what the rules' words mean, and which tables are told as they are."""
    rows = _rows(found)
    whole = ", ".join(_text(row.get("table"), words) for row in rows if _is_told_whole(row))
    told = [words("sheet.rules_note", rounded_to=words.whole(ROUNDED_TO))] if rows else []
    return [*told, words("sheet.whole", tables=whole)] if whole else told or [words("sheet.tables_none")]


def _attack(attack: Any, words: Words) -> str:
    if not isinstance(attack, dict):
        return words("sheet.attack_none")
    values = {name: _text(attack.get(name), words) for name in ("cells", "narrowest", "result")}
    values["result"] = words.either(f"sheet.result.{values['result']}", "sheet.result.other", **values)
    return words("sheet.attack_line", **values)


def _changes(found: Mapping[str, Any], words: Words) -> list[str]:
    """Say by table how many figures are told otherwise than before; tables in which none is, together."""
    changes = _listed(found.get("changes_since_last_release"))
    counted = [
        row for row in changes if isinstance(row, dict) and {"table", "figures", "changed"} <= set(row)
    ]
    same = [row for row in counted if not row["changed"]]
    said = [_change(row, words) for row in changes if row not in same]
    if same:
        said.append(words("sheet.unchanged", count=words.whole(len(same))))
    if said and found.get("compared_with"):
        said = [words("sheet.compared", run_id=_text(found["compared_with"], words)), *said]
    return said


def _change(row: Any, words: Words) -> str:
    if not isinstance(row, dict) or not {"table", "figures", "changed"} <= set(row):
        return _text(row, words)
    values = {name: _text(row[name], words) for name in ("figures", "changed")}
    return words("sheet.changed", table=_title(row, words), **values)


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any, words: Words) -> str:
    """Return a value as the sheet writes it: a count in the language's way, names and values one behind the other."""
    if isinstance(value, dict):
        return "; ".join(f"{_text(name, words)}: {_text(one, words)}" for name, one in value.items())
    if isinstance(value, int) and not isinstance(value, bool):
        return words.whole(value)
    return without_controls(str(value), LONGEST_TEXT) if value not in (None, "") else words("none")
