"""The failures a user can meet, each with its exit code (interfaces, command line; messages: sources disclosure-4).

Every message is one line: what is wrong, where (file, sheet, row, column, option) and what to do.
A message never holds a value from a person's record.
"""

import lzma
import struct
import zlib
from collections.abc import Iterable
from zipfile import BadZipFile


def one_line(text: str) -> str:
    """Return a message fit for a terminal: one line, without control, escape, zero-width or direction marks.

    File and sheet names come from outside and stand in messages.
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


# What Python's own reader raises of a zip file that is damaged, closed or packed in a way it does not know:
# RuntimeError of a password, NotImplementedError (one of its kind) of a method.
DAMAGED_ZIP = (
    BadZipFile,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    RuntimeError,
    OverflowError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
)

# The exit code of a command that was told to end.
INTERRUPTED = 130
# What DuckDB raises, as a RuntimeError, where the signal came amid a query.
_QUERY_INTERRUPTED = "Query interrupted"


def is_interruption(error: BaseException) -> bool:
    """Say whether the command was told to end: by the keyboard, a service manager or a terminal that was closed."""
    amid_query = isinstance(error, RuntimeError) and str(error) == _QUERY_INTERRUPTED
    return amid_query or isinstance(error, KeyboardInterrupt)


# How systems and libraries say that a disk is full.
_DISK_FULL = (
    "No space left on device",
    "Disk quota exceeded",
    "[Errno 28]",
    "[WinError 112]",
    "File too large",
)


def says_disk_full(error: BaseException | str | None) -> bool:
    """Say whether an error, or one it came from, tells that nothing more can be written."""
    while isinstance(error, BaseException):
        if any(sign in str(error) for sign in _DISK_FULL):
            return True
        error = error.__cause__ or error.__context__
    return any(sign in error for sign in _DISK_FULL) if error else False


# How Spark says that the cluster, and no query, is at fault.
_CLUSTER_LOST = (
    "ExecutorLostFailure",
    "Master removed our application",
    "SparkContext was shut down",
    "stopped SparkContext",
    "Python worker exited unexpectedly",
    "Python worker failed to connect back",
    "Cannot run program",
    "Answer from Java side is empty",
    "Error while sending or receiving",
    "while trying to connect to the Java server",
    "Connection refused",
    "StatusCode.UNAVAILABLE",
)


CLUSTER_LOST = "the cluster lost workers, or they cannot start, and gave the work up; see to them and run the same command again"


def says_cluster_lost(text: str) -> bool:
    """Say whether an error of Spark tells that workers, or the driver itself, are gone."""
    return any(sign in text for sign in _CLUSTER_LOST)


def readable_name(name: str) -> str:
    """Return a file's name as text that can be written: bytes that are no UTF-8 as their numbers (sources fault-34).

    >>> readable_name("a\\udce9.csv")
    'a\\\\xe9.csv'
    """
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


class BaophuError(Exception):
    """A failure with a message fit to be shown as it stands.

    `names` are files, sheets or archive members that stand in the message as they were typed: where it may leave the
    operator's terminal they are shown by the rule of `intake/naming.py`.
    """

    exit_code = 1

    def __init__(self, message: str = "", names: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.names = tuple(names)


class RequestError(BaophuError):
    """The request or the settings are wrong."""

    exit_code = 2


class IntakeError(BaophuError):
    """The intake cannot be used at all: no usable platform file, or an unreadable registry."""

    exit_code = 3


class CheckError(BaophuError):
    """A check failed: nothing is published, or what was published no longer matches."""

    exit_code = 4


class MachineError(BaophuError):
    """The machine cannot do it: disk, memory, permission or missing glyphs."""

    exit_code = 5


class LockHeldError(BaophuError):
    """Another run holds the lock."""

    exit_code = 6
