"""What a run says to the public: one page on checking one's own record, the same as a picture for telephones and as
a text for loudspeakers, and a note for the press.

Their words stand in the phrases alone; of the run they bear the day, the unit and the marks.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typst

from analysis.briefing.charts.charts import PNG_DOTS_PER_INCH
from analysis.briefing.charts.glyphs import CHART_FONT, CHART_FONTS
from analysis.briefing.documents.web_page import (
    marks_line,
    page_style,
    page_templates,
    security_policy,
    unbroken,
    without_internal,
)
from analysis.briefing.figures.context import build_context
from analysis.briefing.figures.languages import name_in, other_version
from analysis.briefing.figures.units import COUNTRY, find_unit, named_in, unit_in_sentence
from analysis.briefing.figures.wording import TEMPLATES, Words, read_words
from analysis.settings import RunParameters

PAGE, PICTURE, SPEAKER, PRESS_NOTE = (
    "cong-khai.html",
    "cong-khai.png",
    "loa-truyen-thanh.txt",
    "thong-cao.txt",
)
FILES = {"page": PAGE, "picture": PICTURE, "speaker": SPEAKER, "press": PRESS_NOTE}
# Rules behind the page: 9458/BYT-CNTT (48 hours, grounds of refusal, where), 8938/BYT-DP (card at the session).
PARTS = ("check", "correct", "limit", "refusal", "missing", "card", "data")
STRONG = "missing"  # its last sentence is what the page is for
PRESS_WORDS, SPEAKER_WORDS = 150, 120


def write_public_notice(
    run: RunParameters, units: Sequence[str], folder: Path, is_internal: bool = True, language: str = ""
) -> list[Path]:
    """Write FILES, the public's and the press's, in a language of a run; a run of one province bears its name."""
    unit_code = units[0] if len(units) == 1 else COUNTRY
    context = build_context(run, unit_code, language)
    if not is_internal:
        context |= {"mark": without_internal(context["mark"])}
    words = read_words(context["language"])
    notice = _notice(context, words, run)
    made = {
        PAGE: _page(notice, words).encode("utf-8"),
        PICTURE: _picture(notice, words),
        SPEAKER: _paragraphs(notice["mark"], notice["speaker"]),
        PRESS_NOTE: press_note(context, words, name_in(run, PAGE, language)).encode("utf-8"),
    }
    paths = [folder / name_in(run, name, language) for name in made]
    for path, content in zip(paths, made.values(), strict=True):
        path.write_bytes(content)
    return paths


def _notice(context: dict[str, Any], words: Words, run: RunParameters) -> dict[str, Any]:
    """Return what page, picture and loudspeakers share."""
    hours = words.whole(run.settings.feedback_service_hours)
    title, code = words("public.title"), context["unit_code"]
    if code != COUNTRY:
        title = words(
            "public.of_unit", title=title, unit=unit_in_sentence(named_in(find_unit(code), words.language))
        )
    organisation = context["letterhead"]["organisation"]
    return {
        "language": words.language,
        "title": title,
        "lead": words("public.lead", day=words.day(run.as_of)),
        "mark": marks_line(context["mark"]),
        "hours": hours,
        "speaker": words("public.speaker", hours=hours),
        "organisation": organisation,
        "footer": context["page"]["footer"],
        "links": {
            name_in(run, PICTURE, words.language): words("public.picture_link"),
            name_in(run, SPEAKER, words.language): words("public.speaker_link"),
            context["page"]["index"]: words("public.reports"),
        },
        **other_version(run, PAGE, words.language),
    }


def _page(notice: dict[str, Any], words: Words) -> str:
    style = page_style()
    page = page_templates().get_template("public.html.j2")
    html = page.render(
        notice,
        style=style,
        policy=security_policy(style),
        parts=_parts("texts", notice["hours"], words),
        speaker_title=words("public.speaker_title"),
    )
    return unbroken(html)


def _picture(notice: dict[str, Any], words: Words) -> bytes:
    """Return the notice as PNG, as wide as a telephone: what can be sent where a link cannot be opened."""
    footer = f"{notice['organisation']} · {notice['footer']}"
    said = notice | {"footer": footer, "parts": _parts("picture", notice["hours"], words)}
    files: Any = {
        "main": (TEMPLATES / "notice.typ").read_bytes(),
        "notice.json": json.dumps(said, ensure_ascii=False).encode("utf-8"),
    }
    made: Any = typst.compile(
        files,
        format="png",
        ppi=PNG_DOTS_PER_INCH,
        sys_inputs={"font": CHART_FONT},
        font_paths=[str(CHART_FONTS)],
    )
    return bytes(made)


def _parts(form: str, hours: str, words: Words) -> list[dict[str, Any]]:
    """Return title and paragraphs of every part, whole (`texts`) or as short as a picture needs them."""
    return [
        {
            "title": words(f"public.parts.{name}"),
            "texts": words(f"public.{form}.{name}", hours=hours).split("\n"),
            "strong": name == STRONG,
        }
        for name in PARTS
    ]


def _paragraphs(*texts: str) -> bytes:
    return ("\n\n".join(text for text in texts if text) + "\n").encode("utf-8")


def press_note(context: dict[str, Any], words: Words, page: str = PAGE) -> str:
    """Return the read-out as a note of at most PRESS_WORDS words: whole sentences, the first ones first.

    `page` is the public's page, to which the note leads.
    """
    head = [marks_line(context["mark"]), words("press.kind"), context["page"]["title"]]
    organisation = context["letterhead"]["organisation"]
    source = words("press.source", organisation=organisation, footer=context["page"]["footer"])
    tail = [words("press.public", page=page), source]
    kept: list[str] = []
    for sentence in context["front"]["sentences"]:
        if len(" ".join([*head, *kept, sentence, *tail]).split()) > PRESS_WORDS:
            break
        kept.append(sentence)
    return _paragraphs(*head, " ".join(kept), *tail).decode("utf-8")
