"""Word of how a run ended, to a program of the organisation: JSON on its stdin, no person and no file named."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from analysis import __version__
from analysis.errors import (
    INTERRUPTED,
    BaophuError,
    CheckError,
    IntakeError,
    LockHeldError,
    RequestError,
    is_interruption,
)

HOOK_SECONDS = 60
# What somebody has to decide or mend; anything else is a failure.
REFUSALS = (RequestError, IntakeError, CheckError, LockHeldError)

Summary = dict[str, str | int | bool]


@dataclass
class Told:
    """What the summary says beside the outcome; the run fills it in."""

    summary: Summary = field(default_factory=dict)


@contextmanager
def tell_outcome(hook: tuple[str, ...], as_of: date) -> Iterator[Told]:
    """Call the hook once the block has ended, however it ended; what it raised goes on."""
    told = Told()
    try:
        yield told
    except BaseException as error:
        call_hook(hook, _outcome(error) | {"as_of": as_of.isoformat()})
        raise
    success: Summary = {"outcome": "success", "exit_code": 0, "as_of": as_of.isoformat()}
    call_hook(hook, success | told.summary)


def _outcome(error: BaseException) -> Summary:
    """Return how a run ended; the message stays in the log, because it may name a file."""
    code = error.exit_code if isinstance(error, BaophuError) else BaophuError.exit_code
    if is_interruption(error):
        code = INTERRUPTED
    return {"outcome": "refusal" if isinstance(error, REFUSALS) else "failure", "exit_code": code}


def call_hook(hook: tuple[str, ...], summary: Summary) -> None:
    """Give a summary to the hook, if there is one; that it fails or hangs is said and changes nothing."""
    if not hook:
        return
    text = json.dumps({"command": "run", "version": __version__} | summary, sort_keys=True)
    try:
        subprocess.run(hook, input=text.encode(), stdout=subprocess.DEVNULL, timeout=HOOK_SECONDS, check=True)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        print(f"baophu: the hook of the settings failed ({type(error).__name__})", file=sys.stderr)
