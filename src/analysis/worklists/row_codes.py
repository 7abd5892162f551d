"""The secret of every row of a list: a random code in a column that is hidden and never printed.

Who has seen a printed list, or a picture of one, can build a workbook that looks like it, but not its codes. The
register keeps their keyed hashes alone, each bound to list, run and row. A list that is made again gets new codes; those
of its former copies stay good for rows that are still the same (sources disclosure-6).
"""

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import replace

from analysis.worklists.register import IssuedLine, IssuedList

CODE_BYTES = 10
KEY_BYTES = 32


def draw_codes(references: Iterable[str]) -> dict[str, str]:
    """Return a new code for each row, from the system's source: none may follow from another or from any seed."""
    return {reference: secrets.token_hex(CODE_BYTES) for reference in references}


def bind_codes(issued: IssuedList, codes: dict[str, str], former: IssuedList | None) -> IssuedList:
    """Return a list whose rows know their codes, and those that `former`, the same list made before, gave them."""
    is_same = former is not None and former.run_id == issued.run_id and bool(former.code_key)
    key = former.code_key if former and is_same else secrets.token_hex(KEY_BYTES)
    keyed = replace(issued, code_key=key)
    lines = {
        reference: replace(
            line,
            codes=(
                *_former_codes(former if is_same else None, reference, line),
                hash_code(keyed, reference, codes[reference]),
            ),
        )
        for reference, line in issued.lines.items()
    }
    return replace(keyed, lines=lines)


def _former_codes(former: IssuedList | None, reference: str, line: IssuedLine) -> tuple[str, ...]:
    known = former.lines.get(reference) if former else None
    return known.codes if known and replace(known, codes=()) == line else ()


def hash_code(issued: IssuedList, reference: str, code: str) -> str:
    """Return what the register keeps of a row's code."""
    text = "|".join((issued.list_id, issued.run_id, reference, " ".join(code.split()).lower()))
    return hmac.digest(bytes.fromhex(issued.code_key), text.encode(), "sha256").hex()


def is_proven(issued: IssuedList, reference: str, code: str) -> bool:
    """Tell whether a returned row carries a code that was issued with it.

    A list that was issued before rows had codes proves itself by its envelope alone (take_answers.py).
    """
    if not issued.code_key:
        return True
    return hash_code(issued, reference, code) in issued.lines[reference].codes
