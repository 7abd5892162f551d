"""The repository: no machine's traces, no outputs, a README that names what exists."""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from analysis.notebook_runner import save_without_outputs
from analysis.pipeline import TABLE_STAGES
from house_files import ROOT, name_of, read_text, tracked_files

MACHINE_PATH = re.compile(r"(?<![\w.<>])/(?:home|Users|root|work|tmp|opt)/\w[\w./-]*|\b[A-Za-z]:\\Users\\\w+")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs\.org|conda\.anaconda\.org|repo\.anaconda\.com"
    r"|proxy\.golang\.org|(?:deb\.debian|archive\.ubuntu)\.\w+|https?://\S*(?:/simple/|/packages/|\.whl\b)"
)
PRIVATE_KEY = re.compile(r"BEGIN (?:[A-Z]+ )?PRIVATE" + " KEY")
LARGEST_FILE = 1_000_000
README = ROOT / "README.md"


def find_traces(pattern: re.Pattern[str], text: str) -> list[str]:
    """Return what a text holds of a machine: paths, hosts or keys."""
    return pattern.findall(text)


def find_outputs(notebook: dict[str, Any]) -> list[str]:
    """Return what a notebook keeps of a run: outputs, counts, papermill's record of parameters."""
    kept = ["metadata.papermill"] if "papermill" in notebook.get("metadata", {}) else []
    for number, cell in enumerate(notebook["cells"]):
        kept += [f"cell {number}: {key}" for key in ("outputs", "execution_count") if cell.get(key)]
        if "papermill" in cell.get("metadata", {}):
            kept.append(f"cell {number}: metadata.papermill")
    return kept


def tree_paths(readme: str) -> list[str]:
    """Return the paths that the annotated tree of a README names; `<…>` marks what a run makes."""
    block = re.search(r"^```tree\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    paths: list[str] = []
    folders: list[tuple[int, str]] = []
    for line in block.group(1).splitlines() if block else []:
        named = re.split(r"\s{2,}", line.strip())[0]
        if not named or "<" in named:
            continue
        indent = len(line) - len(line.lstrip())
        folders = [(depth, folder) for depth, folder in folders if depth < indent]
        for name in named.split(" "):
            paths.append("".join(folder for _, folder in folders) + name)
        if paths[-1].endswith("/"):
            folders.append((indent, named.split(" ")[-1]))
    return paths


def missing_paths(paths: list[str], root: Path) -> list[str]:
    """Return the named paths that do not exist; a name that ends in `/` must be a folder."""
    return [
        name
        for name in paths
        if not ((root / name).is_dir() if name.endswith("/") else (root / name).is_file())
    ]


def broken_links(page: Path, text: str) -> list[str]:
    """Return the relative links of a Markdown page that lead nowhere."""
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    return [link for link in links if "://" not in link and not (page.parent / link).exists()]


def make_targets(makefile: str) -> set[str]:
    """Return the targets that a Makefile's help names."""
    return set(re.findall(r'@echo "make ([a-z-]+)', makefile))


@pytest.mark.parametrize(
    ("pattern", "planted"),
    [
        (MACHINE_PATH, "see /ho" + "me/someone/file.csv"),
        (MACHINE_PATH, "C:" + "\\Users\\someone"),
        (REGISTRY, "https://files.python" + "hosted.org/a"),
        (REGISTRY, "http://mirror.example/sim" + "ple/ and http://mirror.example/sim" + "ple/x"),
        (PRIVATE_KEY, "-----BEGIN OPENSSH PRIVATE" + " KEY-----"),
    ],
)
def test_traces_are_found(pattern: re.Pattern[str], planted: str) -> None:
    assert find_traces(pattern, planted)
    assert not find_traces(pattern, "data/raw/2021-11-07 and https://vi.wikipedia.org")


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY, PRIVATE_KEY], ids=["path", "host", "key"])
def test_no_machine_left_its_traces(pattern: re.Pattern[str]) -> None:
    found = {name_of(path): find_traces(pattern, read_text(path) or "") for path in tracked_files()}
    assert {name: traces for name, traces in found.items() if traces} == {}


def test_kept_outputs_are_found() -> None:
    cell = {"outputs": [{"text": "1"}], "execution_count": 1, "metadata": {"papermill": {}}}
    notebook = {"cells": [{"source": ""}, cell], "metadata": {"papermill": {}}}
    assert len(find_outputs(notebook)) == 4


def test_no_notebook_keeps_outputs() -> None:
    notebooks = [path for path in tracked_files() if path.suffix == ".ipynb"]
    found = {name_of(path): find_outputs(json.loads(path.read_text("utf-8"))) for path in notebooks}
    assert {name: kept for name, kept in found.items() if kept} == {}


def test_git_strips_notebooks_and_keeps_line_feeds() -> None:
    attributes = (ROOT / ".gitattributes").read_text("utf-8")
    assert "*.ipynb text eol=lf filter=nbstripout" in attributes
    assert "* text=auto eol=lf" in attributes
    assert "filter.nbstripout.clean" in (ROOT / "Makefile").read_text("utf-8")
    assert "\nlab: setup\n\t$(VENV_PYTHON) -m analysis lab\n" in (ROOT / "Makefile").read_text("utf-8")


