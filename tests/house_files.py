"""The project's own files, as the house tests read them."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# What git ignores, for a copy of the tree without git.
NOT_OURS = {
    ".git",
    ".venv",
    ".browser",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    "__pycache__",
}


@cache
def tracked_files() -> tuple[Path, ...]:
    """Return the files in git, or in a copy without git every file that git would not ignore."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = listed.stdout.split("\0") if listed.returncode == 0 else []
    files = [ROOT / name for name in names if name] or _walk()
    return tuple(sorted(path for path in files if path.is_file()))


def _walk() -> list[Path]:
    return [
        path
        for path in ROOT.rglob("*")
        if not NOT_OURS & set(path.relative_to(ROOT).parts)
        and path.relative_to(ROOT).parts[0] not in ("data", "reports")
        and not any(part.endswith(".egg-info") for part in path.parts)
    ]


def read_text(path: Path) -> str | None:
    """Return a file's text, or None for a binary file."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return None


def name_of(path: Path) -> str:
    """Return a file's path inside the project, with forward slashes."""
    return path.relative_to(ROOT).as_posix()
