"""What lies in a folder, by whatever way it is reached."""

from pathlib import Path


def walk_files(folder: Path) -> list[Path]:
    """Return every file of a folder and below it, sorted; a missing folder has none.

    Symbolic links are followed, because whoever opens the files follows them: what a link leads to is hashed
    under the link's own name. A link back to a folder above is not walked again; one that leads nowhere is listed.
    """
    return sorted(_walk(folder, frozenset())) if folder.is_dir() else []


def _walk(folder: Path, above: frozenset[Path]) -> list[Path]:
    here = folder.resolve()
    if here in above:
        return []
    found: list[Path] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _walk(entry, above | {here})
        elif entry.is_file() or entry.is_symlink():
            found.append(entry)
    return found
