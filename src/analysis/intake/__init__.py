"""Finding and opening what the provinces sent: exports of any format, or a reason why not."""

from analysis.intake.folder import open_folder
from analysis.intake.registry import has_registry
from analysis.intake.sources import FileRefusedError, Intake, SetAside, StagedFile

__all__ = [
    "FileRefusedError",
    "Intake",
    "SetAside",
    "StagedFile",
    "has_registry",
    "open_folder",
]
