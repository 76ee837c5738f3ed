"""`sigsearch completion`: a script that completes the command line in a shell."""

from __future__ import annotations

from typing import Annotated

import typer

from sigsearch.cli.options import JsonOption

SHELLS = ("bash", "zsh", "fish")


def completion(
    context: typer.Context,
    shell: Annotated[str, typer.Argument(help="bash, zsh or fish.")],
    json: JsonOption = False,
) -> None:
    """Print a script with which SHELL completes commands and options.

    Keep it where the shell looks for such scripts, and make it anew after an upgrade.

    \b
      sigsearch completion bash > ~/.local/share/bash-completion/completions/sigsearch
      sigsearch completion zsh > ~/.zsh/completions/_sigsearch    # a folder of $fpath
      sigsearch completion fish > ~/.config/fish/completions/sigsearch.fish
    """
    from sigsearch.cli.completion_scripts import script_for
    from sigsearch.cli.output import emit, line

    if shell not in SHELLS:
        raise typer.BadParameter(f"there is no script for {shell!r}, only for {', '.join(SHELLS)}")
    script = script_for(shell, context.find_root().command)
    if json:
        emit({"shell": shell, "script": script})
        return
    for row in script.splitlines():
        line(row)
