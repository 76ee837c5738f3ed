"""`python -m sigsearch`, and what the installed `sigsearch` runs."""

from __future__ import annotations

import signal


def main() -> None:
    """The command line; who stops it before it has begun is shown no traceback."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the modules of the command line take a while
    from sigsearch.cli import main as run

    signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


if __name__ == "__main__":
    main()
