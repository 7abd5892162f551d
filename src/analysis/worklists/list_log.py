"""What the audit log says of lists, and the end of their days."""

from datetime import date

from analysis.errors import BaophuError
from analysis.safeguards.audit_log import Entry, append_entry, audit_log_of
from analysis.settings import RunParameters
from analysis.worklists.register import IssuedList, issued_ids, read_issued, remove_list, remove_stale_bundles


def list_entry(event: str, issued: IssuedList, today: date) -> Entry:
    """Return an entry on one list: which, for whom (the key's fingerprint) and when; nothing of its lines."""
    return {
        "event": event,
        "on": today.isoformat(),
        "run_id": issued.run_id,
        "list_id": issued.list_id,
        "unit_code": issued.unit_code,
        "kind": issued.kind,
        "recipient": issued.fingerprint,
    }


def log_refusal(run: RunParameters, run_id: str, unit_code: str, today: date) -> None:
    """Log that a unit got no list because its key was missing or wrong."""
    entry: Entry = {"event": "list_refused", "on": today.isoformat(), "run_id": run_id}
    entry |= {"unit_code": unit_code, "ground": "recipient_key"}
    append_entry(audit_log_of(run.processed), entry)


def wipe_expired(run: RunParameters, today: date) -> int:
    """Remove the lists whose days are over, each with a line in the audit log; returns how many."""
    wiped = 0
    for list_id in issued_ids(run):
        try:
            issued = read_issued(run, list_id, head_only=True)
        except BaophuError:
            continue  # a damaged register is told when its answers come back
        if issued and issued.expires_on < today:
            remove_list(run, list_id)
            append_entry(audit_log_of(run.processed), list_entry("list_wiped", issued, today))
            wiped += 1
    remove_stale_bundles(run)
    return wiped
