"""What a run says to the public: one page on checking one's own record, and a note for the press.

The page's words stand in the phrases alone; of the run it bears the day, the unit and the marks.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.briefing.documents.web_page import (
    marks_line,
    page_style,
    page_templates,
    security_policy,
    without_internal,
)
from analysis.briefing.figures.context import build_context
from analysis.briefing.figures.units import COUNTRY, find_unit, named_in, unit_in_sentence
from analysis.briefing.figures.wording import Words, read_words
from analysis.settings import RunParameters

PAGE, PRESS_NOTE = "cong-khai.html", "thong-cao.txt"
# Rules behind the page: 9458/BYT-CNTT (48 hours, grounds of refusal, where), 8938/BYT-DP (card at the session).
PARTS = ("check", "correct", "limit", "refusal", "missing", "card", "data")
STRONG = "missing"  # its last sentence is what the page is for
PRESS_WORDS, SPEAKER_WORDS = 150, 120


def write_public_notice(
    run: RunParameters, units: Sequence[str], folder: Path, is_internal: bool = True
) -> list[Path]:
    """Write the public's page and the press note of a run; a run of one province bears its name."""
    unit_code = units[0] if len(units) == 1 else COUNTRY
    context = build_context(run, unit_code)
    if not is_internal:
        context |= {"mark": without_internal(context["mark"])}
    words = read_words(context["language"])
    made = {PAGE: _page(context, words, run), PRESS_NOTE: press_note(context, words)}
    for name, text in made.items():
        (folder / name).write_bytes(text.encode("utf-8"))
    return [folder / name for name in made]


def _page(context: dict[str, Any], words: Words, run: RunParameters) -> str:
    style = page_style()
    hours = words.whole(run.settings.feedback_service_hours)
    title, code = words("public.title"), context["unit_code"]
    if code != COUNTRY:
        title = words(
            "public.of_unit", title=title, unit=unit_in_sentence(named_in(find_unit(code), words.language))
        )
    page = page_templates().get_template("public.html.j2")
    return page.render(
        language=words.language,
        style=style,
        policy=security_policy(style),
        title=title,
        lead=words("public.lead", day=words.day(run.as_of)),
        mark=marks_line(context["mark"]),
        parts=[_part(name, hours, words) for name in PARTS],
        speaker_title=words("public.speaker_title"),
        speaker=words("public.speaker", hours=hours),
        organisation=context["letterhead"]["organisation"],
        footer=context["page"]["footer"],
        reports_word=words("public.reports"),
    )


def _part(name: str, hours: str, words: Words) -> dict[str, Any]:
    texts = words(f"public.texts.{name}", hours=hours).split("\n")
    return {"title": words(f"public.parts.{name}"), "texts": texts, "strong": name == STRONG}


def press_note(context: dict[str, Any], words: Words) -> str:
    """Return the read-out as a note of at most PRESS_WORDS words: whole sentences, the first ones first."""
    head = [marks_line(context["mark"]), words("press.kind"), context["page"]["title"]]
    organisation = context["letterhead"]["organisation"]
    source = words("press.source", organisation=organisation, footer=context["page"]["footer"])
    tail = [words("press.public"), source]
    kept: list[str] = []
    for sentence in context["front"]["sentences"]:
        if len(" ".join([*head, *kept, sentence, *tail]).split()) > PRESS_WORDS:
            break
        kept.append(sentence)
    return "\n\n".join(text for text in (*head, " ".join(kept), *tail) if text) + "\n"
