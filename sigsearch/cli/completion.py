"""`sigsearch completion`: a script that completes the command line in a shell."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import typer

from sigsearch.cli.options import JsonOption
from sigsearch.cli.output import line, sink

Shell = Literal["bash", "zsh", "fish"]
SHELLS: tuple[Shell, ...] = get_args(Shell)


def completion(
    context: typer.Context,
    shell: Annotated[Shell, typer.Argument(help="The shell that will read the script.")],
    json: JsonOption = False,
) -> None:
    """Print a script that lets SHELL complete commands and options.

    Save it where the shell looks for such scripts, and print it again after an upgrade.

    \b
      sigsearch completion bash > ~/.local/share/bash-completion/completions/sigsearch
      sigsearch completion zsh > ~/.zsh/completions/_sigsearch    # a folder of $fpath
      sigsearch completion fish > ~/.config/fish/completions/sigsearch.fish
    """
    from sigsearch.cli.completion_scripts import script_for

    script = script_for(shell, context.find_root().command)
    sink.answer({"shell": shell, "script": script}, lambda: _show(script))


def _show(script: str) -> None:
    for row in script.splitlines():
        line(row)
