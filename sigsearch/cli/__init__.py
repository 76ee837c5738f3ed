"""The command line. Each command group is a thin file; nothing heavy is imported before a command
runs, so that `sigsearch --help` answers at once."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # that of `typing` takes a while to import
if TYPE_CHECKING:
    from typing import Any

STOPPED = 130


def main() -> None:
    """Run the command line. An error of any kind ends it with exit code 2, never with 1, which is
    "not accepted": a line on stderr and, with --json, an object on stdout."""
    code: object = STOPPED
    try:
        from sigsearch.cli import app, stopping, streams  # noqa: F401 - the app takes longest

        stopping.listen()
        streams.prepare()
        code = _run()
        if code == STOPPED:
            _say("stopped; what was acknowledged is kept")
        if (reason := streams.finish()) and code != STOPPED:
            code = _failed("system", reason, as_json=False)
            streams.finish()
        stopping.leave()
    except KeyboardInterrupt:  # while modules were imported, or while an error was told
        code = STOPPED
    sys.exit(code)  # type: ignore[arg-type]


def _run() -> object:
    import typer

    from sigsearch.cli.app import app
    from sigsearch.cli.output import working
    from sigsearch.cli.stopping import was_stopped
    from sigsearch.errors import SigsearchError

    usage_error: type[Exception] = typer.BadParameter.__base__  # type: ignore[assignment]
    try:
        with working("working"):
            return app(standalone_mode=False)
    except SigsearchError as fault:
        return _failed(fault.code, str(fault))
    except usage_error as fault:  # click's, which newer typers carry themselves
        return _misused(fault)
    except OSError as fault:
        told_of = f"{fault.filename}: {fault.strerror}" if fault.filename else str(fault)
        return _failed("system", told_of)
    except SystemExit as stop:
        # typer's answer when the reader of a pipe went away (`| head`): no error of ours.
        return 0 if isinstance(stop.__context__, BrokenPipeError) else stop.code
    except (KeyboardInterrupt, typer.Abort):
        return STOPPED
    except Exception as fault:
        if was_stopped():
            return STOPPED
        from sigsearch.cli.extras import missing_extra

        told = missing_extra(fault) if isinstance(fault, ModuleNotFoundError) else None
        return _failed(told.code, str(told)) if told else _unforeseen(fault)


def _say(text: str) -> None:
    from sigsearch.cli.output import say

    say(text)


def _misused(fault: Exception) -> int:
    """A command line that cannot be understood: how it is used, and what is wrong. One with no
    words at all is answered with the help."""
    from sigsearch.cli.output import FAILED

    context: Any = getattr(fault, "ctx", None)
    bare = type(fault).__name__ == "NoArgsIsHelpError"
    if context is not None:
        for usage in (context.get_help() if bare else context.get_usage()).splitlines():
            _say(usage)
    if bare:
        return FAILED
    if context is not None:
        _say(f"Try '{context.command_path} --help' for help.")
    message = fault.format_message() if hasattr(fault, "format_message") else str(fault)
    return _failed("usage", message)


def _unforeseen(fault: Exception) -> int:
    import traceback

    for line in "".join(traceback.format_exception(fault)).splitlines():
        _say(line)
    told = f"unexpected {type(fault).__name__}: {fault}; please report it with the lines above"
    return _failed("internal", told)


def _failed(code: str, message: str, as_json: bool = True) -> int:
    """Tell an error, on stderr and, if asked for, as JSON."""
    from contextlib import suppress

    from sigsearch.cli.output import FAILED, emit

    _say(f"error: {message}")
    if as_json and "--json" in sys.argv:
        with suppress(OSError):
            emit({"error": {"code": code, "message": message}}, indent=None)
    return FAILED
