"""What one kind of file holds: its fields, their headers, and those it cannot lack."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.intake.headers.lists import FOLDER_HEADERS
from analysis.intake.headers.words import Match, header_key, is_another_word, match_header


@dataclass(frozen=True)
class Schema:
    """What one kind of file holds: its fields with headers of their own, and the fields it cannot lack.

    To the headers given here come those of `header_lists`; `typed` are headers as an organisation's settings give
    them (`[headers.<folder>]`), which win over all others.
    """

    kind: str
    headers: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    typed: Mapping[str, str] = field(default_factory=dict)

    def match(self, header: str) -> Match | None:
        """Return the field a header names, and how surely, or None."""
        own = _own_headers(self).get(header_key(header))
        found = Match(own) if own else match_header(self.kind, header)
        if not found or found.field not in self.headers or is_another_word(found.field, header):
            return None
        return found

    def typed_field(self, header: str) -> str | None:
        """Return the field that the settings give a header, or None."""
        return self.typed.get(typed_key(header)) if self.typed else None

    def field_of(self, header: str) -> str | None:
        """Return the field a header names, or None."""
        match = self.match(header)
        return self.typed_field(header) or (match.field if match else None)


_OWN: dict[str, dict[str, str]] = {}


def _own_headers(schema: Schema) -> dict[str, str]:
    if schema.kind not in _OWN:
        _OWN[schema.kind] = {
            header_key(text): name
            for name, texts in schema.headers.items()
            for text in (name, *texts)
            if text
        }
    return _OWN[schema.kind]


def typed_key(text: str) -> str:
    """Reduce a header to its letters and digits with their accents, as a person would type it again."""
    return "".join(c for c in unicodedata.normalize("NFC", text).lower() if c.isalnum())


PLATFORM = Schema("platform", FOLDER_HEADERS["platform"], ("full_name", "vaccination_date"))
ROSTER = Schema("rosters", FOLDER_HEADERS["rosters"], ("full_name",))

# The columns of the registry's extract; its files have no headers of their own to look for.
REGISTRY_REQUIRED = ("citizen_id", "full_name", "birth_date", "sex", "permanent_commune_code", "life_status")
REGISTRY_OPTIONAL = (
    "old_id_numbers",
    "ethnicity_code",
    "current_commune_code",
    "death_date",
    "id_card_issued_on",
)
