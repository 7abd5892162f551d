"""Whether what is installed is what the lock names: other versions may give other bytes (sources fault-35)."""

import re
from importlib import metadata
from pathlib import Path

from analysis.errors import MachineError
from analysis.settings import SHIPPED

WHAT_TO_DO = "`make setup` installs what was tested"
LOCK = SHIPPED / "requirements.lock"
_LOCKED = re.compile(r"^([a-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)


def locked_versions(lock: Path = LOCK) -> dict[str, str]:
    """Return package → version of the lock; empty where there is none beside the programme."""
    return dict(_LOCKED.findall(lock.read_text(encoding="utf-8"))) if lock.is_file() else {}


def differing_packages(lock: Path = LOCK) -> list[str]:
    """Return the packages that are installed in another version than the lock's, as `name installed (lock: locked)`."""
    differing = []
    for name, locked in locked_versions(lock).items():
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue  # of another system, or only for tests
        if installed != locked:
            differing.append(f"{name} {installed} (lock: {locked})")
    return differing


def environment_warning(lock: Path = LOCK) -> str:
    """Return one line on packages that are not as locked; empty when all are."""
    differing = differing_packages(lock)
    if not differing:
        return ""
    more = f" and {len(differing) - 1} more" if len(differing) > 1 else ""
    return f"installed and not as locked: {differing[0]}{more}; {WHAT_TO_DO}"


def require_locked(lock: Path = LOCK) -> None:
    """Raise MachineError where a package is not as locked: nobody is there to read a warning."""
    if warning := environment_warning(lock):
        raise MachineError(f"--locked: {warning}")
