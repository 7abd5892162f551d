"""The code's habits: documented, small, one way forward, nothing hidden that a reader must guess."""

import ast
import statistics
from collections import Counter
from collections.abc import Collection, Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from house_files import ROOT, name_of

SOURCE = ROOT / "src" / "analysis"
MODULES = sorted(SOURCE.rglob("*.py"))
LONGEST_MODULE = 300
LONGEST_FUNCTION = 60
MODULES_OF_A_FOLDER = 20
MEDIAN_FUNCTION = 12
NINTH_DECILE_FUNCTION = 35
VAGUE_NAMES = {"process", "handle", "do", "helper", "helpers", "utils", "misc"}
# In the order of the flow: none imports what stands behind it, nor what stands beside the weekly job.
STAGES = ("intake", "clean", "reconcile", "coverage", "trends", "briefing")
BESIDE = ("worklists", "evaluate", "simulate", "check")
# Only the command line reads the clock (interfaces, command line).
CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "Timestamp.now"}
READS_THE_CLOCK = {"src/analysis/__main__.py"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def parsed(path: Path) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse(path.read_text("utf-8"))


def functions(tree: ast.AST) -> Iterator[Function]:
    """Give every function and method of a module."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def length(function: Function) -> int:
    """Return a function's lines, its docstring included."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def undocumented(tree: ast.Module) -> list[str]:
    """Return the public things without a docstring: the module, its functions and classes, their methods."""
    named = [("module", tree)] if not ast.get_docstring(tree) else []
    scopes: list[ast.Module | ast.ClassDef] = [tree]
    scopes += [node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    for node in (node for scope in scopes for node in scope.body):
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            named += [] if ast.get_docstring(node) else [(node.name, tree)]
    return [name for name, _ in named]


def oversized(name: str, text: str) -> list[str]:
    """Return the module, or its functions, that are longer than the caps."""
    lines = text.count("\n")
    found = [f"{name}: {lines} lines"] if lines > LONGEST_MODULE else []
    return found + [
        f"{name}:{function.name}: {length(function)} lines"
        for function in functions(ast.parse(text))
        if length(function) > LONGEST_FUNCTION
    ]


def vague_names(name: str, tree: ast.AST) -> list[str]:
    """Return names that say nothing: of the module or of functions."""
    names = [Path(name).stem, *(function.name for function in functions(tree))]
    return [word for word in names if VAGUE_NAMES & {word.strip("_").split("_")[0], word}]


def unchecked_merges(tree: ast.AST) -> list[int]:
    """Return the lines of pandas merges that do not say what they expect of the keys."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [
        call.lineno
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "merge"
        and "validate" not in {keyword.arg for keyword in call.keywords}
    ]


def clock_readings(tree: ast.AST) -> list[str]:
    """Return the calls that read the clock."""
    calls = (ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [call for call in calls if ".".join(call.split(".")[-2:]) in CLOCKS]


def imported(tree: ast.AST) -> set[str]:
    """Return the dotted names that a module imports."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def later_stages(name: str, tree: ast.AST) -> list[str]:
    """Return the later stages, and what stands beside the job, that a stage's module (or the readers) imports."""
    parts = Path(name).with_suffix("").parts
    stage = next((part for part in parts if part in STAGES), None)
    if any(part in BESIDE for part in parts) or (stage is None and "readers" not in parts):
        return []
    later = (*STAGES[STAGES.index(stage) + 1 :], *BESIDE) if stage else (*STAGES, *BESIDE)
    used = {dotted.split(".")[1] for dotted in imported(tree) if dotted.startswith("analysis.")}
    return [other for other in later if other in used]


def circle(modules: dict[str, ast.Module]) -> list[str]:
    """Return modules that import each other in a circle, late and for types alone included; empty without one."""
    arrows = {name: _arrows(tree, modules.keys()) - {name} for name, tree in modules.items()}
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _arrows(tree: ast.Module, modules: Collection[str]) -> set[str]:
    """Return the modules an import takes something from: of `from a import b` the module a.b where there is one."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= whole & set(modules) or {node.module}
    return found & set(modules)


def findings(check: object) -> dict[str, object]:
    """Apply a check of a parsed module to every module; only modules with findings are returned."""
    found = {name_of(path): check(parsed(path)) for path in MODULES}  # type: ignore[operator]
    return {name: items for name, items in found.items() if items}


def test_modules_are_found() -> None:
    assert len(MODULES) > 20


def test_undocumented_code_is_found() -> None:
    text = "class A:\n    def go(self): ...\n    def _hid(self): ...\ndef b(): 'Say.'\n"
    assert undocumented(ast.parse(text)) == ["module", "A", "go"]


def test_everything_public_is_documented() -> None:
    assert findings(undocumented) == {}


def test_oversized_code_is_found() -> None:
    long_function = "def f():\n" + "    pass\n" * LONGEST_FUNCTION
    assert oversized("a.py", long_function) == [f"a.py:f: {LONGEST_FUNCTION + 1} lines"]
    assert oversized("a.py", "x = 1\n" * (LONGEST_MODULE + 1)) == [f"a.py: {LONGEST_MODULE + 1} lines"]


def test_modules_and_functions_stay_small() -> None:
    assert [item for path in MODULES for item in oversized(name_of(path), path.read_text("utf-8"))] == []


def crowded_folders(modules: list[Path]) -> dict[str, int]:
    """Return the folders that hold more modules than a newcomer can take in."""
    sizes = Counter(name_of(path.parent) for path in modules)
    return {folder: count for folder, count in sizes.items() if count > MODULES_OF_A_FOLDER}


def test_crowded_folders_are_found() -> None:
    many = [ROOT / "src" / f"{n}.py" for n in range(MODULES_OF_A_FOLDER + 1)]
    assert crowded_folders(many) == {"src": MODULES_OF_A_FOLDER + 1}
    assert crowded_folders(many[1:]) == {}


def test_no_folder_is_crowded() -> None:
    # The top folder holds what every stage shares, and the job.
    assert crowded_folders([path for path in MODULES if path.parent != SOURCE]) == {}


def test_typical_functions_are_short() -> None:
    lengths = [length(f) for path in MODULES for f in functions(parsed(path))]
    assert statistics.median(lengths) <= MEDIAN_FUNCTION
    assert statistics.quantiles(lengths, n=10)[-1] <= NINTH_DECILE_FUNCTION


@pytest.mark.parametrize(
    ("name", "text"), [("utils.py", ""), ("a.py", "def process_rows(): ..."), ("a.py", "def _handle(): ...")]
)
def test_vague_names_are_found(name: str, text: str) -> None:
    assert vague_names(name, ast.parse(text))


def test_names_say_something() -> None:
    found = [vague_names(name_of(path), parsed(path)) for path in MODULES]
    assert [name for names in found for name in names] == []


def test_unchecked_merges_are_found() -> None:
    assert unchecked_merges(ast.parse("a.merge(b)\na.merge(b, validate='1:1')")) == [1]


def test_merges_say_what_they_expect() -> None:
    assert findings(unchecked_merges) == {}


def test_clock_readings_are_found() -> None:
    assert clock_readings(ast.parse("datetime.now()\npd.Timestamp.now()\ndate(2021, 1, 1)")) == [
        "datetime.now",
        "pd.Timestamp.now",
    ]


def test_only_the_command_line_reads_the_clock() -> None:
    assert set(findings(clock_readings)) == READS_THE_CLOCK


def test_imports_of_later_stages_are_found() -> None:
    tree = ast.parse(
        "from analysis.trends import x\nfrom analysis import coverage\nimport analysis.clean.fields.names"
    )
    assert later_stages("src/analysis/reconcile/stage.py", tree) == ["coverage", "trends"]
    assert later_stages("src/analysis/intake/folder.py", tree) == ["clean", "coverage", "trends"]
    assert later_stages("src/analysis/readers/people.py", tree) == ["clean", "coverage", "trends"]
    assert later_stages("src/analysis/job.py", tree) == []
    assert later_stages("src/analysis/evaluate/links/report.py", tree) == []


def test_no_stage_imports_a_later_one() -> None:
    found = {name_of(p): later_stages(name_of(p), parsed(p)) for p in MODULES}
    assert {name: stages for name, stages in found.items() if stages} == {}


def dotted(path: Path) -> str:
    """Return the name by which a module is imported."""
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_circles_of_imports_are_found() -> None:
    texts = {"analysis.a": "from analysis.b import x", "analysis.b": "def x():\n    from analysis import a"}
    assert set(circle({name: ast.parse(text) for name, text in texts.items()})) == set(texts)
    assert circle({"analysis.a": ast.parse(texts["analysis.a"]), "analysis.b": ast.parse("x = 1")}) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circle({dotted(path): parsed(path) for path in MODULES}) == []
