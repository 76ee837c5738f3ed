"""The root of all errors, and those that any room may raise."""

from __future__ import annotations

from typing import Any


class SigsearchError(Exception):
    """Anything sigsearch refuses to do; `code` is stable and meant for programs."""

    code = "error"

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled by what it is and says, whatever its own constructor takes."""
        return _revived, (type(self), self.args), self.__dict__


def _revived(kind: type[SigsearchError], args: tuple[Any, ...]) -> SigsearchError:
    return kind.__new__(kind, *args)


class ArgumentRefused(SigsearchError, ValueError):
    """A function was given a value that makes no sense, such as zero candidates."""

    code = "argument"


class NotPicklable(SigsearchError, TypeError):
    """An object that holds files open cannot be pickled. Open it again in the other process."""

    code = "not_picklable"

    @classmethod
    def told(cls, what: str, again: str) -> NotPicklable:
        return cls(f"{what} cannot be pickled or copied; where it is needed, open it: {again}")


class ExtraMissing(SigsearchError):
    """A package is missing. An extra of sigsearch installs it."""

    code = "extra_missing"


class NotWritable(SigsearchError):
    """A file cannot be written where you asked for it. Choose another place."""

    code = "not_writable"
