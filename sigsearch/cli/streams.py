"""Standard input, output and error as a program may be given them: closed, full, of any encoding,
or a terminal that obeys what is written to it."""

from __future__ import annotations

import os
import re
import sys

from sigsearch.names import as_text

# Controls, among them those that begin an escape sequence or a line; marks that turn text around.
_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def prepare() -> None:
    """Make the three streams such that writing text to them can only fail with OSError.

    A closed one is opened on nothing: else the next file that is opened, which may be an index,
    would get its number, and all that is written to standard error.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
        elif mode == "w" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def finish() -> str:
    """Write what is still to be written. Returns why it could not be: "" when it could, or its
    reader went away."""
    reason = ""
    for name in ("stdout", "stderr"):
        try:
            getattr(sys, name).flush()
        except BrokenPipeError:
            _to_nothing(name)
        except OSError as fault:
            _to_nothing(name)
            reason = reason or (f"standard output: {fault.strerror}" if name == "stdout" else "")
    return reason


def _to_nothing(name: str) -> None:
    """What is left in a stream's buffer goes nowhere when the interpreter ends."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, getattr(sys, name).fileno())
    os.close(nothing)


def harmless(text: str) -> str:
    """Text as a terminal shows it and never obeys it, on one line: ESC becomes `\\x1b`."""
    return _OBEYED.sub(lambda found: _spelt(found[0]), as_text(text))


def harmless_json(text: str) -> str:
    """The same for a JSON document, whose own line breaks stay and which stays JSON."""
    return _OBEYED.sub(lambda c: c[0] if c[0] == "\n" else f"\\u{ord(c[0]):04x}", text)


def _spelt(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def takes_any_text(stream: object) -> bool:
    """Whether a stream's encoding has every character."""
    encoding = getattr(stream, "encoding", None) or ""
    return encoding.lower().replace("-", "").startswith("utf")
