"""What a screen reader needs of a PDF and Typst cannot say: the title as its first heading, a row's name as its header.

Only tags change, each for another of the same length, so that every object stays where it was.
"""

import re

_ROW = re.compile(rb"/S/TR/P (\d+) 0 R/K\[(\d+) 0 R")
_BODY = re.compile(rb"(?m)^(\d+) 0 obj\s*<</Type/StructElem/S/TBody")
_OBJECT = re.compile(rb"(?m)^(\d+) 0 obj\s*(<</Type/StructElem/S/TD.*)$")
_HEADERS = re.compile(rb"/Headers\[[^\]]*\]")
SCOPE = b"/Scope/Row"


def tagged_pdf(data: bytes) -> bytes:
    """Return a document whose title is an H1 and whose first cell of each row of a table is a header of the row."""
    bodies = set(_BODY.findall(data))
    first_cells = {cell for body, cell in _ROW.findall(data) if body in bodies}

    def as_header(found: re.Match[bytes]) -> bytes:
        return _row_header(found[0]) if found[1] in first_cells else found[0]

    return _OBJECT.sub(as_header, data.replace(b"/S/Title/P ", b"/S/H1   /P "))


def _row_header(cell: bytes) -> bytes:
    """Return a cell's tag as a row's header, as long as it was; one too short to say it stays a cell."""
    found = _HEADERS.search(cell)
    if found is None or len(found[0]) < len(SCOPE):
        return cell
    return cell.replace(b"/S/TD", b"/S/TH", 1).replace(found[0], SCOPE.ljust(len(found[0])), 1)
