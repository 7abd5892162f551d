"""Which files a run is made from: what the weekly job and its stages' notebooks reach by their imports.

A module that nothing reached imports (the simulator, scores, worklists, keys) may change without making a run stale.
The imports are read, late ones too, and nothing is imported. Two things do not show as imports: the modules of a stage
that `pipeline.Stage` imports by name, which are roots here, and files of data, which reached modules name.
"""

import ast
import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from analysis.pipeline import STAGES, Stage

PACKAGE = Path(__file__).resolve().parents[1]
# No code of the package: what Python keeps, and what a wheel brings beside the modules (settings.SHIPPED).
_NO_TEMPLATES = ("__pycache__", "project")
# To parse whole modules takes seconds; a test holds that this finds what parsing them finds.
_IMPORT = re.compile(r"^[ \t]*((?:from|import) analysis\b[^\n(]*(?:\([^)]*\))?)", re.MULTILINE)


@cache
def run_files() -> frozenset[Path]:
    """Return the files whose change makes another run: those of the job, of all stages, and their notebooks."""
    return reached_from(PACKAGE / "job.py").union(*map(stage_files, STAGES))


@cache
def stage_files(stage: Stage) -> frozenset[Path]:
    """Return the files a stage's tables are made from, its notebook included."""
    modules = (PACKAGE / stage.package / name for name in ("stage.py", "steps.py"))
    return reached_from(stage.notebook, *(path for path in modules if path.is_file()))


def reached_from(*roots: Path) -> frozenset[Path]:
    """Return roots, the modules of this package they import, at any distance, and the files of data these name."""
    reached: set[Path] = set()
    waiting = list(roots)
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            waiting += _imported_by(path)
    return frozenset(reached | set(_data_of(reached)))


@cache
def _text(path: Path) -> str:
    """Return a module's text, or the code of a notebook."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    return "\n".join("".join(c["source"]) for c in json.loads(text)["cells"] if c["cell_type"] == "code")


@cache
def _imported_by(path: Path) -> tuple[Path, ...]:
    """Return the modules that a file imports, with the packages they stand in."""
    nodes = (node for found in _IMPORT.findall(_text(path)) for node in ast.parse(found).body)
    return tuple(module for node in nodes for name in imported_names(node) for module in _modules_of(name))


def imported_names(node: ast.AST) -> list[str]:
    """Return the dotted names an import may be of: `from a import b` may name a module b or a thing of a."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


@cache
def _modules_of(dotted: str) -> tuple[Path, ...]:
    """Return the module of a dotted name of this package and the packages above it, all of which Python runs."""
    above, _, _ = dotted.rpartition(".")
    place = PACKAGE.parent.joinpath(*dotted.split("."))
    own = (path for path in (place / "__init__.py", place.with_suffix(".py")) if path.is_file())
    return (*(_modules_of(above) if above else ()), *own)


@cache
def _named_by(path: Path) -> frozenset[str]:
    """Return the file names that stand in a module in quotes."""
    return frozenset(re.findall(r'"([\w-]+\.\w+)"', _text(path)))


def _data_of(modules: set[Path]) -> Iterable[Path]:
    """Return the files of data that modules read: those they name, and folders of templates beside them."""
    names = {name for path in modules for name in _named_by(path)}
    code = (path for path in modules if path.suffix == ".py" and PACKAGE in path.parents)
    for folder in {path.parent for path in code}:
        yield from (folder / name for name in names if not name.endswith(".py") and (folder / name).is_file())
        for beside in _template_folders(folder):
            yield from (path for path in beside.rglob("*") if path.is_file())


@cache
def _template_folders(package: Path) -> tuple[Path, ...]:
    """Return the folders of a package that hold no module."""
    folders = (path for path in package.iterdir() if path.is_dir() and path.name not in _NO_TEMPLATES)
    return tuple(path for path in folders if not any(path.rglob("*.py")))
