"""What a person accepted against last week, as the pages say it: the changes and the reason."""

from decimal import Decimal

from analysis.briefing.figures.reading import RunMark
from analysis.briefing.figures.units import COUNTRY, provinces, unit_name
from analysis.briefing.figures.wording import Words, without_controls

# A list longer than this is not read; the manifest has them all.
CHANGES_SHOWN = 5


def accepted_sentence(mark: RunMark, words: Words) -> str:
    """Return the sentence on accepted changes and their reason; empty when there are none."""
    if not mark.accepted_changes:
        return ""
    shown = [_said(change, words) for change in mark.accepted_changes[:CHANGES_SHOWN]]
    more = ["…"] if len(mark.accepted_changes) > CHANGES_SHOWN else []
    reason = without_controls(mark.accepted_reason)
    return words("change.lead", changes="; ".join([*shown, *more]), reason=reason)


def _said(change: dict[str, str], words: Words) -> str:
    key = "change.compared" if change["before"] else "change.alone"
    figures = {name: _figure(change[name], words) for name in ("before", "now")}
    return words(
        key, what=words(f"change.{change['kind']}"), unit=_unit(change["unit_code"], words), **figures
    )


def _figure(text: str, words: Words) -> str:
    """Write a count or a percentage as the page does."""
    if not text:
        return ""
    return words.decimal(Decimal(text)) if "." in text else words.whole(int(text))


def _unit(code: str, words: Words) -> str:
    if code == COUNTRY:
        return words("portal.national")
    return provinces()[code].short_name if code in provinces() else unit_name(code, words.language)
