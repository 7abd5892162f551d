"""JupyterLab as `baophu lab` starts it: what analysts see of persons stays on their screens (sources disclosure-7).

Notebooks are saved without what their cells show. Kernels keep no history and leave no core dump, files are their
owner's alone, checkpoints lie in the restricted zone. The server hears this machine only, asks for a token that is new
every time, and looks for no news and no updates. What is said here wins over a user's own configuration.
"""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from analysis.engine import make_private_folder
from analysis.safeguards.guarded_process import PRIVATE, forbid_core_dumps

_WITHOUT_HISTORY = "get_config().HistoryManager.enabled = False\n"


def prepare_process(folder: Path) -> None:
    """Make the folder of checkpoints and of the kernels' profile, and guard this process; its kernels inherit that."""
    os.umask(PRIVATE)
    forbid_core_dumps()
    profile = folder / "ipython" / "profile_default"
    for private in (folder / "checkpoints", profile):
        make_private_folder(private)
    (profile / "ipython_kernel_config.py").write_text(_WITHOUT_HISTORY, encoding="utf-8")
    os.environ["IPYTHONDIR"] = str(folder / "ipython")


def lab_arguments(notebooks: Path, folder: Path) -> list[str]:
    """Return what JupyterLab is told to open `notebooks`; nothing of it is seen in the system's list of processes."""
    checkpoints = folder / "checkpoints"
    return [
        f"--ServerApp.root_dir={notebooks}",
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


def serve_lab(notebooks: Path, folder: Path, arguments: Sequence[str]) -> None:
    """Serve `notebooks` until stopped, private files in `folder`; further arguments are JupyterLab's own."""
    from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]

    prepare_process(folder)
    LabApp.launch_instance([*lab_arguments(notebooks, folder), *arguments])
