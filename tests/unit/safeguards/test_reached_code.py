"""What a run is made from: the files that the job and the stages' notebooks reach, and no other."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.pipeline import STAGES
from analysis.safeguards import reached_code
from analysis.safeguards.reached_code import PACKAGE, imported_names, reached_from, run_files, stage_files

MODULES = sorted(PACKAGE.rglob("*.py"))
# What a change of which made a run stale or not was a list kept by hand: these stood on it.
WITHOUT_THE_RUN = (
    *("simulate/", "evaluate/", "worklists/", "__main__.py", "compare.py"),
    *("worklists/command.py", "safeguards/keys.py", "safeguards/envelopes.py"),
)
NOT_READ = {"reference/SOURCES.md"}


def names_of(files: frozenset[Path]) -> set[str]:
    """Return the names of files in the package; the notebooks are left out."""
    return {path.relative_to(PACKAGE).as_posix() for path in files if PACKAGE in path.parents}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Lend an empty package in the place of ours."""
    folder = tmp_path / "analysis"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.setattr(reached_code, "PACKAGE", folder)
    reached_code._modules_of.cache_clear()
    yield folder
    reached_code._modules_of.cache_clear()


def test_late_imports_packages_and_data_are_followed(package: Path) -> None:
    (package / "texts" / "pages").mkdir(parents=True)
    for name in ("job.py", "late.py", "unused.py", "texts/__init__.py", "texts/read.py"):
        (package / name).touch()
    for name in ("texts/words.csv", "texts/other.csv", "texts/pages/page.html"):
        (package / name).touch()
    (package / "job.py").write_text("def run():\n    from analysis import (\n        late,\n    )\n", "utf-8")
    (package / "late.py").write_text("import analysis.texts.read\n", "utf-8")
    (package / "texts/read.py").write_text('open("words.csv")\n', "utf-8")
    reached = {path.relative_to(package).as_posix() for path in reached_from(package / "job.py")}
    assert reached == {
        *("job.py", "__init__.py", "late.py"),
        *("texts/__init__.py", "texts/read.py", "texts/words.csv", "texts/pages/page.html"),
    }


def test_what_is_found_is_what_parsing_finds() -> None:
    for path in MODULES:
        tree = ast.parse(path.read_text("utf-8"))
        parsed = {name for node in ast.walk(tree) for name in imported_names(node)}
        ours = {m for name in parsed if name.startswith("analysis") for m in reached_code._modules_of(name)}
        assert ours <= set(reached_code._imported_by(path)), path.name
        relative = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.level]
        assert relative == [], path.name


def test_the_run_is_made_from_what_the_job_reaches() -> None:
    reached = names_of(run_files())
    assert {
        "job.py",
        "engine.py",
        "trends/forecast/growth.py",
        "briefing/documents/portal/index.py",
        "safeguards/publishing.py",
    } <= reached
    assert {"clean/steps.py", "reconcile/steps.py", "coverage/steps.py", "intake/headers/typed.py"} <= reached
    assert [name for name in reached if name.startswith(WITHOUT_THE_RUN)] == []
    assert "safeguards/audit_log.py" in reached  # the job writes into it
    modules = [path for path in run_files() if path.suffix == ".py"]
    lines = sum(path.read_text("utf-8").count("\n") for path in modules)
    print(f"a run reaches {len(modules)} of {len(MODULES)} modules, {lines} lines")


def test_data_that_a_reached_module_names_is_part_of_the_run() -> None:
    reached = names_of(run_files())
    assert {"reference/vaccines.csv", "reconcile/linkage_model.json", "columns.csv"} <= reached
    assert {"briefing/templates/words_vi.toml", "briefing/templates/page/conf.json"} <= reached
    assert [name for name in reached if name.startswith("reference/simulation_")] == []


def test_no_file_of_data_escapes_by_a_name_that_is_put_together() -> None:
    every = {path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert names_of(frozenset(every)) - names_of(reached_from(*MODULES)) == NOT_READ


def test_one_module_alone_is_imported_by_a_name_that_is_put_together() -> None:
    modules = (path for path in run_files() if path.suffix == ".py")
    found = {
        path.name for path in modules if re.search(r"import_module\(|__import__\(", path.read_text("utf-8"))
    }
    assert found == {"pipeline.py"}


def test_what_python_imports_for_a_run_is_reached() -> None:
    roots = ["analysis.job", *(f"analysis.{stage.package}" for stage in STAGES)]
    roots += [
        f"analysis.{p.parent.name}.{p.stem}" for s in STAGES for p in (PACKAGE / s.package).glob("st*ps.py")
    ]
    code = f"import sys, {', '.join(roots)}\nfor n, m in sys.modules.items():\n"
    code += "    if n.startswith('analysis'): print(m.__file__)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = {Path(line) for line in result.stdout.splitlines()}
    assert len(imported) > 50
    assert imported - run_files() == set()


def test_a_stage_is_made_from_its_own_reach() -> None:
    for stage in STAGES:
        reached = stage_files(stage)
        later = {f"{other.package}/" for other in STAGES if other.number > stage.number}
        assert reached <= run_files() and stage.notebook in reached
        assert [name for name in names_of(reached) if name.startswith(tuple(later))] == []
