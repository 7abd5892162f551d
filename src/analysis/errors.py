"""The failures a user can meet, each with its exit code (interfaces, command line; messages: sources disclosure-4).

Every message is one line: what is wrong, where (file, sheet, row, column, option) and what to do.
A message never holds a value from a person's record.
"""

from collections.abc import Iterable


def one_line(text: str) -> str:
    """Return a message fit for a terminal: one line, without control, escape, zero-width or direction marks.

    File and sheet names come from outside and stand in messages.
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


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
