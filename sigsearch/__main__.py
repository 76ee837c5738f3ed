"""`python -m sigsearch`, and what the installed `sigsearch` runs."""

from __future__ import annotations

import signal

# Who stops it before it has begun sees no traceback: the modules of the command line take a while.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def main() -> None:
    """The command line."""
    from sigsearch.cli import main as run

    run()


if __name__ == "__main__":
    main()
