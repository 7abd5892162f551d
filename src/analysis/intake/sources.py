"""What the intake is made of: leaf files, the tables staged from them, and the files set aside."""

from dataclasses import dataclass, field
from pathlib import Path

from analysis.intake.headers.finding import Header

# Limits on what one file may ask of the machine (sources fault-4, fault-12, fault-16 and fault-33).
MAX_ARCHIVE_RATIO = 100
MAX_ARCHIVE_MEMBERS = 1_000
MAX_UNPACKED_BYTES = 64 * 1024**3
MAX_LINE_CHARACTERS = 1_000_000
MAX_BAD_ROW_SHARE_PCT = 1
SAME_AS = "the same as "
# A sheet of Excel has no more; an export has some forty.
MAX_COLUMNS = 16_384


class FileRefusedError(Exception):
    """A file cannot be used: `reason_code` says why, `detail` where (never a value of a record).

    `header` is the one that was found, where the refusal is about it.
    """

    def __init__(self, reason_code: str, detail: str = "", header: Header | None = None) -> None:
        super().__init__(reason_code, detail)
        self.reason_code = reason_code
        self.detail = detail
        self.header = header


def check_width(columns: int) -> None:
    """Raise FileRefusedError for a table of more columns than a spreadsheet can hold."""
    if columns > MAX_COLUMNS:
        raise FileRefusedError("too_many_columns", f"more than {MAX_COLUMNS} columns")


class TwoHeadersError(Exception):
    """The settings give two columns of one file the same field of a folder."""

    def __init__(self, folder: str, field: str) -> None:
        super().__init__(folder, field)
        self.folder = folder
        self.field = field


@dataclass(frozen=True)
class Leaf:
    """One file to be read: its name in the results, and where its bytes are (intake or spill)."""

    source_file: str
    path: Path


@dataclass(frozen=True)
class SetAside:
    """A file, archive member or sheet that is quarantined whole, with its one reason."""

    source_file: str
    reason_code: str
    detail: str = ""
    header: Header | None = field(default=None, compare=False)


@dataclass(frozen=True)
class StagedFile:
    """A table read from the intake, now a parquet file of text columns named by field.

    Besides the fields (trimmed, null when empty) it has `source_id`, `source_row` (null: position in the
    file, from 1), `row_fault` (null, or the reason why the row could not be read), `lead` (the first cell)
    and `has_content` (false for a row that is blank or a mere number). `header`, `delimiter` and `first_column`
    (from 0; what stands left of it is blank) say how the file is laid out.
    """

    source_id: int
    source_file: str
    path: Path
    unknown_columns: tuple[str, ...] = ()
    encoding: str = "utf-8"
    uses_1904_dates: bool = False
    notes: tuple[str, ...] = ()
    header: Header | None = field(default=None, compare=False)
    delimiter: str | None = None
    first_column: int = 0


@dataclass
class Intake:
    """One folder of the intake, opened: tables to clean and files set aside."""

    staged: list[StagedFile] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
