"""`[headers.<folder>]` of the settings: an organisation's own headers, checked before anything is opened."""

from typing import Any

from analysis.errors import RequestError
from analysis.intake.headers.lists import FOLDER_HEADERS
from analysis.intake.headers.schemas import REGISTRY_OPTIONAL, REGISTRY_REQUIRED, typed_key

# Fields whose names in the files (interfaces, platform/) and inside differ.
_PLACES = {f"{level}_code": f"{level}_typed_code" for level in ("province", "district", "commune")}
_CALLED = {
    "decisions": {"source_file": "named_file", "source_row": "named_row"},
    "platform": _PLACES,
    "rosters": _PLACES,
}
_FIELDS = {folder: tuple(headers) for folder, headers in FOLDER_HEADERS.items()} | {
    "registry": (*REGISTRY_REQUIRED, *REGISTRY_OPTIONAL)
}


def check_typed_headers(given: Any) -> dict[str, dict[str, str]]:
    """Return the settings' headers by folder with their fields; folders without any are left out.

    Raises RequestError for a folder or field that does not exist, a header without letters or given twice.
    """
    if not isinstance(given, dict):
        raise RequestError('settings: write headers as [headers.platform] and then "header" = "field"')
    checked = {folder: _checked_folder(folder, headers) for folder, headers in given.items()}
    return {folder: headers for folder, headers in checked.items() if headers}


def _checked_folder(folder: str, headers: Any) -> dict[str, str]:
    if folder not in _FIELDS:
        raise RequestError(f"settings: [headers.{folder}] is no folder; known are {', '.join(_FIELDS)}")
    if not isinstance(headers, dict):
        raise RequestError(f'settings: under [headers.{folder}] write "header" = "field"')
    checked: dict[str, str] = {}
    for header, field in headers.items():
        checked[_new_key(folder, header, checked)] = _known_field(folder, field)
    return checked


def written_name(folder: str, field: str) -> str:
    """Return a field's name as files and the settings write it.

    >>> written_name("platform", "commune_typed_code")
    'commune_code'
    """
    outer = {inner: name for name, inner in _CALLED.get(folder, {}).items()}
    return outer.get(field, field)


def _new_key(folder: str, header: str, known: dict[str, str]) -> str:
    key = typed_key(header)
    if not key:
        raise RequestError(
            f"settings: a header under [headers.{folder}] has no letters; copy it from the file"
        )
    if key in known:
        raise RequestError(f"settings: two headers under [headers.{folder}] differ in blanks or marks only")
    return key


def _known_field(folder: str, field: Any) -> str:
    called = _CALLED.get(folder, {})
    name = called.get(field, field) if isinstance(field, str) else ""
    if name not in _FIELDS[folder]:
        inside = {inner: outer for outer, inner in called.items()}
        known = ", ".join(inside.get(f, f) for f in _FIELDS[folder])
        raise RequestError(f"settings: [headers.{folder}] has no field '{field}'; known are {known}")
    return name
