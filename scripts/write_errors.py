"""Write the page of all errors from the docstrings of sigsearch/errors.

python scripts/write_errors.py docs/errors.md
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

from sigsearch import errors

HEAD = """# Errors

Written from `sigsearch/errors` by `make docs`.

Every error is a `sigsearch.SigsearchError`. Its `code` is for programs. Its message names the
file, says what was wrong and what to do. On the command line an error ends with exit code 2 and a
line on stderr; with `--json` it also prints `{"error": {"code": ..., "message": ...}}` on stdout.
In a batch, one bad file does not stop the others.

"""
TAIL = """
The command line has three more codes: `usage` (the command line is not understood), `system` (the
operating system refused a file) and `internal` (a bug: please report it with the lines on stderr).

The service has four more: `internal`, `not_ready`, `no_such_address` and `no_such_method`.
"""


def page() -> str:
    """The whole page; refuses a class with a code and no docstring."""
    return HEAD + "".join(row(kind) for kind in kinds()) + TAIL


def kinds() -> list[type[errors.SigsearchError]]:
    """The classes that have a code of their own, in the order of the files."""
    found = vars(errors).values()
    ours = (k for k in found if inspect.isclass(k) and issubclass(k, errors.SigsearchError))
    return [kind for kind in ours if "code" in vars(kind)]


def row(kind: type[errors.SigsearchError]) -> str:
    if not kind.__doc__:
        raise SystemExit(f"{kind.__name__} has no docstring: say what it means and what to do")
    return f"* `{kind.code}` (`{kind.__name__}`): {' '.join(kind.__doc__.split())}\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
