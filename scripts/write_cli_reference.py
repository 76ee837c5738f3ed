"""Write the page of all commands from their own --help, so that it cannot fall behind.

python scripts/write_cli_reference.py docs/cli.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from sigsearch.cli.app import app


def pages(command: Any, words: list[str]) -> Iterator[str]:
    context = command.make_context(
        words[-1], [], resilient_parsing=True, help_option_names=["-h", "--help"]
    )
    context.info_name = " ".join(words)
    context.terminal_width = 90
    yield f"## {' '.join(words)}\n\n```\n{command.get_help(context).rstrip()}\n```\n"
    for name, inner in getattr(command, "commands", {}).items():
        yield from pages(inner, [*words, name])


def reference() -> str:
    """The whole page."""
    head = "# Command reference\n\nWritten from `--help` by `make docs`.\n\n"
    return head + "\n".join(pages(typer.main.get_command(app), ["sigsearch"]))


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
