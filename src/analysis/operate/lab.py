"""JupyterLab as `make lab` starts it: what analysts see of persons stays on their screens (sources disclosure-7).

    python -m analysis.operate.lab

Notebooks are saved without what their cells show. Kernels keep no history and leave no core dump, files are their
owner's alone, checkpoints lie in the restricted zone. The server hears this machine only, asks for a token that is new
every time, and looks for no news and no updates. What is said here wins over a user's own configuration.
"""

import os
import secrets
import sys
from pathlib import Path

from analysis.engine import make_private_folder
from analysis.pipeline import NOTEBOOKS
from analysis.safeguards.guarded_process import PRIVATE, forbid_core_dumps
from analysis.settings import PROJECT

FOLDER = PROJECT / "data" / "processed" / ".jupyter"
_WITHOUT_HISTORY = "get_config().HistoryManager.enabled = False\n"


def prepare_process(folder: Path = FOLDER) -> None:
    """Make the folder of checkpoints and of the kernels' profile, and guard this process; its kernels inherit that."""
    os.umask(PRIVATE)
    forbid_core_dumps()
    profile = folder / "ipython" / "profile_default"
    for private in (folder / "checkpoints", profile):
        make_private_folder(private)
    (profile / "ipython_kernel_config.py").write_text(_WITHOUT_HISTORY, encoding="utf-8")
    os.environ["IPYTHONDIR"] = str(folder / "ipython")


def lab_arguments(folder: Path = FOLDER) -> list[str]:
    """Return what JupyterLab is told; nothing of it is seen in the system's list of processes."""
    checkpoints = folder / "checkpoints"
    return [
        f"--ServerApp.root_dir={NOTEBOOKS}",
        "--ServerApp.ip=localhost",
        "--ServerApp.allow_remote_access=False",
        f"--IdentityProvider.token={secrets.token_hex(24)}",
        "--FileContentsManager.pre_save_hook=analysis.notebook_runner.save_without_outputs",
        f"--FileCheckpoints.checkpoint_dir={checkpoints}",
        f"--AsyncFileCheckpoints.checkpoint_dir={checkpoints}",
        "--NotebookNotary.db_file=:memory:",
        "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "--LabApp.news_url=None",
        "--LabApp.extension_manager=readonly",
    ]


def main(arguments: list[str]) -> None:
    """Start JupyterLab and serve until it is stopped; further arguments are its own."""
    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]

    prepare_process()
    LabApp.launch_instance([*lab_arguments(), *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
