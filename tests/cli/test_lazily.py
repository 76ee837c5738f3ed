"""Commands are imported when they are called, and their summaries are what their help says."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest
import typer

from sigsearch.cli.app import COMMANDS
from sigsearch.cli.lazily import first_sentence


@pytest.mark.parametrize("word", COMMANDS)
def test_a_summary_is_the_first_sentence_of_the_help(word: str):
    entry = COMMANDS[word]
    found = getattr(import_module(entry.module), entry.name)
    text = found.info.help if isinstance(found, typer.Typer) else found.__doc__
    assert entry.summary == first_sentence(text)


def imported_by(*words: str) -> set[str]:
    """The commands' modules that are imported when these words are run."""
    code = (
        "import sys; from sigsearch.cli.app import app, COMMANDS\n"
        f"try: app({list(words)!r})\n"
        "except SystemExit: pass\n"
        "print(*[e.module for e in COMMANDS.values() if e.module in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_the_help_of_all_commands_needs_none_of_them():
    assert imported_by("--help") == set()


def test_a_command_needs_itself_alone():
    assert imported_by("synth", "--help") == {"sigsearch.cli.synth"}
