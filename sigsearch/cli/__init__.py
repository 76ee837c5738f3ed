"""The command line. Each command group is a thin file; nothing heavy is imported before a command
runs, so that `sigsearch --help` answers at once."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # that of `typing` takes a while to import
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

FAILED, STOPPED = 2, 130


def main(words: Sequence[str] | None = None) -> None:
    """Run the command line that `words` are, by default those that the program was called with. An
    error of any kind ends it with exit code 2, never with 1, which is "not accepted": a line on
    stderr and, with --json, an object on stdout."""
    given = sys.argv[1:] if words is None else list(words)
    code: object = STOPPED
    try:
        from sigsearch.cli import app, stopping, streams  # noqa: F401 - the app takes longest

        stopping.listen()
        streams.prepare()
        code = _run(given)
        if code == STOPPED:
            _complain("stopped; everything reported as enrolled is kept")
        if (reason := streams.finish()) and code != STOPPED:
            _complain(f"error: {reason}")
            code = FAILED
            streams.finish()
        stopping.leave()
    except KeyboardInterrupt:  # while modules were imported, or while an error was told
        code = STOPPED
    sys.exit(code)  # type: ignore[arg-type]


def _run(words: list[str]) -> object:
    import typer

    from sigsearch.cli.app import app
    from sigsearch.cli.output import sink, working
    from sigsearch.cli.stopping import was_stopped
    from sigsearch.errors import SigsearchError

    usage_error: type[Exception] = typer.BadParameter.__base__  # type: ignore[assignment]
    sink.json = "--json" in words  # also where the words cannot be understood
    try:
        with working("working"):
            return app(words, prog_name="sigsearch", standalone_mode=False, obj=words)
    except SigsearchError as fault:
        return _failed(fault.code, str(fault))
    except usage_error as fault:  # click's, which newer typers carry themselves
        return _misused(fault, words)
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


def _complain(text: str) -> None:
    from sigsearch.cli.output import complain

    complain(text)


def _misused(fault: Exception, words: list[str]) -> int:
    """A command line that cannot be understood: how it is used, and what is wrong. One with no
    words at all is answered with the help."""
    from sigsearch.cli.output import FAILED
    from sigsearch.cli.renamed import now_called

    context: Any = getattr(fault, "ctx", None)
    bare = type(fault).__name__ == "NoArgsIsHelpError"
    if context is not None:
        for usage in (context.get_help() if bare else context.get_usage()).splitlines():
            _complain(usage)
    if bare:
        return FAILED
    if context is not None:
        _complain(f"Try '{context.command_path} --help' for help.")
    message = fault.format_message() if hasattr(fault, "format_message") else str(fault)
    renamed = now_called(context.command_path, words) if context is not None else None
    return _failed("usage", renamed or message)


def _unforeseen(fault: Exception) -> int:
    import traceback

    for line in "".join(traceback.format_exception(fault)).splitlines():
        _complain(line)
    what = f"this is a bug in sigsearch ({type(fault).__name__}: {fault})"
    return _failed("internal", f"{what}; please report it with the lines above")


def _failed(code: str, message: str) -> int:
    """Tell an error, on stderr and, if asked for, as JSON."""
    from contextlib import suppress

    from sigsearch.cli.output import sink

    with suppress(OSError):
        sink.failed(code, message)
    return FAILED
