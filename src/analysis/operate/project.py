"""A project: a folder outside the clone with settings, folders, templates, notebooks, pages; and JupyterLab on it."""

import argparse
import os
import shutil
from datetime import date
from pathlib import Path

from analysis.errors import MachineError, RequestError
from analysis.operate.lab import serve_lab
from analysis.pipeline import NOTEBOOKS
from analysis.settings import SETTINGS_FILE, SHIPPED, project_folder

DOCS = SHIPPED / "docs"
EXAMPLE = DOCS / "baophu.example.toml"
FOLDERS = ("data/raw", "data/processed", "reports", "notebooks", "docs", "templates")
# Rows of persons are for their owner alone, whatever the caller's umask.
PRIVATE = "data"
IGNORED = "# What a run reads and writes holds rows of persons: never in a repository.\n/data/\n/reports/\n.ipynb_checkpoints/\n"
HOW_TO_GO_ON = """\
Đặt tệp của tuần vào data/raw/<ngày>/, rồi gõ trong thư mục này:

  baophu check            xem trước: tệp nào không đọc được, cột nào chưa biết
  baophu run --latest     chạy thư mục mới nhất của data/raw; báo cáo ở reports/current/
  baophu lab              mở các sổ trong notebooks/; người mới bắt đầu từ notebooks/tutorial/

Chưa có tệp nào thì tạo một tỉnh giả lập (mọi người đều được bịa ra):

  baophu simulate --as-of 2021-11-07 --province 02 --out data/raw/2021-11-07

baophu.toml là thiết lập, mỗi mục có lời giải thích; templates/ là mẫu để gửi các tỉnh; docs/ giải thích từng lệnh,
từng cột, từng quy tắc (bắt đầu từ docs/operators.md).
English: put a week's files into data/raw/<day>/, then `baophu check`, `baophu run --latest`, `baophu lab` in this folder.
"""


def run_init(options: argparse.Namespace, today: date) -> int:
    """Make a project folder and say how to go on; one that is not empty is refused."""
    from analysis.intake.templates import write_templates

    folder: Path = options.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RequestError(f"init: '{folder.name}' is there and not empty; give a new folder")
    try:
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        if os.name == "posix":
            (folder / PRIVATE).chmod(0o700)
        shutil.copyfile(EXAMPLE, folder / SETTINGS_FILE)
        _copy_files(NOTEBOOKS, folder / "notebooks", "*.ipynb")
        _copy_files(DOCS, folder / "docs", "*")
        write_templates(folder / "templates")
        (folder / ".gitignore").write_text(IGNORED, encoding="utf-8")
        (folder / "README.txt").write_text(HOW_TO_GO_ON, encoding="utf-8")
    except OSError as error:
        raise MachineError(f"init: '{folder.name}' cannot be written; give another place") from error
    print(f"{folder.as_posix()}: a project; README.txt there says how to go on\n\n{HOW_TO_GO_ON}", end="")
    return 0


def _copy_files(origin: Path, folder: Path, pattern: str) -> None:
    """Copy files that came with the programme, without what an editor keeps beside them."""
    for source in sorted(path for path in origin.rglob(pattern) if path.is_file()):
        place = source.relative_to(origin)
        if not any(part.startswith(".") for part in place.parts):
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / place)


def run_lab(options: argparse.Namespace, today: date) -> int:
    """Open JupyterLab on the project's notebooks; what cells show is never saved (lab.py)."""
    home = project_folder() or Path()
    folder = home / "notebooks"
    if not folder.is_dir():
        raise RequestError(
            "lab: no notebooks/ here; go to a project's folder, or make one with `baophu init DIR`"
        )
    serve_lab(folder.resolve(), (home / "data" / "processed" / ".jupyter").resolve(), options.jupyter)
    return 0
