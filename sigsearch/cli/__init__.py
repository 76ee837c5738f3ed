"""The command line. Each command group is a thin file; nothing heavy is imported before a command
runs, so that `sigsearch --help` answers at once."""

from __future__ import annotations

import sys
from typing import Any

from sigsearch.errors import SigsearchError

STOPPED = 130


def main() -> None:
    """Run the command line. An error of any kind ends it with exit code 2, never with 1, which is
    "not accepted": a line on stderr and, with --json, an object on stdout."""
    import typer

    from sigsearch.cli.app import app
    from sigsearch.cli.output import say

    usage_error: Any = typer.BadParameter.__base__  # click's, which newer typers carry themselves
    code: Any
    try:
        code = app(standalone_mode=False)
    except SigsearchError as fault:
        code = _failed(fault.code, str(fault))
    except usage_error as fault:
        fault.show()
        code = _failed("usage", fault.format_message(), said=True)
    except OSError as fault:
        told = f"{fault.filename}: {fault.strerror}" if fault.filename else str(fault)
        code = _failed("system", told)
    except SystemExit as stop:
        # typer's answer when the reader of a pipe went away (`| head`): no error of ours.
        code = 0 if isinstance(stop.__context__, BrokenPipeError) else stop.code
    except (KeyboardInterrupt, typer.Abort):
        code = STOPPED
    except Exception as fault:
        import traceback

        traceback.print_exc()
        told = f"unexpected {type(fault).__name__}: {fault}; please report it with the lines above"
        code = _failed("internal", told)
    if code == STOPPED:
        say("stopped; what was acknowledged is kept")
    sys.exit(code)


def _failed(code: str, message: str, said: bool = False) -> int:
    """Tell an error, on stderr too unless it was said there already."""
    from sigsearch.cli.output import FAILED, emit, say

    if "--json" in sys.argv:
        emit({"error": {"code": code, "message": message}}, indent=None)
    if not said:
        say(f"error: {message}")
    return FAILED