def test_every_notebook_is_labelled_with_its_zone() -> None:
    """Only what is labelled publishable becomes a page; what shows rows of persons never is."""
    notebooks = sorted((ROOT / "notebooks").rglob("*.ipynb"))
    zones = {path.stem: nbformat.read(path, as_version=4).metadata["baophu"]["zone"] for path in notebooks}
    assert [name for name, zone in zones.items() if zone == "publishable"] == ["5_briefing"]
    restricted = {name for name, zone in zones.items() if zone == "restricted"}
    assert restricted == {
        *("1_clean", "2_reconcile", "3_coverage", "explore_links", "explore_steps"),
        *("1_your_files", "2_scorecard_and_links", "3_coverage_and_bridge"),
    }
    assert {zone for name, zone in zones.items() if name not in restricted} == {"aggregate", "publishable"}


def test_a_look_in_jupyterlab_leaves_no_change(tmp_path: Path) -> None:
    """JupyterLab saves outputs and notes of the kernel; the hook of `make lab` and the filter take both out."""
    keys = re.search(r"STRIPPED_KEYS = ((?:.|\n)*?)\n\n", (ROOT / "Makefile").read_text("utf-8"))
    assert keys is not None
    stripped = keys[1].replace("\\\n\t", "")
    assert stripped in README.read_text("utf-8")
    for path in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        assert notebook.metadata.kernelspec.display_name == "Python 3 (ipykernel)"
        notebook.metadata.language_info.update(version="3.11.9", codemirror_mode={"name": "ipython"})
        notebook.metadata.language_info.update(file_extension=".py", pygments_lexer="ipython3")
        notebook.metadata.language_info.update(mimetype="text/x-python", nbconvert_exporter="python")
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        code[-1].update(execution_count=7, outputs=[nbformat.v4.new_output("stream", text="a person")])
        saved = tmp_path / path.name
        kept = copy.deepcopy(notebook)
        save_without_outputs({"type": "notebook", "content": kept}, path=path.name)
        nbformat.write(kept, saved)
        assert saved.read_text("utf-8") == path.read_text("utf-8")
        nbformat.write(notebook, saved)
        command = [sys.executable, "-m", "nbstripout", "--extra-keys", stripped, str(saved)]
        subprocess.run(command, check=True)
        assert saved.read_text("utf-8") == path.read_text("utf-8")


def test_text_files_end_lines_with_a_line_feed() -> None:
    assert [name_of(p) for p in tracked_files() if "\r\n" in (read_text(p) or "")] == []


def test_no_large_file() -> None:
    assert [name_of(p) for p in tracked_files() if p.stat().st_size > LARGEST_FILE] == []


def test_nothing_that_a_run_makes_is_tracked() -> None:
    made = [n for n in map(name_of, tracked_files()) if n.startswith(("data/", "reports/"))]
    assert [name for name in made if not name.endswith(".gitkeep")] == []


def test_tree_reader_finds_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").touch()
    readme = "```tree\nsrc/        code\n  a.py b.py   two files\n  raw/<day>/  made\nlost/   gone\n```\n"
    assert tree_paths(readme) == ["src/", "src/a.py", "src/b.py", "lost/"]
    assert missing_paths(tree_paths(readme), tmp_path) == ["src/b.py", "lost/"]


def test_every_path_of_the_tree_exists() -> None:
    paths = tree_paths(README.read_text("utf-8"))
    assert len(paths) > 30
    assert missing_paths(paths, ROOT) == []


def test_the_tree_names_every_notebook_and_package() -> None:
    paths = set(tree_paths(README.read_text("utf-8")))
    notebooks = {name_of(path) for path in (ROOT / "notebooks").rglob("*.ipynb")}
    packages = {name_of(path.parent) + "/" for path in (ROOT / "src/analysis").glob("*/__init__.py")}
    modules = {name_of(path) for path in (ROOT / "src/analysis").glob("*.py")} - {"src/analysis/__init__.py"}
    assert sorted((notebooks | packages | modules) - paths) == []


def test_broken_links_are_found() -> None:
    assert broken_links(README, "[a](LICENSE) [b](nowhere.md) [c](https://who.int)") == ["nowhere.md"]


def test_links_of_the_pages_lead_somewhere() -> None:
    pages = [path for path in tracked_files() if path.suffix == ".md"]
    found = {name_of(page): broken_links(page, page.read_text("utf-8")) for page in pages}
    assert {name: links for name, links in found.items() if links} == {}


def test_help_names_the_targets_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    defined = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)) - {"help"}
    assert make_targets(makefile) == defined >= {"setup", "briefing", "test", "lab", "bench", "clean"}


def test_readme_names_only_targets_that_exist() -> None:
    named = set(re.findall(r"(?:^|`|=\S+ )make ([a-z-]+)", README.read_text("utf-8"), re.MULTILINE))
    assert {"briefing", "test"} <= named <= make_targets((ROOT / "Makefile").read_text("utf-8"))


def test_continuous_integration_runs_the_test_command_of_the_readme() -> None:
    command = (ROOT / ".ci/run").read_text("utf-8").strip().splitlines()[-1]
    assert command == "exec make test"
    assert "make test" in README.read_text("utf-8")


def test_architecture_page_names_the_tables_each_stage_writes() -> None:
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    rows = [line.split("|") for line in page.splitlines() if re.match(r"\| \d ", line)]
    named = {row[1].strip()[0]: set(re.findall(r"`(\w+)`", f"{row[3]} {row[4]}")) for row in rows}
    assert named == {str(stage.number): set(stage.writes) for stage in TABLE_STAGES} | {"5": set()}


def test_files_named_by_the_architecture_page_exist() -> None:
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    named = re.findall(r"`(\w+/\w+\.(?:py|csv))`", page)
    assert len(named) > 20
    assert missing_paths(named, ROOT / "src/analysis") == []
