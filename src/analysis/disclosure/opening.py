"""Where readers and pages open a run's protected tables: made first where they do not stand."""

from collections.abc import Mapping

from analysis.disclosure.made_from import are_made
from analysis.disclosure.protect import ensure_protected
from analysis.disclosure.protected import ProtectedTable, opened_of
from analysis.settings import RunParameters


def open_protected(run: RunParameters) -> Mapping[str, ProtectedTable]:
    """Open a run's protected tables by name; of what the run did not count there is an empty one (`is_made`).

    They are made first where they are missing or the counts behind them are others by now. Raises CheckError
    when the attack works out a withheld count.
    """
    if not are_made(run):
        ensure_protected(run)
    return opened_of(run.processed)
