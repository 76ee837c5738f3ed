"""The command line. Each command group is a thin file; nothing heavy is imported before a command
runs, so that `sigsearch --help` answers at once."""

from __future__ import annotations

import sys

from sigsearch.errors import SigsearchError


def main() -> None:
    """Run the command line; errors of sigsearch end it with one line and exit code 2."""
    from sigsearch.cli.app import app
    from sigsearch.cli.output import FAILED, emit, say

    try:
        app()
    except SigsearchError as fault:
        if "--json" in sys.argv:
            emit({"error": {"code": fault.code, "message": str(fault)}}, indent=None)
        say(f"error: {fault}")
        sys.exit(FAILED)
    except BrokenPipeError:
        # The reader of a pipe went away (`| head`): no error of ours. Keep Python from flushing.
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:
        say("stopped; what was acknowledged is kept")
        sys.exit(130)
